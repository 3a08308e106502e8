//! Framing of a bslz4 chunk (HDF5 filter 32008, bitshuffle's `bshuf_h5filter.c`).
//!
//! ```text
//! u64 BE  bytes of the pixels            u32 BE  bytes of a block
//! per block:  u32 BE  bytes of its LZ4 data, then that data
//! tail:  the pixels after the last multiple of 8, as they are
//! ```
//!
//! Every block is full but the last, which is rounded down to a multiple of 8 elements. There is no escape for
//! blocks stored raw. The element size is not in the chunk: the job names it.

use crate::bitshuffle::{self, GROUP};
use crate::element::Element;
use crate::lz4::{self, Lz4Error, Lz4Fault};
use core::fmt;
use core::ops::Range;

/// Bytes of the chunk header.
pub const HEADER_BYTES: usize = 12;

/// Bytes of the length before each block.
pub const LENGTH_BYTES: usize = 4;

/// Every way in which a chunk can be wrong. `block` counts from 0, `byte` is an offset into the chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChunkError {
    /// Fewer than 12 bytes.
    HeaderTruncated {
        /// Bytes there are.
        have: usize,
    },
    /// The header states another number of bytes than the frame's pixels have.
    SizeMismatch {
        /// Bytes stated.
        stated: u64,
        /// Bytes expected.
        expected: u64,
    },
    /// The header states the right number of pixels, but of another element size.
    ElementSizeMismatch {
        /// Element size that the chunk's length stands for.
        stated: usize,
        /// Element size of the job.
        expected: usize,
    },
    /// The block size is 0.
    BlockSizeZero,
    /// The block size is not a multiple of 8 elements.
    BlockSizeUneven {
        /// Bytes of a block as stated.
        block_bytes: u32,
        /// Bytes of 8 elements.
        unit: usize,
    },
    /// The chunk ends within the length of a block.
    LengthTruncated {
        /// Block.
        block: usize,
        /// Where the length starts.
        byte: usize,
        /// Bytes there are.
        have: usize,
    },
    /// A block's stated length runs past the end of the chunk.
    BlockTruncated {
        /// Block.
        block: usize,
        /// Where its data starts.
        byte: usize,
        /// Length stated.
        stated: u32,
        /// Bytes there are.
        have: usize,
    },
    /// A block's LZ4 data is wrong.
    Block {
        /// Block.
        block: usize,
        /// Where its data starts.
        byte: usize,
        /// The fault; its `at` counts from `byte`.
        error: Lz4Error,
    },
    /// The chunk ends within the unshuffled tail.
    TailTruncated {
        /// Where the tail starts.
        byte: usize,
        /// Bytes needed.
        need: usize,
        /// Bytes there are.
        have: usize,
    },
    /// Bytes are left after the tail.
    TrailingBytes {
        /// Where the chunk should have ended.
        byte: usize,
        /// Bytes too many.
        extra: usize,
    },
}

impl fmt::Display for ChunkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            ChunkError::HeaderTruncated { have } => {
                write!(f, "chunk of {have} bytes is shorter than its 12-byte header")
            }
            ChunkError::SizeMismatch { stated, expected } => {
                write!(f, "chunk header (byte 0) states {stated} bytes of pixels, the frame has {expected}")
            }
            ChunkError::ElementSizeMismatch { stated, expected } => {
                write!(f, "chunk header (byte 0) fits pixels of {stated} bytes, the data set's have {expected}")
            }
            ChunkError::BlockSizeZero => write!(f, "chunk header (byte 8) states a block size of 0"),
            ChunkError::BlockSizeUneven { block_bytes, unit } => {
                write!(
                    f,
                    "chunk header (byte 8) states blocks of {block_bytes} bytes, not a multiple of {unit} (8 pixels)"
                )
            }
            ChunkError::LengthTruncated { block, byte, have } => {
                write!(f, "block {block}: its length at byte {byte} has {have} of 4 bytes")
            }
            ChunkError::BlockTruncated { block, byte, stated, have } => {
                write!(f, "block {block}: {stated} bytes stated at byte {byte}, {have} left in the chunk")
            }
            ChunkError::Block { block, byte, error } => {
                write!(
                    f,
                    "block {block}, byte {}: {} (after making {} bytes)",
                    byte + error.at,
                    error.fault,
                    error.made
                )
            }
            ChunkError::TailTruncated { byte, need, have } => {
                write!(f, "tail at byte {byte}: {have} of {need} bytes")
            }
            ChunkError::TrailingBytes { byte, extra } => {
                write!(f, "{extra} bytes too many after the chunk's end at byte {byte}")
            }
        }
    }
}

