//! Pixels to bslz4 chunk bytes: the way back of [`debye_spec::chunk`].
//!
//! The layout is `bshuf_h5filter.c`'s of the bitshuffle package: a 12-byte header, per block a big-endian u32 length
//! and the LZ4 block of its bit-planes, the last block rounded down to a multiple of 8 elements, the tail as it is.

use super::shuffle::shuffle;
use debye_spec::Element;
use debye_spec::bitshuffle::GROUP;
use debye_spec::chunk::{HEADER_BYTES, LENGTH_BYTES};
use lz4_flex::block::{CompressTable, compress_into_with_table, get_maximum_output_size};
use thiserror::Error;

/// Bytes at which bitshuffle aims with its default block (`BSHUF_TARGET_BLOCK_SIZE_B`).
const TARGET_BLOCK_BYTES: usize = 8192;

/// Elements that a default block has at least (`BSHUF_MIN_RECOMMEND_BLOCK`).
const MIN_BLOCK_ELEMENTS: usize = 128;

/// LZ4 takes no larger input (`LZ4_MAX_INPUT_SIZE`), and a chunk's lengths are 32 bits wide.
const MAX_BLOCK_BYTES: usize = 0x7e00_0000;

/// Why pixels cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// A block size of 0 or not a multiple of 8 elements.
    #[error("a block of {elements} elements cannot be shuffled: give a multiple of 8 elements, at least 8")]
    BlockUneven {
        /// Elements asked for.
        elements: usize,
    },
    /// A block beyond what LZ4 takes.
    #[error("a block of {elements} elements of {size} bytes is larger than LZ4 takes ({MAX_BLOCK_BYTES} bytes)")]
    BlockTooLarge {
        /// Elements asked for.
        elements: usize,
        /// Bytes of an element.
        size: usize,
    },
    /// The pixels are not a whole number of elements.
    #[error("{bytes} bytes of pixels are not a whole number of elements of {size} bytes")]
    PixelsUneven {
        /// Bytes given.
        bytes: usize,
        /// Bytes of an element.
        size: usize,
    },
    /// The LZ4 compressor refused a block.
    #[error("block {block}: LZ4 cannot compress it: {reason}")]
    Lz4 {
        /// Block, from 0.
        block: usize,
        /// What it said.
        reason: String,
    },
}

/// Elements of a block when nothing else is asked for: bitshuffle's `bshuf_default_block_size`.
pub fn default_block_elements(element_size: usize) -> usize {
    (TARGET_BLOCK_BYTES / element_size.max(1) / GROUP * GROUP).max(MIN_BLOCK_ELEMENTS)
}

/// Encodes chunks of one pixel type and block size; its buffers are used again from chunk to chunk.
pub struct Encoder {
    element: Element,
    block_bytes: usize,
    planes: Vec<u8>,
    table: CompressTable,
}

impl Encoder {
    /// An encoder for `element`, in blocks of `block_elements` (`None`: bitshuffle's default).
    ///
    /// # Errors
    /// [`EncodeError::BlockUneven`], [`EncodeError::BlockTooLarge`].
    pub fn new(element: Element, block_elements: Option<usize>) -> Result<Encoder, EncodeError> {
        let size = element.size();
        let elements = block_elements.unwrap_or(default_block_elements(size));
        if elements == 0 || !elements.is_multiple_of(GROUP) {
            return Err(EncodeError::BlockUneven { elements });
        }
        let block_bytes = elements
            .checked_mul(size)
            .filter(|&bytes| bytes <= MAX_BLOCK_BYTES)
            .ok_or(EncodeError::BlockTooLarge { elements, size })?;
        Ok(Encoder { element, block_bytes, planes: Vec::new(), table: CompressTable::default() })
    }

    /// Bytes of a full block, as the chunk header states them.
    pub fn block_bytes(&self) -> usize {
        self.block_bytes
    }

