//! Files as an Eiger's file writer lays them out: a master with the metadata, and data files that it links to.
//!
//! ```text
//! NAME_master.h5        /entry/data/data_000001 -> NAME_data_000001.h5 : /entry/data/data
//! NAME_data_000001.h5   /entry/data/data  (frames, rows, columns), one frame a bslz4 chunk
//! ```
//!
//! Names and units follow Dectris' "EIGER API / HDF5 file format" and NXmx. An output that does not end in `_master.h5`
//! is one file with frames and metadata.

use super::dataset::ChunkDataset;
use super::error::SimulateError;
use super::metadata::{self, Metadata};
use crate::beside::Beside;
use crate::put;
use debye_spec::Element;
use hdf5_metno::File;
use std::path::{Path, PathBuf};

/// What the name of a master file ends with.
pub const MASTER_SUFFIX: &str = "_master.h5";

/// More data files than this are refused: they are all reserved before the first frame is made.
const MOST_FILES: usize = 10_000;

/// The frames' layout.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Frames in all.
    pub frames: usize,
    /// Frames of one data file.
    pub frames_per_file: usize,
    /// Rows and columns of a frame.
    pub shape: [usize; 2],
    /// Pixel type.
    pub element: Element,
}

impl Layout {
    fn files(&self) -> usize {
        self.frames.div_ceil(self.frames_per_file.max(1))
    }
}

/// Whether a file of this name is a master with data files beside it.
pub fn is_master(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(MASTER_SUFFIX))
}

/// A file that frames go to, while it is open.
struct OpenFile {
    number: usize,
    dataset: ChunkDataset,
    file: File,
}

/// Files in the making: nothing of them is seen before [`EigerWriter::finish`].
pub struct EigerWriter {
    layout: Layout,
    /// The master (or the only file) last.
    files: Vec<Beside>,
    overwrite: bool,
    split: bool,
    open: Option<OpenFile>,
}

impl EigerWriter {
    /// Reserves all files.
    ///
    /// # Errors
    /// No frames or too many files; one of the files exists and may not be overwritten; the folder cannot be written
    /// to; the name is not UTF-8 (the HDF5 library cannot take it).
    pub fn create(output: &Path, layout: Layout, overwrite: bool) -> Result<EigerWriter, SimulateError> {
        let name_error = |reason| SimulateError::Name { path: output.into(), reason };
        let (Some(name), Some(_)) = (output.file_name().and_then(|name| name.to_str()), output.to_str()) else {
            return Err(name_error("the output needs a file name in UTF-8"));
        };
        for (what, number) in
            [("the number of frames", layout.frames), ("the number of frames per file", layout.frames_per_file)]
        {
            if number == 0 {
                return Err(SimulateError::OutOfRange { what, value: "0".into(), must: "at least 1" });
            }
        }
        let bytes = [layout.shape[1], layout.element.size()]
            .iter()
            .fold(layout.shape[0] as u64, |product, &by| product.saturating_mul(by as u64));
        if bytes > u64::from(u32::MAX) {
            return Err(SimulateError::FrameTooLarge { bytes });
        }
        let split = is_master(output);
        let mut targets = Vec::new();
        if split {
            if layout.files() > MOST_FILES {
                let (what, must) = ("the number of data files", "at most 10000: raise the frames per file");
                return Err(SimulateError::OutOfRange { what, value: layout.files().to_string(), must });
            }
            let stem = name.strip_suffix(MASTER_SUFFIX).unwrap_or_default();
            if stem.is_empty() {
                return Err(name_error("the output needs a name before _master.h5"));
            }
            targets.extend((1..=layout.files()).map(|number| output.with_file_name(data_file_name(stem, number))));
        }
        targets.push(output.to_path_buf());
        let files = targets.iter().map(|target| Beside::create(target, overwrite)).collect::<Result<_, _>>()?;
        Ok(EigerWriter { layout, files, overwrite, split, open: None })
    }

    /// The files that will be there, the master (or the only file) last.
    pub fn targets(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(Beside::target)
    }

