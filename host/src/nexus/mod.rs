//! NeXus output: `NXazint1d` and `NXazint2d` (official application definitions since v2025.11;
//! `applications/NXazint1d.nxdl.xml` and `NXazint2d.nxdl.xml` of nexusformat/definitions), with the raw sums beside.
//!
//! `docs/output.md` lists every data set. In short: `/entry/data` holds one row a frame (I, its error, the exact
//! sums, statistics, status), `/entry/instrument` the geometry, `/entry/reduction` who made it, from what, and how.
//!
//! There is one `NXdata` and one `NXparameters` group: readers such as GSAS-II take the last one that they meet.

pub mod about;
mod column;
mod head;
pub mod read;
mod rows;
pub mod time;
pub mod words;

pub use about::{About, Closing};
pub use read::Output;

use crate::beside::{Beside, BesideError};
use crate::hdf5_words;
use crate::put;
use crate::run::{Row, Sink};
use hdf5_metno as hdf5;
use rows::Rows;
use std::error::Error;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why an output could not be written or read.
#[derive(Debug, Error)]
pub enum NexusError {
    /// The target is there, its folder is not, or it cannot be made.
    #[error(transparent)]
    Target(#[from] BesideError),
    /// The system refused a read or a write: the disk is full, a quota is reached, the device failed.
    #[error("cannot {action} {} ({what}): {reason}", path.display())]
    System {
        /// `write` or `read`.
        action: &'static str,
        /// The output.
        path: PathBuf,
        /// Which part of it.
        what: String,
        /// The system's words.
        reason: String,
    },
    /// HDF5 failed otherwise.
    #[error("cannot {action} {} ({what}): HDF5 says: {reason}", path.display())]
    Hdf5 {
        /// `write` or `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Which part of it.
        what: String,
        /// HDF5's words.
        reason: String,
    },
    /// A row does not fit the table.
    #[error("frame {frame}: {what} has {found} values, but the table has {expected} bins")]
    RowLength {
        /// Frame.
        frame: usize,
        /// Which of its vectors.
        what: &'static str,
        /// Bins of the table.
        expected: usize,
        /// Length of the vector.
        found: usize,
    },
    /// A file that is read is not an output of this program.
    #[error("{} is not an output of `debye integrate`: {why}", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What is missing or wrong.
        why: String,
    },
    /// A frame that is asked for is not in the file.
    #[error("{} holds {frames} frames, numbered {first} to {last}: there is no frame {frame}", path.display())]
    NoFrame {
        /// The file.
        path: PathBuf,
        /// The frame that was asked for.
        frame: u64,
        /// Rows in the file.
        frames: usize,
        /// Number of the first row's frame.
        first: u64,
        /// Number of the last row's frame.
        last: u64,
    },
    /// There is nothing to average or draw.
    #[error("{} holds no frame that was integrated", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl NexusError {
    /// Words for what HDF5 met. Its innermost messages carry the system's reason (`error message = '...'`), which
    /// says more than the outermost ones.
    fn from_hdf5(action: &'static str, path: &Path, what: &str, error: &hdf5::Error) -> NexusError {
        let (path, what) = (path.to_path_buf(), what.to_string());
        match hdf5_words::system(error) {
            Some(reason) => NexusError::System { action, path, what, reason },
            None => NexusError::Hdf5 { action, path, what, reason: hdf5_words::reason(error) },
        }
    }
}

/// An output in the making. Dropped without [`Writer::finish`], it leaves no file behind.
pub struct Writer {
    // Declared before `beside`: HDF5 lets go of the file before it is removed.
    rows: Rows,
    file: hdf5::File,
    beside: Beside,
}

impl Writer {
    /// Makes the file beside its target and writes all that is known before the first frame.
    ///
    /// # Errors
    /// [`NexusError::Target`] if the target exists (and `overwrite` is false) or cannot be made;
    /// [`NexusError::System`] and [`NexusError::Hdf5`] if writing fails.
    pub fn create(target: &Path, overwrite: bool, about: &About<'_>) -> Result<Writer, NexusError> {
        let beside = Beside::create(target, overwrite)?;
        let fail = |what: &str, error: &hdf5::Error| NexusError::from_hdf5("write", target, what, error);
        let file = put::file(beside.path()).map_err(|error| fail("new file", &error))?;
        let data = head::write(&file, target, about).map_err(|error| fail("header", &error))?;
        let rows = Rows::create(&data, about).map_err(|error| fail("data sets of the frames", &error))?;
        Ok(Writer { rows, file, beside })
    }

    /// Adds a row. Rows are gathered to blocks of whole HDF5 chunks; a full block is compressed and written.
    ///
    /// # Errors
    /// [`NexusError::RowLength`] for a row of another table; [`NexusError::System`] if the disk is full.
    pub fn append(&mut self, row: &Row) -> Result<(), NexusError> {
        self.rows.check(row)?;
        self.rows.append(row).map_err(|error| NexusError::from_hdf5("write", self.beside.target(), "frames", &error))
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Writes what is left and what is known only now, then gives the file its name.
    ///
    /// # Errors
    /// As [`Writer::append`]; [`NexusError::Target`] if the target came into being meanwhile.
    pub fn finish(self, closing: &Closing) -> Result<(), NexusError> {
        Ok(self.close(closing)?.commit()?)
    }

    /// As [`Writer::finish`], but the file gets its name from the caller, who may have others to name with it.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub fn close(mut self, closing: &Closing) -> Result<Beside, NexusError> {
        let target = self.beside.target().to_path_buf();
        let fail = |what: &str, error: &hdf5::Error| NexusError::from_hdf5("write", &target, what, error);
        self.rows.flush().map_err(|error| fail("frames", &error))?;
        head::close(&self.file, closing).map_err(|error| fail("closing", &error))?;
        // Flushed before it is closed: closing has no way to tell that the disk is full.
        self.file.flush().map_err(|error| fail("last bytes", &error))?;
        drop(self.rows);
        self.file.close().map_err(|error| fail("last bytes", &error))?;
        Ok(self.beside)
    }
}

impl Sink for Writer {
    fn row(&mut self, row: &Row) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(self.append(row)?)
    }
}
