//! From match to match, by the rules of [`debye_spec::matches`].

use super::mask::NEAR;
use super::masks::Masks;
use super::runs::Runs;
use debye_spec::matches::{LAST_START, MAX_OFFSET, MIN_MATCH, WORD};
use std::hint::select_unpredictable;

/// Hands each piece of a block of `size` bytes to `take`: where its literals start, how many they are, the match's offset
/// and length; the last piece has length 0.
///
/// Which source wins and how long a match is cannot be foretold, so in a word's reach neither is a branch.
///
/// # Safety
/// `masks` are those of a block of `size` bytes.
#[inline(always)]
pub unsafe fn walk(
    masks: &mut Masks,
    runs: &mut Runs,
    size: usize,
    plane: Option<usize>,
    mut take: impl FnMut(usize, usize, usize, usize),
) {
    let offset = plane.unwrap_or(0);
    runs.clear();
    let (mut anchor, mut from) = (0, 0);
    // SAFETY: starts are in the masks, matches end in them (the last bytes of a block are in none), and what follows from
    // these, at most 8 bytes further than a start, is just behind them at the most: blocks have whole words.
    unsafe {
        loop {
            let near = masks.starts.ahead(from);
            let start =
                if near != 0 { Some(from + near.trailing_zeros() as usize) } else { masks.starts.first_from(from) };
            let Some(at) = start.filter(|at| at + LAST_START <= size) else { break };
            runs.see(at);
            let (mut before, mut along) = (ones(masks.before.ahead(at)), ones(masks.plane.ahead(at)));
            let mut zeros_here = ones(masks.zero.ahead(at));
            if before.max(along).max(zeros_here) >= NEAR {
                zeros_here = if zeros_here < NEAR { zeros_here } else { masks.zero.ones_from(at) };
                along = if along < NEAR { along } else { masks.plane.ones_from(at) };
                // Zeros that go on behind a zero are as many.
                before = match () {
                    () if before < NEAR => before,
                    () if zeros_here >= NEAR => zeros_here,
                    () => masks.before.ones_from(at),
                };
            }
            let back = at - runs.known.start;
            let zeros = select_unpredictable((runs.known.length > 0) & (back <= MAX_OFFSET), zeros_here, 0);
            let copied = before.max(along);
            let length = copied.max(zeros);
            if length < MIN_MATCH {
                // Zeros alone allowed the start, and their run is out of reach.
                from = at + 1;
                continue;
            }
            // Zeros beyond the known run are one literal and a run of their own.
            let over = (zeros > copied) & (zeros > runs.known.length);
            let zeros_offset = select_unpredictable(over, 1, back);
            let copied_offset = select_unpredictable(along > before, offset, 1);
            let literal = usize::from(over);
            take(
                anchor,
                at + literal - anchor,
                select_unpredictable(zeros > copied, zeros_offset, copied_offset),
                length - literal,
            );
            anchor = at + length;
            // At most one start a word.
            from = anchor.max(at / WORD * WORD + WORD);
            runs.note(masks, at, zeros_here, anchor);
        }
    }
    take(anchor, size - anchor, 0, 0);
}

#[inline(always)]
fn ones(ahead: u64) -> usize {
    ahead.trailing_ones() as usize
}