impl core::error::Error for ChunkError {}

impl fmt::Display for Lz4Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lz4Fault::TokenMissing => "LZ4 data ends where a token should stand",
            Lz4Fault::LiteralLengthTruncated => "LZ4 data ends within a literal length",
            Lz4Fault::LiteralsTruncated => "LZ4 data ends within the literals",
            Lz4Fault::OffsetTruncated => "LZ4 data ends within an offset",
            Lz4Fault::OffsetZero => "LZ4 offset is 0",
            Lz4Fault::OffsetBeforeBlock => "LZ4 offset reaches before the block",
            Lz4Fault::MatchLengthTruncated => "LZ4 data ends within a match length",
            Lz4Fault::OutputOverrun => "LZ4 sequence makes more than the block holds",
            Lz4Fault::OutputUnderrun => "LZ4 data ends before the block is full",
        })
    }
}

/// A chunk's header, checked against the frame it should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkHeader {
    /// Bytes of the pixels.
    pub bytes: usize,
    /// Bytes of a full block.
    pub block_bytes: usize,
    /// Element size in bytes: from the job, not from the chunk.
    pub element_size: usize,
}

impl ChunkHeader {
    /// Reads the two fields as they stand: bytes of the pixels, bytes of a block.
    ///
    /// # Errors
    /// [`ChunkError::HeaderTruncated`].
    pub fn fields(chunk: &[u8]) -> Result<(u64, u32), ChunkError> {
        match chunk.first_chunk::<HEADER_BYTES>() {
            Some(&[a, b, c, d, e, f, g, h, i, j, k, l]) => {
                Ok((u64::from_be_bytes([a, b, c, d, e, f, g, h]), u32::from_be_bytes([i, j, k, l])))
            }
            None => Err(ChunkError::HeaderTruncated { have: chunk.len() }),
        }
    }

    /// Reads and checks the header of a chunk that should hold `pixels` pixels of type `element`.
    ///
    /// # Errors
    /// Header truncated, size or element size mismatch, block size 0 or uneven.
    pub fn read(chunk: &[u8], element: Element, pixels: usize) -> Result<ChunkHeader, ChunkError> {
        let (stated, block_bytes) = Self::fields(chunk)?;
        let size = element.size();
        let expected = pixels as u64 * size as u64;
        if stated != expected {
            for other in [1, 2, 4, 8] {
                if stated == pixels as u64 * other {
                    return Err(ChunkError::ElementSizeMismatch { stated: other as usize, expected: size });
                }
            }
            return Err(ChunkError::SizeMismatch { stated, expected });
        }
        let unit = GROUP * size;
        if block_bytes == 0 {
            return Err(ChunkError::BlockSizeZero);
        }
        if !(block_bytes as usize).is_multiple_of(unit) {
            return Err(ChunkError::BlockSizeUneven { block_bytes, unit });
        }
        Ok(ChunkHeader { bytes: pixels * size, block_bytes: block_bytes as usize, element_size: size })
    }

    /// Bytes of pixels that are in blocks; the rest is the tail.
    pub fn shuffled_bytes(&self) -> usize {
        let unit = GROUP * self.element_size;
        self.bytes / unit * unit
    }

    /// Number of blocks.
    pub fn blocks(&self) -> usize {
        self.shuffled_bytes().div_ceil(self.block_bytes)
    }

    /// The bytes of the frame that block `block` holds.
    pub fn block_range(&self, block: usize) -> Range<usize> {
        let end = self.shuffled_bytes();
        let start = block.saturating_mul(self.block_bytes).min(end);
        start..start.saturating_add(self.block_bytes).min(end)
    }
}

/// Where a block's LZ4 data stands in a chunk, and which bytes of the frame it makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Number of the block, from 0.
    pub index: usize,
    /// Bytes of the chunk that hold its LZ4 data.
    pub data: Range<usize>,
    /// Bytes of the frame that it makes.
    pub pixels: Range<usize>,
}

/// Walks over the blocks of a chunk and, behind them, checks the tail.
#[derive(Clone, Debug)]
pub struct Blocks<'a> {
    chunk: &'a [u8],
    header: ChunkHeader,
    index: usize,
    at: usize,
}

