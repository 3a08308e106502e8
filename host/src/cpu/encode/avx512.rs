//! Masks by 64 bytes a comparison.

use super::mask::BITS;
use super::masks::{Block, Masks, tidy};
use super::runs::Runs;
use super::{SLACK, finish};
use crate::cpu::prefetch;
use std::arch::x86_64::*;

/// As [`super::BlockEncoder::encode`], behind the planes.
///
/// # Safety
/// The processor has the level's instructions; for the rest see [`finish`].
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,bmi1,bmi2,lzcnt,popcnt")]
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
            let here = load(at);
            *before = _mm512_cmpeq_epi8_mask(here, load(at.sub(1)));
            *zero_bytes = _mm512_testn_epi8_mask(here, here);
            *same = if (k + 1) * BITS <= offset {
                0
            } else if k * BITS >= offset {
                _mm512_cmpeq_epi8_mask(here, load(at.sub(offset)))
            } else {
                // The front slack is longer than what is missing before the first plane's end.
                _mm512_cmpeq_epi8_mask(here, load(at.sub(offset))) & (!0 << (offset % BITS))
            };
        }
    }
    tidy(block.size, masks);
    // SAFETY: as this function's.
    unsafe { finish(block, masks, runs, out) };
}

#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn load(at: *const u8) -> __m512i {
    // SAFETY: the caller has 64 bytes.
    unsafe { _mm512_loadu_si512(at.cast()) }
}
