//! 16 bytes of NEON.

use super::narrow::{Narrow, decode as decode_with};
use std::arch::aarch64::*;

#[derive(Clone, Copy)]
struct Bytes(uint8x16_t);

impl Narrow for Bytes {
    #[inline(always)]
    unsafe fn load(at: *const u8) -> Bytes {
        // SAFETY: 16 bytes can be read.
        Bytes(unsafe { vld1q_u8(at) })
    }

    #[inline(always)]
    unsafe fn store(self, at: *mut u8) {
        // SAFETY: 16 bytes can be written.
        unsafe { vst1q_u8(at, self.0) }
    }

    #[inline(always)]
    unsafe fn store_twice(self, at: *mut u8) {
        // SAFETY: 32 bytes can be written.
        unsafe {
            vst1q_u8(at, self.0);
            vst1q_u8(at.add(16), self.0);
        }
    }

    #[inline(always)]
    unsafe fn copy(from: *const u8, to: *mut u8) {
        // SAFETY: 32 bytes can be read and written; both halves are read first.
        unsafe {
            let (first, second) = (vld1q_u8(from), vld1q_u8(from.add(16)));
            vst1q_u8(to, first);
            vst1q_u8(to.add(16), second);
        }
    }

    #[inline(always)]
    unsafe fn places(at: *const u8, shift: usize) -> Bytes {
        // SAFETY: 16 bytes can be read.
        Bytes(unsafe { vaddq_u8(vld1q_u8(at), vdupq_n_u8(shift as u8)) })
    }

    #[inline(always)]
    unsafe fn pick(last: Bytes, next: Bytes, places: Bytes) -> Bytes {
        // SAFETY: the processor has NEON.
        Bytes(unsafe { vqtbl2q_u8(uint8x16x2_t(last.0, next.0), places.0) })
    }

    #[inline(always)]
    unsafe fn either(first: bool, a: Bytes, b: Bytes) -> Bytes {
        // SAFETY: the processor has NEON.
        Bytes(unsafe { vbslq_u8(vdupq_n_u8((first as u8).wrapping_neg()), a.0, b.0) })
    }
}

/// As [`decode_with`].
///
/// # Safety
/// The processor has NEON; for the rest see there.
#[target_feature(enable = "neon")]
pub unsafe fn decode(input: *const u8, len: usize, output: *mut u8, size: usize, plane: usize) -> Option<usize> {
    // SAFETY: the caller's.
    unsafe { decode_with::<Bytes>(input, len, output, size, plane) }
}
