//! Lossy operations: errors, what they gain, and what they cost the analysis that the frames were taken for.

use super::ReportError;
use super::frames::Picked;
use super::model::Section;
use super::provenance::Field;
use super::run::{Beat, Setting};
use crate::lossy::Chain;
use crate::metrics::codecs::{Codec, CodecError};
use crate::metrics::errors::{ErrorSums, Errors};
use crate::metrics::over;
use crate::source::FrameSource;
use crate::stack::{Stack, StackError};
use crate::technique::{self, Limits, Settings, Study, Technique, Verdict};
use debye_spec::Element;
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering;

/// Bytes of counts that are held at once, a copy for what an operation makes of them not counted.
const MOST_BYTES: usize = 1 << 30;

/// What is asked for.
#[derive(Clone, Default)]
pub struct Wish {
    /// Operations.
    pub operations: Vec<Chain>,
    /// Techniques.
    pub techniques: Vec<&'static dyn Technique>,
    /// What is acceptable.
    pub limits: Limits,
    /// What techniques are told.
    pub settings: Settings,
    /// Seconds from frame to frame; the file's unless given.
    pub frame_time: Option<f64>,
    /// Consecutive frames that are taken, at most.
    pub frames: usize,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lossy {
    /// Consecutive frames that it was tried on.
    pub frames: Vec<usize>,
    /// Codec behind every operation.
    pub codec: String,
    /// Ratio of these frames without any operation; masked and invalid pixels as gaps.
    pub ratio_before: f64,
    /// Operations, as they were asked for.
    pub operations: Vec<LossyFigures>,
    /// Seconds from frame to frame, where they are known.
    pub frame_time: Option<f64>,
    /// Techniques by which the loss is judged.
    pub techniques: Vec<String>,
}

/// What an operation came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LossyFigures {
    /// As it was asked for.
    pub operation: String,
    /// In words.
    pub description: String,
    /// What to expect of the counts, in words, step by step.
    pub expectation: Vec<String>,
    /// Bytes of pixels of all original frames over those of the chunks of what was kept.
    pub ratio: f64,
    /// That over the ratio without the operation.
    pub gain: f64,
    /// numpy's name of the type that what was kept was stored in.
    pub dtype: String,
    /// Frames that were kept.
    pub frames: usize,
    /// Errors of pixels.
    pub errors: Errors,
    /// What the techniques say.
    pub verdicts: Vec<Judged>,
    /// Whether all that is held against a limit keeps it; `None` where nothing is.
    pub acceptable: Option<bool>,
}

/// A technique's answer, or why it gives none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// Name of the technique.
    pub technique: String,
    /// The answer.
    pub verdict: Option<Verdict>,
    /// Why there is none.
    pub not_run: Option<String>,
}

impl Wish {
    /// All that the section depends on.
    pub fn key(&self) -> String {
        let operations: Vec<String> = self.operations.iter().map(Chain::to_string).collect();
        let techniques: Vec<&str> = self.techniques.iter().map(|technique| technique.name()).collect();
        let Wish { limits, settings, frame_time, frames, .. } = self;
        format!("{operations:?} {techniques:?} {limits:?} {settings:?} {frame_time:?} {frames}")
    }
}

