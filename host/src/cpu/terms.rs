//! The table as the fast kernels read it: terms of four pixels and one bin.
//!
//! Neighbouring pixels share bins. A term says what four pixels in a row add to one bin; a frame of a fine pattern has 0.6
//! terms a pixel, a coarse one 0.3. Only `signal` needs weights of its own: with U = 64 >> `shift`, the weight of a whole
//! pixel in the table's unit, a weight u has u^2 = U u - u (U - u), so that
//!
//! ```text
//! signal   = 2^shift  sum u v
//! variance = 4^shift (U sum u v - sum u (U - u) v)
//! ```
//!
//! and the second sum, the *defect*, has a term for split pixels only. Both fit 32 bits for so many pixels a bin that
//! they are emptied into 64 bits but once or twice a frame ([`Terms::limits`] says where).

use debye_spec::Table;
use debye_spec::bounds::WHOLE_WEIGHT;
use rayon::prelude::*;
use std::ops::Range;

/// Pixels of a step: terms are counted from the first pixel of theirs.
pub const STEP: usize = 64;

/// Pixels of a term.
pub const GROUP: usize = 4;

/// A step's terms are a multiple of this.
pub const TOGETHER: usize = 8;

/// What four pixels add to a bin.
///
/// ```text
/// bits 0..4 group of four pixels within the step   bits 4..32 bin   bits 32.. four bytes: weights of the pixels, >> shift
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(transparent)]
pub struct Term(pub u64);

impl Term {
    /// The bit at which the bin begins, in the lower half.
    pub const BIN_AT: u32 = 4;

    fn new(group: usize, bin: u32, weights: [u8; GROUP]) -> Term {
        Term(group as u64 | u64::from(bin) << Term::BIN_AT | u64::from(u32::from_le_bytes(weights)) << 32)
    }

    /// Group of four pixels, from the step's first.
    #[inline(always)]
    pub fn group(self) -> usize {
        (self.0 & 15) as usize
    }

    /// The bin.
    #[inline(always)]
    pub fn bin(self) -> usize {
        (self.0 as u32 >> Term::BIN_AT) as usize
    }

