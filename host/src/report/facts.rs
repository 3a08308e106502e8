//! What the data are: counts, entropies, how much a frame is like the next.

use super::frames::{Failure, Picked};
use super::run::{Beat, Setting};
use super::{ReportError, frames::Batch};
use crate::digest::hex;
use crate::metrics::correlation::Likeness;
use crate::metrics::counts::{CountFacts, Counts};
use crate::metrics::entropy::{Pairs, of_counts, of_planes};
use crate::metrics::{codes, over};
use crate::plot::image::{Picture, picture};
use crate::source::FrameSource;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Most pairs of frames that are compared.
const MOST_PAIRS: usize = 64;

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Frames that were read.
    pub frames: usize,
    /// Those that could not be.
    pub failed: Vec<Failure>,
    /// SHA-256 of the pixels of all of them.
    pub pixels_sha256: String,
    /// Counts.
    pub counts: CountFacts,
    /// Bits of a pixel as it is stored.
    pub pixel_bits: usize,
    /// Bounds of lossless coding.
    pub bounds: Bounds,
    /// Entropy of each bit-plane, the lowest bit first.
    pub plane_entropy_bits: Vec<f64>,
    /// Mean count of each frame's valid pixels.
    pub frame_means: Vec<f64>,
    /// Frames compared with the next.
    pub likeness: Vec<Likeness>,
}

/// Bits of a pixel that no coder can go below that knows no more than ...
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// how often each value stands in all frames, gaps and masked pixels among them.
    pub values_bits: f64,
    /// how often each bit is set in its plane.
    pub planes_bits: f64,
    /// the pixel before.
    pub neighbour_bits: f64,
}

impl Bounds {
    /// The three with their names.
    pub fn named(&self) -> [(&'static str, f64); 3] {
        [("values", self.values_bits), ("bit-planes", self.planes_bits), ("pixel before", self.neighbour_bits)]
    }
}

/// Gathers them, and draws the mean frame.
pub fn gather(
    picked: &mut Picked<'_>,
    setting: &Setting,
    beat: &Beat<'_>,
    pictures: &mut BTreeMap<String, String>,
) -> Result<Facts, ReportError> {
    let info = picked.info().clone();
    let (rule, masked) = (setting.job.rule(), setting.table.masked.as_slice());
    let (numbers, all) = (picked.numbers().to_vec(), picked.of_source());
    let step = numbers.len().div_ceil(MOST_PAIRS).max(1);
    let (mut counts, mut pairs, mut hash) = (Counts::default(), Pairs::default(), Sha256::new());
    let (mut likeness, mut frame_means, mut done) = (Vec::new(), Vec::new(), 0);
    let mut mean = Picture::new(info.shape);
    let mut last: Option<(usize, Vec<u32>)> = None;
    let failed = picked.batches(beat.stop, |picked, Batch { numbers: batch, pixels }| {
        for (&number, pixels) in batch.iter().zip(&pixels) {
            hash.update(pixels);
            let now = codes(info.element, pixels);
            counts.add(&now, masked, rule);
            pairs.add(&now, rule);
            let valid = |index: usize, code: u32| code <= rule.max_valid() && !masked[index];
            frame_means.push(mean.add(&now, valid));
            if let Some((before, codes)) = &last
                && before + 1 == number
                && wanted(&numbers, *before, step)
            {
                likeness.push(Likeness::of(*before, codes, &now, masked, rule));
            }
            // The frame behind is not among those of the report: it is read for this alone.
            let place = numbers.binary_search(&number).unwrap_or(0);
            if numbers.get(place + 1) != Some(&(number + 1))
                && number + 1 < all
                && wanted(&numbers, number, step)
                && let Ok(next) = picked.pixels_of(number + 1)
            {
                likeness.push(Likeness::of(number, &now, &codes(info.element, &next), masked, rule));
            }
            last = Some((number, now));
            done += 1;
            beat.at(done, numbers.len());
        }
        Ok(())
    })?;
    pictures.insert("mean".into(), picture(&mean, "mean count")?);
    let bits = info.element.bits();
    let plane_entropy_bits = of_planes(&counts.stored, bits);
    Ok(Facts {
        frames: done,
        failed,
        pixels_sha256: hex(&hash.finalize()),
        counts: counts.facts(),
        pixel_bits: bits,
        bounds: Bounds {
            values_bits: of_counts(counts.stored.iter().map(|(_, count)| count)),
            planes_bits: plane_entropy_bits.iter().sum(),
            neighbour_bits: pairs.entropy(),
        },
        plane_entropy_bits,
        frame_means,
        likeness,
    })
}

/// Whether a frame is one of those that are compared with the next.
fn wanted(numbers: &[usize], number: usize, step: usize) -> bool {
    numbers.binary_search(&number).is_ok_and(|place| place.is_multiple_of(step))
}

/// The ratio at a bound; `None` where nothing has to be stored.
pub fn ratio_at(pixel_bits: usize, bits: f64) -> Option<f64> {
    Some(over(pixel_bits as f64, bits)).filter(|ratio| *ratio > 0.0)
}
