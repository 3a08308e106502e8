//! Why frames cannot be made.

use super::calibrant::CalibrantError;
use crate::beside::BesideError;
use crate::codec::encode::EncodeError;
use std::path::PathBuf;
use thiserror::Error;

/// Why frames cannot be made.
#[derive(Debug, Error)]
pub enum SimulateError {
    /// The calibrant is not known.
    #[error(transparent)]
    Calibrant(#[from] CalibrantError),
    /// A number is out of the range in which it means something.
    #[error("{what} is {value}: it must be {must}")]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        must: &'static str,
    },
    /// The geometry does not say how many pixels there are.
    #[error("the detector {name:?} has no known shape: name a detector that has one, or give the rows and columns")]
    NoShape {
        /// Name of the detector.
        name: String,
    },
    /// The geometry has no wavelength, without which d-spacings have no angle.
    #[error(
        "the geometry has no wavelength: rings cannot be placed without one (a PONI file has it as \"Wavelength:\", in m)"
    )]
    NoWavelength,
    /// The beam runs along the detector's plane or away from it.
    #[error("the direct beam does not meet the detector's plane: check distance and rotations")]
    BeamMisses,
    /// The gap mask has another shape.
    #[error("the gap mask has {have} pixels, a frame has {need}")]
    GapShape {
        /// Pixels of the mask.
        have: usize,
        /// Pixels of a frame.
        need: usize,
    },
    /// A frame without a single live pixel.
    #[error("the detector's gaps leave no live pixel")]
    NoLivePixel,
    /// An expected count that no detector sees.
    #[error("the expected count of pixel {pixel} is {value}: the geometry puts it where nothing can be computed")]
    NotACount {
        /// Pixel, row after row.
        pixel: usize,
        /// Its expected count.
        value: f32,
    },
    /// More faults were asked for than live pixels can carry.
    #[error("{asked} hot and dead pixels were asked for, {live} pixels are live: at most half of them can be bad")]
    TooManyFaults {
        /// Hot and dead pixels asked for.
        asked: usize,
        /// Live pixels.
        live: usize,
    },
    /// No ring falls on the detector.
    #[error(
        "no ring of {calibrant} reaches the detector, which sees d from {d_min:.3} to {d_max:.3} A: change distance or wavelength, take another calibrant, or ask for background alone (1)"
    )]
    NoRing {
        /// Calibrant.
        calibrant: &'static str,
        /// Smallest d that the detector sees, in A.
        d_min: f64,
        /// Largest d that the detector sees, in A.
        d_max: f64,
    },
    /// A chunk of more than 4 GiB, which HDF5 does not take.
    #[error("a frame of {bytes} bytes is larger than a chunk of an HDF5 file may be (4294967295 bytes)")]
    FrameTooLarge {
        /// Bytes of a frame's pixels.
        bytes: u64,
    },
    /// A frame could not be encoded.
    #[error("frame {frame}: {error}")]
    Encode {
        /// Frame.
        frame: usize,
        /// Reason.
        error: EncodeError,
    },
    /// An output file cannot be made.
    #[error(transparent)]
    Beside(#[from] BesideError),
    /// The HDF5 library refused to write.
    #[error("cannot write {} ({doing}): {}", path.display(), crate::hdf5_words::reason(error))]
    Hdf5 {
        /// File as it will be called.
        path: PathBuf,
        /// What was being written.
        doing: String,
        /// What the library said.
        error: hdf5_metno::Error,
    },
    /// The name of the output does not fit.
    #[error("{}: {reason}", path.display())]
    Name {
        /// File.
        path: PathBuf,
        /// Why it does not fit.
        reason: &'static str,
    },
    /// A worker thread ended early.
    #[error("the worker for frame {frame} ended early: this is a fault of the program")]
    WorkerLost {
        /// Frame that never came.
        frame: usize,
    },
    /// Ctrl-C.
    #[error("stopped after {done} frames: nothing was written")]
    Interrupted {
        /// Frames that were made.
        done: usize,
    },
}
