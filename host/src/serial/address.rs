//! Names of serial cards: `serial:/dev/ttyUSB0`, `serial:/dev/ttyUSB0@3000000`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use thiserror::Error;

/// Bits a second of the image that `scripts/build-ecp5` makes.
pub const DEFAULT_BAUD: u32 = 1_000_000;

/// Where a serial card is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialAddress {
    /// Terminal.
    pub path: PathBuf,
    /// Bits a second.
    pub baud: u32,
}

/// A text that names no serial card.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} names no serial card: give serial:/dev/ttyUSB0 or serial:/dev/ttyUSB0@BAUD")]
pub struct ParseSerialError(String);

impl FromStr for SerialAddress {
    type Err = ParseSerialError;

    fn from_str(text: &str) -> Result<SerialAddress, ParseSerialError> {
        let wrong = || ParseSerialError(text.into());
        let name = text.strip_prefix("serial:").ok_or_else(wrong)?;
        let (path, baud) = match name.rsplit_once('@') {
            Some((path, baud)) => (path, baud.parse().ok().filter(|&baud| baud > 0).ok_or_else(wrong)?),
            None => (name, DEFAULT_BAUD),
        };
        if path.is_empty() {
            return Err(wrong());
        }
        Ok(SerialAddress { path: path.into(), baud })
    }
}

impl fmt::Display for SerialAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "serial:{}", self.path.display())?;
        if self.baud == DEFAULT_BAUD { Ok(()) } else { write!(f, "@{}", self.baud) }
    }
}
