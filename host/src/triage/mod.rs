//! Triage: which frames are worth keeping.
//!
//! ```text
//! statistics of a lane, a card or the CPU  -\
//! whole frames: spots, radial outliers      --> Features -> Rules -> Class -> list, virtual data set
//! ```
//!
//! A frame is a *hit* if it meets every criterion asked for: pixels over a threshold, spots ([`crate::spots`]), pixels that
//! stand out of their ring ([`rings`]), counts a pixel. By counts a pixel the others are *lit* or *dark*.
//! All of it is a function of the frames alone: the same frames are kept whatever the machine.

mod classify;
mod features;
pub mod rings;
mod run;
mod virtual_set;

pub use classify::{Class, Decision, Rules, decide, split_dark};
pub use features::{Features, Measure, from_statistics};
pub use run::measure;
pub use virtual_set::{About, write};

use crate::beside::BesideError;
use crate::stack::StackError;
use std::path::PathBuf;
use thiserror::Error;

/// Why frames could not be sorted.
#[derive(Debug, Error)]
pub enum TriageError {
    /// Stopped from outside.
    #[error("stopped after {done} frames: nothing was written")]
    Interrupted {
        /// Frames looked at.
        done: usize,
    },
    /// A mask of another size.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// A frame's place in its file is not known.
    #[error("where frame {frame} stands in {} is not known: no virtual data set can be made of it", file.display())]
    NoPlace {
        /// Frame.
        frame: usize,
        /// File.
        file: PathBuf,
    },
    /// The name cannot stand in a virtual data set.
    #[error("the name {0:?} cannot stand in a virtual data set: it is no UTF-8")]
    Name(PathBuf),
    /// The output cannot be made.
    #[error(transparent)]
    Beside(#[from] BesideError),
    /// HDF5 failed.
    #[error("cannot write {}: {}", file.display(), crate::hdf5_words::reason(error))]
    Hdf5 {
        /// The output.
        file: PathBuf,
        /// What HDF5 said.
        error: hdf5_metno::Error,
    },
}
