//! The table as the fast kernels read it: terms of a tile of 4 x 4 pixels and one bin.
//!
//! Neighbouring pixels share bins, those below one another as those side by side. A term says what the 16 pixels of a tile
//! add to one bin; a frame of a fine pattern has 0.6 terms a pixel, a coarse one 0.3. Four rows of pixels are a *band*, 64
//! columns of it a *step*, 16 tiles. Terms are packed:
//!
//! ```text
//! run     the terms of a step whose bins are less than 4096 apart: the least bin, and where its terms and weights begin
//! term    12 bits: bin, from the run's least on; 4 bits: tile;  16 bits: which of its pixels add to the bin
//! weight  a byte for each of those, >> shift; none where all weights are 1, as where no pixel is split
//! ```
//!
//! Only `signal` needs weights of its own: with U = 64 >> `shift`, the weight of a whole pixel in the table's unit, a weight
//! u has u^2 = U u - u (U - u), so that
//!
//! ```text
//! signal   = 2^shift  sum u v
//! variance = 4^shift (U sum u v - sum u (U - u) v)
//! ```
//!
//! and the second sum, the *defect*, has something for split pixels only. Both fit 32 bits for so many pixels a bin that
//! they are emptied into 64 bits but once or twice a frame ([`Terms::limits`] says where).

mod make;

use debye_spec::Table;
use debye_spec::bounds::WHOLE_WEIGHT;
use std::ops::Range;

/// Columns of a step: rows of pixels are taken so many at a time.
pub const STEP: usize = 64;

/// Rows and columns of a tile; rows of a band.
pub const SIDE: usize = 4;

/// Pixels of a tile.
pub const TILE: usize = SIDE * SIDE;

/// Tiles of a step.
pub const TILES: usize = STEP / SIDE;

/// Columns beyond which four rows are too much for the caches: such frames are taken as if they had [`STEP`] columns.
const MOST_COLUMNS: usize = 1 << 13;

/// Bins of a run.
const SPAN: u32 = 1 << 12;

/// Bytes that can be read behind the last weight.
pub const WEIGHTS_SLACK: usize = 64;

/// Four terms. A run's are whole fours: terms without pixels fill the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C, align(16))]
pub struct Four {
    /// Bits 0..4: where the tile stands ([`place`]); bits 4..16: bin, from the run's least on.
    pub codes: [u16; 4],
    /// A bit a pixel of the tile, row by row.
    pub masks: [u16; 4],
}

/// Where a step's tile stands when four rows of 64 bytes are turned into tiles by instructions on lanes of 16 bytes.
pub const fn place(tile: usize) -> usize {
    tile % SIDE * SIDE + tile / SIDE
}

/// Terms of a step, their bins less than [`SPAN`] apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    /// Where its weights begin.
    pub weights: usize,
    /// Where its terms begin, in fours; they end where the next run's begin.
    pub fours: u32,
    /// The least bin.
    pub base: u32,
    /// The step's first column.
    pub column: u32,
}

/// All terms of a table, and its mask.
#[derive(Debug)]
pub struct Terms {
    fours: Vec<Four>,
    /// With [`WEIGHTS_SLACK`] behind the last.
    weights: Vec<u8>,
    /// One more than there are.
    runs: Vec<Run>,
    /// Band b has the runs `bands[b]..bands[b + 1]`.
    bands: Vec<usize>,
    /// A bit a pixel, 1 = not masked; whole steps.
    unmasked: Vec<u8>,
    /// Runs before which 32-bit sums must be emptied, rising.
    limits: Vec<usize>,
    columns: usize,
    pixels: usize,
    bins: usize,
    shift: u32,
}

/// Some runs of one band.
#[derive(Clone, Copy)]
pub struct Runs<'a> {
    /// One more than there are.
    runs: &'a [Run],
    fours: &'a [Four],
    weights: &'a [u8],
    columns: usize,
    bins: usize,
    whole: u32,
}

impl<'a> Runs<'a> {
    /// Each run, its terms, and the weights from its first on, with [`WEIGHTS_SLACK`] bytes behind its last.
    #[inline(always)]
    pub fn each(self) -> impl Iterator<Item = (Run, &'a [Four], &'a [u8])> {
        self.runs.windows(2).map(move |run| {
            let fours = &self.fours[run[0].fours as usize..run[1].fours as usize];
            (run[0], fours, &self.weights[run[0].weights..])
        })
    }

