//! A term's weights by NEON's look-up in 16 bytes; the rest is plain Rust, which compilers make NEON of.

use super::expand::FROM;
use crate::cpu::terms::TILE;
use std::arch::aarch64::*;

/// The weights of a term's 16 pixels, of which there are at least as many packed as `mask` has bits.
#[inline(always)]
pub fn expanded(mask: u16, packed: &[u8; TILE]) -> [u8; TILE] {
    let [low, high] = mask.to_le_bytes();
    let mut made = [0; TILE];
    // SAFETY: all aarch64 processors that this is made for have NEON; 16 bytes are read and written, 8 of each row of `FROM`.
    unsafe {
        let packed = vld1q_u8(packed.as_ptr());
        let before = vdupq_n_u8(low.count_ones() as u8);
        let from = vcombine_u8(vld1_u8(FROM[usize::from(low)].as_ptr()), vld1_u8(FROM[usize::from(high)].as_ptr()));
        // Sums that do not fit a byte are 255: none stays none.
        let from = vqaddq_u8(from, vcombine_u8(vdup_n_u8(0), vget_low_u8(before)));
        vst1q_u8(made.as_mut_ptr(), vqtbl1q_u8(packed, from));
    }
    made
}
