//! EDF, the ESRF data format (fabio's `edfimage.py`): a header `{ key = value ; ... }` in ASCII, then the pixels of
//! the first image. What follows that image is not looked at.

use super::samples::{Kind, decode};
use super::{Fault, Plane, plane_of};
use std::collections::HashMap;

/// Headers are a few kilobytes; looking further for an end would only be slow.
const MAX_HEADER: usize = 1 << 22;

pub(super) fn parse(bytes: &[u8]) -> Result<Plane, Fault> {
    let (fields, data) = header(bytes)?;
    let text = |key: &'static str| {
        fields.get(key).map(String::as_str).ok_or_else(|| Fault::Header(format!("its header has no {key:?}")))
    };
    let number = |key: &'static str| {
        let value = text(key)?;
        value
            .parse::<usize>()
            .map_err(|_| Fault::Header(format!("its header's {key} is {value:?}, not a whole number")))
    };
    let kind = kind_of(text("datatype")?)?;
    let big_endian = match text("byteorder") {
        Ok(order) if order.eq_ignore_ascii_case("LowByteFirst") => false,
        Ok(order) if order.eq_ignore_ascii_case("HighByteFirst") => true,
        Ok(order) => return Err(Fault::Header(format!("its header's byteorder is {order:?}"))),
        // A byte has no order.
        Err(_) if kind.size() == 1 => false,
        Err(missing) => return Err(missing),
    };
    if let Ok(codec) = text("compression")
        && !["none", "no", "raw", ""].contains(&codec.to_ascii_lowercase().as_str())
    {
        return Err(Fault::Header(format!(
            "its pixels are compressed ({codec}), which is not read: store them plainly"
        )));
    }
    // Dim_1 is the fast axis. Further dimensions must be 1.
    let mut dimensions = vec![number("dim_2")?, number("dim_1")?];
    for key in ["dim_3", "dim_4"] {
        if fields.contains_key(key) {
            dimensions.insert(0, number(key)?);
        }
    }
    let shape = plane_of(&dimensions)?;
    Ok(Plane { shape, values: decode(bytes, data, shape[0] * shape[1], kind, big_endian)? })
}

/// The header's fields, keys in lower case, and where the pixels start.
fn header(bytes: &[u8]) -> Result<(HashMap<String, String>, usize), Fault> {
    let start = bytes.iter().position(|&byte| byte == b'{').map_or(0, |at| at + 1);
    let looked = bytes.get(start..bytes.len().min(MAX_HEADER)).unwrap_or_default();
    // A brace may stand in a value; the one that ends the header is followed by a line feed.
    let ends = [b"}\n".as_slice(), b"}\r\n".as_slice()];
    let end = (0..looked.len())
        .find_map(|at| ends.iter().find(|end| looked[at..].starts_with(end)).map(|end| (at, start + at + end.len())));
    let (end, data) = end.ok_or_else(|| Fault::Header("its header has no end: a } before a line feed".into()))?;
    let text = String::from_utf8_lossy(&looked[..end]);
    let mut fields = HashMap::new();
    for (key, value) in text.split(';').filter_map(|line| line.split_once('=')) {
        // The first of a repeated key counts: `title` lines of later tools repeat what the detector wrote.
        fields.entry(key.trim().to_ascii_lowercase()).or_insert_with(|| value.trim().to_string());
    }
    Ok((fields, data))
}

/// The names of `fabio/edfimage.py`, `DATA_TYPES`, in any case.
fn kind_of(name: &str) -> Result<Kind, Fault> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "unsignedbyte" | "unsigned8" => Kind::U8,
        "signedbyte" | "signed8" => Kind::I8,
        "unsignedshort" | "unsigned16" | "unsignedshortinteger" => Kind::U16,
        "signedshort" | "signed16" => Kind::I16,
        "unsignedinteger" | "unsigned32" | "unsignedlong" => Kind::U32,
        "signedinteger" | "signed32" | "signedlong" => Kind::I32,
        "unsigned64" => Kind::U64,
        "signed64" => Kind::I64,
        "floatvalue" | "float" | "floatieee32" | "float32" => Kind::F32,
        "double" | "doublevalue" | "floatieee64" | "doubleieee64" => Kind::F64,
        _ => return Err(Fault::Type(name.to_string())),
    })
}
