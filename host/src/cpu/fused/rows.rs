//! Rows of bytes: what is made of a block's planes, one row a byte of the pixels and a frame.

use super::Rule;
use super::band::Bands;
use super::level::{Instructions, Seen};
use super::sums::{BYTES, Sums};
use crate::cpu::terms::STEP;
use crate::cpu::unshuffle;
use debye_spec::bitshuffle::GROUP;

/// Makes rows, each where it belongs in the bands.
#[derive(Debug)]
pub struct Rows {
    pub bands: Bands,
}

/// A block's pixels.
#[derive(Clone, Copy)]
pub enum Content<'a> {
    /// Bit-planes; those that are not there hold the same as the last one that is.
    Planes(&'a [u8]),
    /// Pixels, little-endian.
    Pixels(&'a [u8]),
}

/// How a block is looked at.
pub struct Inspection {
    pub instructions: Instructions,
    pub rule: Rule,
    /// The frame's number of the block's first pixel.
    pub first: usize,
    /// Pixels of the block.
    pub pixels: usize,
}

impl Rows {
    /// A row, zeros behind the block's pixels.
    fn row(&mut self, byte: usize, frame: usize, pixels: usize) -> &mut [u8] {
        self.bands.next_row(byte, frame, pixels)
    }

    /// Makes a frame's rows of a block, with 0 for what is masked or invalid, and adds what was seen to `sums`.
    pub fn make(&mut self, how: &Inspection, frame: usize, block: Content<'_>, keep: &[u8], sums: &mut Sums) {
        let pixels = how.pixels;
        let has = match block {
            Content::Planes(planes) => self.unshuffle(how, frame, planes, keep),
            Content::Pixels(bytes) => self.split(how, frame, bytes, keep),
        };
        self.bands.put(has, frame, pixels);
        let (most, threshold) = (how.rule.valid.max_valid(), how.rule.threshold);
        if has == 1 {
            let seen = how.instructions.look(self.row(0, frame, pixels), threshold.min(255) as u8);
            if seen.max <= most {
                sums.see(seen);
                return;
            }
        }
        if has > 0 {
            self.look_at_pixels(how, frame, has, sums);
        }
    }

    fn unshuffle(&mut self, how: &Inspection, frame: usize, planes: &[u8], keep: &[u8]) -> usize {
        let (size, pixels) = (how.rule.valid.element().size(), how.pixels);
        let last = planes.len() - pixels / GROUP;
        let of_byte = |byte: usize| &planes[last.min(byte * pixels)..planes.len().min((byte + 1) * pixels)];
        let any = |planes: &[u8]| how.instructions.any(planes, keep);
        // The last plane stands for all above it.
        let has = match any(&planes[last..]) {
            true => size,
            false => (1..=planes.len().div_ceil(pixels)).rev().find(|&bytes| any(of_byte(bytes - 1))).unwrap_or(0),
        };
        for byte in 0..has {
            let row = &mut self.row(byte, frame, pixels)[..pixels];
            unshuffle::row(how.instructions.kernels(), of_byte(byte), keep, row);
        }
        has
    }

    fn split(&mut self, how: &Inspection, frame: usize, bytes: &[u8], keep: &[u8]) -> usize {
        let size = bytes.len() / how.pixels;
        for byte in 0..size {
            self.row(byte, frame, how.pixels);
        }
        let mut rows = self.rows(frame, how.pixels);
        how.instructions.split(bytes, keep, &mut rows[..size])
    }

    /// The rows of all bytes of a frame, in whole steps; empty where there never was one.
    fn rows(&mut self, frame: usize, pixels: usize) -> [&mut [u8]; BYTES] {
        self.bands.next_rows(frame, pixels)
    }

    /// Pixel by pixel: where more than one byte is there, or a pixel is invalid.
    fn look_at_pixels(&mut self, how: &Inspection, frame: usize, has: usize, sums: &mut Sums) {
        let mut rows = self.rows(frame, how.pixels);
        let limits = Limits { most: how.rule.valid.max_valid(), threshold: how.rule.threshold, first: how.first };
        how.instructions.look_at_pixels(&mut rows[..has], limits, sums);
    }
}

/// What is looked for in a row's pixels.
#[derive(Clone, Copy)]
pub struct Limits {
    /// The largest that is valid.
    pub most: u32,
    /// Those above are counted.
    pub threshold: u32,
    /// The frame's number of the first pixel.
    pub first: usize,
}

/// One step of what [`Rows::make`] does pixel by pixel: plain Rust, and where a pixel is invalid every level's way.
#[inline(always)]
pub fn look_at_step(rows: &mut [&mut [u8]], step: usize, limits: Limits, sums: &mut Sums) {
    let range = step * STEP..(step + 1) * STEP;
    let mut codes = [0u32; STEP];
    for (byte, row) in rows.iter().enumerate() {
        let Some(row) = row.get(range.clone()).and_then(|row| row.first_chunk::<STEP>()) else { return };
        for k in 0..STEP {
            codes[k] |= u32::from(row[k]) << (8 * byte);
        }
    }
    let mut max = codes.iter().fold(0, |max, &code| code.max(max));
    if max > limits.most {
        for (k, code) in codes.iter_mut().enumerate().filter(|(_, code)| **code > limits.most) {
            *code = 0;
            sums.invalid.push((limits.first + range.start + k) as u32);
            for row in rows.iter_mut() {
                row[range.start + k] = 0;
            }
        }
        max = codes.iter().fold(0, |max, &code| code.max(max));
    }
    // 64 pixels of at most 2^28 may need more than 32 bits together, but eight do not.
    let sum = codes.chunks_exact(8).map(|codes| u64::from(codes.iter().sum::<u32>())).sum();
    let over = codes.iter().map(|&code| u32::from(code > limits.threshold)).sum();
    sums.see(Seen { sum, max, over });
}

impl Sums {
    /// Adds what was seen.
    pub fn see(&mut self, seen: Seen) {
        self.sum += seen.sum;
        self.max = self.max.max(seen.max);
        self.over += seen.over;
    }
}
