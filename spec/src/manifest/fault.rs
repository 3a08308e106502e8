//! Why a manifest is refused.

use super::{Hex32, Kind, MAX_TEXT, SCHEMA, fits};
use crate::board::{BOARDS, Board};
use alloc::string::String;
use core::fmt;

/// What is wrong with a manifest that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManifestFault {
    /// Another version of the schema.
    Schema(u32),
    /// A text that is empty, too long, or holds control characters; which one.
    Text(&'static str),
    /// A board that the table does not have.
    Board(String),
    /// A part that is not the board's.
    Part {
        /// Part in the manifest.
        found: String,
        /// The board.
        board: &'static Board,
    },
    /// An IDCODE that is not the board's.
    Idcode {
        /// IDCODE in the manifest.
        found: Hex32,
        /// The board.
        board: &'static Board,
    },
    /// A kind that the board has no use for.
    Kind {
        /// Kind in the manifest.
        found: Kind,
        /// The board.
        board: &'static Board,
    },
    /// A field that an image of this kind must have.
    Missing(&'static str),
    /// A file's name with a folder in it, or one that does not end as its format.
    File(String),
    /// A commit that is not one.
    Commit(String),
    /// A clock that cannot be.
    Clock,
    /// More bytes than the slot that it is for, or none.
    Length {
        /// Bytes in the manifest.
        found: u64,
        /// Bytes of the slot or of the flash.
        most: u64,
    },
}

impl fmt::Display for ManifestFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ManifestFault::Schema(found) => {
                write!(
                    f,
                    "its schema is {found}, this build reads {SCHEMA}: use the Debye that packed it, or pack it anew"
                )
            }
            ManifestFault::Text(field) => {
                write!(f, "`{field}` is empty, has control characters, or is longer than {MAX_TEXT} bytes")
            }
            ManifestFault::Board(found) => {
                write!(f, "there is no board `{found}`; boards: ")?;
                list(f, BOARDS.iter().map(|board| board.name))
            }
            ManifestFault::Part { found, board } => {
                write!(f, "part `{found}` is not that of the board {} ({})", board.name, board.part)
            }
            ManifestFault::Idcode { found, board } => {
                write!(f, "IDCODE {found} is not that of the board {} ({:#010x})", board.name, board.idcode)
            }
            ManifestFault::Kind { found, board } => {
                write!(f, "an image of kind `{}` is of no use for the board {}: ", found.name(), board.name)?;
                list(f, Kind::ALL.into_iter().filter(|kind| fits(*kind, board)).map(Kind::name))?;
                f.write_str(" may be")
            }
            ManifestFault::Missing(field) => write!(f, "`{field}` is missing"),
            ManifestFault::File(found) => {
                write!(f, "`{found}` must be a file's name without a folder, ending as its format does")
            }
            ManifestFault::Commit(found) => {
                write!(f, "`{found}` is not a commit: 7 to 64 hex digits, and `-dirty` where the sources were changed")
            }
            ManifestFault::Clock => write!(f, "`clock_mhz` must be above 0 and at most 10000"),
            ManifestFault::Length { found, most } => write!(f, "{found} bytes of data: 1 to {most} have room"),
        }
    }
}

fn list<'a>(f: &mut fmt::Formatter<'_>, names: impl Iterator<Item = &'a str>) -> fmt::Result {
    for (i, name) in names.enumerate() {
        f.write_str(if i > 0 { ", " } else { "" })?;
        f.write_str(name)?;
    }
    Ok(())
}

impl core::error::Error for ManifestFault {}
