//! Submission and completion rings: how a host hands work to a card and hears of it.
//!
//! Both rings stand in host memory, as arrays of 64-byte entries whose number is a power of two. Their indices are `u32`
//! and run freely: entry `i` stands at `base + 64 * (i mod entries)`, and indices wrap at 2^32. The host writes
//! submissions and the card completions; each side tells the other how far it is through the registers of the queue
//! ([`crate::ring_map`]). **Every submission that the card has taken gets exactly one completion**, in any order. A card
//! takes no submission for whose completion there is no room.
//!
//! A card writes a completion after all it stands for: whoever sees the completion sees the result. The entry's last word
//! holds the phase, the inverse of what the same place held on the lap before: 1 on the first lap over zeroed memory.
//! The host must read the phase before the rest (acquire), and must zero the ring before it enables the queue.
//!
//! An entry that could not be read counts as zeros and completes with [`Status::DmaFault`]. With that status the
//! submission's own memory (result, target of a copy) may hold anything, and nothing else was touched. A card is done with
//! a submission's memory, chunk and result, when it writes the completion.

mod completion;
mod fuse;

pub use completion::{Completion, phase};
pub use fuse::{FuseJob, chunk_place, fuse_room};

use crate::element::Element;
use crate::encode_wire::EncodeRequest;
use crate::status::Status;
use crate::wire::{HEADER_BYTES, MAX_RESULT_BYTES_FIXED, REQUEST_MAGIC, Request, VERSION, element_code, put, word};

/// Bytes of an entry of either ring.
pub const ENTRY_BYTES: usize = HEADER_BYTES;
/// log2 of the fewest entries of a ring.
pub const MIN_DEPTH_LOG2: u32 = 2;
/// log2 of the most entries of a ring.
pub const MAX_DEPTH_LOG2: u32 = 12;
/// What addresses of chunks, results and copies must be multiples of.
pub const ALIGNMENT: u64 = 64;
/// Most bytes of one chunk or copy.
pub const MAX_JOB_BYTES: u32 = 1 << 30;

/// What a submission asks for: byte 5 of its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Decode a chunk and integrate it: [`crate::wire`].
    Integrate = crate::wire::KIND_INTEGRATE,
    /// Copy host memory into the card's table memory.
    Upload = 2,
    /// Copy host memory to host memory, through the card.
    Copy = 3,
    /// Encode pixels into a chunk: [`crate::encode_wire`].
    Encode = 4,
    /// Encode pixels into a chunk and integrate what the chunk decodes to: [`FuseJob`].
    Fuse = 5,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 5] = [Kind::Integrate, Kind::Upload, Kind::Copy, Kind::Encode, Kind::Fuse];

    /// The kind with that code.
    pub fn from_code(code: u8) -> Option<Kind> {
        Kind::ALL.into_iter().find(|&kind| kind as u8 == code)
    }
}

/// Copies bytes; see [`Submission`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyJob {
    /// Comes back in the completion.
    pub handle: u64,
    /// Number in the order of submission; comes back in the completion.
    pub sequence: u32,
    /// Bytes, a multiple of [`ALIGNMENT`].
    pub bytes: u32,
    /// From where in host memory.
    pub source: u64,
    /// To where: in the table memory for [`Kind::Upload`], in host memory for [`Kind::Copy`]. A card refuses an upload that
    /// does not fit its table memory as [`Status::RequestInvalid`].
    pub target: u64,
}

