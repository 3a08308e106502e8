//! Dark, lit or a hit.

use super::features::Features;
use serde::Serialize;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The beam was off, or no more than the dark count is there.
    Dark,
    /// There is light, but the criteria of a hit are not met (or none was asked for).
    Lit,
    /// It meets every criterion.
    Hit,
    /// It could not be looked at.
    Failed,
}

impl Class {
    /// For lists.
    pub fn name(self) -> &'static str {
        match self {
            Class::Dark => "dark",
            Class::Lit => "lit",
            Class::Hit => "hit",
            Class::Failed => "failed",
        }
    }
}

/// What makes a frame lit and a hit. A hit meets all criteria that are given, `lit_above` among them; without one of the
/// others there are no hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Rules {
    /// Counts of a pixel above which a frame is lit; found from the frames ([`split_dark`]) when absent.
    pub lit_above: Option<f64>,
    /// Pixels over the threshold, at least.
    pub pixels: Option<u32>,
    /// Spots, at least.
    pub spots: Option<usize>,
    /// Pixels that stand out of their ring, at least.
    pub outliers: Option<usize>,
}

/// Classes of all frames.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// Counts of a pixel above which frames were taken to be lit.
    pub lit_above: f64,
    /// Whether the user said so.
    pub lit_above_given: bool,
    /// One a frame.
    pub classes: Vec<Class>,
}

/// By how much the groups' mean counts differ, at least, where there are dark frames and lit ones.
const APART: f64 = 3.0;

/// Sorts frames.
pub fn decide(rules: &Rules, features: &[Features]) -> Decision {
    let means: Vec<f64> = features.iter().filter(|one| one.failed.is_none()).map(Features::mean).collect();
    let lit_above = rules.lit_above.unwrap_or_else(|| split_dark(&means));
    let classes = features.iter().map(|one| class(rules, one, lit_above)).collect();
    Decision { lit_above, lit_above_given: rules.lit_above.is_some(), classes }
}

fn class(rules: &Rules, one: &Features, lit_above: f64) -> Class {
    if one.failed.is_some() {
        return Class::Failed;
    }
    let dark = one.mean() <= lit_above;
    // A criterion that was not measured is not met.
    let enough =
        |least: Option<usize>, found: Option<usize>| least.is_none_or(|least| found.is_some_and(|n| n >= least));
    let asked = rules.pixels.is_some() || rules.spots.is_some() || rules.outliers.is_some();
    let met = rules.pixels.is_none_or(|least| one.over >= least)
        && enough(rules.spots, one.spots)
        && enough(rules.outliers, one.outliers);
    // Where the limit was found and not given, weak pulses may look dark: spots then say more.
    match dark {
        _ if asked && met && !(dark && rules.lit_above.is_some()) => Class::Hit,
        true => Class::Dark,
        false => Class::Lit,
    }
}

/// The mean count that parts dark frames from lit ones: the split of the logarithms with the most variance between its
/// two sides (N. Otsu, IEEE Trans. Syst. Man Cybern. 9 (1979) 62). Where the sides' means differ by less than a factor of 3
/// there is one kind of frame only: then those that counted anything are lit, and the answer is 0.
pub fn split_dark(means: &[f64]) -> f64 {
    let mut counted: Vec<f64> = means.iter().copied().filter(|mean| *mean > 0.0).collect();
    counted.sort_by(f64::total_cmp);
    let logarithms: Vec<f64> = counted.iter().map(|mean| mean.ln()).collect();
    let (n, total) = (counted.len(), logarithms.iter().sum::<f64>());
    let (mut below, mut best) = (0.0, (0.0, 0.0));
    for k in 1..n {
        below += logarithms[k - 1];
        let (low, high) = (below / k as f64, (total - below) / (n - k) as f64);
        let between = k as f64 * (n - k) as f64 * (high - low).powi(2);
        if between > best.0 && high - low >= APART.ln() {
            // Halfway, as counts go.
            best = (between, (counted[k - 1] * counted[k]).sqrt());
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(mean: u64, over: u32, spots: Option<usize>) -> Features {
        Features { valid: 100, sum: 100 * mean, over, spots, ..Features::default() }
    }

    #[test]
    fn split_dark_finds_the_gap_and_leaves_one_kind_alone() {
        let means = [0.01, 0.012, 0.009, 4.0, 5.0, 6.0, 4.5];
        let split = split_dark(&means);
        assert!(split > 0.012 && split < 4.0, "{split}");
        assert_eq!(split_dark(&[4.0, 5.0, 6.0, 4.5]), 0.0);
        assert_eq!(split_dark(&[0.0, 0.0, 5.0]), 0.0);
        assert_eq!(split_dark(&[]), 0.0);
    }

    #[test]
    fn decide_hits_meet_every_criterion() {
        let mut features = vec![frame(0, 9, Some(9)), frame(5, 2, Some(9)), frame(5, 9, Some(2)), frame(5, 9, Some(9))];
        features.push(Features { failed: Some("gone".into()), ..frame(5, 9, Some(9)) });
        features.push(frame(5, 9, None));
        let rules = Rules { pixels: Some(3), spots: Some(3), ..Rules::default() };
        let classes = decide(&rules, &features).classes;
        assert_eq!(classes, [Class::Hit, Class::Lit, Class::Lit, Class::Hit, Class::Failed, Class::Lit]);
        let lit = decide(&Rules { lit_above: Some(4.0), ..rules }, &features);
        assert_eq!((lit.classes[0], lit.classes[3]), (Class::Dark, Class::Hit));
        let none = decide(&Rules { lit_above: Some(5.0), ..rules }, &features);
        assert_eq!(none.classes[3], Class::Dark);
        assert_eq!(decide(&Rules::default(), &features).classes[3], Class::Lit);
    }
}
