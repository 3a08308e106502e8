//! Spectroscopy: one line of a dispersed spectrum, its integral, centroid and width.
//!
//! The spectrum is what an exposure counts in each pixel along the axis of energy: all frames together, valid pixels alone,
//! scaled to all pixels across. The background of the line is a straight one through the means of two bands beside it, each
//! half as wide as the line. Errors are those of counting, of the bands' too.

use super::verdict::{Axis, Curve, Mark, Plot, Table};
use super::{D7_4, Limitable, Needs, Study, THIRD, Technique, TechniqueError, Verdict, begin};
use crate::stack::{INVALID, Stack};
use std::ops::Range;

/// See the module.
pub struct Spectroscopy;

const LIMITS: &[Limitable] = &[
    Limitable::at_most("integral_change", 1.0 / 3.0, THIRD),
    Limitable::at_most("centroid_shift", 1.0 / 3.0, THIRD),
    Limitable::at_most("width_change", 1.0 / 3.0, THIRD),
    Limitable::at_most("spectrum_nrmse", 0.01, D7_4),
    Limitable::by_user("integral_change_relative", super::Bound::AtMost),
    Limitable::by_user("centroid_shift_absolute", super::Bound::AtMost),
    Limitable::by_user("width_change_relative", super::Bound::AtMost),
];

/// Half a line in full widths at half maximum, where the line is found and not named.
const HALF_LINE: f64 = 3.0;

impl Technique for Spectroscopy {
    fn name(&self) -> &'static str {
        "spectroscopy"
    }

    fn title(&self) -> &'static str {
        "Spectroscopy"
    }

    fn describe(&self) -> &'static str {
        "integral, centroid and width of a line along rows or columns"
    }

    fn needs(&self) -> Needs {
        Needs { frames: 1, ..Needs::default() }
    }

    fn limits(&self) -> &'static [Limitable] {
        LIMITS
    }

    fn verdict(&self, study: &Study<'_>) -> Result<Verdict, TechniqueError> {
        let along_rows = study.settings.along_rows;
        let (original, altered) = (Spectrum::of(study.original, along_rows), Spectrum::of(study.altered, along_rows));
        let region = region(study, &original)?;
        let nothing = |reason: &str| TechniqueError::Nothing { technique: "spectroscopy", reason: reason.into() };
        let before =
            line(&original, &region).ok_or_else(|| nothing("the line holds no counts above its background"))?;
        let lost = Line { integral: [f64::NAN; 2], centroid: [f64::NAN; 2], width: [f64::NAN; 2] };
        let after = line(&altered, &region).unwrap_or(lost);
        let mut verdict = begin(self);
        verdict.set("energy runs along", if along_rows { "rows (down the columns)" } else { "columns" });
        verdict.set("line", format!("pixels {} to {}", region.start, region.end - 1));
        let [left, right] = bands(&region, original.counts.len());
        verdict.set("background", format!("pixels {left:?} and {right:?}, the ends not included"));
        report(study, [&original, &altered], [before, after], &mut verdict);
        Ok(verdict)
    }
}

/// Counts of an exposure along the axis, and their variances; NaN where no pixel is valid.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// Counts.
    pub counts: Vec<f64>,
    /// Variances by counting statistics.
    pub variance: Vec<f64>,
}

impl Spectrum {
    /// The spectrum of all frames of a stack.
    pub fn of(stack: &Stack, along_rows: bool) -> Spectrum {
        let [rows, columns] = stack.shape();
        let (length, across) = if along_rows { (rows, columns) } else { (columns, rows) };
        let (mut sums, mut seen) = (vec![0u128; length], vec![0u64; length]);
        for (frame, &held) in stack.frames().iter().zip(stack.exposures()) {
            for (pixel, &value) in frame.iter().enumerate().filter(|(_, value)| **value != INVALID) {
                let at = if along_rows { pixel / columns } else { pixel % columns };
                sums[at] += u128::from(value);
                seen[at] += u64::from(held);
            }
        }
        let scale = |at: usize| across as f64 / seen[at] as f64;
        let value = |at: usize, scale: f64| if seen[at] == 0 { f64::NAN } else { sums[at] as f64 * scale };
        Spectrum {
            counts: (0..length).map(|at| value(at, scale(at))).collect(),
            variance: (0..length).map(|at| value(at, scale(at) * scale(at))).collect(),
        }
    }
}

/// What is measured of a line, each with its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Counts above the background.
    pub integral: [f64; 2],
    /// Centre of gravity, in pixels.
    pub centroid: [f64; 2],
    /// Root of the second moment about it, in pixels.
    pub width: [f64; 2],
}

