//! For bit-planes: short literals, matches at offsets below 64 or of a plane's length, and very long matches. Each step
//! moves 64 bytes whatever the length.

use super::places::{Periods, Places};
use super::{extend, tail::Block};
use std::arch::x86_64::*;

/// Bytes of a vector, and the longest match that is made without a loop.
const STEP: usize = 64;

static PLACES: Places<{ STEP + 1 }, { 3 * STEP }> = Places::new(STEP);

static PERIODS: Periods<{ STEP + 1 }> = Periods::new(STEP);

/// Decodes the `len` bytes at `input` into `size` bytes at `output`, planes of `plane`; says how many were made, and `None` for
/// a block that is not sound ([`super::Decoder::decode`]).
///
/// The last 64 bytes of output are kept in a register, and those of a match that reaches no farther back are picked out of
/// it and of the literals before the match. From memory they would have to wait until the stores before, of which they
/// overlap several, have left for the cache. What comes after the match is picked out of the same two: from sequence to
/// sequence one permutation is waited for.
///
/// # Safety
/// The processor has the level's instructions; `len` is not 0; [`super::INPUT_SLACK`] bytes behind the input can be
/// read, and [`super::OUTPUT_SLACK`] behind the output be written.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,bmi2")]
pub unsafe fn decode(input: *const u8, len: usize, output: *mut u8, size: usize, plane: usize) -> Option<usize> {
    // SAFETY: at the head of the loop `from` is below `input_end`, and `to` is at most `output_end`. Lengths are compared
    // with what is left of input and output before anything longer than 64 bytes is moved by them; before that at most
    // 1 + 64 bytes are read behind a `from` that was compared. Writes end at most 64 bytes behind a `to` that was
    // compared with `output_end`. Loads from the output begin within it and below `to`, or 64 bytes before the end of a
    // match of more than 64. Of a match less is made where `block` says so, never more.
    unsafe {
        let input_end = input.add(len);
        let output_end = output.add(size);
        let block = Block { input_end, output, size, plane };
        let (mut from, mut to) = (input, output);
        let blank = PLACES.row(0);
        let count_up = load(blank);
        let mut last = count_up;
        while from < input_end {
            let token = *from as usize;
            from = from.add(1);
            let mut literals = token >> 4;
            let (mut shift, mut bytes) = (literals, load(from));
            // A branch that is nearly always foretold: without it the next token would wait for the length's second byte.
            if literals == 15 {
                let sound = extend(&mut from, input_end, &mut literals);
                if !sound || literals > input_end as usize - from as usize {
                    return None;
                }
                (shift, bytes) = (literals, load(from));
            }
            if literals > output_end as usize - to as usize {
                return None;
            }
            store(to, bytes);
            if literals > STEP {
                copy(from, to, STEP, literals);
                (shift, last) = (0, load(from.add(literals - STEP)));
            }
            to = to.add(literals);
            from = from.add(literals);
            if from >= input_end {
                return (from == input_end && to == output_end).then_some(size);
            }

            let offset = (from as *const u16).read_unaligned() as usize;
            let mut count = token & 15;
            // One extension byte without a branch: a match's length cannot be foretold.
            let extended = (count == 15) as usize;
            let more = *from.add(2) as usize & extended.wrapping_neg();
            count += more + 4;
            from = from.add(2 + extended);
            if more == 255 && !extend(&mut from, input_end, &mut count) {
                return None;
            }
            if offset.wrapping_sub(1) >= to as usize - output as usize || count > output_end as usize - to as usize {
                return None;
            }
            let far = offset > STEP;
            let known = if far { 0 } else { offset };
            let row = PLACES.row(known);
            let source = to.sub(offset).cast_const();
            let shift = _mm512_set1_epi8(shift as i8);
            let pick = |places: *const u8| _mm512_permutex2var_epi8(last, _mm512_add_epi8(load(places), shift), bytes);
            // What is near is not read from memory, not even in vain.
            let read = load(if far { source } else { blank });
            let made = _mm512_mask_blend_epi8((far as u64).wrapping_neg(), pick(row.add(STEP)), read);
            store(to, made);
            if count <= STEP {
                // Of a far match's last bytes, those that it made.
                let theirs = (far as u64).wrapping_neg() & (u64::MAX << (STEP - count));
                let tail = _mm512_permutexvar_epi8(_mm512_add_epi8(count_up, _mm512_set1_epi8(count as i8)), read);
                last = _mm512_mask_blend_epi8(theirs, pick(row.add(count)), tail);
            } else {
                let before = to as usize - output as usize;
                let needed = block.needed(from, before, offset, count);
                let end = needed.map_or(count, |needed| needed - before);
                if far {
                    copy(source, to, STEP, end);
                    last = load(source.add(count - STEP));
                } else {
                    let period = PERIODS.of(known);
                    let mut at = period;
                    while at < end {
                        store(to.add(at), made);
                        at += period;
                    }
                    let phase = (count - STEP) as u32 % offset as u32;
                    last = pick(row.add(STEP + phase as usize));
                }
                if needed.is_some() {
                    return needed;
                }
            }
            to = to.add(count);
        }
        None
    }
}

/// Copies 64 bytes at a time, from place `at` until `end` is reached.
#[inline(always)]
unsafe fn copy(from: *const u8, to: *mut u8, mut at: usize, end: usize) {
    while at < end {
        // SAFETY: the caller's: as much can be read and written, rounded up to whole steps.
        unsafe { store(to.add(at), load(from.add(at))) };
        at += STEP;
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
