//! Images from files: masks and flat fields.
//!
//! The format is told by the file's first bytes, not by its name: `.npy`, EDF (also gzipped), TIFF, Fit2D's mask
//! and HDF5, where `FILE.h5::/path/of/data` names a data set.

mod bslz4;
mod edf;
mod error;
mod fit2d;
mod hdf5;
mod npy;
mod samples;
mod search;
#[cfg(test)]
mod tests;
mod tiff;

pub use error::{Fault, ImageError};

use debye_spec::bounds::MAX_PIXELS;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Most bytes of a file: the largest image of the widest type with a generous header.
const MAX_BYTES: u64 = MAX_PIXELS as u64 * 8 + (1 << 24);

/// A 2D image of any type, as f64 (whole numbers above 2^53 are rounded).
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Where it came from: the file, and the data set where there is one.
    pub source: String,
    /// Rows and columns.
    pub shape: [usize; 2],
    /// Row by row.
    pub values: Vec<f64>,
}

/// A mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    /// Where it came from.
    pub source: String,
    /// Rows and columns.
    pub shape: [usize; 2],
    /// Row by row: true = masked.
    pub masked: Vec<bool>,
}

impl Image {
    /// Whether the image is of the frames' rows and columns.
    ///
    /// # Errors
    /// [`ImageError::Shape`].
    pub fn check_shape(&self, frames: [usize; 2]) -> Result<(), ImageError> {
        check_shape(&self.source, self.shape, frames)
    }
}

impl Mask {
    /// Whether the mask is of the frames' rows and columns.
    ///
    /// # Errors
    /// [`ImageError::Shape`].
    pub fn check_shape(&self, frames: [usize; 2]) -> Result<(), ImageError> {
        check_shape(&self.source, self.shape, frames)
    }
}

fn check_shape(source_name: &str, shape: [usize; 2], frames: [usize; 2]) -> Result<(), ImageError> {
    if shape == frames { Ok(()) } else { Err(ImageError::Shape { source_name: source_name.into(), shape, frames }) }
}

/// What an image is for: which data sets are looked for in an HDF5 file when none is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Any,
    Mask,
    Flat,
}

/// Reads an image: `FILE`, or `FILE::DATASET` for HDF5. Without a data set, the only image of the file is taken.
///
/// # Errors
/// [`ImageError`].
pub fn read(spec: &str) -> Result<Image, ImageError> {
    read_for(spec, Purpose::Any)
}

/// Reads a mask: non-zero (true) and NaN mean masked. In HDF5 files without a data set named, `mask` and
/// `pixel_mask` are looked for at the root and in the places of an Eiger master, before the only image is taken.
///
/// # Errors
/// [`ImageError`].
pub fn read_mask(spec: &str) -> Result<Mask, ImageError> {
    let image = read_for(spec, Purpose::Mask)?;
    // NaN != 0 holds, so NaN is masked.
    let masked = image.values.iter().map(|&value| value != 0.0).collect();
    Ok(Mask { source: image.source, shape: image.shape, masked })
}

/// Reads a flat field. In HDF5 files without a data set named, `flatfield` is looked for as `mask` is by
/// [`read_mask`].
///
/// # Errors
/// [`ImageError`].
pub fn read_flat(spec: &str) -> Result<Image, ImageError> {
    read_for(spec, Purpose::Flat)
}

fn read_for(spec: &str, purpose: Purpose) -> Result<Image, ImageError> {
    let (path, dataset) = match spec.split_once("::") {
        Some((path, dataset)) => (PathBuf::from(path), Some(dataset)),
        None => (PathBuf::from(spec), None),
    };
    let mut file = open(&path)?;
    let mut head = Vec::new();
    file.by_ref().take(16).read_to_end(&mut head).map_err(|error| ImageError::Read { path: path.clone(), error })?;
    if head.is_empty() {
        return Err(ImageError::Empty { path });
    }
    match Format::of(&head) {
        Some(Format::Hdf5) => hdf5::read(&path, dataset, purpose),
        // Some other file may be far larger than any image: it is not read.
        None => Err(ImageError::Unknown { path }),
        Some(_) if dataset.is_some() => Err(ImageError::NotHdf5 { path }),
        Some(_) => parse(&read_all(&path, head, file)?, &path),
    }
}

