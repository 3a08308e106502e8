//! Looks at whole frames: one thread reads, all decode and measure.

use super::TriageError;
use super::features::{Features, Measure};
use crate::frame::{FrameError, Payload};
use crate::source::{FrameSource, decoded};
use crate::stack::{INVALID, StackError};
use debye_spec::{Pixel, ValidRule};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Frames that are read before they are measured, for each thread.
const AHEAD: usize = 4;

/// Features of frames of a source, in their order. A frame that cannot be read or decoded is told as failed; the next one
/// runs. `progress` is told how many frames are done.
///
/// # Errors
/// The mask has another size, or `stop` was set.
pub fn measure(
    source: &mut dyn FrameSource,
    frames: Range<usize>,
    rule: ValidRule,
    mask: &[bool],
    measure: &Measure,
    stop: &AtomicBool,
    mut progress: impl FnMut(usize),
) -> Result<Vec<Features>, TriageError> {
    let shape = source.info().shape;
    let pixels = shape[0] * shape[1];
    if !mask.is_empty() && mask.len() != pixels {
        return Err(StackError::Mask { have: mask.len(), shape }.into());
    }
    let batch = AHEAD * rayon::current_num_threads();
    let mut all: Vec<Features> = Vec::with_capacity(frames.len());
    for first in frames.clone().step_by(batch) {
        if stop.load(Ordering::Relaxed) {
            return Err(TriageError::Interrupted { done: all.len() });
        }
        let numbers = first..(first + batch).min(frames.end);
        let read: Vec<(usize, Result<Payload, FrameError>)> =
            numbers.map(|frame| (frame, source.read(frame))).collect();
        let one = |(frame, payload): (usize, Result<Payload, FrameError>)| {
            let bytes = payload.and_then(|payload| decoded(payload, rule.element(), pixels));
            match bytes {
                Ok(bytes) => measure.features(frame, &judged(&bytes, rule, mask, pixels), mask),
                Err(error) => Features::failed(frame, &error),
            }
        };
        all.par_extend(read.into_par_iter().map(one));
        progress(all.len());
    }
    Ok(all)
}

fn judged(bytes: &[u8], rule: ValidRule, mask: &[bool], pixels: usize) -> Vec<u32> {
    let value = |pixel: usize| match rule.judge(bytes, pixel, mask.get(pixel).copied().unwrap_or(false)) {
        Pixel::Valid(value) => value,
        Pixel::Invalid | Pixel::Masked => INVALID,
    };
    (0..pixels).map(value).collect()
}
