//! What a table is asked for, and every reason to refuse.

use super::Split;
use crate::geometry::{DetectorError, Geometry, RadialUnit};
use debye_spec::TableError;
use debye_spec::bounds::{MAX_BINS, MAX_PIXELS};
use thiserror::Error;

/// Azimuthal bins of a 2D pattern when their number is not given (pyFAI's default for `integrate2d`).
pub const DEFAULT_AZIMUTH_BINS: usize = 360;

/// What [`super::build()`] makes a table of.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Detector and its place.
    pub geometry: Geometry,
    /// Rows and columns of a frame.
    pub shape: [usize; 2],
    /// Unit of the radial axis.
    pub unit: RadialUnit,
    /// Number of radial bins.
    pub radial_bins: usize,
    /// Whether the pattern is 2D (radial x azimuthal).
    pub caked: bool,
    /// Number of azimuthal bins of a 2D pattern; [`DEFAULT_AZIMUTH_BINS`] when absent.
    pub azimuth_bins: Option<usize>,
    /// Radial range in `unit`; when absent, that of all sub-pixel centres of the detector, masked or not.
    pub radial_range: Option<[f64; 2]>,
    /// Azimuthal range in degrees, at most 360 wide; chi is taken modulo 360 into it, so [170, 190] is a range
    /// across the cut. When absent, [-180, 180] for a 2D pattern and no limit for a 1D one.
    pub azimuth_range: Option<[f64; 2]>,
    /// Pixel splitting.
    pub split: Split,
    /// One a pixel, row by row: true = masked.
    pub mask: Vec<bool>,
    /// Flat field, one a pixel, row by row. Pixels whose value is not finite and positive are masked.
    pub flat: Option<Vec<f64>>,
    /// Whether the solid angle enters the normalisation.
    pub solid_angle: bool,
    /// Polarization factor in [-1, 1], where one enters the normalisation.
    pub polarization: Option<f64>,
}

/// Why a table cannot be built.
#[derive(Debug, Error, PartialEq)]
pub enum BuildError {
    /// No pixels, or too many.
    #[error("a frame of {} x {} pixels cannot be integrated: 1 to {MAX_PIXELS} pixels are possible", .0[0], .0[1])]
    Shape([usize; 2]),
    /// The PONI's detector has another shape than the frames.
    #[error(transparent)]
    Detector(#[from] DetectorError),
    /// The mask has another number of pixels.
    #[error("the mask has {have} pixels, the frames have {} x {}: give a mask of the frames' shape", shape[0], shape[1])]
    MaskShape {
        /// Pixels of the mask.
        have: usize,
        /// Rows and columns of the frames.
        shape: [usize; 2],
    },
    /// The flat field has another number of pixels.
    #[error(
        "the flat field has {have} pixels, the frames have {} x {}: give a flat field of the frames' shape",
        shape[0], shape[1]
    )]
    FlatShape {
        /// Pixels of the flat field.
        have: usize,
        /// Rows and columns of the frames.
        shape: [usize; 2],
    },
    /// Every pixel is masked.
    #[error("all {pixels} pixels are masked{}", all_masked(*by_flat))]
    AllMasked {
        /// Pixels.
        pixels: usize,
        /// Those masked by the flat field alone.
        by_flat: usize,
    },
    /// No bins, or too many.
    #[error("{radial} radial x {azimuth} azimuthal bins are not possible: at least 1 each and {MAX_BINS} in all")]
    Bins {
        /// Radial bins.
        radial: usize,
        /// Azimuthal bins.
        azimuth: usize,
    },
    /// Azimuthal bins for a 1D pattern.
    #[error("{0} azimuthal bins were asked for, but a 1D pattern has none: ask for a 2D pattern or leave them out")]
    AzimuthBinsWithoutCaking(usize),
    /// A radial range that is no range.
    #[error("the radial range {} to {} is empty, reversed or not finite: give two rising numbers in {unit}", .range[0], .range[1])]
    RadialRange {
        /// The range.
        range: [f64; 2],
        /// Name of the unit.
        unit: RadialUnit,
    },
    /// An azimuthal range that is no range.
    #[error(
        "the azimuthal range {} to {} is not possible: give two rising numbers in degrees, from -360 on, at most 360 apart",
        .0[0], .0[1]
    )]
    AzimuthRange([f64; 2]),
    /// Bins so narrow that f64 cannot tell their edges apart.
    #[error("{bins} bins between {} and {} are too narrow: their edges coincide in f64; use fewer bins", range[0], range[1])]
    BinsTooNarrow {
        /// Bins.
        bins: usize,
        /// Their range.
        range: [f64; 2],
    },
    /// No range was given, and the whole detector lies at one radial value.
    #[error("every pixel lies at the radial value {0}: give a radial range")]
    NoExtent(f64),
    /// No sub-pixel of an unmasked pixel is within the ranges.
    #[error(
        "no unmasked pixel lies within the ranges asked for: this detector covers {} to {} {unit} (over all azimuths)",
        short(covers[0]), short(covers[1])
    )]
    NothingInRange {
        /// Radial extent of the whole detector.
        covers: [f64; 2],
        /// Name of the unit.
        unit: RadialUnit,
    },
    /// q needs a wavelength.
    #[error("the unit {0} needs a wavelength, but the geometry has none: give --wavelength, or use 2th_deg or r_mm")]
    NoWavelength(RadialUnit),
    /// A number of the geometry that cannot be.
    #[error("the geometry's {name} is {value}: {rule}")]
    Geometry {
        /// Which number.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        rule: &'static str,
    },
    /// The polarization factor is out of range.
    #[error("the polarization factor {0} is not possible: it lies between -1 (vertical) and 1 (horizontal)")]
    Polarization(f64),
    /// The geometry gives no number at a pixel.
    #[error("the geometry gives no finite {what} at row {row}, column {column}: check the PONI file's numbers")]
    NotFinite {
        /// Which quantity.
        what: &'static str,
        /// Row.
        row: usize,
        /// Column.
        column: usize,
    },
    /// Every pixel's normalisation is zero.
    #[error("solid angle, polarization and flat field multiply to 0 at every pixel: nothing can be normalised")]
    NoNormalisation,
    /// The table breaks a rule of the arithmetic.
    #[error("the table is refused: {0}")]
    Table(#[from] TableError),
}

/// By what all pixels are masked, and what to do.
fn all_masked(by_flat: usize) -> String {
    match by_flat {
        0 => ": in a mask, non-zero (true) means masked; invert it if it was meant the other way round".into(),
        _ => format!(", {by_flat} of them by the flat field, whose values must be positive and finite"),
    }
}

/// A number to four digits.
fn short(value: f64) -> String {
    let decimals = if value == 0.0 { 0.0 } else { 3.0 - value.abs().log10().floor() };
    format!("{value:.*}", decimals.clamp(0.0, 12.0) as usize)
}
