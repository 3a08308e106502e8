//! A data set of any rank, piece by piece: for those who take all of its chunks as they are, not frames.

use super::h5::{self, StoredType};
use super::pipeline::{Pipeline, filter_failed};
use super::places::Places;
use super::stored::Stored;
use super::{flat, search};
use crate::frame::{FrameError, Payload};
use debye_spec::{Element, Status};
use hdf5_metno::plist::dataset_create::{ChunkOpts, Layout};
use hdf5_metno::plist::file_access::FileDriver;
use hdf5_metno::{Dataset, File, sync::sync};
use hdf5_metno_sys::{h5l, h5o, h5p};
use std::ffi::{CStr, CString};
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Elements of a piece of a one-dimensional data set that has no chunks.
const LINE: u64 = 1 << 20;

/// Most bytes of a piece.
const LIMIT: u64 = 1 << 31;

/// A data set's piece as it was read.
#[derive(Debug)]
pub(crate) enum Piece {
    /// A chunk with its filters on, and which of them were skipped.
    Stored(Vec<u8>, u32),
    /// Little-endian pixels, a whole piece of them.
    Pixels(Vec<u8>),
}

/// Where the pieces of a data set stand in it.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    piece: Vec<u64>,
    counts: Vec<u64>,
}

impl Grid {
    fn new(dimensions: &[u64], piece: &[u64]) -> Grid {
        let counts = dimensions.iter().zip(piece).map(|(&whole, &size)| whole.div_ceil(size)).collect();
        Grid { piece: piece.to_vec(), counts }
    }

    /// Number of pieces.
    pub fn pieces(&self) -> u64 {
        self.counts.iter().copied().fold(1, u64::saturating_mul)
    }

    /// The first element of piece `number` (the last dimension runs first).
    pub fn at(&self, number: u64) -> Vec<u64> {
        let mut rest = number;
        let mut offset = vec![0; self.counts.len()];
        for ((at, &count), &size) in offset.iter_mut().zip(&self.counts).zip(&self.piece).rev() {
            *at = rest % count * size;
            rest /= count;
        }
        offset
    }
}

/// What makes pixels of a piece; workers have one each.
#[derive(Clone, Debug)]
pub(crate) struct Undo {
    pipeline: Pipeline,
    element: Element,
    big_endian: bool,
    bytes: usize,
}

impl Undo {
    /// The little-endian pixels of a piece.
    pub fn pixels(&self, piece: Piece) -> Result<Vec<u8>, FrameError> {
        let mut pixels = match piece {
            Piece::Pixels(pixels) => return Ok(pixels),
            Piece::Stored(stored, mask) => self.pipeline.undo(stored, mask, self.bytes, self.element.size())?,
        };
        if self.big_endian {
            pixels.chunks_exact_mut(self.element.size()).for_each(<[u8]>::reverse);
        }
        Ok(pixels)
    }
}

enum Way {
    /// Chunks by their places.
    Chunks { places: Option<Places>, raw: Option<fs::File>, edges_unfiltered: bool },
    /// Frames out of chunks of another shape.
    Frames(Box<Stored>),
    /// HDF5 reads it.
    Boxes,
}

/// A stored data set of integers, in pieces of one shape: its chunks, or frames.
pub(crate) struct RawSet {
    dataset: Dataset,
    /// Pixel type.
    pub element: Element,
    /// Dimensions.
    pub dimensions: Vec<u64>,
    /// Dimensions of a piece.
    pub piece: Vec<u64>,
    /// Whether its chunks are bslz4 chunks and nothing else.
    pub is_bslz4: bool,
    grid: Grid,
    way: Way,
    undo: Undo,
}

