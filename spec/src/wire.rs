//! What goes into a card's lane and comes out of it: in-band headers of 64 bytes, little-endian.
//!
//! ```text
//! in:   request header (64)   chunk, padded with zeros to 8 bytes
//! out:  result header (64)    record, padded to 8    list of invalid pixels, padded to 8    trailer (8)
//! ```
//!
//! Lengths stand in the headers: nothing relies on TLAST alone. A frame that failed has no record and no list.
//! The record is [`Bins::record`](crate::Bins::record). The list has one `u32` for each group of slots in which a pixel
//! was invalid, in the order of the frame: `group << 4 | slots` (a group is what one table operation covers, see
//! [`crate::ops`]); at most [`MAX_INVALID_LISTED`] groups are listed, which is enough for that many pixels.

use crate::bounds::MAX_INVALID_LISTED;
use crate::element::Element;
use crate::ops::{SLOTS, pixels_of_op, slot_of_pixel};
use crate::statistics::Statistics;
use crate::status::Status;
use alloc::vec::Vec;

/// Bytes of a header.
pub const HEADER_BYTES: usize = 64;
/// Bytes of the trailer.
pub const TRAILER_BYTES: usize = 8;
/// First four bytes of a request: "DBYQ".
pub const REQUEST_MAGIC: u32 = u32::from_le_bytes(*b"DBYQ");
/// First four bytes of a result: "DBYR".
pub const RESULT_MAGIC: u32 = u32::from_le_bytes(*b"DBYR");
/// Last four bytes of a result: "DBYE".
pub const TRAILER_MAGIC: u32 = u32::from_le_bytes(*b"DBYE");
/// Version of both headers.
pub const VERSION: u8 = 1;
/// Kind: decode and integrate.
pub const KIND_INTEGRATE: u8 = 1;
/// Bit of a request's byte 7: what stands behind the chunk's end is passed over, and is no fault. The bytes of the chunk
/// that the request states are then a bound.
pub const REQUEST_PADDED: u8 = 1;

/// Bytes that a result has at most beside those of its bins (20 each): headers, padding, a full list, trailer.
pub const MAX_RESULT_BYTES_FIXED: u32 = (HEADER_BYTES + 4 + 4 * MAX_INVALID_LISTED + TRAILER_BYTES) as u32;

/// Code of an element type in a request.
pub const fn element_code(element: Element) -> u8 {
    match element {
        Element::U8 => 0,
        Element::U16 => 1,
        Element::U32 => 2,
        Element::I16 => 5,
        Element::I32 => 6,
    }
}

/// A request: byte offsets in brackets.
///
/// `[0]` magic u32, `[4]` version u8, `[5]` kind u8, `[6]` element code u8 (bits 1..0: log2 of the bytes, bit 2: signed),
/// `[7]` flags u8 ([`REQUEST_PADDED`]; else 0), `[8]` handle u64, `[16]` sequence u32, `[20]` chunk bytes u32, `[24]` pixels
/// u32, `[28]` bins u32, `[32]` `max_valid` u32, `[36]` threshold u32, `[40]` chunk address u64, `[48]` table id u32, `[52]` 12 bytes of 0 (in a
/// submission ring: where the result goes, see [`crate::rings`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Comes back in the result.
    pub handle: u64,
    /// Number in the order of submission; comes back in the result.
    pub sequence: u32,
    /// Pixel type.
    pub element: Element,
    /// Bytes of the chunk.
    pub chunk_bytes: u32,
    /// Pixels of the frame.
    pub pixels: u32,
    /// Bins of the table.
    pub bins: u32,
    /// Largest value that counts, lowered as [`crate::ValidRule`] does.
    pub max_valid: u32,
    /// Valid pixels above this are counted.
    pub threshold: u32,
    /// Where the chunk stands in the memory that the card fetches from; 0 when it follows in-band.
    pub chunk_address: u64,
    /// Which table.
    pub table: u32,
}

impl Request {
    /// The header's bytes.
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        put(&mut bytes, 0, &REQUEST_MAGIC.to_le_bytes());
        put(&mut bytes, 4, &[VERSION, KIND_INTEGRATE, element_code(self.element), 0]);
        put(&mut bytes, 8, &self.handle.to_le_bytes());
        let words = [self.sequence, self.chunk_bytes, self.pixels, self.bins, self.max_valid, self.threshold];
        for (i, word) in words.iter().enumerate() {
            put(&mut bytes, 16 + 4 * i, &word.to_le_bytes());
        }
        put(&mut bytes, 40, &self.chunk_address.to_le_bytes());
        put(&mut bytes, 48, &self.table.to_le_bytes());
        bytes
    }
}

