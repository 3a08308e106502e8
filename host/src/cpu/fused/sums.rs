//! What a frame has added up so far: 32-bit sums that kernels add to, and the 64-bit sums that those are emptied into.

use crate::cpu::terms::{SIDE, Terms};

/// Most bytes of a pixel; each has 32-bit sums of its own.
pub const BYTES: usize = 4;

/// Sums of one frame.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    /// Per bin, sum of u v, and sum of u (U - u) v.
    pub bins: Vec<[u64; 2]>,
    /// Sum of all valid pixels.
    pub sum: u64,
    /// The largest valid pixel.
    pub max: u32,
    /// Valid pixels above the threshold.
    pub over: u32,
    /// Unmasked pixels that are not valid, rising.
    pub invalid: Vec<u32>,
}

impl Sums {
    /// Zeros for so many bins.
    pub fn clear(&mut self, bins: usize) {
        self.bins.clear();
        self.bins.resize(bins, [0; 2]);
        (self.sum, self.max, self.over) = (0, 0, 0);
        self.invalid.clear();
    }

    /// Adds one pixel of value `value` to a bin with weight `u`.
    pub fn add(&mut self, terms: &Terms, bin: usize, u: u32, value: u32) {
        let u = u64::from(u);
        let [signal, defect] = &mut self.bins[bin];
        *signal += u * u64::from(value);
        *defect += u * (u64::from(terms.whole()) - u) * u64::from(value);
    }

    /// `signal` and `variance` as the definition has them.
    pub fn signal_and_variance(&self, terms: &Terms) -> (Vec<u64>, Vec<u64>) {
        let (shift, whole) = (terms.shift(), u64::from(terms.whole()));
        let signal = self.bins.iter().map(|[signal, _]| signal << shift).collect();
        let variance = self.bins.iter().map(|[signal, defect]| (whole * signal - defect) << (2 * shift)).collect();
        (signal, variance)
    }
}

/// A bin's 32-bit sums of one frame: of each column of the tiles a signal, then of each a defect.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(32))]
pub struct Lanes(pub [u32; 2 * SIDE]);

/// Bins above which [`Lanes`] would not stay in cache.
pub const MOST_LANES: usize = 1 << 13;

/// 32-bit sums of all bins of one frame.
#[derive(Debug)]
pub enum Narrow<'a> {
    /// Column by column of the tiles.
    Lanes(&'a mut [Lanes]),
    /// Signal in the lower half, defect in the upper.
    Pairs(&'a mut [u64]),
}

impl Narrow<'_> {
    /// How many bins there are.
    pub fn bins(&self) -> usize {
        match self {
            Narrow::Lanes(sums) => sums.len(),
            Narrow::Pairs(sums) => sums.len(),
        }
    }
}

/// 32-bit sums of one frame, for one byte of the pixels.
#[derive(Debug, Default)]
pub struct Single {
    lanes: Vec<Lanes>,
    pairs: Vec<u64>,
    used: bool,
}

impl Single {
    /// The sums, to be added to: of a table, always of so many bins.
    pub fn to_add(&mut self, bins: usize) -> Narrow<'_> {
        self.used = true;
        if bins <= MOST_LANES {
            self.lanes.resize(bins, Lanes::default());
            Narrow::Lanes(&mut self.lanes)
        } else {
            self.pairs.resize(bins, 0);
            Narrow::Pairs(&mut self.pairs)
        }
    }

    /// Empties them into the frame's: byte `byte` of the pixels.
    pub fn empty(&mut self, byte: usize, sums: &mut Sums) {
        if !std::mem::take(&mut self.used) {
            return;
        }
        for (narrow, wide) in self.lanes.iter_mut().zip(&mut sums.bins) {
            // All lanes together fit 32 bits.
            let [a, b, c, d, e, f, g, h] = narrow.0;
            wide[0] += u64::from(a + b + c + d) << (8 * byte);
            wide[1] += u64::from(e + f + g + h) << (8 * byte);
            *narrow = Lanes::default();
        }
        for (narrow, wide) in self.pairs.iter_mut().zip(&mut sums.bins) {
            wide[0] += (*narrow & 0xffff_ffff) << (8 * byte);
            wide[1] += (*narrow >> 32) << (8 * byte);
            *narrow = 0;
        }
    }
}

/// 32-bit sums of `lanes` frames, for one byte of the pixels: a bin has the signals of all, then their defects.
#[derive(Debug, Default)]
pub struct Batch {
    sums: Vec<Line>,
    lanes: usize,
    used: bool,
}

/// Half a cache line's alignment would cost the widest kernel two lines an access.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(64))]
struct Line([u32; 16]);

/// The numbers of whole lines.
fn numbers(lines: &mut [Line]) -> &mut [u32] {
    // SAFETY: a `Line` is sixteen u32 and nothing else: 64 bytes of size and alignment.
    unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), lines.len() * 16) }
}

impl Batch {
    /// The sums, to be added to: 2 x `lanes` a bin; aligned to 64 bytes.
    pub fn to_add(&mut self, bins: usize, lanes: usize) -> &mut [u32] {
        let lines = (bins * 2 * lanes).div_ceil(16);
        if self.sums.len() != lines || self.lanes != lanes {
            self.sums = vec![Line::default(); lines];
            self.lanes = lanes;
        }
        self.used = true;
        numbers(&mut self.sums)
    }

    /// Empties them into the frames'.
    pub fn empty(&mut self, byte: usize, frames: &mut [Sums]) {
        if !std::mem::take(&mut self.used) {
            return;
        }
        let lanes = self.lanes;
        for (bin, narrow) in numbers(&mut self.sums).chunks_exact_mut(2 * lanes).enumerate() {
            for (lane, sums) in frames.iter_mut().enumerate() {
                if let Some(wide) = sums.bins.get_mut(bin) {
                    wide[0] += u64::from(narrow[lane]) << (8 * byte);
                    wide[1] += u64::from(narrow[lanes + lane]) << (8 * byte);
                }
            }
            narrow.fill(0);
        }
    }
}
