//! 32 bytes at a time; matches that overlap, 16.

use super::extend;
use std::arch::x86_64::*;

const STEP: usize = 32;
const HALF: usize = 16;

#[repr(align(16))]
struct Patterns([[u8; HALF]; HALF + 1]);

/// `PATTERNS[o][i]` = i modulo o, as for the wider kernel.
static PATTERNS: Patterns = {
    let mut table = [[0; HALF]; HALF + 1];
    let mut offset = 1;
    while offset <= HALF {
        let mut i = 0;
        while i < HALF {
            table[offset][i] = (i % offset) as u8;
            i += 1;
        }
        offset += 1;
    }
    Patterns(table)
};

/// Decodes the `len` bytes at `input` into exactly `size` bytes at `output`; false for a block that is not sound.
///
/// # Safety
/// The processor has AVX2; `len` is not 0; [`super::INPUT_SLACK`] bytes behind the input can be read, and
/// [`super::OUTPUT_SLACK`] behind the output be written.
#[target_feature(enable = "avx2,bmi2")]
pub unsafe fn decode(input: *const u8, len: usize, output: *mut u8, size: usize) -> bool {
    // SAFETY: as in the wider kernel: reads and writes run at most 32 bytes past what was compared with
    // the ends of input and output.
    unsafe {
        let input_end = input.add(len);
        let output_end = output.add(size);
        let (mut from, mut to) = (input, output);
        while from < input_end {
            let token = *from as usize;
            let mut literals = token >> 4;
            let extended = (literals == 15) as usize;
            let more = *from.add(1) as usize & extended.wrapping_neg();
            literals += more;
            from = from.add(1 + extended);
            if more == 255 && !extend(&mut from, input_end, &mut literals) {
                return false;
            }
            if literals > output_end as usize - to as usize {
                return false;
            }
            store(to, load(from));
            if literals > STEP {
                if from > input_end || literals > input_end as usize - from as usize {
                    return false;
                }
                let mut at = STEP;
                while at < literals {
                    store(to.add(at), load(from.add(at)));
                    at += STEP;
                }
            }
            to = to.add(literals);
            from = from.add(literals);
            if from >= input_end {
                return from == input_end && to == output_end;
            }

            let offset = (from as *const u16).read_unaligned() as usize;
            let mut count = token & 15;
            let extended = (count == 15) as usize;
            let more = *from.add(2) as usize & extended.wrapping_neg();
            count += more + 4;
            from = from.add(2 + extended);
            if more == 255 && !extend(&mut from, input_end, &mut count) {
                return false;
            }
            if offset.wrapping_sub(1) >= to as usize - output as usize || count > output_end as usize - to as usize {
                return false;
            }
            let source = to.sub(offset);
            if offset >= STEP {
                let mut at = 0;
                while at < count {
                    store(to.add(at), load(source.add(at)));
                    at += STEP;
                }
            } else {
                let short = offset.min(HALF);
                let pattern = _mm_load_si128(PATTERNS.0[short].as_ptr().cast());
                let bytes = _mm_shuffle_epi8(_mm_loadu_si128(source.cast()), pattern);
                // From 16 on each half step reads what the one before has written.
                let period = HALF / short * short;
                if HALF.is_multiple_of(short) && offset <= HALF {
                    let bytes = _mm256_broadcastsi128_si256(bytes);
                    let mut at = 0;
                    while at < count {
                        store(to.add(at), bytes);
                        at += STEP;
                    }
                } else if offset < HALF {
                    let mut at = 0;
                    while at < count {
                        _mm_storeu_si128(to.add(at).cast(), bytes);
                        at += period;
                    }
                } else {
                    let mut at = 0;
                    while at < count {
                        _mm_storeu_si128(to.add(at).cast(), _mm_loadu_si128(source.add(at).cast()));
                        at += HALF;
                    }
                }
            }
            to = to.add(count);
        }
        false
    }
}

#[inline(always)]
unsafe fn load(at: *const u8) -> __m256i {
    // SAFETY: the caller says that 32 bytes can be read.
    unsafe { _mm256_loadu_si256(at.cast()) }
}

#[inline(always)]
unsafe fn store(at: *mut u8, bytes: __m256i) {
    // SAFETY: the caller says that 32 bytes can be written.
    unsafe { _mm256_storeu_si256(at.cast(), bytes) }
}
