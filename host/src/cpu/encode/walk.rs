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
    while let Some(at) = next_start(&masks.starts[..starts], &masks.busy, from)
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

/// The first start at or behind `from`; `busy` has a bit for each word of `starts` that is not 0.
#[inline(always)]
fn next_start(starts: &[u64], busy: &[u64], from: usize) -> Option<usize> {
    let k = from / BITS;
    let word = *starts.get(k)? & (!0 << (from % BITS));
    if word != 0 {
        return Some(k * BITS + word.trailing_zeros() as usize);
    }
    let mut group = (k + 1) / BITS;
    let mut words = *busy.get(group)? & (!0 << ((k + 1) % BITS));
    while words == 0 {
        group += 1;
        words = *busy.get(group)?;
    }
    let k = group * BITS + words.trailing_zeros() as usize;
    Some(k * BITS + starts.get(k)?.trailing_zeros() as usize)
}

/// Ones that follow each other from bit `at` on. The mask ends with a zero.
#[inline(always)]
fn ones(mask: &[u64], at: usize) -> usize {
    let (k, shift) = (at / BITS, at % BITS);
    let Some(&[word, next]) = mask.get(k..).and_then(<[u64]>::first_chunk) else { return 0 };
    // The 64 bits from `at` on, without a branch on where in a word that is.
    let count = (word >> shift | (next << 1) << (BITS - 1 - shift)).trailing_ones() as usize;
    if count < BITS { count } else { count + far_ones(mask, at + BITS) }
}

fn far_ones(mask: &[u64], at: usize) -> usize {
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
