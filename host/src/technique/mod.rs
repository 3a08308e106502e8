//! Techniques: what a change of frames (lossy compression, say) costs, judged by what the downstream analysis gives.
//!
//! A technique is one file and one entry in [`ALL`]. It gets a [`Study`] - original and altered frames, and what is known
//! of the measurement - and gives a [`Verdict`] of plain numbers, tables and curves, the same for the same study whatever
//! the machine.
//!
//! LEAPS-INNOV's deliverable D7.4 (2024) asks for this: to judge loss by the whole analysis, for each data set, as measures
//! of images alone "may not provide meaningful insights".

pub mod fit;
pub mod imaging;
pub mod limits;
pub mod mx;
pub mod peak;
pub mod powder;
pub mod profile;
pub mod saxs;
pub mod spectroscopy;
pub mod study;
pub mod verdict;
pub mod xpcs;

pub use limits::{Bound, D7_4, LimitError, Limitable, Limits, THIRD};
pub use study::{Settings, Study};
pub use verdict::{Axis, Column, Curve, Delta, Limit, Mark, Plot, Table, Verdict};

use crate::engine::EngineError;
use crate::frame::FrameError;
use crate::pattern::PatternError;
use thiserror::Error;

/// A way to analyse frames.
pub trait Technique: Sync {
    /// Name for the command line and for [`Limits`].
    fn name(&self) -> &'static str;

    /// Name for people.
    fn title(&self) -> &'static str;

    /// What it does, in a sentence.
    fn describe(&self) -> &'static str;

    /// What it cannot do without.
    fn needs(&self) -> Needs;

    /// Its deltas that can be held against limits.
    fn limits(&self) -> &'static [Limitable];

    /// Judges a study that has what [`Technique::needs`] asks for; [`judge`] looks before.
    ///
    /// # Errors
    /// [`TechniqueError`]: the frames hold nothing that this technique could measure, or a setting cannot be.
    fn verdict(&self, study: &Study<'_>) -> Result<Verdict, TechniqueError>;
}

/// What a technique cannot do without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// A geometry (a table of bins).
    pub geometry: bool,
    /// ... in q.
    pub q: bool,
    /// Frames, at least.
    pub frames: usize,
}

/// Every technique.
pub static ALL: &[&dyn Technique] =
    &[&powder::Powder, &saxs::Saxs, &mx::Mx, &xpcs::Xpcs, &imaging::Imaging, &spectroscopy::Spectroscopy];

