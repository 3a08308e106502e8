//! Peaks of a pattern: where they are, and fits of pseudo-Voigt profiles on a straight background.
//!
//! ```text
//! y = A [eta L(x) + (1 - eta) G(x)] + b0 + b1 (x - centre of the window)
//! ```
//!
//! L and G have the area 1 and the same full width at half maximum; the parameters are A, position, width, eta, b0, b1. If
//! eta leaves [0, 1] it is put to the nearer end and the others are fitted anew.

use super::fit::{Fit, Model, Points, least_squares};
use std::f64::consts::{LN_2, PI};

/// A profile on a line; `eta` is fixed where it is given.
#[derive(Clone, Copy, Debug)]
pub struct PseudoVoigt {
    /// Where the background's line is b0.
    pub origin: f64,
    /// Lorentzian share, where it is no parameter.
    pub eta: Option<f64>,
}

/// A peak and its errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// Area under the profile.
    pub area: [f64; 2],
    /// Position.
    pub position: [f64; 2],
    /// Full width at half maximum.
    pub width: [f64; 2],
    /// Lorentzian share; its error is 0 where it was held at an end.
    pub eta: [f64; 2],
    /// Sum of squared residuals over the degrees of freedom.
    pub chi2_reduced: f64,
}

/// A place where a peak is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Bin of the maximum.
    pub bin: usize,
    /// Position of the maximum.
    pub position: f64,
    /// Rough full width at half maximum.
    pub width: f64,
    /// Rough height above the background.
    pub height: f64,
    /// Range that is fitted.
    pub window: [f64; 2],
}

impl Model for PseudoVoigt {
    fn parameters(&self) -> usize {
        if self.eta.is_some() { 5 } else { 6 }
    }

    fn value(&self, x: f64, p: &[f64], slopes: &mut [f64]) -> f64 {
        let (area, width) = (p[0], p[2]);
        let (eta, b) = self.eta.map_or_else(|| (p[3], &p[4..]), |eta| (eta, &p[3..]));
        let u = (x - p[1]) / width;
        let gauss = 2.0 * (LN_2 / PI).sqrt() / width * (-4.0 * LN_2 * u * u).exp();
        let lorentz = 2.0 / (PI * width) / (1.0 + 4.0 * u * u);
        // By u: G' = -8 ln2 u G, L' = -8 u / (1 + 4 u^2) L; du/dposition = -1/width, du/dwidth = -u/width.
        let (gauss_u, lorentz_u) = (-8.0 * LN_2 * u * gauss, -8.0 * u / (1.0 + 4.0 * u * u) * lorentz);
        let profile = eta * lorentz + (1.0 - eta) * gauss;
        let by_u = eta * lorentz_u + (1.0 - eta) * gauss_u;
        let t = x - self.origin;
        slopes[0] = profile;
        slopes[1] = -area * by_u / width;
        slopes[2] = -area * (by_u * u + profile) / width;
        let at = 3 + usize::from(self.eta.is_none());
        if self.eta.is_none() {
            slopes[3] = area * (lorentz - gauss);
        }
        (slopes[at], slopes[at + 1]) = (1.0, t);
        area * profile + b[0] + b[1] * t
    }
}

/// Fits a peak in its window. `None` where the points do not determine one.
pub fn fit(points: &Points, candidate: &Candidate) -> Option<Peak> {
    let [from, to] = candidate.window;
    let origin = 0.5 * (from + to);
    let ends = |values: &[f64]| Some((values.first().copied()?, values.last().copied()?));
    let ((x0, x1), (y0, y1)) = (ends(&points.x)?, ends(&points.y)?);
    let slope = if x1 > x0 { (y1 - y0) / (x1 - x0) } else { 0.0 };
    let (b0, b1) = (y0 + slope * (origin - x0), slope);
    // Area of a Gaussian of this height and width.
    let area = candidate.height * candidate.width * 0.5 * (PI / LN_2).sqrt();
    let start = [area, candidate.position, candidate.width, 0.5, b0, b1];
    let free = least_squares(&PseudoVoigt { origin, eta: None }, points, &start).filter(|fit| sound(fit, [from, to]));
    match free {
        Some(fit) if (0.0..=1.0).contains(&fit.parameters[3]) => Some(peak(&fit, None)),
        other => {
            let ends = match other.map(|fit| fit.parameters[3]) {
                Some(eta) if eta < 0.0 => vec![0.0],
                Some(_) => vec![1.0],
                None => vec![0.0, 1.0],
            };
            let start = [start[0], start[1], start[2], b0, b1];
            let held = |eta: f64| {
                let fit = least_squares(&PseudoVoigt { origin, eta: Some(eta) }, points, &start)?;
                sound(&fit, [from, to]).then(|| (fit.chi2, peak(&fit, Some(eta))))
            };
            let best = ends.into_iter().filter_map(held).min_by(|a, b| a.0.total_cmp(&b.0));
            best.map(|(_, peak)| peak)
        }
    }
}

