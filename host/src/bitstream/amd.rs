//! AMD's `.bit` files: a header in front of the configuration data.
//!
//! The format is not in the vendor's manuals. This is as openFPGALoader's `bitparser.cpp` reads it and as Vivado 2018.2 to
//! 2025.2 wrote that project's own bitstreams (one stands in `testbenches/vectors/bitstreams`): a field with a 16-bit
//! length (9 bytes of a fixed pattern), the number 1, then fields of a letter, a 16-bit length and a text that ends with a
//! 0 (`a` design, `b` part, `c` date, `d` time), and `e` with a 32-bit length, the data. All big-endian.

use super::error::Fault;

/// How such a file begins.
pub const MAGIC: [u8; 13] = [0, 9, 0x0f, 0xf0, 0x0f, 0xf0, 0x0f, 0xf0, 0x0f, 0xf0, 0, 0, 1];

/// Most bytes of a text of the header.
const MAX_TEXT: usize = 4096;

/// What the header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmdHeader {
    /// Design, and what the tool adds: `top;UserID=0XFFFFFFFF;Version=2023.2`.
    pub design: String,
    /// Part.
    pub part: String,
    /// Date, as the tool writes it.
    pub date: String,
    /// Time.
    pub time: String,
}

/// Reads a header; the data is what stands behind the byte that is returned, to the end.
pub fn read(bytes: &[u8]) -> Result<(AmdHeader, usize), Fault> {
    if bytes.len() < MAGIC.len() {
        let (need, have) = (MAGIC.len() as u64, bytes.len() as u64);
        return Err(Fault::Truncated { what: "header", byte: 0, need, have });
    }
    if !bytes.starts_with(&MAGIC) {
        return Err(Fault::Magic);
    }
    let mut at = MAGIC.len();
    let mut text = |key, what| {
        let text = field(bytes, at, key, what)?;
        at += 3 + text.len() + 1;
        Ok(text.to_owned())
    };
    let header = AmdHeader {
        design: text(b'a', "design name")?,
        part: text(b'b', "part")?,
        date: text(b'c', "date")?,
        time: text(b'd', "time")?,
    };
    let length = take::<5>(bytes, at, "data length")?;
    if length[0] != b'e' {
        return Err(Fault::Field { byte: at, expected: 'e', found: length[0] });
    }
    let said = u64::from(u32::from_be_bytes([length[1], length[2], length[3], length[4]]));
    at += 5;
    let have = (bytes.len() - at) as u64;
    match have.cmp(&said) {
        std::cmp::Ordering::Less => Err(Fault::Truncated { what: "data", byte: at, need: said, have }),
        std::cmp::Ordering::Greater => Err(Fault::Trailing { byte: at, said, have }),
        std::cmp::Ordering::Equal => Ok((header, at)),
    }
}

fn field<'a>(bytes: &'a [u8], at: usize, key: u8, what: &'static str) -> Result<&'a str, Fault> {
    let head = take::<3>(bytes, at, what)?;
    if head[0] != key {
        return Err(Fault::Field { byte: at, expected: key as char, found: head[0] });
    }
    let length = usize::from(u16::from_be_bytes([head[1], head[2]]));
    let start = at + 3;
    let have = bytes.len() - start;
    let Some(text) = bytes.get(start..start + length) else {
        return Err(Fault::Truncated { what, byte: start, need: length as u64, have: have as u64 });
    };
    let sound = |text: &&str| text.len() <= MAX_TEXT && !text.chars().any(char::is_control);
    text.strip_suffix(&[0])
        .and_then(|text| std::str::from_utf8(text).ok())
        .filter(sound)
        .ok_or(Fault::Text { byte: start, what })
}

fn take<const N: usize>(bytes: &[u8], at: usize, what: &'static str) -> Result<[u8; N], Fault> {
    let rest = bytes.get(at..).unwrap_or_default();
    let have = rest.len() as u64;
    rest.first_chunk().copied().ok_or(Fault::Truncated { what, byte: at, need: N as u64, have })
}

/// Header and data as a file; texts and data that are too long for their length fields are cut.
pub fn write(header: &AmdHeader, data: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    for (key, text) in [(b'a', &header.design), (b'b', &header.part), (b'c', &header.date), (b'd', &header.time)] {
        let text = &text.as_bytes()[..text.len().min(MAX_TEXT)];
        bytes.push(key);
        bytes.extend((text.len() as u16 + 1).to_be_bytes());
        bytes.extend(text);
        bytes.push(0);
    }
    let data = &data[..data.len().min(u32::MAX as usize)];
    bytes.push(b'e');
    bytes.extend((data.len() as u32).to_be_bytes());
    bytes.extend(data);
    bytes
}
