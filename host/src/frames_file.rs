//! The frames of a run as an HDF5 file of bslz4 chunks, one frame a chunk, written while they are integrated.
//!
//! The data set stands where the input has it (frames of several data sets in a row: `data` beside the first), with its
//! type and attributes, as `debye compress` would leave it. A frame that failed has no chunk: whoever reads it gets the
//! fill value, which is a code that counts as invalid, and an NXprocess `debye_frames` names such frames.

use crate::beside::Beside;
use crate::engine::keep::Maker;
use crate::put;
use crate::recode::record::processes;
use crate::recode::{Note, RecodeError, attributes};
use crate::run::{Row, Sink};
use crate::simulate::dataset::{ChunkDataset, ChunkLayout};
use crate::source::{FrameSource, open_file};
use debye_spec::Element;
use debye_spec::encode::DEFAULT_BLOCK_BYTES;
use hdf5_metno::{Error, File, OpenMode};
use serde::Serialize;
use std::error::Error as StdError;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What is said of a group on the way to the frames.
const GROUP_ATTRIBUTES: [&str; 4] = ["NX_class", "default", "signal", "interpretation"];

/// A file to be made.
#[derive(Clone, Copy)]
pub struct FramesRequest<'a> {
    /// Its name.
    pub target: &'a Path,
    /// Replace it if it exists.
    pub overwrite: bool,
    /// Where the frames come from.
    pub source: &'a dyn FrameSource,
    /// Which of them.
    pub frames: &'a Range<usize>,
    /// Whether chunks that were made are compared with the pixels before they come here.
    pub verified: bool,
    /// Program and arguments, for the record.
    pub command_line: &'a str,
}

/// What a file of frames came to.
#[derive(Clone, Debug, Serialize)]
pub struct FramesReport {
    /// The file.
    pub path: PathBuf,
    /// The data set in it.
    pub dataset: String,
    /// Frames that have their chunk.
    pub frames: usize,
    /// Frames that failed and have none.
    pub failed: usize,
    /// Bytes of the chunks.
    pub bytes: u64,
    /// Bytes of their pixels.
    pub pixel_bytes: u64,
    /// `pixel_bytes / bytes`; 0 without any.
    pub ratio: f64,
    /// Chunks that cards made on the way.
    pub made_by_card: usize,
    /// Chunks that the CPU made.
    pub made_by_cpu: usize,
    /// Chunks of the input, copied as they were.
    pub as_stored: usize,
    /// Whether each chunk that was made was decoded and found equal to the pixels.
    pub verified: bool,
    /// Attributes that could not be carried over.
    pub left_behind: Vec<Note>,
}

/// See the module. Dropped without [`FramesFile::close`], it leaves no file behind.
pub struct FramesFile {
    // Declared before `beside`: HDF5 lets go of the file before it is removed.
    dataset: ChunkDataset,
    file: File,
    beside: Beside,
    first: usize,
    frame_bytes: u64,
    input: [String; 2],
    command_line: String,
    report: FramesReport,
    failed: Vec<(u64, u8)>,
}

/// Where frames come from and go to.
struct Place {
    /// Data set of the input whose attributes are carried over.
    like: String,
    path: String,
    dimensions: Vec<u64>,
}

impl FramesFile {
    /// Makes the file beside its target, with all that is known before the first frame.
    ///
    /// # Errors
    /// The target exists or cannot be made, the input cannot be opened again, HDF5 refuses something.
    pub fn create(request: &FramesRequest<'_>) -> Result<FramesFile, RecodeError> {
        let FramesRequest { target, source, .. } = *request;
        let info = source.info();
        let beside = Beside::create(target, request.overwrite)?;
        let hdf5 = |action| move |error: Error| RecodeError::hdf5(action, target, &error);
        let place = place(source, request.frames);
        let input = open_file(&info.file, OpenMode::Read)?;
        let file = File::with_options()
            .with_fapl(|access| access.libver_v18())
            .with_fcpl(|creation| creation.obj_track_times(false))
            .create(beside.path())
            .map_err(hdf5("make"))?;
        let layout = ChunkLayout {
            element: info.element,
            dimensions: place.dimensions,
            block: block_of(source, info.element),
            fill: [0xff; 4],
        };
        let (dataset, left) = make(&input, &file, &place.path, &place.like, &layout).map_err(hdf5("write"))?;
        let left = left
            .into_iter()
            .map(|name| Note { path: format!("{}@{name}", place.path), why: "it holds references".into() });
        let left_behind = left.collect();
        let report = FramesReport {
            path: target.into(),
            dataset: place.path,
            frames: 0,
            failed: 0,
            bytes: 0,
            pixel_bytes: 0,
            ratio: 0.0,
            made_by_card: 0,
            made_by_cpu: 0,
            as_stored: 0,
            verified: request.verified,
            left_behind,
        };
        Ok(FramesFile {
            dataset,
            file,
            beside,
            first: request.frames.start,
            frame_bytes: (info.shape[0] * info.shape[1] * info.element.size()) as u64,
            input: [info.file.to_string_lossy().into_owned(), info.dataset.clone()],
            command_line: request.command_line.into(),
            report,
            failed: Vec::new(),
        })
    }

    fn hdf5(&self, action: &'static str) -> impl Fn(Error) -> RecodeError + use<> {
        let target = self.beside.target().to_path_buf();
        move |error| RecodeError::hdf5(action, &target, &error)
    }

