//! Writing 2D arrays as `.npy` (format version 1.0, `numpy/lib/format.py`).

use debye_spec::Element;
use std::io::{self, Write};

/// The data start at a multiple of this.
const ALIGNMENT: usize = 64;

/// Bytes of magic, version and header length.
const PREFIX: usize = 10;

/// Writes little-endian `pixels` of `shape` (rows, columns).
///
/// # Errors
/// What `out` says.
pub fn write_pixels(mut out: impl Write, pixels: &[u8], element: Element, shape: [usize; 2]) -> io::Result<()> {
    let kind = match (element.is_signed(), element.size()) {
        (_, 1) => "|u1".to_owned(),
        (true, size) => format!("<i{size}"),
        (false, size) => format!("<u{size}"),
    };
    out.write_all(&header(&kind, shape))?;
    out.write_all(pixels)
}

/// Writes a mask of `shape` (rows, columns), true = masked, as an array of bool.
///
/// # Errors
/// What `out` says.
pub fn write_mask(mut out: impl Write, mask: &[bool], shape: [usize; 2]) -> io::Result<()> {
    out.write_all(&header("|b1", shape))?;
    let bytes: Vec<u8> = mask.iter().map(|&masked| masked.into()).collect();
    out.write_all(&bytes)
}

/// The header: a Python dictionary, padded with spaces and ended by a newline.
fn header(kind: &str, [rows, columns]: [usize; 2]) -> Vec<u8> {
    let text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    let length = (PREFIX + text.len() + 1).next_multiple_of(ALIGNMENT) - PREFIX;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((length as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.resize(PREFIX + length - 1, b' ');
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_is_padded_to_64_bytes_and_ends_with_a_newline() {
        for shape in [[2, 3], [2162, 2068], [1, 100_000], [12345, 1234567]] {
            let bytes = header("<u2", shape);
            assert_eq!(bytes.len() % ALIGNMENT, 0);
            assert_eq!(bytes.last(), Some(&b'\n'));
            assert_eq!(usize::from(u16::from_le_bytes([bytes[8], bytes[9]])), bytes.len() - PREFIX);
        }
    }

    #[test]
    fn written_arrays_are_read_back() {
        let mut file = Vec::new();
        write_mask(&mut file, &[true, false, false, true, true, false], [2, 3]).unwrap();
        assert!(file.ends_with(&[1, 0, 0, 1, 1, 0]));
        let mut file = Vec::new();
        write_pixels(&mut file, &[1, 0, 2, 0], Element::I16, [1, 2]).unwrap();
        assert!(String::from_utf8_lossy(&file).contains("'<i2'") && file.ends_with(&[1, 0, 2, 0]));
    }
}
