//! 16 bytes of AVX2, 32 where they are only moved.

use super::narrow::{Narrow, decode as decode_with};
use std::arch::x86_64::*;

#[derive(Clone, Copy)]
struct Bytes(__m128i);

impl Narrow for Bytes {
    #[inline(always)]
    unsafe fn load(at: *const u8) -> Bytes {
        // SAFETY: 16 bytes can be read.
        Bytes(unsafe { _mm_loadu_si128(at.cast()) })
    }

    #[inline(always)]
    unsafe fn store(self, at: *mut u8) {
        // SAFETY: 16 bytes can be written.
        unsafe { _mm_storeu_si128(at.cast(), self.0) }
    }

    #[inline(always)]
    unsafe fn store_twice(self, at: *mut u8) {
        // SAFETY: 32 bytes can be written.
        unsafe { _mm256_storeu_si256(at.cast(), _mm256_broadcastsi128_si256(self.0)) }
    }

    #[inline(always)]
    unsafe fn copy(from: *const u8, to: *mut u8) {
        // SAFETY: 32 bytes can be read and written.
        unsafe { _mm256_storeu_si256(to.cast(), _mm256_loadu_si256(from.cast())) }
    }

    #[inline(always)]
    unsafe fn places(at: *const u8, shift: usize) -> Bytes {
        // SAFETY: 16 bytes can be read.
        unsafe {
            let shift = _mm_broadcastb_epi8(_mm_cvtsi32_si128(shift as i32));
            Bytes(_mm_add_epi8(_mm_loadu_si128(at.cast()), shift))
        }
    }

    #[inline(always)]
    unsafe fn pick(last: Bytes, next: Bytes, places: Bytes) -> Bytes {
        // SAFETY: the processor has AVX2.
        unsafe {
            // A place whose highest bit is set gives 0: those from 16 on in one, those below 16 in the other.
            let of_last = _mm_adds_epu8(places.0, _mm_set1_epi8(0x70));
            let of_next = _mm_sub_epi8(places.0, _mm_set1_epi8(0x10));
            Bytes(_mm_or_si128(_mm_shuffle_epi8(last.0, of_last), _mm_shuffle_epi8(next.0, of_next)))
        }
    }

    #[inline(always)]
    unsafe fn either(first: bool, a: Bytes, b: Bytes) -> Bytes {
        // SAFETY: the processor has AVX2.
        Bytes(unsafe { _mm_blendv_epi8(b.0, a.0, _mm_set1_epi8(-(first as i8))) })
    }
}

/// As [`decode_with`].
///
/// # Safety
/// The processor has AVX2 and BMI2; for the rest see there.
#[target_feature(enable = "avx2,bmi2")]
pub unsafe fn decode(input: *const u8, len: usize, output: *mut u8, size: usize, plane: usize) -> Option<usize> {
    // SAFETY: the caller's.
    unsafe { decode_with::<Bytes>(input, len, output, size, plane) }
}
