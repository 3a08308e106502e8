//! Chunks made by hand: a sound one, and the places to hurt it.

use super::SHAPE;
use debye_spec::chunk::{Block, Blocks};
use debye_spec::{ChunkHeader, Element};
use debye_testbenches::content::{self, Kind};

/// Pixel type of the scan.
pub const ELEMENT: Element = Element::U16;

/// Pixels of a block: six blocks, the last of 24 pixels, and one pixel of tail.
pub const BLOCK: usize = 64;

/// Pixels of a frame.
pub const PIXELS: usize = SHAPE[0] * SHAPE[1];

/// A sound chunk.
pub fn good() -> Vec<u8> {
    content::chunk(&content::frame(Kind::Sparse, ELEMENT, PIXELS, 7), ELEMENT, Some(BLOCK))
}

/// Where the blocks of a sound chunk are.
pub fn blocks(chunk: &[u8]) -> Vec<Block> {
    let header = ChunkHeader::read(chunk, ELEMENT, PIXELS).expect("a sound header");
    let mut blocks = Blocks::new(chunk, header);
    std::iter::from_fn(|| blocks.next_block().expect("sound lengths")).collect()
}

/// A sound chunk with the LZ4 data of block 1 replaced, and its length made to fit.
pub fn with_block_1(data: &[u8]) -> Vec<u8> {
    let mut chunk = good();
    let place = blocks(&chunk)[1].data.clone();
    let length = place.start - 4..place.start;
    chunk.splice(place, data.iter().copied());
    chunk[length].copy_from_slice(&(data.len() as u32).to_be_bytes());
    chunk
}

/// A sound chunk that states another number of bytes of pixels.
pub fn with_size(bytes: u64) -> Vec<u8> {
    let mut chunk = good();
    chunk[..8].copy_from_slice(&bytes.to_be_bytes());
    chunk
}

/// A sound chunk that states another block size in bytes.
pub fn with_block_size(bytes: u32) -> Vec<u8> {
    let mut chunk = good();
    chunk[8..12].copy_from_slice(&bytes.to_be_bytes());
    chunk
}

/// A sound chunk whose block 2 states another length.
pub fn with_length_2(stated: u32) -> Vec<u8> {
    let mut chunk = good();
    let start = blocks(&chunk)[2].data.start;
    chunk[start - 4..start].copy_from_slice(&stated.to_be_bytes());
    chunk
}

/// The first `bytes` bytes of a sound chunk.
pub fn cut(bytes: usize) -> Vec<u8> {
    good()[..bytes].to_vec()
}

/// Where block `block`'s length starts in a sound chunk; behind the last block, where the tail does.
pub fn length_at(block: usize) -> usize {
    let blocks = blocks(&good());
    if block == 0 { 12 } else { blocks[block - 1].data.end }
}
