//! Two messages by the SHA instructions of x86-64. Four words of a message's schedule stand in a register, and a register
//! holds either half of a state: (a, b, e, f) and (c, d, g, h).

use super::BLOCK;
use std::arch::x86_64::*;

/// Round constants (FIPS 180-4, 4.2.2), four a register.
#[repr(align(16))]
struct Constants([u32; 64]);

#[rustfmt::skip]
static CONSTANTS: Constants = Constants([
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

/// Whether this processor has the instructions.
pub fn is_there() -> bool {
    is_x86_feature_detected!("sha") && is_x86_feature_detected!("sse4.1") && is_x86_feature_detected!("ssse3")
}

/// Takes blocks of both messages into their states.
///
/// # Safety
/// [`is_there`]; there are as many blocks of each.
#[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
pub unsafe fn compress_two(states: &mut [[u32; 8]; 2], blocks: [&[[u8; BLOCK]]; 2]) {
    let (mut a, mut b) = (halves(&states[0]), halves(&states[1]));
    for (x, y) in blocks[0].iter().zip(blocks[1]) {
        let before = (a, b);
        let (mut x, mut y) = (words(x), words(y));
        for (k, (&x, &y)) in x.iter().zip(&y).enumerate() {
            four_rounds(&mut a, x, k);
            four_rounds(&mut b, y, k);
        }
        for from in [4, 8, 12] {
            for k in 0..4 {
                x[k] = schedule(x[k], x[(k + 1) % 4], x[(k + 2) % 4], x[(k + 3) % 4]);
                y[k] = schedule(y[k], y[(k + 1) % 4], y[(k + 2) % 4], y[(k + 3) % 4]);
                four_rounds(&mut a, x[k], from + k);
                four_rounds(&mut b, y[k], from + k);
            }
        }
        a = [_mm_add_epi32(a[0], before.0[0]), _mm_add_epi32(a[1], before.0[1])];
        b = [_mm_add_epi32(b[0], before.1[0]), _mm_add_epi32(b[1], before.1[1])];
    }
    (states[0], states[1]) = (whole(a), whole(b));
}

#[inline]
#[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
fn four_rounds(state: &mut [__m128i; 2], words: __m128i, four: usize) {
    // SAFETY: 16 bytes; there are 16 fours.
    let constants = unsafe { _mm_load_si128(CONSTANTS.0[4 * four..4 * four + 4].as_ptr().cast()) };
    let sums = _mm_add_epi32(words, constants);
    state[1] = _mm_sha256rnds2_epu32(state[1], state[0], sums);
    state[0] = _mm_sha256rnds2_epu32(state[0], state[1], _mm_shuffle_epi32::<0x0e>(sums));
}

/// The four words behind sixteen.
#[inline]
#[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
fn schedule(w0: __m128i, w4: __m128i, w8: __m128i, w12: __m128i) -> __m128i {
    let sums = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w4), _mm_alignr_epi8::<4>(w12, w8));
    _mm_sha256msg2_epu32(sums, w12)
}

/// The words of a block.
#[inline]
#[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
fn words(block: &[u8; BLOCK]) -> [__m128i; 4] {
    let big_endian = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    // SAFETY: 16 bytes each.
    [0, 16, 32, 48]
        .map(|at| unsafe { _mm_shuffle_epi8(_mm_loadu_si128(block[at..at + 16].as_ptr().cast()), big_endian) })
}

#[inline]
#[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
fn halves(state: &[u32; 8]) -> [__m128i; 2] {
    let [a, b, c, d, e, f, g, h] = state.map(|word| word as i32);
    [_mm_set_epi32(a, b, e, f), _mm_set_epi32(c, d, g, h)]
}

#[inline]
#[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
fn whole(halves: [__m128i; 2]) -> [u32; 8] {
    let mut words = [[0u32; 4]; 2];
    for (words, half) in words.iter_mut().zip(halves) {
        // SAFETY: 16 bytes.
        unsafe { _mm_storeu_si128(words.as_mut_ptr().cast(), half) };
    }
    let [[f, e, b, a], [h, g, d, c]] = words;
    [a, b, c, d, e, f, g, h]
}