fn region(study: &Study<'_>, spectrum: &Spectrum) -> Result<Range<usize>, TechniqueError> {
    let counts = &spectrum.counts;
    if let Some([from, to]) = study.settings.line {
        if from + 1 < to && to <= counts.len() {
            return Ok(from..to);
        }
        let rule = "two rising numbers of pixels within the frame, with two pixels or more between them";
        return Err(TechniqueError::Setting { name: "line", value: format!("{from},{to}"), rule });
    }
    let nothing = |reason: &str| TechniqueError::Nothing { technique: "spectroscopy", reason: reason.into() };
    let mut sorted: Vec<f64> = counts.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let (Some(&ground), Some(&most)) = (sorted.get(sorted.len() / 2), sorted.last()) else {
        return Err(nothing("no pixel is valid"));
    };
    let top = counts.iter().position(|&value| value == most).filter(|_| most > ground);
    let top = top.ok_or_else(|| nothing("the spectrum is flat"))?;
    let low = |at: &usize| counts[*at] <= 0.5 * (most + ground);
    let left = (0..top).rev().find(low).unwrap_or(0);
    let right = (top + 1..counts.len()).find(low).unwrap_or(counts.len() - 1);
    let half = (HALF_LINE * (right - left) as f64 / 2.0).ceil() as usize;
    Ok(top.saturating_sub(half)..(top + half + 1).min(counts.len()))
}

/// The bands beside a line, cut at the ends of the spectrum.
fn bands(region: &Range<usize>, length: usize) -> [Range<usize>; 2] {
    let width = (region.len() / 2).max(1);
    [region.start.saturating_sub(width)..region.start, region.end..(region.end + width).min(length)]
}

/// A band's mean as a straight background sees it.
struct Band {
    centre: f64,
    pixels: Vec<usize>,
}

impl Band {
    fn of(spectrum: &Spectrum, range: Range<usize>) -> Band {
        let pixels: Vec<usize> = range.filter(|&at| spectrum.counts[at].is_finite()).collect();
        Band { centre: pixels.iter().sum::<usize>() as f64 / pixels.len() as f64, pixels }
    }
}

/// Measures a line. Every quantity is linear in the spectrum to first order: each pixel's share in it is known, and with
/// it the error.
pub fn line(spectrum: &Spectrum, region: &Range<usize>) -> Option<Line> {
    let bands = bands(region, spectrum.counts.len()).map(|range| Band::of(spectrum, range));
    // Share of each band's mean in the background at a pixel.
    let shares = |at: f64| match &bands {
        [left, right] if left.pixels.is_empty() && right.pixels.is_empty() => [0.0, 0.0],
        [left, _] if left.pixels.is_empty() => [0.0, 1.0],
        [_, right] if right.pixels.is_empty() => [1.0, 0.0],
        [left, right] => {
            let share = (right.centre - at) / (right.centre - left.centre);
            [share, 1.0 - share]
        }
    };
    let within: Vec<usize> = region.clone().filter(|&at| spectrum.counts[at].is_finite()).collect();
    // Sum of f x (counts - background), and its variance.
    let functional = |f: &dyn Fn(f64) -> f64| {
        let (mut value, mut variance, mut of_bands) = (0.0, 0.0, [0.0; 2]);
        for &at in &within {
            let weight = f(at as f64);
            value += weight * spectrum.counts[at];
            variance += weight * weight * spectrum.variance[at];
            shares(at as f64).iter().zip(&mut of_bands).for_each(|(share, sum)| *sum += weight * share);
        }
        for (band, share) in bands.iter().zip(of_bands) {
            let n = band.pixels.len().max(1) as f64;
            for &at in &band.pixels {
                value -= share / n * spectrum.counts[at];
                variance += (share / n).powi(2) * spectrum.variance[at];
            }
        }
        (value, variance)
    };
    let (integral, of_integral) = functional(&|_| 1.0);
    if integral.is_nan() || integral <= 0.0 {
        return None;
    }
    let centroid = functional(&|at| at).0 / integral;
    let (_, of_centroid) = functional(&|at| (at - centroid) / integral);
    let second = functional(&|at| (at - centroid).powi(2)).0 / integral;
    let (_, of_second) = functional(&|at| ((at - centroid).powi(2) - second) / integral);
    let width = second.sqrt();
    Some(Line {
        integral: [integral, of_integral.sqrt()],
        centroid: [centroid, of_centroid.sqrt()],
        width: [width, of_second.sqrt() / (2.0 * width)],
    })
}

