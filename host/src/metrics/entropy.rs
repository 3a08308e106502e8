//! Entropies (C. E. Shannon, Bell Syst. Tech. J. 27 (1948) 379), in bits: what a lossless coder cannot go below on average, if
//! all that it knows of a pixel is ...
//!
//! - how often each value stands in the frames ([`of_counts`]);
//! - how often each bit is set in its bit-plane, all planes taken for themselves ([`of_planes`]): a bit transpose with an
//!   ideal coder of single bits behind it;
//! - the pixel before it in memory ([`Pairs`]).
//!
//! A codec may come below each of these where it makes use of more: rows that repeat, gaps of a known shape.

use super::counts::Histogram;
use debye_spec::ValidRule;
use std::collections::BTreeMap;

/// Entropy of a distribution that is given by how often each value stands.
pub fn of_counts(counts: impl Iterator<Item = u64>) -> f64 {
    // H = log2 n - (sum c log2 c) / n.
    let (mut total, mut sum) = (0u64, 0.0f64);
    for count in counts.filter(|&count| count > 0) {
        total += count;
        sum += count as f64 * (count as f64).log2();
    }
    if total == 0 { 0.0 } else { ((total as f64).log2() - sum / total as f64).max(0.0) }
}

/// Entropy of each bit-plane, the lowest bit first.
pub fn of_planes(codes: &Histogram, bits: usize) -> Vec<f64> {
    (0..bits)
        .map(|bit| {
            let set = codes.iter().filter(|(value, _)| value >> bit & 1 == 1).map(|(_, count)| count).sum();
            of_counts([set, codes.total() - set].into_iter())
        })
        .collect()
}

/// What the pixel before is taken to be: its value up to this, one class for all above, one for invalid ones.
const CLASSES: usize = 64;

/// Values that are counted in rows, one a class.
const DENSE: usize = 1 << 10;

/// How often each value follows each class of values.
#[derive(Clone, Debug)]
pub struct Pairs {
    dense: Vec<u64>,
    sparse: BTreeMap<(usize, u32), u64>,
}

impl Default for Pairs {
    fn default() -> Pairs {
        Pairs { dense: vec![0; (CLASSES + 1) * DENSE], sparse: BTreeMap::new() }
    }
}

impl Pairs {
    /// Adds a frame; its first pixel follows a 0.
    pub fn add(&mut self, codes: &[u32], rule: ValidRule) {
        let mut class = 0;
        for &code in codes {
            match code as usize {
                value if value < DENSE => self.dense[class * DENSE + value] += 1,
                _ => *self.sparse.entry((class, code)).or_insert(0) += 1,
            }
            class = if code > rule.max_valid() { CLASSES } else { (code as usize).min(CLASSES - 1) };
        }
    }

    /// Bits of a pixel whose neighbour's class is known.
    pub fn entropy(&self) -> f64 {
        let (mut bits, mut total) = (0.0, 0u64);
        for class in 0..=CLASSES {
            let dense = self.dense[class * DENSE..][..DENSE].iter();
            let sparse = self.sparse.range((class, 0)..=(class, u32::MAX)).map(|(_, count)| count);
            let counts: Vec<u64> = dense.chain(sparse).copied().collect();
            let of_class: u64 = counts.iter().sum();
            bits += of_counts(counts.into_iter()) * of_class as f64;
            total += of_class;
        }
        if total == 0 { 0.0 } else { bits / total as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use debye_spec::Element;

    #[test]
    fn entropy_of_even_and_of_certain_values_is_known() {
        assert!((of_counts([5, 5, 5, 5].into_iter()) - 2.0).abs() < 1e-12);
        assert_eq!(of_counts([7, 0].into_iter()), 0.0);
        assert_eq!(of_counts(std::iter::empty()), 0.0);
    }

    #[test]
    fn entropy_of_planes_takes_each_bit_for_itself() {
        let mut codes = Histogram::default();
        [0u32, 1, 2, 3].into_iter().for_each(|value| codes.add(value));
        assert_eq!(of_planes(&codes, 8), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn entropy_of_pairs_is_nothing_where_each_value_is_told_by_the_one_before() {
        let rule = ValidRule::new(Element::U32, 5000);
        let mut pairs = Pairs::default();
        // 0 follows 2000, 1 follows 0, 2000 follows 1: certain, and the first pixel follows a 0 as the rule does.
        pairs.add(&[1, 2000, 0].repeat(50), rule);
        assert_eq!(pairs.entropy(), 0.0);
        // After an invalid one 0 or 1, as often: one bit in every second pixel.
        let mut pairs = Pairs::default();
        pairs.add(&[u32::MAX, 0, u32::MAX, 1].repeat(50), rule);
        assert!((pairs.entropy() - 0.5).abs() < 1e-12, "{}", pairs.entropy());
    }
}
