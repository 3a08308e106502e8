//! Frames in memory, as a source.

use debye::frame::{FrameError, Payload};
use debye::source::{FrameSource, SourceInfo};
use debye_spec::Element;

/// See the module.
pub struct Frames {
    info: SourceInfo,
    payloads: Vec<Payload>,
}

impl Frames {
    /// Frames of `shape` and type.
    pub fn new(shape: [usize; 2], element: Element, payloads: Vec<Payload>) -> Frames {
        let info = SourceInfo {
            file: "memory".into(),
            dataset: "frames".into(),
            files: vec![],
            shape,
            dtype: element.name(),
            element,
            filter: "bslz4".into(),
            dimensions: vec![payloads.len(), shape[0], shape[1]],
        };
        Frames { info, payloads }
    }
}

impl FrameSource for Frames {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn frames(&self) -> usize {
        self.payloads.len()
    }

    fn read(&mut self, frame: usize) -> Result<Payload, FrameError> {
        Ok(self.payloads[frame].clone())
    }

    fn refresh(&mut self) -> Result<usize, FrameError> {
        Ok(self.payloads.len())
    }
}
