//! LZ4 block encode: the pieces of [`crate::matches`] as bytes ("LZ4 Block Format Description",
//! lz4/doc/lz4_Block_format.md).
//!
//! Of one block of bit-planes there is one right answer, which a lane in gateware and the CPU path give bit for bit.
//! Any LZ4 decoder reads it.

use crate::matches::{MIN_MATCH, Matches};
use alloc::vec::Vec;

/// The most bytes that [`encode`] makes of `bytes` bytes of planes, met by a block of more than 14 bytes in which nothing
/// repeats.
///
/// A match with its token and offset takes 3 bytes and saves 4 or more; what can be lost are the extension bytes of
/// literal lengths, one for every 255 bytes, and in the last piece a token and an extension byte more.
pub const fn max_block_bytes(bytes: usize) -> usize {
    bytes + bytes.saturating_sub(15) / 255 + 2
}

/// Writes what a length has beyond the 4 bits in the token: bytes of 255 and a last one below.
fn extend(out: &mut Vec<u8>, length: usize) {
    if let Some(mut rest) = length.checked_sub(15) {
        while rest >= 255 {
            out.push(255);
            rest -= 255;
        }
        out.push(rest as u8);
    }
}

/// Appends to `out` the LZ4 block of `planes`, the bit-planes of elements of `element_size` bytes.
pub fn encode(planes: &[u8], element_size: usize, out: &mut Vec<u8>) {
    for piece in Matches::new(planes, element_size) {
        let literals = &planes[piece.literals];
        let matched = piece.copy.map_or(0, |(_, length)| length - MIN_MATCH);
        out.push((literals.len().min(15) << 4 | matched.min(15)) as u8);
        extend(out, literals.len());
        out.extend_from_slice(literals);
        if let Some((offset, _)) = piece.copy {
            out.extend_from_slice(&(offset as u16).to_le_bytes());
            extend(out, matched);
        }
    }
}
