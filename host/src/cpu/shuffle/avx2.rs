//! 256 pixels at a time: the bytes of every eighth pixel come together, then the bits by three exchanges between
//! these eight rows.
//!
//! A step's bytes are loaded so that the number of the vector and the place in it are the number of the 16-byte unit and the
//! place in that, but for the half of the step, which is the lane. To interleave two vectors whose numbers differ in one
//! bit swaps this bit with the uppermost of the place in the lane, the others of which move up. After four times the
//! place tells the group of eight pixels, and the vector's number which of its pixels and which byte of that.

use crate::cpu::turn::turn;
use std::arch::x86_64::*;

/// Bytes of a plane in a step.
const STEP: usize = 32;
/// Pixels in a step.
const PIXELS: usize = STEP * 8;

/// Makes as many whole steps as there are; says how many bytes of each plane that is.
///
/// # Safety
/// The processor has AVX2; `elements` and `planes` are equally long, a multiple of 8 elements of 1, 2 or 4 bytes.
#[target_feature(enable = "avx2")]
pub unsafe fn planes(elements: &[u8], planes: &mut [u8], element_size: usize) -> usize {
    let stride = elements.len() / element_size / 8;
    let steps = stride / STEP;
    for step in 0..steps {
        // SAFETY: step + 1 <= steps, so 256 elements and 32 bytes of each of the 8 x size planes lie within the slices.
        unsafe {
            let from = elements.as_ptr().add(step * PIXELS * element_size).cast();
            let to = planes.as_mut_ptr().add(step * STEP);
            match element_size {
                1 => bytes(from, to, stride),
                2 => words(from, to, stride),
                _ => doubles(from, to, stride),
            }
        }
    }
    steps * STEP
}

/// # Safety
/// 256 pixels are at `from`, 32 bytes of eight planes at `to`.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn bytes(from: *const __m128i, to: *mut u8, stride: usize) {
    // SAFETY: the caller's.
    unsafe {
        let at = |unit| two(from.add(unit), 8);
        let [a, b, c, d, e, f, g, h] = thrice([at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)]);
        let ((r0, r1), (r2, r3)) = (interleave(a, e), interleave(b, f));
        let ((r4, r5), (r6, r7)) = (interleave(c, g), interleave(d, h));
        write([r0, r1, r2, r3, r4, r5, r6, r7], to, stride);
    }
}

/// # Safety
/// 256 pixels are at `from`, 32 bytes of 16 planes at `to`.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn words(from: *const __m128i, to: *mut u8, stride: usize) {
    // SAFETY: the caller's.
    unsafe {
        let at = |unit: usize| interleave(two(from.add(unit), 16), two(from.add(unit + 8), 16));
        let pairs = [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)];
        let [a, b, c, d, e, f, g, h] = thrice(first(pairs));
        let [i, j, k, l, m, n, o, p] = thrice(second(pairs));
        write([a, c, e, g, i, k, m, o], to, stride);
        write([b, d, f, h, j, l, n, p], to.add(8 * stride), stride);
    }
}

/// # Safety
/// 256 pixels are at `from`, 32 bytes of 32 planes at `to`.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn doubles(from: *const __m128i, to: *mut u8, stride: usize) {
    // SAFETY: the caller's.
    unsafe {
        // Two pixels of each group in each: their numbers are 0 and 1, 2 and 3, 4 and 5, 6 and 7.
        let half = |four: usize| {
            let at =
                |unit: usize| interleave(two(from.add(2 * unit + four), 32), two(from.add(2 * unit + 16 + four), 32));
            let pairs = [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)];
            [thrice(first(pairs)), thrice(second(pairs))]
        };
        let ([p, q], [r, s]) = (half(0), half(1));
        for byte in 0..4 {
            let rows = [p[byte], p[4 + byte], q[byte], q[4 + byte], r[byte], r[4 + byte], s[byte], s[4 + byte]];
            write(rows, to.add(8 * byte * stride), stride);
        }
    }
}

/// 16 bytes at `from`, and 16 that are `units` of as many behind them.
///
/// # Safety
/// They can be read.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn two(from: *const __m128i, units: usize) -> __m256i {
    // SAFETY: the caller's.
    unsafe { _mm256_loadu2_m128i(from.add(units), from) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn interleave(a: __m256i, b: __m256i) -> (__m256i, __m256i) {
    (_mm256_unpacklo_epi8(a, b), _mm256_unpackhi_epi8(a, b))
}

#[inline]
#[target_feature(enable = "avx2")]
fn first(p: [(__m256i, __m256i); 8]) -> [__m256i; 8] {
    [p[0].0, p[1].0, p[2].0, p[3].0, p[4].0, p[5].0, p[6].0, p[7].0]
}

#[inline]
#[target_feature(enable = "avx2")]
fn second(p: [(__m256i, __m256i); 8]) -> [__m256i; 8] {
    [p[0].1, p[1].1, p[2].1, p[3].1, p[4].1, p[5].1, p[6].1, p[7].1]
}

/// Interleaves by bits 2, 1 and 0 of the vectors' numbers.
#[inline]
#[target_feature(enable = "avx2")]
fn thrice(v: [__m256i; 8]) -> [__m256i; 8] {
    let [a, b, c, d, e, f, g, h] = v;
    let ((a, e), (b, f), (c, g), (d, h)) = (interleave(a, e), interleave(b, f), interleave(c, g), interleave(d, h));
    let ((a, c), (b, d), (e, g), (f, h)) = (interleave(a, c), interleave(b, d), interleave(e, g), interleave(f, h));
    let ((a, b), (c, d), (e, f), (g, h)) = (interleave(a, b), interleave(c, d), interleave(e, f), interleave(g, h));
    [a, b, c, d, e, f, g, h]
}

/// Rows of a byte of eight pixels to 32 bytes of eight planes.
///
/// # Safety
/// They can be written.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn write(rows: [__m256i; 8], to: *mut u8, stride: usize) {
    let [a, b, c, d, e, f, g, h] = rows;
    let low = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
    let all = _mm256_or_si256(low, _mm256_or_si256(_mm256_or_si256(e, f), _mm256_or_si256(g, h)));
    // Upper bytes are 0 nearly everywhere.
    let planes = if _mm256_testz_si256(all, all) != 0 { rows } else { turn(rows) };
    for (bit, plane) in planes.into_iter().enumerate() {
        // SAFETY: the caller's.
        unsafe { _mm256_storeu_si256(to.add(bit * stride).cast(), plane) };
    }
}
