//! 8 x 8 bits turned over, for 32 of them at a time: three exchanges between rows (Warren, Hacker's Delight, 7-3), with
//! registers for rows. Each exchange serves two registers, so it takes half the steps of one within them.

use std::arch::x86_64::*;

/// Bit k of byte p of row i becomes bit i of byte p of row k.
#[inline]
#[target_feature(enable = "avx2")]
pub fn turn(rows: [__m256i; 8]) -> [__m256i; 8] {
    let [a, b, c, d, e, f, g, h] = rows;
    let ((a, e), (b, f)) = (exchange::<4>(a, e, 0x0f), exchange::<4>(b, f, 0x0f));
    let ((c, g), (d, h)) = (exchange::<4>(c, g, 0x0f), exchange::<4>(d, h, 0x0f));
    let ((a, c), (b, d)) = (exchange::<2>(a, c, 0x33), exchange::<2>(b, d, 0x33));
    let ((e, g), (f, h)) = (exchange::<2>(e, g, 0x33), exchange::<2>(f, h, 0x33));
    let ((a, b), (c, d)) = (exchange::<1>(a, b, 0x55), exchange::<1>(c, d, 0x55));
    let ((e, f), (g, h)) = (exchange::<1>(e, f, 0x55), exchange::<1>(g, h, 0x55));
    [a, b, c, d, e, f, g, h]
}

/// Exchanges the bits of `a` that are `SHIFT` above those in `mask` with those of `b` in it.
#[inline]
#[target_feature(enable = "avx2")]
fn exchange<const SHIFT: i32>(a: __m256i, b: __m256i, mask: i8) -> (__m256i, __m256i) {
    let swap = _mm256_and_si256(_mm256_xor_si256(_mm256_srli_epi64::<SHIFT>(a), b), _mm256_set1_epi8(mask));
    (_mm256_xor_si256(a, _mm256_slli_epi64::<SHIFT>(swap)), _mm256_xor_si256(b, swap))
}
