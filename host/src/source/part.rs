//! A data set by its path: stored, or virtual.

use super::error::SourceError;
use super::stored::Stored;
use super::virtual_set::VirtualSet;
use super::{Storage, h5};
use crate::frame::{FrameError, Lender, Payload};
use debye_spec::Element;
use hdf5_metno::plist::dataset_create::Layout;
use hdf5_metno::{Dataset, File};
use std::path::{Path, PathBuf};

/// A data set of frames.
#[derive(Debug)]
pub(super) enum Part {
    /// One that holds its frames.
    Stored(Box<Stored>),
    /// One that is put together from others.
    Virtual(Box<VirtualSet>),
}

impl Part {
    /// Opens `path` in a file, through links. `depth` counts the virtual data sets that led here.
    pub fn open(opened: &File, file: &Path, path: &str, following: bool, depth: usize) -> Result<Part, SourceError> {
        let dataset = open_dataset(opened, file, path)?;
        if dataset.layout() == Layout::Virtual {
            return VirtualSet::new(dataset, following, depth).map(|set| Part::Virtual(Box::new(set)));
        }
        Stored::new(dataset).map(|stored| Part::Stored(Box::new(stored)))
    }

    /// Rows and columns of a frame.
    pub fn shape(&self) -> [usize; 2] {
        match self {
            Part::Stored(part) => part.shape,
            Part::Virtual(part) => part.shape,
        }
    }

    /// Pixel type.
    pub fn element(&self) -> Element {
        match self {
            Part::Stored(part) => part.element,
            Part::Virtual(part) => part.element,
        }
    }

    /// Shape and type, for messages.
    pub fn describe(&self) -> String {
        let [rows, columns] = self.shape();
        format!("{rows} x {columns} {}", self.element().name())
    }

    /// How frames are stored, for people.
    pub fn filter(&self) -> String {
        match self {
            Part::Stored(part) => part.pipeline.to_string(),
            Part::Virtual(part) => part.filter(),
        }
    }

    /// Dimensions of the data set.
    pub fn dimensions(&self) -> Vec<usize> {
        match self {
            Part::Stored(part) => part.dimensions.clone(),
            Part::Virtual(part) => part.dimensions.clone(),
        }
    }

    /// The files whose bytes are read.
    pub fn files(&self) -> Vec<PathBuf> {
        match self {
            Part::Stored(part) => vec![part.file.clone()],
            Part::Virtual(part) => part.files(),
        }
    }

    /// How it is stored.
    pub fn storage(&self) -> Storage {
        match self {
            Part::Stored(part) => part.storage(),
            Part::Virtual(part) => part.storage(),
        }
    }

    /// Number of frames.
    pub fn frames(&self) -> usize {
        match self {
            Part::Stored(part) => part.frames(),
            Part::Virtual(part) => part.frames(),
        }
    }

    /// Whether a frame was written, as far as that can be told without reading it.
    pub fn is_there(&self, frame: usize) -> bool {
        match self {
            Part::Stored(part) => part.is_there(frame),
            Part::Virtual(part) => part.is_there(frame),
        }
    }

    /// Reads a frame, into memory that `lender` lends where that can be.
    pub fn read(&mut self, frame: usize, lender: &mut Lender<'_>) -> Result<Payload, FrameError> {
        match self {
            Part::Stored(part) => part.read(frame, lender),
            Part::Virtual(part) => part.read(frame, lender),
        }
    }

    /// Whether HDF5 alone could read it, with the filters that it has itself.
    pub fn hdf5_can_read(&self) -> bool {
        match self {
            Part::Stored(part) => {
                h5::filters(&part.dataset).is_ok_and(|filters| filters.iter().all(|one| h5::filter_available(one.id)))
            }
            Part::Virtual(_) => true,
        }
    }

    /// Looks at the dimensions again.
    pub fn refresh(&mut self) -> Result<(), String> {
        match self {
            Part::Stored(part) => part.refresh(),
            Part::Virtual(part) => part.refresh(),
        }
    }
}

/// Opens a data set; a link that leads nowhere is told apart from a name that is not there.
pub(super) fn open_dataset(opened: &File, file: &Path, path: &str) -> Result<Dataset, SourceError> {
    opened.dataset(path).map_err(|error| match h5::external_link(opened, path) {
        Some((target_file, target_path)) => {
            // The library's rule for relative names (H5Lcreate_external): beside the file with the link.
            let beside = file.parent().unwrap_or(Path::new("")).join(&target_file);
            let target = if beside.exists() || !Path::new(&target_file).exists() { beside } else { target_file.into() };
            SourceError::BrokenLink {
                file: file.into(),
                link: path.into(),
                file_missing: !target.exists(),
                target_file: target,
                target_path,
            }
        }
        None => SourceError::Hdf5 { file: file.into(), message: format!("{path}: {}", h5::cause(&error)) },
    })
}