    /// Stores the next frames' chunks; they come in order.
    ///
    /// # Errors
    /// [`SimulateError::Hdf5`].
    pub fn write(&mut self, frame: usize, chunk: &[u8]) -> Result<(), SimulateError> {
        let (number, first) = if self.split {
            let number = frame / self.layout.frames_per_file;
            (number, number * self.layout.frames_per_file)
        } else {
            (0, 0)
        };
        if self.open.as_ref().is_none_or(|open| open.number != number) {
            self.close_data_file()?;
            self.open = Some(self.open_data_file(number, first)?);
        }
        let target = self.files[number].target().to_path_buf();
        match &self.open {
            Some(open) => {
                open.dataset.write(frame - first, chunk).map_err(hdf5_error(&target, || format!("frame {frame}")))
            }
            None => Ok(()),
        }
    }

    fn open_data_file(&self, number: usize, first: usize) -> Result<OpenFile, SimulateError> {
        let layout = self.layout;
        let frames = if self.split { layout.frames_per_file.min(layout.frames - first) } else { layout.frames };
        let beside = &self.files[number];
        let make = || -> hdf5_metno::Result<OpenFile> {
            let file = put::file(beside.path())?;
            let group = metadata::data_group(&file, !self.split)?;
            let dataset = ChunkDataset::create(&group, "data", layout.element, frames, layout.shape)?;
            metadata::number_images(&group, first, frames)?;
            Ok(OpenFile { number, dataset, file })
        };
        make().map_err(hdf5_error(beside.target(), || "the frames' data set".into()))
    }

    fn close_data_file(&mut self) -> Result<(), SimulateError> {
        let Some(OpenFile { number, dataset, file }) = self.open.take() else { return Ok(()) };
        drop(dataset);
        let target = self.files[number].target();
        file.flush().and_then(|()| file.close()).map_err(hdf5_error(target, || "closing it".into()))
    }

    /// Writes the metadata and renames every file to its name: `extras` first, the master last. Returns the files
    /// without `extras`, the master (or the only file) first. A failure takes back what was renamed already.
    ///
    /// # Errors
    /// [`SimulateError::Hdf5`], [`SimulateError::Beside`].
    pub fn finish(mut self, metadata: &Metadata, extras: Vec<Beside>) -> Result<Vec<PathBuf>, SimulateError> {
        if self.split {
            self.close_data_file()?;
        }
        self.write_metadata(metadata)?;
        let mut done: Vec<PathBuf> = Vec::new();
        let (all, files) = (extras.len() + self.files.len(), self.files.len());
        for beside in extras.into_iter().chain(self.files.drain(..)) {
            let target = beside.target().to_path_buf();
            if let Err(error) = beside.commit() {
                if !self.overwrite {
                    for file in &done {
                        // The first failure is the one to tell.
                        let _ = std::fs::remove_file(file);
                    }
                }
                return Err(error.into());
            }
            done.push(target);
        }
        done.drain(..all - files);
        done.rotate_right(1);
        Ok(done)
    }

    fn write_metadata(&mut self, metadata: &Metadata) -> Result<(), SimulateError> {
        let Some((beside, data_files)) = self.files.split_last() else { return Ok(()) };
        let open = self.open.take();
        let write = || -> hdf5_metno::Result<()> {
            let file = match open {
                Some(OpenFile { dataset, file, .. }) => {
                    drop(dataset);
                    file
                }
                None => {
                    let file = put::file(beside.path())?;
                    let group = metadata::data_group(&file, true)?;
                    metadata::name_signal(&group, "data_000001")?;
                    for (number, data_file) in data_files.iter().enumerate() {
                        let name = data_file.target().file_name().unwrap_or_default().to_string_lossy();
                        group.link_external(&name, "/entry/data/data", &format!("data_{:06}", number + 1))?;
                    }
                    file
                }
            };
            metadata.write(&file)?;
            file.flush()?;
            file.close()
        };
        write().map_err(hdf5_error(beside.target(), || "the metadata".into()))
    }
}

fn data_file_name(stem: &str, number: usize) -> String {
    format!("{stem}_data_{number:06}.h5")
}

fn hdf5_error(path: &Path, doing: impl Fn() -> String) -> impl FnOnce(hdf5_metno::Error) -> SimulateError {
    let (path, doing) = (path.to_path_buf(), doing());
    move |error| SimulateError::Hdf5 { path, doing, error }
}
