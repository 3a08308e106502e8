//! TIFF with one grey channel (crate `tiff`): the first and only page.

use super::{Fault, Plane, plane_of};
use debye_spec::bounds::MAX_PIXELS;
use std::io::{Cursor, ErrorKind};
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::{ColorType, TiffError};

pub(super) fn parse(bytes: &[u8]) -> Result<Plane, Fault> {
    let wrong = |error: TiffError| match error {
        TiffError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Fault::Header("the file is cut short or damaged".into())
        }
        other => Fault::Header(other.to_string()),
    };
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MAX_PIXELS as usize * 8;
    limits.intermediate_buffer_size = MAX_PIXELS as usize * 8;
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(wrong)?.with_limits(limits);
    let (columns, rows) = decoder.dimensions().map_err(wrong)?;
    let shape = plane_of(&[rows as usize, columns as usize])?;
    match decoder.colortype().map_err(wrong)? {
        ColorType::Gray(8 | 16 | 32 | 64) => {}
        other => return Err(Fault::Type(format!("{other:?}"))),
    }
    if decoder.more_images() {
        return Err(Fault::Header("it has several pages: give a file with one image".into()));
    }
    let values = match decoder.read_image().map_err(wrong)? {
        DecodingResult::U8(pixels) => pixels.into_iter().map(f64::from).collect(),
        DecodingResult::I8(pixels) => pixels.into_iter().map(f64::from).collect(),
        DecodingResult::U16(pixels) => pixels.into_iter().map(f64::from).collect(),
        DecodingResult::I16(pixels) => pixels.into_iter().map(f64::from).collect(),
        DecodingResult::U32(pixels) => pixels.into_iter().map(f64::from).collect(),
        DecodingResult::I32(pixels) => pixels.into_iter().map(f64::from).collect(),
        DecodingResult::U64(pixels) => pixels.into_iter().map(|pixel| pixel as f64).collect(),
        DecodingResult::I64(pixels) => pixels.into_iter().map(|pixel| pixel as f64).collect(),
        DecodingResult::F32(pixels) => pixels.into_iter().map(f64::from).collect(),
        DecodingResult::F64(pixels) => pixels,
        DecodingResult::F16(_) => return Err(Fault::Type("16 bit float".into())),
    };
    let values: Vec<f64> = values;
    let pixels = shape[0] * shape[1];
    match values.len() == pixels {
        true => Ok(Plane { shape, values }),
        false => Err(Fault::Header(format!("it holds {} values for {pixels} pixels", values.len()))),
    }
}
