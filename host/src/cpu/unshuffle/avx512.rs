//! 512 pixels at a time: three interleavings bring the eight planes' bytes of 8 pixels together, and one GF(2) product
//! with the unit matrix turns them over.

use super::Planes;
use crate::cpu::sample::Sample;
use std::arch::x86_64::*;

/// Bytes of a plane in a step.
const STEP: usize = 64;
/// Pixels in a step.
pub const PIXELS: usize = STEP * 8;

/// The unit matrix over GF(2), rows in the order that `gf2p8affineqb` reads them: A x^T turns a block of bits over.
const UNIT: i64 = 0x8040_2010_0804_0201_u64 as i64;

#[repr(align(64))]
struct Order([u8; STEP]);

/// Plane bytes so ordered that after the interleavings vector i, lane L holds groups of 8 pixels that follow each other
/// as they shall: `ROWS` for bytes in a row, `WORDS` for interleaving with the other byte of 16-bit pixels.
static ROWS: Order = order(2, 1);
static WORDS: Order = order(1, 4);

const fn order(lane: usize, odd: usize) -> Order {
    let mut table = [0; STEP];
    let mut at = 0;
    while at < STEP {
        let (l, i) = (at / 16, at % 16 / 2);
        table[at] = (8 * i + lane * l + (at % 2) * odd) as u8;
        at += 1;
    }
    Order(table)
}

/// Makes as many whole steps of pixels as there are; says how many pixels that is.
///
/// # Safety
/// The processor has the level's instructions; `planes` are of `pixels`.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
pub unsafe fn pixels<T: Sample>(planes: &Planes<'_>, pixels: &mut [T]) -> usize {
    // SAFETY: the caller's.
    unsafe { steps::<T, false>(planes, pixels) }
}

/// As [`pixels`], past the caches.
///
/// # Safety
/// As [`pixels`], which begin at a multiple of 64 bytes. Before they are handed to anyone [`fence`] is called.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
pub unsafe fn pixels_past_caches<T: Sample>(planes: &Planes<'_>, pixels: &mut [T]) -> usize {
    // SAFETY: the caller's.
    unsafe { steps::<T, true>(planes, pixels) }
}

/// What went past the caches before this is seen by whoever learns of what is stored after it.
pub fn fence() {
    // SAFETY: every x86-64 has the instruction.
    unsafe { _mm_sfence() };
}

/// Stores 64 bytes; with `PAST`, past the caches and aligned.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn put<const PAST: bool>(to: *mut __m512i, bytes: __m512i) {
    // SAFETY: the caller's.
    unsafe { if PAST { _mm512_stream_si512(to, bytes) } else { _mm512_storeu_si512(to.cast(), bytes) } }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
unsafe fn steps<T: Sample, const PAST: bool>(planes: &Planes<'_>, pixels: &mut [T]) -> usize {
    let steps = planes.stride / STEP;
    let to = pixels.as_mut_ptr().cast::<u8>();
    for step in 0..steps {
        // SAFETY: step + 1 <= steps, so 64 bytes of each plane, each `stride` long, and 512 pixels lie within the slices.
        unsafe {
            let (at, to) = (step * STEP, to.add(step * PIXELS * T::SIZE).cast::<__m512i>());
            match T::SIZE {
                1 => bytes::<PAST>(planes, at, to),
                2 => words::<PAST>(planes, at, to),
                _ => doubles::<PAST>(planes, at, to),
            }
        }
    }
    steps * PIXELS
}

/// As `super::row`, for as many whole steps as there are; says how many pixels that is.
///
/// # Safety
/// The processor has the level's instructions; `planes`, `keep` and `row` have the same number of pixels.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
pub unsafe fn row(planes: &Planes<'_>, keep: &[u8], row: &mut [u8]) -> usize {
    let steps = keep.len() / STEP;
    for step in 0..steps {
        // SAFETY: step + 1 <= steps, so 64 bytes of each plane and of the mask, and 512 of the row, lie within the slices.
        unsafe {
            let order = _mm512_load_si512(ROWS.0.as_ptr().cast());
            let keep = _mm512_loadu_si512(keep.as_ptr().add(step * STEP).cast());
            let plane = |k: usize| _mm512_and_si512(load(planes, k, step * STEP), keep);
            let made = transpose(plane, order);
            let to = row.as_mut_ptr().add(step * PIXELS).cast::<__m512i>();
            for (i, bytes) in made.into_iter().enumerate() {
                _mm512_storeu_si512(to.add(i), bytes);
            }
        }
    }
    steps * PIXELS
}

