//! A set: frames of one kind in a folder, as contenders read them.
//!
//! ```text
//! meta.json    name, shape, dtype, itemsize, block, nframes, raw_bytes, poni
//! geom.poni    the geometry                  mask.u8     a byte a pixel, not 0 = masked
//! frames.raw   pixels, little-endian         chunks.bin  each frame's bslz4 chunk, one after the other
//! frames.h5    the chunks in /entry/data/data            chunks.tsv  offset and length of each, in a line
//! ```
//!
//! Whoever reads a set takes what its operation needs: the chunks, say, or the pixels without the geometry.

use crate::frame::FrameError;
use crate::geometry::{Geometry, PoniError, RadialUnit, poni};
use crate::put;
use crate::simulate::dataset::ChunkDataset;
use crate::table::{self, BuildError, Request, Split, Table};
use debye_spec::Element;
use serde::Deserialize;
use serde_json::json;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

#[derive(Deserialize)]
struct Meta {
    shape: [usize; 2],
    dtype: Option<String>,
    itemsize: usize,
    block: usize,
}

/// A folder with frames.
#[derive(Clone, Debug)]
pub struct Set {
    path: PathBuf,
    /// Rows and columns.
    pub shape: [usize; 2],
    /// Pixel type.
    pub element: Element,
    /// Bytes of a block.
    pub block: usize,
}