/// Tries them.
pub fn measure(
    picked: &mut Picked<'_>,
    setting: &Setting,
    wish: &Wish,
    fields: &[Field],
    beat: &Beat<'_>,
) -> Result<Section<Lossy>, ReportError> {
    if wish.operations.is_empty() {
        return Ok(Section::NotRun { why: "no lossy operation was asked for (--lossy)".into() });
    }
    let element = picked.info().element;
    let pixels: usize = picked.info().shape.iter().product();
    let most = (MOST_BYTES / (4 * pixels.max(1))).clamp(1, wish.frames.max(1));
    let first = picked.numbers().first().copied().unwrap_or(0);
    let last = picked.of_source().min(first + most);
    let rule = setting.job.rule();
    // Consecutive frames, whatever the report is about otherwise: time matters to some techniques.
    let stack = {
        let mut all = picked.whole(first..last);
        Stack::read(&mut all, 0..last - first, rule.max_valid(), &setting.table.masked, |_| {})
    };
    let original = match stack {
        Ok(stack) => stack,
        Err(error) => {
            let why = format!("{first}..{last} are the frames that would be taken: {error}");
            return Ok(Section::NotRun { why });
        }
    };
    let frame_time = wish.frame_time.or_else(|| time_of(fields));
    let bytes = (original.frames().len() * pixels * element.size()) as f64;
    let (before, _) = stored(&original, element)?;
    let ratio_before = over(bytes, before as f64);
    let mut operations = Vec::new();
    for (done, chain) in wish.operations.iter().enumerate() {
        beat.at(done, wish.operations.len());
        if beat.stop.load(Ordering::Relaxed) {
            return Err(ReportError::Stopped);
        }
        let altered = match chain.apply(&original, rule.max_valid()) {
            Ok(altered) => altered,
            Err(error) => return Ok(Section::NotRun { why: format!("{chain}: {error}") }),
        };
        let study = Study {
            original: &original,
            altered: &altered,
            table: (!setting.stand_in).then_some(&*setting.table),
            frame_time,
            limits: &wish.limits,
            settings: &wish.settings,
        };
        let mut errors = ErrorSums::default();
        for ((group, kept), &held) in study.pairs().zip(altered.exposures()) {
            group.iter().for_each(|frame| errors.add(frame, kept, held));
        }
        let (after, element) = stored(&altered, element)?;
        let verdicts: Vec<Judged> = wish.techniques.iter().map(|&technique| judged(technique, &study)).collect();
        let held = |judged: &Judged| {
            let verdict = judged.verdict.as_ref()?;
            verdict.deltas.iter().any(|delta| delta.acceptable.is_some()).then(|| verdict.acceptable())
        };
        let answers: Vec<bool> = verdicts.iter().filter_map(held).collect();
        let ratio = over(bytes, after as f64);
        operations.push(LossyFigures {
            operation: chain.to_string(),
            description: chain.describe(),
            expectation: chain.0.iter().map(|step| step.expectation()).collect(),
            ratio,
            gain: over(ratio, ratio_before),
            dtype: element.name().into(),
            frames: altered.frames().len(),
            errors: errors.errors(),
            acceptable: (!answers.is_empty()).then(|| answers.iter().all(|&good| good)),
            verdicts,
        });
    }
    Ok(Section::Done(Lossy {
        frames: (first..last).collect(),
        codec: Codec::Bslz4.to_string(),
        ratio_before,
        operations,
        frame_time,
        techniques: wish.techniques.iter().map(|technique| technique.name().into()).collect(),
    }))
}

fn judged(technique: &'static dyn Technique, study: &Study<'_>) -> Judged {
    let (verdict, not_run) = match technique::judge(technique, study) {
        Ok(verdict) => (Some(verdict), None),
        Err(error) => (None, Some(error.to_string())),
    };
    Judged { technique: technique.name().into(), verdict, not_run }
}

/// Bytes that a stack takes as bslz4 chunks; in 32 bits where a sum of frames needs them.
fn stored(stack: &Stack, element: Element) -> Result<(u64, Element), ReportError> {
    let failed = |reason: String| CodecError { codec: Codec::Bslz4, reason };
    let chunks = |element: Element| -> Result<u64, Result<StackError, CodecError>> {
        let mut coder = Codec::Bslz4.coder(element).map_err(Err)?;
        let (mut chunk, mut bytes) = (Vec::new(), 0);
        for frame in 0..stack.frames().len() {
            coder.encode(&stack.bytes(frame, element).map_err(Ok)?, &mut chunk).map_err(|why| Err(failed(why)))?;
            bytes += chunk.len() as u64;
        }
        Ok(bytes)
    };
    let wide = match chunks(element) {
        Ok(bytes) => return Ok((bytes, element)),
        Err(Ok(StackError::TooLarge { .. })) if element != Element::U32 => Element::U32,
        Err(Ok(error)) => return Err(failed(error.to_string()).into()),
        Err(Err(error)) => return Err(error.into()),
    };
    match chunks(wide) {
        Ok(bytes) => Ok((bytes, wide)),
        Err(Ok(error)) => Err(failed(error.to_string()).into()),
        Err(Err(error)) => Err(error.into()),
    }
}

/// Seconds from frame to frame, if the file says so.
fn time_of(fields: &[Field]) -> Option<f64> {
    let field = fields.iter().find(|field| field.path.ends_with("/frame_time"))?;
    let seconds = match field.units.as_deref() {
        None | Some("s" | "second" | "seconds") => 1.0,
        Some("ms") => 1e-3,
        Some("us") => 1e-6,
        Some(_) => return None,
    };
    field.value.parse().ok().map(|value: f64| value * seconds).filter(|time| *time > 0.0 && time.is_finite())
}