/// An entry of the submission ring.
///
/// Of kind [`Kind::Integrate`] it is a request header ([`Request`]) with `[52]` capacity u32 and `[56]` address u64 of
/// the memory for the result; the card clears both on the way to the lane.
/// Of kind [`Kind::Encode`] it is an encoder's request ([`EncodeRequest`]) with the code of this kind, `[7]` log2 of the
/// block's bytes u8, `[40]` address of the pixels u64, `[52]` capacity u32 and `[56]` address u64 of the memory for the
/// chunk. The lane gets it with its own code for the kind, and without the others.
/// The chunk alone is written, padded with zeros to 8 bytes; its bytes without padding stand in the completion, with the
/// CRC-32 of it and its padding.
/// Of kind [`Kind::Fuse`] see [`FuseJob`].
/// Of the other kinds: `[0]` magic u32, `[4]` version u8, `[5]` kind u8, `[6]` u16 of 0, `[8]` handle u64, `[16]` sequence
/// u32, `[20]` bytes u32, `[24]` 16 bytes of 0, `[40]` source u64, `[48]` u64 of 0, `[56]` target u64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submission {
    /// Decode and integrate.
    Integrate {
        /// The request.
        request: Request,
        /// Where in host memory the result goes.
        result_address: u64,
        /// Bytes there; at least [`result_bytes`] of the request's bins.
        result_capacity: u32,
    },
    /// Fill the table memory.
    Upload(CopyJob),
    /// Copy through the card.
    Copy(CopyJob),
    /// Encode.
    Encode(EncodeJob),
    /// Encode and integrate.
    Fuse(FuseJob),
}

/// Encodes pixels; see [`Submission`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeJob {
    /// The request.
    pub request: EncodeRequest,
    /// log2 of the bytes of a block: the one that the card makes.
    pub block_log2: u8,
    /// Where in host memory the pixels are.
    pub source: u64,
    /// Where in host memory the chunk goes.
    pub target: u64,
    /// Bytes there; at least [`chunk_room`] of the pixels' bytes.
    pub capacity: u32,
}

/// Most bytes of a result with so many bins.
pub const fn result_bytes(bins: u32) -> u32 {
    MAX_RESULT_BYTES_FIXED + 20 * bins
}

/// Bytes that a card wants for the chunk of so many bytes of pixels: no fewer than the largest chunk with its padding, in
/// blocks of 1 KiB and more.
pub const fn chunk_room(pixel_bytes: u32) -> u32 {
    pixel_bytes.saturating_add(pixel_bytes / 64).saturating_add(128)
}

impl Submission {
    /// The entry's bytes.
    pub fn to_bytes(&self) -> [u8; ENTRY_BYTES] {
        let (kind, job) = match self {
            Submission::Integrate { request, result_address, result_capacity } => {
                let mut bytes = request.to_bytes();
                put(&mut bytes, 52, &result_capacity.to_le_bytes());
                put(&mut bytes, 56, &result_address.to_le_bytes());
                return bytes;
            }
            Submission::Fuse(job) => return job.to_bytes(),
            Submission::Upload(job) => (Kind::Upload, job),
            Submission::Copy(job) => (Kind::Copy, job),
            Submission::Encode(job) => {
                let mut bytes = job.request.to_bytes();
                put(&mut bytes, 5, &[Kind::Encode as u8]);
                put(&mut bytes, 7, &[job.block_log2]);
                put(&mut bytes, 40, &job.source.to_le_bytes());
                put(&mut bytes, 52, &job.capacity.to_le_bytes());
                put(&mut bytes, 56, &job.target.to_le_bytes());
                return bytes;
            }
        };
        let mut bytes = [0; ENTRY_BYTES];
        put(&mut bytes, 0, &REQUEST_MAGIC.to_le_bytes());
        put(&mut bytes, 4, &[VERSION, kind as u8]);
        put(&mut bytes, 8, &job.handle.to_le_bytes());
        put(&mut bytes, 16, &job.sequence.to_le_bytes());
        put(&mut bytes, 20, &job.bytes.to_le_bytes());
        put(&mut bytes, 40, &job.source.to_le_bytes());
        put(&mut bytes, 56, &job.target.to_le_bytes());
        bytes
    }

