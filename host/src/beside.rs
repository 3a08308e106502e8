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
        self.settle()?;
        self.rename()
    }

    /// [`Beside::commit`] of several files: none is renamed before all are on disk, and if one then cannot be, those
    /// before it that replaced nothing are removed again.
    ///
    /// # Errors
    /// As [`Beside::commit`].
    pub fn commit_all(mut all: Vec<Beside>) -> Result<(), BesideError> {
        for beside in &all {
            beside.settle()?;
            if !beside.overwrite && beside.target.symlink_metadata().is_ok() {
                return Err(BesideError::Exists(beside.target.clone()));
            }
        }
        let mut made = Vec::new();
        for beside in &mut all {
            let is_new = beside.target.symlink_metadata().is_err();
            if let Err(error) = beside.rename() {
                for path in made {
                    // What cannot be removed is whole all the same.
                    let _ = std::fs::remove_file(path);
                }
                return Err(error);
            }
            made.extend(is_new.then(|| beside.target.clone()));
        }
        Ok(())
    }

    /// Flushes the file to disk.
    fn settle(&self) -> Result<(), BesideError> {
        let io_error = |error| BesideError::Io { path: self.target.clone(), error };
        let file = std::fs::File::open(self.path()).map_err(io_error)?;
        file.sync_all().map_err(io_error)?;
        relax_permissions(&file).map_err(io_error)
    }

    fn rename(&mut self) -> Result<(), BesideError> {
        let target = self.target.clone();
        let Some(temporary) = self.temporary.take() else { return Ok(()) };
        let io_error = |error| BesideError::Io { path: target.clone(), error };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(path: &Path, overwrite: bool, text: &str) -> Beside {
        Beside::filled(path, overwrite, |file| file.write_all(text.as_bytes())).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn commit_all_gives_all_their_names_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        // One came into being meanwhile, then one cannot be replaced: a folder with something in it.
        let all = vec![filled(&a, false, "1"), filled(&b, false, "2")];
        std::fs::write(&b, "precious").unwrap();
        assert!(matches!(Beside::commit_all(all), Err(BesideError::Exists(path)) if path == b));
        assert_eq!(names(folder.path()), ["b"]);
        std::fs::remove_file(&b).unwrap();
        let all = vec![filled(&a, false, "1"), filled(&b, true, "2")];
        std::fs::create_dir_all(b.join("inner")).unwrap();
        assert!(matches!(Beside::commit_all(all), Err(BesideError::Io { path, .. }) if path == b));
        assert_eq!(names(folder.path()), ["b"]);
        std::fs::remove_dir_all(&b).unwrap();
        std::fs::write(&b, "old").unwrap();
        Beside::commit_all(vec![filled(&a, false, "1"), filled(&b, true, "2")]).unwrap();
        assert_eq!((std::fs::read(&a).unwrap(), std::fs::read(&b).unwrap()), (b"1".to_vec(), b"2".to_vec()));
        assert_eq!(names(folder.path()), ["a", "b"]);
    }
}
