//! One data set in one file: finding the bytes of its frames.

use super::assemble::Cache;
use super::error::SourceError;
use super::h5::ChunkPlace;
use super::pipeline::Pipeline;
use super::places::Places;
use super::{Storage, h5};
use crate::frame::{FrameError, Lender, Payload};
use debye_spec::{ChunkHeader, Element, Status};
use hdf5_metno::Dataset;
use hdf5_metno::plist::dataset_create::{ChunkOpts, Layout as H5Layout};
use hdf5_metno::plist::file_access::FileDriver;
use std::cell::OnceCell;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Most bytes of a frame's pixels or of a decoded chunk: far above any detector's, so that a hostile file cannot
/// make us take all memory.
const LIMIT: u64 = 1 << 31;

/// Where a data set keeps its elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// In one piece from this byte of the file.
    Contiguous(u64),
    /// In chunks of these dimensions.
    Chunked(Vec<usize>),
    /// HDF5 finds them: compact data, raw files outside HDF5, filters that only HDF5 knows.
    Hdf5,
    /// Nowhere yet.
    Unallocated,
}

/// A data set of frames that is not virtual.
#[derive(Debug)]
pub(super) struct Stored {
    /// File that holds it.
    pub file: PathBuf,
    /// Its path in that file.
    pub path: String,
    /// Its dimensions; the last two are a frame's.
    pub dimensions: Vec<usize>,
    /// Rows and columns of a frame.
    pub shape: [usize; 2],
    /// Pixel type.
    pub element: Element,
    /// How chunks are filtered.
    pub pipeline: Pipeline,
    pub(super) layout: Layout,
    pub(super) dataset: Dataset,
    pub(super) cache: Cache,
    /// Found when the first chunk is asked for; forgotten when the file is looked at again.
    places: OnceCell<Option<Places>>,
    big_endian: bool,
    /// Chunks over the data set's edge are stored without filters (`H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS`).
    edges_unfiltered: bool,
    /// The file for reading past HDF5; `None` when HDF5's driver is not the plain one.
    raw: Option<File>,
}

impl Stored {
    /// Takes an open data set, which must not be virtual.
    pub fn new(dataset: Dataset) -> Result<Stored, SourceError> {
        let (file, path) = (PathBuf::from(dataset.filename()), dataset.name());
        let hdf5 = |message| SourceError::Hdf5 { file: file.clone(), message };
        let dimensions = dataset.get_shape().map_err(|error| hdf5(h5::cause(&error)))?;
        let shape = frame_shape(&file, &path, &dimensions)?;
        let stored_type = h5::stored_type(&dataset).map_err(hdf5)?;
        let Some(element) = stored_type.element else {
            return Err(SourceError::Dtype { file, dataset: path, dtype: stored_type.name });
        };
        check_bytes(&file, &path, "a frame", &shape, element)?;
        let filters = h5::filters(&dataset).map_err(hdf5)?;
        let pipeline = Pipeline::of(&filters, element.size()).map_err(|filter| SourceError::Filter {
            file: file.clone(),
            dataset: path.clone(),
            filter,
        })?;
        let layout = layout(&dataset, &pipeline);
        if let Layout::Chunked(chunk) = &layout {
            check_bytes(&file, &path, "a chunk", chunk, element)?;
        }
        let options = dataset.dcpl().and_then(|plist| plist.get_chunk_opts());
        let edges_unfiltered =
            matches!(options, Ok(Some(options)) if options.contains(ChunkOpts::DONT_FILTER_PARTIAL_CHUNKS));
        let plain_driver = dataset.file().and_then(|file| file.fapl()?.get_driver());
        let raw = if matches!(plain_driver, Ok(FileDriver::Sec2)) { File::open(&file).ok() } else { None };
        Ok(Stored {
            file,
            path,
            dimensions,
            shape,
            element,
            pipeline,
            layout,
            dataset,
            cache: Cache::default(),
            places: OnceCell::new(),
            big_endian: stored_type.big_endian,
            edges_unfiltered,
            raw,
        })
    }