/// A peak within its window, of positive width no wider than that.
fn sound(fit: &Fit, [from, to]: [f64; 2]) -> bool {
    let (position, width) = (fit.parameters[1], fit.parameters[2]);
    (from..=to).contains(&position) && width > 0.0 && width <= to - from
}

fn peak(fit: &Fit, eta: Option<f64>) -> Peak {
    let of = |k: usize| [fit.parameters[k], fit.errors[k]];
    Peak {
        area: of(0),
        position: of(1),
        width: of(2),
        eta: eta.map_or_else(|| of(3), |eta| [eta, 0.0]),
        chi2_reduced: fit.chi2 / fit.freedom.max(1) as f64,
    }
}

/// How many standard deviations a maximum stands above its surroundings.
const SIGNIFICANT: f64 = 5.0;

/// The `most` highest peaks of a pattern (by their height over its error), from left to right.
pub fn find(x: &[f64], y: &[f64], sigma: &[f64], most: usize) -> Vec<Candidate> {
    let bins: Vec<usize> = (0..x.len()).filter(|&bin| y[bin].is_finite() && sigma[bin] > 0.0).collect();
    let at = |k: usize| y[bins[k]];
    let mut found: Vec<(f64, Candidate)> = Vec::new();
    for k in 1..bins.len().saturating_sub(1) {
        if !(at(k) > at(k - 1) && at(k) >= at(k + 1)) {
            continue;
        }
        let Some((candidate, significance)) = around(x, y, sigma, &bins, k) else { continue };
        found.push((significance, candidate));
    }
    // The higher one of two whose halves overlap stays.
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.bin.cmp(&b.1.bin)));
    let mut kept: Vec<Candidate> = Vec::new();
    for (_, one) in found {
        let apart = |other: &Candidate| (one.position - other.position).abs() > one.width.max(other.width);
        if kept.iter().all(apart) {
            kept.push(one);
        }
    }
    kept.truncate(most);
    kept.sort_by_key(|one| one.bin);
    separate(&mut kept);
    kept
}

/// The candidate at a named position: the highest bin within 1 % of the range of it.
pub fn at(x: &[f64], y: &[f64], sigma: &[f64], position: f64) -> Option<Candidate> {
    let bins: Vec<usize> = (0..x.len()).filter(|&bin| y[bin].is_finite() && sigma[bin] > 0.0).collect();
    let near = 0.01 * (x.last()? - x.first()?).abs();
    let within = (0..bins.len()).filter(|&k| (x[bins[k]] - position).abs() <= near);
    let highest = within.max_by(|&a, &b| y[bins[a]].total_cmp(&y[bins[b]]))?;
    around(x, y, sigma, &bins, highest).map(|(candidate, _)| candidate)
}

/// Goes down from a maximum on both sides; what it stands above is the higher of the two valleys.
fn around(x: &[f64], y: &[f64], sigma: &[f64], bins: &[usize], top: usize) -> Option<(Candidate, f64)> {
    let at = |k: usize| y[bins[k]];
    let error = sigma[bins[top]];
    // A valley ends where the curve has risen again by more than noise does.
    let valley = |order: &mut dyn Iterator<Item = usize>| {
        let mut lowest = top;
        for k in order {
            if at(k) < at(lowest) {
                lowest = k;
            }
            if at(k) > at(lowest) + SIGNIFICANT * error.min(sigma[bins[lowest]].max(sigma[bins[k]])) || at(k) > at(top)
            {
                break;
            }
        }
        lowest
    };
    let (left, right) = (valley(&mut (0..top).rev()), valley(&mut (top + 1..bins.len())));
    let ground = at(left).max(at(right));
    let height = at(top) - ground;
    let significance = height / error;
    if left == top || right == top || significance < SIGNIFICANT {
        return None;
    }
    let half = ground + 0.5 * height;
    let below = |k: &usize| at(*k) <= half;
    let (a, b) = ((left..top).rev().find(below)?, (top + 1..=right).find(below)?);
    let crossing = |low: usize, high: usize| {
        let (x0, x1) = (x[bins[low]], x[bins[high]]);
        x0 + (x1 - x0) * (half - at(low)) / (at(high) - at(low))
    };
    let width = crossing(b, b - 1) - crossing(a, a + 1);
    let position = x[bins[top]];
    let window = [position - 4.0 * width, position + 4.0 * width];
    (width > 0.0).then_some((Candidate { bin: bins[top], position, width, height, window }, significance))
}

