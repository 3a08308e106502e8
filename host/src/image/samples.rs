//! Pixels of every type as f64.

use super::Fault;

/// Type of a stored pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F32,
    F64,
}

impl Kind {
    /// Bytes of a pixel.
    pub fn size(self) -> usize {
        match self {
            Kind::U8 | Kind::I8 => 1,
            Kind::U16 | Kind::I16 => 2,
            Kind::U32 | Kind::I32 | Kind::F32 => 4,
            Kind::U64 | Kind::I64 | Kind::F64 => 8,
        }
    }
}

/// The `count` pixels that start at `byte` of a file.
pub(super) fn decode(bytes: &[u8], byte: usize, count: usize, kind: Kind, big_endian: bool) -> Result<Vec<f64>, Fault> {
    let rest = bytes.get(byte..).unwrap_or_default();
    let need = count.saturating_mul(kind.size());
    let data = rest.get(..need).ok_or(Fault::Truncated { what: "pixel data", byte, need, have: rest.len() })?;
    Ok(match kind {
        Kind::U8 => data.iter().map(|&value| value.into()).collect(),
        Kind::I8 => data.iter().map(|&value| (value as i8).into()).collect(),
        Kind::U16 => each(data, big_endian, |value| u16::from_le_bytes(value).into()),
        Kind::I16 => each(data, big_endian, |value| i16::from_le_bytes(value).into()),
        Kind::U32 => each(data, big_endian, |value| u32::from_le_bytes(value).into()),
        Kind::I32 => each(data, big_endian, |value| i32::from_le_bytes(value).into()),
        Kind::U64 => each(data, big_endian, |value| u64::from_le_bytes(value) as f64),
        Kind::I64 => each(data, big_endian, |value| i64::from_le_bytes(value) as f64),
        Kind::F32 => each(data, big_endian, |value| f32::from_le_bytes(value).into()),
        Kind::F64 => each(data, big_endian, f64::from_le_bytes),
    })
}

fn each<const N: usize>(data: &[u8], big_endian: bool, convert: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    let (pixels, _) = data.as_chunks::<N>();
    let in_order = |&pixel: &[u8; N]| {
        let mut pixel = pixel;
        if big_endian {
            pixel.reverse();
        }
        convert(pixel)
    };
    pixels.iter().map(in_order).collect()
}
