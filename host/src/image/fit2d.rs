//! Fit2D's mask (fabio's `fit2dmaskimage.py`): 1024 bytes of header, then one bit a pixel, the lowest bit first,
//! rows padded to 32 bits.

use super::{Fault, Plane, plane_of};

const HEADER_BYTES: usize = 1024;
const COLUMNS_AT: usize = 16;
const ROWS_AT: usize = 20;

pub(super) fn parse(bytes: &[u8]) -> Result<Plane, Fault> {
    let truncated =
        |what, byte: usize, need| Fault::Truncated { what, byte, need, have: bytes.len().saturating_sub(byte) };
    let header = bytes.get(..HEADER_BYTES).ok_or_else(|| truncated("header", 0, HEADER_BYTES))?;
    let number = |at: usize| {
        let mut value = [0; 4];
        value.copy_from_slice(&header[at..at + 4]);
        u32::from_le_bytes(value) as usize
    };
    let shape = plane_of(&[number(ROWS_AT), number(COLUMNS_AT)])?;
    let [rows, columns] = shape;
    let row_bytes = columns.div_ceil(32) * 4;
    let data = &bytes[HEADER_BYTES..];
    let data = data.get(..rows * row_bytes).ok_or_else(|| truncated("mask", HEADER_BYTES, rows * row_bytes))?;
    let bit = |row: &[u8], column: usize| f64::from(row[column / 8] >> (column % 8) & 1);
    let values = data.chunks(row_bytes).flat_map(|row| (0..columns).map(move |column| bit(row, column))).collect();
    Ok(Plane { shape, values })
}
