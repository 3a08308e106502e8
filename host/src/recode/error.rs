//! Why a file could not be recoded.

use super::walk::DEEPEST;
use crate::beside::BesideError;
use crate::codec::encode::EncodeError;
use crate::source::SourceError;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why. Every message names the file or data set and says what to do.
#[derive(Debug, Error)]
pub enum RecodeError {
    /// The input cannot be opened.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The output cannot be.
    #[error(transparent)]
    Output(#[from] BesideError),
    /// Chunks cannot be encoded in this way.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// Input and output are one file.
    #[error("{} is the input as well: give the output another name", .0.display())]
    SameFile(PathBuf),
    /// A data set that was named is not there, or cannot be recoded.
    #[error("{dataset} in {} cannot be recoded: {why}", file.display())]
    Dataset {
        /// File.
        file: PathBuf,
        /// Data set.
        dataset: String,
        /// Why.
        why: String,
    },
    /// Nothing in the file can be recoded.
    #[error("{} has nothing to recode{}", file.display(), listing(.kept))]
    Nothing {
        /// File.
        file: PathBuf,
        /// What there is, and why it stays.
        kept: Vec<String>,
    },
    /// Groups within groups within groups.
    #[error("{} has more than {DEEPEST} groups within one another", .0.display())]
    Deep(PathBuf),
    /// A virtual data set would point to files that are not beside it any more.
    #[error("{dataset} in {} is virtual and takes from other files by names relative to its folder: write the output into that folder", file.display())]
    Virtual {
        /// File.
        file: PathBuf,
        /// Data set.
        dataset: String,
    },
    /// Lossy steps do not know which data set holds frames.
    #[error("{}: lossy steps need to know which data set holds the frames: name it with --dataset", .0.display())]
    NoFrames(PathBuf),
    /// The thresholds' shape is not that of the frames.
    #[error("thresholds of {}x{} pixels do not fit {dataset}, whose frames have {}x{}", shape[0], shape[1], frame[0], frame[1])]
    ThresholdShape {
        /// Data set.
        dataset: String,
        /// Rows and columns of the thresholds.
        shape: [usize; 2],
        /// Rows and columns of a frame.
        frame: [usize; 2],
    },
    /// A chunk cannot be read.
    #[error("{dataset} in {}, chunk at {offset:?}: {what}", file.display())]
    Chunk {
        /// File.
        file: PathBuf,
        /// Data set.
        dataset: String,
        /// First element of the chunk.
        offset: Vec<u64>,
        /// What is wrong.
        what: String,
    },
    /// HDF5 refused something.
    #[error("HDF5 cannot {action} {what}: {cause}")]
    Hdf5 {
        /// What was to be done.
        action: &'static str,
        /// To what.
        what: String,
        /// What it said.
        cause: String,
    },
    /// What was written is not what was to be written: a fault of the machine or of this program.
    #[error(
        "{dataset}: the chunk at {offset:?} was read again and differs from the input: nothing was kept; please report this"
    )]
    Differs {
        /// Data set.
        dataset: String,
        /// First element of the chunk.
        offset: Vec<u64>,
    },
    /// What was carried over is not what it was: a fault as above.
    #[error(
        "{object}: its {what} was read again and is not as in the input: nothing was kept; please report this, or use --no-verify"
    )]
    Carried {
        /// Path of the object or link.
        object: String,
        /// What differs.
        what: String,
    },
    /// The cards that were asked for cannot make a data set's chunks.
    #[error("{dataset}: {why}: change that, or use --engine cpu")]
    Unfit {
        /// Data set.
        dataset: String,
        /// Why.
        why: String,
    },
    /// The cards that were asked for do not work any more.
    #[error("{0}: nothing was kept; --engine auto would have gone on with the CPU")]
    Card(String),
    /// A worker ended without an answer.
    #[error("{dataset}: a worker was lost at chunk {chunk}")]
    WorkerLost {
        /// Data set.
        dataset: String,
        /// Number of the chunk.
        chunk: u64,
    },
    /// Stopped from outside.
    #[error("stopped: nothing was written")]
    Interrupted,
}

impl RecodeError {
    pub(crate) fn hdf5(action: &'static str, what: impl AsRef<Path>, error: &hdf5_metno::Error) -> RecodeError {
        let cause = crate::hdf5_words::reason(error);
        RecodeError::Hdf5 { action, what: what.as_ref().display().to_string(), cause }
    }
}

/// Most data sets that a message names.
const NAMED: usize = 20;

fn listing(kept: &[String]) -> String {
    match kept.len().checked_sub(NAMED) {
        _ if kept.is_empty() => ": it has no data sets".into(),
        None | Some(0) => format!(": {}", kept.join("; ")),
        Some(more) => format!(": {}; and {more} more", kept[..NAMED].join("; ")),
    }
}
