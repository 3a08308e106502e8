//! Lattice's `.bit` files: comments in front of the configuration data (FPGA-TN-02039, and what ecppack and openFPGALoader
//! make of it): `ff 00`, texts that each end with a 0, and `ff`. Diamond writes `LSCC` before them.

use super::error::Fault;

const MAGIC: [u8; 2] = [0xff, 0];
const DIAMOND: &[u8] = b"LSCC";
/// Most bytes of comments.
const MAX_COMMENTS: usize = 1 << 16;

/// Whether a file begins like one.
pub fn begins(bytes: &[u8]) -> bool {
    bytes.strip_prefix(DIAMOND).unwrap_or(bytes).starts_with(&MAGIC)
}

/// Reads the comments; the data is what stands behind the byte that is returned, to the end.
pub fn read(bytes: &[u8]) -> Result<(Vec<String>, usize), Fault> {
    let mut at = if bytes.starts_with(DIAMOND) { DIAMOND.len() } else { 0 } + MAGIC.len();
    let limit = bytes.len().min(at + MAX_COMMENTS);
    let mut comments = Vec::new();
    loop {
        let rest = bytes.get(at..limit).unwrap_or_default();
        if rest.first() == Some(&0xff) {
            return Ok((comments, at + 1));
        }
        let Some(length) = rest.iter().position(|&byte| byte == 0) else {
            let (need, have) = (rest.len() as u64 + 1, rest.len() as u64);
            return Err(Fault::Truncated { what: "comments", byte: at, need, have });
        };
        let text = std::str::from_utf8(&rest[..length]).ok().filter(|text| !text.chars().any(char::is_control));
        let text = text.ok_or(Fault::Text { byte: at, what: "comment" })?;
        if !text.is_empty() {
            comments.push(text.to_owned());
        }
        at += length + 1;
    }
}

/// The part that the comments name.
pub fn part(comments: &[String]) -> Option<&str> {
    comments.iter().find_map(|comment| Some(comment.strip_prefix("Part:")?.trim()))
}

/// Comments and data as a file, without Diamond's letters.
pub fn write(comments: &[String], data: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    for comment in comments {
        bytes.extend(comment.as_bytes());
        bytes.push(0);
    }
    bytes.push(0xff);
    bytes.extend(data);
    bytes
}
