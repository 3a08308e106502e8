//! Imaging: NRMSE, PSNR and SSIM of each frame.
//!
//! The definitions are those of scikit-image's `metrics` with their defaults: `normalized_root_mse` by the Euclidean norm of
//! the original, `peak_signal_noise_ratio`, and `structural_similarity` with a uniform window of 7 x 7 and sample covariance
//! (Z. Wang et al., IEEE Trans. Image Process. 13 (2004) 600). Pixels that are not valid in both frames are left out; of
//! SSIM's windows, those that hold one.
//!
//! A frame that is a sum of n original ones is held against each of them at 1/n of its counts: both sides are scaled by n
//! instead, which changes none of the three and keeps counts whole.

use super::verdict::{Axis, Curve, Mark, Plot};
use super::{D7_4, Limitable, Needs, Study, Technique, TechniqueError, Verdict, begin};
use crate::stack::INVALID;
use rayon::prelude::*;

/// See the module.
pub struct Imaging;

const LIMITS: &[Limitable] = &[
    Limitable::at_most("nrmse", 0.01, D7_4),
    Limitable::by_user("nrmse_worst", super::Bound::AtMost),
    Limitable::by_user("psnr", super::Bound::AtLeast),
    Limitable::by_user("ssim", super::Bound::AtLeast),
    Limitable::by_user("ssim_worst", super::Bound::AtLeast),
    Limitable::by_user("max_error", super::Bound::AtMost),
];

/// Edge of SSIM's window, in pixels.
pub const WINDOW: usize = 7;

/// What may mislead.
const WARNING: &str = "NRMSE, PSNR and SSIM compare pixels, most of which carry noise alone: they may mislead (LEAPS-INNOV \
     D7.4). Judge by the technique that the frames were taken for.";

/// Measures of one frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measures {
    /// Root of the mean squared error over the root mean square of the original; NaN where that is dark.
    pub nrmse: f64,
    /// 10 log10(range^2 / mean squared error) in dB; infinite where nothing differs.
    pub psnr: f64,
    /// Mean structural similarity; NaN without a window of valid pixels.
    pub ssim: f64,
    /// Largest difference of a pixel, in counts of the original.
    pub max_error: f64,
}

impl Technique for Imaging {
    fn name(&self) -> &'static str {
        "imaging"
    }

    fn title(&self) -> &'static str {
        "Imaging"
    }

    fn describe(&self) -> &'static str {
        "NRMSE, PSNR and SSIM of each frame"
    }

    fn needs(&self) -> Needs {
        Needs { frames: 1, ..Needs::default() }
    }

    fn limits(&self) -> &'static [Limitable] {
        LIMITS
    }

    fn verdict(&self, study: &Study<'_>) -> Result<Verdict, TechniqueError> {
        let range = data_range(study)?;
        let measures = each_frame(study, range);
        let mut verdict = begin(self);
        verdict.notes.push(WARNING.into());
        verdict.set("data_range", range);
        verdict.set("window", format!("{WINDOW} x {WINDOW}, uniform; K1 = 0.01, K2 = 0.03, sample covariance"));
        summarise(study, &measures, &mut verdict);
        verdict.plots = vec![
            plot("nrmse", "NRMSE", "", &measures, |one| one.nrmse),
            plot("psnr", "PSNR", "dB", &measures, |one| one.psnr),
            plot("ssim", "SSIM", "", &measures, |one| one.ssim),
        ];
        Ok(verdict)
    }
}

/// The range of values: what the user says, or the largest of the original.
fn data_range(study: &Study<'_>) -> Result<f64, TechniqueError> {
    let range = study.settings.data_range.unwrap_or_else(|| f64::from(study.original.max()));
    if range > 0.0 && range.is_finite() {
        return Ok(range);
    }
    match study.settings.data_range {
        Some(value) => {
            Err(TechniqueError::Setting { name: "data_range", value: value.to_string(), rule: "it is above 0" })
        }
        None => {
            Err(TechniqueError::Nothing { technique: "imaging", reason: "no pixel of the original counted".into() })
        }
    }
}

/// The measures of every original frame, in their order.
pub fn each_frame(study: &Study<'_>, range: f64) -> Vec<Measures> {
    let shape = study.original.shape();
    let pairs: Vec<(&Vec<u32>, &[u32], u64)> = study
        .pairs()
        .flat_map(|(group, altered)| group.iter().map(move |one| (one, altered, group.len() as u64)))
        .collect();
    pairs.par_iter().map(|&(original, altered, held)| measures(shape, original, altered, held, range)).collect()
}

