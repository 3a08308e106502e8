//! The accumulators: exact unsigned sums per bin.

use crate::table::Entry;
use alloc::vec;
use alloc::vec::Vec;

/// Sums of one frame. The three vectors have one element a bin; the order of additions does not matter.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Bins {
    /// Sum of w * v.
    pub signal: Vec<u64>,
    /// Sum of w * w * v: 64^2 times the Poisson variance of `signal / 64`.
    pub variance: Vec<u64>,
    /// Sum of w over the valid pixels.
    pub weight: Vec<u32>,
}

impl Bins {
    /// Zeroed sums of `bins` bins.
    pub fn new(bins: usize) -> Self {
        Bins { signal: vec![0; bins], variance: vec![0; bins], weight: vec![0; bins] }
    }

    /// Number of bins.
    pub fn len(&self) -> usize {
        self.signal.len()
    }

    /// Whether there are no bins.
    pub fn is_empty(&self) -> bool {
        self.signal.is_empty()
    }

    /// Adds a valid pixel's `value` through one table entry. The widths hold for every checked table
    /// ([`crate::bounds`]); wrapping is what a gateware adder of that width would do.
    pub fn add(&mut self, entry: Entry, value: u32) {
        let (bin, w, v) = (entry.bin() as usize, entry.weight() as u64, value as u64);
        if bin < self.len() {
            self.signal[bin] = self.signal[bin].wrapping_add(w * v);
            self.variance[bin] = self.variance[bin].wrapping_add(w * w * v);
            self.weight[bin] = self.weight[bin].wrapping_add(w as u32);
        }
    }

    /// Feeds the bytes of the result record to `sink`, little-endian: all of `signal` (u64), all of `variance`
    /// (u64), all of `weight` (u32). `result_crc32` is the CRC-32 of the records of all frames in the order of
    /// their numbers; a frame that failed has a record of zeros.
    pub fn record(&self, mut sink: impl FnMut(&[u8])) {
        for value in self.signal.iter().chain(&self.variance) {
            sink(&value.to_le_bytes());
        }
        for value in &self.weight {
            sink(&value.to_le_bytes());
        }
    }

    /// Bytes of a record with `bins` bins.
    pub const fn record_bytes(bins: usize) -> usize {
        bins * (8 + 8 + 4)
    }
}
