//! Frames as numbers, for those who compare them: what a source holds, and what somebody made of it.

use crate::frame::FrameError;
use crate::source::{FrameSource, decoded};
use debye_spec::bounds::MAX_VALID;
use debye_spec::{Element, Pixel, ValidRule};
use std::ops::Range;
use thiserror::Error;

/// The value of a pixel that does not count: masked, in a gap, saturated, negative. No valid value is that large.
pub const INVALID: u32 = u32::MAX;

const _: () = assert!(MAX_VALID < INVALID);

/// Frames of one shape, each pixel a count or [`INVALID`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    shape: [usize; 2],
    frames: Vec<Vec<u32>>,
    exposures: Vec<u32>,
}

/// Why frames make no stack.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StackError {
    /// A frame has another number of pixels than the shape says.
    #[error("frame {frame} has {have} pixels, {} x {} are {}", .shape[0], .shape[1], .shape[0] * .shape[1])]
    Shape {
        /// Frame.
        frame: usize,
        /// Its pixels.
        have: usize,
        /// Rows and columns.
        shape: [usize; 2],
    },
    /// There is not one number of exposures, 1 or more, for each frame.
    #[error(
        "{exposures} numbers of exposures for {frames} frames, the smallest {smallest}: give one a frame, 1 or more"
    )]
    Exposures {
        /// Numbers.
        exposures: usize,
        /// Frames.
        frames: usize,
        /// The smallest of them.
        smallest: u32,
    },
    /// A mask of another size.
    #[error("the mask has {have} pixels, the frames have {} x {}", .shape[0], .shape[1])]
    Mask {
        /// Pixels of the mask.
        have: usize,
        /// Rows and columns of the frames.
        shape: [usize; 2],
    },
    /// A value that the type cannot hold.
    #[error("the value {value} of frame {frame} does not fit {element}: choose a wider type")]
    TooLarge {
        /// Frame.
        frame: usize,
        /// Value.
        value: u32,
        /// numpy's name of the type.
        element: &'static str,
    },
    /// A frame could not be read.
    #[error("frame {frame} cannot be read: {error}")]
    Frame {
        /// Frame.
        frame: usize,
        /// Why.
        error: FrameError,
    },
}

impl Stack {
    /// Frames, row by row. Each is one exposure.
    ///
    /// # Errors
    /// [`StackError::Shape`]
    pub fn new(shape: [usize; 2], frames: Vec<Vec<u32>>) -> Result<Stack, StackError> {
        let exposures = vec![1; frames.len()];
        Stack::summed(shape, frames, exposures)
    }

    /// Frames that are sums of `exposures` frames each.
    ///
    /// # Errors
    /// [`StackError::Shape`], [`StackError::Exposures`]
    pub fn summed(shape: [usize; 2], frames: Vec<Vec<u32>>, exposures: Vec<u32>) -> Result<Stack, StackError> {
        let pixels = shape[0].saturating_mul(shape[1]);
        if let Some(frame) = frames.iter().position(|frame| frame.len() != pixels) {
            return Err(StackError::Shape { frame, have: frames[frame].len(), shape });
        }
        let smallest = exposures.iter().copied().min().unwrap_or(1);
        if exposures.len() != frames.len() || smallest == 0 {
            return Err(StackError::Exposures { exposures: exposures.len(), frames: frames.len(), smallest });
        }
        Ok(Stack { shape, frames, exposures })
    }

    /// The same frames as sums of `exposures` frames each.
    ///
    /// # Errors
    /// [`StackError::Exposures`]
    pub fn holding(self, exposures: Vec<u32>) -> Result<Stack, StackError> {
        Stack::summed(self.shape, self.frames, exposures)
    }

    /// Reads frames of a source. Pixels above `max_valid` do not count, nor do those of `mask` (true = masked; empty for
    /// no mask). `progress` is told how many frames are there.
    ///
    /// # Errors
    /// [`StackError::Mask`], [`StackError::Frame`]
    pub fn read(
        source: &mut dyn FrameSource,
        frames: Range<usize>,
        max_valid: u32,
        mask: &[bool],
        mut progress: impl FnMut(usize),
    ) -> Result<Stack, StackError> {
        let (shape, element) = (source.info().shape, source.info().element);
        let mut stack = Stack { shape, frames: Vec::with_capacity(frames.len()), exposures: vec![1; frames.len()] };
        for (done, frame) in frames.enumerate() {
            stack.frames.push(read_frame(source, frame, ValidRule::new(element, max_valid), mask)?);
            progress(done + 1);
        }
        Ok(stack)
    }

