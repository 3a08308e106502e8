//! A whole HDF5 file anew, with its image data compressed or decompressed: `debye compress` and `debye decompress`.
//!
//! ```text
//! walk      groups, links, attributes; what is not recoded is copied by HDF5
//! sets      one data set: whether it is recoded, and how
//! pieces    its chunks: read, worked on by threads, written in order
//! references  what leads from object to object: pointed anew when all are there
//! target    the data set they go to
//! lossy     what may be taken from pixels before, when asked for; record: what is said of it in the output
//! verify    what was recoded, read again and compared; carried: what was carried over, link by link; kept: data sets
//!           that stay; equal: elements, text and references; region: selections
//! ```
//!
//! The output is written beside its name and renamed at the end, after all of it was read again and compared with the input.

pub(crate) mod attributes;
mod carried;
mod equal;
mod error;
mod kept;
mod lossy;
mod pieces;
pub(crate) mod record;
mod references;
mod region;
mod sets;
mod target;
mod values;
mod verify;
mod walk;

pub use error::RecodeError;
pub use lossy::{Lossy, Threshold};

use crate::beside::Beside;
use crate::codec::encode::Codec;
use crate::engine::encode::EncodeCards;
use crate::source::open_file;
use hdf5_metno::{File, OpenMode};
use serde::Serialize;
use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// What is to be made of data sets.
#[derive(Clone, Debug)]
pub enum Task {
    /// bslz4 chunks.
    Compress {
        /// Who makes the LZ4 blocks.
        codec: Codec,
        /// Elements of a block; bitshuffle's default if `None`.
        block: Option<usize>,
        /// One frame a chunk, whatever the input's chunks are.
        frame_chunks: bool,
        /// Data sets that are bslz4 already are done again.
        recompress: bool,
        /// What is taken from pixels before.
        lossy: Lossy,
    },
    /// Chunks without a filter.
    Decompress,
}

/// Cards that encode.
#[derive(Clone, Debug)]
pub struct Cards {
    /// They.
    pub cards: Arc<EncodeCards>,
    /// A data set that they cannot take is an error; else the CPU does it.
    pub only: bool,
}

/// A job.
#[derive(Clone, Debug)]
pub struct Request {
    /// File to read.
    pub input: PathBuf,
    /// File to write.
    pub output: PathBuf,
    /// Replace the output if it exists.
    pub overwrite: bool,
    /// What to make.
    pub task: Task,
    /// Paths of the data sets to recode; all that can be, if there are none.
    pub datasets: Vec<String>,
    /// Threads that work on chunks.
    pub threads: usize,
    /// Who encodes before the CPU does.
    pub cards: Option<Cards>,
    /// Read again and compare before the output gets its name.
    pub verify: bool,
    /// Program and arguments, for the record in the output.
    pub command_line: String,
}

/// A data set that was recoded.
#[derive(Clone, Debug, Serialize)]
pub struct Recoded {
    /// Its path.
    pub path: String,
    /// numpy's name of its type.
    pub dtype: &'static str,
    /// Dimensions.
    pub dimensions: Vec<u64>,
    /// Dimensions of a chunk.
    pub chunk: Vec<u64>,
    /// Chunks written.
    pub chunks: u64,
    /// Bytes of its pixels.
    pub pixel_bytes: u64,
    /// Bytes that the input has for it.
    pub stored_before: u64,
    /// Bytes that the output has for it.
    pub stored_after: u64,
    /// `pixel_bytes / stored_after`.
    pub ratio: f64,
    /// Whether lossy steps were applied.
    pub lossy: bool,
}

/// Something that stayed as it was, or was left behind, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Note {
    /// Its path.
    pub path: String,
    /// Why.
    pub why: String,
}

/// What came of a job.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// File read.
    #[serde(serialize_with = "as_text")]
    pub input: PathBuf,
    /// File written.
    #[serde(serialize_with = "as_text")]
    pub output: PathBuf,
    /// Data sets recoded.
    pub datasets: Vec<Recoded>,
    /// Data sets copied as they are.
    pub kept: Vec<Note>,
    /// What could not be carried over.
    pub left_behind: Vec<Note>,
    /// Bytes of the input file.
    pub input_bytes: u64,
    /// Bytes of the output file.
    pub output_bytes: u64,
    /// Bytes of the recoded pixels.
    pub pixel_bytes: u64,
    /// Pixel bytes for each byte that the recoded data sets take now.
    pub ratio: f64,
    /// Seconds of reading, working and writing.
    pub seconds: f64,
    /// GB (1e9) of pixels a second in that time.
    pub pixel_gb_per_s: f64,
    /// Seconds of reading again and comparing; 0 without.
    pub verify_seconds: f64,
    /// Whether all of the output was read again and was found equal.
    pub verified: bool,
    /// Threads.
    pub threads: usize,
    /// Chunks that cards made.
    pub card_chunks: u64,
    /// What a person should know of the cards' work: what the CPU did in their place, and why.
    pub engine_notes: Vec<String>,
}

