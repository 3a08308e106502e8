//! Frames that are encoded and integrated in one pass.

use super::{ENTRY_BYTES, Kind, RawSubmission, chunk_room};
use crate::encode_wire::KIND_ENCODE;
use crate::wire::{HEADER_BYTES, KIND_INTEGRATE, MAX_RESULT_BYTES_FIXED, REQUEST_PADDED, Request, put};

/// Encodes raw pixels and integrates what the chunk decodes to: the pixels are read once, and that the chunk is sound is
/// seen on the way.
///
/// The entry is that of [`Kind::Integrate`] with the code of this kind, but `[7]` log2 of the block's bytes u8, `[20]` bytes of
/// the pixels u32, `[40]` address of the pixels u64, `[52]` capacity u32, at least [`fuse_room`], and `[56]` address u64 of
/// the memory for both: the result stands there first, the chunk [`chunk_place`] bytes behind it.
///
/// A card does two requests in one. The encoder gets [`RawSubmission::encode_header`]. The lane that integrates gets
/// [`RawSubmission::lane_header`]: a request with [`REQUEST_PADDED`], for [`chunk_room`] bytes, which are the chunk and zeros
/// behind it. Nothing is encoded of a request that the encoder refuses (its bytes are not those of the pixels, or its element type is not
/// known), and the lane finds zeros alone: it then has a status of its own for it, [`crate::Status::RequestInvalid`] for the type
/// and [`crate::Status::SizeMismatch`] for the bytes, if nothing else was wrong with the request before.
///
/// There is one completion, of the result, when result and chunk are written. Its status is the integration's: a chunk
/// may have been made though the frame could not be integrated (no such table, say), and then it is as good as any. The
/// completion's chunk bytes tell; they are 0 if there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FuseJob {
    /// What is integrated, and how; `chunk_bytes` and `chunk_address` are those of the pixels.
    pub request: Request,
    /// log2 of the bytes of a block: the one that the card makes.
    pub block_log2: u8,
    /// Where in host memory result and chunk go.
    pub target: u64,
    /// Bytes there; at least [`fuse_room`].
    pub capacity: u32,
}

/// Bytes from a fused job's result to its chunk: [`super::result_bytes`], rounded up to [`super::ALIGNMENT`].
pub const fn chunk_place(bins: u32) -> u64 {
    (MAX_RESULT_BYTES_FIXED as u64 + 20 * bins as u64).next_multiple_of(super::ALIGNMENT)
}

/// Bytes that a card wants for the result of so many bins with the chunk of so many bytes of pixels behind it.
pub const fn fuse_room(bins: u32, pixel_bytes: u32) -> u64 {
    chunk_place(bins) + chunk_room(pixel_bytes) as u64
}

impl FuseJob {
    /// The entry's bytes.
    pub(super) fn to_bytes(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = self.request.to_bytes();
        put(&mut bytes, 5, &[Kind::Fuse as u8]);
        put(&mut bytes, 7, &[self.block_log2]);
        put(&mut bytes, 52, &self.capacity.to_le_bytes());
        put(&mut bytes, 56, &self.target.to_le_bytes());
        bytes
    }
}

impl RawSubmission {
    /// Where the chunk of a fused job goes.
    pub fn chunk_target(&self) -> u64 {
        self.target().wrapping_add(chunk_place(self.bins()))
    }

    /// The header that goes to an encoder.
    pub fn encode_header(&self) -> [u8; HEADER_BYTES] {
        let mut header = self.bytes;
        header[5] = KIND_ENCODE;
        header[7] = 0;
        header[52..].fill(0);
        if self.kind() == Some(Kind::Fuse) {
            // Bins, limit, threshold and table are the integration's alone.
            header[28..40].fill(0);
            header[48..52].fill(0);
        }
        header
    }

    /// The header that goes to the lane that integrates what an encoder made.
    pub(super) fn fused_header(&self) -> [u8; HEADER_BYTES] {
        let mut header = self.bytes;
        header[5] = KIND_INTEGRATE;
        header[7] = REQUEST_PADDED;
        put(&mut header, 20, &chunk_room(self.job_bytes()).to_le_bytes());
        header[52..].fill(0);
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode_wire::EncodeRequest;
    use crate::rings::{Submission, result_bytes};
    use crate::{Element, Status};

    fn job() -> FuseJob {
        let request = Request {
            handle: 5 << 40,
            sequence: 9,
            element: Element::U16,
            chunk_bytes: 2000,
            pixels: 1000,
            bins: 37,
            max_valid: 77,
            threshold: 5,
            chunk_address: 0x1_0000_0040,
            table: 3,
        };
        FuseJob { request, block_log2: 13, target: 0x7f00_0040, capacity: fuse_room(37, 2000) as u32 }
    }

    #[test]
    fn submission_fuse_written_and_read_makes_a_request_for_each_lane() {
        let job = job();
        let raw = Submission::read(&Submission::Fuse(job).to_bytes()).unwrap();
        assert_eq!((raw.kind(), raw.job_bytes(), raw.block_log2(), raw.bins()), (Some(Kind::Fuse), 2000, 13, 37));
        assert_eq!((raw.source(), raw.target(), raw.handle()), (0x1_0000_0040, 0x7f00_0040, 5 << 40));
        let encode = EncodeRequest { handle: 5 << 40, sequence: 9, element: Element::U16, pixels: 1000, threshold: 0 };
        assert_eq!(EncodeRequest::read(&raw.encode_header()), Ok(encode));
        let mut header = raw.lane_header();
        assert_eq!(header[7], REQUEST_PADDED);
        header[7] = 0;
        assert_eq!(header, Request { chunk_bytes: chunk_room(2000), ..job.request }.to_bytes());
    }

    #[test]
    fn submission_fuse_whose_result_and_chunk_might_not_fit_is_refused() {
        let small = Submission::Fuse(FuseJob { capacity: job().capacity - 1, ..job() });
        assert_eq!(Submission::read(&small.to_bytes()), Err(Status::ResultTooLarge));
        for (at, value) in [(40, 8), (56, 1), (23, 0x80), (4, 2)] {
            let mut bad = Submission::Fuse(job()).to_bytes();
            bad[at] = value;
            assert_eq!(Submission::read(&bad), Err(Status::RequestInvalid), "byte {at}");
        }
    }

    #[test]
    fn chunk_of_a_fused_job_stands_behind_the_largest_result_and_is_aligned() {
        for bins in [0, 1, 37, 1000, 2048, 1 << 20] {
            let place = chunk_place(bins);
            assert!(place.is_multiple_of(64) && (0..64).contains(&(place - result_bytes(bins) as u64)), "{bins}");
        }
        let raw = RawSubmission { bytes: Submission::Fuse(job()).to_bytes() };
        assert_eq!(raw.chunk_target(), 0x7f00_0040 + chunk_place(37));
    }
}