    /// Writes a frame's chunk, or notes that it has none.
    ///
    /// # Errors
    /// The disk is full; the engine kept no chunk of a frame that did not fail.
    pub fn append(&mut self, row: &Row) -> Result<(), RecodeError> {
        let report = &mut self.report;
        let Some(kept) = &row.kept else {
            if row.status == debye_spec::Status::Ok {
                let dataset = report.dataset.clone();
                let why = format!("frame {} came without its chunk; please report this", row.frame);
                return Err(RecodeError::Dataset { file: report.path.clone(), dataset, why });
            }
            report.failed += 1;
            self.failed.push((row.frame as u64, row.status.code()));
            return Ok(());
        };
        let chunk = kept.chunk.bytes();
        report.frames += 1;
        report.bytes += chunk.len() as u64;
        report.pixel_bytes += self.frame_bytes;
        *match kept.maker {
            Maker::Card => &mut report.made_by_card,
            Maker::Cpu => &mut report.made_by_cpu,
            Maker::Input => &mut report.as_stored,
        } += 1;
        let number = row.frame.checked_sub(self.first).unwrap_or(usize::MAX);
        self.dataset.write(number, &chunk).map_err(self.hdf5("write"))
    }

    /// Writes what is known only now and closes the file; the caller gives it its name.
    ///
    /// # Errors
    /// The disk is full.
    pub fn close(mut self) -> Result<(Beside, FramesReport), RecodeError> {
        if self.report.bytes > 0 {
            self.report.ratio = self.report.pixel_bytes as f64 / self.report.bytes as f64;
        }
        let fail = self.hdf5("write");
        self.record().map_err(&fail)?;
        // Flushed before it is closed: closing has no way to tell that the disk is full.
        self.file.flush().map_err(&fail)?;
        drop(self.dataset);
        self.file.close().map_err(&fail)?;
        Ok((self.beside, self.report))
    }

    fn record(&self) -> Result<(), Error> {
        const WHAT: &str = "frames kept by debye integrate: bslz4 chunks written in the pass that made their patterns";
        let report = &self.report;
        for process in processes(&self.file, "debye_frames", &self.command_line, WHAT)? {
            put::text(&process, "input", &self.input[0])?;
            put::text(&process, "input_dataset", &self.input[1])?;
            put::number(&process, "first_frame", self.first as u64)?;
            put::number(&process, "made_by_card", report.made_by_card as u64)?;
            put::number(&process, "made_by_cpu", report.made_by_cpu as u64)?;
            put::number(&process, "as_stored", report.as_stored as u64)?;
            put::number(&process, "verified", report.verified)?;
            let (frames, codes): (Vec<u64>, Vec<u8>) = self.failed.iter().copied().unzip();
            if !frames.is_empty() {
                put::vector(&process, "failed_frames", &frames)?;
                put::vector(&process, "failed_status", &codes)?;
            }
        }
        Ok(())
    }
}

impl Sink for FramesFile {
    fn row(&mut self, row: &Row) -> Result<(), Box<dyn StdError + Send + Sync>> {
        Ok(self.append(row)?)
    }
}

fn place(source: &dyn FrameSource, frames: &Range<usize>) -> Place {
    let info = source.info();
    let mut dimensions: Vec<u64> = [frames.len(), info.shape[0], info.shape[1]].map(|n| n as u64).into();
    let Some(origin) = source.origin(frames.start) else {
        return Place { like: info.dataset.clone(), path: "/entry/data/data".into(), dimensions };
    };
    let mut path = origin.dataset.clone();
    if path != info.dataset {
        // One of several in a row.
        let (group, _) = path.rsplit_once('/').unwrap_or_default();
        path = format!("{group}/data");
    } else if *frames == (0..source.frames()) {
        dimensions = origin.dimensions.iter().map(|&n| n as u64).collect();
    }
    Place { like: origin.dataset, path: format!("/{}", path.trim_matches('/')), dimensions }
}

/// Elements of a block as the filter's values state them. What counts is each chunk's own header.
fn block_of(source: &dyn FrameSource, element: Element) -> u32 {
    let stated = source.storage().block_bytes.unwrap_or(DEFAULT_BLOCK_BYTES as u32);
    if stated == DEFAULT_BLOCK_BYTES as u32 { 0 } else { stated / element.size() as u32 }
}

/// Makes the data set at `path` with the groups above it, like that at `like` in the input; gives the names of attributes
/// that were left behind.
fn make(
    input: &File,
    file: &File,
    path: &str,
    like: &str,
    layout: &ChunkLayout,
) -> Result<(ChunkDataset, Vec<String>), Error> {
    let mut group = file.as_group()?;
    attributes::copy_named(input, &group, &GROUP_ATTRIBUTES)?;
    let (groups, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut at = String::new();
    for part in groups.split('/').filter(|part| !part.is_empty()) {
        at = format!("{at}/{part}");
        group = group.create_group_builder().obj_track_times(false).create(part)?;
        // The input may have the frames under another name, and not this group.
        if let Ok(like) = input.group(&at) {
            attributes::copy_named(&like, &group, &GROUP_ATTRIBUTES)?;
        }
    }
    let dataset = ChunkDataset::with(&group, name, layout)?;
    let left = match input.dataset(like) {
        Ok(like) => {
            let made = group.dataset(name)?;
            attributes::copy(&like, &made)?
        }
        Err(_) => Vec::new(),
    };
    Ok((dataset, left))
}
