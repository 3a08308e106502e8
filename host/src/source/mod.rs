//! Frames from files: which data set, how it is stored, and the bytes of one frame.

use crate::engine::FrameError;
use debye_spec::Element;
use serde::Serialize;
use std::path::PathBuf;

/// The bytes of one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// A bslz4 chunk as it is stored, with its 12-byte header.
    Bslz4(Vec<u8>),
    /// Little-endian pixels, decoded on the way (no filter, gzip, plain LZ4, chunks that are not one frame each).
    Pixels(Vec<u8>),
}

impl Payload {
    /// The bytes, whatever they are.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Payload::Bslz4(bytes) | Payload::Pixels(bytes) => bytes,
        }
    }
}

/// What is known of a source before a frame is read.
#[derive(Clone, Debug, Serialize)]
pub struct SourceInfo {
    /// The file that was named.
    pub file: PathBuf,
    /// Data set in it (a group for Eiger masters whose frames are spread over `data_000001`...).
    pub dataset: String,
    /// All files whose bytes are read, the named one first.
    pub files: Vec<PathBuf>,
    /// Rows and columns of a frame.
    pub shape: [usize; 2],
    /// numpy's name of the pixel type.
    pub dtype: &'static str,
    /// Pixel type.
    #[serde(skip)]
    pub element: Element,
    /// How frames are stored, for people: `bslz4`, `none`, `gzip`, `lz4`, ...
    pub filter: String,
    /// Full dimensions of the data set (leading dimensions are flattened to frames).
    pub dimensions: Vec<usize>,
}

/// A row of frames that can be read in any order.
pub trait FrameSource: Send {
    /// What is known of it.
    fn info(&self) -> &SourceInfo;

    /// Number of frames that there are now.
    fn frames(&self) -> usize;

    /// Reads a frame.
    ///
    /// # Errors
    /// [`FrameError`] for this frame alone: no chunk in the file, the file cannot be read, a filter failed.
    fn read(&mut self, frame: usize) -> Result<Payload, FrameError>;

    /// Looks again how many frames there are (a file that is still being written); returns [`FrameSource::frames`].
    ///
    /// # Errors
    /// The file is gone or no longer readable.
    fn refresh(&mut self) -> Result<usize, FrameError>;
}
