//! 64 bytes at a time. Bit-planes make few long literals, offsets mostly below 64 or of a plane's length, and very long
//! matches: each step copies 64 bytes whatever the length, and a short offset's pattern is made by one permutation.

use super::extend;
use std::arch::x86_64::*;

/// Bytes of a step.
const STEP: usize = 64;

#[repr(align(64))]
struct Patterns([[u8; STEP]; STEP + 1]);

/// `PATTERNS[o][i]` = 64 - o + i modulo o: where byte i of a match with offset o stands among the last 64 bytes of output.
/// Row 0 is for all that reach farther: their bytes as they are.
static PATTERNS: Patterns = {
    let mut table = [[0; STEP]; STEP + 1];
    let mut offset = 0;
    while offset <= STEP {
        let mut i = 0;
        while i < STEP {
            table[offset][i] = if offset == 0 { i } else { STEP - offset + i % offset } as u8;
            i += 1;
        }
        offset += 1;
    }
    Patterns(table)
};

/// The most whole periods that a step holds, in bytes.
static PERIODS: [u8; STEP + 1] = {
    let mut table = [STEP as u8; STEP + 1];
    let mut offset = 1;
    while offset <= STEP {
        table[offset] = (STEP / offset * offset) as u8;
        offset += 1;
    }
    table
};

/// Decodes the `len` bytes at `input` into exactly `size` bytes at `output`; false for a block that is not sound.
///
/// The last 64 bytes of output are kept in a register: a match that reaches no farther back reads them there. From memory
/// it would have to wait until the stores before it, of which it overlaps several, have left for the cache.
///
/// # Safety
/// The processor has the level's instructions; `len` is not 0; [`super::INPUT_SLACK`] bytes behind the input can be
/// read, and [`super::OUTPUT_SLACK`] behind the output be written.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,bmi2")]
pub unsafe fn decode(input: *const u8, len: usize, output: *mut u8, size: usize) -> bool {
    // SAFETY: at the head of the loop `from` is below `input_end`, and `to` is at most `output_end`. A
    // step reads at most 2 bytes of lengths and 64 of literals behind `from` before it is compared with `input_end`
    // again; extension bytes and literals beyond those are compared first. It writes at most 64 bytes behind a `to`
    // that was compared with `output_end`. A match's source starts within the output and is read for 64 bytes; 64 bytes
    // before `to` are read where a step has just made more than that.
    unsafe {
        let input_end = input.add(len);
        let output_end = output.add(size);
        let (mut from, mut to) = (input, output);
        let count_up = _mm512_load_si512(PATTERNS.0[0].as_ptr().cast());
        let mut last = _mm512_setzero_si512();
        while from < input_end {
            let token = *from as usize;
            let mut literals = token >> 4;
            // One extension byte without a branch: literal lengths cannot be foretold.
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
            let bytes = load(from);
            store(to, bytes);
            last = _mm512_permutex2var_epi8(last, _mm512_add_epi8(count_up, _mm512_set1_epi8(literals as i8)), bytes);
            if literals > STEP {
                if from > input_end || literals > input_end as usize - from as usize {
                    return false;
                }
                let mut at = STEP;
                while at < literals {
                    store(to.add(at), load(from.add(at)));
                    at += STEP;
                }
                last = load(from.add(literals - STEP));
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
            let far = offset > STEP;
            let pattern = _mm512_load_si512(PATTERNS.0[if far { 0 } else { offset }].as_ptr().cast());
            // What is near is not read from memory, not even in vain.
            let read = load(if far { source.cast_const() } else { PATTERNS.0[0].as_ptr() });
            let bytes = _mm512_mask_blend_epi8((far as u64).wrapping_neg(), last, read);
            let bytes = _mm512_permutexvar_epi8(pattern, bytes);
            store(to, bytes);
            if count <= STEP {
                let places = _mm512_add_epi8(count_up, _mm512_set1_epi8(count as i8));
                last = _mm512_permutex2var_epi8(last, places, bytes);
                to = to.add(count);
                continue;
            }
            if offset >= STEP {
                let mut at = STEP;
                while at < count {
                    store(to.add(at), load(source.add(at)));
                    at += STEP;
                }
            } else {
                let period = PERIODS[offset] as usize;
                let mut at = period;
                while at < count {
                    store(to.add(at), bytes);
                    at += period;
                }
            }
            to = to.add(count);
            last = if offset == 1 { bytes } else { load(to.sub(STEP)) };
        }
        false
    }
}

#[inline(always)]
unsafe fn load(at: *const u8) -> __m512i {
    // SAFETY: the caller says that 64 bytes can be read.
    unsafe { _mm512_loadu_si512(at.cast()) }
}

#[inline(always)]
unsafe fn store(at: *mut u8, bytes: __m512i) {
    // SAFETY: the caller says that 64 bytes can be written.
    unsafe { _mm512_storeu_si512(at.cast(), bytes) }
}
