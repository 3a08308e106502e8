//! Two sets of frames compared: how far what was kept is from what was measured.

use super::over;
use debye_spec::ValidRule;
use serde::{Deserialize, Serialize};

/// Sums over pixels that are valid in the original; exact.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ErrorSums {
    pixels: u64,
    changed: u64,
    lost: u64,
    touched: u64,
    largest: u64,
    largest_sigma: f64,
    absolute: u128,
    signed: i128,
    squares: u128,
    original_squares: u128,
}

/// What [`ErrorSums`] come to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Errors {
    /// Pixels compared: those that are valid in the original and in what was kept.
    pub pixels: u64,
    /// Part of them that hold another value.
    pub changed_fraction: f64,
    /// Valid pixels that became invalid.
    pub lost: u64,
    /// Invalid or masked pixels whose code was changed: there should be none.
    pub touched: u64,
    /// Largest error, in counts.
    pub max_abs: u64,
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
    /// Adds a frame. `masked` is empty or has a mark for each pixel.
    pub fn add(&mut self, original: &[u32], kept: &[u32], masked: &[bool], rule: ValidRule) {
        for (index, (&before, &after)) in original.iter().zip(kept).enumerate() {
            if before > rule.max_valid() || masked.get(index).copied().unwrap_or(false) {
                self.touched += u64::from(before != after);
                continue;
            }
            if after > rule.max_valid() {
                self.lost += 1;
                continue;
            }
            self.pixels += 1;
            self.original_squares += u128::from(u64::from(before) * u64::from(before));
            let error = i64::from(after) - i64::from(before);
            if error == 0 {
                continue;
            }
            let size = error.unsigned_abs();
            self.changed += 1;
            self.largest = self.largest.max(size);
            self.largest_sigma = self.largest_sigma.max(size as f64 / f64::from(before.max(1)).sqrt());
            self.absolute += u128::from(size);
            self.signed += i128::from(error);
            self.squares += u128::from(size * size);
        }
    }

    /// What they come to.
    pub fn errors(&self) -> Errors {
        let count = self.pixels as f64;
        Errors {
            pixels: self.pixels,
            changed_fraction: over(self.changed as f64, count),
            lost: self.lost,
            touched: self.touched,
            max_abs: self.largest,
            max_in_sigma: self.largest_sigma,
            mean_abs: over(self.absolute as f64, count),
            bias: over(self.signed as f64, count),
            rmse: over(self.squares as f64, count).sqrt(),
            nrmse: over(self.squares as f64, self.original_squares as f64).sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use debye_spec::Element;

    #[test]
    fn errors_of_a_few_pixels_are_those_by_hand() {
        let rule = ValidRule::new(Element::U16, 1000);
        let mut sums = ErrorSums::default();
        sums.add(&[0, 4, 100, 65_535, 7, 9], &[1, 2, 100, 65_535, 65_535, 9], &[], rule);
        let errors = sums.errors();
        assert_eq!((errors.pixels, errors.lost, errors.touched, errors.max_abs), (4, 1, 0, 2));
        assert_eq!((errors.changed_fraction, errors.mean_abs, errors.bias), (0.5, 0.75, -0.25));
        assert_eq!(errors.max_in_sigma, 1.0);
        assert_eq!(errors.rmse, 1.25f64.sqrt());
        assert_eq!(errors.nrmse, (5.0f64 / (16.0 + 10_000.0 + 81.0)).sqrt());
    }

    #[test]
    fn errors_tell_of_codes_that_nobody_should_touch() {
        let rule = ValidRule::new(Element::U16, 1000);
        let mut sums = ErrorSums::default();
        sums.add(&[65_535, 5], &[0, 0], &[false, true], rule);
        let errors = sums.errors();
        assert_eq!((errors.touched, errors.pixels, errors.nrmse, errors.bias), (2, 0, 0.0, 0.0));
    }
}
