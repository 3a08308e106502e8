//! How often each value stands in frames.

use super::entropy::of_counts;
use super::over;
use debye_spec::ValidRule;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Values below this are counted in a row, others in a map.
const DENSE: usize = 1 << 16;

/// How often each value stands in what was added.
#[derive(Clone, Debug)]
pub struct Histogram {
    dense: Vec<u64>,
    sparse: BTreeMap<u32, u64>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { dense: vec![0; DENSE], sparse: BTreeMap::new(), total: 0 }
    }
}

impl Histogram {
    /// Adds a value.
    #[inline]
    pub fn add(&mut self, value: u32) {
        self.total += 1;
        match self.dense.get_mut(value as usize) {
            Some(count) => *count += 1,
            None => *self.sparse.entry(value).or_insert(0) += 1,
        }
    }

    /// Values added.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Values that are there, rising, with how often.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        let dense = self.dense.iter().enumerate().filter(|(_, count)| **count > 0);
        dense
            .map(|(value, &count)| (value as u32, count))
            .chain(self.sparse.iter().map(|(&value, &count)| (value, count)))
    }

    /// The smallest value that at least `part` of all values do not exceed.
    pub fn quantile(&self, part: f64) -> u32 {
        let wanted = (part * self.total as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let reached = self.iter().find(|(_, count)| {
            seen += count;
            seen >= wanted
        });
        reached.map_or(0, |(value, _)| value)
    }

    /// Bars for a picture: every value up to `singles` - 1 alone, then ranges that double. Each is the range's first
    /// value, the first one behind it, and how often.
    pub fn bars(&self, singles: u32) -> Vec<(u32, u64, u64)> {
        let mut bars: Vec<(u32, u64, u64)> = Vec::new();
        let largest = self.iter().last().map_or(0, |(value, _)| u64::from(value));
        let (mut from, mut width) = (0u64, 1u64);
        while from <= largest {
            if from >= u64::from(singles.max(1)) {
                width = from;
            }
            bars.push((from as u32, from + width, 0));
            from += width;
        }
        for (value, count) in self.iter() {
            let place = bars.partition_point(|bar| bar.1 <= u64::from(value));
            if let Some(bar) = bars.get_mut(place) {
                bar.2 += count;
            }
        }
        bars
    }
}

/// Counts of the pixels of frames: all codes as they are stored, and the valid ones among them.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Every code, gaps and masked pixels among them: what a lossless codec has to keep.
    pub stored: Histogram,
    /// Valid pixels that are not masked: what the detector counted.
    pub valid: Histogram,
    masked: u64,
    invalid: u64,
}

/// What [`Counts`] come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CountFacts {
    /// Pixels in all.
    pub pixels: u64,
    /// Pixels that the mask excludes.
    pub masked: u64,
    /// Pixels that the mask allows and the valid-pixel rule does not: gaps, dead, saturated, negative.
    pub invalid: u64,
    /// The others.
    pub valid: u64,
    /// Part of the valid pixels that hold 0.
    pub zero_fraction: f64,
    /// Sum of the valid pixels.
    pub sum: u64,
    /// Their mean.
    pub mean: f64,
    /// Their variance (over n).
    pub variance: f64,
    /// Their largest.
    pub max: u32,
    /// What half of them, 90 %, 99 % and 99.9 % do not exceed.
    pub quantiles: [u32; 4],
    /// Entropy of the valid pixels, bits each.
    pub entropy_bits: f64,
    /// Bars of a picture of their distribution: first value, first value behind, how often.
    pub bars: Vec<(u32, u64, u64)>,
}

/// The parts of [`CountFacts::quantiles`].
pub const QUANTILES: [f64; 4] = [0.5, 0.9, 0.99, 0.999];

/// Values that have a bar of their own.
const SINGLES: u32 = 64;

impl Counts {
    /// Adds a frame. `masked` is empty or has a mark for each pixel.
    pub fn add(&mut self, codes: &[u32], masked: &[bool], rule: ValidRule) {
        for (index, &code) in codes.iter().enumerate() {
            self.stored.add(code);
            match (masked.get(index).copied().unwrap_or(false), code > rule.max_valid()) {
                (true, _) => self.masked += 1,
                (false, true) => self.invalid += 1,
                (false, false) => self.valid.add(code),
            }
        }
    }

    /// What they come to.
    pub fn facts(&self) -> CountFacts {
        let valid = &self.valid;
        let count = valid.total() as f64;
        let sum: u128 = valid.iter().map(|(value, count)| u128::from(value) * u128::from(count)).sum();
        let mean = over(sum as f64, count);
        let spread = valid.iter().map(|(value, count)| (f64::from(value) - mean).powi(2) * count as f64).sum::<f64>();
        let zeros = valid.iter().next().filter(|(value, _)| *value == 0).map_or(0, |(_, count)| count);
        CountFacts {
            pixels: self.stored.total(),
            masked: self.masked,
            invalid: self.invalid,
            valid: valid.total(),
            zero_fraction: over(zeros as f64, count),
            sum: u64::try_from(sum).unwrap_or(u64::MAX),
            mean,
            variance: over(spread, count),
            max: valid.iter().last().map_or(0, |(value, _)| value),
            quantiles: QUANTILES.map(|part| valid.quantile(part)),
            entropy_bits: of_counts(valid.iter().map(|(_, count)| count)),
            bars: valid.bars(SINGLES),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use debye_spec::Element;

    #[test]
    fn facts_of_a_small_frame_are_those_by_hand() {
        let mut counts = Counts::default();
        let rule = ValidRule::new(Element::U16, Element::U16.default_max_valid());
        counts.add(
            &[0, 0, 1, 3, 70, 65_535, 9, 65_534],
            &[false, false, false, false, false, false, true, false],
            rule,
        );
        let facts = counts.facts();
        assert_eq!((facts.pixels, facts.masked, facts.invalid, facts.valid), (8, 1, 2, 5));
        assert_eq!((facts.zero_fraction, facts.sum, facts.mean, facts.max), (0.4, 74, 14.8, 70));
        assert!((facts.variance - 762.96).abs() < 1e-9, "{}", facts.variance);
        assert_eq!(facts.quantiles, [1, 70, 70, 70]);
        let expected = -(0.4f64 * 0.4f64.log2() + 3.0 * 0.2 * 0.2f64.log2());
        assert!((facts.entropy_bits - expected).abs() < 1e-12);
        assert_eq!(facts.bars.last(), Some(&(64, 128, 1)));
        assert_eq!(facts.bars.iter().map(|bar| bar.2).sum::<u64>(), 5);
    }

    #[test]
    fn bars_up_to_the_largest_code_do_not_overflow() {
        let mut histogram = Histogram::default();
        [0, 5, u32::MAX].into_iter().for_each(|value| histogram.add(value));
        let bars = histogram.bars(4);
        assert_eq!(bars.iter().map(|bar| bar.2).sum::<u64>(), 3);
        assert_eq!(bars.last(), Some(&(1 << 31, 1 << 32, 1)));
        assert!(bars.windows(2).all(|pair| pair[0].1 == u64::from(pair[1].0)));
        assert_eq!(Histogram::default().quantile(0.5), 0);
    }
}
