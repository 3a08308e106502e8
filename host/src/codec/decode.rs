//! Walks over a chunk, block by block, in a buffer that stays in cache.

use super::sample::{Sample, read_le};
use super::{lz4, unshuffle::unshuffle};
use debye_spec::chunk::{Blocks, ChunkError, ChunkHeader};
use debye_spec::{Element, bitshuffle::GROUP};

/// Most pixels that are handed on at once from what is not in blocks.
const SLICE: usize = 4096;

/// Buffers of one worker, kept from frame to frame.
#[derive(Debug, Default)]
pub struct Buffers<T> {
    planes: Vec<u8>,
    pixels: Vec<T>,
}

/// Decodes `chunk`, which should hold `count` pixels of type `element` (of `T`'s size), and hands each block's pixels
/// to `sink` with the index of the first of them; the tail comes last.
///
/// # Errors
/// The first [`ChunkError`] in the order of the chunk's bytes; `sink` may have been given pixels before.
pub fn for_each_block<T: Sample>(
    chunk: &[u8],
    element: Element,
    count: usize,
    buffers: &mut Buffers<T>,
    mut sink: impl FnMut(usize, &[T]),
) -> Result<(), ChunkError> {
    let header = ChunkHeader::read(chunk, element, count)?;
    let mut blocks = Blocks::new(chunk, header);
    while let Some(block) = blocks.next_block()? {
        let bytes = block.pixels.len();
        if buffers.planes.len() < bytes {
            buffers.planes.resize(bytes, 0);
            buffers.pixels.resize(bytes / T::SIZE, T::default());
        }
        let planes = &mut buffers.planes[..bytes];
        let pixels = &mut buffers.pixels[..bytes / T::SIZE];
        lz4::decode(&chunk[block.data.clone()], planes).map_err(|error| ChunkError::Block {
            block: block.index,
            byte: block.data.start,
            error,
        })?;
        unshuffle(planes, pixels);
        sink(block.pixels.start / T::SIZE, pixels);
    }
    let tail = blocks.tail()?;
    let mut pixels = [T::default(); GROUP];
    let left = tail.len() / T::SIZE;
    read_le(&chunk[tail], &mut pixels[..left]);
    if left > 0 {
        sink(count - left, &pixels[..left]);
    }
    Ok(())
}

/// Hands on pixels that are decoded already (`bytes` is little-endian), slice by slice.
pub fn for_each_slice<T: Sample>(bytes: &[u8], buffers: &mut Buffers<T>, mut sink: impl FnMut(usize, &[T])) {
    buffers.pixels.resize(buffers.pixels.len().max(SLICE), T::default());
    for (index, slice) in bytes.chunks(SLICE * T::SIZE).enumerate() {
        let pixels = &mut buffers.pixels[..slice.len() / T::SIZE];
        read_le(slice, pixels);
        sink(index * SLICE, pixels);
    }
}
