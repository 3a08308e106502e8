//! Walks over a chunk, block by block, in a buffer that stays in cache.

use crate::cpu::lines::Lines;
use crate::cpu::lz4::{Decoder, OUTPUT_SLACK};
use crate::cpu::prefetch::will_write;
use crate::cpu::sample::{Sample, read_le};
use crate::cpu::unshuffle::PastCaches;
use crate::cpu::{Kernels, unshuffle};
use debye_spec::chunk::{Blocks, ChunkError, ChunkHeader};
use debye_spec::{Element, bitshuffle::GROUP};
use std::ops::Range;

/// Most pixels that are handed on at once from what is not in blocks.
const SLICE: usize = 4096;

/// Buffers of one worker, kept from frame to frame.
#[derive(Debug)]
pub struct Buffers<T> {
    kernels: Kernels,
    decoder: Decoder,
    planes: Lines,
    pixels: Vec<T>,
}

impl<T> Buffers<T> {
    /// Buffers for decoding with these kernels.
    pub fn new(kernels: Kernels) -> Buffers<T> {
        Buffers { kernels, decoder: Decoder::default(), planes: Lines::default(), pixels: Vec::new() }
    }
}

impl<T> Default for Buffers<T> {
    fn default() -> Buffers<T> {
        Buffers::new(Kernels::of_process())
    }
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
    let Buffers { kernels, decoder, planes, pixels: block_pixels } = buffers;
    let mut walk = Walk::new(chunk, element, count)?;
    while let Some((block, made)) = walk.next(*kernels, decoder, planes)? {
        if block_pixels.len() < block.len() {
            block_pixels.resize(block.len(), T::default());
        }
        let pixels = &mut block_pixels[..block.len()];
        unshuffle::pixels(*kernels, &planes[..made], pixels);
        sink(block.start, pixels);
    }
    let (first, tail) = walk.tail::<T>()?;
    let mut pixels = [T::default(); GROUP];
    let left = tail.len() / T::SIZE;
    read_le(tail, &mut pixels[..left]);
    if left > 0 {
        sink(first, &pixels[..left]);
    }
    Ok(())
}

/// Decodes `chunk`, which should hold as many pixels of type `element` (of `T`'s size) as `pixels` has, into them. Fastest
/// where `pixels` begins at a multiple of 64 bytes; they then go past the caches.
///
/// # Errors
/// As [`for_each_block`]; `pixels` then holds those of the blocks before.
pub fn into_pixels<T: Sample>(
    chunk: &[u8],
    element: Element,
    pixels: &mut [T],
    buffers: &mut Buffers<T>,
) -> Result<(), ChunkError> {
    let Buffers { kernels, decoder, planes, .. } = buffers;
    let mut walk = Walk::new(chunk, element, pixels.len())?;
    let mut past_caches = PastCaches::new(*kernels, pixels);
    let mut made = 0;
    loop {
        if past_caches.is_none() {
            // While LZ4 is at work the memory that pixels go to is fetched: frames are larger than a core's own caches.
            let end = pixels.len().min(made + walk.block_pixels);
            will_write(&mut pixels[made..end]);
        }
        let Some((block, bytes)) = walk.next(*kernels, decoder, planes)? else { break };
        made = block.end;
        let (planes, pixels) = (&planes[..bytes], &mut pixels[block]);
        match &mut past_caches {
            Some(past_caches) => past_caches.pixels(planes, pixels),
            None => unshuffle::pixels(*kernels, planes, pixels),
        }
    }
    let (first, tail) = walk.tail::<T>()?;
    read_le(tail, &mut pixels[first..]);
    Ok(())
}

/// The blocks of a chunk, one after the other, as bit-planes.
struct Walk<'c> {
    chunk: &'c [u8],
    blocks: Blocks<'c>,
    size: usize,
    count: usize,
    /// Pixels of a full block.
    block_pixels: usize,
}

impl<'c> Walk<'c> {
    fn new(chunk: &'c [u8], element: Element, count: usize) -> Result<Walk<'c>, ChunkError> {
        let header = ChunkHeader::read(chunk, element, count)?;
        let (size, blocks) = (element.size(), Blocks::new(chunk, header));
        Ok(Walk { chunk, blocks, size, count, block_pixels: header.block_bytes / size })
    }

    /// Decodes the next block into the front of `planes`; says which pixels it has, and how many bytes were made
    /// ([`Decoder::decode`]).
    fn next(
        &mut self,
        kernels: Kernels,
        decoder: &mut Decoder,
        planes: &mut Lines,
    ) -> Result<Option<(Range<usize>, usize)>, ChunkError> {
        let Some(block) = self.blocks.next_block()? else { return Ok(None) };
        let bytes = block.pixels.len();
        planes.at_least(bytes + OUTPUT_SLACK);
        let pixels = block.pixels.start / self.size..block.pixels.end / self.size;
        let made = decoder
            .decode(kernels, self.chunk, block.data.clone(), planes, bytes, pixels.len() / GROUP)
            .map_err(|error| ChunkError::Block { block: block.index, byte: block.data.start, error })?;
        Ok(Some((pixels, made)))
    }

    /// The pixels behind the blocks: the first one's number, and their bytes.
    fn tail<T: Sample>(&mut self) -> Result<(usize, &'c [u8]), ChunkError> {
        let tail = &self.chunk[self.blocks.tail()?];
        Ok((self.count - tail.len() / T::SIZE, tail))
    }
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