/// Why a technique gives no verdict.
#[derive(Debug, Error)]
pub enum TechniqueError {
    /// No such technique.
    #[error("{name:?} is no technique: choose one of {}", known.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// It needs a geometry.
    #[error("{0} needs to know where the detector stands: give --poni")]
    NoGeometry(&'static str),
    /// It needs q.
    #[error("{technique} works in q, the bins are in {unit}: choose q_A^-1 or q_nm^-1")]
    NotQ {
        /// Which one.
        technique: &'static str,
        /// Unit of the bins.
        unit: String,
    },
    /// It needs 1D bins.
    #[error("{0} takes patterns of one dimension: leave the azimuthal bins out")]
    Caked(&'static str),
    /// Too few frames.
    #[error("{technique} needs {needed} frames or more, there are {have}")]
    TooFewFrames {
        /// Which one.
        technique: &'static str,
        /// At least.
        needed: usize,
        /// Frames that are there.
        have: usize,
    },
    /// Original and altered frames do not belong together.
    #[error("original and altered frames do not belong together: {0}")]
    Mismatch(String),
    /// There is nothing to measure.
    #[error("{technique} finds nothing to measure: {reason}")]
    Nothing {
        /// Which one.
        technique: &'static str,
        /// What is missing.
        reason: String,
    },
    /// A setting that cannot be.
    #[error("the setting {name} cannot be {value}: {rule}")]
    Setting {
        /// Which one.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        rule: &'static str,
    },
    /// Integration failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A frame could not be integrated.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Sums made no pattern.
    #[error(transparent)]
    Pattern(#[from] PatternError),
}

/// The technique of a name.
///
/// # Errors
/// [`TechniqueError::Unknown`]
pub fn named(name: &str) -> Result<&'static dyn Technique, TechniqueError> {
    ALL.iter().copied().find(|technique| technique.name() == name).ok_or_else(|| TechniqueError::Unknown {
        name: name.to_owned(),
        known: ALL.iter().map(|technique| technique.name()).collect(),
    })
}

/// Judges a study by a technique.
///
/// # Errors
/// The study lacks what the technique needs, its two sides do not belong together, or [`Technique::verdict`] fails.
pub fn judge(technique: &dyn Technique, study: &Study<'_>) -> Result<Verdict, TechniqueError> {
    study.check()?;
    let (name, needs) = (technique.name(), technique.needs());
    if needs.geometry || needs.q {
        let description = &study.table.ok_or(TechniqueError::NoGeometry(name))?.description;
        if description.caked {
            return Err(TechniqueError::Caked(name));
        }
        if needs.q && !description.unit.needs_wavelength() {
            return Err(TechniqueError::NotQ { technique: name, unit: description.unit.to_string() });
        }
    }
    let have = study.original.frames().len();
    if have < needs.frames {
        return Err(TechniqueError::TooFewFrames { technique: name, needed: needs.frames, have });
    }
    let mut verdict = technique.verdict(study)?;
    let what = format!("{have} frames; {} altered ones", study.altered.frames().len());
    verdict.settings.insert(0, ("frames".into(), what));
    Ok(verdict)
}

/// A verdict to be filled.
fn begin(technique: &dyn Technique) -> Verdict {
    Verdict { technique: technique.name().into(), title: technique.title().into(), ..Verdict::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::RadialUnit;
    use crate::lossy::Chain;
    use crate::stack::Stack;
    use crate::table::{Request, build, tests::request};

    /// Frames of 40 x 50 pixels with a ring.
    fn stack(frames: u32) -> Stack {
        let value = |frame: u32, pixel: u32| {
            let noise = pixel.wrapping_mul(2_654_435_761).wrapping_add(frame.wrapping_mul(40_503)) >> 20;
            let r2 = (f64::from(pixel / 50) - 20.0).powi(2) + (f64::from(pixel % 50) - 25.0).powi(2);
            100 + noise % 40 + if (r2.sqrt() - 12.0).abs() < 2.0 { 300 } else { 0 }
        };
        let frame = |frame| (0..2000).map(|pixel| value(frame, pixel)).collect();
        Stack::new([40, 50], (0..frames).map(frame).collect()).unwrap()
    }

    fn judged(name: &str, request: &Request, steps: &str, frames: u32) -> Result<Verdict, TechniqueError> {
        let (original, table) = (stack(frames), build(request).unwrap());
        let altered = steps.parse::<Chain>().unwrap().apply(&original, u32::MAX).unwrap();
        let (limits, settings) = (Limits::default(), Settings::default());
        let table = Some(&table);
        let study = Study {
            original: &original,
            altered: &altered,
            table,
            frame_time: None,
            limits: &limits,
            settings: &settings,
        };
        judge(named(name)?, &study)
    }

    #[test]
    fn judge_bins_that_do_not_fit_the_technique_are_refused() {
        let caked = Request { caked: true, azimuth_bins: Some(4), ..request() };
        assert!(matches!(judged("powder", &caked, "bin:1", 1), Err(TechniqueError::Caked("powder"))));
        let degrees = Request { unit: RadialUnit::TwoThetaDeg, ..request() };
        let error = judged("saxs", &degrees, "bin:1", 1).unwrap_err().to_string();
        assert_eq!(error, "saxs works in q, the bins are in 2th_deg: choose q_A^-1 or q_nm^-1");
    }

    #[test]
    fn judge_every_technique_accepts_frames_that_did_not_change() {
        for technique in ALL {
            match judged(technique.name(), &request(), "threshold:0", 8) {
                Ok(verdict) => {
                    assert!(verdict.acceptable(), "{verdict:?}");
                    let names: Vec<&str> = verdict.deltas.iter().map(|delta| delta.name.as_str()).collect();
                    assert!((1..names.len()).all(|k| !names[..k].contains(&names[k])), "{names:?}");
                    let plots = verdict.plots.iter().all(|plot| !plot.caption.is_empty() && !plot.x.label.is_empty());
                    assert!(plots, "{}", technique.name());
                }
                // The ring is no spot.
                Err(TechniqueError::Nothing { technique: "mx", .. }) => {}
                Err(error) => panic!("{}: {error}", technique.name()),
            }
        }
    }

    #[test]
    fn judge_a_threshold_above_the_background_is_not_acceptable() {
        let verdict = judged("powder", &request(), "threshold:200", 4).unwrap();
        assert!(!verdict.acceptable());
        assert_eq!(verdict.delta("nrmse").unwrap().acceptable, Some(false));
    }
}
