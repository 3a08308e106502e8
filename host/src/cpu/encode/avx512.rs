//! Masks by 64 bytes a comparison.

use super::masks::{BITS, Masks, tidy};
use super::{SLACK, finish};
use std::arch::x86_64::*;

/// As [`super::BlockEncoder::encode`], behind the planes.
///
/// # Safety
/// The processor has the level's instructions; for the rest see [`finish`].
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,bmi1,bmi2,lzcnt,popcnt")]
pub unsafe fn encode(planes: &[u8], size: usize, plane: Option<usize>, masks: &mut Masks, out: &mut Vec<u8>) {
    assert!(planes.len() >= SLACK + masks.words() * BITS, "the planes have whole steps");
    let offset = plane.unwrap_or(usize::MAX);
    let words = masks.words();
    let same = masks.plane[..words].iter_mut();
    let each = masks.before[..words].iter_mut().zip(&mut masks.zero[..words]).zip(same);
    for (k, ((before, zero_bytes), same)) in each.enumerate() {
        // SAFETY: whole steps of 64 bytes are there behind the front slack; the byte before and the plane before
        // (from the first word on that a part of the block stands a plane behind) lie within it or the block.
        unsafe {
            let at = planes.as_ptr().add(SLACK + k * BITS);
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
    tidy(size, masks);
    // SAFETY: as this function's.
    unsafe { finish(planes, size, plane, masks, out) };
}

#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn load(at: *const u8) -> __m512i {
    // SAFETY: the caller has 64 bytes.
    unsafe { _mm512_loadu_si512(at.cast()) }
}
