//! From match to match, by the rules of [`debye_spec::matches`].

use super::masks::{BITS, Masks, Run};
use debye_spec::matches::{LAST_START, MAX_OFFSET, MIN_MATCH, WORD};

/// Hands each piece of a block of `size` bytes to `take`: where its literals start, how many they are, the match's offset
/// and length; the last piece has length 0. `starts` words of the masks may have starts.
#[inline(always)]
pub fn walk(
    masks: &Masks,
    starts: usize,
    size: usize,
    plane: Option<usize>,
    mut take: impl FnMut(usize, usize, usize, usize),
) {
    let offset = plane.unwrap_or(0);
    let mut runs = masks.runs.iter().peekable();
    let mut known: Option<Run> = None;
    let (mut anchor, mut from) = (0, 0);
    while let Some(at) = next_start(&masks.starts[..starts], from)
        && at + LAST_START <= size
    {
        while let Some(run) = runs.next_if(|run| run.seen_from() <= at) {
            known = Some(*run);
        }
        let mut length = ones(&masks.before, at);
        let mut best = 1;
        let along = ones(&masks.plane, at);
        if along > length {
            (length, best) = (along, offset);
        }
        let mut first = 0;
        if let Some(run) = known
            && at - run.start <= MAX_OFFSET
        {
            let zeros = ones(&masks.zero, at);
            if zeros > length {
                // Zeros beyond the known run are one literal and a run of their own.
                first = usize::from(zeros > run.length);
                (length, best) = (zeros, if first == 1 { 1 } else { at - run.start });
            }
        }
        if length < MIN_MATCH {
            // Zeros alone allowed the start, and their run is out of reach.
            from = at + 1;
            continue;
        }
        take(anchor, at + first - anchor, best, length - first);
        anchor = at + length;
        // At most one start a word.
        from = anchor.max(at / WORD * WORD + WORD);
    }
    take(anchor, size - anchor, 0, 0);
}

/// The first start at or behind `from`.
#[inline(always)]
fn next_start(starts: &[u64], from: usize) -> Option<usize> {
    let mut k = from / BITS;
    let mut word = *starts.get(k)? & (!0 << (from % BITS));
    while word == 0 {
        k += 1;
        word = *starts.get(k)?;
    }
    Some(k * BITS + word.trailing_zeros() as usize)
}

/// Ones that follow each other from bit `at` on. The mask ends with a zero.
#[inline(always)]
fn ones(mask: &[u64], at: usize) -> usize {
    let (mut k, shift) = (at / BITS, at % BITS);
    let Some(&word) = mask.get(k) else { return 0 };
    // The shift brings zeros in: at most 64 - shift ones are counted.
    let mut count = (word >> shift).trailing_ones() as usize;
    if count < BITS - shift {
        return count;
    }
    loop {
        k += 1;
        match mask.get(k) {
            Some(&word) if word == !0 => count += BITS,
            Some(&word) => return count + word.trailing_ones() as usize,
            None => return count,
        }
    }
}