/// How far a job is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Bytes of pixels done, of those recoded so far; comparing counts once more.
    pub done: u64,
    /// Bytes stored so far.
    pub stored: u64,
    /// Comparing.
    pub verifying: bool,
}

/// Does a job. `progress` is told with every chunk; `stop` ends it early, with nothing left behind.
///
/// # Errors
/// [`RecodeError`]: input or output cannot be, nothing can be recoded, a chunk is corrupt, what was written differs.
pub fn run(request: &Request, stop: &AtomicBool, progress: &mut dyn FnMut(Progress)) -> Result<Report, RecodeError> {
    let input = open_file(&request.input, OpenMode::Read)?;
    if same_file(&request.input, &request.output) {
        return Err(RecodeError::SameFile(request.output.clone()));
    }
    let beside = Beside::create(&request.output, request.overwrite)?;
    let start = Instant::now();
    let mut walk = walk::Walk::new(request, &input, stop, progress)?;
    let done = {
        let hdf5 = |error| RecodeError::hdf5("make", beside.target(), &error);
        // The root group says what it keeps itself; the file's own property list does not.
        let look = |error| RecodeError::hdf5("look at", &request.input, &error);
        let kept = input.group("/").and_then(|root| root.create_plist()).map_err(look)?;
        let (links, attributes) = kept
            .get_link_creation_order()
            .and_then(|links| Ok((links, kept.get_attr_creation_order()?)))
            .map_err(look)?;
        let user_block = input.fcpl().and_then(|plist| plist.get_userblock()).map_err(look)?;
        let output = File::with_options()
            .with_fapl(|access| access.libver_v18())
            .with_fcpl(|creation| {
                creation
                    .obj_track_times(false)
                    .userblock(user_block)
                    .link_creation_order(links)
                    .attr_creation_order(attributes)
            })
            .create(beside.path())
            .map_err(hdf5)?;
        let done = walk.copy(&input, &output)?;
        output.flush().map_err(hdf5)?;
        output.close().map_err(hdf5)?;
        copy_start(&request.input, beside.path(), user_block).map_err(|error| beside.io_error(error))?;
        done
    };
    let seconds = start.elapsed().as_secs_f64();
    let verifying = Instant::now();
    if request.verify {
        walk.verify(&input, beside.path(), &done)?;
    }
    let told = request.cards.as_ref().map(|cards| cards.cards.told()).unwrap_or_default();
    let mut engine_notes = done.by_cpu;
    engine_notes.extend(told.dropped);
    if told.refused > 0 {
        engine_notes.push(format!("{} chunk(s) were refused by a card and made by the CPU", told.refused));
    }
    let output_bytes = fs::metadata(beside.path()).map_or(0, |file| file.len());
    let pixel_bytes: u64 = done.datasets.iter().map(|set| set.pixel_bytes).sum();
    let stored: u64 = done.datasets.iter().map(|set| set.stored_after).sum();
    beside.commit()?;
    Ok(Report {
        input: request.input.clone(),
        output: request.output.clone(),
        datasets: done.datasets,
        kept: done.kept,
        left_behind: done.left_behind,
        input_bytes: fs::metadata(&request.input).map_or(0, |file| file.len()),
        output_bytes,
        pixel_bytes,
        ratio: ratio(pixel_bytes, stored),
        seconds,
        pixel_gb_per_s: pixel_bytes as f64 / 1e9 / seconds.max(1e-9),
        verify_seconds: if request.verify { verifying.elapsed().as_secs_f64() } else { 0.0 },
        verified: request.verify,
        threads: request.threads,
        card_chunks: told.made,
        engine_notes,
    })
}

/// A name that is not UTF-8 is told as well as it can be.
fn as_text<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

fn ratio(pixels: u64, stored: u64) -> f64 {
    if stored == 0 { 0.0 } else { pixels as f64 / stored as f64 }
}

/// The first bytes of a file, which HDF5 leaves to its users.
fn copy_start(from: &Path, to: &Path, bytes: u64) -> io::Result<()> {
    if bytes == 0 {
        return Ok(());
    }
    let mut to = OpenOptions::new().write(true).open(to)?;
    io::copy(&mut fs::File::open(from)?.take(bytes), &mut to).map(|_| ())
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}
