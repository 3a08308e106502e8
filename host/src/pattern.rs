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

/// One bin's I and sigma. signal and sqrt(variance) are 64 times too large, norm is in whole pixels.
fn quotient(signal: f64, variance: f64, norm: f64) -> [f64; 2] {
    let whole = f64::from(WHOLE_WEIGHT);
    if norm > 0.0 { [signal / whole / norm, variance.sqrt() / whole / norm] } else { [f64::NAN; 2] }
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
        let norm = norm.into_iter().map(|norm| to_f64(norm, table.norm_exponent - WEIGHT_BITS)).collect();
        let sums = result.bins.signal.iter().zip(&result.bins.variance);
        Ok(Pattern::from_sums(sums.map(|(&signal, &variance)| (signal as f64, variance as f64)), norm))
    }

    /// The pattern of a frame that failed: NaN everywhere, norm 0.
    pub fn failed(bins: usize) -> Pattern {
        Pattern { intensity: vec![f64::NAN; bins], sigma: vec![f64::NAN; bins], norm: vec![0.0; bins] }
    }

    fn from_sums(sums: impl Iterator<Item = (f64, f64)>, norm: Vec<f64>) -> Pattern {
        let bins = sums.zip(&norm).map(|((signal, variance), &norm)| quotient(signal, variance, norm));
        let (intensity, sigma) = bins.map(|[intensity, sigma]| (intensity, sigma)).unzip();
        Pattern { intensity, sigma, norm }
    }
}

/// The pattern of many frames together, as if they were one: sums over all their pixels. Each frame counts by its valid
/// pixels. Signal and variance stay exact; norms are added in f64, in the order of the frames.
#[derive(Clone, Debug, PartialEq)]
pub struct Average {
    signal: Vec<u128>,
    variance: Vec<u128>,
    norm: Vec<f64>,
    frames: usize,
}

impl Average {
    /// No frames yet.
    pub fn new(bins: usize) -> Average {
        Average { signal: vec![0; bins], variance: vec![0; bins], norm: vec![0.0; bins], frames: 0 }
    }

    /// Adds a frame: its accumulators and the `norm` of its [`Pattern`].
    pub fn add(&mut self, signal: &[u64], variance: &[u64], norm: &[f64]) {
        let add = |sums: &mut [u128], values: &[u64]| {
            sums.iter_mut().zip(values).for_each(|(sum, &value)| *sum += value as u128);
        };
        add(&mut self.signal, signal);
        add(&mut self.variance, variance);
        self.norm.iter_mut().zip(norm).for_each(|(sum, value)| *sum += value);
        self.frames += 1;
    }