/// Eight planes to the bytes of 512 pixels.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
fn transpose(plane: impl Fn(usize) -> __m512i, order: __m512i) -> [__m512i; 8] {
    let unit = _mm512_set1_epi64(UNIT);
    let p = |k: usize| _mm512_permutexvar_epi8(order, plane(k));
    let (p7, p6, p5, p4, p3, p2, p1, p0) = (p(7), p(6), p(5), p(4), p(3), p(2), p(1), p(0));
    let (a0, a1) = (_mm512_unpacklo_epi8(p7, p6), _mm512_unpackhi_epi8(p7, p6));
    let (a2, a3) = (_mm512_unpacklo_epi8(p5, p4), _mm512_unpackhi_epi8(p5, p4));
    let (a4, a5) = (_mm512_unpacklo_epi8(p3, p2), _mm512_unpackhi_epi8(p3, p2));
    let (a6, a7) = (_mm512_unpacklo_epi8(p1, p0), _mm512_unpackhi_epi8(p1, p0));
    let (b0, b1) = (_mm512_unpacklo_epi16(a0, a2), _mm512_unpackhi_epi16(a0, a2));
    let (b2, b3) = (_mm512_unpacklo_epi16(a1, a3), _mm512_unpackhi_epi16(a1, a3));
    let (b4, b5) = (_mm512_unpacklo_epi16(a4, a6), _mm512_unpackhi_epi16(a4, a6));
    let (b6, b7) = (_mm512_unpacklo_epi16(a5, a7), _mm512_unpackhi_epi16(a5, a7));
    let turn = |bits: __m512i| _mm512_gf2p8affine_epi64_epi8::<0>(unit, bits);
    [
        turn(_mm512_unpacklo_epi32(b0, b4)),
        turn(_mm512_unpackhi_epi32(b0, b4)),
        turn(_mm512_unpacklo_epi32(b1, b5)),
        turn(_mm512_unpackhi_epi32(b1, b5)),
        turn(_mm512_unpacklo_epi32(b2, b6)),
        turn(_mm512_unpackhi_epi32(b2, b6)),
        turn(_mm512_unpacklo_epi32(b3, b7)),
        turn(_mm512_unpackhi_epi32(b3, b7)),
    ]
}

/// 64 bytes of plane k, from byte `at` of it on.
///
/// # Safety
/// They are within the plane.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn load(planes: &Planes<'_>, k: usize, at: usize) -> __m512i {
    // SAFETY: the caller's; planes, or those that stand for them, are there.
    unsafe { _mm512_loadu_si512(planes.bytes.as_ptr().add(planes.starts[k] + at).cast()) }
}

