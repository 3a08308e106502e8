//! Opening files: from a path and, maybe, a data set's name to a row of frames.

use super::error::SourceError;
use super::joined::Joined;
use super::{FrameSource, h5, search};
use hdf5_metno::OpenMode;
use std::fs;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

/// No file is shorter: superblock and root group.
const SHORTEST: u64 = 96;

const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";

/// Opens a file (or an Eiger master, or a virtual data set) as a row of frames. Without `dataset` the frames are
/// searched for: `/entry/data/data`, `/entry/data/data_000001`..., NeXus' default signal, the detector group of
/// NeXus and of LIMA, else the largest integer data set.
///
/// # Errors
/// [`SourceError`]: the file is missing, unreadable, no HDF5, truncated or still being written; there is no such
/// data set or no telling which; its rank, type or filters are not read; a link is broken; there are no frames.
pub fn open(file: &Path, dataset: Option<&str>) -> Result<Box<dyn FrameSource>, SourceError> {
    let opened = open_file(file, OpenMode::Read)?;
    let paths = search::find(&opened, file, dataset)?;
    Ok(Box::new(Joined::new(opened, file, paths, false)?))
}

/// As [`open`], for a file that a writer may have open in SWMR mode: it may have no frames yet, and
/// [`FrameSource::refresh`] tells how many there are now. Data files of an Eiger master that are not there yet are
/// waited for.
///
/// # Errors
/// As [`open`], but neither "no frames" nor, for the last data files of a master, a missing file.
pub fn open_following(file: &Path, dataset: Option<&str>) -> Result<Box<dyn FrameSource>, SourceError> {
    let opened = open_file(file, OpenMode::ReadSWMR)?;
    let paths = search::find(&opened, file, dataset)?;
    Ok(Box::new(Joined::new(opened, file, paths, true)?))
}

/// Opens a file through HDF5, after looking at it without.
pub(crate) fn open_file(file: &Path, mode: OpenMode) -> Result<hdf5_metno::File, SourceError> {
    let io_error = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => SourceError::NotFound(file.into()),
        ErrorKind::PermissionDenied => SourceError::NotPermitted(file.into()),
        _ => SourceError::Io { file: file.into(), error },
    };
    let there = fs::metadata(file).map_err(io_error)?;
    if there.is_dir() {
        return Err(SourceError::IsFolder(file.into()));
    }
    // Opening a pipe waits for a writer, for ever maybe; nothing but a file can be an HDF5 file.
    if !there.is_file() {
        return Err(SourceError::NotHdf5(file.into()));
    }
    let mut bytes = fs::File::open(file).map_err(io_error)?;
    if !has_signature(&mut bytes).map_err(io_error)? {
        return Err(SourceError::NotHdf5(file.into()));
    }
    let length = bytes.metadata().map_err(io_error)?.len();
    hdf5_metno::File::open_as(file, mode).map_err(|error| {
        let message = h5::cause(&error);
        let file = file.to_path_buf();
        if message.contains("truncated") || length < SHORTEST {
            SourceError::Truncated { file, message }
        } else if message.contains("SWMR") || message.contains("already open for") || message.contains("unable to lock")
        {
            SourceError::BeingWritten { file, message, followed: mode == OpenMode::ReadSWMR }
        } else {
            SourceError::Hdf5 { file, message }
        }
    })
}

/// Looks for the signature where the format allows it: at 0, 512 and every doubling of that (format
/// specification, II.A).
fn has_signature(file: &mut fs::File) -> std::io::Result<bool> {
    let length = file.metadata()?.len();
    let mut at = 0_u64;
    while at.saturating_add(SIGNATURE.len() as u64) <= length {
        let mut bytes = [0; SIGNATURE.len()];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut bytes)?;
        if bytes == SIGNATURE {
            return Ok(true);
        }
        at = if at == 0 { 512 } else { at.saturating_mul(2) };
    }
    Ok(false)
}
