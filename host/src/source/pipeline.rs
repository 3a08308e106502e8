//! A data set's filters, and undoing them on one chunk without HDF5.
//!
//! Numbers: the HDF Group's registry of filter plugins. Filters are undone last first; a bit of the chunk's filter
//! mask says that the writer skipped that filter for this chunk.

use super::h5::{StoredFilter, filter_available};
use super::{plain_lz4, unfilter};
use crate::frame::FrameError;
use debye_spec::{ChunkError, ChunkHeader, Status};
use std::fmt;

const DEFLATE: i32 = 1;
const SHUFFLE: i32 = 2;
const FLETCHER32: i32 = 3;
const LZ4: i32 = 32004;
const BITSHUFFLE: i32 = 32008;

/// Most that any of these filters can make of one byte (deflate: 1032, LZ4: 255); hostile sizes stop here, before
/// memory is taken for them.
const LARGEST_RATIO: usize = 1100;

/// One step of undoing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// zlib.
    Deflate,
    /// Bytes of elements grouped by significance.
    Shuffle,
    /// Four bytes of checksum at the end.
    Fletcher32,
    /// HDF5's plain LZ4.
    Lz4,
    /// Bitshuffle with LZ4; element size.
    Bslz4(usize),
    /// Bitshuffle alone; element size and elements of a block (0: bitshuffle's default).
    Bitshuffle(usize, usize),
}

/// A filter that cannot be undone here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// Registered number.
    pub id: i32,
    /// Its name, when the writer gave one or it is well known.
    pub name: String,
    /// What to do.
    pub advice: &'static str,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "filter {} ({}), which is not read: {}", self.id, self.name, self.advice)
    }
}

/// How chunks are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pipeline {
    /// We undo the filters.
    Ours(Vec<Step>),
    /// HDF5 knows all of them, we do not.
    Hdf5(String),
}

impl Pipeline {
    /// Sorts out a data set's filters.
    pub fn of(filters: &[StoredFilter], element_size: usize) -> Result<Pipeline, Unsupported> {
        let mut steps = Vec::new();
        for filter in filters {
            match step(filter, element_size)? {
                Some(step) => steps.push(step),
                None => {
                    if let Some(unknown) = filters.iter().find(|filter| !filter_available(filter.id)) {
                        return Err(unsupported(unknown));
                    }
                    let names: Vec<String> = filters.iter().map(name_of).collect();
                    return Ok(Pipeline::Hdf5(names.join("+")));
                }
            }
        }
        Ok(Pipeline::Ours(steps))
    }

    /// Whether chunks are bslz4 chunks of elements of this size and nothing else.
    pub fn is_bslz4(&self, element_size: usize) -> bool {
        *self == Pipeline::Ours(vec![Step::Bslz4(element_size)])
    }

    /// Undoes the filters of one chunk that must make `size` bytes.
    pub fn undo(&self, stored: Vec<u8>, mask: u32, size: usize, element_size: usize) -> Result<Vec<u8>, FrameError> {
        let Pipeline::Ours(steps) = self else {
            return Err(filter_failed("the filters are HDF5's own".into()));
        };
        let mut bytes = stored;
        for (number, step) in steps.iter().enumerate().rev() {
            if number < 32 && mask >> number & 1 == 1 {
                continue;
            }
            // Only the filters before this one, which add at most a few bytes, stand between its output and `size`.
            let most = size.saturating_add(size / 8).saturating_add(1024);
            if size / LARGEST_RATIO > bytes.len() && matches!(step, Step::Deflate | Step::Lz4 | Step::Bslz4(_)) {
                return Err(filter_failed(format!("{} stored bytes cannot hold a chunk of {size} bytes", bytes.len())));
            }
            bytes = match *step {
                Step::Deflate => unfilter::inflate(&bytes, most)?,
                Step::Shuffle => unfilter::unshuffle_bytes(&bytes, element_size),
                Step::Fletcher32 => unfilter::check_fletcher32(bytes)?,
                Step::Lz4 => plain_lz4::decode(&bytes, most)?,
                Step::Bslz4(element_size) => {
                    let (stated, _) = ChunkHeader::fields(&bytes)?;
                    if number == 0 && stated != size as u64 {
                        return Err(ChunkError::SizeMismatch { stated, expected: size as u64 }.into());
                    }
                    unfilter::bslz4(&bytes, element_size, most)?
                }
                Step::Bitshuffle(element_size, block) => unfilter::bit_unshuffle(&bytes, element_size, block),
            };
        }
        if bytes.len() != size {
            return Err(filter_failed(format!("the chunk makes {} bytes, not {size}", bytes.len())));
        }
        Ok(bytes)
    }
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = match self {
            Pipeline::Hdf5(names) => return f.write_str(names),
            Pipeline::Ours(steps) if steps.is_empty() => return f.write_str("none"),
            Pipeline::Ours(steps) => steps,
        };
        for (number, step) in steps.iter().enumerate() {
            if number > 0 {
                f.write_str("+")?;
            }
            f.write_str(match step {
                Step::Deflate => "gzip",
                Step::Shuffle => "shuffle",
                Step::Fletcher32 => "fletcher32",
                Step::Lz4 => "lz4",
                Step::Bslz4(_) => "bslz4",
                Step::Bitshuffle(..) => "bitshuffle",
            })?;
        }
        Ok(())
    }
}

