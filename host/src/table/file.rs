//! The table file, and the hash that names a table.
//!
//! All numbers are little-endian:
//!
//! ```text
//! 8 bytes  "DEBYETAB"
//! u32      version: 1
//! u64 n    n bytes of JSON: the Description
//! i32      norm_exponent
//! u64 n    n x f64: radial_edges
//! u64 n    n x f64: azimuth_edges
//! u64 n    n x u8: masked (0 or 1)
//! u64 n    n x u32: starts
//! u64 n    n x u32: entries (debye_spec::Entry: bin in bits 31..7, weight in bits 6..0)
//! u64 n    n x u64: norm
//! u64 n    n x u32: full_weight
//! u64 n    n x u128: full_norm
//! 32 bytes SHA-256 of everything before: the table's hash
//! ```
//!
//! A file is trusted no further than its bytes go: every length is held against the file's size before memory is
//! taken, and a table that loads has passed [`debye_spec::Table::check`] and has the full sums of its own entries.

use super::norm::{NORM_BITS, full_sums};
use super::{Description, Table, edges};
use crate::beside::{Beside, BesideError};
use debye_spec::bounds::{MAX_BINS, MAX_PIXELS};
use debye_spec::{Entry, TableError};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// First bytes of a table file.
pub const MAGIC: [u8; 8] = *b"DEBYETAB";

/// Version of the layout.
pub const VERSION: u32 = 1;

const HASH_BYTES: usize = 32;

/// Why a table file cannot be written or read.
#[derive(Debug, Error)]
pub enum TableFileError {
    /// The file cannot be read.
    #[error("cannot read the table file {}: {error}", path.display())]
    Read {
        /// File.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write the table file {}: {error}", path.display())]
    Write {
        /// File.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The target is not possible.
    #[error(transparent)]
    Target(#[from] BesideError),
    /// The file does not begin as a table file does.
    #[error("{name} is not a table file: it does not begin with DEBYETAB")]
    NotATable {
        /// File.
        name: String,
    },
    /// The layout is of another version.
    #[error("table file {name} has layout version {version}, this build reads {VERSION}: build the table anew")]
    Version {
        /// File.
        name: String,
        /// Its version.
        version: u32,
    },
    /// The file ends too early, or a length in it is wrong.
    #[error("table file {name} is cut short or damaged: {what} at byte {byte} needs {need} bytes, {have} are there")]
    Truncated {
        /// File.
        name: String,
        /// Which part.
        what: &'static str,
        /// Where it starts.
        byte: usize,
        /// Bytes needed.
        need: u64,
        /// Bytes there are.
        have: usize,
    },
    /// Bytes are left over.
    #[error("table file {name} is damaged: {extra} bytes too many at byte {byte}")]
    TrailingBytes {
        /// File.
        name: String,
        /// Where the hash should end.
        byte: usize,
        /// Bytes too many.
        extra: usize,
    },
    /// The hash is not that of the bytes.
    #[error("table file {name} is damaged: its hash is {stated}, its bytes have {computed}; build the table anew")]
    Hash {
        /// File.
        name: String,
        /// Hash at the end of the file.
        stated: String,
        /// Hash of its bytes.
        computed: String,
    },
    /// The description cannot be read.
    #[error("table file {name}: its description cannot be read: {reason}")]
    Description {
        /// File.
        name: String,
        /// Why.
        reason: String,
    },
    /// Parts that do not fit each other.
    #[error("table file {name} contradicts itself: {reason}")]
    Inconsistent {
        /// File.
        name: String,
        /// What does not fit.
        reason: &'static str,
    },
    /// The table breaks a rule of the arithmetic.
    #[error("the table in {name} is refused: {error}")]
    Table {
        /// File.
        name: String,
        /// Which rule.
        error: TableError,
    },
}

/// Writes a table file, beside its target and renamed at the end.
///
/// # Errors
/// [`TableFileError::Target`] or [`TableFileError::Write`].
pub fn save(table: &Table, path: &Path, overwrite: bool) -> Result<(), TableFileError> {
    let write_error = |error| TableFileError::Write { path: path.into(), error };
    let beside = Beside::create(path, overwrite)?;
    let mut file = std::fs::OpenOptions::new().write(true).open(beside.path()).map_err(write_error)?;
    let mut digest = Sha256::new();
    body(table, |bytes| {
        digest.update(bytes);
        file.write_all(bytes)
    })
    .map_err(write_error)?;
    file.write_all(&digest.finalize()).map_err(write_error)?;
    drop(file);
    Ok(beside.commit()?)
}

/// Reads a table file.
///
/// # Errors
/// [`TableFileError`]: unreadable, damaged, or a table that breaks a rule.
pub fn load(path: &Path) -> Result<Table, TableFileError> {
    let read_error = |error| TableFileError::Read { path: path.into(), error };
    let mut file = File::open(path).map_err(read_error)?;
    let mut bytes = Vec::new();
    (&file).take(MAGIC.len() as u64).read_to_end(&mut bytes).map_err(read_error)?;
    // Some other file may be far larger than any table: it is not read.
    if bytes == MAGIC {
        file.read_to_end(&mut bytes).map_err(read_error)?;
    }
    parse(&bytes, &path.display().to_string())
}

/// The hash of a table (whatever stands in its field `hash`).
pub fn hash_of(table: &Table) -> [u8; 32] {
    let mut digest = Sha256::new();
    let never = body(table, |bytes| {
        digest.update(bytes);
        Ok(())
    });
    debug_assert!(never.is_ok());
    digest.finalize().into()
}

/// Feeds the bytes before the hash to `sink`, in pieces of bounded size.
fn body(table: &Table, mut sink: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let description = serde_json::to_vec(&table.description).map_err(io::Error::other)?;
    sink(&MAGIC)?;
    sink(&VERSION.to_le_bytes())?;
    sink(&(description.len() as u64).to_le_bytes())?;
    sink(&description)?;
    sink(&table.norm_exponent.to_le_bytes())?;
    array(&table.radial_edges, |x| x.to_le_bytes(), &mut sink)?;
    array(&table.azimuth_edges, |x| x.to_le_bytes(), &mut sink)?;
    array(&table.masked, |&x| [x as u8], &mut sink)?;
    array(&table.starts, |x| x.to_le_bytes(), &mut sink)?;
    array(&table.entries, |x| x.0.to_le_bytes(), &mut sink)?;
    array(&table.norm, |x| x.to_le_bytes(), &mut sink)?;
    array(&table.full_weight, |x| x.to_le_bytes(), &mut sink)?;
    array(&table.full_norm, |x| x.to_le_bytes(), &mut sink)
}

fn array<T, const N: usize>(
    values: &[T],
    to_bytes: impl Fn(&T) -> [u8; N],
    sink: &mut impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    sink(&(values.len() as u64).to_le_bytes())?;
    let mut buffer = Vec::with_capacity(1 << 16);
    for piece in values.chunks((1 << 16) / N) {
        buffer.clear();
        piece.iter().for_each(|value| buffer.extend_from_slice(&to_bytes(value)));
        sink(&buffer)?;
    }
    Ok(())
}

/// Walks through the bytes of a file; nothing is copied.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    name: &'a str,
}

impl<'a> Reader<'a> {
    fn take(&mut self, what: &'static str, need: u64) -> Result<&'a [u8], TableFileError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = usize::try_from(need).ok().and_then(|need| rest.get(..need)).ok_or_else(|| {
            TableFileError::Truncated { name: self.name.into(), what, byte: self.at, need, have: rest.len() }
        })?;
        self.at += taken.len();
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], TableFileError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(what, N as u64)?);
        Ok(out)
    }