    /// Number of frames: the leading dimensions flattened.
    pub fn frames(&self) -> usize {
        let leading = &self.dimensions[..self.dimensions.len() - 2];
        leading.iter().fold(1, |product: usize, &n| product.saturating_mul(n))
    }

    /// Bytes of a frame's pixels.
    pub fn frame_bytes(&self) -> usize {
        self.shape[0] * self.shape[1] * self.element.size()
    }

    /// Looks at the dimensions again (the file is being written).
    pub fn refresh(&mut self) -> Result<(), String> {
        self.dataset.refresh().map_err(|error| h5::cause(&error))?;
        let dimensions = self.dataset.get_shape().map_err(|error| h5::cause(&error))?;
        if dimensions.len() != self.dimensions.len() || !dimensions.ends_with(&self.shape) {
            return Err(format!("{} changed its shape from {:?} to {dimensions:?}", self.path, self.dimensions));
        }
        self.dimensions = dimensions;
        self.layout = layout(&self.dataset, &self.pipeline);
        self.cache.clear();
        self.places = OnceCell::new();
        Ok(())
    }

    /// How it is stored, with the block size from the first frame's chunk.
    pub fn storage(&self) -> Storage {
        let chunk = match &self.layout {
            Layout::Chunked(chunk) => Some(chunk.clone()),
            _ => None,
        };
        Storage { chunk, block_bytes: self.block_bytes(), stored_bytes: self.dataset.storage_size() }
    }

    fn block_bytes(&self) -> Option<u32> {
        if !self.pipeline.is_bslz4(self.element.size()) || !matches!(self.layout, Layout::Chunked(_)) {
            return None;
        }
        let place = h5::chunk_place(&self.dataset, &vec![0; self.dimensions.len()]).ok()??;
        if place.mask != 0 {
            return None;
        }
        let mut header = [0; 12];
        self.raw.as_ref()?.read_exact_at(&mut header, place.address).ok()?;
        ChunkHeader::fields(&header).ok().map(|(_, block)| block)
    }

    /// Reads a frame. A bslz4 chunk goes into memory that `lender` lends, if it does.
    pub fn read(&mut self, frame: usize, lender: &mut Lender<'_>) -> Result<Payload, FrameError> {
        if frame >= self.frames() {
            return Err(missing(format!("frame {frame} of {} is beyond the data set", self.frames())));
        }
        let mut start: Vec<u64> = super::flat::position(frame, &self.dimensions[..self.dimensions.len() - 2]);
        start.extend([0, 0]);
        match self.layout.clone() {
            Layout::Unallocated => Err(missing(format!("{} has no data yet", self.path))),
            Layout::Contiguous(from) => {
                let bytes = self.frame_bytes();
                let at = (frame as u64).checked_mul(bytes as u64).and_then(|at| at.checked_add(from));
                let pixels = match (&self.raw, at) {
                    (Some(raw), Some(at)) => read_at(raw, at, bytes).map_err(|what| self.failed(&what))?,
                    _ => self.read_through_hdf5(&start)?,
                };
                Ok(Payload::Pixels(self.to_little_endian(pixels)))
            }
            Layout::Hdf5 => Ok(Payload::Pixels(self.read_through_hdf5(&start)?)),
            Layout::Chunked(chunk) if self.one_frame_a_chunk(&chunk) => {
                let (place, mask) = self.find(&start)?.ok_or_else(|| self.absent(&start))?;
                let goes_as_it_is = mask == 0 && !self.big_endian && self.pipeline.is_bslz4(self.element.size());
                if goes_as_it_is
                    && let Some(raw) = &self.raw
                    && let Some(lent) = lender(place.bytes as usize)
                {
                    let filled = check_end(raw, place.address, place.bytes)
                        .and_then(|()| lent.fill(raw, place.address).map_err(|error| error.to_string()));
                    return filled.map(|()| Payload::Lent(lent)).map_err(|what| self.failed(&what));
                }
                let stored = self.bytes_at(&start, &place)?;
                if goes_as_it_is {
                    return Ok(Payload::Bslz4(stored));
                }
                Ok(Payload::Pixels(self.decode(stored, mask, self.frame_bytes())?))
            }
            Layout::Chunked(chunk) => self.assemble(&start, &chunk).map(Payload::Pixels),
        }
    }

