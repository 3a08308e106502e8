//! Masks by 32 bytes a comparison.

use super::mask::BITS;
use super::masks::{Block, Masks, tidy};
use super::runs::Runs;
use super::{SLACK, finish};
use crate::cpu::prefetch;
use std::arch::x86_64::*;
use std::ops::Range;

/// As [`super::BlockEncoder::encode`], behind the planes.
///
/// # Safety
/// The processor has AVX2 and BMI2; for the rest see [`finish`].
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub unsafe fn encode(block: &Block<'_>, masks: &mut Masks, runs: &mut Runs, out: &mut Vec<u8>) {
    let words = masks.zero.words().len();
    assert!(block.planes.len() >= SLACK + words * BITS, "the planes have whole steps");
    let offset = block.plane.unwrap_or(usize::MAX);
    // Words wholly before the first byte with a plane before it, and the one that it is in.
    let without = (offset / BITS).min(words);
    // SAFETY: whole steps of 64 bytes are there behind the front slack, and the masks have as many words; the byte before
    // lies within them or the slack, the plane before too (in the word it begins in, the slack is longer than what is missing).
    unsafe {
        compare::<false>(block, masks, 0..without, 0);
        compare::<true>(block, masks, without..words, offset);
    }
    if let Some(first) = masks.plane.words_mut().get_mut(without) {
        *first &= !0 << (offset % BITS);
    }
    tidy(block.size, masks);
    // SAFETY: as this function's.
    unsafe { finish(block, masks, runs, out) };
}

/// Makes these words of the masks, with or without the plane `offset` bytes before.
///
/// # Safety
/// The processor has AVX2; the masks have these words, the planes 64 bytes for each and those before that are compared.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn compare<const PLANE: bool>(block: &Block<'_>, masks: &mut Masks, words: Range<usize>, offset: usize) {
    let from = block.planes.as_ptr().wrapping_add(SLACK);
    let (before, zero, plane) = (masks.before.words_mut(), masks.zero.words_mut(), masks.plane.words_mut());
    let (before, zero, plane) = (before.as_mut_ptr(), zero.as_mut_ptr(), plane.as_mut_ptr());
    for k in words {
        prefetch::line(block.next.wrapping_add(k * BITS));
        // SAFETY: the caller's.
        unsafe {
            let at = from.add(k * BITS);
            let (low, high) = (load(at), load(at.add(32)));
            let none = _mm256_setzero_si256();
            *before.add(k) = equal(low, high, load(at.sub(1)), load(at.add(31)));
            *zero.add(k) = equal(low, high, none, none);
            *plane.add(k) =
                if PLANE { equal(low, high, load(at.sub(offset)), load(at.add(32).sub(offset))) } else { 0 };
        }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
unsafe fn load(at: *const u8) -> __m256i {
    // SAFETY: the caller has 32 bytes.
    unsafe { _mm256_loadu_si256(at.cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn equal(low: __m256i, high: __m256i, low_other: __m256i, high_other: __m256i) -> u64 {
    let low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, low_other)) as u32;
    let high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, high_other)) as u32;
    u64::from(low) | u64::from(high) << 32
}
