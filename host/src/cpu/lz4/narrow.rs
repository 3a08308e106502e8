//! Vectors of 16 bytes, whatever makes them: the loop that AVX2 and NEON share.
//!
//! The last 16 bytes of output are kept in a register, as the wider kernel keeps 64: a match that reaches no farther back
//! has its bytes there, and in the literals before it. From memory it would have to wait until the stores before it, of
//! which it overlaps several, have left for the cache.

use super::places::{Periods, Places};
use super::{extend, tail::Block};

/// Bytes of a vector.
const STEP: usize = 16;

/// The longest match that is made without a loop.
const REACH: usize = 32;

/// See [`Places`]; rows have what the longest match without a loop needs.
static PLACES: Places<{ STEP + 1 }, { 2 * STEP + REACH }> = Places::new(STEP);

static PERIODS: Periods<{ STEP + 1 }> = Periods::new(STEP);

/// 16 bytes in a register, and 32 on their way.
///
/// # Safety
/// Of all functions: the processor has the level's instructions, and what is read or written can be.
pub trait Narrow: Copy {
    /// 16 bytes.
    unsafe fn load(at: *const u8) -> Self;
    /// 16 bytes.
    unsafe fn store(self, at: *mut u8);
    /// 32 bytes: the 16, twice.
    unsafe fn store_twice(self, at: *mut u8);
    /// 32 bytes.
    unsafe fn copy(from: *const u8, to: *mut u8);
    /// 16 bytes, each with `shift` added.
    unsafe fn places(at: *const u8, shift: usize) -> Self;
    /// Byte i is byte `places[i]` of `last` or, from 16 on, of `next`. Places are below 32.
    unsafe fn pick(last: Self, next: Self, places: Self) -> Self;
    /// `a` or `b`, without a branch.
    unsafe fn either(first: bool, a: Self, b: Self) -> Self;
}

/// Decodes the `len` bytes at `input` into `size` bytes at `output`, planes of `plane`; says how many were made, and `None` for
/// a block that is not sound ([`super::Decoder::decode`]).
///
/// # Safety
/// The processor has the instructions of `N`; `len` is not 0; [`super::INPUT_SLACK`] bytes behind the input can be read,
/// and [`super::OUTPUT_SLACK`] behind the output be written.
#[inline(always)]
pub unsafe fn decode<N: Narrow>(
    input: *const u8,
    len: usize,
    output: *mut u8,
    size: usize,
    plane: usize,
) -> Option<usize> {
    // SAFETY: at the head of the loop `from` is below `input_end`, and `to` is at most `output_end`. Lengths are
    // compared with what is left of input and output before anything longer than a vector is moved by them; before that
    // at most 1 + 14 + 16 bytes are read behind a `from` that was compared. Writes end at most 3 x 16 + 16 bytes
    // behind a `to` that was compared with `output_end`. Loads from the output begin within it and below `to`, or 16
    // bytes before the end of a match of at least as many. Of a match less is made where `block` says so, never more.
    unsafe {
        let input_end = input.add(len);
        let output_end = output.add(size);
        let block = Block { input_end, output, size, plane };
        let (mut from, mut to) = (input, output);
        let blank = PLACES.row(0);
        let mut last = N::load(blank);
        while from < input_end {
            let token = *from as usize;
            from = from.add(1);
            let mut literals = token >> 4;
            let (mut shift, bytes) = (literals, N::load(from));
            let bytes = if literals < 15 {
                if literals > output_end as usize - to as usize {
                    return None;
                }
                bytes.store(to);
                bytes
            } else {
                let sound = extend(&mut from, input_end, &mut literals);
                if !sound
                    || literals > output_end as usize - to as usize
                    || literals > input_end as usize - from as usize
                {
                    return None;
                }
                for at in (0..literals).step_by(2 * STEP) {
                    N::copy(from.add(at), to.add(at));
                }
                shift = if literals < STEP { literals } else { 0 };
                last = N::either(literals < STEP, last, N::load(from.add(literals.max(STEP) - STEP)));
                N::load(from)
            };
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
            if offset.wrapping_sub(1) >= to as usize - output as usize {
                return None;
            }
            if more == 255 && !extend(&mut from, input_end, &mut count) {
                return None;
            }
            if count > output_end as usize - to as usize {
                return None;
            }
            let far = offset > STEP;
            let known = if far { 0 } else { offset };
            let (row, period) = (PLACES.row(known), PERIODS.of(known));
            let source = to.sub(offset).cast_const();
            let made = N::pick(last, bytes, N::places(row.add(STEP), shift));
            if count <= REACH {
                // What is near is not read from memory, not even in vain.
                N::either(far, N::load(if far { source } else { blank }), made).store(to);
                let next = N::either(far, N::load(if far { source.add(STEP) } else { blank }), made);
                // Four times the shortest period is more than what is made here.
                next.store(to.add(period));
                next.store(to.add(2 * period));
                next.store(to.add(3 * period));
                let window = N::pick(last, bytes, N::places(row.add(if far { 0 } else { count }), shift));
                let tail = N::load(if far { source.add(count.max(STEP) - STEP) } else { blank });
                last = N::either(far, N::pick(window, tail, N::places(blank, count.min(STEP))), window);
            } else {
                let before = to as usize - output as usize;
                let needed = block.needed(from, before, offset, count);
                let end = needed.map_or(count, |needed| needed - before);
                if far {
                    let step = if offset < 2 * STEP { STEP } else { 2 * STEP };
                    for at in (0..end).step_by(step) {
                        if step == STEP {
                            N::load(source.add(at)).store(to.add(at));
                        } else {
                            N::copy(source.add(at), to.add(at));
                        }
                    }
                    last = N::load(source.add(count - STEP));
                } else {
                    if period == STEP {
                        for at in (0..end).step_by(2 * STEP) {
                            made.store_twice(to.add(at));
                        }
                    } else {
                        for at in (0..end).step_by(period) {
                            made.store(to.add(at));
                        }
                    }
                    let phase = (count - STEP) as u32 % offset as u32;
                    last = N::pick(last, bytes, N::places(row.add(STEP + phase as usize), shift));
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
