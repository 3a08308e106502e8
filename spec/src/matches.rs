//! Which matches the encoder takes: the rules that make its LZ4 blocks one definite row of bytes.
//!
//! A block of bit-planes repeats itself in three ways, and no table of hashes is needed to find them:
//!
//! - [`Source::Before`]: the byte before (offset 1): runs of any byte, above all of zeros.
//! - [`Source::Plane`]: the plane before (offset P, the bytes of one bit-plane): a gap or a dead pixel sets the same
//!   bits in every plane. It is there only if P is a multiple of 8, so that hardware reads whole words, and at most
//!   65535; the first P bytes have no plane before them.
//! - [`Source::Zeros`]: the longest run of zeros so far: after a lone set bit, zeros go on at once, where offset 1
//!   would first need one of them as a literal.
//!
//! # The rules
//!
//! A block has `n` bytes; *word* k is its bytes 8k to 8k + 7. The encoder walks from byte to byte, greedily, and
//! never goes back. At byte `i`, where no match is under way, it takes a match unless one of these holds:
//!
//! 1. `i + 12 > n` (LZ4's end rule for starts; matches end at byte `n - 5` at the latest, which cuts their length).
//! 2. A match has started in the word of `i` already. One start a word is what hardware can do in one cycle.
//! 3. No source gives [`MIN_MATCH`] bytes.
//!
//! The length that a source gives is counted from `i` on for as long as its bytes agree with the block's; for `Zeros`,
//! for as long as the bytes are 0, whatever the length of the remembered run. The longest wins; of equals the first in
//! the order `Before`, `Plane`, `Zeros`.
//!
//! A match with `Zeros` of m bytes at `i`, where the remembered run starts at `s` and has `l` bytes, is written as
//!
//! - offset `i - s`, m bytes from `i` on, if m <= l;
//! - one more literal (byte `i`, a zero) and offset 1, m - 1 bytes from `i + 1` on, if m > l.
//!
//! Rule 2 counts it as started at `i` either way. (m > l >= 8, so the rule for starts holds at `i + 1` too.)
//!
//! The memory of `Zeros` is empty when a block starts. A run of zeros, as long as it can be on both sides and ended by a
//! byte that is not 0, is remembered if it has at least [`MIN_RUN`] bytes and more than the one that is remembered. It
//! is seen from the word after that of the byte that ended it: at `i`, runs count that ended before the word of `i`.
//! (A match that lasts keeps the memory it started with.) `Zeros` is there if a run is remembered that starts at most
//! 65535 bytes before `i`.
//!
//! # In hardware
//!
//! Eight bytes a cycle: three masks a word (equal to the byte before, equal to the plane before, zero), the starts that
//! they allow with three bytes of the next word, and three bits of state that tell which sources still go on. A run of
//! zeros that is at least 8 long and ends in a word began before it, so one counter follows them.
//!
//! Literals are written behind their length, and the length of a block before its data. So the block of planes is kept
//! (two blocks of `n` bytes in ping-pong) with its sequences (at most one a word and the last literals: `n / 8 + 1` of
//! 14 bits literals, 14 bits match, 16 bits offset for 8 KiB), while the next block is searched; the length of the LZ4
//! data is the sum over the sequences, known when the search ends. One sequence a word also bounds the time to write.

use core::ops::Range;

/// Shortest match: LZ4's own.
pub const MIN_MATCH: usize = 4;

/// Shortest run of zeros that is remembered: a word.
pub const MIN_RUN: usize = 8;

/// Bytes of a word, in which at most one match starts.
pub const WORD: usize = 8;

/// A match starts at least so many bytes before the end of its block (LZ4's `MFLIMIT`).
pub const LAST_START: usize = 12;

/// So many last bytes of a block are literals (LZ4's `LASTLITERALS`).
pub const LAST_LITERALS: usize = 5;

/// Largest offset that LZ4 can write.
pub const MAX_OFFSET: usize = 65_535;

/// What a match repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The byte before: offset 1.
    Before,
    /// The bit-plane before: offset P.
    Plane,
    /// The longest run of zeros so far.
    Zeros,
}

/// Bytes that stand for themselves, and the match behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The literals' place in the block.
    pub literals: Range<usize>,
    /// Offset and length of the match; `None` behind the last literals.
    pub copy: Option<(usize, usize)>,
}

/// The pieces of one block of bit-planes, in order.
#[derive(Clone, Debug)]
pub struct Matches<'a> {
    planes: &'a [u8],
    /// Bytes of a bit-plane, where `Plane` is a source.
    plane: Option<usize>,
    /// Where the next piece's literals start.
    anchor: usize,
    /// The word in which the last match started.
    started: Option<usize>,
    zeros: Zeros,
    ended: bool,
}

/// The runs of zeros that have ended.
#[derive(Clone, Debug, Default)]
struct Zeros {
    /// Bytes looked at.
    seen: usize,
    /// Zeros up to there.
    running: usize,
    /// Start and length of the longest that ended.
    longest: Option<(usize, usize)>,
}

impl Zeros {
    /// Looks at the bytes before `end`.
    fn look(&mut self, planes: &[u8], end: usize) {
        for (at, &byte) in planes.iter().enumerate().take(end).skip(self.seen) {
            if byte == 0 {
                self.running += 1;
                continue;
            }
            let known = self.longest.map_or(MIN_RUN - 1, |(_, length)| length);
            if self.running > known {
                self.longest = Some((at - self.running, self.running));
            }
            self.running = 0;
        }
        self.seen = self.seen.max(end);
    }
}

