//! Why an image cannot be read.

use crate::source::SourceError;
use debye_spec::bounds::MAX_PIXELS;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why an image cannot be read.
#[derive(Debug, Error)]
pub enum ImageError {
    /// The file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// File.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A folder was named.
    #[error("{} is a folder: name an image file in it", path.display())]
    IsFolder {
        /// Folder.
        path: PathBuf,
    },
    /// No bytes.
    #[error("{} is empty: copy it again", path.display())]
    Empty {
        /// File.
        path: PathBuf,
    },
    /// HDF5 cannot open the file.
    #[error(transparent)]
    Source(Box<SourceError>),
    /// More bytes than an image has.
    #[error("{} has (or unpacks to) more than {limit} bytes: an image has at most {MAX_PIXELS} pixels", path.display())]
    TooLarge {
        /// File.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// The first bytes are of no known format.
    #[error("{} is of no format that is read: give .npy, .edf, .tif, .msk or .h5", path.display())]
    Unknown {
        /// File.
        path: PathBuf,
    },
    /// A data set was named in a file that is not HDF5.
    #[error("{} is not an HDF5 file: no data set can be named in it with `::`", path.display())]
    NotHdf5 {
        /// File.
        path: PathBuf,
    },
    /// The file is damaged or holds something else than one image.
    #[error("{source_name} ({format}): {fault}")]
    Bad {
        /// File, and data set where there is one.
        source_name: String,
        /// Format.
        format: &'static str,
        /// What is wrong.
        fault: Fault,
    },
    /// The image is not of the frames' shape.
    #[error(
        "{source_name} has {} x {} pixels, the frames have {} x {}: give an image of the frames' rows x columns{}",
        shape[0], shape[1], frames[0], frames[1], transposed(*shape, *frames)
    )]
    Shape {
        /// File, and data set where there is one.
        source_name: String,
        /// Its rows and columns.
        shape: [usize; 2],
        /// Rows and columns of the frames.
        frames: [usize; 2],
    },
    /// HDF5 cannot open or read something.
    #[error("{source_name} (HDF5): {message}")]
    Hdf5 {
        /// File, and data set where there is one.
        source_name: String,
        /// What it said.
        message: String,
    },
    /// There is no such data set, or no image at all.
    #[error("{} has no {wanted}; images in it: {}", path.display(), listing(candidates))]
    NoDataset {
        /// File.
        path: PathBuf,
        /// What was looked for.
        wanted: String,
        /// Images that there are.
        candidates: Vec<String>,
    },
    /// Several data sets could be meant.
    #[error("{} has several images: name one as {}::PATH out of {}", path.display(), path.display(), listing(candidates))]
    Ambiguous {
        /// File.
        path: PathBuf,
        /// Images that there are.
        candidates: Vec<String>,
    },
}

/// What is wrong with the bytes of an image.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// The header says something that cannot be.
    #[error("{0}")]
    Header(String),
    /// The file ends too early.
    #[error("its {what} needs {need} bytes from byte {byte} on, {have} are there: the file is cut short or damaged")]
    Truncated {
        /// Which part.
        what: &'static str,
        /// Where it starts.
        byte: usize,
        /// Bytes needed.
        need: usize,
        /// Bytes there are.
        have: usize,
    },
    /// Not one image of a possible size.
    #[error("it has the dimensions {0:?}: one image of at most {MAX_PIXELS} pixels is needed")]
    Dimensions(Vec<usize>),
    /// A pixel type that is not read.
    #[error("pixels of type {0} are not read: use a boolean, an integer of 8 to 64 bits, or a float of 32 or 64 bits")]
    Type(String),
}

fn transposed(shape: [usize; 2], frames: [usize; 2]) -> &'static str {
    if shape == [frames[1], frames[0]] { " (it is the other way round: transpose it)" } else { "" }
}

fn listing(items: &[String]) -> String {
    const MOST: usize = 12;
    match items {
        [] => "none".into(),
        _ if items.len() > MOST => format!("{} and {} more", items[..MOST].join(", "), items.len() - MOST),
        _ => items.join(", "),
    }
}
