//! The table of a geometry: which bins each pixel adds to with which weight, and what it is normalised by.

mod build;
pub mod edges;
mod evaluate;
mod extent;
pub mod file;
pub mod norm;
mod rays;
mod request;
mod tally;
#[cfg(test)]
pub(crate) mod tests;

pub use build::{CONVENTION, build, build_with};
pub use file::{TableFileError, load, parse, save};
pub use request::{BuildError, DEFAULT_AZIMUTH_BINS, Request};

use crate::geometry::{Geometry, RadialUnit};
use debye_spec::Entry;
use serde::{Deserialize, Serialize};

/// Pixel splitting: each pixel is cut into n x n sub-pixels, each of which falls into one bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Split(u8);

impl TryFrom<u8> for Split {
    type Error = String;

    fn try_from(n: u8) -> Result<Split, String> {
        Split::new(n).ok_or_else(|| format!("a pixel cannot be split {n} x {n}: 1, 2, 4 or 8 are possible"))
    }
}

impl From<Split> for u8 {
    fn from(split: Split) -> u8 {
        split.0
    }
}

impl Split {
    /// `n` of 1, 2, 4 or 8; `None` for anything else.
    pub fn new(n: u8) -> Option<Split> {
        matches!(n, 1 | 2 | 4 | 8).then_some(Split(n))
    }

    /// n.
    pub fn n(self) -> usize {
        self.0 as usize
    }

    /// Centre of sub-pixel `index` along one axis, in pixels from the detector's corner: sub-pixel k of pixel i has
    /// the index i n + k and its centre at i + (k + 1/2) / n.
    fn centre(self, index: usize) -> f64 {
        let n = self.n();
        (index / n) as f64 + ((index % n) as f64 + 0.5) / n as f64
    }

    /// Weight of one sub-pixel in 1/64ths of a pixel.
    pub fn weight(self) -> u8 {
        64 / (self.0 * self.0)
    }
}

/// Everything that a table is made of, in words: written into the table file and into every output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// Debye's version that built the table.
    pub version: String,
    /// The geometry.
    pub geometry: Geometry,
    /// Rows and columns of a frame.
    pub shape: [usize; 2],
    /// Unit of the radial axis.
    pub unit: RadialUnit,
    /// Number of radial bins.
    pub radial_bins: usize,
    /// Number of azimuthal bins; 1 and `caked` false for a 1D pattern.
    pub azimuth_bins: usize,
    /// Whether the pattern is 2D (radial x azimuthal).
    pub caked: bool,
    /// Azimuthal range in degrees, where one was asked for.
    pub azimuth_range: Option<[f64; 2]>,
    /// Pixel splitting.
    pub split: Split,
    /// Whether the solid angle enters the normalisation.
    pub solid_angle: bool,
    /// Polarization factor, where one enters the normalisation.
    pub polarization: Option<f64>,
    /// Whether a flat field enters the normalisation.
    pub flat: bool,
    /// Masked pixels, those of the next field among them.
    pub masked_pixels: usize,
    /// Pixels that the mask allows but whose flat-field value is not finite and positive: they are masked.
    pub flat_masked_pixels: usize,
    /// Convention of the pattern: always `pyfai` (I = sum w v / sum w (solid angle x polarization x flat)).
    pub convention: String,
}

/// A table, checked ([`debye_spec::Table::check`]) and named by its hash.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What it was made of.
    pub description: Description,
    /// `radial_bins + 1` rising edges, in the unit of the description.
    pub radial_edges: Vec<f64>,
    /// `azimuth_bins + 1` rising edges in degrees (for a 1D pattern, the whole range).
    pub azimuth_edges: Vec<f64>,
    /// One a pixel: true = masked.
    pub masked: Vec<bool>,
    /// Pixel p has the entries `starts[p]..starts[p + 1]`.
    pub starts: Vec<u32>,
    /// Entries; the bin is `azimuth * radial_bins + radial`.
    pub entries: Vec<Entry>,
    /// Normalisation of each pixel (solid angle x polarization x flat) as a whole number of 2^`norm_exponent`:
    /// sums of them are exact, whatever the order. 0 where masked.
    pub norm: Vec<u64>,
    /// Exponent of the unit of `norm`.
    pub norm_exponent: i32,
    /// Per bin, the sum of w over all unmasked pixels: a frame's `weight` when all of them are valid.
    pub full_weight: Vec<u32>,
    /// Per bin, the sum of w * `norm` over all unmasked pixels.
    pub full_norm: Vec<u128>,
    /// SHA-256 of all of the above as the table file holds it.
    pub hash: [u8; 32],
}

impl Table {
    /// The view that the definition and the engines take.
    pub fn spec(&self) -> debye_spec::Table<'_> {
        debye_spec::Table { bins: self.bins(), masked: &self.masked, starts: &self.starts, entries: &self.entries }
    }

    /// Number of bins, radial x azimuthal.
    pub fn bins(&self) -> usize {
        self.description.radial_bins * self.description.azimuth_bins
    }

    /// Number of pixels.
    pub fn pixels(&self) -> usize {
        self.masked.len()
    }

    /// The hash in hexadecimal.
    pub fn hash_hex(&self) -> String {
        crate::digest::hex(&self.hash)
    }

    /// Centres of the radial bins.
    pub fn radial_centres(&self) -> Vec<f64> {
        centres(&self.radial_edges)
    }

    /// Centres of the azimuthal bins, in degrees.
    pub fn azimuth_centres(&self) -> Vec<f64> {
        centres(&self.azimuth_edges)
    }
}

fn centres(edges: &[f64]) -> Vec<f64> {
    edges.windows(2).map(|edge| 0.5 * (edge[0] + edge[1])).collect()
}
