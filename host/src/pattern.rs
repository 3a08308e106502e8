//! From exact sums to I and sigma, in f64: one function for every engine.

use crate::table::{Table, norm::to_f64};
use debye_spec::FrameResult;
use debye_spec::bounds::WHOLE_WEIGHT;
use thiserror::Error;

/// A whole pixel's weight is 2^this.
const WEIGHT_BITS: i32 = WHOLE_WEIGHT.trailing_zeros() as i32;

/// A pattern of one frame, in the bins' order.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Pattern {
    /// Intensity: sum w v / sum w norm. NaN in a bin without valid pixels.
    pub intensity: Vec<f64>,
    /// Its standard deviation by Poisson statistics: sqrt(sum w^2 v) / sum w norm. NaN as above.
    pub sigma: Vec<f64>,
    /// sum w norm over the frame's valid pixels, in units of whole pixels.
    pub norm: Vec<f64>,
}

/// Why a frame's sums make no pattern. Each of these is a fault of the engine, not of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PatternError {
    /// The sums have another number of bins than the table.
    #[error("the frame's sums have {have} bins, the table has {expected}")]
    Bins {
        /// Bins of the sums.
        have: usize,
        /// Bins of the table.
        expected: usize,
    },
    /// Not all invalid pixels are listed: find the others by decoding the frame.
    #[error("{listed} of {invalid} invalid pixels are listed: the normalisation needs all of them")]
    InvalidIncomplete {
        /// Pixels listed.
        listed: usize,
        /// Invalid pixels.
        invalid: u32,
    },
    /// An invalid pixel that is not in the frame or is masked, or the list does not rise.
    #[error("the list of invalid pixels is wrong at pixel {pixel}: it must rise and name unmasked pixels of the frame")]
    InvalidPixel {
        /// Pixel.
        pixel: u32,
    },
    /// A bin's weight is not that of the table without the invalid pixels.
    #[error("bin {bin}: the frame's weight is {have}, the table without the invalid pixels has {expected}")]
    Weight {
        /// Bin.
        bin: usize,
        /// Weight of the frame.
        have: u32,
        /// Weight by the table and the invalid pixels.
        expected: u32,
    },
}

/// Exact normalisation of one frame: per bin, sum w x norm over the valid pixels in units of 1/64 pixel x
/// 2^[`Table::norm_exponent`].
fn frame_norm(table: &Table, result: &FrameResult) -> Result<Vec<u128>, PatternError> {
    let (bins, expected) = (&result.bins, table.bins());
    for have in [bins.signal.len(), bins.variance.len(), bins.weight.len()] {
        if have != expected {
            return Err(PatternError::Bins { have, expected });
        }
    }
    let (listed, invalid) = (result.invalid.len(), result.statistics.invalid);
    if listed != invalid as usize {
        return Err(PatternError::InvalidIncomplete { listed, invalid });
    }
    let mut weight = table.full_weight.clone();
    let mut norm = table.full_norm.clone();
    let mut last = None;
    for &pixel in &result.invalid {
        let at = pixel as usize;
        if last >= Some(pixel) || table.masked.get(at).is_none_or(|&masked| masked) {
            return Err(PatternError::InvalidPixel { pixel });
        }
        last = Some(pixel);
        // Each unmasked pixel is subtracted at most once from sums that contain it: nothing falls below 0.
        for entry in table.spec().entries_of(at) {
            weight[entry.bin() as usize] -= entry.weight();
            norm[entry.bin() as usize] -= entry.weight() as u128 * table.norm[at] as u128;
        }
    }
    match weight.iter().zip(&bins.weight).position(|(expected, have)| expected != have) {
        Some(bin) => Err(PatternError::Weight { bin, have: bins.weight[bin], expected: weight[bin] }),
        None => Ok(norm),
    }
}

