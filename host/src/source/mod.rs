//! Frames from files: which data set, how it is stored, and the bytes of one frame.
//!
//! ```text
//! open -> search, eiger        which data sets
//!      -> joined -> part       frames of several data sets in a row
//!           stored             chunks by their place in the file, past HDF5's filters
//!             pipeline, unfilter, plain_lz4, assemble     everything that is not one bslz4 chunk a frame
//!           virtual_set        frames put together from other data sets
//!      -> raw                  all chunks of a data set of any rank, for those who recode it
//! ```

pub mod anatomy;
mod assemble;
mod eiger;
mod error;
mod flat;
mod follow;
mod h5;
mod joined;
mod mapping;
mod open;
mod part;
mod pipeline;
mod places;
mod plain_lz4;
pub(crate) mod raw;
mod search;
mod sources;
mod stored;
mod unfilter;
mod virtual_set;

pub use error::SourceError;
pub(crate) use open::open_file;
pub use open::{open, open_following};
pub use pipeline::Unsupported;
pub use search::{Candidate, candidates};

use crate::frame::{FrameError, Lender, Payload};
use debye_spec::Element;
use serde::Serialize;
use std::path::PathBuf;

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

/// How frames are stored in detail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Storage {
    /// Dimensions of a chunk; `None` when there are no chunks.
    pub chunk: Option<Vec<usize>>,
    /// Bytes of a bslz4 block, from the header of the first frame's chunk.
    pub block_bytes: Option<u32>,
    /// Bytes that all frames take in the files.
    pub stored_bytes: u64,
}

/// Where a frame stands in the file that was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Data set, as the file names it (it may be a link).
    pub dataset: String,
    /// Number of the frame in it, leading dimensions flattened.
    pub frame: usize,
    /// Dimensions of the data set.
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

    /// As [`FrameSource::read`]; a bslz4 chunk goes into memory that `lender` lends, if it does and the source can.
    ///
    /// # Errors
    /// As [`FrameSource::read`].
    fn read_into(&mut self, frame: usize, _lender: &mut Lender<'_>) -> Result<Payload, FrameError> {
        self.read(frame)
    }

    /// Looks again how many frames there are (a file that is still being written); returns [`FrameSource::frames`].
    ///
    /// # Errors
    /// The file is gone or no longer readable.
    fn refresh(&mut self) -> Result<usize, FrameError>;

    /// Where a frame stands in the file; `None` where there is no file, or no such frame.
    fn origin(&self, _frame: usize) -> Option<Origin> {
        None
    }

    /// How frames are stored in detail. May open many files (the sources of a virtual data set) and is therefore
    /// not part of [`FrameSource::info`].
    fn storage(&self) -> Storage {
        Storage::default()
    }

    /// Whether more frames may come: a file's superblock says that a writer has it open, or data files that a
    /// master names are not there yet.
    fn being_written(&self) -> bool {
        false
    }
}

/// The `pixels` pixels of a frame, little-endian: the whole frame at once, for those who need to see it (engines do
/// not).
///
/// # Errors
/// [`FrameError`] when the chunk is corrupt.
pub fn decoded(payload: Payload, element: Element, pixels: usize) -> Result<Vec<u8>, FrameError> {
    match payload {
        Payload::Pixels(bytes) => Ok(bytes),
        chunk => unfilter::bslz4(&chunk.bytes(), element.size(), pixels.saturating_mul(element.size())),
    }
}
