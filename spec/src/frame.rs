//! One frame, the whole way: chunk bytes in, bins, statistics and the list of invalid pixels out.

use crate::bins::Bins;
use crate::bounds::MAX_INVALID_LISTED;
use crate::chunk::{self, ChunkError};
use crate::element::Element;
use crate::pixel::{Pixel, ValidRule};
use crate::statistics::Statistics;
use crate::table::Table;
use alloc::vec;
use alloc::vec::Vec;

/// What is the same for all frames of a run, beside the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// Pixel type.
    pub element: Element,
    /// Largest value that counts.
    pub max_valid: u32,
    /// Valid pixels above this are counted in [`Statistics::over`].
    pub threshold: u32,
}

impl Job {
    /// A job with the type's defaults: top codes invalid, nothing over the threshold.
    pub fn new(element: Element) -> Job {
        Job { element, max_valid: element.default_max_valid(), threshold: u32::MAX }
    }

    /// The valid-pixel rule of this job.
    pub fn rule(&self) -> ValidRule {
        ValidRule::new(self.element, self.max_valid)
    }
}

/// Result of one frame.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FrameResult {
    /// Exact sums.
    pub bins: Bins,
    /// Statistics.
    pub statistics: Statistics,
    /// The invalid pixels' indices, rising; at most [`MAX_INVALID_LISTED`]. `statistics.invalid` says whether
    /// these are all: if not, the host finds them by decoding the chunk itself.
    pub invalid: Vec<u32>,
}

/// Integrates the pixels of a frame (little-endian, as many as the table has).
pub fn integrate_pixels(pixels: &[u8], job: &Job, table: &Table<'_>) -> FrameResult {
    let rule = job.rule();
    let mut result = FrameResult { bins: Bins::new(table.bins), ..FrameResult::default() };
    for index in 0..table.pixels() {
        let pixel = rule.judge(pixels, index, table.masked[index]);
        result.statistics.add(pixel, job.threshold);
        match pixel {
            Pixel::Valid(value) => {
                for &entry in table.entries_of(index) {
                    result.bins.add(entry, value);
                }
            }
            Pixel::Invalid => {
                if result.invalid.len() < MAX_INVALID_LISTED {
                    result.invalid.push(index as u32);
                }
            }
            Pixel::Masked => {}
        }
    }
    result
}

/// Decodes and integrates one chunk.
///
/// # Errors
/// [`ChunkError`]; the frame then has no result.
pub fn integrate(chunk: &[u8], job: &Job, table: &Table<'_>) -> Result<FrameResult, ChunkError> {
    let bytes = table.pixels() * job.element.size();
    // The header is read before memory is taken: a hostile table or chunk costs nothing.
    chunk::ChunkHeader::read(chunk, job.element, table.pixels())?;
    let mut pixels = vec![0; bytes];
    let mut scratch = vec![0; bytes];
    chunk::decode(chunk, job.element, &mut pixels, &mut scratch)?;
    Ok(integrate_pixels(&pixels, job, table))
}