/// One bin: I, sigma and norm.
fn quotient(signal: f64, variance: f64, norm: u128, norm_exponent: i32) -> [f64; 3] {
    // signal, sqrt(variance) and norm are all 64 times too large: that cancels but for the norm handed out.
    let norm = to_f64(norm, norm_exponent - WEIGHT_BITS);
    let whole = f64::from(WHOLE_WEIGHT);
    if norm > 0.0 { [signal / whole / norm, variance.sqrt() / whole / norm, norm] } else { [f64::NAN, f64::NAN, norm] }
}

impl Pattern {
    /// The pattern of one frame's sums: I = signal / norm, sigma = sqrt(variance) / norm. The normalisation is
    /// that of the table less the frame's invalid pixels, exact until its one conversion to f64. A bin without
    /// valid pixels (or whose pixels are all normalised by 0) is NaN.
    ///
    /// # Errors
    /// [`PatternError`] where the result does not fit the table; its list of invalid pixels must be complete.
    pub fn of(table: &Table, result: &FrameResult) -> Result<Pattern, PatternError> {
        let norm = frame_norm(table, result)?;
        let bins = &result.bins;
        let sums = bins.signal.iter().zip(&bins.variance).zip(norm);
        Ok(Pattern::collect(
            sums.map(|((&s, &v), norm)| quotient(s as f64, v as f64, norm, table.norm_exponent)),
            table.bins(),
        ))
    }

    /// The pattern of a frame that failed: NaN everywhere, norm 0.
    pub fn failed(bins: usize) -> Pattern {
        Pattern { intensity: vec![f64::NAN; bins], sigma: vec![f64::NAN; bins], norm: vec![0.0; bins] }
    }

    fn collect(bins: impl Iterator<Item = [f64; 3]>, count: usize) -> Pattern {
        let mut pattern = Pattern {
            intensity: Vec::with_capacity(count),
            sigma: Vec::with_capacity(count),
            norm: Vec::with_capacity(count),
        };
        for [intensity, sigma, norm] in bins {
            pattern.intensity.push(intensity);
            pattern.sigma.push(sigma);
            pattern.norm.push(norm);
        }
        pattern
    }
}

/// The pattern of many frames together: sums over all their pixels, exact, so that the frames' order does not
/// matter. Each frame counts by its valid pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Average {
    signal: Vec<u128>,
    variance: Vec<u128>,
    norm: Vec<u128>,
    norm_exponent: i32,
    frames: u64,
}

impl Average {
    /// No frames yet.
    pub fn new(table: &Table) -> Average {
        let zeros = vec![0; table.bins()];
        Average {
            signal: zeros.clone(),
            variance: zeros.clone(),
            norm: zeros,
            norm_exponent: table.norm_exponent,
            frames: 0,
        }
    }

    /// Adds a frame; `table` is the one given to [`Average::new`].
    ///
    /// # Errors
    /// As [`Pattern::of`]; nothing is added then.
    pub fn add(&mut self, table: &Table, result: &FrameResult) -> Result<(), PatternError> {
        let (have, expected) = (table.bins(), self.norm.len());
        if have != expected {
            return Err(PatternError::Bins { have, expected });
        }
        // A sum of a frame stays below 2^93, that of 2^32 frames below 2^125.
        let norm = frame_norm(table, result)?;
        let add = |sums: &mut [u128], values: &[u64]| {
            sums.iter_mut().zip(values).for_each(|(sum, &value)| *sum += value as u128);
        };
        add(&mut self.signal, &result.bins.signal);
        add(&mut self.variance, &result.bins.variance);
        self.norm.iter_mut().zip(norm).for_each(|(sum, value)| *sum += value);
        self.frames += 1;
        Ok(())
    }

    /// Number of frames added.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// The mean pattern. Its `norm` is the sum over all frames, so that `intensity` x `norm` is the total signal.
    pub fn pattern(&self) -> Pattern {
        let sums = self.signal.iter().zip(&self.variance).zip(&self.norm);
        Pattern::collect(
            sums.map(|((&s, &v), &norm)| quotient(s as f64, v as f64, norm, self.norm_exponent)),
            self.norm.len(),
        )
    }
}