/// Why a set cannot be used or made.
#[derive(Debug, Error)]
pub enum SetError {
    /// A file of it cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file of it is wrong.
    #[error("{}: {what}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Its geometry cannot be read.
    #[error(transparent)]
    Poni(#[from] PoniError),
    /// Its geometry makes no table.
    #[error(transparent)]
    Table(#[from] BuildError),
    /// A frame cannot be decoded.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

/// What a set is made of.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// Its name.
    pub name: &'a str,
    /// Rows and columns.
    pub shape: [usize; 2],
    /// Pixel type.
    pub element: Element,
    /// Where the detector stands.
    pub geometry: &'a Geometry,
    /// One a pixel, true = masked.
    pub masked: &'a [bool],
    /// The frames' bslz4 chunks, which have blocks of one size.
    pub chunks: &'a [Vec<u8>],
    /// The frames' pixels.
    pub pixels: &'a [Vec<u8>],
}

impl Set {
    /// The set in a folder.
    ///
    /// # Errors
    /// There is no `meta.json`, or it says what cannot be.
    pub fn read(path: &Path) -> Result<Set, SetError> {
        let bytes = read(path, "meta.json")?;
        let wrong = |what| SetError::Wrong { path: path.join("meta.json"), what };
        let meta: Meta = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        let named = |element: &Element| meta.dtype.as_deref().is_none_or(|name| name == element.name());
        let mut fitting = Element::ALL.into_iter().filter(|element| element.size() == meta.itemsize);
        let element = fitting.find(named).ok_or_else(|| {
            let name = meta.dtype.as_deref().unwrap_or("pixels");
            wrong(format!("{name} of {} bytes; uint8, uint16, uint32, int16 and int32 are possible", meta.itemsize))
        })?;
        Ok(Set { path: path.into(), shape: meta.shape, element, block: meta.block })
    }

    /// Writes a set into a folder that is there.
    ///
    /// # Errors
    /// A file cannot be written, or there is no frame.
    pub fn write(path: &Path, content: &Content<'_>) -> Result<Set, SetError> {
        let Content { name, shape, element, geometry, masked, chunks, pixels } = *content;
        let wrong = |file: &str, what: String| SetError::Wrong { path: path.join(file), what };
        let header = chunks.first().ok_or_else(|| wrong("chunks.bin", "there is no frame".into()))?;
        let (_, block) =
            debye_spec::ChunkHeader::fields(header).map_err(|error| wrong("chunks.bin", error.to_string()))?;
        let detector = &geometry.detector;
        let meta = json!({
            "name": name, "shape": shape, "dtype": element.name(), "itemsize": element.size(), "block": block,
            "nframes": chunks.len(), "raw_bytes": chunks.len() * shape[0] * shape[1] * element.size(),
            "poni": {
                "dist": geometry.distance, "poni1": geometry.poni1, "poni2": geometry.poni2, "rot1": geometry.rot1,
                "rot2": geometry.rot2, "rot3": geometry.rot3, "wavelength": geometry.wavelength,
                "pixel1": detector.pixel1, "pixel2": detector.pixel2,
            },
        });
        let mut at = 0;
        let places = chunks.iter().map(|chunk| {
            at += chunk.len();
            format!("{}\t{}\n", at - chunk.len(), chunk.len())
        });
        write(path, "meta.json", meta.to_string().as_bytes())?;
        write(path, "geom.poni", poni::format(geometry).as_bytes())?;
        write(path, "mask.u8", &masked.iter().map(|&masked| u8::from(masked)).collect::<Vec<_>>())?;
        write(path, "chunks.tsv", places.collect::<String>().as_bytes())?;
        write(path, "chunks.bin", &chunks.concat())?;
        write(path, "frames.raw", &pixels.concat())?;
        let stored = || -> hdf5_metno::Result<()> {
            let file = put::file(&path.join("frames.h5"))?;
            let group = put::class(&put::class(&file, "entry", "NXentry")?, "data", "NXdata")?;
            let dataset = ChunkDataset::create(&group, "data", element, chunks.len(), shape)?;
            chunks.iter().enumerate().try_for_each(|(frame, chunk)| dataset.write(frame, chunk))
        };
        stored().map_err(|error| wrong("frames.h5", error.to_string()))?;
        Ok(Set { path: path.into(), shape, element, block: block as usize })
    }

    /// The frames' chunks.
    ///
    /// # Errors
    /// They are not there, or `chunks.tsv` names what is not.
    pub fn chunks(&self) -> Result<Vec<Vec<u8>>, SetError> {
        let (all, places) = (read(&self.path, "chunks.bin")?, read(&self.path, "chunks.tsv")?);
        let wrong = |what: &str| SetError::Wrong { path: self.path.join("chunks.tsv"), what: what.into() };
        let mut chunks = Vec::new();
        for line in String::from_utf8_lossy(&places).lines() {
            let place: Result<Vec<usize>, _> = line.split('\t').map(str::parse).collect();
            // Lines that are not two numbers are headings.
            let Ok([offset, length]) = place.as_deref() else { continue };
            let chunk = all.get(*offset..).and_then(|all| all.get(..*length));
            chunks.push(chunk.ok_or_else(|| wrong("it names bytes that chunks.bin does not have"))?.to_vec());
        }
        if chunks.is_empty() { Err(wrong("it names no chunk")) } else { Ok(chunks) }
    }

    /// The frames' pixels, one frame after the other.
    ///
    /// # Errors
    /// They are not there.
    pub fn raw(&self) -> Result<Vec<u8>, SetError> {
        read(&self.path, "frames.raw")
    }

    /// Pixels of a frame.
    pub fn pixels(&self) -> usize {
        self.shape[0] * self.shape[1]
    }

    /// The table that contenders integrate with: q, solid angle, nothing else.
    ///
    /// # Errors
    /// Geometry or mask are missing or do not fit the frames.
    pub fn table(&self, radial_bins: usize, split: Split) -> Result<Table, SetError> {
        Ok(table::build(&Request {
            geometry: poni::read(&self.path.join("geom.poni"))?,
            shape: self.shape,
            unit: RadialUnit::QPerA,
            radial_bins,
            caked: false,
            azimuth_bins: None,
            radial_range: None,
            azimuth_range: None,
            split,
            mask: read(&self.path, "mask.u8")?.into_iter().map(|masked| masked != 0).collect(),
            flat: None,
            solid_angle: true,
            polarization: None,
        })?)
    }
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>, SetError> {
    let path = folder.join(name);
    fs::read(&path).map_err(|error| SetError::Io { path, error })
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), SetError> {
    let path = folder.join(name);
    fs::write(&path, bytes).map_err(|error| SetError::Io { path, error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::encode::Encoder;
    use crate::table::tests::request;

    #[test]
    fn set_that_was_written_reads_back_and_makes_the_same_table() {
        let folder = tempfile::tempdir().unwrap();
        let request = Request { flat: None, polarization: None, ..request() };
        let pixels: Vec<Vec<u8>> = (0..3)
            .map(|frame| (0..request.mask.len()).flat_map(|k| ((k * 7 + frame) as u16 % 50).to_le_bytes()).collect())
            .collect();
        let mut encoder = Encoder::new(Element::U16, Some(64)).unwrap();
        let chunks: Vec<Vec<u8>> = (pixels.iter())
            .map(|pixels| {
                let mut chunk = Vec::new();
                encoder.encode(pixels, &mut chunk).unwrap();
                chunk
            })
            .collect();
        let content = Content {
            name: "small",
            shape: request.shape,
            element: Element::U16,
            geometry: &request.geometry,
            masked: &request.mask,
            chunks: &chunks,
            pixels: &pixels,
        };
        Set::write(folder.path(), &content).unwrap();
        let set = Set::read(folder.path()).unwrap();
        assert_eq!((set.shape, set.element, set.block), (request.shape, Element::U16, 128));
        assert_eq!((set.chunks().unwrap(), set.raw().unwrap()), (chunks.clone(), pixels.concat()));
        let wanted = table::build(&Request {
            unit: RadialUnit::QPerA,
            solid_angle: true,
            caked: false,
            azimuth_bins: None,
            radial_range: None,
            azimuth_range: None,
            ..request.clone()
        })
        .unwrap();
        let made = set.table(request.radial_bins, request.split).unwrap();
        assert_eq!((made.entries, made.norm), (wanted.entries, wanted.norm));
        let mut stored = crate::source::open(&folder.path().join("frames.h5"), None).unwrap();
        assert_eq!(&*stored.read(2).unwrap().bytes(), &chunks[2][..]);

        fs::write(folder.path().join("chunks.tsv"), "offset\tlength\n0\t99999999\n").unwrap();
        assert!(matches!(set.chunks(), Err(SetError::Wrong { .. })));
        fs::write(folder.path().join("meta.json"), "{\"shape\": [1, 2], \"itemsize\": 3, \"block\": 8}").unwrap();
        assert!(matches!(Set::read(folder.path()), Err(SetError::Wrong { .. })));
        assert!(matches!(Set::read(&folder.path().join("none")), Err(SetError::Io { .. })));
    }
}
