//! Why an image is refused.

use debye_spec::manifest::{Format, Hex32, ManifestFault, Sha256};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why an image is refused.
#[derive(Debug, Error)]
pub enum BitstreamError {
    /// A file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// File.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// More bytes than an image has.
    #[error("{} has more than {limit} bytes: that is no image for a board", path.display())]
    TooLarge {
        /// File.
        path: PathBuf,
        /// The limit.
        limit: u64,
    },
    /// The ending is of no known format.
    #[error("{} is of no format that is read: its name must end with .bit, .bin or .mcs (or .toml, for a manifest)", path.display())]
    Unknown {
        /// File.
        path: PathBuf,
    },
    /// There is no manifest beside the image.
    #[error("{} has no manifest ({} is not there): get it from where the image came from, or make one with `debye image pack`", path.display(), manifest.display())]
    NoManifest {
        /// Image.
        path: PathBuf,
        /// Where the manifest should stand.
        manifest: PathBuf,
    },
    /// The manifest is not one.
    #[error("{}: {fault}", path.display())]
    Manifest {
        /// Manifest.
        path: PathBuf,
        /// What is wrong.
        fault: ManifestError,
    },
    /// The image is damaged, or of another kind than its name says.
    #[error("{} (.{}): {fault}", path.display(), format.name())]
    Bad {
        /// Image.
        path: PathBuf,
        /// Its format.
        format: Format,
        /// What is wrong.
        fault: Fault,
    },
    /// Image and manifest, or image and board, do not agree.
    #[error("{} is not the image that {} describes: {mismatch}", path.display(), manifest.display())]
    Mismatch {
        /// Image.
        path: PathBuf,
        /// Manifest.
        manifest: PathBuf,
        /// In what.
        mismatch: Mismatch,
    },
    /// The image is not for the board that was named.
    #[error("{} is no image for this: {mismatch}", path.display())]
    Unsuited {
        /// Image.
        path: PathBuf,
        /// Why.
        mismatch: Mismatch,
    },
    /// The manifest cannot be written.
    #[error(transparent)]
    Write(#[from] crate::beside::BesideError),
}

/// Why a manifest is refused.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// Not text.
    #[error("byte {0} is not UTF-8: this is no TOML file")]
    Text(usize),
    /// Not TOML, or not of the schema; the words tell line and column.
    #[error("not understood: {0}")]
    Toml(#[from] toml::de::Error),
    /// A value that TOML has no words for.
    #[error("the manifest cannot be written: {0}")]
    Ser(#[from] toml::ser::Error),
    /// It says something that cannot be.
    #[error(transparent)]
    Fault(#[from] ManifestFault),
}

/// What is wrong with the bytes of an image.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// No bytes.
    #[error("it is empty: copy it again")]
    Empty,
    /// It does not begin as a `.bit` does.
    #[error(
        "it begins neither with AMD's header (00 09 0f f0) nor with Lattice's comments (ff 00): this is no .bit file"
    )]
    Magic,
    /// The file ends too early.
    #[error("its {what} needs {need} bytes from byte {byte} on, {have} are there: the file is cut short or damaged")]
    Truncated {
        /// Which part.
        what: &'static str,
        /// Where it starts.
        byte: usize,
        /// Bytes needed.
        need: u64,
        /// Bytes there are.
        have: u64,
    },
    /// Bytes behind the end.
    #[error(
        "the header says {said} bytes of data, {have} follow it (from byte {byte} on): the file is damaged or was put together by hand"
    )]
    Trailing {
        /// Where the data starts.
        byte: usize,
        /// Bytes in the header.
        said: u64,
        /// Bytes there are.
        have: u64,
    },
    /// A header field that is not the one expected there.
    #[error("byte {byte}: the header's field `{expected}` is expected, {found:#04x} is there")]
    Field {
        /// Where.
        byte: usize,
        /// Letter of the field.
        expected: char,
        /// Byte there is.
        found: u8,
    },
    /// A text that is not one.
    #[error("byte {byte}: the header's {what} is not printable text ending with a 0")]
    Text {
        /// Where it starts.
        byte: usize,
        /// Which text.
        what: &'static str,
    },
    /// No sync word.
    #[error(
        "no sync word (aa 99 55 66, or ff ff bd b3) in the first {searched} bytes of data: this is no configuration of an UltraScale+ or ECP5 FPGA, or its bits are swapped"
    )]
    NoSync {
        /// Bytes that were looked at.
        searched: usize,
    },
    /// No IDCODE.
    #[error("byte {byte}: the configuration begins without an IDCODE: nothing says which FPGA it is for")]
    NoIdcode {
        /// Where its absence showed, in the data.
        byte: usize,
    },
    /// A packet or command that a configuration does not begin with.
    #[error("byte {byte}: {word:#010x} is no packet or command that a configuration begins with")]
    Packet {
        /// Where, in the data.
        byte: usize,
        /// The word.
        word: u32,
    },
    /// A line that is no record.
    #[error("line {line}: {why}")]
    Record {
        /// Line, from 1.
        line: usize,
        /// Why.
        why: RecordFault,
    },
}

