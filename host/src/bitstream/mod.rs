//! Images for FPGAs: files of configuration data, and the manifest beside each that says what it is.
//!
//! ```text
//! debye-u50-4.bit  ->  header, configuration data  ->  sync word, IDCODE
//! debye-u50-4.bit.toml  ->  manifest  ->  board
//! ```
//!
//! What goes to a flash is the configuration data alone. [`Image::open`] gives it when file, manifest and board agree in
//! everything that can be compared; nothing of an image that does not is handed out.

mod amd;
mod contents;
mod error;
mod lattice;
mod mcs;
mod pack;
mod report;
mod words;

#[cfg(test)]
mod tests;

pub use amd::AmdHeader;
pub use contents::{Contents, Header, family};
pub use error::{BitstreamError, Fault, ManifestError, Mismatch, RecordFault};
pub use pack::{Order, pack};
pub use report::Report;
pub use words::{Target, target};

use debye_spec::board::Board;
use debye_spec::manifest::{Format, Gateware, Hex32, Manifest, Sha256};
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Most bytes of a file of an image: Intel HEX takes 2.8 bytes for one, and the largest flash has 128 MiB.
pub const MAX_FILE: u64 = 512 << 20;
/// Most bytes of a manifest.
pub const MAX_MANIFEST: u64 = 1 << 20;

/// An image that is what its manifest says.
#[derive(Debug)]
pub struct Image {
    /// What is said of it.
    pub manifest: Manifest,
    /// The board that it is for.
    pub board: &'static Board,
    /// Its file.
    pub path: PathBuf,
    /// What else the file says.
    pub header: Header,
    /// Configuration data: what goes to the flash.
    pub bytes: Vec<u8>,
}

impl Image {
    /// Opens an image by the name of its file or of its manifest.
    ///
    /// # Errors
    /// [`BitstreamError`]: one of them cannot be read, is not sound, or is not what the other says.
    pub fn open(path: &Path) -> Result<Image, BitstreamError> {
        let (path, manifest_path) = pair(path)?;
        let manifest = read_manifest(&manifest_path)?;
        let path = match path {
            Some(path) => path,
            None => beside(&manifest_path, &manifest.image.file),
        };
        let board = manifest
            .check()
            .map_err(|fault| BitstreamError::Manifest { path: manifest_path.clone(), fault: fault.into() })?;
        let contents = Contents::open(&path, Some(manifest.image.format))?;
        match compare(&manifest, board, &contents, &contents.digest(), &path).into_iter().next() {
            Some(mismatch) => Err(BitstreamError::Mismatch { path, manifest: manifest_path, mismatch }),
            None => Ok(Image { manifest, board, path, header: contents.header, bytes: contents.data }),
        }
    }
}

/// Everything in which an image is not what its manifest says or what its board takes.
pub fn compare(manifest: &Manifest, board: &Board, contents: &Contents, digest: &Digest, path: &Path) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if file != manifest.image.file {
        found.push(Mismatch::File { found: file, expected: manifest.image.file.clone() });
    }
    let expected = &manifest.image;
    if digest.length != expected.length {
        found.push(Mismatch::Length { found: digest.length, expected: expected.length });
    }
    if digest.crc32 != expected.crc32 {
        found.push(Mismatch::Crc32 { found: digest.crc32, expected: expected.crc32 });
    }
    if digest.sha256 != expected.sha256 {
        found.push(Mismatch::Sha256 { found: digest.sha256, expected: expected.sha256 });
    }
    found.extend(contents.suits(board, manifest.kind));
    found
}

/// Length and hashes of configuration data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// Bytes.
    pub length: u64,
    /// CRC-32.
    pub crc32: Hex32,
    /// SHA-256.
    pub sha256: Sha256,
}

impl Digest {
    /// Of some bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest {
            length: bytes.len() as u64,
            crc32: Hex32(crc32fast::hash(bytes)),
            sha256: Sha256(<sha2::Sha256 as sha2::Digest>::digest(bytes).into()),
        }
    }
}

/// The manifest's name for an image's.
pub fn manifest_path(image: &Path) -> PathBuf {
    let mut name = image.as_os_str().to_owned();
    name.push(".toml");
    name.into()
}

/// Which format a file has, by its ending.
///
/// # Errors
/// None that is known.
pub fn format_of(path: &Path) -> Result<Format, BitstreamError> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let known = Format::ALL.into_iter().find(|format| format.name() == ending);
    known.ok_or_else(|| BitstreamError::Unknown { path: path.into() })
}

/// Reads what the emitter says of a card.
///
/// # Errors
/// It cannot be read, or is not of the schema.
pub fn read_gateware(path: &Path) -> Result<Gateware, BitstreamError> {
    let text = read_text(path)?;
    toml::from_str(&text).map_err(|error| BitstreamError::Manifest { path: path.into(), fault: error.into() })
}

/// Reads a manifest; whether it makes sense is not looked at.
///
/// # Errors
/// It cannot be read, or is not of the schema.
pub fn read_manifest(path: &Path) -> Result<Manifest, BitstreamError> {
    let text = read_text(path)?;
    parse_manifest(&text).map_err(|fault| BitstreamError::Manifest { path: path.into(), fault })
}

/// A manifest out of its text.
///
/// # Errors
/// It is not TOML, or not of the schema.
pub fn parse_manifest(text: &str) -> Result<Manifest, ManifestError> {
    // A manifest of another schema may have other fields: its number is looked at before them.
    #[derive(serde::Deserialize)]
    struct Version {
        schema: u32,
    }
    let Version { schema } = toml::from_str(text)?;
    if schema != debye_spec::manifest::SCHEMA {
        return Err(debye_spec::manifest::ManifestFault::Schema(schema).into());
    }
    Ok(toml::from_str(text)?)
}

/// A manifest's text.
///
/// # Errors
/// It has values that TOML has no words for.
pub fn write_manifest(manifest: &Manifest) -> Result<String, toml::ser::Error> {
    toml::to_string(manifest)
}

/// The names of image (unknown if the manifest was named) and manifest.
pub fn pair(path: &Path) -> Result<(Option<PathBuf>, PathBuf), BitstreamError> {
    if path.extension().is_some_and(|ending| ending == "toml") {
        return Ok((None, path.into()));
    }
    format_of(path)?;
    let manifest = manifest_path(path);
    // Said before the manifest is found missing: the name of the image may be what is wrong.
    if !path.exists() {
        return Err(BitstreamError::Read { path: path.into(), error: ErrorKind::NotFound.into() });
    }
    if !manifest.exists() {
        return Err(BitstreamError::NoManifest { path: path.into(), manifest });
    }
    Ok((Some(path.into()), manifest))
}

/// The file that a manifest names; a name with a folder in it is taken for its last part, and refused later.
pub fn beside(manifest: &Path, file: &str) -> PathBuf {
    let name = Path::new(file).file_name().unwrap_or_default();
    manifest.with_file_name(name)
}

fn read_text(path: &Path) -> Result<String, BitstreamError> {
    String::from_utf8(read_file(path, MAX_MANIFEST)?).map_err(|error| {
        let fault = ManifestError::Text(error.utf8_error().valid_up_to());
        BitstreamError::Manifest { path: path.into(), fault }
    })
}

fn read_file(path: &Path, most: u64) -> Result<Vec<u8>, BitstreamError> {
    let failed = |error| BitstreamError::Read { path: path.into(), error };
    if fs::metadata(path).map_err(failed)?.is_dir() {
        return Err(failed(ErrorKind::IsADirectory.into()));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(BitstreamError::TooLarge { path: path.into(), limit: most });
    }
    Ok(bytes)
}