    /// Undoes a chunk's filters and the byte order.
    pub(super) fn decode(&self, stored: Vec<u8>, mask: u32, size: usize) -> Result<Vec<u8>, FrameError> {
        let bytes = self.pipeline.undo(stored, mask, size, self.element.size())?;
        Ok(self.to_little_endian(bytes))
    }

    /// The stored bytes and filter mask of the chunk at `offset`; `None` when it was never written.
    pub(super) fn fetch(&self, offset: &[u64]) -> Result<Option<(Vec<u8>, u32)>, FrameError> {
        match self.find(offset)? {
            Some((place, mask)) => Ok(Some((self.bytes_at(offset, &place)?, mask))),
            None => Ok(None),
        }
    }

    /// Where the chunk at `offset` stands, and its filter mask.
    fn find(&self, offset: &[u64]) -> Result<Option<(ChunkPlace, u32)>, FrameError> {
        let Some(place) = self.place(offset).map_err(|what| self.failed(&what))? else {
            return Ok(None);
        };
        if place.bytes > LIMIT {
            return Err(self.failed(&format!("a chunk of {} bytes is stored", place.bytes)));
        }
        let mask = if self.edges_unfiltered && self.is_over_the_edge(offset) { u32::MAX } else { place.mask };
        Ok(Some((place, mask)))
    }

    fn bytes_at(&self, offset: &[u64], place: &ChunkPlace) -> Result<Vec<u8>, FrameError> {
        let bytes = place.bytes as usize;
        let stored = match &self.raw {
            Some(raw) => read_at(raw, place.address, bytes),
            None => h5::read_chunk(&self.dataset, offset, bytes),
        };
        stored.map_err(|what| self.failed(&what))
    }

    fn place(&self, offset: &[u64]) -> Result<Option<ChunkPlace>, String> {
        if self.places.get().is_none()
            && let Layout::Chunked(chunk) = &self.layout
        {
            // An index that cannot be walked over is asked for each chunk, and tells then what is wrong with it.
            let places = Places::of(&self.dataset, chunk, &self.dimensions).unwrap_or(None);
            // Nobody else can have set it.
            let _ = self.places.set(places);
        }
        match self.places.get() {
            Some(Some(places)) => Ok(places.at(offset)),
            _ => h5::chunk_place(&self.dataset, offset),
        }
    }

    fn is_over_the_edge(&self, offset: &[u64]) -> bool {
        let Layout::Chunked(chunk) = &self.layout else { return false };
        let mut each = offset.iter().zip(chunk).zip(&self.dimensions);
        each.any(|((&at, &size), &whole)| at.saturating_add(size as u64) > whole as u64)
    }

    /// Whether there is a chunk for a frame, as far as that can be told without reading.
    pub fn is_there(&self, frame: usize) -> bool {
        match &self.layout {
            Layout::Chunked(chunk) => {
                let leading = self.dimensions.len() - 2;
                let mut offset = super::flat::position(frame, &self.dimensions[..leading]);
                for (at, &size) in offset.iter_mut().zip(chunk) {
                    *at -= *at % (size.max(1) as u64);
                }
                offset.extend([0, 0]);
                matches!(h5::chunk_place(&self.dataset, &offset), Ok(Some(_)))
            }
            Layout::Unallocated => false,
            Layout::Contiguous(_) | Layout::Hdf5 => true,
        }
    }

