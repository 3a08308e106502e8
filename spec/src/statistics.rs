//! Statistics of a frame, for vetoing.

use crate::pixel::Pixel;

/// Counts over all pixels that the mask allows, whether or not the table has entries for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Valid pixels.
    pub valid: u32,
    /// Pixels that the mask allows but the valid-pixel rule does not.
    pub invalid: u32,
    /// Sum of the valid pixels' values.
    pub sum: u64,
    /// Largest valid value; 0 without valid pixels.
    pub max: u32,
    /// Valid pixels above the threshold.
    pub over: u32,
}

impl Statistics {
    /// Counts one pixel.
    pub fn add(&mut self, pixel: Pixel, threshold: u32) {
        match pixel {
            Pixel::Valid(value) => {
                self.valid += 1;
                self.sum += value as u64;
                self.max = self.max.max(value);
                self.over += (value > threshold) as u32;
            }
            Pixel::Invalid => self.invalid += 1,
            Pixel::Masked => {}
        }
    }

    /// Statistics of two parts of a frame together.
    pub fn merge(&mut self, other: &Statistics) {
        self.valid += other.valid;
        self.invalid += other.invalid;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
        self.over += other.over;
    }
}