impl RawSet {
    /// Opens a data set; `frames` asks for one frame a piece instead of the chunks there are. The error says why it
    /// cannot be taken.
    pub fn open(dataset: Dataset, frames: bool) -> Result<RawSet, String> {
        let StoredType { element, big_endian, name } = h5::stored_type(&dataset)?;
        let element = element.ok_or_else(|| format!("its type is {name}"))?;
        let shape = dataset.get_shape().map_err(|error| h5::cause(&error))?;
        if shape.is_empty() || shape.len() > 4 {
            return Err(format!("it has {} dimensions", shape.len()));
        }
        if shape.contains(&0) {
            return Err("it is empty".into());
        }
        let filters = h5::filters(&dataset)?;
        let pipeline = Pipeline::of(&filters, element.size()).map_err(|filter| filter.to_string())?;
        let dimensions: Vec<u64> = shape.iter().map(|&n| n as u64).collect();
        let chunk: Option<Vec<u64>> = match dataset.layout() {
            Layout::Virtual => return Err("it is virtual".into()),
            Layout::Compact => return Err("it is compact".into()),
            Layout::Chunked => dataset.chunk().map(|chunk| chunk.iter().map(|&n| n as u64).collect()),
            _ => None,
        };
        let frame: Vec<u64> = match *dimensions.as_slice() {
            [length] => vec![length.min(LINE)],
            [ref leading @ .., rows, columns] => leading.iter().map(|_| 1).chain([rows, columns]).collect(),
            [] => return Err("it is a single value".into()),
        };
        let piece = match &chunk {
            Some(chunk) if !frames || shape.len() < 2 => chunk.clone(),
            _ => frame,
        };
        let bytes = piece.iter().fold(element.size() as u64, |bytes, &n| bytes.saturating_mul(n));
        if bytes > LIMIT {
            return Err(format!("a chunk of it has {bytes} bytes, more than {LIMIT}: ask for one frame a chunk"));
        }
        let is_bslz4 = chunk.is_some() && pipeline.is_bslz4(element.size());
        let ours = matches!(pipeline, Pipeline::Ours(_)) && chunk.is_some();
        let way = if ours && chunk.as_ref() == Some(&piece) {
            let sizes: Vec<usize> = piece.iter().map(|&n| n as usize).collect();
            let options = dataset.dcpl().and_then(|plist| plist.get_chunk_opts());
            let edges_unfiltered =
                matches!(options, Ok(Some(options)) if options.contains(ChunkOpts::DONT_FILTER_PARTIAL_CHUNKS));
            let plain_driver = dataset.file().and_then(|file| file.fapl()?.get_driver());
            let raw = matches!(plain_driver, Ok(FileDriver::Sec2));
            let raw = if raw { fs::File::open(dataset.filename()).ok() } else { None };
            Way::Chunks { places: Places::of(&dataset, &sizes, &shape)?, raw, edges_unfiltered }
        } else if ours {
            Way::Frames(Box::new(Stored::new(dataset.clone()).map_err(|error| error.to_string())?))
        } else {
            Way::Boxes
        };
        let frames_decoded = matches!(way, Way::Frames(_));
        let undo = Undo { pipeline, element, big_endian: big_endian && !frames_decoded, bytes: bytes as usize };
        let grid = Grid::new(&dimensions, &piece);
        Ok(RawSet { dataset, element, dimensions, piece, is_bslz4, grid, way, undo })
    }

    /// Where its pieces stand.
    pub fn grid(&self) -> Grid {
        self.grid.clone()
    }

    /// Bytes of a piece's pixels.
    pub fn piece_bytes(&self) -> usize {
        self.undo.bytes
    }

    /// Bytes of all pixels.
    pub fn bytes(&self) -> u64 {
        self.dimensions.iter().fold(self.element.size() as u64, |bytes, &n| bytes.saturating_mul(n))
    }

    /// Bytes that the file has for it.
    pub fn stored_bytes(&self) -> u64 {
        self.dataset.storage_size()
    }

    /// What makes pixels of pieces.
    pub fn undo(&self) -> Undo {
        self.undo.clone()
    }

    /// Reads piece `number`; `None` for one that was never written.
    pub fn read(&mut self, number: u64) -> Result<Option<Piece>, FrameError> {
        let offset = self.grid.at(number);
        match &mut self.way {
            Way::Chunks { places, raw, edges_unfiltered } => {
                let place = match places {
                    Some(places) => places.at(&offset),
                    None => h5::chunk_place(&self.dataset, &offset).map_err(read_failed)?,
                };
                let Some(place) = place else { return Ok(None) };
                if place.bytes > LIMIT {
                    return Err(read_failed(format!("a chunk of {} bytes is stored", place.bytes)));
                }
                let stored = match raw {
                    Some(raw) => read_at(raw, place.address, place.bytes as usize),
                    None => h5::read_chunk(&self.dataset, &offset, place.bytes as usize),
                };
                let mut each = offset.iter().zip(&self.piece).zip(&self.dimensions);
                let over_the_edge = each.any(|((&at, &size), &whole)| at + size > whole);
                let mask = if *edges_unfiltered && over_the_edge { u32::MAX } else { place.mask };
                Ok(Some(Piece::Stored(stored.map_err(read_failed)?, mask)))
            }
            Way::Frames(stored) => match stored.read(number as usize, &mut |_| None) {
                Ok(payload @ (Payload::Bslz4(_) | Payload::Lent(_))) => {
                    Ok(Some(Piece::Stored(payload.bytes().into_owned(), 0)))
                }
                Ok(Payload::Pixels(pixels)) => Ok(Some(Piece::Pixels(pixels))),
                Err(error) if error.status == Status::Missing => Ok(None),
                Err(error) => Err(error),
            },
            Way::Boxes => self.read_box(&offset).map(|pixels| Some(Piece::Pixels(pixels))),
        }
    }

