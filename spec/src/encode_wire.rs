//! What goes into an encoder's lane and comes out of it: in-band, little-endian, like [`crate::wire`].
//!
//! ```text
//! in:   request (64)   pixels, padded with zeros to 8 bytes
//! out:  chunk, padded with zeros to 8 bytes   result (64)
//! ```
//!
//! How long a chunk gets is known when it ends, so its result comes behind it. A lane makes blocks of one size, which
//! stands in the chunk. A request that is refused makes no chunk: its pixels are read and dropped.

use crate::crc::Crc32;
use crate::element::Element;
use crate::status::Status;
use crate::wire::{HEADER_BYTES, REQUEST_MAGIC, TRAILER_MAGIC, VERSION, element_code, long, put, word};

/// Kind: encode.
pub const KIND_ENCODE: u8 = 2;
/// First four bytes of a result: "DBYC".
pub const RESULT_MAGIC: u32 = u32::from_le_bytes(*b"DBYC");

/// A request to encode: byte offsets in brackets.
///
/// `[0]` magic u32 (that of [`crate::wire::Request`]), `[4]` version u8, `[5]` kind u8, `[6]` element code u8, `[7]` 0,
/// `[8]` handle u64, `[16]` sequence u32, `[20]` bytes of the pixels u32, `[24]` pixels u32, `[28]` threshold u32,
/// `[32]` 8 bytes of 0, `[40]` address of the pixels u64 (0 when they follow in-band), `[48]` 16 bytes of 0.
///
/// The threshold stands in 4 bytes of pixels: four times for pixels of a byte, twice for those of two. (A lane takes each
/// pixel's own and does not compare them; [`EncodeRequest::read`] does.)
///
/// Refused ([`Status::RequestInvalid`]) if a constant is another, the element's code is not known, or the bytes are not
/// those of the pixels. The bytes that follow are always those stated. A frame whose pixels do not come in time ends as
/// [`Status::Stalled`]: what came out before its result is no whole chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeRequest {
    /// Comes back in the result.
    pub handle: u64,
    /// Number in the order of submission; comes back in the result.
    pub sequence: u32,
    /// Pixel type.
    pub element: Element,
    /// Pixels of the frame.
    pub pixels: u32,
    /// A pixel below it becomes 0 before it is encoded; 0: none does. Pixels are compared as numbers without a sign, so
    /// those that are not valid stay what they are, as [`crate::lossy`] demands, up to a threshold of the largest valid
    /// value and 1. Of smaller pixels the low bytes count.
    pub threshold: u32,
}

impl EncodeRequest {
    /// Bytes of the pixels; of more than fit 32 bits, what is left of them.
    pub const fn bytes(&self) -> u32 {
        self.pixels.wrapping_mul(self.element.size() as u32)
    }

    /// The header's bytes.
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        put(&mut bytes, 0, &REQUEST_MAGIC.to_le_bytes());
        put(&mut bytes, 4, &[VERSION, KIND_ENCODE, element_code(self.element), 0]);
        put(&mut bytes, 8, &self.handle.to_le_bytes());
        let threshold = match self.element.size() {
            1 => (self.threshold & 0xff) * 0x0101_0101,
            2 => (self.threshold & 0xffff) * 0x1_0001,
            _ => self.threshold,
        };
        for (i, word) in [self.sequence, self.bytes(), self.pixels, threshold].iter().enumerate() {
            put(&mut bytes, 16 + 4 * i, &word.to_le_bytes());
        }
        bytes
    }

    /// Makes 0 of the pixels below the threshold.
    pub fn cut(&self, pixels: &mut [u8]) {
        let size = self.element.size();
        let threshold = self.threshold & own_bits(self.element);
        for pixel in pixels.chunks_exact_mut(size) {
            let value = pixel.iter().rev().fold(0, |value, &byte| value << 8 | u32::from(byte));
            let kept = crate::lossy::threshold(value, threshold);
            pixel.copy_from_slice(&kept.to_le_bytes()[..size]);
        }
    }

    /// Reads a header, as a lane does.
    ///
    /// # Errors
    /// [`Status::RequestInvalid`].
    pub fn read(header: &[u8; HEADER_BYTES]) -> Result<EncodeRequest, Status> {
        let element = Element::ALL.into_iter().find(|&element| element_code(element) == header[6]);
        let element = element.ok_or(Status::RequestInvalid)?;
        let request = EncodeRequest {
            handle: long(header, 8),
            sequence: word(header, 16),
            element,
            pixels: word(header, 24),
            threshold: word(header, 28) & own_bits(element),
        };
        // All that the header says stands in the request, but the address.
        let mut plain = *header;
        put(&mut plain, 40, &[0; 8]);
        let whole = request.pixels.checked_mul(element.size() as u32).is_some();
        if whole && request.to_bytes() == plain { Ok(request) } else { Err(Status::RequestInvalid) }
    }
}