impl<'a> Blocks<'a> {
    /// The blocks of `chunk`, whose header was read.
    pub fn new(chunk: &'a [u8], header: ChunkHeader) -> Self {
        Blocks { chunk, header, index: 0, at: HEADER_BYTES }
    }

    /// The next block, or `None` behind the last.
    ///
    /// # Errors
    /// [`ChunkError::LengthTruncated`], [`ChunkError::BlockTruncated`].
    pub fn next_block(&mut self) -> Result<Option<Block>, ChunkError> {
        if self.index == self.header.blocks() {
            return Ok(None);
        }
        let (block, byte) = (self.index, self.at);
        let rest = self.chunk.get(byte..).unwrap_or_default();
        let Some(&length) = rest.first_chunk::<LENGTH_BYTES>() else {
            return Err(ChunkError::LengthTruncated { block, byte, have: rest.len() });
        };
        let stated = u32::from_be_bytes(length);
        let have = rest.len() - LENGTH_BYTES;
        let start = byte + LENGTH_BYTES;
        if stated as usize > have {
            return Err(ChunkError::BlockTruncated { block, byte: start, stated, have });
        }
        self.index += 1;
        self.at = start + stated as usize;
        Ok(Some(Block { index: block, data: start..self.at, pixels: self.header.block_range(block) }))
    }

    /// The tail's place in the chunk, once all blocks were walked over: the chunk must end with it.
    ///
    /// # Errors
    /// [`ChunkError::TailTruncated`], [`ChunkError::TrailingBytes`].
    pub fn tail(&self) -> Result<Range<usize>, ChunkError> {
        let tail = self.padded_tail()?;
        match self.chunk.len().saturating_sub(tail.end) {
            0 => Ok(tail),
            extra => Err(ChunkError::TrailingBytes { byte: tail.end, extra }),
        }
    }

    /// As [`Blocks::tail`], of a chunk behind which anything may stand.
    ///
    /// # Errors
    /// [`ChunkError::TailTruncated`].
    pub fn padded_tail(&self) -> Result<Range<usize>, ChunkError> {
        let need = self.header.bytes - self.header.shuffled_bytes();
        let have = self.chunk.len().saturating_sub(self.at);
        let byte = self.at;
        if have < need {
            return Err(ChunkError::TailTruncated { byte, need, have });
        }
        Ok(byte..byte + need)
    }
}

/// Decodes a whole chunk into `pixels`, little-endian elements. `scratch` is as long as `pixels` or at least
/// one block (the smaller of the two).
///
/// # Errors
/// The first [`ChunkError`] in the order of the chunk's bytes.
///
/// A `scratch` that is too short is answered like a block size that does not fit: never with a panic.
pub fn decode(chunk: &[u8], element: Element, pixels: &mut [u8], scratch: &mut [u8]) -> Result<(), ChunkError> {
    match decode_padded(chunk, element, pixels, scratch)? {
        byte if byte < chunk.len() => Err(ChunkError::TrailingBytes { byte, extra: chunk.len() - byte }),
        _ => Ok(()),
    }
}

/// As [`decode`], of a chunk behind which anything may stand: gives its bytes.
///
/// # Errors
/// As [`decode`], but for [`ChunkError::TrailingBytes`].
pub fn decode_padded(
    chunk: &[u8],
    element: Element,
    pixels: &mut [u8],
    scratch: &mut [u8],
) -> Result<usize, ChunkError> {
    let header = ChunkHeader::read(chunk, element, pixels.len() / element.size())?;
    let mut blocks = Blocks::new(chunk, header);
    while let Some(block) = blocks.next_block()? {
        let planes = scratch.get_mut(..block.pixels.len()).ok_or(ChunkError::BlockSizeUneven {
            block_bytes: header.block_bytes as u32,
            unit: GROUP * header.element_size,
        })?;
        lz4::decode(&chunk[block.data.clone()], planes).map_err(|error| ChunkError::Block {
            block: block.index,
            byte: block.data.start,
            error,
        })?;
        bitshuffle::unshuffle(planes, &mut pixels[block.pixels], header.element_size);
    }
    let tail = blocks.padded_tail()?;
    let end = tail.end;
    pixels[header.shuffled_bytes()..header.bytes].copy_from_slice(&chunk[tail]);
    Ok(end)
}
