//! Decode and integrate at once: block by block in cache, one frame or several.
//!
//! A block is decoded for each frame (or, of a frame that is not compressed, read), turned into rows of bytes with masked
//! pixels as 0, and looked through for what is invalid. Four rows of pixels together are added to the bins by [`Terms`].
//! Upper bytes that are 0 in a whole block cost little. Where several frames have a byte, one pass over the terms serves all
//! of them, a frame a lane; where few do, each frame has its own.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod band;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod expand;
mod level;
#[cfg(target_arch = "aarch64")]
mod neon;
mod plain;
mod rows;
mod split;
pub mod sums;

use super::Kernels;
use super::lines::Lines;
use super::lz4::{Decoder, OUTPUT_SLACK};
use super::terms::{Runs, STEP, Terms};
use band::Bands;
use debye_spec::chunk::{Blocks, ChunkError, ChunkHeader};
use debye_spec::{Element, ValidRule, bitshuffle::GROUP};
use level::Instructions;
use rows::{Content, Inspection, Rows};
use sums::{BYTES, Batch, Single, Sums};

/// Pixels of the largest block that is taken: rows of all frames must stay in cache.
const MAX_BLOCK: usize = 1 << 16;

/// Bins above which frames are not taken together: their sums would not stay in cache.
const MAX_BATCH_BINS: usize = 1 << 14;

/// Most frames that any kernel takes together.
pub const MOST_TOGETHER: usize = 16;

/// Pixels of a block of what is not in blocks.
const BLOCK: usize = 4096;

/// Frames with a byte that make a common pass worth more than one pass each.
const FEW: usize = 3;

/// What is the same for all frames.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Which pixels count.
    pub valid: ValidRule,
    /// Pixels above it are counted.
    pub threshold: u32,
}

/// The bytes of a frame.
#[derive(Clone, Copy, Debug)]
pub enum Input<'c> {
    /// A bslz4 chunk.
    Chunk(&'c [u8]),
    /// Pixels, little-endian.
    Pixels(&'c [u8]),
}

/// A worker: buffers and sums that are reused.
pub struct Fused<'a> {
    instructions: Instructions,
    terms: &'a Terms,
    rule: Rule,
    decoder: Decoder,
    planes: Lines,
    rows: Rows,
    batch: [Batch; BYTES],
    singles: Vec<[Single; BYTES]>,
    frames: Vec<Sums>,
}

/// A frame on its way.
struct Walk<'c> {
    bytes_of: Bytes<'c>,
    failed: Option<ChunkError>,
}

/// Where a frame's blocks come from.
enum Bytes<'c> {
    Chunk(&'c [u8], Blocks<'c>),
    Pixels(&'c [u8]),
}

/// What comes next.
struct Next {
    /// The band.
    band: usize,
    /// The run before which sums must be emptied.
    limit: usize,
}

