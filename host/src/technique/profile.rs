//! I(q) of both sides of a study, and how far they are apart: what powder diffraction and small-angle scattering share.
//!
//! Patterns are those of `debye integrate`: exact sums of all frames together, normalised as one, per exposure.

use super::verdict::{Axis, Curve, Mark, Plot, Verdict};
use super::{Study, TechniqueError};
use crate::engine::cpu::CpuEngine;
use crate::engine::{Engine, FrameJob};
use crate::frame::Payload;
use crate::pattern::{Average, Pattern};
use crate::stack::{INVALID, Stack};
use crate::table::Table;
use debye_spec::bounds::MAX_VALID;
use debye_spec::{Element, Job};
use std::sync::Arc;

/// Patterns of both sides over the same bins.
#[derive(Clone, Debug, PartialEq)]
pub struct Profiles {
    /// Whose they are.
    pub technique: &'static str,
    /// Centres of the bins.
    pub x: Vec<f64>,
    /// Name of their unit.
    pub unit: &'static str,
    /// `q`, `2theta` or `r`.
    pub quantity: &'static str,
    /// Of the original frames.
    pub original: Pattern,
    /// Of the altered ones.
    pub altered: Pattern,
}

/// How far two patterns are apart, over the bins in which both have a value and the original an error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distance {
    /// Bins compared.
    pub bins: usize,
    /// Bins that have a value in the original alone.
    pub lost: usize,
    /// Largest |difference| in standard deviations of the original.
    pub largest: f64,
    /// Mean of their squares.
    pub chi2_reduced: f64,
    /// Root of the mean square difference over the original's root mean square.
    pub nrmse: f64,
}

/// Integrates both sides; the study has a table ([`super::judge`] looks).
pub fn profiles(technique: &'static str, study: &Study<'_>) -> Result<Profiles, TechniqueError> {
    let table = study.table.ok_or(TechniqueError::NoGeometry(technique))?;
    let shared = Arc::new(table.clone());
    let unit = table.description.unit;
    Ok(Profiles {
        technique,
        x: table.radial_centres(),
        unit: unit.name(),
        quantity: unit.standard_name(),
        original: mean_pattern(&shared, study.original)?,
        altered: mean_pattern(&shared, study.altered)?,
    })
}

/// The pattern of all frames of a stack together.
///
/// # Errors
/// The engine refuses the table or fails, or sums make no pattern.
pub fn mean_pattern(table: &Arc<Table>, stack: &Stack) -> Result<Pattern, TechniqueError> {
    let mut engine = CpuEngine::new(None);
    engine.load(table.clone(), Job { element: Element::U32, max_valid: MAX_VALID, threshold: u32::MAX })?;
    let frames = stack.frames();
    let mut results: Vec<Option<debye_spec::FrameResult>> = frames.iter().map(|_| None).collect();
    let mut average = Average::new(table.bins());
    let (mut next, mut added) = (0, 0);
    while added < frames.len() {
        while next < frames.len() && engine.room() > 0 {
            let bytes = frames[next].iter().flat_map(|value| value.to_le_bytes()).collect();
            engine.submit(FrameJob { index: next, payload: Payload::Pixels(bytes) })?;
            next += 1;
        }
        let Some(outcome) = engine.collect(true)? else { break };
        results[outcome.index] = Some(outcome.result?);
        // In their order: norms are added in f64.
        while let Some(result) = results.get_mut(added).and_then(Option::take) {
            let exposures = f64::from(stack.exposures()[added]);
            let norm: Vec<f64> = Pattern::of(table, &result)?.norm.iter().map(|norm| norm * exposures).collect();
            average.add(&result.bins.signal, &result.bins.variance, &norm);
            added += 1;
        }
    }
    Ok(average.pattern())
}

const _: () = assert!(INVALID > MAX_VALID);

