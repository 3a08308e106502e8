//! Where the detector stands, and what follows for each pixel: 2theta, q, chi, solid angle, polarization.
//!
//! Conventions are pyFAI's (Kieffer & Wright, Powder Diffraction 28 (2013) S339; `pyFAI/geometry/core.py`):
//! metres and radians, axis 1 is the slow one (Y), rot1 and rot2 left-handed, rot3 right-handed.

pub mod detector;
pub mod poni;
pub mod unit;

pub use detector::Detector;
pub use poni::PoniError;
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

/// A geometry reduced to numbers: evaluates positions in the lab frame.
#[derive(Clone, Debug)]
pub struct Projector {
    rotation: [[f64; 3]; 3],
    geometry: Geometry,
}

impl Geometry {
    /// Prepares the evaluation of positions.
    pub fn projector(&self) -> Projector {
        let (s1, c1) = self.rot1.sin_cos();
        let (s2, c2) = self.rot2.sin_cos();
        let (s3, c3) = self.rot3.sin_cos();
        let rotation = [
            [c2 * c3, c3 * s1 * s2 - c1 * s3, -(c1 * c3 * s2 + s1 * s3)],
            [c2 * s3, c1 * c3 + s1 * s2 * s3, -(-c3 * s1 + c1 * s2 * s3)],
            [s2, -c2 * s1, c1 * c2],
        ];
        Projector { rotation, geometry: self.clone() }
    }
}

impl Projector {
    /// Position in the lab frame, in m: (t1, t2, t3), t3 along the beam. `d1` and `d2` count pixels along axis 1
    /// and 2 from the detector's corner: the centre of the first pixel is (0.5, 0.5).
    pub fn lab(&self, d1: f64, d2: f64) -> [f64; 3] {
        let g = &self.geometry;
        let p = [d1 * g.detector.pixel1 - g.poni1, d2 * g.detector.pixel2 - g.poni2, g.distance];
        self.rotation.map(|row| row[0] * p[0] + row[1] * p[1] + row[2] * p[2])
    }
}
