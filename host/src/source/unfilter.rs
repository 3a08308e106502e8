//! Undoing single filters: deflate, byte shuffle, fletcher32, bitshuffle with and without LZ4.

use super::pipeline::filter_failed;
use crate::engine::FrameError;
use debye_spec::bitshuffle::{GROUP, unshuffle};
use debye_spec::{ChunkError, ChunkHeader, Element, chunk};
use std::io::Read;

/// zlib data (HDF5 filter 1) of at most `most` bytes.
pub(super) fn inflate(stored: &[u8], most: usize) -> Result<Vec<u8>, FrameError> {
    let mut bytes = Vec::new();
    flate2::read::ZlibDecoder::new(stored)
        .take(most as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| filter_failed(format!("gzip data is wrong after {} bytes: {error}", bytes.len())))?;
    if bytes.len() > most {
        return Err(filter_failed(format!("gzip data makes more than {most} bytes")));
    }
    Ok(bytes)
}

/// HDF5's byte shuffle (filter 2, `H5Zshuffle.c`): byte k of every element together; what is left over at the end
/// stays as it is.
pub(super) fn unshuffle_bytes(stored: &[u8], element_size: usize) -> Vec<u8> {
    let mut bytes = stored.to_vec();
    let count = stored.len() / element_size;
    if element_size < 2 || count < 2 {
        return bytes;
    }
    for (k, plane) in stored.chunks_exact(count).take(element_size).enumerate() {
        for (element, &byte) in bytes.chunks_exact_mut(element_size).zip(plane) {
            element[k] = byte;
        }
    }
    bytes
}

/// HDF5's checksum (filter 3, `H5_checksum_fletcher32`): 16-bit big-endian words, then four little-endian bytes of sum.
pub(super) fn check_fletcher32(mut bytes: Vec<u8>) -> Result<Vec<u8>, FrameError> {
    let Some(length) = bytes.len().checked_sub(4) else {
        return Err(filter_failed(format!("chunk of {} bytes is shorter than its checksum", bytes.len())));
    };
    let stored = bytes.split_off(length);
    let (mut low, mut high) = (0_u64, 0_u64);
    for pair in bytes.chunks(2) {
        low = (low + (u64::from(pair[0]) << 8 | pair.get(1).map_or(0, |&byte| u64::from(byte)))) % 65535;
        high = (high + low) % 65535;
    }
    // HDF5 folds instead of dividing: where a multiple of 65535 remains it keeps 65535, which is the same sum.
    let same = |sum: u64, at: usize| {
        let field = u64::from(u16::from_le_bytes([stored[at], stored[at + 1]]));
        field % 65535 == sum
    };
    if same(low, 0) && same(high, 2) { Ok(bytes) } else { Err(filter_failed("the chunk's checksum is wrong".into())) }
}

/// A bslz4 chunk of any number of elements, at most `most` bytes.
pub(super) fn bslz4(stored: &[u8], element_size: usize, most: usize) -> Result<Vec<u8>, FrameError> {
    let (stated, block) = ChunkHeader::fields(stored)?;
    let element = match element_size {
        1 => Element::U8,
        2 => Element::U16,
        _ => Element::U32,
    };
    if stated > most as u64 || stated % element_size as u64 != 0 {
        return Err(ChunkError::SizeMismatch { stated, expected: most as u64 }.into());
    }
    let mut bytes = vec![0; stated as usize];
    let mut scratch = vec![0; bytes.len().min(block as usize)];
    chunk::decode(stored, element, &mut bytes, &mut scratch)?;
    Ok(bytes)
}

/// Bitshuffle without a codec: blocks of `block` elements (0: the default of `bshuf_default_block_size`), the last
/// one rounded down to a multiple of 8, what remains as it is.
pub(super) fn bit_unshuffle(stored: &[u8], element_size: usize, block: usize) -> Vec<u8> {
    const TARGET_BYTES: usize = 8192;
    const SMALLEST: usize = 128;
    let block = if block == 0 { (TARGET_BYTES / element_size / GROUP * GROUP).max(SMALLEST) } else { block };
    let mut bytes = stored.to_vec();
    let whole = stored.len() / (GROUP * element_size) * GROUP * element_size;
    let step = block.saturating_mul(element_size);
    for (planes, pixels) in stored[..whole].chunks(step).zip(bytes[..whole].chunks_mut(step)) {
        unshuffle(planes, pixels, element_size);
    }
    bytes
}