    /// Reads an entry, as a card does.
    ///
    /// # Errors
    /// [`Status::RequestInvalid`] when magic, version or kind are unknown, an address is not a multiple of [`ALIGNMENT`],
    /// a copy has no bytes or not whole multiples, or there are more than [`MAX_JOB_BYTES`];
    /// [`Status::ResultTooLarge`] when the result might not fit its memory. For a card the capacity comes last. What else
    /// is wrong with a request to integrate (element, bins, table) or to encode (element, pixels) a lane says: such an
    /// entry is read. A card refuses kinds that it does not take, and blocks that are not those it makes, as
    /// [`Status::RequestInvalid`] too.
    pub fn read(bytes: &[u8; ENTRY_BYTES]) -> Result<RawSubmission, Status> {
        let raw = RawSubmission { bytes: *bytes };
        let Some(kind) = raw.kind() else { return Err(Status::RequestInvalid) };
        let aligned = (raw.source() | raw.target()).is_multiple_of(ALIGNMENT);
        let copies = matches!(kind, Kind::Upload | Kind::Copy);
        let whole = !copies || (raw.job_bytes() != 0 && (raw.job_bytes() as u64).is_multiple_of(ALIGNMENT));
        if !aligned || !whole || raw.job_bytes() > MAX_JOB_BYTES {
            return Err(Status::RequestInvalid);
        }
        let needed = match kind {
            Kind::Integrate => MAX_RESULT_BYTES_FIXED as u64 + 20 * raw.bins() as u64,
            Kind::Encode => chunk_room(raw.job_bytes()) as u64,
            Kind::Fuse => fuse_room(raw.bins(), raw.job_bytes()),
            Kind::Upload | Kind::Copy => 0,
        };
        if (raw.capacity() as u64) < needed {
            return Err(Status::ResultTooLarge);
        }
        Ok(raw)
    }
}

/// A submission's fields as they stand in its bytes: also of an entry that is refused, whose completion needs handle and
/// sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawSubmission {
    /// The entry.
    pub bytes: [u8; ENTRY_BYTES],
}

impl RawSubmission {
    /// Its kind; `None` if the card does not know it, or magic or version are others.
    pub fn kind(&self) -> Option<Kind> {
        let known = word(&self.bytes, 0) == REQUEST_MAGIC && self.bytes[4] == VERSION;
        Kind::from_code(self.bytes[5]).filter(|_| known)
    }

    /// Its handle.
    pub fn handle(&self) -> u64 {
        crate::wire::long(&self.bytes, 8)
    }

    /// Its sequence number.
    pub fn sequence(&self) -> u32 {
        word(&self.bytes, 16)
    }

    /// Bytes of the chunk, copy or pixels.
    pub fn job_bytes(&self) -> u32 {
        word(&self.bytes, 20)
    }

    /// Bins of a request.
    pub fn bins(&self) -> u32 {
        word(&self.bytes, 28)
    }

    /// log2 of the block's bytes of a request to encode, alone or before it integrates.
    pub fn block_log2(&self) -> u8 {
        self.bytes[7]
    }

    /// Address of the chunk or pixels, or source of the copy.
    pub fn source(&self) -> u64 {
        crate::wire::long(&self.bytes, 40)
    }

    /// Bytes at [`RawSubmission::target`] of a request.
    pub fn capacity(&self) -> u32 {
        word(&self.bytes, 52)
    }

    /// Address of the result or chunk, or target of the copy.
    pub fn target(&self) -> u64 {
        crate::wire::long(&self.bytes, 56)
    }

    /// The header that goes to a lane: without the result's memory. Of [`Kind::Fuse`] it is that of the lane that
    /// integrates; the encoder's is [`RawSubmission::encode_header`].
    pub fn lane_header(&self) -> [u8; HEADER_BYTES] {
        match self.kind() {
            Some(Kind::Encode) => self.encode_header(),
            Some(Kind::Fuse) => self.fused_header(),
            _ => {
                let mut header = self.bytes;
                header[52..].fill(0);
                header
            }
        }
    }
}

/// Kinds that a card takes, as its register says: bit n for kind code n.
pub const fn kind_bit(kind: Kind) -> u32 {
    1 << kind as u32
}

