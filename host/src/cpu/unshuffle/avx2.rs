//! 256 pixels at a time: the bits by three exchanges between eight planes, then the interleavings as with 512 bits.

use super::Planes;
use crate::cpu::sample::Sample;
use crate::cpu::turn::turn;
use std::arch::x86_64::*;

/// Bytes of a plane in a step.
const STEP: usize = 32;
/// Pixels in a step.
const PIXELS: usize = STEP * 8;

/// Makes as many whole steps of pixels as there are; says how many pixels that is.
///
/// # Safety
/// The processor has AVX2; `planes` are of `pixels`.
#[target_feature(enable = "avx2")]
pub unsafe fn pixels<T: Sample>(planes: &Planes<'_>, pixels: &mut [T]) -> usize {
    let steps = planes.stride / STEP;
    let to = pixels.as_mut_ptr().cast::<u8>();
    for step in 0..steps {
        // SAFETY: step + 1 <= steps, so 32 bytes of each plane, each `stride` long, and 256 pixels lie within the slices.
        unsafe {
            let to = to.add(step * PIXELS * T::SIZE).cast::<__m256i>();
            let byte = |j: usize| {
                let plane = [0, 1, 2, 3, 4, 5, 6, 7].map(|k| load(planes, 8 * j + k, step * STEP));
                // Upper bytes are 0 nearly everywhere, and so is what has one plane only.
                if j > 0 || planes.last == 0 {
                    let all = plane.into_iter().reduce(|all, plane| _mm256_or_si256(all, plane)).unwrap_or(plane[0]);
                    if _mm256_testz_si256(all, all) != 0 {
                        return [all; 8];
                    }
                }
                transpose(|k| plane[k])
            };
            match T::SIZE {
                1 => rows(byte(0), to),
                2 => words(byte(0), byte(1), to),
                _ => doubles([byte(0), byte(1), byte(2), byte(3)], to),
            }
        }
    }
    steps * PIXELS
}

/// As `super::row`, for as many whole steps as there are; says how many pixels that is.
///
/// # Safety
/// The processor has AVX2; `planes`, `keep` and `row` have the same number of pixels.
#[target_feature(enable = "avx2")]
pub unsafe fn row(planes: &Planes<'_>, keep: &[u8], row: &mut [u8]) -> usize {
    let steps = keep.len() / STEP;
    for step in 0..steps {
        // SAFETY: step + 1 <= steps, so 32 bytes of each plane and of the mask, and 256 of the row, lie within the slices.
        unsafe {
            let keep = _mm256_loadu_si256(keep.as_ptr().add(step * STEP).cast());
            let made = transpose(|k| _mm256_and_si256(load(planes, k, step * STEP), keep));
            rows(made, row.as_mut_ptr().add(step * PIXELS).cast());
        }
    }
    steps * PIXELS
}

/// 32 bytes of plane k, from byte `at` of it on.
///
/// # Safety
/// They are within the plane.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn load(planes: &Planes<'_>, k: usize, at: usize) -> __m256i {
    // SAFETY: the caller's; planes, or those that stand for them, are there.
    unsafe { _mm256_loadu_si256(planes.bytes.as_ptr().add(planes.starts[k] + at).cast()) }
}

