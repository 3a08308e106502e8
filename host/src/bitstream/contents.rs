//! What a file of an image holds.

use super::amd::{self, AmdHeader};
use super::error::{BitstreamError, Fault, Mismatch};
use super::words::{Target, target};
use super::{Digest, MAX_FILE, format_of, lattice, mcs, read_file};
use debye_spec::board::{Board, Family};
use debye_spec::manifest::{Format, Hex32, Kind};
use std::path::Path;

/// A file of an image, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Format of the file.
    pub format: Format,
    /// What stands before or around the data.
    pub header: Header,
    /// What its beginning says that it is for. What was read out of a flash as a backup need not say anything.
    pub target: Result<Target, Fault>,
    /// The configuration data.
    pub data: Vec<u8>,
}

/// What a file says besides the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Header {
    /// Nothing.
    None,
    /// AMD's fields.
    Amd(AmdHeader),
    /// Lattice's comments.
    Lattice(Vec<String>),
    /// The address of the first byte.
    Address(u32),
}

impl Header {
    /// The part that it names.
    pub fn part(&self) -> Option<&str> {
        match self {
            Header::Amd(header) => Some(&header.part),
            Header::Lattice(comments) => lattice::part(comments),
            Header::None | Header::Address(_) => None,
        }
    }
}

impl Contents {
    /// Reads a file, of the format that its name or a manifest says.
    ///
    /// # Errors
    /// [`BitstreamError`]: it cannot be read, or is not what its name says.
    pub fn open(path: &Path, format: Option<Format>) -> Result<Contents, BitstreamError> {
        let format = match format {
            Some(format) => format,
            None => format_of(path)?,
        };
        let bytes = read_file(path, MAX_FILE)?;
        Contents::parse(bytes, format).map_err(|fault| BitstreamError::Bad { path: path.into(), format, fault })
    }

    /// Takes the bytes of a file apart.
    ///
    /// # Errors
    /// [`Fault`], with the byte or line.
    pub fn parse(mut bytes: Vec<u8>, format: Format) -> Result<Contents, Fault> {
        if bytes.is_empty() {
            return Err(Fault::Empty);
        }
        let (header, data) = match format {
            Format::Bin => (Header::None, bytes),
            Format::Mcs => {
                let (base, data) = mcs::read(&bytes)?;
                (Header::Address(base), data)
            }
            Format::Bit if lattice::begins(&bytes) => {
                let (comments, start) = lattice::read(&bytes)?;
                (Header::Lattice(comments), bytes.split_off(start))
            }
            Format::Bit => {
                let (header, start) = amd::read(&bytes)?;
                (Header::Amd(header), bytes.split_off(start))
            }
        };
        let target = target(&data);
        Ok(Contents { format, header, target, data })
    }

    /// The bytes of a file that has all this in it.
    pub fn write(&self) -> Vec<u8> {
        match &self.header {
            Header::None => self.data.clone(),
            Header::Amd(header) => amd::write(header, &self.data),
            Header::Lattice(comments) => lattice::write(comments, &self.data),
            Header::Address(base) => mcs::write(*base, &self.data).into_bytes(),
        }
    }

    /// Length and hashes of the data.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.data)
    }

    /// Everything that keeps it from being an image of that kind for that board.
    pub fn suits(&self, board: &Board, kind: Kind) -> Vec<Mismatch> {
        let mut found = Vec::new();
        // What a slot held before it was flashed goes back there, whatever it was.
        if kind != Kind::Backup {
            found.extend(self.aims(board));
        }
        let expected = match (board.layout, kind) {
            (Some(layout), Kind::Card | Kind::Backup) => Some(layout.update.start),
            (Some(layout), Kind::Golden) => Some(layout.golden.start),
            (None, _) | (_, Kind::Jtag) => None,
        };
        if let (Header::Address(address), Some(expected)) = (&self.header, expected)
            && *address != expected
        {
            found.push(Mismatch::Address { found: *address, expected, kind: kind.name(), board: board.name });
        }
        found
    }

    /// Everything that keeps it from being for that board.
    fn aims(&self, board: &Board) -> Vec<Mismatch> {
        let mut found = Vec::new();
        let target = match &self.target {
            Ok(target) => Some(target),
            Err(fault) => {
                found.push(Mismatch::Target(fault.clone()));
                None
            }
        };
        if let Some(target) = target
            && target.family != board.family
        {
            let (one, other) = (family(target.family), family(board.family));
            found.push(Mismatch::Family { found: one, expected: other, board: board.name });
        }
        if let Some(part) = self.header.part()
            && !board.has_part(part)
        {
            found.push(Mismatch::Part { found: part.into(), expected: board.part, board: board.name });
        }
        if let Some(target) = target
            && !board.has_idcode(target.idcode)
        {
            let (one, other) = (Hex32(target.idcode), Hex32(board.idcode));
            found.push(Mismatch::Idcode { found: one, expected: other, board: board.name });
        }
        found
    }
}

/// A family's name.
pub fn family(family: Family) -> &'static str {
    match family {
        Family::UltraScalePlus => "an UltraScale+ FPGA",
        Family::Ecp5 => "an ECP5 FPGA",
    }
}
