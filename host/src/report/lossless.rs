//! Lossless codecs over all frames of a report.

use super::ReportError;
use super::frames::{Batch, Picked};
use super::run::Beat;
use crate::metrics::codecs::Codec;
use crate::metrics::lossless::{CodecFigures, Measurement};
use crate::metrics::over;
use crate::source::FrameSource;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lossless {
    /// Frames.
    pub frames: Vec<usize>,
    /// Codecs, as they were asked for.
    pub codecs: Vec<CodecFigures>,
    /// How the file stores all of its frames, and the ratio that this gives.
    pub stored: Stored,
}

/// How the file stores its frames.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// Filter.
    pub filter: String,
    /// Bytes of the pixels of all frames.
    pub pixel_bytes: u64,
    /// Bytes that they take in the files.
    pub stored_bytes: u64,
    /// The one over the other.
    pub ratio: f64,
}

impl Lossless {
    /// The codec with the highest ratio.
    pub fn best(&self) -> Option<&CodecFigures> {
        self.codecs.iter().max_by(|a, b| a.ratio.total_cmp(&b.ratio))
    }

    /// What chunks are planned with: debye's own, else the first.
    pub fn usual(&self) -> Option<&CodecFigures> {
        self.codecs.iter().find(|figures| figures.codec == Codec::Bslz4.to_string()).or(self.codecs.first())
    }
}

/// How the file stores its frames.
pub fn stored(picked: &Picked<'_>) -> Stored {
    let info = picked.info();
    let pixels = (picked.of_source() * info.shape[0] * info.shape[1] * info.element.size()) as u64;
    let stored = picked.storage().stored_bytes;
    let ratio = over(pixels as f64, stored as f64);
    Stored { filter: info.filter.clone(), pixel_bytes: pixels, stored_bytes: stored, ratio }
}

/// Measures them.
pub fn measure(
    picked: &mut Picked<'_>,
    codecs: &[Codec],
    threads: usize,
    time: Duration,
    beat: &Beat<'_>,
) -> Result<Lossless, ReportError> {
    let element = picked.info().element;
    let mut measurements: Vec<Measurement> =
        codecs.iter().map(|&codec| Measurement::new(codec, element, threads)).collect();
    let (stored, of, mut done) = (stored(picked), picked.numbers().len() * codecs.len(), 0);
    let mut frames = Vec::new();
    picked.batches(beat.stop, |_, Batch { numbers, pixels }| {
        for measurement in &mut measurements {
            measurement.add(&pixels, time, beat.stop)?;
            done += pixels.len();
            beat.at(done, of);
        }
        frames.extend(numbers);
        Ok(())
    })?;
    Ok(Lossless { frames, codecs: measurements.into_iter().map(Measurement::figures).collect(), stored })
}
