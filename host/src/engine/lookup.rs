//! The table as the CPU kernel reads it: one word a pixel, so that a pixel costs one load and no branch on how many
//! entries it has.

use crate::table::Table;
use debye_spec::Entry;

/// What a pixel adds to: at most four neighbouring bins. Anything else is told to be looked up in the table itself.
///
/// ```text
/// bits 0..25  first bin      bits 32..39, 39..46, 46..53, 53..60  weights of it and of the three bins behind it
/// bit 62      masked         bit 63  other bins than that: see the table
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(u64);

/// Bins of a word.
pub const NEIGHBOURS: usize = 4;

const WEIGHTS_AT: u32 = 32;
const WEIGHT_BITS: u32 = 7;
const MASKED: u64 = 1 << 62;
const ELSEWHERE: u64 = 1 << 63;

impl Word {
    fn of(masked: bool, entries: &[Entry]) -> Word {
        if masked {
            return Word(MASKED);
        }
        let Some(first) = entries.first() else { return Word(0) };
        let mut word = u64::from(first.bin());
        for entry in entries {
            let behind = entry.bin() - first.bin();
            if behind as usize >= NEIGHBOURS {
                return Word(ELSEWHERE);
            }
            word |= u64::from(entry.weight()) << (WEIGHTS_AT + WEIGHT_BITS * behind);
        }
        Word(word)
    }

    /// The first bin.
    #[inline(always)]
    pub fn bin(self) -> usize {
        (self.0 & 0xffff_ffff) as usize
    }

    /// Weights of the first bin and of the three behind it.
    #[inline(always)]
    pub fn weights(self) -> [u64; NEIGHBOURS] {
        std::array::from_fn(|behind| self.0 >> (WEIGHTS_AT + WEIGHT_BITS * behind as u32) & 0x7f)
    }

    /// Whether the third or the fourth bin has a weight. False for most pixels where bins are as wide as pixels.
    #[inline(always)]
    pub fn is_wide(self) -> bool {
        self.0 >> (WEIGHTS_AT + WEIGHT_BITS * 2) & 0x3fff != 0
    }

    /// Whether the word says all: the pixel is not masked, and its bins are in the word.
    #[inline(always)]
    pub fn is_plain(self) -> bool {
        self.0 < MASKED
    }

    /// Whether the mask excludes the pixel.
    pub fn is_masked(self) -> bool {
        self.0 == MASKED
    }
}

/// The words of all pixels.
#[derive(Debug)]
pub struct Lookup {
    words: Vec<Word>,
}

impl Lookup {
    /// The words of a table.
    pub fn new(table: &Table) -> Lookup {
        let spec = table.spec();
        let words = table.masked.iter().enumerate();
        Lookup { words: words.map(|(pixel, &masked)| Word::of(masked, spec.entries_of(pixel))).collect() }
    }

    /// The words of `count` pixels from `first` on.
    pub fn words(&self, first: usize, count: usize) -> &[Word] {
        &self.words[first..first + count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_of_each_kind_of_pixel_says_what_it_is() {
        let entry = Entry::new;
        let one = Word::of(false, &[entry(70_000, 64)]);
        assert!(one.is_plain() && (one.bin(), one.weights()) == (70_000, [64, 0, 0, 0]));
        let two = Word::of(false, &[entry(7, 60), entry(8, 4)]);
        assert!(two.is_plain() && (two.bin(), two.weights()) == (7, [60, 4, 0, 0]));
        assert!(!one.is_wide() && !two.is_wide());
        let wide = Word::of(false, &[entry(7, 16), entry(9, 32), entry(10, 16)]);
        assert!(wide.is_plain() && wide.is_wide() && (wide.bin(), wide.weights()) == (7, [16, 0, 32, 16]));
        let apart = Word::of(false, &[entry(7, 4), entry(11, 4)]);
        assert!(!apart.is_plain() && !apart.is_masked());
        assert!(Word::of(true, &[]).is_masked() && !Word::of(true, &[]).is_plain());
        assert!(Word::of(false, &[]).is_plain() && Word::of(false, &[]).weights() == [0; NEIGHBOURS]);
        let last = Word::of(false, &[entry(debye_spec::bounds::MAX_BINS - 1, 1)]);
        assert_eq!(last.bin(), debye_spec::bounds::MAX_BINS as usize - 1);
    }
}
