//! One bit a byte of a block: equal to the byte before, equal to the plane before, zero; and the runs of zeros that the
//! rules remember.

use super::SLACK;
use debye_spec::matches::{MIN_RUN, WORD};

/// Bytes that one word of a mask tells of.
pub const BITS: usize = 64;

/// A run of zeros that was the longest when it ended.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Its first byte.
    pub start: usize,
    /// Its bytes.
    pub length: usize,
}

impl Run {
    /// The first byte that sees it: the word behind the one of the byte that ended it.
    pub fn seen_from(&self) -> usize {
        (self.start + self.length) / WORD * WORD + WORD
    }
}

/// The masks of a block, each with two words of zeros behind its last.
#[derive(Debug, Default)]
pub struct Masks {
    /// Equal to the byte before.
    pub before: Vec<u64>,
    /// Equal to the byte a plane before.
    pub plane: Vec<u64>,
    /// Zero.
    pub zero: Vec<u64>,
    /// A match may start here.
    pub starts: Vec<u64>,
    /// A bit for each word of `starts` that is not 0.
    pub busy: Vec<u64>,
    /// The runs, each longer than the last.
    pub runs: Vec<Run>,
    words: usize,
}

impl Masks {
    /// Makes room for a block of `size` bytes.
    pub fn prepare(&mut self, size: usize) {
        self.words = size.div_ceil(BITS);
        for mask in [&mut self.before, &mut self.plane, &mut self.zero, &mut self.starts] {
            // Two words behind the last: who looks at a word looks at the next.
            if mask.len() < self.words + 2 {
                mask.resize(self.words + 2, 0);
            }
            mask[self.words..self.words + 2].fill(0);
        }
        self.runs.clear();
        self.busy.clear();
        self.busy.resize(self.words.div_ceil(BITS), 0);
    }

    #[cfg(target_arch = "x86_64")]
    /// Words that the block has.
    pub fn words(&self) -> usize {
        self.words
    }

    /// From the masks as they were compared to what the walk needs: no match from byte `end` on, the runs, and where four
    /// bytes follow each other in one of the masks. Gives the words that may have starts.
    #[inline(always)]
    pub fn finish(&mut self, end: usize) -> usize {
        self.find_runs();
        let words = self.words;
        let from = (end / BITS).min(words);
        for mask in [&mut self.before, &mut self.plane, &mut self.zero] {
            if let Some(word) = mask.get_mut(from) {
                *word &= !(!0 << (end % BITS));
            }
            mask[(from + 1).min(words)..words].fill(0);
        }
        // Zeros are a source from where the first run is seen on.
        let zeros_from = self.runs.first().map_or(usize::MAX, Run::seen_from);
        let whole = (zeros_from / BITS + 1).min(words);
        let zeros = &self.zero[..words + 1];
        let (before, plane) = (&self.before[..words + 1], &self.plane[..words + 1]);
        for (k, starts) in self.starts[..words].iter_mut().enumerate() {
            *starts = four(before[k], before[k + 1]) | four(plane[k], plane[k + 1]);
        }
        if whole <= words && zeros_from / BITS < words {
            let k = whole - 1;
            self.starts[k] |= four(zeros[k], zeros[k + 1]) & (!0 << (zeros_from % BITS));
            for (k, starts) in self.starts[..words].iter_mut().enumerate().skip(whole) {
                *starts |= four(zeros[k], zeros[k + 1]);
            }
        }
        for (group, busy) in self.starts[..words].chunks(BITS).zip(&mut self.busy) {
            for (bit, &starts) in group.iter().enumerate() {
                *busy |= u64::from(starts != 0) << bit;
            }
        }
        words
    }

    /// Finds the runs of zeros that are longer than all before them. The last run of a block ends at no byte and counts
    /// for nothing.
    #[inline(always)]
    fn find_runs(&mut self) {
        let mut running = 0;
        let mut longest = MIN_RUN - 1;
        for (k, &word) in self.zero[..self.words].iter().enumerate() {
            if word == !0 {
                running += BITS;
                continue;
            }
            let first = word.trailing_ones() as usize;
            if running + first > longest {
                longest = running + first;
                self.runs.push(Run { start: k * BITS - running, length: longest });
            }
            running = word.leading_ones() as usize;
            // Runs within the word: only those that could be longer are looked at.
            if longest < BITS - 2 {
                let mut inner = word & word.wrapping_add(1) & (!0 >> running);
                while inner.count_ones() as usize > longest {
                    let start = inner.trailing_zeros() as usize;
                    let length = (inner >> start).trailing_ones() as usize;
                    if length > longest {
                        longest = length;
                        self.runs.push(Run { start: k * BITS + start, length });
                    }
                    inner &= !(((1 << length) - 1) << start);
                }
            }
        }
    }
}

/// Where four bits follow each other.
#[inline(always)]
fn four(word: u64, next: u64) -> u64 {
    let two = word & (word >> 1 | next << 63);
    let next = next & next >> 1;
    two & (two >> 2 | next << 62)
}

/// The masks of a block, eight bytes at a time.
pub fn portable(planes: &[u8], size: usize, plane: Option<usize>, masks: &mut Masks) {
    let word = |at: usize| planes[at..].first_chunk().copied().map_or(0, u64::from_le_bytes);
    let offset = plane.unwrap_or(0);
    for k in 0..masks.words {
        let (mut before, mut same, mut zero) = (0, 0, 0);
        for byte in 0..8 {
            let at = SLACK + k * BITS + byte * 8;
            let here = word(at);
            before |= zero_bytes(here ^ word(at - 1)) << (8 * byte);
            zero |= zero_bytes(here) << (8 * byte);
            if k * BITS + byte * 8 >= offset {
                same |= zero_bytes(here ^ word(at - offset)) << (8 * byte);
            }
        }
        masks.before[k] = before;
        masks.plane[k] = if plane.is_some() { same } else { 0 };
        masks.zero[k] = zero;
    }
    tidy(size, masks);
}

/// Which of the eight bytes are zero: bit i for byte i.
#[inline(always)]
fn zero_bytes(word: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let zero = !(((word & LOW) + LOW) | word | LOW);
    (zero >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Takes out what was compared beyond the block: byte 0 has none before it, and behind the last is no zero.
#[inline(always)]
pub fn tidy(size: usize, masks: &mut Masks) {
    if let Some(first) = masks.before.first_mut() {
        *first &= !1;
    }
    if !size.is_multiple_of(BITS) {
        masks.zero[size / BITS] &= !(!0 << (size % BITS));
    }
}