/// A frame error for a filter's fault.
pub(super) fn filter_failed(message: String) -> FrameError {
    FrameError { status: Status::FilterFailed, message }
}

/// Our step for a filter; `None` when we have none but HDF5 may.
fn step(filter: &StoredFilter, element_size: usize) -> Result<Option<Step>, Unsupported> {
    let value = |index: usize| filter.values.get(index).map_or(0, |&value| value as usize);
    Ok(Some(match filter.id {
        DEFLATE => Step::Deflate,
        SHUFFLE => Step::Shuffle,
        FLETCHER32 => Step::Fletcher32,
        LZ4 => Step::Lz4,
        BITSHUFFLE => {
            // cd_values: major, minor, element size, elements of a block, codec (bshuf_h5filter.c).
            let size = if value(2) == 0 { element_size } else { value(2) };
            let codec = value(4);
            if !matches!(size, 1 | 2 | 4) {
                let name = format!("bitshuffle of {size}-byte elements");
                return Err(Unsupported { id: filter.id, name, advice: "write it with the data set's own pixel type" });
            }
            match codec {
                0 if value(3) % 8 == 0 => Step::Bitshuffle(size, value(3)),
                0 => {
                    let name = format!("bitshuffle in blocks of {} elements", value(3));
                    return Err(Unsupported { id: filter.id, name, advice: "blocks must be a multiple of 8 elements" });
                }
                2 => Step::Bslz4(size),
                3 => {
                    let name = "bitshuffle with Zstandard".into();
                    return Err(Unsupported { id: filter.id, name, advice: RECOMPRESS });
                }
                codec => {
                    let name = format!("bitshuffle with codec {codec}");
                    return Err(Unsupported { id: filter.id, name, advice: RECOMPRESS });
                }
            }
        }
        _ => return Ok(None),
    }))
}

const RECOMPRESS: &str = "write it again with bitshuffle-LZ4 (32008), for instance with h5repack and hdf5plugin";

fn unsupported(filter: &StoredFilter) -> Unsupported {
    Unsupported { id: filter.id, name: name_of(filter), advice: RECOMPRESS }
}

fn name_of(filter: &StoredFilter) -> String {
    let known = match filter.id {
        DEFLATE => "gzip",
        SHUFFLE => "shuffle",
        FLETCHER32 => "fletcher32",
        4 => "szip",
        5 => "nbit",
        6 => "scaleoffset",
        307 => "bzip2",
        32000 => "lzf",
        32001 => "blosc",
        LZ4 => "lz4",
        BITSHUFFLE => "bitshuffle",
        32013 => "zfp",
        32015 => "zstd",
        32017 => "sz",
        32026 => "blosc2",
        _ => "",
    };
    match (known, filter.name.as_str()) {
        ("", "") => "unnamed".into(),
        ("", name) => name.into(),
        (known, _) => known.into(),
    }
}