impl<'a> Matches<'a> {
    /// The pieces of `planes`, the bit-planes of elements of `element_size` bytes.
    pub fn new(planes: &'a [u8], element_size: usize) -> Self {
        let plane = planes.len() / (8 * element_size.max(1));
        let usable = plane > 0 && plane.is_multiple_of(WORD) && plane <= MAX_OFFSET;
        Matches {
            planes,
            plane: usable.then_some(plane),
            anchor: 0,
            started: None,
            zeros: Zeros::default(),
            ended: false,
        }
    }

    /// Bytes from `at` on that equal those `offset` before them; 0 where there are none before.
    fn equal(&self, at: usize, offset: usize) -> usize {
        if offset > at {
            return 0;
        }
        let end = self.planes.len().saturating_sub(LAST_LITERALS);
        (at..end).take_while(|&byte| self.planes[byte] == self.planes[byte - offset]).count()
    }

    /// Bytes from `at` on that are 0.
    fn zeros(&self, at: usize) -> usize {
        let end = self.planes.len().saturating_sub(LAST_LITERALS);
        (at..end).take_while(|&byte| self.planes[byte] == 0).count()
    }

    /// The best source for a match at `at` and the bytes that it gives. The memory of zeros is up to date.
    fn best(&self, at: usize) -> (Source, usize) {
        let mut best = (Source::Before, self.equal(at, 1));
        if let Some(plane) = self.plane {
            let length = self.equal(at, plane);
            if length > best.1 {
                best = (Source::Plane, length);
            }
        }
        if let Some((start, _)) = self.zeros.longest
            && at - start <= MAX_OFFSET
        {
            let length = self.zeros(at);
            if length > best.1 {
                best = (Source::Zeros, length);
            }
        }
        best
    }

    /// The piece whose match is found at `at`, with `length` bytes of `source`.
    fn piece(&self, at: usize, source: Source, length: usize) -> Piece {
        let (start, offset) = match (source, self.plane, self.zeros.longest) {
            (Source::Plane, Some(plane), _) => (at, plane),
            (Source::Zeros, _, Some((run, known))) if length <= known => (at, at - run),
            (Source::Zeros, _, _) => (at + 1, 1),
            _ => (at, 1),
        };
        Piece { literals: self.anchor..start, copy: Some((offset, at + length - start)) }
    }
}

impl Iterator for Matches<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        if self.ended {
            return None;
        }
        let size = self.planes.len();
        let mut at = self.anchor;
        while at + LAST_START <= size {
            let word = at / WORD;
            self.zeros.look(self.planes, word * WORD);
            if self.started != Some(word) {
                let (source, length) = self.best(at);
                if length >= MIN_MATCH {
                    let piece = self.piece(at, source, length);
                    self.started = Some(word);
                    self.anchor = at + length;
                    return Some(piece);
                }
            }
            at += 1;
        }
        self.ended = true;
        Some(Piece { literals: self.anchor..size, copy: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;

    /// Literals and match of a piece.
    type Taken = (Range<usize>, Option<(usize, usize)>);

    fn pieces(planes: &[u8], element_size: usize) -> Vec<Taken> {
        Matches::new(planes, element_size).map(|piece| (piece.literals, piece.copy)).collect()
    }

    #[test]
    fn matches_of_a_short_block_are_none() {
        for size in 0..13 {
            assert_eq!(pieces(&vec![7; size], 1), [(0..size, None)]);
        }
        assert_eq!(pieces(&[7; 13], 1), [(0..1, Some((1, 7))), (8..13, None)]);
    }

    #[test]
    fn matches_second_start_in_a_word_waits_for_the_next() {
        // Runs of four: the one at byte 4 starts in the word of the one at byte 1, so its match starts at byte 8.
        let mut planes = vec![1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2];
        planes.extend(3..20);
        assert_eq!(pieces(&planes, 1), [(0..1, Some((1, 4))), (5..8, Some((1, 5))), (13..30, None)]);
    }

    #[test]
    fn matches_plane_of_uneven_size_is_no_source() {
        let plane: Vec<u8> = (1..=16).collect();
        let even = plane.repeat(8);
        assert_eq!(pieces(&even, 1), [(0..16, Some((16, 107))), (123..128, None)]);
        let odd = plane[..15].repeat(8);
        assert_eq!(pieces(&odd, 1), [(0..120, None)]);
    }

    #[test]
    fn matches_zeros_within_the_known_run_take_its_offset() {
        // A run of 10 zeros ends at byte 11; nine zeros follow it a word later, then twelve.
        let mut planes = vec![9];
        planes.extend([0; 10]);
        planes.extend([9, 8, 7, 6, 5, 4]);
        planes.extend([0; 9]);
        planes.extend([3, 2]);
        planes.extend([0; 12]);
        planes.extend(20..40);
        assert_eq!(
            pieces(&planes, 1),
            [
                (0..2, Some((1, 9))),
                (11..17, Some((16, 9))),
                // Longer than the run of 10: a zero as literal and offset 1.
                (26..29, Some((1, 11))),
                (40..60, None),
            ]
        );
    }

    #[test]
    fn matches_run_that_ends_in_the_same_word_is_not_yet_known() {
        // The run ends at byte 9 and zeros go on at byte 10, in the same word: offset 1 at byte 11.
        let mut planes = vec![9];
        planes.extend([0; 8]);
        planes.push(9);
        planes.extend([0; 8]);
        planes.extend(20..40);
        assert_eq!(pieces(&planes, 1), [(0..2, Some((1, 7))), (9..11, Some((1, 7))), (18..38, None)]);
    }
}
