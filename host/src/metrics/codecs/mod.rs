//! Lossless codecs, one frame a chunk, each in the layout of its HDF5 filter: what they make is what a file stores.
//!
//! | name | filter | chunk |
//! |---|---|---|
//! | `bslz4` | 32008 | debye's encoder ([`debye_spec::matches`]), which a card has too |
//! | `bslz4-liblz4` | 32008 | the same with liblz4 behind the bit transpose: what detectors write |
//! | `bszstd[:LEVEL]` | 32008 | bit transpose, then Zstd block by block |
//! | `zstd[:LEVEL]` | 32015 | one Zstd frame |
//! | `lz4` | 32004 | liblz4 with `H5Zlz4.c`'s header; as it is where that is not larger |
//! | `gzip[:LEVEL]` | 1 | a zlib stream |
//!
//! Blosc2 is not among them: its Rust bindings build the C library with copies of Zstd and LZ4 of its own, next to those that
//! are linked here already.

mod bslz4;
mod bszstd;
mod plain;

use crate::codec::encode::{self, EncodeError};
use debye_spec::Element;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Level of Zstd unless another is asked for: hdf5plugin's.
pub const ZSTD_LEVEL: i32 = 3;

/// Level of gzip unless another is asked for: h5py's.
pub const GZIP_LEVEL: i32 = 4;

/// A codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// bslz4 by debye.
    Bslz4,
    /// bslz4 by liblz4.
    Bslz4Liblz4,
    /// Bitshuffle with Zstd, and its level.
    Bszstd(i32),
    /// Zstd, and its level.
    Zstd(i32),
    /// LZ4.
    Lz4,
    /// zlib, and its level.
    Gzip(i32),
}

/// Why a codec failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{codec}: {reason}")]
pub struct CodecError {
    /// Its name.
    pub codec: Codec,
    /// What it said.
    pub reason: String,
}

/// A codec with its buffers. Each frame is coded for itself.
pub trait Coder: Send {
    /// Codes a frame's little-endian pixels into `stored`, whose former content is dropped.
    ///
    /// # Errors
    /// The library refused.
    fn encode(&mut self, pixels: &[u8], stored: &mut Vec<u8>) -> Result<(), String>;

    /// Decodes a frame of so many bytes of pixels into memory of its own.
    ///
    /// # Errors
    /// The chunk is not sound.
    fn decode(&mut self, stored: &[u8], bytes: usize) -> Result<(), String>;

    /// Appends what was decoded last, as little-endian pixels.
    fn decoded(&self, pixels: &mut Vec<u8>);
}

impl Codec {
    /// All codecs at their usual levels.
    pub const USUAL: [Codec; 6] = [
        Codec::Bslz4,
        Codec::Bslz4Liblz4,
        Codec::Bszstd(ZSTD_LEVEL),
        Codec::Zstd(ZSTD_LEVEL),
        Codec::Lz4,
        Codec::Gzip(GZIP_LEVEL),
    ];

    /// The name without a level.
    fn family(self) -> &'static str {
        match self {
            Codec::Bslz4 => "bslz4",
            Codec::Bslz4Liblz4 => "bslz4-liblz4",
            Codec::Bszstd(_) => "bszstd",
            Codec::Zstd(_) => "zstd",
            Codec::Lz4 => "lz4",
            Codec::Gzip(_) => "gzip",
        }
    }

    /// Its level, where it has one.
    pub fn level(self) -> Option<i32> {
        match self {
            Codec::Bszstd(level) | Codec::Zstd(level) | Codec::Gzip(level) => Some(level),
            _ => None,
        }
    }

    /// Who does it, and the layout of what it makes.
    pub fn describe(self, element: Element) -> String {
        let block = encode::default_block_elements(element.size()) * element.size();
        let zstd = zstd::zstd_safe::version_string();
        match self {
            Codec::Bslz4 => format!("debye's encoder, blocks of {block} B, HDF5 filter 32008"),
            Codec::Bslz4Liblz4 => format!("debye's bit transpose and liblz4, blocks of {block} B, HDF5 filter 32008"),
            Codec::Bszstd(level) => format!(
                "debye's bit transpose and libzstd {zstd} at level {level}, blocks of {block} B, HDF5 filter 32008"
            ),
            Codec::Zstd(level) => format!("libzstd {zstd} at level {level}, HDF5 filter 32015"),
            Codec::Lz4 => "liblz4, HDF5 filter 32004".into(),
            Codec::Gzip(level) => format!("zlib-rs at level {level}, HDF5 filter 1 (another zlib differs by a little)"),
        }
    }

    /// A coder of frames of this type.
    ///
    /// # Errors
    /// The library cannot be set up.
    pub fn coder(self, element: Element) -> Result<Box<dyn Coder>, CodecError> {
        let failed = |reason: String| CodecError { codec: self, reason };
        let words = |error: EncodeError| failed(error.to_string());
        let said = |error: std::io::Error| failed(error.to_string());
        Ok(match (self, element.size()) {
            (Codec::Bslz4, 1) => Box::new(bslz4::Bslz4::<u8>::new(element, encode::Codec::Debye).map_err(words)?),
            (Codec::Bslz4, 2) => Box::new(bslz4::Bslz4::<u16>::new(element, encode::Codec::Debye).map_err(words)?),
            (Codec::Bslz4, _) => Box::new(bslz4::Bslz4::<u32>::new(element, encode::Codec::Debye).map_err(words)?),
            (Codec::Bslz4Liblz4, 1) => {
                Box::new(bslz4::Bslz4::<u8>::new(element, encode::Codec::Liblz4).map_err(words)?)
            }
            (Codec::Bslz4Liblz4, 2) => {
                Box::new(bslz4::Bslz4::<u16>::new(element, encode::Codec::Liblz4).map_err(words)?)
            }
            (Codec::Bslz4Liblz4, _) => {
                Box::new(bslz4::Bslz4::<u32>::new(element, encode::Codec::Liblz4).map_err(words)?)
            }
            (Codec::Bszstd(level), 1) => Box::new(bszstd::Bszstd::<u8>::new(level).map_err(said)?),
            (Codec::Bszstd(level), 2) => Box::new(bszstd::Bszstd::<u16>::new(level).map_err(said)?),
            (Codec::Bszstd(level), _) => Box::new(bszstd::Bszstd::<u32>::new(level).map_err(said)?),
            (Codec::Zstd(level), _) => Box::new(plain::Zstd::new(level).map_err(said)?),
            (Codec::Lz4, _) => Box::<plain::Lz4>::default(),
            (Codec::Gzip(level), _) => Box::new(plain::Gzip::new(level as u32)),
        })
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level() {
            Some(level) if !Codec::USUAL.contains(self) => write!(f, "{}:{level}", self.family()),
            _ => f.write_str(self.family()),
        }
    }
}

