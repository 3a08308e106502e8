//! Masks by 32 bytes a comparison.

use super::mask::BITS;
use super::masks::{Block, Masks, tidy};
use super::runs::Runs;
use super::{SLACK, finish};
use crate::cpu::prefetch;
use std::arch::x86_64::*;

/// As [`super::BlockEncoder::encode`], behind the planes.
///
/// # Safety
/// The processor has AVX2 and BMI2; for the rest see [`finish`].
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub unsafe fn encode(block: &Block<'_>, masks: &mut Masks, runs: &mut Runs, out: &mut Vec<u8>) {
    let words = masks.zero.words().len();
    assert!(block.planes.len() >= SLACK + words * BITS, "the planes have whole steps");
    let offset = block.plane.unwrap_or(usize::MAX);
    let each = masks.before.words_mut().iter_mut().zip(masks.zero.words_mut()).zip(masks.plane.words_mut());
    for (k, ((before, zero_bytes), same)) in each.enumerate() {
        prefetch::line(block.next.wrapping_add(k * BITS));
        // SAFETY: whole steps of 64 bytes are there behind the front slack; the byte before and the plane before
        // (from the first word on that a part of the block stands a plane behind) lie within it or the block.
        unsafe {
            let at = block.planes.as_ptr().add(SLACK + k * BITS);
            let (low, high) = (load(at), load(at.add(32)));
            let zero = _mm256_setzero_si256();
            *before = equal(low, high, load(at.sub(1)), load(at.add(31)));
            *zero_bytes = equal(low, high, zero, zero);
            *same = if (k + 1) * BITS <= offset {
                0
            } else if k * BITS >= offset {
                equal(low, high, load(at.sub(offset)), load(at.add(32).sub(offset)))
            } else {
                // The front slack is longer than what is missing before the first plane's end.
                equal(low, high, load(at.sub(offset)), load(at.add(32).sub(offset))) & (!0 << (offset % BITS))
            };
        }
    }
    tidy(block.size, masks);
    // SAFETY: as this function's.
    unsafe { finish(block, masks, runs, out) };
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
