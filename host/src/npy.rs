//! Writing an array as `.npy` (format version 1.0, `numpy/lib/format.py`).

use crate::beside::{Beside, BesideError};
use debye_spec::Element;
use std::io::{self, Write};
use std::path::Path;

/// Writes little-endian `pixels` of the given shape, beside `target` and renamed.
///
/// # Errors
/// The target exists and `overwrite` is false, or it cannot be written.
pub fn write(
    target: &Path,
    overwrite: bool,
    element: Element,
    shape: [usize; 2],
    pixels: &[u8],
) -> Result<(), BesideError> {
    let beside = Beside::create(target, overwrite)?;
    let written = std::fs::OpenOptions::new().write(true).open(beside.path()).and_then(|mut file| {
        file.write_all(&header(element, shape))?;
        file.write_all(pixels)
    });
    written.map_err(|error: io::Error| BesideError::Io { path: target.into(), error })?;
    beside.commit()
}

/// The header: a Python dictionary, padded so that the data starts at a multiple of 64.
fn header(element: Element, [rows, columns]: [usize; 2]) -> Vec<u8> {
    const ALIGNMENT: usize = 64;
    const PREFIX: usize = 10;
    let kind = match (element.is_signed(), element.size()) {
        (_, 1) => "|u1".to_owned(),
        (true, size) => format!("<i{size}"),
        (false, size) => format!("<u{size}"),
    };
    let mut text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    let length = (PREFIX + text.len() + 1).next_multiple_of(ALIGNMENT) - PREFIX;
    while text.len() + 1 < length {
        text.push(' ');
    }
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((length as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_is_padded_to_64_bytes_and_ends_with_a_newline() {
        for element in Element::ALL {
            let bytes = header(element, [2167, 2070]);
            assert_eq!(bytes.len() % 64, 0);
            assert_eq!(bytes.last(), Some(&b'\n'));
            assert_eq!(usize::from(u16::from_le_bytes([bytes[8], bytes[9]])), bytes.len() - 10);
        }
    }
}