fn open(path: &Path) -> Result<File, ImageError> {
    let read_error = |error| ImageError::Read { path: path.into(), error };
    let file = File::open(path).map_err(read_error)?;
    if file.metadata().map_err(read_error)?.is_dir() {
        return Err(ImageError::IsFolder { path: path.into() });
    }
    Ok(file)
}

/// The bytes of a file whose first bytes were read already; no more than an image can have.
fn read_all(path: &Path, head: Vec<u8>, rest: impl Read) -> Result<Vec<u8>, ImageError> {
    let mut bytes = head;
    let read = rest.take(MAX_BYTES).read_to_end(&mut bytes);
    read.map_err(|error| ImageError::Read { path: path.into(), error })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ImageError::TooLarge { path: path.into(), limit: MAX_BYTES });
    }
    Ok(bytes)
}

/// Formats, told by their first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Npy,
    Edf,
    Tiff,
    Fit2d,
    Hdf5,
    Gzip,
}

impl Format {
    fn of(head: &[u8]) -> Option<Format> {
        match head {
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Some(Format::Npy),
            [0x89, b'H', b'D', b'F', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Format::Hdf5),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Format::Tiff),
            [b'M', 0, 0, 0, b'A', 0, 0, 0, b'S', 0, 0, 0, b'K', 0, 0, 0] => Some(Format::Fit2d),
            [0x1f, 0x8b, ..] => Some(Format::Gzip),
            [b'{', ..] | [b'\n', b'{', ..] | [b'\r', b'\n', b'{', ..] => Some(Format::Edf),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Format::Npy => "npy",
            Format::Edf => "EDF",
            Format::Tiff => "TIFF",
            Format::Fit2d => "Fit2D mask",
            Format::Hdf5 => "HDF5",
            Format::Gzip => "gzip",
        }
    }
}

/// An image out of the bytes of any format but HDF5.
fn parse(bytes: &[u8], path: &Path) -> Result<Image, ImageError> {
    let format = Format::of(bytes.get(..16).unwrap_or(bytes));
    let plane = match format {
        Some(Format::Npy) => npy::parse(bytes),
        Some(Format::Edf) => edf::parse(bytes),
        Some(Format::Tiff) => tiff::parse(bytes),
        Some(Format::Fit2d) => fit2d::parse(bytes),
        Some(Format::Gzip) => return unzip(bytes, path),
        Some(Format::Hdf5) | None => return Err(ImageError::Unknown { path: path.into() }),
    };
    let format = format.map_or("", Format::name);
    let plane = plane.map_err(|fault| ImageError::Bad { source_name: path.display().to_string(), format, fault })?;
    Ok(Image { source: path.display().to_string(), shape: plane.shape, values: plane.values })
}

fn unzip(bytes: &[u8], path: &Path) -> Result<Image, ImageError> {
    let inner = read_all(path, Vec::new(), MultiGzDecoder::new(bytes).take(MAX_BYTES + 1))?;
    match Format::of(inner.get(..16).unwrap_or(&inner)) {
        // One layer is enough: a file that unpacks to itself must end somewhere.
        Some(Format::Gzip | Format::Hdf5) | None => Err(ImageError::Unknown { path: path.into() }),
        Some(_) => parse(&inner, path),
    }
}

/// What every format gives.
#[derive(Debug, PartialEq)]
struct Plane {
    shape: [usize; 2],
    values: Vec<f64>,
}

/// Rows and columns of an array that is one image: two dimensions, after any number of dimensions of length 1.
fn plane_of(dimensions: &[usize]) -> Result<[usize; 2], Fault> {
    let wrong = || Fault::Dimensions(dimensions.to_vec());
    let [leading @ .., rows, columns] = dimensions else { return Err(wrong()) };
    let pixels = rows.checked_mul(*columns).ok_or_else(wrong)?;
    if leading.iter().any(|&length| length != 1) || pixels == 0 || pixels > MAX_PIXELS as usize {
        return Err(wrong());
    }
    Ok([*rows, *columns])
}