impl FromStr for Codec {
    type Err = String;

    fn from_str(text: &str) -> Result<Codec, String> {
        let (family, level) = match text.split_once(':') {
            Some((family, level)) => {
                (family, Some(level.parse::<i32>().map_err(|_| format!("{level:?} is no level"))?))
            }
            None => (text, None),
        };
        let names: Vec<&str> = Codec::USUAL.iter().map(|codec| codec.family()).collect();
        let usual = Codec::USUAL.into_iter().find(|codec| codec.family() == family);
        let usual = usual.ok_or_else(|| format!("{family:?} is no codec: give {}", names.join(", ")))?;
        let within = |level: i32, most: i32| match (1..=most).contains(&level) {
            true => Ok(level),
            false => Err(format!("{family} has levels 1 to {most}, not {level}")),
        };
        match (usual, level) {
            (codec, None) => Ok(codec),
            (Codec::Bszstd(_), Some(level)) => within(level, 22).map(Codec::Bszstd),
            (Codec::Zstd(_), Some(level)) => within(level, 22).map(Codec::Zstd),
            (Codec::Gzip(_), Some(level)) => within(level, 9).map(Codec::Gzip),
            (codec, Some(_)) => Err(format!("{codec} has no levels")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codecs_are_known_by_their_names_and_levels() {
        for codec in Codec::USUAL.into_iter().chain([Codec::Zstd(9), Codec::Gzip(1), Codec::Bszstd(22)]) {
            assert_eq!(codec.to_string().parse(), Ok(codec));
        }
        for text in ["", "zip", "lz4:3", "zstd:0", "zstd:23", "gzip:10", "zstd:x", "bslz4:1"] {
            assert!(text.parse::<Codec>().is_err(), "{text}");
        }
    }

    #[test]
    fn chunk_that_is_damaged_is_an_error_and_no_panic() {
        let pixels: Vec<u8> = (0..40_000u32).flat_map(|k| (((k * k) >> 9) as u16 % 50).to_le_bytes()).collect();
        for codec in Codec::USUAL {
            let mut coder = codec.coder(Element::U16).unwrap();
            let mut stored = Vec::new();
            coder.encode(&pixels, &mut stored).unwrap();
            for length in [0, 5, 12, 14, stored.len() / 2, stored.len() - 1] {
                assert!(coder.decode(&stored[..length], pixels.len()).is_err(), "{codec} cut to {length}");
            }
            for length in [0, pixels.len() - 2, pixels.len() + 2] {
                assert!(coder.decode(&stored, length).is_err(), "{codec} for {length} bytes");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn pixels_of_any_type_come_back_from_every_codec(
            element in prop::sample::select(Element::ALL.to_vec()),
            count in 1usize..9000,
            bytes in prop::collection::vec(any::<u8>(), 64),
            spread in 1usize..64,
        ) {
            let pixels: Vec<u8> = (0..count * element.size()).map(|i| bytes[(i * i / spread) % 64 % spread]).collect();
            for codec in Codec::USUAL {
                let mut coder = codec.coder(element).unwrap();
                let (mut stored, mut back) = (vec![9; 7], Vec::new());
                // Twice: buffers are used again.
                for _ in 0..2 {
                    coder.encode(&pixels, &mut stored).unwrap();
                    coder.decode(&stored, pixels.len()).unwrap();
                }
                coder.decoded(&mut back);
                prop_assert!(back == pixels, "{codec}");
            }
        }
    }
}
