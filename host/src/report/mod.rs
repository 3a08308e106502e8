//! The validation report: what compression and reduction cost, data set by data set, reproducibly.
//!
//! ```text
//! frames      which frames, read in batches
//! model       what a report holds: report.json
//! journal     finished sections, so that a run can be taken up again
//! provenance  where the data came from, and what looked at them
//! sections    facts, lossless, lossy, reduction, equality, planning: each runs metrics over the frames
//! run         the sections in their order
//! figures     every number of a report by its name: report.csv, and what `compare` compares
//! html        one page, with pictures
//! compare     two reports, with thresholds
//! ```
//!
//! A report of the same frames with the same options is the same but for what stands under `run` and `timing`.

pub mod compare;
pub mod facts;
mod figures;
mod frames;
mod html;
mod journal;
mod machine;
pub mod model;
mod planning;
mod provenance;
mod reduction;
mod run;

pub mod equality;
pub mod lossless;
pub mod lossy;

pub use equality::{Contender, Maker, Way};
pub use figures::{Figure, Sense, csv, figures};
pub use frames::{Failure, Picked, chosen};
pub use html::page;
pub use lossy::Wish as LossyWish;
pub use model::{Report, Section};
pub use planning::Wish as PlanningWish;
pub use run::{Event, Options, Setting, run};

use crate::beside::BesideError;
use crate::frame::FrameError;
use crate::metrics::codecs::CodecError;
use crate::plot::PlotError;
use std::path::PathBuf;
use thiserror::Error;

/// Why there is no report.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The folder holds a report already.
    #[error("{} holds a report already: choose another folder or add --overwrite", .0.display())]
    Exists(PathBuf),
    /// A file of the report cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// No frame can be read.
    #[error("no frame can be read: frame {frame}: {error}")]
    NoFrame {
        /// The first.
        frame: usize,
        /// Why.
        error: FrameError,
    },
    /// A codec failed.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A file cannot get its name.
    #[error(transparent)]
    Target(#[from] BesideError),
    /// A picture cannot be drawn.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// A file is no report.
    #[error("{} is no report of `debye report`: {why}", path.display())]
    NoReport {
        /// File.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Ctrl-C.
    #[error("stopped; what is finished is kept: the same command goes on from there")]
    Stopped,
}
