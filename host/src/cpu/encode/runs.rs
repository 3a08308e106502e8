//! The longest run of zeros so far, found on the way from match to match.
//!
//! Not every run is looked at. One that could be remembered has 8 zeros or more, of which offset 1 makes a match, so a
//! match starts or ends in it or just behind it; but for those with bytes other than 0 on both sides that a match with the
//! plane before goes over as a whole. They are like a run of that plane, which is as long and known. So it is enough
//! to look at the runs around the first byte of a match and around the first behind it.

use super::mask::NEAR;
use super::masks::Masks;
use debye_spec::matches::{MIN_RUN, WORD};

/// A run of zeros that was the longest when it ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    /// Its first byte.
    pub start: usize,
    /// Its bytes; 0: there is none.
    pub length: usize,
}

impl Run {
    /// The first byte that sees it: the word behind the one of the byte that ended it.
    fn seen_from(&self) -> usize {
        (self.start + self.length) / WORD * WORD + WORD
    }
}

/// The runs of a block.
#[derive(Debug, Default)]
pub struct Runs {
    /// The longest that the last start saw.
    pub known: Run,
    /// All that were the longest when they were found, in their order.
    found: Vec<Run>,
    /// How many of them were seen.
    seen: usize,
    /// From where on the next of them is seen.
    seen_from: usize,
    /// A run is found if it is longer.
    longest: usize,
}

impl Runs {
    /// Forgets all, for a new block.
    #[inline(always)]
    pub fn clear(&mut self) {
        self.found.clear();
        (self.known, self.seen, self.seen_from, self.longest) = (Run::default(), 0, usize::MAX, MIN_RUN - 1);
    }

    /// A match may start at `at`: what it sees becomes known.
    #[inline(always)]
    pub fn see(&mut self, at: usize) {
        while at >= self.seen_from
            && let Some(&run) = self.found.get(self.seen)
        {
            self.known = run;
            self.seen += 1;
            self.seen_from = self.found.get(self.seen).map_or(usize::MAX, Run::seen_from);
        }
    }

    /// A match went from `at`, where `zeros` bytes are 0, to `end`: finds the runs there. With the first, zeros become
    /// a source.
    ///
    /// # Safety
    /// `at` and `end` lie in the masks or just behind them.
    #[inline(always)]
    pub unsafe fn note(&mut self, masks: &mut Masks, at: usize, zeros: usize, end: usize) {
        // SAFETY: the caller's.
        let (before_start, before_end, behind_end) =
            unsafe { (masks.zero.behind(at), masks.zero.behind(end), masks.zero.ahead(end)) };
        let before = before_start.leading_ones() as usize;
        if (before + zeros > self.longest) | (before >= NEAR) {
            let before = if before < NEAR { before } else { masks.zero.ones_up_to(at) };
            self.find(masks, Run { start: at - before, length: before + zeros });
        }
        let (before, behind) = (before_end.leading_ones() as usize, behind_end.trailing_ones() as usize);
        let long = (before + behind > self.longest) | (before >= NEAR) | (behind >= NEAR);
        // Else it is the same run.
        if (at + zeros < end) & long {
            let before = masks.zero.ones_up_to(end);
            self.find(masks, Run { start: end - before, length: before + masks.zero.ones_from(end) });
        }
    }

    #[inline(always)]
    fn find(&mut self, masks: &mut Masks, run: Run) {
        if run.length <= self.longest {
            return;
        }
        if self.found.is_empty() {
            masks.add_zeros(run.seen_from());
        }
        if self.seen == self.found.len() {
            self.seen_from = run.seen_from();
        }
        self.longest = run.length;
        self.found.push(run);
    }
}
