//! Numbers as hex in texts.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// A number of 32 bits, `0x` and eight hex digits in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hex32(pub u32);

impl fmt::Display for Hex32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

impl FromStr for Hex32 {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Hex32, &'static str> {
        let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 8 && digits.bytes().all(is_hex));
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        value.map(Hex32).ok_or("0x and eight hex digits are needed")
    }
}

impl TryFrom<String> for Hex32 {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Hex32, &'static str> {
        text.parse()
    }
}

impl From<Hex32> for String {
    fn from(value: Hex32) -> String {
        value.to_string()
    }
}

/// A SHA-256, 64 hex digits in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(pub [u8; 32]);

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Sha256 {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Sha256, &'static str> {
        const WHY: &str = "64 hex digits are needed";
        if text.len() != 64 || !text.bytes().all(is_hex) {
            return Err(WHY);
        }
        let mut digest = [0; 32];
        for (byte, digits) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = core::str::from_utf8(digits).map_err(|_| WHY)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| WHY)?;
        }
        Ok(Sha256(digest))
    }
}

impl TryFrom<String> for Sha256 {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Sha256, &'static str> {
        text.parse()
    }
}

impl From<Sha256> for String {
    fn from(value: Sha256) -> String {
        value.to_string()
    }
}

/// Lower case only: one number has one text.
pub(super) fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}
