//! What may be taken from pixels before they are encoded, when somebody asks for it: nothing of this is on by default.
//!
//! A value that is not valid ([`crate::pixel`]: gap codes, saturated pixels, negative ones) is never touched, and no
//! valid value becomes one that is not.
//!
//! - **Threshold**: a valid value below it becomes 0 (sparsification).
//! - **Quantisation by N sqrt(I)**: photon counts carry noise of sqrt(I), so steps of N sqrt(I) lose little that was
//!   known. Such steps are even ones of 2 sqrt(I) (the transformation that makes Poisson noise uniform, F. J.
//!   Anscombe, Biometrika 35 (1948) 246); for images: G. M. Bernstein et al., "Noise and bias in square-root
//!   compression schemes", PASP 122 (2010) 336. The value becomes the one in the middle of its step:
//!
//! ```text
//! k  = round(2 sqrt(I) / N)        I' = round((k N / 2)^2)
//! ```
//!
//! N is counted in sixteenths ([`Step`]), so that both lines are integer arithmetic: with N = n / 16,
//! k = (isqrt(4096 I) + n) / 2n and I' = (k^2 n^2 + 512) / 1024, divisions rounding down. The error is at most
//! N sqrt(I) / 2 + N^2 / 16 + 1/2. Where a step is shorter than one count, nothing changes.
//!
//! - **Truncation**: the lowest bits of a valid value become 0. It is the plainest way to lose bits, not a good one: what
//!   is lost is not centred, and as much of a faint pixel as of a bright one.
//!
//! Thresholding comes first.

/// Sixteenths of a standard deviation in one.
pub const SIXTEENTHS: u32 = 16;

/// Largest step: 64 standard deviations.
pub const MAX_SIXTEENTHS: u32 = 1024;

/// N of the quantisation, in sixteenths of sqrt(I): 1 to [`MAX_SIXTEENTHS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step(u32);

impl Step {
    /// A step of `sixteenths` / 16 standard deviations; `None` outside 1 to [`MAX_SIXTEENTHS`].
    pub const fn new(sixteenths: u32) -> Option<Step> {
        if sixteenths >= 1 && sixteenths <= MAX_SIXTEENTHS { Some(Step(sixteenths)) } else { None }
    }

    /// The sixteenths.
    pub const fn sixteenths(self) -> u32 {
        self.0
    }
}

/// A valid value after thresholding.
pub const fn threshold(value: u32, threshold: u32) -> u32 {
    if value < threshold { 0 } else { value }
}

/// A valid value after quantisation; `max_valid` is the largest valid one, which the result does not exceed.
pub const fn quantise(value: u32, step: Step, max_valid: u32) -> u32 {
    let n = step.0 as u64;
    let k = ((value as u64 * 4096).isqrt() + n) / (2 * n);
    let back = (k * k * n * n + 512) / 1024;
    if back > max_valid as u64 { max_valid } else { back as u32 }
}

/// A valid value without its `bits` lowest bits.
pub const fn truncate(value: u32, bits: u32) -> u32 {
    if bits >= u32::BITS { 0 } else { (value >> bits) << bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [u32; 8] = [1, 3, 8, 16, 24, 32, 64, 1024];

    fn values() -> impl Iterator<Item = u32> {
        (0..70_000).chain((0..5000).map(|i| i * 53_687)).chain([(1 << 28) - 1, u32::MAX])
    }

    #[test]
    fn quantise_error_is_within_its_bound() {
        for n in STEPS {
            let step = Step::new(n).unwrap();
            let width = n as f64 / 16.0;
            for value in values() {
                let error = (quantise(value, step, u32::MAX) as f64 - value as f64).abs();
                let bound = width * (value as f64).sqrt() / 2.0 + width * width / 16.0 + 0.5;
                assert!(error <= bound + 1e-6, "{value} with n = {n}: {error} > {bound}");
            }
        }
    }

    #[test]
    fn quantise_keeps_the_order_and_zero() {
        for n in STEPS {
            let step = Step::new(n).unwrap();
            assert_eq!(quantise(0, step, u32::MAX), 0);
            let made: alloc::vec::Vec<u32> = (0..70_000).map(|value| quantise(value, step, u32::MAX)).collect();
            assert!(made.is_sorted(), "n = {n}");
        }
    }

    #[test]
    fn quantise_by_one_leaves_the_levels_of_one_standard_deviation() {
        // (k / 2)^2 rounded half up: the levels of N = 1.
        let step = Step::new(16).unwrap();
        let levels: alloc::vec::Vec<u32> = (0..21).map(|value| quantise(value, step, u32::MAX)).collect();
        assert_eq!(levels, [0, 1, 2, 2, 4, 4, 6, 6, 9, 9, 9, 12, 12, 12, 12, 16, 16, 16, 16, 20, 20]);
    }

    #[test]
    fn quantise_never_leaves_the_valid_range() {
        let step = Step::new(1024).unwrap();
        assert_eq!(quantise(65_533, step, 65_533), 65_533.min(quantise(65_533, step, u32::MAX)));
        for value in 60_000..=65_533 {
            assert!(quantise(value, step, 65_533) <= 65_533);
        }
    }

    #[test]
    fn truncate_clears_the_lowest_bits() {
        assert_eq!([0, 1, 2, 3].map(|bits| truncate(7, bits)), [7, 6, 4, 0]);
        assert_eq!([31, 32, 99].map(|bits| truncate(u32::MAX, bits)), [1 << 31, 0, 0]);
    }

    #[test]
    fn threshold_value_at_it_stays() {
        assert_eq!([4, 5, 6].map(|value| threshold(value, 5)), [0, 5, 6]);
        assert_eq!(threshold(0, 0), 0);
    }
}
