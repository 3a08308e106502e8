//! What is known of one frame.

use super::rings::Rings;
use crate::frame::FrameError;
use crate::spots::{self, Rule};
use crate::stack::INVALID;
use debye_spec::{Pixel, Statistics};
use serde::Serialize;

/// Numbers of one frame.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Features {
    /// Number of the frame.
    pub frame: usize,
    /// Valid pixels.
    pub valid: u32,
    /// Pixels that the mask allows but that do not count.
    pub invalid: u32,
    /// Sum of the valid pixels.
    pub sum: u64,
    /// Largest valid pixel.
    pub max: u32,
    /// Valid pixels over the threshold.
    pub over: u32,
    /// Spots, if they were looked for.
    pub spots: Option<usize>,
    /// Pixels that stand out of their ring, if they were looked for.
    pub outliers: Option<usize>,
    /// Why the frame could not be looked at.
    pub failed: Option<String>,
}

/// What is measured in whole frames beside statistics.
#[derive(Clone, Debug)]
pub struct Measure {
    /// Rows and columns.
    pub shape: [usize; 2],
    /// Pixels above this are counted in [`Features::over`].
    pub threshold: u32,
    /// Spots.
    pub spots: Option<Rule>,
    /// Rings, and by how many standard deviations a pixel stands out of its own.
    pub outliers: Option<(Rings, f64)>,
}

/// The features that a lane's statistics give.
pub fn from_statistics(frame: usize, statistics: &Statistics) -> Features {
    let Statistics { valid, invalid, sum, max, over } = *statistics;
    Features { frame, valid, invalid, sum, max, over, ..Features::default() }
}

impl Features {
    /// A frame that could not be looked at.
    pub fn failed(frame: usize, error: &FrameError) -> Features {
        Features { frame, failed: Some(error.message.clone()), ..Features::default() }
    }

    /// Counts of a valid pixel; 0 without any.
    pub fn mean(&self) -> f64 {
        if self.valid == 0 { 0.0 } else { self.sum as f64 / f64::from(self.valid) }
    }
}

impl Measure {
    /// The features of a whole frame: counts and [`INVALID`], masked pixels by `mask` (empty for none).
    pub fn features(&self, frame: usize, values: &[u32], mask: &[bool]) -> Features {
        let mut statistics = Statistics::default();
        for (pixel, &value) in values.iter().enumerate() {
            let pixel = match (mask.get(pixel), value) {
                (Some(true), _) => Pixel::Masked,
                (_, INVALID) => Pixel::Invalid,
                (_, value) => Pixel::Valid(value),
            };
            statistics.add(pixel, self.threshold);
        }
        Features {
            spots: self.spots.map(|rule| spots::find(self.shape, values, rule).len()),
            outliers: self.outliers.as_ref().map(|(rings, sigma)| rings.outliers(values, *sigma)),
            ..from_statistics(frame, &statistics)
        }
    }
}
