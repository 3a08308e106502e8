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
