//! Why a file cannot be a source of frames.

use super::pipeline::Unsupported;
use std::path::PathBuf;
use thiserror::Error;

/// Why a source could not be opened. Every message says which file, what is wrong with it and what to do.
#[derive(Debug, Error)]
pub enum SourceError {
    /// There is no such file.
    #[error("{} does not exist", .0.display())]
    NotFound(PathBuf),
    /// The file may not be read.
    #[error("{} may not be read: ask for read permission", .0.display())]
    NotPermitted(PathBuf),
    /// A folder was named.
    #[error("{} is a folder: name an HDF5 file in it", .0.display())]
    IsFolder(PathBuf),
    /// The system could not read the file.
    #[error("{} cannot be read: {error}", file.display())]
    Io {
        /// File.
        file: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The HDF5 signature is missing.
    #[error("{} is not an HDF5 file: its signature is missing", .0.display())]
    NotHdf5(PathBuf),
    /// The file is shorter than its superblock says.
    #[error("{} is truncated ({message}): copy it again, or wait until it is written", file.display())]
    Truncated {
        /// File.
        file: PathBuf,
        /// What HDF5 said.
        message: String,
    },
    /// A writer has the file open (or died with it open).
    #[error("{} is open in a writer ({message}): {}, or clear the mark with h5clear -s if no writer runs", file.display(), writer_advice(*.followed))]
    BeingWritten {
        /// File.
        file: PathBuf,
        /// What HDF5 said.
        message: String,
        /// It was already opened for following: the writer does not write in SWMR mode.
        followed: bool,
    },
    /// HDF5 cannot open or read the file's structure.
    #[error("{} cannot be read by HDF5 and may be damaged: {message}", file.display())]
    Hdf5 {
        /// File.
        file: PathBuf,
        /// What HDF5 said.
        message: String,
    },
    /// The named data set is not in the file.
    #[error("{} has no {dataset}{}", file.display(), listing(.candidates, "; image data sets in it: ", "; it has no image data set at all"))]
    NoSuchDataset {
        /// File.
        file: PathBuf,
        /// What was asked for.
        dataset: String,
        /// What there is.
        candidates: Vec<String>,
    },
    /// The file holds no integer data set of two or more dimensions.
    #[error("{} has no integer data set of two or more dimensions{}", file.display(), listing(.others, "; it has: ", ""))]
    NothingToRead {
        /// File.
        file: PathBuf,
        /// Data sets of other kinds.
        others: Vec<String>,
    },
    /// Several data sets could be meant.
    #[error("{} has several data sets that could be meant: {}; name one with --dataset", file.display(), candidates.join(", "))]
    Ambiguous {
        /// File.
        file: PathBuf,
        /// Their paths with shapes and types.
        candidates: Vec<String>,
    },
    /// Fewer than two dimensions.
    #[error("{dataset} in {} has {} dimension(s): frames need at least two", file.display(), dimensions.len())]
    Rank {
        /// File.
        file: PathBuf,
        /// Data set.
        dataset: String,
        /// Its dimensions.
        dimensions: Vec<usize>,
    },
    /// A pixel type that cannot be integrated exactly.
    #[error("{dataset} in {} has pixels of type {dtype}: only uint8, uint16, uint32, int16 and int32 are read", file.display())]
    Dtype {
        /// File.
        file: PathBuf,
        /// Data set.
        dataset: String,
        /// numpy's name of its type.
        dtype: String,
    },
    /// A filter that nobody here can undo.
    #[error("{dataset} in {} is stored with {filter}", file.display())]
    Filter {
        /// File.
        file: PathBuf,
        /// Data set.
        dataset: String,
        /// Which filter and what to do.
        filter: Unsupported,
    },
    /// A link leads to a file or an object that is not there.
    #[error("the link {link} in {} leads to {target_path} in {}, {}", file.display(), target_file.display(), broken(*.file_missing))]
    BrokenLink {
        /// File with the link.
        file: PathBuf,
        /// The link.
        link: String,
        /// File it names.
        target_file: PathBuf,
        /// Path it names in that file.
        target_path: String,
        /// The file is missing (or unreadable), not just the path in it.
        file_missing: bool,
    },
    /// No frames.
    #[error("{dataset} in {} holds no frames (shape {dimensions:?})", file.display())]
    NoFrames {
        /// File.
        file: PathBuf,
        /// Data set.
        dataset: String,
        /// Its dimensions.
        dimensions: Vec<usize>,
    },
    /// A frame or chunk is larger than any detector's.
    #[error("{dataset} in {}: {what} of {bytes} bytes is more than the {limit} bytes that are read at once", file.display())]
    TooLarge {
        /// File.
        file: PathBuf,
        /// Data set.
        dataset: String,
        /// Frame or chunk.
        what: &'static str,
        /// Its bytes (saturated).
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// Data sets that should be rows of one scan differ.
    #[error("{dataset} in {} has frames of {found}, the data sets before it have {expected}", file.display())]
    Mismatch {
        /// File.
        file: PathBuf,
        /// Data set.
        dataset: String,
        /// Shape and type.
        found: String,
        /// Shape and type of the first.
        expected: String,
    },
    /// A virtual data set whose parts cannot be found out.
    #[error("{dataset} in {} is a virtual data set that cannot be read: {reason}", file.display())]
    Virtual {
        /// File.
        file: PathBuf,
        /// Data set.
        dataset: String,
        /// Why.
        reason: String,
    },
}

fn listing(items: &[String], before: &str, none: &str) -> String {
    const MOST: usize = 12;
    match items {
        [] => none.into(),
        _ if items.len() > MOST => format!("{before}{} and {} more", items[..MOST].join(", "), items.len() - MOST),
        _ => format!("{before}{}", items.join(", ")),
    }
}

fn broken(file_missing: bool) -> &'static str {
    if file_missing {
        "a file that is not there: put it next to the file with the link"
    } else {
        "which that file does not hold"
    }
}

fn writer_advice(followed: bool) -> &'static str {
    if followed { "it does not write in SWMR mode: wait until it has closed the file" } else { "add --follow" }
}