    /// Four bytes of weights.
    #[inline(always)]
    pub fn weights(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

/// All terms of a table, and its mask.
#[derive(Debug)]
pub struct Terms {
    terms: Vec<Term>,
    /// Step s has the terms `starts[s]..starts[s + 1]`.
    starts: Vec<u32>,
    /// A bit a pixel, 1 = not masked; whole steps.
    unmasked: Vec<u8>,
    /// Steps before which 32-bit sums must be emptied, rising.
    limits: Vec<usize>,
    pixels: usize,
    bins: usize,
    shift: u32,
}

impl Terms {
    /// The terms of a table that passes its checks.
    pub fn new(table: Table<'_>) -> Terms {
        let weights = table.entries.iter().fold(WHOLE_WEIGHT, |all, entry| all | entry.weight());
        let shift = weights.trailing_zeros();
        let whole = WHOLE_WEIGHT >> shift;
        let pixels = table.pixels();
        let steps = pixels.div_ceil(STEP);
        let mut made = Terms {
            terms: Vec::new(),
            starts: Vec::with_capacity(steps + 1),
            unmasked: vec![0; steps * STEP / 8],
            limits: Vec::new(),
            pixels,
            bins: table.bins,
            shift,
        };
        for (pixel, masked) in table.masked.iter().enumerate() {
            made.unmasked[pixel / 8] |= u8::from(!masked) << (pixel % 8);
        }
        let pieces: Vec<Piece> = (0..steps.div_ceil(PIECE))
            .into_par_iter()
            .map(|piece| Piece::new(&table, piece * PIECE..steps.min((piece + 1) * PIECE), shift))
            .collect();
        let mut crowd = Crowd::new(table.bins, whole);
        made.terms.reserve_exact(pieces.iter().map(|piece| piece.terms.len()).sum());
        made.starts.push(0);
        for piece in pieces {
            let mut from = 0;
            for to in piece.ends {
                if crowd.is_full(&piece.terms[from..to]) {
                    made.limits.push(made.starts.len() - 1);
                }
                made.starts.push((made.terms.len() + to) as u32);
                from = to;
            }
            made.terms.extend_from_slice(&piece.terms);
        }
        made
    }

    /// Pixels of a frame.
    pub fn pixels(&self) -> usize {
        self.pixels
    }

    /// Number of bins.
    pub fn bins(&self) -> usize {
        self.bins
    }

    /// Binary digits that all weights end in zeros with.
    pub fn shift(&self) -> u32 {
        self.shift
    }

    /// U: the weight of a whole pixel.
    pub fn whole(&self) -> u32 {
        WHOLE_WEIGHT >> self.shift
    }

    /// The terms, and where those of each step from `step` on begin and end (one more than there are steps).
    #[inline]
    pub fn of(&self, steps: Range<usize>) -> (&[Term], &[u32]) {
        (&self.terms, &self.starts[steps.start..=steps.end])
    }

    /// Bits of the pixels from `pixel` (a multiple of 8) on; 1 = not masked.
    pub fn unmasked(&self, pixel: usize, pixels: usize) -> &[u8] {
        &self.unmasked[pixel / 8..(pixel + pixels) / 8]
    }

    /// Whether pixel `pixel` is masked.
    pub fn is_masked(&self, pixel: usize) -> bool {
        self.unmasked[pixel / 8] >> (pixel % 8) & 1 == 0
    }

    /// The first step after `step` before which 32-bit sums must be emptied.
    pub fn limit_after(&self, step: usize) -> usize {
        let next = self.limits.partition_point(|&limit| limit <= step);
        self.limits.get(next).copied().unwrap_or(usize::MAX)
    }
}

/// Steps that one thread makes the terms of.
const PIECE: usize = 512;

/// The terms of some steps, and where each step's end.
struct Piece {
    terms: Vec<Term>,
    ends: Vec<usize>,
}

impl Piece {
    fn new(table: &Table<'_>, steps: Range<usize>, shift: u32) -> Piece {
        let mut made = Piece { terms: Vec::new(), ends: Vec::with_capacity(steps.len()) };
        let (mut step_terms, mut ranked) = (Vec::new(), Vec::new());
        for step in steps {
            step_terms.clear();
            for group in 0..STEP / GROUP {
                group_terms(table, step * STEP + group * GROUP, group, shift, &mut step_terms);
            }
            spread(&mut step_terms, &mut ranked, &mut made.terms);
            made.ends.push(made.terms.len());
        }
        made
    }
}

/// The terms of the four pixels from `first` on.
fn group_terms(table: &Table<'_>, first: usize, group: usize, shift: u32, terms: &mut Vec<Term>) {
    let from = terms.len();
    for k in 0..GROUP {
        for entry in table.entries_of(first + k) {
            let weight = u64::from(entry.weight() >> shift) << (32 + 8 * k);
            match terms[from..].iter_mut().find(|term| term.bin() == entry.bin() as usize) {
                Some(term) => term.0 |= weight,
                None => terms.push(Term(Term::new(group, entry.bin(), [0; GROUP]).0 | weight)),
            }
        }
    }
}

/// Puts a step's terms behind `to`, those of a bin as far from each other as can be: an addition to a bin waits for the one
/// before it. Terms without weights fill the last [`TOGETHER`]: kernels need not ask how many there are.
fn spread(step: &mut [Term], ranked: &mut Vec<(u64, Term)>, to: &mut Vec<Term>) {
    // By bin, then by group.
    step.sort_unstable_by_key(|term| term.0 as u32);
    ranked.clear();
    let mut rank = 0;
    for (index, &term) in step.iter().enumerate() {
        rank = if index > 0 && step[index - 1].bin() == term.bin() { rank + 1 } else { 0 };
        ranked.push((rank << 32 | term.bin() as u64, term));
    }
    ranked.sort_unstable_by_key(|&(place, _)| place);
    to.extend(ranked.iter().map(|(_, term)| term));
    let missing = ranked.len().next_multiple_of(TOGETHER) - ranked.len();
    to.extend(ranked.iter().cycle().take(missing).map(|(_, term)| Term::new(0, term.bin() as u32, [0; GROUP])));
}

/// How much each bin may have got since sums were last emptied.
struct Crowd {
    pixels: Vec<u32>,
    most: u32,
}

impl Crowd {
    fn new(bins: usize, whole: u32) -> Crowd {
        // The largest of u and of u (U - u), times the largest byte of a pixel.
        let most_weight = whole.max(whole * whole / 4);
        Crowd { pixels: vec![0; bins], most: u32::MAX / (255 * most_weight) }
    }

    /// Counts a step's terms; true, and all forgotten, if they do not fit behind those before.
    fn is_full(&mut self, step: &[Term]) -> bool {
        let fits = step.iter().all(|term| self.pixels[term.bin()] + STEP as u32 <= self.most);
        if !fits {
            self.pixels.fill(0);
        }
        for term in step.iter().filter(|term| term.weights() != 0) {
            self.pixels[term.bin()] += GROUP as u32;
        }
        !fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use debye_spec::Entry;

    #[test]
    fn terms_of_a_split_table_hold_each_weight_once() {
        let entries = [Entry::new(3, 32), Entry::new(4, 32), Entry::new(4, 64), Entry::new(3, 4), Entry::new(9, 60)];
        let table =
            Table { bins: 10, masked: &[false, false, false, true], starts: &[0, 2, 3, 5, 5], entries: &entries };
        let terms = Terms::new(table);
        assert_eq!((terms.shift(), terms.whole(), terms.pixels(), terms.bins()), (2, 16, 4, 10));
        let (all, starts) = terms.of(0..1);
        assert_eq!(starts, [0, TOGETHER as u32]);
        let mut all: Vec<_> =
            all[..3].iter().map(|term| (term.bin(), term.group(), term.weights().to_le_bytes())).collect();
        all.sort();
        assert_eq!(all, [(3, 0, [8, 0, 1, 0]), (4, 0, [8, 16, 0, 0]), (9, 0, [0, 0, 15, 0])]);
        assert!(terms.of(0..1).0[3..].iter().all(|term| term.weights() == 0 && [3, 4, 9].contains(&term.bin())));
        assert_eq!(terms.unmasked(0, 8), [0b0111]);
        assert!(terms.is_masked(3) && !terms.is_masked(0));
    }

    #[test]
    #[cfg_attr(miri, ignore = "takes minutes")]
    fn terms_of_one_bin_name_limits_before_sums_overflow() {
        let pixels = 100_000;
        let entries: Vec<Entry> = (0..pixels).map(|_| Entry::new(0, 63)).collect();
        let starts: Vec<u32> = (0..=pixels).collect();
        let table = Table { bins: 1, masked: &vec![false; pixels as usize], starts: &starts, entries: &entries };
        let terms = Terms::new(table);
        let (mut from, mut segments) = (0, 0);
        while from < usize::MAX {
            let to = terms.limit_after(from);
            let pixels = (to.min(pixels as usize / STEP + 1) - from) * STEP;
            assert!(pixels as u64 * 1024 * 255 <= u64::from(u32::MAX), "{pixels} pixels");
            (from, segments) = (to, segments + 1);
        }
        assert!(segments > 6, "{segments}");
    }
}