/// Measures of one frame against one that holds `held` such frames.
fn measures(shape: [usize; 2], original: &[u32], altered: &[u32], held: u64, range: f64) -> Measures {
    let (mut count, mut squares, mut errors, mut largest) = (0u64, 0u128, 0u128, 0u64);
    for (&x, &y) in original.iter().zip(altered) {
        if x == INVALID || y == INVALID {
            continue;
        }
        let (x, y) = (u64::from(x) * held, u64::from(y));
        let error = x.abs_diff(y);
        count += 1;
        squares += u128::from(x).pow(2);
        errors += u128::from(error).pow(2);
        largest = largest.max(error);
    }
    let scale = held as f64;
    let mse = errors as f64 / count as f64;
    Measures {
        nrmse: if squares == 0 { f64::NAN } else { (errors as f64 / squares as f64).sqrt() },
        psnr: 10.0 * ((range * scale).powi(2) / mse).log10(),
        ssim: ssim(shape, original, altered, held, range * scale),
        max_error: largest as f64 / scale,
    }
}

/// Sums over the 7 rows of one column, or over a window: valid pixels, x, y, x^2, y^2, xy. Whole numbers: nothing is lost
/// however large the counts.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: usize,
    first: [u64; 2],
    second: [u128; 3],
}

impl Sums {
    fn of(x: u32, y: u32, held: u64) -> Sums {
        if x == INVALID || y == INVALID {
            return Sums::default();
        }
        let (x, y) = (u64::from(x) * held, u64::from(y));
        let (wide_x, wide_y) = (u128::from(x), u128::from(y));
        Sums { count: 1, first: [x, y], second: [wide_x * wide_x, wide_y * wide_y, wide_x * wide_y] }
    }

    fn add(&mut self, other: &Sums) {
        self.count += other.count;
        (0..2).for_each(|k| self.first[k] += other.first[k]);
        (0..3).for_each(|k| self.second[k] += other.second[k]);
    }

    /// Takes away what was added before.
    fn take(&mut self, other: &Sums) {
        self.count -= other.count;
        (0..2).for_each(|k| self.first[k] -= other.first[k]);
        (0..3).for_each(|k| self.second[k] -= other.second[k]);
    }

    /// SSIM of a whole window, with the constants C1 and C2.
    fn ssim(&self, c1: f64, c2: f64) -> f64 {
        let n = (WINDOW * WINDOW) as f64;
        let [ux, uy] = self.first.map(|sum| sum as f64 / n);
        // n sum x^2 - (sum x)^2 in whole numbers: nothing cancels.
        let [x, y] = self.first.map(i128::from);
        let centred = |second: u128, a: i128, b: i128| {
            let whole = (WINDOW * WINDOW) as i128 * second as i128 - a * b;
            whole as f64 / (n * (n - 1.0))
        };
        let [xx, yy, xy] = self.second;
        let (vx, vy, vxy) = (centred(xx, x, x), centred(yy, y, y), centred(xy, x, y));
        ((2.0 * ux * uy + c1) * (2.0 * vxy + c2)) / ((ux * ux + uy * uy + c1) * (vx + vy + c2))
    }
}

/// Mean SSIM over all windows of valid pixels within the frame.
fn ssim([rows, columns]: [usize; 2], original: &[u32], altered: &[u32], held: u64, range: f64) -> f64 {
    let (c1, c2) = ((0.01 * range).powi(2), (0.03 * range).powi(2));
    let pixel = |row: usize, column: usize| {
        let at = row * columns + column;
        Sums::of(original[at], altered[at], held)
    };
    let mut of_columns = vec![Sums::default(); columns];
    let (mut total, mut windows) = (0.0, 0usize);
    for row in 0..rows {
        for (column, sums) in of_columns.iter_mut().enumerate() {
            sums.add(&pixel(row, column));
            if row >= WINDOW {
                sums.take(&pixel(row - WINDOW, column));
            }
        }
        if row + 1 < WINDOW {
            continue;
        }
        let mut window = Sums::default();
        for column in 0..columns {
            window.add(&of_columns[column]);
            if column >= WINDOW {
                window.take(&of_columns[column - WINDOW]);
            }
            if column + 1 >= WINDOW && window.count == WINDOW * WINDOW {
                total += window.ssim(c1, c2);
                windows += 1;
            }
        }
    }
    if windows == 0 { f64::NAN } else { total / windows as f64 }
}