/// The element type of a code in a request; `None` for a code that is not given.
pub fn element_of_code(code: u8) -> Option<Element> {
    Element::ALL.into_iter().find(|&element| element_code(element) == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request {
            handle: 0x0102_0304_0506_0708,
            sequence: 9,
            element: Element::I16,
            chunk_bytes: 1000,
            pixels: 512,
            bins: 100,
            max_valid: 77,
            threshold: 5,
            chunk_address: 0x1_0000_0040,
            table: 3,
        }
    }

    #[test]
    fn submission_integrate_written_and_read_keeps_request_and_memory() {
        let entry = Submission::Integrate {
            request: request(),
            result_address: 0xffff_0000_0000,
            result_capacity: result_bytes(100),
        };
        let raw = Submission::read(&entry.to_bytes()).unwrap();
        assert_eq!(raw.kind(), Some(Kind::Integrate));
        assert_eq!((raw.handle(), raw.sequence(), raw.job_bytes()), (0x0102_0304_0506_0708, 9, 1000));
        assert_eq!((raw.source(), raw.target()), (0x1_0000_0040, 0xffff_0000_0000));
        assert_eq!(raw.lane_header(), request().to_bytes());
    }

    #[test]
    fn submission_whose_result_might_not_fit_is_refused() {
        let with = |result_capacity| Submission::Integrate { request: request(), result_address: 0, result_capacity };
        assert!(Submission::read(&with(result_bytes(100)).to_bytes()).is_ok());
        assert_eq!(Submission::read(&with(result_bytes(100) - 1).to_bytes()), Err(Status::ResultTooLarge));
    }

    #[test]
    fn submission_that_a_card_does_not_know_is_invalid() {
        let job = CopyJob { handle: 1, sequence: 2, bytes: 128, source: 64, target: 4096 };
        let good = Submission::Copy(job).to_bytes();
        assert_eq!(Submission::read(&good).map(|raw| raw.kind()), Ok(Some(Kind::Copy)));
        assert_eq!(Submission::read(&Submission::Upload(job).to_bytes()).map(|raw| raw.target()), Ok(4096));
        for (at, value) in [(0, 0), (4, 9), (5, 0), (5, 200), (20, 1), (40, 1), (56, 32), (23, 0x80)] {
            let mut bad = good;
            bad[at] = value;
            assert_eq!(Submission::read(&bad), Err(Status::RequestInvalid), "byte {at} = {value}");
        }
        let empty = Submission::Copy(CopyJob { bytes: 0, ..job }).to_bytes();
        assert_eq!(Submission::read(&empty), Err(Status::RequestInvalid));
    }

    #[test]
    fn submission_encode_written_and_read_keeps_request_and_memory() {
        let request = EncodeRequest { handle: 1 << 40, sequence: 3, element: Element::U32, pixels: 1000, threshold: 7 };
        let job =
            EncodeJob { request, block_log2: 13, source: 0x1_0000_0040, target: 0x2000, capacity: chunk_room(4000) };
        let raw = Submission::read(&Submission::Encode(job).to_bytes()).unwrap();
        assert_eq!((raw.kind(), raw.job_bytes(), raw.block_log2()), (Some(Kind::Encode), 4000, 13));
        assert_eq!((raw.source(), raw.target(), raw.handle()), (0x1_0000_0040, 0x2000, 1 << 40));
        let mut header = raw.lane_header();
        header[40..48].fill(0);
        assert_eq!(header, request.to_bytes());
        let small = Submission::Encode(EncodeJob { capacity: chunk_room(4000) - 1, ..job });
        assert_eq!(Submission::read(&small.to_bytes()), Err(Status::ResultTooLarge));
        let crooked = Submission::Encode(EncodeJob { source: 8, ..job });
        assert_eq!(Submission::read(&crooked.to_bytes()), Err(Status::RequestInvalid));
    }

    #[test]
    fn chunk_room_holds_the_largest_chunk() {
        for element in Element::ALL {
            for block in (10..16).map(|log2| 1usize << log2) {
                let step = element.size();
                let near = (1..40).flat_map(|n| [n * block - step, n * block, n * block + step]);
                for bytes in (0..3000).map(|n| n * step).chain(near).chain([1 << 20, 18_000_004]) {
                    let most = crate::encode::max_chunk_bytes(element, bytes, block).next_multiple_of(8);
                    assert!(most <= chunk_room(bytes as u32) as usize, "{element:?}, {bytes} in blocks of {block}");
                }
            }
        }
        assert!(chunk_room(u32::MAX) == u32::MAX);
    }

    #[test]
    fn result_bytes_hold_the_largest_result() {
        let bins = 7;
        let largest = HEADER_BYTES
            + crate::answer::padded(crate::Bins::record_bytes(bins))
            + 4 * crate::bounds::MAX_INVALID_LISTED
            + crate::wire::TRAILER_BYTES;
        assert!(largest <= result_bytes(bins as u32) as usize && result_bytes(bins as u32) as usize - largest < 8);
    }
}
