//! Handing in pixels, taking out the chunks that a card makes of them.

use super::arena::Piece;
use super::driver::Done;
use super::submit::Pieces;
use super::{CardError, Driver};
use crate::frame::Lent;
use debye_spec::Element;
use debye_spec::chunk::HEADER_BYTES;
use debye_spec::encode_wire::EncodeRequest;
use debye_spec::rings::{ALIGNMENT, EncodeJob, MAX_JOB_BYTES, Submission, chunk_room};
use std::sync::Arc;

/// Pixels to encode.
#[derive(Clone, Copy, Debug)]
pub struct EncodeOrder<'a> {
    /// Comes back with what became of it.
    pub tag: u64,
    /// Their type.
    pub element: Element,
    /// A whole number of them, little-endian, no more than [`MAX_JOB_BYTES`] bytes.
    pub pixels: &'a [u8],
    /// Pixels below it become 0 first; see [`EncodeRequest::threshold`].
    pub threshold: u32,
}

impl Driver {
    /// Bytes of the blocks that the card makes; `None` if it does not encode.
    pub fn encodes_blocks_of(&self) -> Option<usize> {
        self.card.encodes.map(|encodes| 1 << encodes.block_log2)
    }

    /// Hands in pixels to encode; no table is needed. Says `false`, and takes nothing, while there is no room for it.
    ///
    /// # Errors
    /// The card does not encode, the pixels are too many for one job, or there is no memory.
    pub fn submit_encode(&mut self, order: &EncodeOrder<'_>) -> Result<bool, CardError> {
        let lack = |what: &str| CardError::Capability { address: self.card.address(), what: what.into() };
        let Some(encodes) = self.card.encodes else { return Err(lack("an encoder")) };
        let bytes = order.pixels.len();
        if bytes > MAX_JOB_BYTES as usize || !bytes.is_multiple_of(order.element.size()) {
            return Err(lack("jobs of that many bytes"));
        }
        if self.room() == 0 {
            return Ok(false);
        }
        let capacity = chunk_room(bytes as u32).next_multiple_of(ALIGNMENT as u32);
        let Some((source, made)) = self.raw(order.pixels, capacity as usize)? else { return Ok(false) };
        let job = EncodeJob {
            request: EncodeRequest {
                handle: 0,
                sequence: 0,
                element: order.element,
                pixels: (bytes / order.element.size()) as u32,
                threshold: order.threshold,
            },
            block_log2: encodes.block_log2 as u8,
            source: source.iova(),
            target: made.iova(),
            capacity,
        };
        self.launch_raw(Submission::Encode(job), source, made, order.tag);
        Ok(true)
    }

    /// Pixels in pinned memory, and room for what the card makes of them. `None`: there is none now.
    pub(super) fn raw(&mut self, pixels: &[u8], room: usize) -> Result<Option<(Piece, Piece)>, CardError> {
        let (bytes, words) = (pixels.len(), pixels.len().next_multiple_of(8));
        let Some(source) = self.piece(words)? else { return Ok(None) };
        let Some(made) = self.piece(room)? else { return Ok(None) };
        source.write(pixels);
        // Words are read whole; what is behind the pixels is 0.
        source.write_at(bytes, &[0; 8][..words - bytes]);
        self.tally.frames += 1;
        self.tally.copied += 1;
        self.tally.bytes_in += bytes as u64;
        Ok(Some((source, made)))
    }

    /// Hands in what [`Driver::raw`] made ready.
    pub(super) fn launch_raw(&mut self, submission: Submission, source: Piece, made: Piece, tag: u64) {
        let pieces = Pieces { source: Some(Arc::new(source)), made: Some(made) };
        self.launch(submission, pieces, Some(tag));
    }

    /// Hands in pixels and waits for what becomes of them; nothing else may be in flight.
    ///
    /// # Errors
    /// As [`Driver::submit_encode`] and [`Driver::poll`].
    pub fn encode_one(&mut self, order: &EncodeOrder<'_>) -> Result<Done, CardError> {
        self.one(|driver| driver.submit_encode(order))
    }

    /// Pinned memory, of which there is more as long as the limit allows. `None`: there is none now.
    fn piece(&mut self, bytes: usize) -> Result<Option<Piece>, CardError> {
        if let Some(piece) = self.arena.take(bytes) {
            return Ok(Some(piece));
        }
        if self.busy() && self.arena.bytes() + bytes > self.config.chunk_memory {
            return Ok(None);
        }
        self.more(bytes)
    }
}

/// A chunk in a piece of memory, as its completion states it.
pub(super) struct Stated {
    /// Where it begins.
    pub at: usize,
    /// Its bytes; the piece has room for them.
    pub bytes: u32,
    /// CRC-32 of them with their padding.
    pub crc: u32,
}

/// The chunk that a card made of so many bytes of pixels, looked at as far as that costs little: whoever writes it to a
/// file reads it again.
pub(super) fn chunk_of(piece: &Piece, stated: &Stated, pixel_bytes: u32, block_log2: u8) -> Result<Vec<u8>, String> {
    let length = stated.bytes as usize;
    // No more than the piece has: its bytes are a multiple of 8, and the judge holds the length within them.
    let mut chunk = vec![0; length.next_multiple_of(8)];
    piece.read(stated.at, &mut chunk);
    let crc = crc32fast::hash(&chunk);
    if crc != stated.crc {
        return Err(format!("a chunk's CRC-32 is {crc:08x}, its completion says {:08x}", stated.crc));
    }
    let mut header = [0; HEADER_BYTES];
    header[..8].copy_from_slice(&u64::from(pixel_bytes).to_be_bytes());
    header[8..].copy_from_slice(&(1u32 << block_log2).to_be_bytes());
    if chunk.get(..HEADER_BYTES) != Some(&header[..]) {
        return Err("a chunk's header is not that of the pixels that were handed in".into());
    }
    chunk.truncate(length);
    Ok(chunk)
}
