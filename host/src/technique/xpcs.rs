//! Photon correlation: g2(tau) of each ring or rectangle.
//!
//! ```text
//! g2(L) = <I_p(t) I_p(t + L)> / (<I_p(t)> <I_p(t + L)>)      averages over the pixels p and t = 0 .. N - L - 1
//! ```
//!
//! Both means are over the frames that the products are over (symmetric normalisation: K. Schatzel, Quantum Opt. 2 (1990)
//! 287). Products are added up as whole numbers, for each lag directly: nothing is averaged before. Pixels that are invalid
//! in one frame are left out of all.

use super::fit::{Model, Points, least_squares};
use super::verdict::{Axis, Curve, Mark, Plot, Table};
use super::{D7_4, Limitable, Needs, Study, Technique, TechniqueError, Verdict, begin};
use crate::stack::{INVALID, Stack};
use rayon::prelude::*;

/// See the module.
pub struct Xpcs;

const LIMITS: &[Limitable] = &[
    Limitable::at_most("g2_nrmse", 0.01, D7_4),
    Limitable::at_most("contrast_change", 0.01, D7_4),
    Limitable::at_most("decay_change", 0.01, D7_4),
    Limitable::by_user("g2_error", super::Bound::AtMost),
];

/// Lags that stand next to each other; beyond, there are half as many for each doubling.
const DENSE: usize = 16;

impl Technique for Xpcs {
    fn name(&self) -> &'static str {
        "xpcs"
    }

    fn title(&self) -> &'static str {
        "Photon correlation"
    }

    fn describe(&self) -> &'static str {
        "g2(tau) of rings or rectangles, its contrast and its decay"
    }

    fn needs(&self) -> Needs {
        Needs { frames: 8, ..Needs::default() }
    }

    fn limits(&self) -> &'static [Limitable] {
        LIMITS
    }

    fn verdict(&self, study: &Study<'_>) -> Result<Verdict, TechniqueError> {
        let held = held(study.altered)?;
        let usable = study.altered.exposures().iter().filter(|&&count| count == held).count();
        let lags = lags(usable);
        if lags.is_empty() {
            return Err(TechniqueError::TooFewFrames {
                technique: "xpcs",
                needed: 4 * held as usize,
                have: study.original.frames().len(),
            });
        }
        let regions = regions(study)?;
        let mut verdict = begin(self);
        verdict.set(
            "regions",
            regions
                .iter()
                .map(|(name, pixels)| format!("{name}: {} pixels", pixels.len()))
                .collect::<Vec<_>>()
                .join("; "),
        );
        verdict.set("normalisation", "symmetric, over the pixels of a region");
        let curves: Vec<Pair> = regions
            .iter()
            .filter_map(|(name, pixels)| {
                let altered = correlate(&study.altered.frames()[..usable], pixels, &lags);
                let long: Vec<usize> = lags.iter().map(|lag| lag * held as usize).collect();
                let original = correlate(study.original.frames(), pixels, &long);
                let first = correlate(study.original.frames(), pixels, &[1])[0];
                first.is_finite().then(|| Pair { name: name.clone(), lags: long, original, altered, first })
            })
            .collect();
        if curves.is_empty() {
            return Err(TechniqueError::Nothing { technique: "xpcs", reason: "no region holds counts".into() });
        }
        if held > 1 {
            verdict.notes.push(format!("{held} frames were added up: lags that are no multiple of {held} are lost."));
        }
        report(study, &curves, &mut verdict);
        Ok(verdict)
    }
}

/// g2 of one region on both sides, at lags in frames of the original.
struct Pair {
    name: String,
    lags: Vec<usize>,
    original: Vec<f64>,
    altered: Vec<f64>,
    /// The original's at the shortest lag that it has.
    first: f64,
}

/// Of how many frames each altered one is the sum; the last may be of fewer.
fn held(altered: &Stack) -> Result<u32, TechniqueError> {
    let exposures = altered.exposures();
    let held = exposures.first().copied().unwrap_or(1);
    match exposures.split_last() {
        Some((&last, rest)) if rest.iter().all(|&count| count == held) && last <= held => Ok(held),
        _ => {
            Err(TechniqueError::Mismatch("altered frames hold different numbers of frames: lags have no length".into()))
        }
    }
}