/// Byte j of 512 pixels.
///
/// # Safety
/// 64 bytes of each plane are there from byte `at` of it on.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
unsafe fn byte_of(planes: &Planes<'_>, at: usize, j: usize, order: &Order) -> [__m512i; 8] {
    // SAFETY: the caller's.
    unsafe {
        // Whether the last plane stands for all of them.
        let one = planes.last <= 8 * j;
        let planes = [0, 1, 2, 3, 4, 5, 6, 7].map(|k| load(planes, 8 * j + k, at));
        // Upper bytes are 0 nearly everywhere.
        if one || j > 0 {
            let mut all = planes[0];
            if !one {
                all = planes.into_iter().fold(all, |all, plane| _mm512_or_si512(all, plane));
            }
            if _mm512_test_epi64_mask(all, all) == 0 {
                return [all; 8];
            }
        }
        transpose(|k| planes[k], _mm512_load_si512(order.0.as_ptr().cast()))
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
unsafe fn bytes<const PAST: bool>(planes: &Planes<'_>, at: usize, to: *mut __m512i) {
    // SAFETY: the caller's: 512 bytes at `to`.
    unsafe {
        for (i, bytes) in byte_of(planes, at, 0, &ROWS).into_iter().enumerate() {
            put::<PAST>(to.add(i), bytes);
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
unsafe fn words<const PAST: bool>(planes: &Planes<'_>, at: usize, to: *mut __m512i) {
    // SAFETY: the caller's: 1024 bytes at `to`.
    unsafe {
        let low = byte_of(planes, at, 0, &WORDS);
        let high = byte_of(planes, at, 1, &WORDS);
        for i in 0..8 {
            put::<PAST>(to.add(2 * i), _mm512_unpacklo_epi8(low[i], high[i]));
            put::<PAST>(to.add(2 * i + 1), _mm512_unpackhi_epi8(low[i], high[i]));
        }
    }
}

/// What of 16 of 64 pixels' bytes goes to the lowest bytes of 16 pixels, by the quarter.
static QUARTERS: [Order; 4] = [quarter(0), quarter(1), quarter(2), quarter(3)];

const fn quarter(quarter: usize) -> Order {
    let mut table = [0; STEP];
    let mut at = 0;
    while at < STEP {
        table[at] = (16 * quarter + at / 4) as u8;
        at += 1;
    }
    Order(table)
}

/// 512 pixels whose planes but the lowest eight are all equal, as they are where no pixel but those of gaps is above 255.
/// False for others.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
unsafe fn low_doubles<const PAST: bool>(planes: &Planes<'_>, at: usize, to: *mut __m512i) -> bool {
    // SAFETY: the caller's: 64 bytes of each plane from `at` on, and 2048 bytes at `to`; orders have 64 bytes.
    unsafe {
        let upper = load(planes, 8, at);
        let mut other = _mm512_setzero_si512();
        for k in 9..=planes.last {
            // other | (upper ^ plane)
            other = _mm512_ternarylogic_epi64::<0xf6>(other, upper, load(planes, k, at));
        }
        if _mm512_test_epi64_mask(other, other) != 0 {
            return false;
        }
        let above = _mm512_set1_epi32(!0xff);
        let order = QUARTERS.each_ref().map(|order| _mm512_load_si512(order.0.as_ptr().cast()));
        for (i, bytes) in byte_of(planes, at, 0, &ROWS).into_iter().enumerate() {
            let set = planes.bytes.as_ptr().add(planes.starts[8] + at + 8 * i).cast::<u64>().read_unaligned();
            for (q, order) in order.into_iter().enumerate() {
                let pixels = _mm512_maskz_permutexvar_epi8(0x1111_1111_1111_1111, order, bytes);
                let pixels = _mm512_mask_or_epi32(pixels, (set >> (16 * q)) as u16, pixels, above);
                put::<PAST>(to.add(4 * i + q), pixels);
            }
        }
        true
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
unsafe fn doubles<const PAST: bool>(planes: &Planes<'_>, at: usize, to: *mut __m512i) {
    // SAFETY: the caller's: 2048 bytes at `to`.
    unsafe {
        if low_doubles::<PAST>(planes, at, to) {
            return;
        }
        let [b0, b1, b2, b3] = [0, 1, 2, 3].map(|j| byte_of(planes, at, j, &ROWS));
        for (i, (((b0, b1), b2), b3)) in b0.into_iter().zip(b1).zip(b2).zip(b3).enumerate() {
            let (low, high) = (_mm512_unpacklo_epi8(b0, b1), _mm512_unpackhi_epi8(b0, b1));
            let (low_, high_) = (_mm512_unpacklo_epi8(b2, b3), _mm512_unpackhi_epi8(b2, b3));
            // Lane L of quarter q: pixels 16 L + 4 q and on; a 4 x 4 transposition of lanes puts them in order.
            let q0 = _mm512_unpacklo_epi16(low, low_);
            let q1 = _mm512_unpackhi_epi16(low, low_);
            let q2 = _mm512_unpacklo_epi16(high, high_);
            let q3 = _mm512_unpackhi_epi16(high, high_);
            let (a, b) = (_mm512_shuffle_i32x4::<0x44>(q0, q1), _mm512_shuffle_i32x4::<0xee>(q0, q1));
            let (c, d) = (_mm512_shuffle_i32x4::<0x44>(q2, q3), _mm512_shuffle_i32x4::<0xee>(q2, q3));
            put::<PAST>(to.add(4 * i), _mm512_shuffle_i32x4::<0x88>(a, c));
            put::<PAST>(to.add(4 * i + 1), _mm512_shuffle_i32x4::<0xdd>(a, c));
            put::<PAST>(to.add(4 * i + 2), _mm512_shuffle_i32x4::<0x88>(b, d));
            put::<PAST>(to.add(4 * i + 3), _mm512_shuffle_i32x4::<0xdd>(b, d));
        }
    }
}
