//! Two stacks of frames compared: how far what was kept is from what was measured.
//!
//! A kept frame that is the sum of n original ones is held against each of them at 1/n of its counts.

use super::over;
use crate::stack::INVALID;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Sums over the pixels that are valid in the original, by the number of frames that a kept one is the sum of. Those are exact:
/// counts are scaled by that number instead of being divided.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorSums {
    held: BTreeMap<u32, Sums>,
    lost: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sums {
    pixels: u64,
    changed: u64,
    largest: u64,
    largest_sigma: f64,
    absolute: u128,
    signed: i128,
    squares: u128,
    original_squares: u128,
}

/// What [`ErrorSums`] come to, in counts of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Errors {
    /// Pixels compared: those that are valid in the original and in what was kept.
    pub pixels: u64,
    /// Part of them that hold another value.
    pub changed_fraction: f64,
    /// Valid pixels that became invalid.
    pub lost: u64,
    /// Largest error.
    pub max_abs: f64,
    /// Largest error in units of sqrt(max(1, I)), the standard deviation of the count.
    pub max_in_sigma: f64,
    /// Mean of the errors' sizes.
    pub mean_abs: f64,
    /// Mean of the errors with their signs.
    pub bias: f64,
    /// Root of the mean square.
    pub rmse: f64,
    /// Root of the sum of squares over that of the original's squares (the Euclidean norm, as scikit-image's default).
    pub nrmse: f64,
}

impl ErrorSums {
    /// Adds a frame of counts, of which the kept one holds `held` as a sum. [`INVALID`] pixels do not count.
    pub fn add(&mut self, original: &[u32], kept: &[u32], held: u32) {
        let held = held.max(1);
        let sums = self.held.entry(held).or_default();
        for (&before, &after) in original.iter().zip(kept) {
            if before == INVALID {
                continue;
            }
            if after == INVALID {
                self.lost += 1;
                continue;
            }
            let scaled = u64::from(before) * u64::from(held);
            let size = scaled.abs_diff(u64::from(after));
            sums.pixels += 1;
            sums.original_squares += u128::from(scaled).pow(2);
            if size == 0 {
                continue;
            }
            sums.changed += 1;
            sums.largest = sums.largest.max(size);
            let sigma = f64::from(before.max(1)).sqrt() * f64::from(held);
            sums.largest_sigma = sums.largest_sigma.max(size as f64 / sigma);
            sums.absolute += u128::from(size);
            sums.signed += i128::from(after) - i128::from(scaled);
            sums.squares += u128::from(size).pow(2);
        }
    }

    /// What they come to.
    pub fn errors(&self) -> Errors {
        let total = |of: fn(&Sums) -> u64| self.held.values().map(of).sum::<u64>();
        let divided = |of: fn(&Sums) -> f64, power: i32| {
            self.held.iter().map(|(&held, sums)| of(sums) / f64::from(held).powi(power)).sum::<f64>()
        };
        let most = |of: fn(&Sums) -> f64, power: i32| {
            let all = self.held.iter().map(|(&held, sums)| of(sums) / f64::from(held).powi(power));
            all.fold(0.0, f64::max)
        };
        let count = total(|sums| sums.pixels) as f64;
        let squares = divided(|sums| sums.squares as f64, 2);
        Errors {
            pixels: total(|sums| sums.pixels),
            changed_fraction: over(total(|sums| sums.changed) as f64, count),
            lost: self.lost,
            max_abs: most(|sums| sums.largest as f64, 1),
            max_in_sigma: most(|sums| sums.largest_sigma, 0),
            mean_abs: over(divided(|sums| sums.absolute as f64, 1), count),
            bias: over(1.0, count) * divided(|sums| sums.signed as f64, 1),
            rmse: over(squares, count).sqrt(),
            nrmse: over(squares, divided(|sums| sums.original_squares as f64, 2)).sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_a_few_pixels_are_those_by_hand() {
        let mut sums = ErrorSums::default();
        sums.add(&[0, 4, 100, INVALID, 7, 9], &[1, 2, 100, INVALID, INVALID, 9], 1);
        let errors = sums.errors();
        assert_eq!((errors.pixels, errors.lost, errors.max_abs), (4, 1, 2.0));
        assert_eq!((errors.changed_fraction, errors.mean_abs, errors.bias), (0.5, 0.75, -0.25));
        assert_eq!(errors.max_in_sigma, 1.0);
        assert_eq!(errors.rmse, 1.25f64.sqrt());
        assert_eq!(errors.nrmse, (5.0f64 / (16.0 + 10_000.0 + 81.0)).sqrt());
    }

    #[test]
    fn errors_of_sums_are_in_counts_of_one_frame() {
        let mut sums = ErrorSums::default();
        // Frames of 4 and 8 counts kept as their sum: each is 6, 2 beside it.
        [[4], [8]].iter().for_each(|frame| sums.add(frame, &[12], 2));
        let errors = sums.errors();
        assert_eq!((errors.pixels, errors.max_abs, errors.mean_abs, errors.bias), (2, 2.0, 2.0, 0.0));
        assert_eq!((errors.rmse, errors.max_in_sigma), (2.0, 1.0));
        assert_eq!(errors.nrmse, (8.0f64 / 80.0).sqrt());
        assert_eq!(ErrorSums::default().errors().nrmse, 0.0);
    }
}