/// 1 to 16, then 8 for each doubling, up to half the frames.
fn lags(frames: usize) -> Vec<usize> {
    let mut lags: Vec<usize> = (1..=DENSE).collect();
    let mut step = 2;
    while lags.last().is_some_and(|&last| last < frames / 2) {
        let last = lags[lags.len() - 1];
        lags.extend((1..=DENSE / 2).map(|k| last + k * step));
        step *= 2;
    }
    lags.retain(|&lag| lag <= frames / 2);
    lags
}

/// Regions with their pixels: rectangles, else rings, else the frame.
fn regions(study: &Study<'_>) -> Result<Vec<(String, Vec<usize>)>, TechniqueError> {
    let [rows, columns] = study.original.shape();
    let all = || study.original.frames().iter().chain(study.altered.frames());
    let valid: Vec<bool> =
        (0..rows * columns).into_par_iter().map(|pixel| all().all(|frame| frame[pixel] != INVALID)).collect();
    let settings = study.settings;
    if !settings.rois.is_empty() {
        return settings.rois.iter().map(|&roi| rectangle(roi, [rows, columns], &valid)).collect();
    }
    let Some(table) = study.table else {
        return Ok(vec![("frame".into(), (0..valid.len()).filter(|&pixel| valid[pixel]).collect())]);
    };
    let rings = settings.rings;
    if rings == 0 {
        return Err(TechniqueError::Setting { name: "rings", value: "0".into(), rule: "at least one is needed" });
    }
    let description = &table.description;
    let (geometry, unit) = (&description.geometry, description.unit);
    let projector = geometry.projector();
    let (from, to) = match (table.radial_edges.first(), table.radial_edges.last()) {
        (Some(&from), Some(&to)) => (from, to),
        _ => return Ok(Vec::new()),
    };
    let edge = |k: usize| from + (to - from) * k as f64 / rings as f64;
    let mut found: Vec<(String, Vec<usize>)> =
        (0..rings).map(|k| (format!("{:.4} to {:.4} {unit}", edge(k), edge(k + 1)), Vec::new())).collect();
    for pixel in (0..valid.len()).filter(|&pixel| valid[pixel] && !table.masked[pixel]) {
        let lab = projector.lab((pixel / columns) as f64 + 0.5, (pixel % columns) as f64 + 0.5);
        let at = (unit.value(lab, geometry.wavelength) - from) / (to - from) * rings as f64;
        if (0.0..rings as f64).contains(&at) {
            found[at as usize].1.push(pixel);
        }
    }
    found.retain(|(_, pixels)| !pixels.is_empty());
    Ok(found)
}

fn rectangle(
    roi: [usize; 4],
    [rows, columns]: [usize; 2],
    valid: &[bool],
) -> Result<(String, Vec<usize>), TechniqueError> {
    let [row, column, height, width] = roi;
    let fits = |first: usize, length: usize, there: usize| {
        length > 0 && first.checked_add(length).is_some_and(|end| end <= there)
    };
    if !fits(row, height, rows) || !fits(column, width, columns) {
        return Err(TechniqueError::Setting {
            name: "rois",
            value: format!("{row},{column},{height},{width}"),
            rule: "first row, first column, rows and columns lie within the frame",
        });
    }
    let pixels = (row..row + height).flat_map(|row| (column..column + width).map(move |column| row * columns + column));
    Ok((format!("rows {row}+{height}, columns {column}+{width}"), pixels.filter(|&pixel| valid[pixel]).collect()))
}