/// Eight planes to bytes of 256 pixels. Vector i, lane L holds the pixels of groups 16 L + 2 i and 16 L + 2 i + 1.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose(plane: impl Fn(usize) -> __m256i) -> [__m256i; 8] {
    let p = turn([plane(0), plane(1), plane(2), plane(3), plane(4), plane(5), plane(6), plane(7)]);
    let (a0, a1) = (_mm256_unpacklo_epi8(p[0], p[1]), _mm256_unpackhi_epi8(p[0], p[1]));
    let (a2, a3) = (_mm256_unpacklo_epi8(p[2], p[3]), _mm256_unpackhi_epi8(p[2], p[3]));
    let (a4, a5) = (_mm256_unpacklo_epi8(p[4], p[5]), _mm256_unpackhi_epi8(p[4], p[5]));
    let (a6, a7) = (_mm256_unpacklo_epi8(p[6], p[7]), _mm256_unpackhi_epi8(p[6], p[7]));
    let (b0, b1) = (_mm256_unpacklo_epi16(a0, a2), _mm256_unpackhi_epi16(a0, a2));
    let (b2, b3) = (_mm256_unpacklo_epi16(a1, a3), _mm256_unpackhi_epi16(a1, a3));
    let (b4, b5) = (_mm256_unpacklo_epi16(a4, a6), _mm256_unpackhi_epi16(a4, a6));
    let (b6, b7) = (_mm256_unpacklo_epi16(a5, a7), _mm256_unpackhi_epi16(a5, a7));
    [
        _mm256_unpacklo_epi32(b0, b4),
        _mm256_unpackhi_epi32(b0, b4),
        _mm256_unpacklo_epi32(b1, b5),
        _mm256_unpackhi_epi32(b1, b5),
        _mm256_unpacklo_epi32(b2, b6),
        _mm256_unpackhi_epi32(b2, b6),
        _mm256_unpacklo_epi32(b3, b7),
        _mm256_unpackhi_epi32(b3, b7),
    ]
}

#[inline]
#[target_feature(enable = "avx2")]
unsafe fn rows(bytes: [__m256i; 8], to: *mut __m256i) {
    for i in 0..4 {
        let (even, odd) = (bytes[2 * i], bytes[2 * i + 1]);
        // SAFETY: the caller's: 256 bytes at `to`.
        unsafe {
            _mm256_storeu_si256(to.add(i), _mm256_permute2x128_si256::<0x20>(even, odd));
            _mm256_storeu_si256(to.add(4 + i), _mm256_permute2x128_si256::<0x31>(even, odd));
        }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
unsafe fn words(low: [__m256i; 8], high: [__m256i; 8], to: *mut __m256i) {
    for i in 0..8 {
        let (first, second) = (_mm256_unpacklo_epi8(low[i], high[i]), _mm256_unpackhi_epi8(low[i], high[i]));
        // SAFETY: the caller's: 512 bytes at `to`.
        unsafe {
            _mm256_storeu_si256(to.add(i), _mm256_permute2x128_si256::<0x20>(first, second));
            _mm256_storeu_si256(to.add(8 + i), _mm256_permute2x128_si256::<0x31>(first, second));
        }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
unsafe fn doubles(bytes: [[__m256i; 8]; 4], to: *mut __m256i) {
    let [b0, b1, b2, b3] = bytes;
    for (i, (((b0, b1), b2), b3)) in b0.into_iter().zip(b1).zip(b2).zip(b3).enumerate() {
        let (low, high) = (_mm256_unpacklo_epi8(b0, b1), _mm256_unpackhi_epi8(b0, b1));
        let (low_, high_) = (_mm256_unpacklo_epi8(b2, b3), _mm256_unpackhi_epi8(b2, b3));
        let (q0, q1) = (_mm256_unpacklo_epi16(low, low_), _mm256_unpackhi_epi16(low, low_));
        let (q2, q3) = (_mm256_unpacklo_epi16(high, high_), _mm256_unpackhi_epi16(high, high_));
        // SAFETY: the caller's: 1024 bytes at `to`.
        unsafe {
            _mm256_storeu_si256(to.add(2 * i), _mm256_permute2x128_si256::<0x20>(q0, q1));
            _mm256_storeu_si256(to.add(2 * i + 1), _mm256_permute2x128_si256::<0x20>(q2, q3));
            _mm256_storeu_si256(to.add(16 + 2 * i), _mm256_permute2x128_si256::<0x31>(q0, q1));
            _mm256_storeu_si256(to.add(16 + 2 * i + 1), _mm256_permute2x128_si256::<0x31>(q2, q3));
        }
    }
}