pub(crate) fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    for (k, &byte) in value.iter().enumerate() {
        if let Some(place) = bytes.get_mut(at + k) {
            *place = byte;
        }
    }
}

pub(crate) fn word(bytes: &[u8], at: usize) -> u32 {
    let mut value = [0; 4];
    for (k, byte) in value.iter_mut().enumerate() {
        *byte = bytes.get(at + k).copied().unwrap_or(0);
    }
    u32::from_le_bytes(value)
}

pub(crate) fn long(bytes: &[u8], at: usize) -> u64 {
    word(bytes, at) as u64 | (word(bytes, at + 4) as u64) << 32
}

/// A result header: byte offsets in brackets.
///
/// `[0]` magic u32, `[4]` version u8, `[5]` kind u8, `[6]` status u8, `[7]` 0, `[8]` handle u64, `[16]` sequence u32,
/// `[20]` payload bytes u32 (record and list with their padding), `[24]` valid u32, `[28]` invalid u32, `[32]` sum u64,
/// `[40]` max u32, `[44]` over u32, `[48]` groups listed u32, `[52]` bins u32, `[56]` cycles u64 (from the first word
/// of the request to the end of the frame). Statistics of a frame that failed mean nothing.
///
/// The trailer is `[0]` CRC-32 u32 of the record without its padding (0 for a frame that failed), `[4]` magic u32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultHeader {
    /// What became of the frame.
    pub status: Status,
    /// As in the request.
    pub handle: u64,
    /// As in the request.
    pub sequence: u32,
    /// Bytes between header and trailer.
    pub payload_bytes: u32,
    /// Statistics.
    pub statistics: Statistics,
    /// Groups in the list.
    pub listed: u32,
    /// Bins of the record.
    pub bins: u32,
    /// Cycles that the lane took.
    pub cycles: u64,
}

/// Why bytes are no result header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultHeaderError {
    /// Fewer than 64 bytes.
    Short,
    /// Another magic, version or kind.
    Unknown,
    /// A status that is not given.
    Status(u8),
}

impl ResultHeader {
    /// Reads a header.
    ///
    /// # Errors
    /// [`ResultHeaderError`].
    pub fn read(bytes: &[u8]) -> Result<ResultHeader, ResultHeaderError> {
        if bytes.len() < HEADER_BYTES {
            return Err(ResultHeaderError::Short);
        }
        if word(bytes, 0) != RESULT_MAGIC || bytes[4] != VERSION || bytes[5] != KIND_INTEGRATE {
            return Err(ResultHeaderError::Unknown);
        }
        Ok(ResultHeader {
            status: Status::from_code(bytes[6]).ok_or(ResultHeaderError::Status(bytes[6]))?,
            handle: long(bytes, 8),
            sequence: word(bytes, 16),
            payload_bytes: word(bytes, 20),
            statistics: Statistics {
                valid: word(bytes, 24),
                invalid: word(bytes, 28),
                sum: long(bytes, 32),
                max: word(bytes, 40),
                over: word(bytes, 44),
            },
            listed: word(bytes, 48),
            bins: word(bytes, 52),
            cycles: long(bytes, 56),
        })
    }
}

/// The invalid pixels of a frame out of the listed groups: as many as [`crate::FrameResult::invalid`] lists.
pub fn invalid_pixels(groups: &[u32], element: Element) -> Vec<u32> {
    let per_op = pixels_of_op(element);
    let pixels = groups.iter().flat_map(|&group| {
        let first = (group >> SLOTS) * per_op as u32;
        (0..per_op).filter(move |&k| group >> slot_of_pixel(element, k) & 1 != 0).map(move |k| first + k as u32)
    });
    pixels.take(MAX_INVALID_LISTED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_pixels_groups_become_rising_pixels() {
        assert_eq!(invalid_pixels(&[0b1001, 2 << 4 | 0b0100], Element::U16), [0, 3, 10]);
        assert_eq!(invalid_pixels(&[0b0101, 2 << 4 | 0b0100], Element::U32), [0, 1, 5]);
        assert_eq!(invalid_pixels(&[0b1111; 300], Element::U8).len(), MAX_INVALID_LISTED);
    }

    #[test]
    fn result_header_that_is_none_is_refused() {
        assert_eq!(ResultHeader::read(&[0; 63]), Err(ResultHeaderError::Short));
        assert_eq!(ResultHeader::read(&[0; 64]), Err(ResultHeaderError::Unknown));
    }
}
