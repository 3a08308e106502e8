//! Frames of one or several data sets in a row.

use super::error::SourceError;
use super::open::open_file;
use super::part::Part;
use super::search::Found;
use super::{FrameSource, Origin, SourceInfo, Storage, stored};
use crate::frame::{FrameError, Lender, Payload};
use debye_spec::Status;
use hdf5_metno::OpenMode;
use std::path::{Path, PathBuf};

/// A source whose parts come one after the other.
pub(super) struct Joined {
    info: SourceInfo,
    parts: Vec<Part>,
    /// Their paths.
    paths: Vec<String>,
    /// Paths whose files are not there yet (following only).
    awaited: Vec<String>,
    following: bool,
    /// Number of frames when it was last looked at.
    counted: usize,
    opened: hdf5_metno::File,
}

impl Joined {
    /// Opens the data sets that were found.
    pub fn new(opened: hdf5_metno::File, file: &Path, found: Found, following: bool) -> Result<Joined, SourceError> {
        let had_writer = super::follow::has_writer(file);
        let mut parts: Vec<Part> = Vec::new();
        let mut paths = Vec::new();
        let mut awaited = Vec::new();
        for path in &found.paths {
            match Part::open(&opened, file, path, following, 0) {
                Ok(part) => {
                    check_alike(parts.first(), &part, path)?;
                    parts.push(part);
                    paths.push(path.clone());
                }
                Err(SourceError::BrokenLink { .. }) if following && !parts.is_empty() => awaited.push(path.clone()),
                Err(error) => return Err(why_broken(error)),
            }
        }
        let Some(first) = parts.first() else {
            return Err(SourceError::NothingToRead { file: file.into(), others: Vec::new() });
        };
        let info = SourceInfo {
            file: file.into(),
            dataset: found.name,
            files: Vec::new(),
            shape: first.shape(),
            dtype: first.element().name(),
            element: first.element(),
            filter: first.filter(),
            dimensions: Vec::new(),
        };
        let mut joined = Joined { info, parts, paths, awaited, following, counted: 0, opened };
        joined.describe();
        let writing = following && (had_writer || joined.being_written());
        joined.counted = joined.count(writing);
        if !following && joined.frames() == 0 {
            let dimensions = joined.info.dimensions;
            return Err(SourceError::NoFrames { file: file.into(), dataset: joined.info.dataset, dimensions });
        }
        Ok(joined)
    }

    /// Fills in what may change while a file is written.
    fn describe(&mut self) {
        let mut files: Vec<PathBuf> = vec![self.info.file.clone()];
        for part in &self.parts {
            for file in part.files() {
                if !files.contains(&file) {
                    files.push(file);
                }
            }
        }
        self.info.dimensions = match self.parts.as_slice() {
            [part] => part.dimensions(),
            _ => vec![self.all_frames(), self.info.shape[0], self.info.shape[1]],
        };
        self.info.files = files;
    }

    fn all_frames(&self) -> usize {
        self.parts.iter().fold(0, |sum: usize, part| sum.saturating_add(part.frames()))
    }

    /// Number of frames. A writer may make room first and fill it afterwards: while it writes, frames at the end that
    /// are not there yet do not count yet. Once it is gone they do, and are missing.
    fn count(&self, writing: bool) -> usize {
        let mut frames = self.all_frames();
        while writing && frames > self.counted {
            match self.locate(frames - 1) {
                Some((part, within)) if !self.parts[part].is_there(within) => frames -= 1,
                _ => break,
            }
        }
        frames
    }

    fn locate(&self, frame: usize) -> Option<(usize, usize)> {
        let mut within = frame;
        for (number, part) in self.parts.iter().enumerate() {
            if within < part.frames() {
                return Some((number, within));
            }
            within -= part.frames();
        }
        None
    }
}

fn check_alike(first: Option<&Part>, part: &Part, path: &str) -> Result<(), SourceError> {
    match first {
        Some(first) if first.shape() != part.shape() || first.element() != part.element() => {
            let file = part.files().into_iter().next().unwrap_or_default();
            Err(SourceError::Mismatch {
                file,
                dataset: path.into(),
                found: part.describe(),
                expected: first.describe(),
            })
        }
        _ => Ok(()),
    }
}

impl FrameSource for Joined {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn frames(&self) -> usize {
        self.counted
    }

    fn read(&mut self, frame: usize) -> Result<Payload, FrameError> {
        self.read_into(frame, &mut |_| None)
    }

    fn read_into(&mut self, frame: usize, lender: &mut Lender<'_>) -> Result<Payload, FrameError> {
        match self.locate(frame) {
            Some((part, within)) => self.parts[part].read(within, lender),
            None => Err(stored::missing(format!("frame {frame} is beyond the last of {}", self.all_frames()))),
        }
    }

    fn refresh(&mut self) -> Result<usize, FrameError> {
        let failed = |message: String| FrameError { status: Status::ReadFailed, message };
        // Asked before the dimensions: what a writer wrote before it went is then seen.
        let writing = self.following && self.being_written();
        for part in &mut self.parts {
            part.refresh().map_err(failed)?;
        }
        while let Some(path) = self.awaited.first() {
            match Part::open(&self.opened, &self.info.file, path, true, 0) {
                Ok(part) => {
                    check_alike(self.parts.first(), &part, path).map_err(|error| failed(error.to_string()))?;
                    self.parts.push(part);
                    self.paths.push(self.awaited.remove(0));
                }
                Err(SourceError::BrokenLink { .. }) => break,
                Err(error) => return Err(failed(error.to_string())),
            }
        }
        self.describe();
        self.counted = self.count(writing);
        Ok(self.counted)
    }

    fn origin(&self, frame: usize) -> Option<Origin> {
        let (part, within) = self.locate(frame)?;
        let (dataset, dimensions) = (self.paths.get(part)?.clone(), self.parts[part].dimensions());
        Some(Origin { dataset, frame: within, dimensions })
    }

    fn storage(&self) -> Storage {
        let mut storage = Storage::default();
        for own in self.parts.iter().map(Part::storage) {
            storage.stored_bytes = storage.stored_bytes.saturating_add(own.stored_bytes);
            storage.chunk = storage.chunk.or(own.chunk);
            storage.block_bytes = storage.block_bytes.or(own.block_bytes);
        }
        storage
    }

    fn being_written(&self) -> bool {
        !self.awaited.is_empty() || self.info.files.iter().any(|file| super::follow::has_writer(file))
    }
}

/// A link to a file that is there but cannot be opened: what is wrong with that file says more than the link.
fn why_broken(error: SourceError) -> SourceError {
    match &error {
        SourceError::BrokenLink { target_file, file_missing: false, .. } => {
            open_file(target_file, OpenMode::Read).err().unwrap_or(error)
        }
        _ => error,
    }
}
