//! Masks as `.npy` files (NumPy's format 1.0, `numpy/lib/format.py`).

use std::io::{self, Write};

/// Writes a mask of `shape` (rows, columns), true = masked, as a NumPy array of bool.
///
/// # Errors
/// What `out` says.
pub fn write_mask(mut out: impl Write, mask: &[bool], shape: [usize; 2]) -> io::Result<()> {
    let mut header = format!("{{'descr': '|b1', 'fortran_order': False, 'shape': ({}, {}), }}", shape[0], shape[1]);
    // Magic, version and length are 10 bytes; the header is padded so that the data start at a multiple of 64.
    let padding = 63 - (10 + header.len()) % 64;
    header.push_str(&" ".repeat(padding));
    header.push('\n');
    out.write_all(b"\x93NUMPY\x01\x00")?;
    out.write_all(&(header.len() as u16).to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    let bytes: Vec<u8> = mask.iter().map(|&masked| masked.into()).collect();
    out.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_mask_starts_its_data_at_a_multiple_of_64() {
        for shape in [[2, 3], [2162, 2068], [1, 100_000]] {
            let mut out = Vec::new();
            let mask = vec![true; shape[0] * shape[1]];
            write_mask(&mut out, &mask, shape).unwrap();
            let header = u16::from_le_bytes([out[8], out[9]]) as usize;
            assert_eq!((10 + header) % 64, 0);
            assert_eq!(out[10 + header - 1], b'\n');
            assert_eq!(out.len(), 10 + header + mask.len());
        }
    }
}
