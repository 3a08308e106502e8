//! `.npy` (numpy's `lib/format.py`, versions 1 to 3): a magic, a Python dictionary in ASCII or UTF-8, the array.

use super::samples::{Kind, decode};
use super::{Fault, Plane, plane_of};

const MAGIC_BYTES: usize = 6;

pub(super) fn parse(bytes: &[u8]) -> Result<Plane, Fault> {
    let (header, data) = header(bytes)?;
    let text = std::str::from_utf8(header).map_err(|_| wrong("its header is not text"))?;
    let (kind, big_endian) = kind_of(&string_of(text, "descr")?)?;
    let fortran = word_of(text, "fortran_order")?;
    let shape = plane_of(&numbers_of(text, "shape")?)?;
    let values = decode(bytes, data, shape[0] * shape[1], kind, big_endian)?;
    Ok(Plane { shape, values: if fortran { by_columns(&values, shape) } else { values } })
}

fn wrong(what: &str) -> Fault {
    Fault::Header(what.to_string())
}

/// The header's bytes and where the array starts.
fn header(bytes: &[u8]) -> Result<(&[u8], usize), Fault> {
    let (length, from) = match bytes.get(MAGIC_BYTES..).unwrap_or_default() {
        [1, _, a, b, ..] => (u16::from_le_bytes([*a, *b]) as usize, MAGIC_BYTES + 4),
        [2 | 3, _, a, b, c, d, ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, MAGIC_BYTES + 6),
        [version, _, _, _, ..] if !(1..=3).contains(version) => {
            return Err(Fault::Header(format!("npy version {version} is not read: 1, 2 and 3 are")));
        }
        short => return Err(Fault::Truncated { what: "header", byte: MAGIC_BYTES, need: 6, have: short.len() }),
    };
    let have = bytes.len() - from;
    let header = bytes.get(from..from + length);
    let header = header.ok_or(Fault::Truncated { what: "header", byte: from, need: length, have })?;
    Ok((header, from + length))
}

/// What follows `'key':` in the dictionary. numpy writes these literals with `repr`, so a key stands in quotes and
/// no string of a plain array's header holds quotes of its own.
fn value_of<'a>(text: &'a str, key: &str) -> Result<&'a str, Fault> {
    let found = ["'", "\""].iter().find_map(|quote| {
        let (_, rest) = text.split_once(&format!("{quote}{key}{quote}"))?;
        rest.trim_start().strip_prefix(':')
    });
    found.map(str::trim_start).ok_or_else(|| Fault::Header(format!("its header has no {key:?}")))
}

fn string_of(text: &str, key: &str) -> Result<String, Fault> {
    let value = value_of(text, key)?;
    let inner = ['\'', '"'].iter().find_map(|&quote| value.strip_prefix(quote)?.split(quote).next());
    match inner {
        Some(inner) => Ok(inner.to_string()),
        None if value.starts_with('[') => Err(Fault::Type("record".into())),
        None => Err(Fault::Header(format!("its header's {key:?} is not a string"))),
    }
}

fn word_of(text: &str, key: &str) -> Result<bool, Fault> {
    let value = value_of(text, key)?;
    match (value.starts_with("True"), value.starts_with("False")) {
        (false, false) => Err(Fault::Header(format!("its header's {key:?} is neither True nor False"))),
        (yes, _) => Ok(yes),
    }
}

fn numbers_of(text: &str, key: &str) -> Result<Vec<usize>, Fault> {
    let value = value_of(text, key)?;
    let inner = value.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(inner, _)| inner.trim());
    let inner = inner.ok_or_else(|| Fault::Header(format!("its header's {key:?} is not a tuple")))?;
    let inner = inner.strip_suffix(',').unwrap_or(inner);
    let number = |item: &str| {
        // Python 2 wrote long integers with an L.
        let item = item.trim();
        item.strip_suffix('L').unwrap_or(item).parse()
    };
    if inner.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Result<Vec<usize>, _> = inner.split(',').map(number).collect();
    numbers.map_err(|_| Fault::Header(format!("its header's {key:?} ({inner}) is not a tuple of whole numbers")))
}

/// numpy's type string, such as `<u4`.
fn kind_of(descr: &str) -> Result<(Kind, bool), Fault> {
    let unknown = || Fault::Type(descr.to_string());
    let mut letters = descr.chars();
    let big_endian = match letters.next().ok_or_else(unknown)? {
        '<' | '|' => false,
        '>' => true,
        '=' => cfg!(target_endian = "big"),
        _ => return Err(unknown()),
    };
    let kind = match letters.as_str() {
        "b1" | "u1" => Kind::U8,
        "i1" => Kind::I8,
        "u2" => Kind::U16,
        "i2" => Kind::I16,
        "u4" => Kind::U32,
        "i4" => Kind::I32,
        "u8" => Kind::U64,
        "i8" => Kind::I64,
        "f4" => Kind::F32,
        "f8" => Kind::F64,
        _ => return Err(unknown()),
    };
    Ok((kind, big_endian))
}

/// Row by row, out of values that lie column by column.
fn by_columns(values: &[f64], [rows, columns]: [usize; 2]) -> Vec<f64> {
    (0..rows).flat_map(|row| (0..columns).map(move |column| values[column * rows + row])).collect()
}
