//! Virtual data sets.

use super::error::SourceError;
use super::{Payload, Storage};
use crate::engine::FrameError;
use debye_spec::Element;
use hdf5_metno::Dataset;
use std::path::PathBuf;

/// A data set that is put together from others.
#[derive(Debug)]
pub(super) struct VirtualSet {
    /// Dimensions.
    pub dimensions: Vec<usize>,
    /// Rows and columns of a frame.
    pub shape: [usize; 2],
    /// Pixel type.
    pub element: Element,
}

impl VirtualSet {
    pub fn new(dataset: Dataset) -> Result<VirtualSet, SourceError> {
        Err(SourceError::Virtual {
            file: dataset.filename().into(),
            dataset: dataset.name(),
            reason: "virtual data sets are not read yet".into(),
        })
    }
    pub fn filter(&self) -> String {
        String::new()
    }
    pub fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }
    pub fn storage(&self) -> Storage {
        Storage::default()
    }
    pub fn frames(&self) -> usize {
        0
    }
    pub fn is_there(&self, _frame: usize) -> bool {
        false
    }
    pub fn read(&mut self, frame: usize) -> Result<Payload, FrameError> {
        Err(super::stored::missing(format!("frame {frame}")))
    }
    pub fn refresh(&mut self) -> Result<(), String> {
        Ok(())
    }
}
