//! Files that appear whole or not at all: written beside their target and renamed at the end.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why an output could not be made.
#[derive(Debug, Error)]
pub enum BesideError {
    /// The target is there and overwriting was not asked for.
    #[error("{} exists already: choose another name or add --overwrite", .0.display())]
    Exists(PathBuf),
    /// The target is a folder.
    #[error("{} is a folder: name a file in it", .0.display())]
    IsFolder(PathBuf),
    /// The folder of the target is not there.
    #[error("the folder {} does not exist: make it first", .0.display())]
    NoFolder(PathBuf),
    /// Making, flushing or renaming failed.
    #[error("cannot write {}: {error}", path.display())]
    Io {
        /// Target.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// A file in the making. Dropped without [`Beside::commit`], it leaves nothing behind.
#[derive(Debug)]
pub struct Beside {
    target: PathBuf,
    temporary: Option<tempfile::TempPath>,
    overwrite: bool,
}

impl Beside {
    /// Reserves a temporary file in the folder of `target`.
    ///
    /// # Errors
    /// The target exists and `overwrite` is false, its folder is missing, or the folder cannot be written to.
    pub fn create(target: &Path, overwrite: bool) -> Result<Beside, BesideError> {
        let io_error = |error| BesideError::Io { path: target.into(), error };
        if target.is_dir() {
            return Err(BesideError::IsFolder(target.into()));
        }
        if !overwrite && target.symlink_metadata().is_ok() {
            return Err(BesideError::Exists(target.into()));
        }
        let folder = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if folder.exists() && !folder.is_dir() {
            return Err(io_error(io::Error::from(io::ErrorKind::NotADirectory)));
        }
        if !folder.is_dir() {
            return Err(BesideError::NoFolder(folder.into()));
        }
        let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let file = tempfile::Builder::new()
            .prefix(&format!(".{name}."))
            .suffix(".part")
            // Not `tempfile_in`, whose errors name the temporary file instead of the target.
            .make_in(folder, |path| OpenOptions::new().write(true).create_new(true).mode(0o600).open(path))
            .map_err(io_error)?;
        Ok(Beside { target: target.into(), temporary: Some(file.into_temp_path()), overwrite })
    }

    /// Reserves a file and fills it.
    ///
    /// # Errors
    /// As [`Beside::create`]; what `fill` says, for a full disk.
    pub fn filled(
        target: &Path,
        overwrite: bool,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Beside, BesideError> {
        let beside = Beside::create(target, overwrite)?;
        let io_error = |error| BesideError::Io { path: target.into(), error };
        let mut file = BufWriter::new(std::fs::File::create(beside.path()).map_err(io_error)?);
        fill(&mut file).and_then(|()| file.flush()).map_err(io_error)?;
        Ok(beside)
    }

    /// Where to write until [`Beside::commit`]. The file exists and is empty.
    pub fn path(&self) -> &Path {
        self.temporary.as_deref().unwrap_or(&self.target)
    }

    /// Where the file will stand.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Flushes the file to disk and renames it to its target, with the permissions a new file would have.
    ///
    /// # Errors
    /// The disk is full, or the target came into being meanwhile and may not be overwritten.
    pub fn commit(mut self) -> Result<(), BesideError> {
        let target = self.target.clone();
        let Some(temporary) = self.temporary.take() else { return Ok(()) };
        let io_error = |error| BesideError::Io { path: target.clone(), error };
        let file = std::fs::File::open(&temporary).map_err(io_error)?;
        file.sync_all().map_err(io_error)?;
        relax_permissions(&file).map_err(io_error)?;
        if self.overwrite {
            temporary.persist(&target).map_err(|error| io_error(error.error))
        } else {
            temporary.persist_noclobber(&target).map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => BesideError::Exists(target.clone()),
                _ => io_error(error.error),
            })
        }
    }
}

/// A temporary file is private (0600); a result is not.
fn relax_permissions(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}
