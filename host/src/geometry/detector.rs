//! Detectors: pixel size, shape, orientation and gaps, by name or by numbers.

use serde::{Deserialize, Serialize};

/// A flat detector with a regular grid of pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detector {
    /// pyFAI's name of it (`Eiger2 4M`), or `Detector` when it is given by numbers alone.
    pub name: String,
    /// Pixel size along axis 1 (slow, Y), in m.
    pub pixel1: f64,
    /// Pixel size along axis 2 (fast, X), in m.
    pub pixel2: f64,
    /// Rows and columns, where they are known.
    pub shape: Option<[usize; 2]>,
    /// Orientation 1 to 4 of the first pixel as EXIF counts; 3 is pyFAI's default.
    pub orientation: u8,
}
