//! Which frames a report is about, and reading them: some at a time, so that memory is bounded.

use super::ReportError;
use crate::frame::{FrameError, Lender, Payload};
use crate::source::{FrameSource, SourceInfo, Storage, decoded};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes of pixels that are held at once, but always one frame.
const BATCH_BYTES: usize = 512 << 20;

/// At most `most` frames of a range, evenly spread; the first and the last are among them.
pub fn chosen(range: Range<usize>, most: usize) -> Vec<usize> {
    let count = range.len();
    if count <= most {
        return range.collect();
    }
    (0..most).map(|k| range.start + k * (count - 1) / (most - 1).max(1)).collect()
}

/// Some frames of a source, as a source.
pub struct Picked<'a> {
    source: &'a mut dyn FrameSource,
    frames: Vec<usize>,
}

/// A frame that could not be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// Its number in the source.
    pub frame: usize,
    /// Why.
    pub why: String,
}

/// Frames that were read together.
pub struct Batch {
    /// Their numbers in the source.
    pub numbers: Vec<usize>,
    /// Their little-endian pixels.
    pub pixels: Vec<Vec<u8>>,
}

impl<'a> Picked<'a> {
    /// These frames of a source.
    pub fn new(source: &'a mut dyn FrameSource, frames: Vec<usize>) -> Picked<'a> {
        Picked { source, frames }
    }

    /// Their numbers in the source.
    pub fn numbers(&self) -> &[usize] {
        &self.frames
    }

    /// Frames of the whole source.
    pub fn of_source(&self) -> usize {
        self.source.frames()
    }

    /// Other frames of the same source.
    pub fn whole(&mut self, frames: Range<usize>) -> Picked<'_> {
        Picked { source: &mut *self.source, frames: frames.collect() }
    }

    /// Any frame of the whole source, decoded.
    pub fn pixels_of(&mut self, number: usize) -> Result<Vec<u8>, FrameError> {
        let (element, pixels) = (self.info().element, self.info().shape.iter().product());
        decoded(self.source.read(number)?, element, pixels)
    }

    /// Hands on all frames that can be read, batch by batch; gives those that cannot.
    ///
    /// # Errors
    /// What `each` says; [`ReportError::NoFrame`]; [`ReportError::Stopped`].
    pub fn batches(
        &mut self,
        stop: &AtomicBool,
        mut each: impl FnMut(&mut Picked<'a>, Batch) -> Result<(), ReportError>,
    ) -> Result<Vec<Failure>, ReportError> {
        let info = self.info();
        let frame_bytes = info.shape[0] * info.shape[1] * info.element.size();
        let together = (BATCH_BYTES / frame_bytes.max(1)).max(1);
        let (mut failures, mut first_error, mut read) = (Vec::new(), None, 0);
        for numbers in self.frames.clone().chunks(together) {
            let mut batch = Batch { numbers: Vec::new(), pixels: Vec::new() };
            for &number in numbers {
                if stop.load(Ordering::Relaxed) {
                    return Err(ReportError::Stopped);
                }
                match self.pixels_of(number) {
                    Ok(pixels) => {
                        batch.numbers.push(number);
                        batch.pixels.push(pixels);
                    }
                    Err(error) => {
                        failures.push(Failure { frame: number, why: error.to_string() });
                        first_error.get_or_insert((number, error));
                    }
                }
            }
            read += batch.numbers.len();
            if !batch.numbers.is_empty() {
                each(self, batch)?;
            }
            if stop.load(Ordering::Relaxed) {
                return Err(ReportError::Stopped);
            }
        }
        match (read, first_error) {
            (0, Some((frame, error))) => Err(ReportError::NoFrame { frame, error }),
            _ => Ok(failures),
        }
    }
}

impl FrameSource for Picked<'_> {
    fn info(&self) -> &SourceInfo {
        self.source.info()
    }

    fn frames(&self) -> usize {
        self.frames.len()
    }

    fn read(&mut self, frame: usize) -> Result<Payload, FrameError> {
        self.source.read(self.frames[frame])
    }

    fn read_into(&mut self, frame: usize, lender: &mut Lender<'_>) -> Result<Payload, FrameError> {
        self.source.read_into(self.frames[frame], lender)
    }

    fn refresh(&mut self) -> Result<usize, FrameError> {
        Ok(self.frames.len())
    }

    fn storage(&self) -> Storage {
        self.source.storage()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_frames_are_spread_from_the_first_to_the_last() {
        assert_eq!(chosen(3..6, 10), [3, 4, 5]);
        assert_eq!(chosen(0..1001, 5), [0, 250, 500, 750, 1000]);
        assert_eq!(chosen(10..20, 1), [10]);
        assert_eq!(chosen(0..3, 2), [0, 2]);
    }
}
