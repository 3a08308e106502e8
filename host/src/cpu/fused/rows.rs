//! Rows of bytes: what is made of a block's planes, one row a byte of the pixels and a frame.

use super::level::{Instructions, Seen, Several};
use super::sums::{BYTES, Sums};
use super::Rule;
use crate::cpu::terms::STEP;
use crate::cpu::{Kernels, unshuffle};
use std::ops::Range;

/// Most frames at once.
const LANES: usize = 16;

/// Between rows: with a power of two all of them would fall into the same few lines of the cache.
const APART: usize = 64;

/// Rows of all frames. Row (byte, frame) is zero beyond the block's pixels, up to a whole step.
#[derive(Debug, Default)]
pub struct Rows {
    bytes: [Vec<u8>; BYTES],
    /// Whether the row holds nothing but zeros.
    zero: [[bool; LANES]; BYTES],
    stride: usize,
}

/// How a block is looked at.
pub struct Inspection {
    pub instructions: Instructions,
    pub kernels: Kernels,
    pub rule: Rule,
    /// The frame's number of the block's first pixel.
    pub first: usize,
    /// Pixels of the block.
    pub pixels: usize,
}

impl Rows {
    /// Makes room for blocks of so many pixels.
    pub fn ready(&mut self, frames: usize, pixels: usize) {
        let stride = pixels.next_multiple_of(STEP) + APART;
        if stride != self.stride || self.bytes[0].len() < frames.min(LANES) * stride {
            *self = Rows { stride, ..Rows::default() };
        }
    }

    /// A row, zeros behind the block's pixels.
    fn row(&mut self, byte: usize, frame: usize, pixels: usize) -> &mut [u8] {
        if self.bytes[byte].is_empty() {
            self.bytes[byte] = vec![0; LANES * self.stride];
            self.zero[byte] = [true; LANES];
        }
        self.zero[byte][frame] = false;
        let row = &mut self.bytes[byte][frame * self.stride..][..pixels.next_multiple_of(STEP)];
        row[pixels..].fill(0);
        row
    }

    /// Row (byte, frame), up to its end.
    pub fn of(&self, byte: usize, frame: usize) -> &[u8] {
        &self.bytes[byte][frame * self.stride..][..self.stride]
    }

    /// Rows of byte `byte` of all lanes; zeros for frames that do not have it.
    pub fn of_all(
        &mut self,
        byte: usize,
        has: impl Iterator<Item = bool>,
        lanes: usize,
        pixels: Range<usize>,
    ) -> Several<'_> {
        let has = has.chain(std::iter::repeat(false));
        for (frame, has) in (0..lanes).zip(has) {
            if !has && !self.zero[byte][frame] {
                self.bytes[byte][frame * self.stride..][..self.stride].fill(0);
                self.zero[byte][frame] = true;
            }
        }
        Several { bytes: &self.bytes[byte][pixels.start..], stride: self.stride, pixels: pixels.len() }
    }

    /// Makes a frame's rows of a block, with 0 for what is masked or invalid, and adds what was seen to `sums`. Says how
    /// many bytes of the pixels there are rows for.
    pub fn make(&mut self, how: &Inspection, frame: usize, planes: &[u8], keep: &[u8], sums: &mut Sums) -> usize {
        let (size, pixels) = (planes.len() / how.pixels, how.pixels);
        let of_byte = |byte: usize| &planes[byte * pixels..(byte + 1) * pixels];
        let has = (1..=size).rev().find(|&bytes| how.instructions.any(of_byte(bytes - 1), keep)).unwrap_or(0);
        for byte in 0..has {
            unshuffle::row(how.kernels, of_byte(byte), keep, &mut self.row(byte, frame, pixels)[..pixels]);
        }
        let (most, threshold) = (how.rule.valid.max_valid(), how.rule.threshold);
        if has == 1 {
            let seen = how.instructions.look(self.row(0, frame, pixels), threshold.min(255) as u8);
            if seen.max <= most {
                sums.see(seen);
                return has;
            }
        }
        if has > 0 {
            self.look_at_pixels(how, frame, has, sums);
        }
        has
    }

    /// Pixel by pixel: where more than one byte is there, or a pixel is invalid.
    fn look_at_pixels(&mut self, how: &Inspection, frame: usize, has: usize, sums: &mut Sums) {
        let (most, threshold) = (how.rule.valid.max_valid(), how.rule.threshold);
        let (stride, at) = (self.stride, frame * self.stride);
        let mut bytes = self.bytes.each_mut().map(|rows| rows.get_mut(at..at + stride).unwrap_or_default());
        let mut codes = [0u32; STEP];
        for step in 0..how.pixels.div_ceil(STEP) {
            let range = step * STEP..(step + 1) * STEP;
            codes.fill(0);
            for (byte, row) in bytes.iter().enumerate().take(has) {
                for (code, &value) in codes.iter_mut().zip(&row[range.clone()]) {
                    *code |= u32::from(value) << (8 * byte);
                }
            }
            let largest = codes.iter().fold(0, |max, &code| code.max(max));
            if largest > most {
                for (k, code) in codes.iter_mut().enumerate().filter(|(_, code)| **code > most) {
                    *code = 0;
                    sums.invalid.push((how.first + range.start + k) as u32);
                    for row in bytes.iter_mut().take(has) {
                        row[range.start + k] = 0;
                    }
                }
            }
            let sum = codes.iter().map(|&code| u64::from(code)).sum();
            let max = codes.iter().fold(0, |max, &code| code.max(max));
            let over = codes.iter().map(|&code| u32::from(code > threshold)).sum();
            sums.see(Seen { sum, max, over });
        }
    }
}

impl Sums {
    fn see(&mut self, seen: Seen) {
        self.sum += seen.sum;
        self.max = self.max.max(seen.max);
        self.over += seen.over;
    }
}