    /// Number of frames added.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// The mean pattern. Its `norm` is the sum over all frames, so that `intensity` x `norm` is the total signal.
    pub fn pattern(&self) -> Pattern {
        let sums = self.signal.iter().zip(&self.variance);
        Pattern::from_sums(sums.map(|(&signal, &variance)| (signal as f64, variance as f64)), self.norm.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Table, build, tests::request};
    use debye_spec::{Element, Job, frame::integrate_pixels};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Frames of u16 with some invalid pixels.
    fn frames(table: &Table, count: usize) -> Vec<(Vec<u16>, FrameResult)> {
        let mut random = ChaCha8Rng::seed_from_u64(4);
        let frame = |_| {
            let mut values: Vec<u16> = (0..table.pixels()).map(|_| random.random_range(0..5000)).collect();
            for _ in 0..40 {
                values[random.random_range(0..table.pixels())] = u16::MAX;
            }
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            let result = integrate_pixels(&bytes, &Job::new(Element::U16), &table.spec());
            (values, result)
        };
        (0..count).map(frame).collect()
    }

    /// signal, variance and norm of each bin in plain f64.
    fn plain(table: &Table, frames: &[(Vec<u16>, FrameResult)]) -> Vec<[f64; 3]> {
        let mut sums = vec![[0.0; 3]; table.bins()];
        for (values, _) in frames {
            for (pixel, &value) in values.iter().enumerate().filter(|(_, value)| **value != u16::MAX) {
                let norm = table.norm[pixel] as f64 * 2f64.powi(table.norm_exponent);
                for entry in table.spec().entries_of(pixel) {
                    let c = f64::from(entry.weight()) / 64.0;
                    let sum = &mut sums[entry.bin() as usize];
                    *sum = [sum[0] + c * f64::from(value), sum[1] + c * c * f64::from(value), sum[2] + c * norm];
                }
            }
        }
        sums
    }

    fn assert_close(pattern: &Pattern, plain: &[[f64; 3]]) {
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs();
        for (bin, &[signal, variance, norm]) in plain.iter().enumerate() {
            if norm == 0.0 {
                assert!(pattern.intensity[bin].is_nan() && pattern.sigma[bin].is_nan() && pattern.norm[bin] == 0.0);
                continue;
            }
            assert!(close(pattern.norm[bin], norm), "norm of bin {bin}");
            assert!(close(pattern.intensity[bin], signal / norm), "intensity of bin {bin}");
            assert!(close(pattern.sigma[bin], variance.sqrt() / norm), "sigma of bin {bin}");
        }
    }

    fn table_with_empty_bins() -> Table {
        build(&crate::table::Request { radial_range: Some([0.0, 9.0]), ..request() }).unwrap()
    }

    #[test]
    fn pattern_against_plain_f64_sums_is_equal() {
        let table = table_with_empty_bins();
        let frames = frames(&table, 1);
        let pattern = Pattern::of(&table, &frames[0].1).unwrap();
        assert!(!frames[0].1.invalid.is_empty() && pattern.intensity.iter().any(|value| value.is_nan()));
        assert_close(&pattern, &plain(&table, &frames));
    }

    #[test]
    fn pattern_of_a_constant_frame_scaled_by_its_norm_is_constant() {
        let table = build(&crate::table::Request { flat: None, polarization: None, solid_angle: false, ..request() });
        let table = table.unwrap();
        let bytes = 7u16.to_le_bytes().repeat(table.pixels());
        let result = integrate_pixels(&bytes, &Job::new(Element::U16), &table.spec());
        let pattern = Pattern::of(&table, &result).unwrap();
        assert!(pattern.intensity.iter().zip(&table.full_weight).all(|(&i, &w)| w == 0 || i == 7.0));
    }

    #[test]
    fn average_of_frames_equals_plain_sums() {
        let table = table_with_empty_bins();
        let frames = frames(&table, 9);
        let mut average = Average::new(table.bins());
        for (_, result) in &frames {
            let pattern = Pattern::of(&table, result).unwrap();
            average.add(&result.bins.signal, &result.bins.variance, &pattern.norm);
        }
        assert_eq!(average.frames(), 9);
        assert_close(&average.pattern(), &plain(&table, &frames));
    }

    #[test]
    fn average_of_nothing_is_nan() {
        let pattern = Average::new(5).pattern();
        assert!(pattern.intensity.iter().all(|value| value.is_nan()));
        assert!(Pattern::failed(3).sigma.iter().all(|value| value.is_nan()));
    }

    #[test]
    fn pattern_of_a_result_that_does_not_fit_is_refused() {
        let table = table_with_empty_bins();
        let good = frames(&table, 1).remove(0).1;
        let refused = |change: fn(&mut FrameResult)| {
            let mut result = good.clone();
            change(&mut result);
            Pattern::of(&table, &result).unwrap_err()
        };
        let count = good.invalid.len();
        let bins = refused(|result| result.bins.variance.truncate(99));
        assert_eq!(bins, PatternError::Bins { have: 99, expected: 100 });
        let incomplete = refused(|result| result.invalid.truncate(result.invalid.len() - 1));
        assert_eq!(incomplete, PatternError::InvalidIncomplete { listed: count - 1, invalid: count as u32 });
        let twice = refused(|result| result.invalid[1] = result.invalid[0]);
        assert_eq!(twice, PatternError::InvalidPixel { pixel: good.invalid[0] });
        let masked = refused(|result| result.invalid[0] = 0);
        assert_eq!(masked, PatternError::InvalidPixel { pixel: 0 });
        let beyond = refused(|result| *result.invalid.last_mut().unwrap() = u32::MAX);
        assert_eq!(beyond, PatternError::InvalidPixel { pixel: u32::MAX });
        let weight = refused(|result| result.bins.weight[50] += 1);
        assert!(matches!(weight, PatternError::Weight { bin: 50, .. }));
    }
}