    /// Reads a piece through HDF5; what is beyond the data set's edge is 0.
    fn read_box(&self, offset: &[u64]) -> Result<Vec<u8>, FrameError> {
        let count: Vec<u64> = offset
            .iter()
            .zip(&self.piece)
            .zip(&self.dimensions)
            .map(|((&at, &size), &whole)| size.min(whole - at))
            .collect();
        let size = self.element.size();
        let mut found = vec![0; count.iter().product::<u64>() as usize * size];
        h5::read_box(&self.dataset, offset, &count, self.element, &mut found).map_err(read_failed)?;
        if count == self.piece {
            return Ok(found);
        }
        let mut pixels = vec![0; self.undo.bytes];
        let (Some(&row), Some(&wide)) = (count.last(), self.piece.last()) else { return Ok(found) };
        let rows: Vec<usize> = count[..count.len() - 1].iter().map(|&n| n as usize).collect();
        for (number, row) in found.chunks_exact(row as usize * size).enumerate() {
            let at = flat::position(number, &rows);
            let line = at.iter().zip(&self.piece).fold(0, |line, (&at, &size)| line * size + at);
            let start = (line * wide) as usize * size;
            pixels[start..start + row.len()].copy_from_slice(row);
        }
        Ok(pixels)
    }
}

fn read_failed(what: String) -> FrameError {
    FrameError { status: Status::ReadFailed, ..filter_failed(what) }
}

/// Reads exactly `bytes` bytes from `at`, after checking that the file has them.
fn read_at(raw: &fs::File, at: u64, bytes: usize) -> Result<Vec<u8>, String> {
    let length = raw.metadata().map_err(|error| error.to_string())?.len();
    if at.checked_add(bytes as u64).is_none_or(|end| end > length) {
        return Err(format!("{bytes} bytes from byte {at} are beyond the file's end at byte {length}"));
    }
    let mut buffer = vec![0; bytes];
    raw.read_exact_at(&mut buffer, at).map_err(|error| error.to_string())?;
    Ok(buffer)
}

/// Paths of the data sets that hold a file's frames, by the conventions of file writers; none where there is no telling.
pub(crate) fn frames_of(opened: &File, file: &Path) -> Vec<String> {
    search::find(opened, file, None).map(|found| found.paths).unwrap_or_default()
}

/// File and path that an external link names.
pub(crate) fn external_link(group: &hdf5_metno::Group, name: &str) -> Option<(String, String)> {
    h5::external_link(group, name)
}

/// Whether the virtual data set `dataset` takes from other files than its own.
pub(crate) fn takes_from_files(dataset: &Dataset) -> bool {
    super::mapping::mappings(dataset).map_or(true, |all| all.iter().any(|mapping| mapping.file != "."))
}

/// Whether raw files outside HDF5 hold a data set's elements.
pub(crate) fn has_raw_files(dataset: &Dataset) -> bool {
    h5::raw_files(dataset) > 0
}

/// Whether the virtual data set `dataset` takes from `file` by its name.
pub(crate) fn reads_from(dataset: &Dataset, file: &Path) -> bool {
    let folder = file.parent().unwrap_or(Path::new(""));
    let is_it =
        |name: &str| matches!((folder.join(name).canonicalize(), file.canonicalize()), (Ok(a), Ok(b)) if a == b);
    dataset.layout() == Layout::Virtual
        && super::mapping::mappings(dataset).is_ok_and(|all| all.iter().any(|one| one.file != "." && is_it(&one.file)))
}