/// g2 at each lag; NaN where a mean is 0.
pub fn correlate(frames: &[Vec<u32>], pixels: &[usize], lags: &[usize]) -> Vec<f64> {
    let taken: Vec<Vec<u32>> =
        frames.par_iter().map(|frame| pixels.iter().map(|&pixel| frame[pixel]).collect()).collect();
    let sums: Vec<u128> = taken.iter().map(|frame| frame.iter().map(|&value| u128::from(value)).sum()).collect();
    let one = |&lag: &usize| {
        let pairs = taken.len().saturating_sub(lag);
        let products: u128 = (0..pairs).map(|t| product(&taken[t], &taken[t + lag])).sum();
        let (early, late) = (sums[..pairs].iter().sum::<u128>(), sums[taken.len() - pairs..].iter().sum::<u128>());
        products as f64 / early as f64 * (pairs as f64 * pixels.len() as f64 / late as f64)
    };
    lags.par_iter().map(one).collect()
}

/// Sum of the products of two rows of pixels.
fn product(a: &[u32], b: &[u32]) -> u128 {
    // Products have 56 bits: 256 of them fit 64.
    let part = |(a, b): (&[u32], &[u32])| a.iter().zip(b).map(|(&a, &b)| u64::from(a) * u64::from(b)).sum::<u64>();
    a.chunks(256).zip(b.chunks(256)).map(|pair| u128::from(part(pair))).sum()
}

/// contrast x exp(-2 tau / decay) + base.
struct Decay;

impl Model for Decay {
    fn parameters(&self) -> usize {
        3
    }

    fn value(&self, x: f64, p: &[f64], slopes: &mut [f64]) -> f64 {
        let falling = (-2.0 * x / p[1]).exp();
        slopes.copy_from_slice(&[falling, p[0] * falling * 2.0 * x / (p[1] * p[1]), 1.0]);
        p[0] * falling + p[2]
    }
}

/// Decay time of a curve, in the unit of `x`; NaN where the points do not determine one.
fn decay(x: &[f64], g2: &[f64]) -> f64 {
    let ones = vec![1.0; x.len()];
    let points = Points::within(x, g2, &ones, [0.0, f64::INFINITY]);
    let (Some(&first), Some(&last)) = (points.y.first(), points.y.last()) else { return f64::NAN };
    let fallen = points.y.iter().position(|&value| value <= last + (first - last) * (-2f64).exp());
    let time = fallen.map_or(f64::NAN, |k| points.x[k]);
    let longest = x.last().copied().unwrap_or(0.0);
    match least_squares(&Decay, &points, &[first - last, time, last]) {
        Some(fit) if fit.parameters[0] > 0.0 && (0.0..=4.0 * longest).contains(&fit.parameters[1]) => fit.parameters[1],
        _ => f64::NAN,
    }
}

/// The largest of values that are not negative; NaN if one is: what can no longer be computed is worse than any number.
fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |most: f64, value| if most.is_nan() || value.is_nan() { f64::NAN } else { most.max(value) })
}