impl<'a> Fused<'a> {
    /// A worker.
    pub fn new(kernels: Kernels, terms: &'a Terms, rule: Rule) -> Fused<'a> {
        Fused {
            instructions: Instructions::of(kernels),
            terms,
            rule,
            decoder: Decoder::default(),
            planes: Lines::default(),
            rows: Rows { bands: Bands::new(terms.columns()) },
            batch: Default::default(),
            singles: Vec::new(),
            frames: Vec::new(),
        }
    }

    /// Most frames that are taken together.
    pub fn lanes(&self) -> usize {
        if self.terms.bins() > MAX_BATCH_BINS { 1 } else { self.instructions.lanes() }
    }

    /// The size of the blocks, in bytes, in which a frame can be taken; `None` for one that must go another way.
    pub fn takes(&self, frame: Input<'_>) -> Option<u32> {
        let size = self.rule.valid.element().size();
        let block_bytes = match frame {
            Input::Chunk(chunk) => ChunkHeader::fields(chunk).ok()?.1,
            Input::Pixels(bytes) if bytes.len() == self.terms.pixels() * size => (BLOCK * size) as u32,
            Input::Pixels(_) => return None,
        };
        let pixels = block_bytes as usize / size;
        (pixels > 0 && pixels.is_multiple_of(STEP) && pixels <= MAX_BLOCK).then_some(block_bytes)
    }

    /// Integrates up to [`Fused::lanes`] frames that are taken in blocks of one size, and hands each frame's sums, or why it
    /// failed, to `done`.
    ///
    /// # Panics
    /// The block sizes differ: whoever groups frames by [`Fused::takes`] does not let that happen.
    pub fn run(&mut self, frames: &[Input<'_>], mut done: impl FnMut(usize, Result<&mut Sums, ChunkError>)) {
        let element = self.rule.valid.element();
        self.frames.resize_with(frames.len(), Sums::default);
        self.singles.resize_with(self.singles.len().max(frames.len()), Default::default);
        for sums in &mut self.frames {
            sums.clear(self.terms.bins());
        }
        let (size, pixels) = (element.size(), self.terms.pixels());
        let mut header = None;
        let mut walks: Vec<Walk<'_>> = Vec::with_capacity(frames.len());
        for &frame in frames {
            let (read, bytes_of) = match frame {
                Input::Chunk(chunk) => {
                    let read = ChunkHeader::read(chunk, element, pixels);
                    // A chunk without a header has no blocks either: any header will do for it.
                    let any = ChunkHeader { bytes: 0, block_bytes: STEP * size, element_size: size };
                    let blocks = Blocks::new(chunk, read.as_ref().ok().copied().unwrap_or(any));
                    (read, Bytes::Chunk(chunk, blocks))
                }
                Input::Pixels(bytes) => {
                    assert_eq!(bytes.len(), pixels * size, "a frame's pixels");
                    let whole = ChunkHeader { bytes: bytes.len(), block_bytes: BLOCK * size, element_size: size };
                    (Ok(whole), Bytes::Pixels(bytes))
                }
            };
            header = header.or(read.as_ref().ok().copied());
            assert!(read.is_err() || read.as_ref().ok() == header.as_ref(), "blocks of one size");
            walks.push(Walk { bytes_of, failed: read.err() });
        }
        if let Some(header) = header {
            self.blocks(&mut walks, header, element);
        }
        for (frame, mut walk) in walks.into_iter().enumerate() {
            if walk.failed.is_none() {
                walk.failed = self.tail(frame, &mut walk.bytes_of, element).err();
            }
            done(
                frame,
                match walk.failed {
                    Some(error) => Err(error),
                    None => Ok(&mut self.frames[frame]),
                },
            );
        }
    }

    fn blocks(&mut self, walks: &mut [Walk<'_>], header: ChunkHeader, element: Element) {
        let size = element.size();
        self.planes.at_least(header.block_bytes + OUTPUT_SLACK);
        self.rows.bands.ready(header.block_bytes / size);
        let mut next = Next { band: 0, limit: self.terms.limit_after(0) };
        for block in 0..header.blocks() {
            let bytes = header.block_range(block);
            let (first, pixels) = (bytes.start / size, bytes.len() / size);
            for (frame, walk) in walks.iter_mut().enumerate() {
                if walk.failed.is_none() {
                    walk.failed = self.read(frame, &mut walk.bytes_of, first, pixels).err();
                }
            }
            self.rows.bands.advance(pixels);
            while self.rows.bands.is_full() {
                self.add(walks.len(), &mut next);
            }
            self.rows.bands.gather();
        }
        if !self.rows.bands.is_empty() {
            self.add(walks.len(), &mut next);
        }
        self.empty();
    }

    /// Puts a frame's next block, which has `pixels` from `first` on, behind the others.
    fn read(&mut self, frame: usize, bytes_of: &mut Bytes<'_>, first: usize, pixels: usize) -> Result<(), ChunkError> {
        let bytes = pixels * self.rule.valid.element().size();
        let content = match bytes_of {
            Bytes::Chunk(chunk, blocks) => {
                let Some(block) = blocks.next_block()? else { return Ok(()) };
                let planes = &mut self.planes[..bytes + OUTPUT_SLACK];
                let made = self
                    .decoder
                    .decode(self.instructions.kernels(), chunk, block.data.clone(), planes, bytes, pixels / GROUP)
                    .map_err(|error| ChunkError::Block { block: block.index, byte: block.data.start, error })?;
                Content::Planes(&planes[..made])
            }
            Bytes::Pixels(all) => Content::Pixels(&all[first * bytes / pixels..][..bytes]),
        };
        let keep = self.terms.unmasked(first, pixels);
        let inspection = Inspection { instructions: self.instructions, rule: self.rule, first, pixels };
        self.rows.make(&inspection, frame, content, keep, &mut self.frames[frame]);
        Ok(())
    }

    /// Adds the band at hand to the bins, and goes on to the next.
    fn add(&mut self, frames: usize, next: &mut Next) {
        let runs = self.terms.band(next.band);
        let mut from = runs.start;
        while from < runs.end {
            if from == next.limit {
                self.empty();
                next.limit = self.terms.limit_after(from);
            }
            let to = runs.end.min(next.limit);
            self.add_runs(frames, self.terms.of(from..to));
            from = to;
        }
        next.band += 1;
        self.rows.bands.next();
    }

    fn add_runs(&mut self, frames: usize, runs: Runs<'_>) {
        let lanes = self.instructions.lanes();
        for byte in 0..BYTES {
            let with = (0..frames).filter(|&frame| self.rows.bands.has(byte, frame)).count();
            if with >= FEW && self.lanes() > 1 {
                let sums = self.batch[byte].to_add(runs.bins(), lanes);
                self.instructions.add_batch(self.rows.bands.of_all(byte, lanes), runs, sums);
            } else if with > 0 {
                for frame in 0..frames {
                    if self.rows.bands.has(byte, frame) {
                        let sums = self.singles[frame][byte].to_add(runs.bins());
                        self.instructions.add_single(self.rows.bands.of(byte, frame), runs, sums);
                    }
                }
            }
        }
    }

    fn empty(&mut self) {
        for byte in 0..BYTES {
            self.batch[byte].empty(byte, &mut self.frames);
            for (single, sums) in self.singles.iter_mut().zip(&mut self.frames) {
                single[byte].empty(byte, sums);
            }
        }
    }

    /// The pixels behind the last group of 8.
    fn tail(&mut self, frame: usize, bytes_of: &mut Bytes<'_>, element: Element) -> Result<(), ChunkError> {
        let size = element.size();
        let first = self.terms.pixels() / GROUP * GROUP;
        let tail = match bytes_of {
            Bytes::Chunk(chunk, blocks) => &chunk[blocks.tail()?],
            Bytes::Pixels(all) => &all[first * size..],
        };
        for (k, bytes) in tail.chunks_exact(size).enumerate() {
            let pixel = first + k;
            if self.terms.is_masked(pixel) {
                continue;
            }
            let value = bytes.iter().rev().fold(0, |value, &byte| value << 8 | u32::from(byte));
            let sums = &mut self.frames[frame];
            if value > self.rule.valid.max_valid() {
                sums.invalid.push(pixel as u32);
                continue;
            }
            self.terms.of_pixel(pixel, |bin, u| sums.add(self.terms, bin, u, value));
            sums.sum += u64::from(value);
            sums.max = sums.max.max(value);
            sums.over += u32::from(value > self.rule.threshold);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