    /// Pixels from one row of the band to the next.
    pub fn columns(self) -> usize {
        self.columns
    }

    /// Number of bins, which all terms are below.
    pub fn bins(self) -> usize {
        self.bins
    }

    /// U: the weight of a whole pixel.
    pub fn whole(self) -> u32 {
        self.whole
    }
}

impl Terms {
    /// The terms of a table that passes its checks. Frames have rows of `columns` pixels: sums are the same whatever is said.
    pub fn new(table: Table<'_>, columns: usize) -> Terms {
        let columns = if columns == 0 || columns > MOST_COLUMNS { STEP } else { columns };
        let weights = table.entries.iter().fold(WHOLE_WEIGHT, |all, entry| all | entry.weight());
        let shift = weights.trailing_zeros();
        let pixels = table.pixels();
        let mut made = Terms {
            fours: Vec::new(),
            weights: Vec::new(),
            runs: Vec::new(),
            bands: vec![0],
            unmasked: vec![0; pixels.div_ceil(STEP) * STEP / 8],
            limits: Vec::new(),
            columns,
            pixels,
            bins: table.bins,
            shift,
        };
        for (pixel, masked) in table.masked.iter().enumerate() {
            made.unmasked[pixel / 8] |= u8::from(!masked) << (pixel % 8);
        }
        made.fill(&table);
        made
    }

    /// Pixels of a frame.
    pub fn pixels(&self) -> usize {
        self.pixels
    }

    /// Pixels of a row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of bins.
    pub fn bins(&self) -> usize {
        self.bins
    }

    /// Binary digits that all weights end in zeros with.
    pub fn shift(&self) -> u32 {
        self.shift
    }

    /// U: the weight of a whole pixel.
    pub fn whole(&self) -> u32 {
        WHOLE_WEIGHT >> self.shift
    }

    /// The numbers of a band's runs.
    pub fn band(&self, band: usize) -> Range<usize> {
        self.bands[band]..self.bands[band + 1]
    }

    /// Runs by their numbers, of one band.
    pub fn of(&self, runs: Range<usize>) -> Runs<'_> {
        Runs {
            runs: &self.runs[runs.start..=runs.end],
            fours: &self.fours,
            weights: &self.weights,
            columns: self.columns,
            bins: self.bins,
            whole: self.whole(),
        }
    }

    /// The bins of one pixel, and its weights there, >> shift.
    pub fn of_pixel(&self, pixel: usize, mut to: impl FnMut(usize, u32)) {
        let (row, column) = (pixel / self.columns, pixel % self.columns);
        let tile = place(column % STEP / SIDE);
        let bit = row % SIDE * SIDE + column % SIDE;
        let runs = self.of(self.band(row / SIDE)).each();
        for (run, fours, mut weights) in runs.filter(|(run, ..)| run.column as usize == column / STEP * STEP) {
            for (code, mask) in fours.iter().flat_map(|four| four.codes.into_iter().zip(four.masks)) {
                if usize::from(code) % TILES == tile && mask >> bit & 1 != 0 {
                    let before = (mask & ((1 << bit) - 1)).count_ones() as usize;
                    let weight = if self.whole() > 1 { weights[before].into() } else { 1 };
                    to(run.base as usize + usize::from(code >> 4), weight);
                }
                if self.whole() > 1 {
                    weights = &weights[mask.count_ones() as usize..];
                }
            }
        }
    }

    /// Bits of the pixels from `pixel` (a multiple of 8) on; 1 = not masked.
    pub fn unmasked(&self, pixel: usize, pixels: usize) -> &[u8] {
        &self.unmasked[pixel / 8..(pixel + pixels) / 8]
    }

    /// Whether pixel `pixel` is masked.
    pub fn is_masked(&self, pixel: usize) -> bool {
        self.unmasked[pixel / 8] >> (pixel % 8) & 1 == 0
    }

    /// The first run after run `run` before which 32-bit sums must be emptied.
    pub fn limit_after(&self, run: usize) -> usize {
        let next = self.limits.partition_point(|&limit| limit <= run);
        self.limits.get(next).copied().unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests;