    /// Rows and columns.
    pub fn shape(&self) -> [usize; 2] {
        self.shape
    }

    /// Pixels of a frame.
    pub fn pixels(&self) -> usize {
        self.shape[0] * self.shape[1]
    }

    /// The frames.
    pub fn frames(&self) -> &[Vec<u32>] {
        &self.frames
    }

    /// Of how many frames, as they were recorded, each one is the sum.
    pub fn exposures(&self) -> &[u32] {
        &self.exposures
    }

    /// Number of exposures in all.
    pub fn total_exposures(&self) -> u64 {
        self.exposures.iter().map(|&count| u64::from(count)).sum()
    }

    /// Largest valid value; 0 without any.
    pub fn max(&self) -> u32 {
        let valid = self.frames.iter().flatten().filter(|&&value| value != INVALID);
        valid.copied().max().unwrap_or(0)
    }

    /// A frame as little-endian pixels of a type, for those who compress it. What is invalid becomes the type's code for
    /// "no pixel": all bits set.
    ///
    /// # Errors
    /// [`StackError::TooLarge`]
    pub fn bytes(&self, frame: usize, element: Element) -> Result<Vec<u8>, StackError> {
        let (size, most) = (element.size(), element.default_max_valid());
        let mut bytes = Vec::with_capacity(self.pixels() * size);
        for &value in self.frames.get(frame).into_iter().flatten() {
            if value > most && value != INVALID {
                return Err(StackError::TooLarge { frame, value, element: element.name() });
            }
            bytes.extend_from_slice(&value.to_le_bytes()[..size]);
        }
        Ok(bytes)
    }
}

/// One frame of a source as counts and [`INVALID`].
///
/// # Errors
/// [`StackError::Mask`], [`StackError::Frame`]
pub fn read_frame(
    source: &mut dyn FrameSource,
    frame: usize,
    rule: ValidRule,
    mask: &[bool],
) -> Result<Vec<u32>, StackError> {
    let shape = source.info().shape;
    let pixels = shape[0] * shape[1];
    if !mask.is_empty() && mask.len() != pixels {
        return Err(StackError::Mask { have: mask.len(), shape });
    }
    let bytes = source
        .read(frame)
        .and_then(|payload| decoded(payload, rule.element(), pixels))
        .map_err(|error| StackError::Frame { frame, error })?;
    let judged = |pixel: usize| match rule.judge(&bytes, pixel, mask.get(pixel).copied().unwrap_or(false)) {
        Pixel::Valid(value) => value,
        Pixel::Invalid | Pixel::Masked => INVALID,
    };
    Ok((0..pixels).map(judged).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_frame_of_another_size_is_refused() {
        let error = Stack::new([2, 2], vec![vec![0; 4], vec![0; 3]]).unwrap_err();
        assert_eq!(error.to_string(), "frame 1 has 3 pixels, 2 x 2 are 4");
    }

    #[test]
    fn summed_without_exposures_is_refused() {
        for exposures in [vec![1], vec![1, 0]] {
            let error = Stack::summed([1, 1], vec![vec![0], vec![0]], exposures).unwrap_err();
            assert!(matches!(error, StackError::Exposures { frames: 2, .. }));
        }
    }

    #[test]
    fn bytes_invalid_becomes_the_gap_code_and_too_large_is_refused() {
        let stack = Stack::new([1, 3], vec![vec![7, INVALID, 300]]).unwrap();
        assert_eq!(stack.bytes(0, Element::U16).unwrap(), [7, 0, 255, 255, 44, 1]);
        assert_eq!(stack.bytes(0, Element::I16).unwrap(), [7, 0, 255, 255, 44, 1]);
        assert!(matches!(stack.bytes(0, Element::U8), Err(StackError::TooLarge { value: 300, .. })));
        assert_eq!((stack.max(), stack.total_exposures()), (300, 1));
    }
}