    /// Encodes a frame's little-endian pixels into `chunk`, whose former content is dropped.
    ///
    /// # Errors
    /// [`EncodeError::PixelsUneven`]; [`EncodeError::Lz4`] should never come.
    pub fn encode(&mut self, pixels: &[u8], chunk: &mut Vec<u8>) -> Result<(), EncodeError> {
        let size = self.element.size();
        if !pixels.len().is_multiple_of(size) {
            return Err(EncodeError::PixelsUneven { bytes: pixels.len(), size });
        }
        let (shuffled, tail) = pixels.split_at(pixels.len() / (GROUP * size) * (GROUP * size));
        self.planes.resize(self.block_bytes.min(shuffled.len()), 0);
        chunk.clear();
        chunk.reserve(HEADER_BYTES + pixels.len() / 2);
        chunk.extend_from_slice(&(pixels.len() as u64).to_be_bytes());
        // The header counts bytes; `new` made sure that they fit 32 bits.
        chunk.extend_from_slice(&(self.block_bytes as u32).to_be_bytes());
        for (block, elements) in shuffled.chunks(self.block_bytes).enumerate() {
            let planes = &mut self.planes[..elements.len()];
            shuffle(elements, planes, size);
            let length_at = chunk.len();
            let data_at = length_at + LENGTH_BYTES;
            chunk.resize(data_at + get_maximum_output_size(planes.len()), 0);
            let length = compress_into_with_table(planes, &mut chunk[data_at..], &mut self.table)
                .map_err(|error| EncodeError::Lz4 { block, reason: error.to_string() })?;
            chunk[length_at..data_at].copy_from_slice(&(length as u32).to_be_bytes());
            chunk.truncate(data_at + length);
        }
        chunk.extend_from_slice(tail);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use debye_spec::chunk;
    use proptest::prelude::*;

    fn decode(bytes: &[u8], element: Element, length: usize) -> Vec<u8> {
        let (mut pixels, mut scratch) = (vec![0; length], vec![0; length]);
        chunk::decode(bytes, element, &mut pixels, &mut scratch).expect("our own chunk decodes");
        pixels
    }

    #[test]
    fn default_block_elements_is_bitshuffles() {
        assert_eq!([1, 2, 4, 8].map(default_block_elements), [8192, 4096, 2048, 1024]);
        assert_eq!(default_block_elements(1024), 128);
    }

    #[test]
    fn encode_without_pixels_is_a_bare_header() {
        let mut chunk = vec![9; 3];
        Encoder::new(Element::U16, None).unwrap().encode(&[], &mut chunk).unwrap();
        assert_eq!(chunk, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0]);
    }

    #[test]
    fn encode_fewer_than_eight_pixels_stay_raw() {
        let mut chunk = Vec::new();
        Encoder::new(Element::U16, Some(8)).unwrap().encode(&[1, 2, 3, 4], &mut chunk).unwrap();
        assert_eq!(chunk, [0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 16, 1, 2, 3, 4]);
    }

    #[test]
    fn new_block_sizes_that_cannot_be_are_refused() {
        for elements in [0, 7, 12] {
            assert_eq!(Encoder::new(Element::U8, Some(elements)).err(), Some(EncodeError::BlockUneven { elements }));
        }
        let elements = usize::MAX / 8 * 8;
        assert_eq!(
            Encoder::new(Element::U32, Some(elements)).err(),
            Some(EncodeError::BlockTooLarge { elements, size: 4 })
        );
    }

    #[test]
    fn encode_half_an_element_is_refused() {
        let mut encoder = Encoder::new(Element::U32, None).unwrap();
        assert_eq!(encoder.encode(&[0; 6], &mut Vec::new()), Err(EncodeError::PixelsUneven { bytes: 6, size: 4 }));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn encode_any_pixels_decode_to_themselves(
            element in prop::sample::select(Element::ALL.to_vec()),
            block in prop::option::of(prop::sample::select(vec![8usize, 16, 72, 128, 1024, 4096, 65_536])),
            count in 0usize..5000,
            bytes in prop::collection::vec(any::<u8>(), 64),
            spread in 1usize..64,
        ) {
            // Runs of few different bytes: both literals and long matches come up.
            let length = count * element.size();
            let pixels: Vec<u8> = (0..length).map(|i| bytes[(i * i / spread) % bytes.len() % spread]).collect();
            let mut encoder = Encoder::new(element, block).unwrap();
            let mut chunk = Vec::new();
            encoder.encode(&pixels, &mut chunk).unwrap();
            prop_assert_eq!(decode(&chunk, element, length), pixels.clone());
            // A second use of the same buffers and hash table gives the same bytes.
            let mut again = Vec::new();
            encoder.encode(&pixels, &mut again).unwrap();
            prop_assert_eq!(again, chunk);
        }
    }
}
