//! The data sets behind a virtual one, opened when they are needed and not all at once.

use super::Storage;
use super::error::SourceError;
use super::mapping::Mapping;
use super::open::open_file;
use super::part::Part;
use hdf5_metno::OpenMode;
use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};

/// A scan may have a file for every frame; more than this many are never open at the same time.
const MOST_OPEN: usize = 64;

#[derive(Debug)]
struct Source {
    file: PathBuf,
    path: String,
    part: Option<Part>,
}

/// The sources of one virtual data set.
#[derive(Debug)]
pub(super) struct Sources {
    owner: PathBuf,
    owner_path: String,
    following: bool,
    depth: usize,
    all: Vec<Source>,
    numbers: HashMap<(String, String), usize>,
    open: VecDeque<usize>,
}

impl Sources {
    /// None yet, for the virtual data set `owner_path` in the file `owner`.
    pub fn new(owner: PathBuf, owner_path: String, following: bool, depth: usize) -> Sources {
        let (all, numbers, open) = (Vec::new(), HashMap::new(), VecDeque::new());
        Sources { owner, owner_path, following, depth, all, numbers, open }
    }

    /// The number of a mapping's source.
    ///
    /// # Errors
    /// Its file is missing, and nobody waits for it.
    pub fn add(&mut self, mapping: &Mapping) -> Result<usize, SourceError> {
        let key = (mapping.file.clone(), mapping.dataset.clone());
        if let Some(&number) = self.numbers.get(&key) {
            return Ok(number);
        }
        let file = resolve(&self.owner, &mapping.file);
        if !self.following && !file.exists() && !mapping.file.contains('%') {
            return Err(self.broken(&file, &mapping.dataset));
        }
        self.all.push(Source { file, path: mapping.dataset.clone(), part: None });
        self.numbers.insert(key, self.all.len() - 1);
        Ok(self.all.len() - 1)
    }

    fn broken(&self, file: &Path, path: &str) -> SourceError {
        SourceError::BrokenLink {
            file: self.owner.clone(),
            link: self.owner_path.clone(),
            target_file: file.into(),
            target_path: path.into(),
            file_missing: !file.exists(),
        }
    }

    /// A source, opened.
    pub fn get(&mut self, number: usize) -> Result<&mut Part, SourceError> {
        if self.all[number].part.is_none() {
            let Source { file, path, .. } = &self.all[number];
            if !file.exists() {
                return Err(self.broken(file, path));
            }
            let mode = if self.following { OpenMode::ReadSWMR } else { OpenMode::Read };
            let opened = open_file(file, mode)?;
            if !opened.link_exists(path.trim_start_matches('/')) {
                return Err(self.broken(file, path));
            }
            let part = Part::open(&opened, file, path, self.following, self.depth + 1)?;
            if self.open.len() >= MOST_OPEN
                && let Some(oldest) = self.open.pop_front()
            {
                self.all[oldest].part = None;
            }
            self.all[number].part = Some(part);
            self.open.push_back(number);
        }
        let broken = self.broken(&self.all[number].file, &self.all[number].path);
        self.all[number].part.as_mut().ok_or(broken)
    }

    /// The first source that there is; `None` when all are still awaited or have computed names.
    pub fn first(&mut self) -> Result<Option<&mut Part>, SourceError> {
        match self.all.iter().position(|source| source.file.exists()) {
            Some(number) => self.get(number).map(Some),
            None => Ok(None),
        }
    }

    /// All files, in the order of the mappings.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = self.all.iter().map(|source| source.file.clone()).collect();
        files.dedup();
        files
    }

    /// Chunks and blocks of the first source, bytes of all that can be opened.
    pub fn storage(&mut self) -> Storage {
        let mut storage = match self.first() {
            Ok(Some(first)) => first.storage(),
            _ => return Storage::default(),
        };
        storage.stored_bytes = 0;
        for number in 0..self.all.len() {
            if let Ok(part) = self.get(number) {
                storage.stored_bytes = storage.stored_bytes.saturating_add(part.storage().stored_bytes);
            }
        }
        storage
    }

    /// Looks at the dimensions of the open sources again.
    pub fn refresh(&mut self) -> Result<(), String> {
        self.all.iter_mut().filter_map(|source| source.part.as_mut()).try_for_each(Part::refresh)
    }
}

/// Where a mapping's file is (H5Pset_virtual): `.` is the same file; a relative name is looked for beside the file
/// of the virtual data set, then from the working folder; an absolute one that is gone, by its last part beside it.
fn resolve(owner: &Path, name: &str) -> PathBuf {
    if name == "." {
        return owner.into();
    }
    let folder = owner.parent().unwrap_or(Path::new(""));
    let (named, beside) = (PathBuf::from(name), folder.join(name));
    if named.is_absolute() {
        let moved = named.file_name().map(|last| folder.join(last));
        return match moved {
            Some(moved) if !named.exists() && moved.exists() => moved,
            _ => named,
        };
    }
    if !beside.exists() && named.exists() { named } else { beside }
}