    fn one_frame_a_chunk(&self, chunk: &[usize]) -> bool {
        let leading = chunk.len() - 2;
        chunk[..leading].iter().all(|&n| n == 1) && chunk[leading..] == self.shape
    }

    fn read_through_hdf5(&self, start: &[u64]) -> Result<Vec<u8>, FrameError> {
        let mut pixels = vec![0; self.frame_bytes()];
        let mut count = vec![1; start.len() - 2];
        count.extend(self.shape.map(|n| n as u64));
        h5::read_box(&self.dataset, start, &count, self.element, &mut pixels).map_err(|what| self.failed(&what))?;
        Ok(pixels)
    }

    fn to_little_endian(&self, mut pixels: Vec<u8>) -> Vec<u8> {
        if self.big_endian {
            pixels.chunks_exact_mut(self.element.size()).for_each(<[u8]>::reverse);
        }
        pixels
    }

    pub(super) fn absent(&self, offset: &[u64]) -> FrameError {
        missing(format!("{} in {} has no chunk at {offset:?}", self.path, self.file.display()))
    }

    fn failed(&self, what: &str) -> FrameError {
        let message = format!("{} in {} cannot be read: {what}", self.path, self.file.display());
        FrameError { status: Status::ReadFailed, message }
    }
}

/// An error for a frame that is not there.
pub(super) fn missing(message: String) -> FrameError {
    FrameError { status: Status::Missing, message }
}

/// The last two dimensions.
pub(super) fn frame_shape(file: &Path, path: &str, dimensions: &[usize]) -> Result<[usize; 2], SourceError> {
    match *dimensions {
        [.., rows, columns] if rows > 0 && columns > 0 => Ok([rows, columns]),
        [_, .., _] => {
            let dimensions = dimensions.to_vec();
            Err(SourceError::NoFrames { file: file.into(), dataset: path.into(), dimensions })
        }
        _ => Err(SourceError::Rank { file: file.into(), dataset: path.into(), dimensions: dimensions.to_vec() }),
    }
}

/// Refuses frames and chunks that no detector makes.
pub(super) fn check_bytes(
    file: &Path,
    path: &str,
    what: &'static str,
    dimensions: &[usize],
    element: Element,
) -> Result<(), SourceError> {
    let bytes = dimensions.iter().fold(element.size() as u64, |bytes, &n| bytes.saturating_mul(n as u64));
    if bytes <= LIMIT {
        return Ok(());
    }
    Err(SourceError::TooLarge { file: file.into(), dataset: path.into(), what, bytes, limit: LIMIT })
}

fn layout(dataset: &Dataset, pipeline: &Pipeline) -> Layout {
    match (dataset.layout(), pipeline) {
        (H5Layout::Chunked, Pipeline::Ours(_)) => match dataset.chunk() {
            Some(chunk) if chunk.len() == dataset.ndim() && chunk.iter().all(|&n| n > 0) => Layout::Chunked(chunk),
            _ => Layout::Hdf5,
        },
        (H5Layout::Contiguous, _) if h5::raw_files(dataset) == 0 => match dataset.offset() {
            Some(offset) => Layout::Contiguous(offset),
            None => Layout::Unallocated,
        },
        _ => Layout::Hdf5,
    }
}

/// Reads exactly `bytes` bytes from `at`, after checking that the file has them.
fn read_at(raw: &File, at: u64, bytes: usize) -> Result<Vec<u8>, String> {
    check_end(raw, at, bytes as u64)?;
    let mut buffer = vec![0; bytes];
    raw.read_exact_at(&mut buffer, at).map_err(|error| error.to_string())?;
    Ok(buffer)
}

fn check_end(raw: &File, at: u64, bytes: u64) -> Result<(), String> {
    let length = raw.metadata().map_err(|error| error.to_string())?.len();
    match at.checked_add(bytes).is_none_or(|end| end > length) {
        true => Err(format!("{bytes} bytes from byte {at} are beyond the file's end at byte {length}")),
        false => Ok(()),
    }
}