fn report(study: &Study<'_>, pairs: &[Pair], verdict: &mut Verdict) {
    let (time, unit) = study.frame_time.map_or((1.0, "frames"), |time| (time, "s"));
    let tau = |pair: &Pair| pair.lags.iter().map(|&lag| lag as f64 * time).collect::<Vec<f64>>();
    let worst = |of: &dyn Fn(&Pair) -> f64| largest(pairs.iter().map(of));
    let both = |pair: &'_ Pair| -> Vec<(f64, f64)> {
        let all = pair.original.iter().copied().zip(pair.altered.iter().copied());
        all.filter(|(original, _)| original.is_finite()).collect()
    };
    let error = |pair: &Pair| largest(both(pair).into_iter().map(|(a, b)| (b - a).abs()));
    let nrmse = |pair: &Pair| {
        let add = |(e, s): (f64, f64), (a, b): (f64, f64)| (e + (b - a) * (b - a), s + (a - 1.0) * (a - 1.0));
        let (errors, squares) = both(pair).into_iter().fold((0.0, 0.0), add);
        f64::sqrt(errors / squares)
    };
    let contrast = |pair: &Pair| ((pair.altered[0] - pair.first) / (pair.first - 1.0)).abs();
    let decays: Vec<[f64; 2]> =
        pairs.iter().map(|pair| [decay(&tau(pair), &pair.original), decay(&tau(pair), &pair.altered)]).collect();
    let mut add = |name, title, unit, value, note| verdict.add(study.limits, name, title, unit, value, note);
    add("g2_error", "Largest error of g2", "", worst(&error), "worst region, over the lags that both sides have");
    add("g2_nrmse", "NRMSE of g2 - 1", "", worst(&nrmse), "worst region, over the lags that both sides have");
    add(
        "contrast_change",
        "Relative change of the contrast",
        "",
        worst(&contrast),
        "worst region; g2 - 1 at the shortest lag that each side has",
    );
    if decays.iter().all(|[original, _]| original.is_nan()) {
        verdict
            .notes
            .push("No exponential decay can be fitted to the original's g2: decay times are not judged.".into());
    } else {
        let judged = decays.iter().filter(|[original, _]| original.is_finite());
        let change = largest(judged.map(|[a, b]| (b / a - 1.0).abs()));
        verdict.add(
            study.limits,
            "decay_change",
            "Relative change of the decay time",
            "",
            change,
            "worst region; fits of contrast exp(-2 tau / decay) + base",
        );
    }
    let mut fits = Table::new("decays", "Decay times", &[("region", ""), ("original", unit), ("altered", unit)]);
    let mut table = Table::new(
        "g2",
        "g2 of each region",
        &[("region", ""), ("lag", "frames"), ("tau", unit), ("original", ""), ("altered", "")],
    );
    for (number, pair) in pairs.iter().enumerate() {
        fits.row([number as f64, decays[number][0], decays[number][1]]);
        let tau = tau(pair);
        for (k, &lag) in pair.lags.iter().enumerate() {
            table.row([number as f64, lag as f64, lag as f64 * time, pair.original[k], pair.altered[k]]);
        }
        verdict.plots.push(Plot {
            name: format!("g2_{number}"),
            title: format!("g2, {}", pair.name),
            x: Axis::logarithmic("tau", unit),
            y: Axis::linear("g2", ""),
            caption: format!(
                "Intensity correlation of the region {}, of the original and the altered frames.",
                pair.name
            ),
            curves: vec![
                Curve::new("original", Mark::Line, &tau, &pair.original),
                Curve::new("altered", Mark::Points, &tau, &pair.altered),
            ],
        });
    }
    verdict.tables.extend([fits, table]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlate_of_constant_frames_is_one_and_of_blinking_ones_is_known() {
        let pixels: Vec<usize> = (0..6).collect();
        let constant = vec![vec![7; 6]; 10];
        assert!(correlate(&constant, &pixels, &[1, 5]).iter().all(|g2| (g2 - 1.0).abs() < 1e-15));
        // 2, 0, 2, 0 ...: products 4 or 0, means 1.
        let blinking: Vec<Vec<u32>> = (0..9).map(|t| vec![2 * ((t + 1) % 2); 6]).collect();
        let g2 = correlate(&blinking, &pixels, &[1, 8]);
        assert_eq!(g2, [0.0, 1.0]);
        assert!(correlate(&vec![vec![0; 6]; 4], &pixels, &[1])[0].is_nan());
    }

    #[test]
    fn lags_rise_to_half_the_frames() {
        assert_eq!(lags(8), [1, 2, 3, 4]);
        let many = lags(1000);
        assert!(many.is_sorted() && many[..16] == (1..=16).collect::<Vec<_>>() && many[16] == 18);
        assert!(many.iter().all(|&lag| lag <= 500) && many.len() < 60);
        assert_eq!(lags(1), [0; 0]);
    }

    #[test]
    fn decay_of_an_exponential_is_its_time() {
        let x: Vec<f64> = (1..60).map(f64::from).collect();
        let g2: Vec<f64> = x.iter().map(|x| 1.01 + 0.2 * (-2.0 * x / 17.0).exp()).collect();
        assert!((decay(&x, &g2) - 17.0).abs() < 1e-6);
        assert!(decay(&x, &vec![1.0; x.len()]).is_nan());
    }
}