/// The bits of a pixel.
fn own_bits(element: Element) -> u32 {
    u32::MAX >> (32 - 8 * element.size())
}

/// A result, behind the chunk: byte offsets in brackets.
///
/// `[0]` magic u32, `[4]` version u8, `[5]` kind u8, `[6]` status u8, `[7]` 0, `[8]` handle u64, `[16]` sequence u32,
/// `[20]` bytes of the chunk u32 (0 if refused), `[24]` pixels u32, `[28]` CRC-32 of the chunk with its padding u32,
/// `[32]` cycles u64 (from the first word of the request to the result), `[40]` 20 bytes of 0, `[60]` magic u32 (that of
/// a trailer).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeResult {
    /// What became of the frame.
    pub status: Status,
    /// As in the request.
    pub handle: u64,
    /// As in the request.
    pub sequence: u32,
    /// Bytes of the chunk, without its padding.
    pub chunk_bytes: u32,
    /// As in the request.
    pub pixels: u32,
    /// CRC-32 of the chunk with its padding.
    pub crc: u32,
    /// Cycles that the lane took.
    pub cycles: u64,
}

/// Why bytes are no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodeResultError {
    /// Fewer than 64 bytes.
    Short,
    /// Another magic, version or kind.
    Unknown,
    /// A status that is not given.
    Status(u8),
}

impl EncodeResult {
    /// Reads a result.
    ///
    /// # Errors
    /// [`EncodeResultError`].
    pub fn read(bytes: &[u8]) -> Result<EncodeResult, EncodeResultError> {
        if bytes.len() < HEADER_BYTES {
            return Err(EncodeResultError::Short);
        }
        let known = word(bytes, 0) == RESULT_MAGIC && word(bytes, 60) == TRAILER_MAGIC;
        if !known || bytes[4] != VERSION || bytes[5] != KIND_ENCODE {
            return Err(EncodeResultError::Unknown);
        }
        Ok(EncodeResult {
            status: Status::from_code(bytes[6]).ok_or(EncodeResultError::Status(bytes[6]))?,
            handle: long(bytes, 8),
            sequence: word(bytes, 16),
            chunk_bytes: word(bytes, 20),
            pixels: word(bytes, 24),
            crc: word(bytes, 28),
            cycles: long(bytes, 32),
        })
    }
}

/// CRC-32 of a chunk as a result states it: with the zeros that pad it to 8 bytes.
pub fn padded_crc(chunk: &[u8]) -> u32 {
    let mut crc = Crc32::default();
    crc.update(chunk);
    crc.update(&[0; 8][..chunk.len().next_multiple_of(8) - chunk.len()]);
    crc.value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encode_request_is_read_as_written_and_refused_otherwise() {
        let request =
            EncodeRequest { handle: 5 << 40, sequence: 6, element: Element::I16, pixels: 700, threshold: 0x30 };
        let mut good = request.to_bytes();
        assert_eq!(EncodeRequest::read(&good), Ok(request));
        good[44] = 9;
        assert_eq!(EncodeRequest::read(&good), Ok(request), "the address is nobody's here");
        for at in [0, 4, 5, 6, 7, 20, 24, 28, 36, 39, 48, 63] {
            let mut bad = good;
            bad[at] ^= 0x81;
            assert_eq!(EncodeRequest::read(&bad), Err(Status::RequestInvalid), "byte {at}");
        }
        let huge = EncodeRequest { element: Element::U32, pixels: 1 << 30, ..request };
        assert_eq!(EncodeRequest::read(&huge.to_bytes()), Err(Status::RequestInvalid), "its bytes are not 0");
    }

    #[test]
    fn encode_result_that_is_none_is_refused() {
        assert_eq!(EncodeResult::read(&[0; 63]), Err(EncodeResultError::Short));
        assert_eq!(EncodeResult::read(&[0; 64]), Err(EncodeResultError::Unknown));
        let mut bytes = [0; 64];
        bytes[..8].copy_from_slice(b"DBYC\x01\x02\xc8\0");
        bytes[60..].copy_from_slice(b"DBYE");
        assert_eq!(EncodeResult::read(&bytes), Err(EncodeResultError::Status(200)));
    }

    #[test]
    fn encode_request_threshold_stands_in_every_pixel_of_four_bytes() {
        let stated = |element| {
            let request = EncodeRequest { handle: 0, sequence: 0, element, pixels: 0, threshold: 0x1234_5678 };
            word(&request.to_bytes(), 28)
        };
        assert_eq!([Element::U8, Element::I16, Element::U32].map(stated), [0x7878_7878, 0x5678_5678, 0x1234_5678]);
    }

    #[test]
    fn padded_crc_counts_the_zeros() {
        assert_eq!(padded_crc(b"12345"), padded_crc(b"12345\0\0\0"));
        assert_ne!(padded_crc(b"12345678"), padded_crc(b"1234567"));
    }
}
