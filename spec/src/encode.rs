//! Pixels to chunk: the way back of [`crate::chunk`].
//!
//! ```text
//! pixels -> bit-planes -> matches -> LZ4 blocks -> chunk
//!        [bitshuffle]  [matches]  [lz4_encode]
//! ```
//!
//! The framing is that of HDF5 filter 32008: full blocks, a last one rounded down to a multiple of 8 elements, the
//! elements after it as they are. The bytes of each block follow from [`crate::matches`]: the same pixels in the same
//! blocks always make the same chunk.

use crate::bitshuffle::{self, GROUP};
use crate::chunk::{HEADER_BYTES, LENGTH_BYTES};
use crate::element::Element;
use crate::lz4_encode::{self, max_block_bytes};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// Bytes of a full block when nothing else is asked for: bitshuffle's `BSHUF_TARGET_BLOCK_SIZE_B`.
pub const DEFAULT_BLOCK_BYTES: usize = 8192;

/// LZ4 takes no larger input (`LZ4_MAX_INPUT_SIZE`).
pub const MAX_BLOCK_BYTES: usize = 0x7e00_0000;

/// Why pixels cannot be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// A block of 0 bytes, or of bytes that are not a multiple of 8 elements.
    BlockUneven {
        /// Bytes asked for.
        block_bytes: usize,
        /// Bytes of 8 elements.
        unit: usize,
    },
    /// A block larger than LZ4 takes.
    BlockTooLarge {
        /// Bytes asked for.
        block_bytes: usize,
    },
    /// The pixels are not a whole number of elements.
    PixelsUneven {
        /// Bytes given.
        bytes: usize,
        /// Bytes of an element.
        size: usize,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            EncodeError::BlockUneven { block_bytes, unit } => {
                write!(f, "a block of {block_bytes} bytes cannot be shuffled: give a multiple of {unit} (8 pixels)")
            }
            EncodeError::BlockTooLarge { block_bytes } => {
                write!(f, "a block of {block_bytes} bytes is larger than LZ4 takes ({MAX_BLOCK_BYTES} bytes)")
            }
            EncodeError::PixelsUneven { bytes, size } => {
                write!(f, "{bytes} bytes of pixels are not a whole number of elements of {size} bytes")
            }
        }
    }
}

impl core::error::Error for EncodeError {}

/// Checks a block size for elements of a type.
///
/// # Errors
/// [`EncodeError::BlockUneven`], [`EncodeError::BlockTooLarge`].
pub const fn check_block(element: Element, block_bytes: usize) -> Result<(), EncodeError> {
    let unit = GROUP * element.size();
    if block_bytes == 0 || !block_bytes.is_multiple_of(unit) {
        return Err(EncodeError::BlockUneven { block_bytes, unit });
    }
    if block_bytes > MAX_BLOCK_BYTES {
        return Err(EncodeError::BlockTooLarge { block_bytes });
    }
    Ok(())
}

/// The most bytes that [`encode`] makes of `bytes` bytes of pixels in blocks of `block_bytes`, which
/// [`check_block`] allows.
pub const fn max_chunk_bytes(element: Element, bytes: usize, block_bytes: usize) -> usize {
    let unit = GROUP * element.size();
    let shuffled = bytes / unit * unit;
    let block_bytes = if block_bytes == 0 { unit } else { block_bytes };
    let last = shuffled % block_bytes;
    let full = shuffled / block_bytes * (LENGTH_BYTES + max_block_bytes(block_bytes));
    let last = if last == 0 { 0 } else { LENGTH_BYTES + max_block_bytes(last) };
    HEADER_BYTES + full + last + (bytes - shuffled)
}

/// Encodes little-endian `pixels` in blocks of `block_bytes` into `chunk`, whose former content is dropped.
///
/// # Errors
/// [`EncodeError`]; the chunk is then empty.
pub fn encode(pixels: &[u8], element: Element, block_bytes: usize, chunk: &mut Vec<u8>) -> Result<(), EncodeError> {
    chunk.clear();
    check_block(element, block_bytes)?;
    let size = element.size();
    if !pixels.len().is_multiple_of(size) {
        return Err(EncodeError::PixelsUneven { bytes: pixels.len(), size });
    }
    chunk.extend_from_slice(&(pixels.len() as u64).to_be_bytes());
    chunk.extend_from_slice(&(block_bytes as u32).to_be_bytes());
    let unit = GROUP * size;
    let (shuffled, tail) = pixels.split_at(pixels.len() / unit * unit);
    for elements in shuffled.chunks(block_bytes) {
        let mut planes = vec![0; elements.len()];
        bitshuffle::shuffle(elements, &mut planes, size);
        let mut block = Vec::new();
        lz4_encode::encode(&planes, size, &mut block);
        chunk.extend_from_slice(&(block.len() as u32).to_be_bytes());
        chunk.extend_from_slice(&block);
    }
    chunk.extend_from_slice(tail);
    Ok(())
}
