//! LZ4 block decode ("LZ4 Block Format Description", lz4/doc/lz4_Block_format.md).
//!
//! A block is a row of sequences: token, literal length extension, literals, offset, match length extension.
//! The last sequence has literals only and ends with the input. The output's length is known beforehand and
//! must be met exactly. The format's rules for encoders (five last bytes literal, no match in the last twelve)
//! are not demanded of a decoder, here or in gateware.

/// What is wrong with an LZ4 block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lz4Fault {
    /// The input ended where a sequence's token should stand (an empty block, or no last literals).
    TokenMissing,
    /// The input ended within the extension bytes of a literal length.
    LiteralLengthTruncated,
    /// Fewer input bytes are left than the literals need.
    LiteralsTruncated,
    /// Fewer than two input bytes are left for the offset.
    OffsetTruncated,
    /// The offset is 0.
    OffsetZero,
    /// The offset reaches before the start of the block.
    OffsetBeforeBlock,
    /// The input ended within the extension bytes of a match length.
    MatchLengthTruncated,
    /// A sequence makes more output than the block has.
    OutputOverrun,
    /// The input ended before the output was full.
    OutputUnderrun,
}

/// A fault and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lz4Error {
    /// What is wrong.
    pub fault: Lz4Fault,
    /// Byte of the block's compressed data at which the offending field starts.
    pub at: usize,
    /// Output bytes made so far.
    pub made: usize,
}

/// One sequence of a block, as [`Sequences`] walks over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Input position of the token.
    pub at: usize,
    /// Input position of the first literal.
    pub literals_at: usize,
    /// Number of literal bytes.
    pub literals: usize,
    /// Offset and length of the match; `None` in the last sequence.
    pub copy: Option<(usize, usize)>,
}

/// Parses a block's sequences without making output, with every check that decoding makes.
#[derive(Clone, Debug)]
pub struct Sequences<'a> {
    input: &'a [u8],
    at: usize,
    made: usize,
    size: usize,
    ended: bool,
}

impl<'a> Sequences<'a> {
    /// Walks over `input`, which must make exactly `size` bytes.
    pub fn new(input: &'a [u8], size: usize) -> Self {
        Sequences { input, at: 0, made: 0, size, ended: false }
    }

    fn error(&self, fault: Lz4Fault, at: usize) -> Lz4Error {
        Lz4Error { fault, at, made: self.made }
    }

    /// A length's nibble with its extension bytes; `Err` when the input ends within them.
    fn length(&mut self, nibble: u8, truncated: Lz4Fault) -> Result<usize, Lz4Error> {
        let start = self.at;
        let mut length = nibble as usize;
        if nibble == 15 {
            loop {
                let byte = *self.input.get(self.at).ok_or(self.error(truncated, start))?;
                self.at += 1;
                length = length.saturating_add(byte as usize);
                if byte != 255 {
                    break;
                }
            }
        }
        Ok(length)
    }

    fn sequence(&mut self) -> Result<Sequence, Lz4Error> {
        let at = self.at;
        let token = *self.input.get(at).ok_or(self.error(Lz4Fault::TokenMissing, at))?;
        self.at += 1;

        let literals = self.length(token >> 4, Lz4Fault::LiteralLengthTruncated)?;
        let literals_at = self.at;
        if literals > self.size - self.made {
            return Err(self.error(Lz4Fault::OutputOverrun, at));
        }
        if literals > self.input.len() - self.at {
            return Err(self.error(Lz4Fault::LiteralsTruncated, literals_at));
        }
        self.at += literals;
        self.made += literals;

        if self.at == self.input.len() {
            self.ended = true;
            if self.made < self.size {
                return Err(self.error(Lz4Fault::OutputUnderrun, self.at));
            }
            return Ok(Sequence { at, literals_at, literals, copy: None });
        }

        let offset_at = self.at;
        let (Some(&low), Some(&high)) = (self.input.get(offset_at), self.input.get(offset_at + 1)) else {
            return Err(self.error(Lz4Fault::OffsetTruncated, offset_at));
        };
        let offset = u16::from_le_bytes([low, high]) as usize;
        self.at += 2;
        if offset == 0 {
            return Err(self.error(Lz4Fault::OffsetZero, offset_at));
        }
        if offset > self.made {
            return Err(self.error(Lz4Fault::OffsetBeforeBlock, offset_at));
        }
        let length = self.length(token & 15, Lz4Fault::MatchLengthTruncated)?.saturating_add(4);
        if length > self.size - self.made {
            return Err(self.error(Lz4Fault::OutputOverrun, at));
        }
        self.made += length;
        Ok(Sequence { at, literals_at, literals, copy: Some((offset, length)) })
    }
}

impl Iterator for Sequences<'_> {
    type Item = Result<Sequence, Lz4Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.sequence();
        if item.is_err() {
            self.ended = true;
        }
        Some(item)
    }
}

/// Decodes one block of `input` into the whole of `output`.
///
/// # Errors
/// [`Lz4Error`] at the first fault; `output` then holds what was made so far.
pub fn decode(input: &[u8], output: &mut [u8]) -> Result<(), Lz4Error> {
    let mut made = 0;
    for sequence in Sequences::new(input, output.len()) {
        let sequence = sequence?;
        for i in 0..sequence.literals {
            output[made] = input[sequence.literals_at + i];
            made += 1;
        }
        if let Some((offset, length)) = sequence.copy {
            // A match may overlap what it makes: the bytes go one by one.
            for _ in 0..length {
                output[made] = output[made - offset];
                made += 1;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decode_overlapping_match_repeats() {
        let mut out = [0; 9];
        decode(&[0x14, b'a', 1, 0, 0x00], &mut out).unwrap();
        assert_eq!(&out, b"aaaaaaaaa");
    }

    #[test]
    fn decode_each_fault_has_its_place() {
        use Lz4Fault::*;
        let cases: &[(&[u8], usize, Lz4Fault, usize, usize)] = &[
            (&[], 4, TokenMissing, 0, 0),
            (&[0xf0], 40, LiteralLengthTruncated, 1, 0),
            (&[0xf0, 255], 400, LiteralLengthTruncated, 1, 0),
            (&[0x40, 1, 2], 4, LiteralsTruncated, 1, 0),
            (&[0x10, 1, 1], 8, OffsetTruncated, 2, 1),
            (&[0x10, 1, 0, 0], 8, OffsetZero, 2, 1),
            (&[0x10, 1, 2, 0], 8, OffsetBeforeBlock, 2, 1),
            (&[0x1f, 1, 1, 0], 80, MatchLengthTruncated, 4, 1),
            (&[0x30, 1, 2, 3], 2, OutputOverrun, 0, 0),
            (&[0x10, 1, 1, 0], 4, OutputOverrun, 0, 1),
            (&[0x20, 1, 2], 4, OutputUnderrun, 3, 2),
            (&[0x10, 1, 1, 0], 5, TokenMissing, 4, 5),
        ];
        for &(input, size, fault, at, made) in cases {
            let mut out = [0; 512];
            assert_eq!(decode(input, &mut out[..size]), Err(Lz4Error { fault, at, made }), "{input:x?} to {size}");
        }
    }
}