fn summarise(study: &Study<'_>, measures: &[Measures], verdict: &mut Verdict) {
    let of = |what: fn(&Measures) -> f64| measures.iter().map(what).filter(|value| !value.is_nan());
    let mean = |what: fn(&Measures) -> f64| {
        let (sum, count) = of(what).fold((0.0, 0usize), |(sum, count), value| (sum + value, count + 1));
        if count == 0 { f64::NAN } else { sum / count as f64 }
    };
    let mut add = |name, title, unit, value, note| verdict.add(study.limits, name, title, unit, value, note);
    add("nrmse", "NRMSE, mean", "", mean(|one| one.nrmse), "over the frames that are not dark");
    let worst = of(|one| one.nrmse).fold(f64::NAN, f64::max);
    add("nrmse_worst", "NRMSE, worst frame", "", worst, "");
    let psnr = of(|one| one.psnr).fold(f64::NAN, f64::min);
    let note = if psnr.is_infinite() { "infinite: no pixel differs" } else { "the frame that differs most" };
    // What no pixel differs in is as good as can be, whatever the limit: then there is nothing to hold against it.
    match psnr.is_infinite() {
        true => add("psnr_equal", "PSNR, worst frame", "dB", psnr, note),
        false => add("psnr", "PSNR, worst frame", "dB", psnr, note),
    }
    add("ssim", "SSIM, mean", "", mean(|one| one.ssim), "over the frames that have a window of valid pixels");
    let worst = of(|one| one.ssim).fold(f64::NAN, f64::min);
    add("ssim_worst", "SSIM, worst frame", "", worst, "");
    let largest = of(|one| one.max_error).fold(f64::NAN, f64::max);
    add("max_error", "Largest error of a pixel", "counts", largest, "");
}

fn plot(name: &str, label: &str, unit: &str, measures: &[Measures], of: fn(&Measures) -> f64) -> Plot {
    let x: Vec<f64> = (0..measures.len()).map(|frame| frame as f64).collect();
    let y: Vec<f64> = measures.iter().map(of).collect();
    Plot {
        name: name.into(),
        title: format!("{label} of each frame"),
        x: Axis::linear("frame", ""),
        y: Axis::linear(label, unit),
        caption: format!(
            "{label} of the altered frames against the original ones. Frames without a finite value are left out."
        ),
        curves: vec![Curve::new(label, Mark::Points, &x, &y)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Stack;
    use crate::technique::{Limits, Settings, judge};

    const SHAPE: [usize; 2] = [16, 12];

    fn frame(seed: u32) -> Vec<u32> {
        (0..192u32).map(|pixel| (pixel.wrapping_mul(2_654_435_761).wrapping_add(seed * 77) >> 9) % 50).collect()
    }

    fn judged(original: Stack, altered: Stack) -> Result<Verdict, TechniqueError> {
        let (limits, settings) = (Limits::default(), Settings::default());
        let study = Study {
            original: &original,
            altered: &altered,
            table: None,
            frame_time: None,
            limits: &limits,
            settings: &settings,
        };
        judge(&Imaging, &study)
    }

    #[test]
    fn verdict_of_equal_frames_is_perfect() {
        let mut one = frame(1);
        one[30] = INVALID;
        let stack = Stack::new(SHAPE, vec![one, frame(2)]).unwrap();
        let verdict = judged(stack.clone(), stack).unwrap();
        assert!(verdict.acceptable());
        assert_eq!(verdict.delta("nrmse").unwrap().value, Some(0.0));
        assert_eq!(verdict.delta("ssim_worst").unwrap().value, Some(1.0));
        assert!(verdict.delta("psnr_equal").unwrap().note.contains("no pixel differs"));
    }

    #[test]
    fn verdict_of_sums_of_equal_frames_is_perfect() {
        let original = Stack::new(SHAPE, vec![frame(1); 3]).unwrap();
        let sum = frame(1).iter().map(|value| 3 * value).collect();
        let altered = Stack::summed(SHAPE, vec![sum], vec![3]).unwrap();
        let verdict = judged(original, altered).unwrap();
        assert_eq!(verdict.delta("nrmse_worst").unwrap().value, Some(0.0));
        assert_eq!(verdict.delta("ssim").unwrap().value, Some(1.0));
    }

    #[test]
    fn verdict_largest_counts_do_not_overflow() {
        let most = debye_spec::bounds::MAX_VALID;
        let original = Stack::new(SHAPE, vec![vec![most; 192]; 2]).unwrap();
        let altered = Stack::summed(SHAPE, vec![vec![0; 192]], vec![2]).unwrap();
        let verdict = judged(original, altered).unwrap();
        assert_eq!(verdict.delta("nrmse").unwrap().value, Some(1.0));
        assert_eq!(verdict.delta("max_error").unwrap().value, Some(f64::from(most)));
    }

    #[test]
    fn verdict_of_dark_frames_is_refused() {
        let dark = Stack::new(SHAPE, vec![vec![0; 192]]).unwrap();
        let error = judged(dark.clone(), dark).unwrap_err().to_string();
        assert_eq!(error, "imaging finds nothing to measure: no pixel of the original counted");
    }

    #[test]
    fn judge_altered_pixel_that_came_back_is_refused() {
        let mut original = frame(1);
        original[5] = INVALID;
        let stack = |values| Stack::new(SHAPE, vec![values]).unwrap();
        let error = judged(stack(original), stack(frame(1))).unwrap_err().to_string();
        assert!(error.contains("pixel 5 of altered frame 0 is valid"), "{error}");
    }
}
