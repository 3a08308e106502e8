//! The table as the CPU kernel reads it: one word a pixel, so that a pixel costs one load and no branch on how many
//! entries it has.

use crate::table::Table;
use debye_spec::Entry;

/// What a pixel adds to: at most two neighbouring bins. Anything else is told to be looked up in the table itself.
///
/// ```text
/// bits 0..25  first bin      bits 32..39  its weight      bits 40..47  weight of the bin behind it
/// bit 62      masked         bit 63       more bins than that: see the table
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(u64);

const MASKED: u64 = 1 << 62;
const ELSEWHERE: u64 = 1 << 63;

impl Word {
    fn of(masked: bool, entries: &[Entry]) -> Word {
        let pair = |first: Entry, second: u32| {
            Word(u64::from(first.bin()) | u64::from(first.weight()) << 32 | u64::from(second) << 40)
        };
        match *entries {
            _ if masked => Word(MASKED),
            [] => Word(0),
            [one] => pair(one, 0),
            [one, two] if two.bin() == one.bin() + 1 => pair(one, two.weight()),
            _ => Word(ELSEWHERE),
        }
    }

    /// The first bin.
    #[inline(always)]
    pub fn bin(self) -> usize {
        (self.0 & 0xffff_ffff) as usize
    }

    /// Weights of the first bin and of the one behind it.
    #[inline(always)]
    pub fn weights(self) -> [u64; 2] {
        [self.0 >> 32 & 0x7f, self.0 >> 40 & 0x7f]
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
        assert!(one.is_plain() && (one.bin(), one.weights()) == (70_000, [64, 0]));
        let two = Word::of(false, &[entry(7, 60), entry(8, 4)]);
        assert!(two.is_plain() && (two.bin(), two.weights()) == (7, [60, 4]));
        for apart in [&[entry(7, 4), entry(9, 4)][..], &[entry(7, 4), entry(8, 4), entry(9, 4)]] {
            let word = Word::of(false, apart);
            assert!(!word.is_plain() && !word.is_masked());
        }
        assert!(Word::of(true, &[]).is_masked() && !Word::of(true, &[]).is_plain());
        assert!(Word::of(false, &[]).is_plain() && Word::of(false, &[]).weights() == [0, 0]);
        let last = Word::of(false, &[entry(debye_spec::bounds::MAX_BINS - 1, 1)]);
        assert_eq!(last.bin(), debye_spec::bounds::MAX_BINS as usize - 1);
    }
}
