//! Files that appear whole or not at all: written beside their target and renamed at the end.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempPath;
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
    /// The target is a device, a pipe or a socket, which a file would replace.
    #[error("{} is no ordinary file: name another one", .0.display())]
    NoFile(PathBuf),
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
    temporary: Option<TempPath>,
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
        if target.metadata().is_ok_and(|there| !there.is_file()) {
            return Err(BesideError::NoFile(target.into()));
        }
        let folder = folder_of(target);
        if folder.exists() && !folder.is_dir() {
            return Err(io_error(io::Error::from(io::ErrorKind::NotADirectory)));
        }
        if !folder.is_dir() {
            return Err(BesideError::NoFolder(folder.into()));
        }
        // With the permissions that any new file has here. Not `tempfile_in`, whose errors name the temporary file instead
        // of the target.
        let make = |path: &Path| OpenOptions::new().write(true).create_new(true).mode(0o666).open(path);
        let file = hidden(target, ".part", make).map_err(io_error)?;
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

    /// What the system said, of this output.
    pub(crate) fn io_error(&self, error: io::Error) -> BesideError {
        BesideError::Io { path: self.target.clone(), error }
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
    /// before it go, and what they replaced comes back.
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
            let failed = match beside.put_aside() {
                Ok(replaced) => {
                    let renamed = beside.rename();
                    made.push((beside.target.clone(), replaced, renamed.is_ok()));
                    renamed.err()
                }
                Err(error) => Some(beside.io_error(error)),
            };
            if let Some(error) = failed {
                // What cannot be undone is whole all the same.
                made.into_iter().for_each(|(target, replaced, renamed)| take_back(&target, replaced, renamed));
                return Err(error);
            }
        }
        Ok(())
    }

    /// What the target replaces under a second name, so that it can come back; `None` if there is nothing. Where there
    /// are no hard links it is moved there.
    fn put_aside(&self) -> io::Result<Option<TempPath>> {
        let target = &self.target;
        if !self.overwrite || !target.symlink_metadata().is_ok_and(|there| !there.is_dir()) {
            return Ok(None);
        }
        let linked = hidden(target, ".old", |path| std::fs::hard_link(target, path));
        let aside = linked.or_else(|_| hidden(target, ".old", |path| std::fs::rename(target, path)))?;
        Ok(Some(aside.into_temp_path()))
    }

    /// Flushes the file to disk.
    fn settle(&self) -> Result<(), BesideError> {
        let settled = std::fs::File::open(self.path()).and_then(|file| file.sync_all());
        settled.map_err(|error| self.io_error(error))
    }

    fn rename(&mut self) -> Result<(), BesideError> {
        let target = self.target.clone();
        let Some(temporary) = self.temporary.take() else { return Ok(()) };
        let io_error = |error| BesideError::Io { path: target.clone(), error };
        if self.overwrite {
            temporary.persist(&target).map_err(|error| io_error(error.error))?;
        } else {
            temporary.persist_noclobber(&target).map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => BesideError::Exists(target.clone()),
                _ => io_error(error.error),
            })?;
        }
        // So that the name outlives a power cut too, before anybody removes what the file was made of. Where a folder cannot
        // be flushed, the system's habit must do.
        let _ = std::fs::File::open(folder_of(&target)).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

/// The folder in which `target` stands.
fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes something of a hidden name of its own beside `target`; it goes when it is dropped.
fn hidden<T>(
    target: &Path,
    suffix: &str,
    make: impl FnMut(&Path) -> io::Result<T>,
) -> io::Result<tempfile::NamedTempFile<T>> {
    let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    tempfile::Builder::new().prefix(&format!(".{name}.")).suffix(suffix).make_in(folder_of(target), make)
}

/// Undoes one of several renames, which may be the one that failed.
fn take_back(target: &Path, replaced: Option<TempPath>, renamed: bool) {
    match replaced {
        // Two names of one file: the second goes as it is dropped.
        Some(_) if !renamed && target.symlink_metadata().is_ok() => {}
        Some(replaced) => drop(replaced.persist(target)),
        None if renamed => drop(std::fs::remove_file(target)),
        None => {}
    }
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
    #[test]
    fn commit_all_that_fails_brings_back_what_it_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b, c) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("c"));
        std::fs::write(&a, "old").unwrap();
        let all = vec![filled(&a, true, "1"), filled(&b, true, "2"), filled(&c, true, "3")];
        // A folder with something in it cannot be replaced.
        std::fs::create_dir_all(c.join("inner")).unwrap();
        assert!(matches!(Beside::commit_all(all), Err(BesideError::Io { path, .. }) if path == c));
        assert_eq!(names(folder.path()), ["a", "c"]);
        assert_eq!(std::fs::read(&a).unwrap(), b"old");
        std::fs::remove_dir_all(&c).unwrap();
        Beside::commit_all(vec![filled(&a, true, "1"), filled(&c, true, "3")]).unwrap();
        assert_eq!(names(folder.path()), ["a", "c"]);
        assert_eq!(std::fs::read(&a).unwrap(), b"1");
    }

    #[test]
    fn create_has_the_permissions_of_a_new_file_and_replaces_no_pipe() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (usual, made) = (folder.path().join("usual"), folder.path().join("made"));
        std::fs::write(&usual, "").unwrap();
        filled(&made, false, "1").commit().unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
        assert_eq!(mode(&made), mode(&usual));
        assert!(matches!(Beside::create(Path::new("/dev/null"), true), Err(BesideError::NoFile(_))));
    }
}
