//! Bands of rows, gathered from blocks: blocks end anywhere in a row, terms are of four rows.

use super::MOST_TOGETHER;
use super::level::Several;
use super::sums::BYTES;
use crate::cpu::terms::{SIDE, STEP};

/// Between frames: with a power of two all of them would fall into the same few lines of the cache.
const APART: usize = 64;

/// A row of bytes for each byte of the pixels and each frame: the band at hand, and what came behind it in its last block.
#[derive(Debug)]
pub struct Bands {
    bytes: [Vec<u8>; BYTES],
    ends: [[Ends; MOST_TOGETHER]; BYTES],
    stride: usize,
    /// Pixels of a band.
    band: usize,
    /// Where the band at hand begins.
    from: usize,
    /// Up to where there are pixels.
    to: usize,
}

/// How far a frame's bytes are what they should be.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    /// Behind it nothing was put.
    put: usize,
    /// Up to it zeros stand for what was not put.
    made: usize,
    /// Behind it all is zero.
    zeros: usize,
}

impl Bands {
    /// Bands of rows of so many pixels.
    pub fn new(columns: usize) -> Bands {
        let (bytes, ends) = Default::default();
        Bands { bytes, ends, stride: 0, band: columns * SIDE, from: 0, to: 0 }
    }

    /// Forgets all pixels; makes room for blocks of so many.
    pub fn ready(&mut self, pixels: usize) {
        let stride = (self.band + pixels + STEP).next_multiple_of(STEP) + APART;
        if stride > self.stride {
            self.stride = stride;
            (self.bytes, self.ends) = Default::default();
        }
        self.ends.as_flattened_mut().iter_mut().for_each(|ends| (ends.put, ends.made) = (0, 0));
        (self.from, self.to) = (0, 0);
    }

    /// Where byte `byte` of a frame's next pixels belongs, whole steps; zeros behind those pixels.
    pub fn next_row(&mut self, byte: usize, frame: usize, pixels: usize) -> &mut [u8] {
        if self.bytes[byte].is_empty() {
            self.bytes[byte] = vec![0; MOST_TOGETHER * self.stride];
        }
        self.make(byte, frame, self.to);
        let ends = &mut self.ends[byte][frame];
        ends.zeros = ends.zeros.max(self.to + pixels);
        let row = &mut self.bytes[byte][frame * self.stride + self.to..][..pixels.next_multiple_of(STEP)];
        row[pixels..].fill(0);
        row
    }

    /// The same of all bytes; empty where there never was one.
    pub fn next_rows(&mut self, frame: usize, pixels: usize) -> [&mut [u8]; BYTES] {
        let at = frame * self.stride + self.to;
        self.bytes.each_mut().map(|rows| rows.get_mut(at..at + pixels.next_multiple_of(STEP)).unwrap_or_default())
    }

    /// A frame's next pixels are there, the first `bytes` bytes of each.
    pub fn put(&mut self, bytes: usize, frame: usize, pixels: usize) {
        for ends in &mut self.ends[..bytes] {
            (ends[frame].put, ends[frame].made) = (self.to + pixels, self.to + pixels);
        }
    }

    /// Zeros up to `to` where nothing was put.
    fn make(&mut self, byte: usize, frame: usize, to: usize) {
        let ends = &mut self.ends[byte][frame];
        if ends.made < to.min(ends.zeros) {
            self.bytes[byte][frame * self.stride..][ends.made..to.min(ends.zeros)].fill(0);
        }
        if ends.zeros <= to {
            ends.zeros = ends.zeros.min(ends.made);
        }
        ends.made = ends.made.max(to);
    }

    /// So many pixels were put, of all frames that have them.
    pub fn advance(&mut self, pixels: usize) {
        self.to += pixels;
    }

    /// Whether the band at hand is complete.
    pub fn is_full(&self) -> bool {
        self.to - self.from >= self.band
    }

    /// Whether it has no pixel.
    pub fn is_empty(&self) -> bool {
        self.to == self.from
    }

    /// Whether a frame has this byte in any pixel of the band.
    pub fn has(&self, byte: usize, frame: usize) -> bool {
        self.ends[byte][frame].put > self.from
    }

    /// A frame's band of byte `byte`; zeros where nothing was put, and up to a step of anything behind it.
    pub fn of(&mut self, byte: usize, frame: usize) -> &[u8] {
        self.make(byte, frame, self.from + self.band);
        &self.bytes[byte][frame * self.stride + self.from..][..self.band + STEP]
    }

    /// The band of byte `byte` of all lanes.
    pub fn of_all(&mut self, byte: usize, lanes: usize) -> Several<'_> {
        (0..lanes).for_each(|frame| self.make(byte, frame, self.from + self.band));
        let bytes = &self.bytes[byte][self.from..];
        Several { bytes: &bytes[..(lanes - 1) * self.stride + self.band + STEP], stride: self.stride, sparse: byte > 0 }
    }

    /// Goes on to the next band.
    pub fn next(&mut self) {
        self.from = self.to.min(self.from + self.band);
    }

    /// What of a band is there, to the front: there is room for a block behind it.
    pub fn gather(&mut self) {
        let from = std::mem::take(&mut self.from);
        self.to -= from;
        for (bytes, ends) in self.bytes.iter_mut().zip(&mut self.ends).filter(|(bytes, _)| !bytes.is_empty()) {
            for (frame, ends) in ends.iter_mut().enumerate() {
                let put = ends.put.saturating_sub(from);
                if from > 0 && put > 0 {
                    bytes[frame * self.stride..][..self.stride].copy_within(from..from + put, 0);
                }
                (ends.put, ends.made) = (put, put);
            }
        }
    }
}
