//! How much a frame is like the next: Pearson's correlation over the pixels that are valid in both.

use debye_spec::ValidRule;
use serde::{Deserialize, Serialize};

/// Two frames compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Likeness {
    /// Number of the first frame; the second is the one behind it.
    pub frame: usize,
    /// Pearson's r; `None` where one of them is even.
    pub correlation: Option<f64>,
    /// Part of the pixels that hold the same value in both.
    pub equal_fraction: f64,
}

impl Likeness {
    /// Compares frame `frame` with the next. `masked` is empty or has a mark for each pixel.
    pub fn of(frame: usize, first: &[u32], second: &[u32], masked: &[bool], rule: ValidRule) -> Likeness {
        let [mut n, mut equal, mut a, mut b, mut aa, mut bb, mut ab] = [0u128; 7];
        for (index, (&x, &y)) in first.iter().zip(second).enumerate() {
            if x > rule.max_valid() || y > rule.max_valid() || masked.get(index).copied().unwrap_or(false) {
                continue;
            }
            let (x, y) = (u64::from(x), u64::from(y));
            n += 1;
            equal += u128::from(x == y);
            a += u128::from(x);
            b += u128::from(y);
            // Values are below 2^28: each product fits.
            aa += u128::from(x * x);
            bb += u128::from(y * y);
            ab += u128::from(x * y);
        }
        // Exact up to here, so that it does not matter how large the means are. 2^25 pixels: n * aa is below 2^106.
        let spread = |square: u128, sum: u128| n * square - sum * sum;
        let (spread_a, spread_b) = (spread(aa, a) as f64, spread(bb, b) as f64);
        let together = (n * ab) as i128 - (a * b) as i128;
        let even = spread_a == 0.0 || spread_b == 0.0;
        Likeness {
            frame,
            correlation: (!even).then(|| together as f64 / (spread_a * spread_b).sqrt()),
            equal_fraction: super::over(equal as f64, n as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use debye_spec::Element;

    #[test]
    fn correlation_of_equal_opposite_and_even_frames_is_known() {
        let rule = ValidRule::new(Element::U16, 1000);
        let rising: Vec<u32> = (0..100).collect();
        let falling: Vec<u32> = rising.iter().rev().copied().collect();
        let of = |a: &[u32], b: &[u32]| Likeness::of(0, a, b, &[], rule);
        assert_eq!(of(&rising, &rising).correlation, Some(1.0));
        assert_eq!(of(&rising, &rising).equal_fraction, 1.0);
        assert_eq!(of(&rising, &falling).correlation, Some(-1.0));
        assert_eq!(of(&rising, &[5; 100]).correlation, None);
        assert_eq!(of(&[65_535; 4], &[1; 4]), Likeness { frame: 0, correlation: None, equal_fraction: 0.0 });
        let masked: Vec<bool> = rising.iter().map(|&value| value >= 50).collect();
        let mut half = rising.clone();
        half[50..].fill(0);
        assert_eq!(Likeness::of(0, &rising, &half, &masked, rule).correlation, Some(1.0));
    }
}
