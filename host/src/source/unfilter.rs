//! Undoing single filters: deflate, byte shuffle, fletcher32, bitshuffle with and without LZ4.

use super::pipeline::filter_failed;
use crate::codec::decode::{Buffers, for_each_block};
use crate::cpu::sample::{Sample, write_le};
use crate::frame::FrameError;
use debye_spec::bitshuffle::{GROUP, unshuffle};
use debye_spec::{ChunkError, ChunkHeader, Element};
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
    let (stated, _) = ChunkHeader::fields(stored)?;
    if stated > most as u64 || stated % element_size as u64 != 0 {
        return Err(ChunkError::SizeMismatch { stated, expected: most as u64 }.into());
    }
    let count = stated as usize / element_size;
    let decoded = match element_size {
        1 => bslz4_of::<u8>(stored, Element::U8, count),
        2 => bslz4_of::<u16>(stored, Element::U16, count),
        _ => bslz4_of::<u32>(stored, Element::U32, count),
    };
    Ok(decoded?)
}

fn bslz4_of<T: Sample>(stored: &[u8], element: Element, count: usize) -> Result<Vec<u8>, ChunkError> {
    // A header that lies takes no more memory than LZ4 could make of the chunk.
    let likely = (count * T::SIZE).min(stored.len().saturating_mul(256));
    let mut bytes = Vec::with_capacity(likely);
    let mut buffers = Buffers::<T>::default();
    // Blocks come in the order of the pixels, the tail last.
    for_each_block(stored, element, count, &mut buffers, |_, pixels| write_le(pixels, &mut bytes))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unshuffle_bytes_leaves_the_rest_as_it_is() {
        assert_eq!(unshuffle_bytes(&[1, 2, 3, 11, 12, 13, 99], 2), [1, 11, 2, 12, 3, 13, 99]);
        assert_eq!(unshuffle_bytes(&[1, 2, 3], 4), [1, 2, 3]);
    }

    #[test]
    fn fletcher32_of_a_known_chunk_is_checked() {
        // Words 0x0102 and 0x0300: sums 0x0402 and 0x0504.
        let good = vec![1, 2, 3, 0x02, 0x04, 0x04, 0x05];
        assert_eq!(check_fletcher32(good.clone()).unwrap(), [1, 2, 3]);
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(check_fletcher32(bad).is_err(), "byte {at}");
        }
        assert!(check_fletcher32(vec![1, 2, 3]).is_err());
    }

    #[test]
    fn inflate_stops_at_the_most_it_may_make() {
        use std::io::Write;
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&[0; 5000]).unwrap();
        let stored = encoder.finish().unwrap();
        assert_eq!(inflate(&stored, 5000).unwrap().len(), 5000);
        assert!(inflate(&stored, 4999).unwrap_err().message.contains("more than 4999"));
        assert!(inflate(&stored[..stored.len() / 2], 5000).is_err());
    }

    #[test]
    fn bslz4_larger_than_allowed_is_refused_before_decoding() {
        let chunk = [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 8];
        let error = bslz4(&chunk, 1, 255).unwrap_err();
        assert_eq!(error.status, debye_spec::Status::SizeMismatch);
    }
}
