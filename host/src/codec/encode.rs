//! Pixels to bslz4 chunk bytes: the way back of [`debye_spec::chunk`].
//!
//! The layout is `bshuf_h5filter.c`'s of the bitshuffle package: a 12-byte header, per block a big-endian u32 length
//! and the LZ4 block of its bit-planes, the last block rounded down to a multiple of 8 elements, the tail as it is. Who
//! looks for the matches within a block is the [`Codec`].

use crate::cpu::encode::BlockEncoder;
use crate::cpu::{Kernels, LevelError, shuffle};
use debye_spec::Element;
use debye_spec::bitshuffle::GROUP;
use debye_spec::chunk::{HEADER_BYTES, LENGTH_BYTES};
use lz4::block::{compress_bound, compress_to_buffer};
use thiserror::Error;

/// Bytes at which bitshuffle aims with its default block (`BSHUF_TARGET_BLOCK_SIZE_B`).
const TARGET_BLOCK_BYTES: usize = 8192;

/// Elements that a default block has at least (`BSHUF_MIN_RECOMMEND_BLOCK`).
const MIN_BLOCK_ELEMENTS: usize = 128;

/// LZ4 takes no larger input (`LZ4_MAX_INPUT_SIZE`), and a chunk's lengths are 32 bits wide.
const MAX_BLOCK_BYTES: usize = 0x7e00_0000;

/// Who makes the LZ4 blocks. Any reader of filter 32008 reads both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// The matches of [`debye_spec::matches`], which a card makes too.
    Debye,
    /// liblz4's `LZ4_compress_default`: byte for byte what the `bitshuffle` package and detectors' writers make.
    Liblz4,
}

impl Codec {
    /// The name on the command line and in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Codec::Debye => "debye",
            Codec::Liblz4 => "liblz4",
        }
    }
}

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
    /// The kernels that the environment asks for cannot be had.
    #[error(transparent)]
    Kernels(#[from] LevelError),
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
    kernels: Kernels,
    blocks: Blocks,
}

/// What a codec needs from block to block.
enum Blocks {
    Debye(BlockEncoder),
    Liblz4 { planes: Vec<u8>, packed: Vec<u8> },
}

impl Encoder {
    /// An encoder for `element`, in blocks of `block_elements` (`None`: bitshuffle's default), that makes the bytes that
    /// a detector's writer makes ([`Codec::Liblz4`]).
    ///
    /// # Errors
    /// As [`Encoder::with_codec`].
    pub fn new(element: Element, block_elements: Option<usize>) -> Result<Encoder, EncodeError> {
        Encoder::with_codec(element, block_elements, Codec::Liblz4)
    }

    /// An encoder for `element`, in blocks of `block_elements` (`None`: bitshuffle's default).
    ///
    /// # Errors
    /// [`EncodeError::BlockUneven`], [`EncodeError::BlockTooLarge`], [`EncodeError::Kernels`].
    pub fn with_codec(element: Element, block_elements: Option<usize>, codec: Codec) -> Result<Encoder, EncodeError> {
        let size = element.size();
        let elements = block_elements.unwrap_or(default_block_elements(size));
        if elements == 0 || !elements.is_multiple_of(GROUP) {
            return Err(EncodeError::BlockUneven { elements });
        }
        let block_bytes = elements
            .checked_mul(size)
            .filter(|&bytes| bytes <= MAX_BLOCK_BYTES)
            .ok_or(EncodeError::BlockTooLarge { elements, size })?;
        let kernels = Kernels::chosen()?;
        let blocks = match codec {
            Codec::Debye => Blocks::Debye(BlockEncoder::new(kernels)),
            Codec::Liblz4 => Blocks::Liblz4 { planes: Vec::new(), packed: Vec::new() },
        };
        Ok(Encoder { element, block_bytes, kernels, blocks })
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
        chunk.clear();
        chunk.reserve(HEADER_BYTES + pixels.len() / 2);
        chunk.extend_from_slice(&(pixels.len() as u64).to_be_bytes());
        // The header counts bytes; `with_codec` made sure that they fit 32 bits.
        chunk.extend_from_slice(&(self.block_bytes as u32).to_be_bytes());
        for (block, elements) in shuffled.chunks(self.block_bytes).enumerate() {
            let length_at = chunk.len();
            let data_at = length_at + LENGTH_BYTES;
            chunk.extend_from_slice(&[0; LENGTH_BYTES]);
            match &mut self.blocks {
                Blocks::Debye(encoder) => encoder.encode(elements, size, chunk),
                Blocks::Liblz4 { planes, packed } => {
                    planes.resize(elements.len(), 0);
                    shuffle::planes(self.kernels, elements, planes, size);
                    pack(planes, packed, chunk).map_err(|reason| EncodeError::Lz4 { block, reason })?;
                }
            }
            let length = chunk.len() - data_at;
            chunk[length_at..data_at].copy_from_slice(&(length as u32).to_be_bytes());
        }
        chunk.extend_from_slice(tail);
        Ok(())
    }
}

/// Appends what liblz4 makes of `planes` to `chunk`; `packed` is room for it.
fn pack(planes: &[u8], packed: &mut Vec<u8>, chunk: &mut Vec<u8>) -> Result<(), String> {
    // liblz4's bytes depend on nothing but the input where the room suffices for any block (`LZ4_compressBound`).
    let room = compress_bound(planes.len()).map_err(|error| error.to_string())?;
    if packed.len() < room {
        packed.resize(room, 0);
    }
    let length = compress_to_buffer(planes, None, false, packed).map_err(|error| error.to_string())?;
    let made = packed.get(..length).ok_or("it made more than there is room for")?;
    chunk.extend_from_slice(made);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use debye_spec::{chunk, encode as spec};
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
            for codec in [Codec::Debye, Codec::Liblz4] {
                let mut encoder = Encoder::with_codec(element, block, codec).unwrap();
                let mut chunk = Vec::new();
                encoder.encode(&pixels, &mut chunk).unwrap();
                prop_assert_eq!(decode(&chunk, element, length), pixels.clone());
                // A second use of the same buffers gives the same bytes.
                let mut again = Vec::new();
                encoder.encode(&pixels, &mut again).unwrap();
                prop_assert_eq!(&again, &chunk);
                if codec == Codec::Debye {
                    spec::encode(&pixels, element, encoder.block_bytes(), &mut again).unwrap();
                    prop_assert_eq!(&again, &chunk);
                }
            }
        }
    }
}