/// Windows of neighbours end halfway between them.
fn separate(peaks: &mut [Candidate]) {
    for k in 1..peaks.len() {
        let middle = 0.5 * (peaks[k - 1].position + peaks[k].position);
        peaks[k - 1].window[1] = peaks[k - 1].window[1].min(middle);
        peaks[k].window[0] = peaks[k].window[0].max(middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(peaks: &[[f64; 4]]) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let x: Vec<f64> = (0..600).map(|k| 1.0 + f64::from(k) * 0.005).collect();
        let model = PseudoVoigt { origin: 0.0, eta: None };
        let mut slopes = [0.0; 6];
        let of = |x: f64, slopes: &mut [f64]| {
            let parts = peaks.iter().map(|&[a, p, w, e]| model.value(x, &[a, p, w, e, 0.0, 0.0], slopes));
            parts.sum::<f64>() + 20.0 - 2.0 * x
        };
        let y: Vec<f64> = x.iter().map(|&x| of(x, &mut slopes)).collect();
        let sigma = y.iter().map(|y| 0.02 * y.sqrt()).collect();
        (x, y, sigma)
    }

    #[test]
    fn value_slopes_are_the_differences() {
        for eta in [None, Some(0.3)] {
            let model = PseudoVoigt { origin: 1.9, eta };
            let start = [3.0, 2.0, 0.1, 0.4, 5.0, -0.7];
            let p: Vec<f64> = if eta.is_some() { [&start[..3], &start[4..]].concat() } else { start.to_vec() };
            let mut slopes = vec![0.0; p.len()];
            let mut unused = slopes.clone();
            model.value(2.03, &p, &mut slopes);
            for (k, slope) in slopes.iter().enumerate() {
                let moved = |by: f64| {
                    p.iter().enumerate().map(|(i, v)| v + by * f64::from(u8::from(i == k))).collect::<Vec<_>>()
                };
                let (up, down) =
                    (model.value(2.03, &moved(1e-6), &mut unused), model.value(2.03, &moved(-1e-6), &mut unused));
                assert!((slope - (up - down) / 2e-6).abs() < 1e-5 * slope.abs().max(1.0), "{k}");
            }
        }
    }

    #[test]
    fn find_and_fit_give_back_the_peaks() {
        let made = [[2.0, 1.5, 0.04, 0.3], [5.0, 2.2, 0.05, 0.0], [1.0, 3.1, 0.06, 0.8]];
        let (x, y, sigma) = pattern(&made);
        let found = find(&x, &y, &sigma, 8);
        assert_eq!(found.len(), 3, "{found:?}");
        for (candidate, [area, position, width, eta]) in found.iter().zip(made) {
            let points = Points::within(&x, &y, &sigma, candidate.window);
            let peak = fit(&points, candidate).unwrap();
            assert!((peak.position[0] - position).abs() < 1e-4, "{peak:?}");
            // Tails of the others are part of the background.
            assert!((peak.width[0] / width - 1.0).abs() < 0.02 && (peak.area[0] / area - 1.0).abs() < 0.05, "{peak:?}");
            assert!((peak.eta[0] - eta).abs() < 0.1, "{peak:?}");
        }
        assert_eq!(find(&x, &y, &sigma, 1)[0].bin, found[1].bin);
        let named = at(&x, &y, &sigma, 2.21).unwrap();
        assert_eq!(named.bin, found[1].bin);
    }

    #[test]
    fn find_on_a_slope_without_peaks_is_nothing() {
        let (x, y, sigma) = pattern(&[]);
        assert_eq!(find(&x, &y, &sigma, 8), []);
        assert_eq!(at(&x, &y, &sigma, 2.0), None);
        assert_eq!(find(&[], &[], &[], 8), []);
    }
}