    /// An array of elements of N bytes, as bytes.
    fn array<const N: usize>(&mut self, what: &'static str) -> Result<&'a [[u8; N]], TableFileError> {
        let count = u64::from_le_bytes(self.fixed(what)?);
        let bytes = self.take(what, count.saturating_mul(N as u64))?;
        Ok(bytes.as_chunks().0)
    }
}

/// Reads a table from the bytes of a file; `name` stands in the errors. Never takes more memory than a small
/// multiple of the bytes there are.
///
/// # Errors
/// As [`load`], but for those of reading.
pub fn parse(bytes: &[u8], name: &str) -> Result<Table, TableFileError> {
    let mut reader = Reader { bytes, at: 0, name };
    if !bytes.starts_with(&MAGIC) {
        return Err(TableFileError::NotATable { name: name.into() });
    }
    reader.at = MAGIC.len();
    let version = u32::from_le_bytes(reader.fixed("the version")?);
    if version != VERSION {
        return Err(TableFileError::Version { name: name.into(), version });
    }
    let description = reader.array::<1>("the description")?.as_flattened();
    let norm_exponent = i32::from_le_bytes(reader.fixed("the exponent")?);
    let radial_edges = reader.array::<8>("the radial edges")?;
    let azimuth_edges = reader.array::<8>("the azimuthal edges")?;
    let masked = reader.array::<1>("the mask")?.as_flattened();
    let starts = reader.array::<4>("the start indices")?;
    let entries = reader.array::<4>("the entries")?;
    let norm = reader.array::<8>("the normalisation")?;
    let full_weight = reader.array::<4>("the full weights")?;
    let full_norm = reader.array::<16>("the full normalisation")?;
    let end = reader.at;
    let stated: [u8; HASH_BYTES] = reader.fixed("the hash")?;
    if reader.at != bytes.len() {
        let extra = bytes.len() - reader.at;
        return Err(TableFileError::TrailingBytes { name: name.into(), byte: reader.at, extra });
    }
    let computed: [u8; HASH_BYTES] = Sha256::digest(&bytes[..end]).into();
    if stated != computed {
        let [stated, computed] = [stated, computed].map(|hash| crate::digest::hex(&hash));
        return Err(TableFileError::Hash { name: name.into(), stated, computed });
    }

    let description: Description = serde_json::from_slice(description)
        .map_err(|error| TableFileError::Description { name: name.into(), reason: error.to_string() })?;
    if masked.iter().any(|&byte| byte > 1) {
        return Err(TableFileError::Inconsistent { name: name.into(), reason: "a mask byte is neither 0 nor 1" });
    }
    let table = Table {
        description,
        radial_edges: radial_edges.iter().map(|&x| f64::from_le_bytes(x)).collect(),
        azimuth_edges: azimuth_edges.iter().map(|&x| f64::from_le_bytes(x)).collect(),
        masked: masked.iter().map(|&x| x == 1).collect(),
        starts: starts.iter().map(|&x| u32::from_le_bytes(x)).collect(),
        entries: entries.iter().map(|&x| Entry(u32::from_le_bytes(x))).collect(),
        norm: norm.iter().map(|&x| u64::from_le_bytes(x)).collect(),
        norm_exponent,
        full_weight: full_weight.iter().map(|&x| u32::from_le_bytes(x)).collect(),
        full_norm: full_norm.iter().map(|&x| u128::from_le_bytes(x)).collect(),
        hash: stated,
    };
    check(&table).map_err(|fault| match fault {
        Fault::Contradiction(reason) => TableFileError::Inconsistent { name: name.into(), reason },
        Fault::Rule(error) => TableFileError::Table { name: name.into(), error },
    })?;
    Ok(table)
}

enum Fault {
    Contradiction(&'static str),
    Rule(TableError),
}

/// Whether the parts fit each other, in an order in which no step relies on a later one.
fn check(table: &Table) -> Result<(), Fault> {
    let must = |holds: bool, reason| if holds { Ok(()) } else { Err(Fault::Contradiction(reason)) };
    let about = &table.description;
    let pixels = about.shape[0].checked_mul(about.shape[1]);
    must(pixels == Some(table.masked.len()), "the mask's length is not rows x columns")?;
    must(table.masked.len() <= MAX_PIXELS as usize, "it has too many pixels")?;
    let bins = about.radial_bins.checked_mul(about.azimuth_bins).filter(|&bins| bins <= MAX_BINS as usize);
    must(bins == Some(table.full_weight.len()), "the full weights are not one a bin")?;
    must(bins == Some(table.full_norm.len()), "the full normalisation is not one a bin")?;
    must(about.radial_bins.checked_add(1) == Some(table.radial_edges.len()), "the radial edges do not fit the bins")?;
    must(
        about.azimuth_bins.checked_add(1) == Some(table.azimuth_edges.len()),
        "the azimuthal edges do not fit the bins",
    )?;
    must(about.caked || about.azimuth_bins == 1, "a 1D pattern has azimuthal bins")?;
    must(edges::rise(&table.radial_edges), "the radial edges do not rise")?;
    must(edges::rise(&table.azimuth_edges), "the azimuthal edges do not rise")?;
    let masked = table.masked.iter().filter(|&&masked| masked).count();
    must(masked == about.masked_pixels, "the number of masked pixels is not the mask's")?;
    must(about.flat_masked_pixels <= masked, "more pixels are masked by the flat field than at all")?;
    must(table.norm.len() == table.masked.len(), "the normalisation is not one a pixel")?;
    must(table.norm.iter().all(|&norm| norm >> NORM_BITS == 0), "a normalisation is too large")?;
    must(
        table.norm.iter().zip(&table.masked).all(|(&norm, &masked)| norm == 0 || !masked),
        "a masked pixel has a normalisation",
    )?;
    // What `norm::exponent_for` can give.
    must((-1135..=962).contains(&table.norm_exponent), "the normalisation's exponent is not possible")?;
    table.spec().check().map_err(Fault::Rule)?;
    let sums = full_sums(table.bins(), &table.starts, &table.entries, &table.norm);
    let fit = sums.is_some_and(|(weight, norm)| weight == table.full_weight && norm == table.full_norm);
    must(fit, "the full sums are not those of its entries")
}