fn report(study: &Study<'_>, [original, altered]: [&Spectrum; 2], [before, after]: [Line; 2], verdict: &mut Verdict) {
    let by_error = |a: [f64; 2], b: [f64; 2]| (b[0] - a[0]).abs() / a[1];
    let relative = |a: [f64; 2], b: [f64; 2]| (b[0] / a[0] - 1.0).abs();
    let both = || original.counts.iter().zip(&altered.counts).filter(|(a, b)| a.is_finite() && b.is_finite());
    let errors: f64 = both().map(|(a, b)| (b - a) * (b - a)).sum();
    let squares: f64 = both().map(|(a, _)| a * a).sum();
    let mut add = |name, title, unit, value, note| verdict.add(study.limits, name, title, unit, value, note);
    let sigma = "in counting errors of the original";
    add("integral_change", "Change of the integral", "sigma", by_error(before.integral, after.integral), sigma);
    add("centroid_shift", "Shift of the centroid", "sigma", by_error(before.centroid, after.centroid), sigma);
    add("width_change", "Change of the width", "sigma", by_error(before.width, after.width), sigma);
    add("spectrum_nrmse", "NRMSE of the spectrum", "", (errors / squares).sqrt(), "");
    let integral = relative(before.integral, after.integral);
    add("integral_change_relative", "Relative change of the integral", "", integral, "");
    let shift = (after.centroid[0] - before.centroid[0]).abs();
    add("centroid_shift_absolute", "Shift of the centroid", "pixels", shift, "");
    add("width_change_relative", "Relative change of the width", "", relative(before.width, after.width), "");

    let mut table = Table::new(
        "line",
        "The line",
        &[
            ("side (0 original, 1 altered)", ""),
            ("integral", "counts"),
            ("error of the integral", "counts"),
            ("centroid", "pixels"),
            ("error of the centroid", "pixels"),
            ("width (root of the second moment)", "pixels"),
            ("error of the width", "pixels"),
        ],
    );
    for (side, line) in [before, after].iter().enumerate() {
        table.row([vec![side as f64], line.integral.to_vec(), line.centroid.to_vec(), line.width.to_vec()].concat());
    }
    verdict.tables.push(table);
    let x: Vec<f64> = (0..original.counts.len()).map(|at| at as f64).collect();
    let curve = |label: &str, mark, spectrum: &Spectrum| {
        let sigma: Vec<f64> = spectrum.variance.iter().map(|variance| variance.sqrt()).collect();
        Curve::with_sigma(label, mark, &x, &spectrum.counts, &sigma)
    };
    verdict.plots.push(Plot {
        name: "spectrum".into(),
        title: "Spectrum".into(),
        x: Axis::linear("place along the axis of energy", "pixels"),
        y: Axis::linear("counts per exposure", "counts"),
        caption: "The spectrum of the original and the altered frames, all frames together, with counting errors."
            .into(),
        curves: vec![curve("original", Mark::Line, original), curve("altered", Mark::Points, altered)],
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Gaussian line of 1000 counts at 30.25, 2 wide, on a slope.
    fn spectrum() -> Spectrum {
        let gauss =
            |x: f64| (-0.5 * ((x - 30.25) / 2.0).powi(2)).exp() * 1000.0 / (2.0 * (2.0 * std::f64::consts::PI).sqrt());
        let counts: Vec<f64> = (0..64).map(|k| 40.0 + 0.5 * f64::from(k) + gauss(f64::from(k))).collect();
        Spectrum { variance: counts.clone(), counts }
    }

    #[test]
    fn line_on_a_slope_is_measured() {
        let line = line(&spectrum(), &(18..43)).unwrap();
        assert!((line.integral[0] - 1000.0).abs() < 1e-3, "{line:?}");
        assert!((line.centroid[0] - 30.25).abs() < 1e-5 && (line.width[0] - 2.0).abs() < 1e-4, "{line:?}");
        // 25 pixels of about 55 beneath the line, as much again by the bands.
        assert!((line.integral[1] - (1000.0f64 + 2.0 * 25.0 * 55.0).sqrt()).abs() < 3.0, "{line:?}");
    }

    #[test]
    fn line_without_counts_is_none() {
        let flat = Spectrum { counts: vec![5.0; 40], variance: vec![5.0; 40] };
        assert_eq!(line(&flat, &(10..20)), None);
        let empty = Spectrum { counts: vec![f64::NAN; 40], variance: vec![f64::NAN; 40] };
        assert_eq!(line(&empty, &(10..20)), None);
    }

    #[test]
    fn spectrum_scales_to_all_pixels_across() {
        let stack = Stack::new([3, 2], vec![vec![1, 2, 3, INVALID, 5, 6]]).unwrap();
        let columns = Spectrum::of(&stack, false);
        assert_eq!((columns.counts, columns.variance), (vec![9.0, 12.0], vec![9.0, 18.0]));
        assert_eq!(Spectrum::of(&stack, true).counts, [3.0, 6.0, 11.0]);
    }
}