/// The path that a soft link names.
pub(crate) fn soft_link(group: &hdf5_metno::Group, name: &str) -> Option<String> {
    let name = CString::new(name).ok()?;
    sync(|| {
        let mut value = vec![0_u8; 1 << 16];
        // SAFETY: `value` is one byte longer than HDF5 is told, so the text in it always ends with 0.
        let status = unsafe {
            h5l::H5Lget_val(group.id(), name.as_ptr(), value.as_mut_ptr().cast(), value.len() - 1, h5p::H5P_DEFAULT)
        };
        let text = CStr::from_bytes_until_nul(&value).ok()?;
        (status >= 0).then(|| text.to_string_lossy().into_owned())
    })
}

/// What HDF5 says of an object's header, and room for what else it says.
#[repr(C)]
struct Header {
    header: h5o::H5O_hdr_info_t,
    rest: [u64; 16],
}

/// Copies the committed type that `name` links in `from` to the same name in `to`.
pub(crate) fn copy_type(from: &hdf5_metno::Group, name: &str, to: &hdf5_metno::Group) -> Result<(), hdf5_metno::Error> {
    let name = CString::new(name).map_err(|_| hdf5_metno::Error::from("a name with a zero byte"))?;
    sync(|| {
        // A data set whose header is damaged may pass for a type; HDF5 does not live through copying it.
        const HEADER: std::ffi::c_uint = 8;
        const LAYOUT: u64 = 1 << 8;
        let mut info = Header { header: h5o::H5O_hdr_info_t::default(), rest: [0; 16] };
        // SAFETY: the group is open and the name ends with 0; `info` begins as HDF5's own structure, and is longer.
        hdf5_metno::h5check(unsafe {
            let info = std::ptr::from_mut(&mut info).cast();
            h5o::H5Oget_native_info_by_name(from.id(), name.as_ptr(), info, HEADER, h5p::H5P_DEFAULT)
        })?;
        if info.header.mesg.present & LAYOUT != 0 {
            return Err("its header is damaged".into());
        }
        // SAFETY: both groups are open and the name ends with 0.
        let status = unsafe {
            h5o::H5Ocopy(from.id(), name.as_ptr(), to.id(), name.as_ptr(), h5p::H5P_DEFAULT, h5p::H5P_DEFAULT)
        };
        hdf5_metno::h5check(status).map(|_| ())
    })
}

/// A stored chunk of `bytes` bytes as it is.
pub(crate) fn stored_chunk(dataset: &Dataset, offset: &[u64], bytes: usize) -> Result<Vec<u8>, String> {
    h5::read_chunk(dataset, offset, bytes)
}

/// The value of a soft or external link, as its file has it.
pub(crate) fn link_value(group: &hdf5_metno::Group, name: &str) -> Result<Vec<u8>, hdf5_metno::Error> {
    let name = CString::new(name).map_err(|_| hdf5_metno::Error::from("a name with a zero byte"))?;
    sync(|| {
        let mut info = h5l::H5L_info2_t::default();
        // SAFETY: the group is open and the name ends with 0; for links that are not hard the union holds the length of the
        // value, and `value` is as long as it is said to be.
        unsafe {
            hdf5_metno::h5check(h5l::H5Lget_info2(group.id(), name.as_ptr(), &mut info, h5p::H5P_DEFAULT))?;
            if info.type_ == h5l::H5L_type_t::H5L_TYPE_HARD {
                return Ok(Vec::new());
            }
            let mut value = vec![0u8; *info.u.val_size()];
            let (to, size) = (value.as_mut_ptr().cast(), value.len());
            hdf5_metno::h5check(h5l::H5Lget_val(group.id(), name.as_ptr(), to, size, h5p::H5P_DEFAULT))?;
            Ok(value)
        }
    })
}

/// How a data set is stored, besides its layout: filters, raw files, names of what a virtual one takes from.
pub(crate) fn storage(dataset: &Dataset) -> Result<impl PartialEq, String> {
    let mapped = match dataset.layout() {
        Layout::Virtual => super::mapping::mappings(dataset)?,
        _ => Vec::new(),
    };
    let mapped: Vec<_> = mapped.into_iter().map(|one| (one.file, one.dataset, one.target, one.source)).collect();
    Ok((h5::filters(dataset)?, h5::raw_file_list(dataset)?, mapped))
}