/// What is wrong with a line of Intel HEX.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecordFault {
    /// Does not begin with a colon.
    #[error("it does not begin with `:`")]
    Colon,
    /// Something else than hex digits.
    #[error("column {0}: a hex digit is expected")]
    Digit(usize),
    /// The count does not fit the line.
    #[error("its count says {said} bytes, it has {have}")]
    Count {
        /// Bytes in the count.
        said: usize,
        /// Bytes in the line.
        have: usize,
    },
    /// The checksum is wrong.
    #[error("its checksum is {found:#04x}, {expected:#04x} would be right")]
    Checksum {
        /// In the line.
        found: u8,
        /// Computed.
        expected: u8,
    },
    /// A record type that is not read.
    #[error("records of type {0:#04x} are not read (00, 01, 04 and 05 are)")]
    Type(u8),
    /// The wrong number of bytes for its type.
    #[error("a record of type {kind:#04x} has {need} bytes, this one {have}")]
    Size {
        /// Type.
        kind: u8,
        /// Bytes it must have.
        need: usize,
        /// Bytes it has.
        have: usize,
    },
    /// Addresses are missing.
    #[error("its data begins at {found:#010x}, that before it ends at {expected:#010x}: an image has no gaps")]
    Gap {
        /// Address of the record.
        found: u64,
        /// Address behind the record before.
        expected: u64,
    },
    /// Addresses that were there already, or that fall.
    #[error(
        "its data begins at {found:#010x}, that before it ends only at {expected:#010x}: records overlap or are out of order"
    )]
    Overlap {
        /// Address of the record.
        found: u64,
        /// Address behind the record before.
        expected: u64,
    },
    /// The record runs past the 32-bit addresses.
    #[error("its data runs past address 0xffffffff")]
    Address,
    /// More data than a flash has.
    #[error("more than {0} bytes of data: no flash of a board has as many")]
    TooMuch(usize),
    /// Lines behind the end record.
    #[error("it stands behind the end record")]
    BehindEnd,
    /// There is no end record.
    #[error("the file ends here, without its end record: it is cut short")]
    NoEnd,
}

/// In what an image does not agree with its manifest or its board.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Mismatch {
    /// Name of the file.
    #[error("the file's name is {found}, {expected} was packed")]
    File {
        /// Of the file.
        found: String,
        /// Of the manifest.
        expected: String,
    },
    /// Bytes of data.
    #[error("{found} bytes of configuration data, {expected} were packed: copy the image again")]
    Length {
        /// Of the file.
        found: u64,
        /// Of the manifest.
        expected: u64,
    },
    /// CRC-32.
    #[error("CRC-32 {found}, {expected} was packed: copy the image again")]
    Crc32 {
        /// Of the file.
        found: Hex32,
        /// Of the manifest.
        expected: Hex32,
    },
    /// SHA-256.
    #[error("SHA-256 {found}, {expected} was packed: copy the image again")]
    Sha256 {
        /// Of the file.
        found: Sha256,
        /// Of the manifest.
        expected: Sha256,
    },
    /// It does not begin as a configuration does.
    #[error(transparent)]
    Target(#[from] Fault),
    /// Another family of FPGAs.
    #[error("the bitstream is one for {found}, the board {board} has {expected}")]
    Family {
        /// Of the bitstream.
        found: &'static str,
        /// Of the board.
        expected: &'static str,
        /// Board.
        board: &'static str,
    },
    /// Another part.
    #[error("its header names the part {found}, the board {board} has {expected}: take the image for this board")]
    Part {
        /// In the header.
        found: String,
        /// Of the board.
        expected: &'static str,
        /// Board.
        board: &'static str,
    },
    /// Another FPGA.
    #[error("the bitstream is for IDCODE {found}, the board {board} has {expected}: take the image for this board")]
    Idcode {
        /// In the bitstream.
        found: Hex32,
        /// Of the board.
        expected: Hex32,
        /// Board.
        board: &'static str,
    },
    /// Made for another place in the flash.
    #[error(
        "its data is for address {found:#010x}, an image of kind `{kind}` for the board {board} stands at {expected:#010x}: make the .mcs for that address, or give the .bit"
    )]
    Address {
        /// First address in the file.
        found: u32,
        /// Where it must stand.
        expected: u32,
        /// Kind.
        kind: &'static str,
        /// Board.
        board: &'static str,
    },
}

impl Mismatch {
    /// One word for it, for scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Mismatch::File { .. } => "file",
            Mismatch::Length { .. } => "length",
            Mismatch::Crc32 { .. } => "crc32",
            Mismatch::Sha256 { .. } => "sha256",
            Mismatch::Target(_) => "target",
            Mismatch::Family { .. } => "family",
            Mismatch::Part { .. } => "part",
            Mismatch::Idcode { .. } => "idcode",
            Mismatch::Address { .. } => "address",
        }
    }
}