impl Profiles {
    /// How far they are apart; `None` where no bin can be compared.
    pub fn distance(&self) -> Option<Distance> {
        let (a, b) = (&self.original, &self.altered);
        let (mut bins, mut lost, mut largest) = (0usize, 0usize, 0f64);
        let (mut chi2, mut squares, mut errors) = (0.0, 0.0, 0.0);
        for bin in 0..self.x.len() {
            let (before, after, sigma) = (a.intensity[bin], b.intensity[bin], a.sigma[bin]);
            if !before.is_finite() || sigma <= 0.0 {
                continue;
            }
            if !after.is_finite() {
                lost += 1;
                continue;
            }
            let (error, by) = (after - before, (after - before) / sigma);
            bins += 1;
            largest = largest.max(by.abs());
            chi2 += by * by;
            errors += error * error;
            squares += before * before;
        }
        let count = bins as f64;
        let nrmse = f64::sqrt(errors / squares);
        (bins > 0).then_some(Distance { bins, lost, largest, chi2_reduced: chi2 / count, nrmse })
    }

    /// Adds the distance to a verdict, with the patterns and their difference.
    pub fn report(&self, study: &Study<'_>, logarithmic: bool, verdict: &mut Verdict) -> Result<(), TechniqueError> {
        let distance = self.distance().ok_or_else(|| TechniqueError::Nothing {
            technique: self.technique,
            reason: "no bin holds counts in the original and valid pixels in the altered frames".into(),
        })?;
        verdict.set("bins", self.x.len());
        verdict.set("bins compared", distance.bins);
        let mut add = |name, title: &str, unit, value, note| verdict.add(study.limits, name, title, unit, value, note);
        let q = self.quantity;
        let sigma = "sigma is the original's counting error, of all frames together";
        add("max_delta", &format!("Largest |delta I({q})|"), "sigma", distance.largest, sigma);
        add(
            "chi2_reduced",
            &format!("Mean of (delta I({q}) / sigma)^2"),
            "",
            distance.chi2_reduced,
            "reduced chi^2 of the altered pattern against the original one; 0 for equal ones",
        );
        add("nrmse", &format!("NRMSE of I({q})"), "", distance.nrmse, "");
        add("bins_lost", "Bins without a valid pixel left", "", distance.lost as f64, "");
        let (a, b) = (&self.original, &self.altered);
        let scale = |label: &str| if logarithmic { Axis::logarithmic(label, "") } else { Axis::linear(label, "") };
        let x = || if logarithmic { Axis::logarithmic(q, self.unit) } else { Axis::linear(q, self.unit) };
        let shown: Vec<f64> =
            a.intensity.iter().map(|&value| if logarithmic && value <= 0.0 { f64::NAN } else { value }).collect();
        let changed: Vec<f64> =
            b.intensity.iter().map(|&value| if logarithmic && value <= 0.0 { f64::NAN } else { value }).collect();
        verdict.plots.push(Plot {
            name: "pattern".into(),
            title: format!("I({q})"),
            x: x(),
            y: Axis { unit: "counts".into(), ..scale("I per exposure and normalised pixel") },
            caption: format!(
                "I({q}) of the original and the altered frames, all frames together, with counting errors."
            ),
            curves: vec![
                Curve::with_sigma("original", Mark::Line, &self.x, &shown, &a.sigma),
                Curve::with_sigma("altered", Mark::Line, &self.x, &changed, &b.sigma),
            ],
        });
        let by: Vec<f64> = (0..self.x.len()).map(|k| (b.intensity[k] - a.intensity[k]) / a.sigma[k]).collect();
        verdict.plots.push(Plot {
            name: "difference".into(),
            title: format!("Change of I({q})"),
            x: x(),
            y: Axis::linear("delta I / sigma", "sigma"),
            caption: format!(
                "Altered less original I({q}), in standard deviations of the original's counting statistics."
            ),
            curves: vec![Curve::new("altered - original", Mark::Line, &self.x, &by)],
        });
        Ok(())
    }
}
