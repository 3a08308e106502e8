//! Where the detector stands, and what follows for each pixel: 2theta, q, chi, solid angle, polarization.
//!
//! Conventions are pyFAI's (Kieffer & Wright, Powder Diffraction 28 (2013) S339; `pyFAI/geometry/core.py`):
//! metres and radians, axis 1 is the slow one (Y), rot1 and rot2 left-handed, rot3 right-handed.

pub mod detector;
mod detectors;
mod gaps;
pub mod maps;
pub mod poni;
pub mod projector;
pub mod unit;

pub use detector::{Detector, DetectorConfig, DetectorError};
pub use poni::PoniError;
pub use projector::{Projector, chi, polarization, radius, two_theta};
pub use unit::RadialUnit;

use serde::{Deserialize, Serialize};

/// A detector and its place, as a PONI file describes them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Geometry {
    /// The detector.
    pub detector: Detector,
    /// Distance from the sample to the point of normal incidence, in m.
    pub distance: f64,
    /// Point of normal incidence along axis 1 (slow, Y), in m.
    pub poni1: f64,
    /// Point of normal incidence along axis 2 (fast, X), in m.
    pub poni2: f64,
    /// First rotation, in rad.
    pub rot1: f64,
    /// Second rotation, in rad.
    pub rot2: f64,
    /// Third rotation, in rad.
    pub rot3: f64,
    /// Wavelength in m, where the file has one.
    pub wavelength: Option<f64>,
}

impl Geometry {
    /// Prepares the evaluation of positions.
    ///
    /// An orientation other than 3 counts pixels from the far end: without a shape, which the readers never leave out
    /// then ([`detector::DetectorError::OrientationNeedsShape`]), the positions are NaN.
    pub fn projector(&self) -> Projector {
        Projector::new(self)
    }
}
