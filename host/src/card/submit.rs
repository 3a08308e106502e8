//! Handing in: chunks in pinned memory, entries in rings.

use super::arena::Piece;
use super::completion::{Awaited, handle};
use super::driver::{Chunk, Flight, FrameOrder};
use super::{CardError, Driver};
use crate::frame::Lent;
use crate::transport::Dma;
use debye_spec::card_table::CardTable;
use debye_spec::rings::{ENTRY_BYTES, FuseJob, Kind, Submission, chunk_place, result_bytes};
use debye_spec::wire::Request;
use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

/// Pinned memory of a submission.
#[derive(Default)]
pub(super) struct Pieces {
    /// What the card reads.
    pub source: Option<Arc<Piece>>,
    /// Where it puts a chunk that it makes, and what else comes of that submission.
    pub made: Option<Piece>,
}

/// What is asked for of a frame; where its bytes are, and how many, is said later.
pub(super) fn request(table: &CardTable, order: &FrameOrder<'_>) -> Request {
    Request {
        handle: 0,
        sequence: 0,
        element: table.element,
        chunk_bytes: 0,
        pixels: table.pixels,
        bins: table.bins,
        max_valid: order.max_valid,
        threshold: order.threshold,
        chunk_address: 0,
        table: table.id,
    }
}

impl Driver {
    /// Hands in a frame. Says `false`, and takes nothing, while there is no room for it.
    ///
    /// # Errors
    /// There is no table, or no memory for a chunk of this size. Of [`Chunk::Pixels`] also: the card does not encode, or
    /// the frame is not one of the table's pixels.
    pub fn submit(&mut self, order: &FrameOrder<'_>) -> Result<bool, CardError> {
        if let Chunk::Pixels(pixels) = order.chunk {
            return self.submit_pixels(order, pixels);
        }
        let Some(table) = &self.table else { return Err(CardError::NoTable { address: self.card.address() }) };
        let job = request(table, order);
        if self.room() == 0 {
            return Ok(false);
        }
        let Some(piece) = self.pinned(&order.chunk)? else { return Ok(false) };
        let chunk_bytes = piece.bytes();
        let Some(slot) = self.free.last().copied() else { return Ok(false) };
        let capacity = result_bytes(job.bins);
        let result_address = self.results.as_ref().map_or(0, Dma::iova) + (slot * self.result_stride) as u64;
        let request = Request { chunk_bytes: chunk_bytes as u32, chunk_address: piece.iova(), ..job };
        let submission = Submission::Integrate { request, result_address, result_capacity: capacity };
        self.tally.frames += 1;
        self.tally.bytes_in += chunk_bytes as u64;
        self.launch(submission, Pieces { source: Some(piece), made: None }, Some(order.tag));
        Ok(true)
    }

    /// The chunk in this card's memory: where it is already, or copied. `None`: there is no room now.
    fn pinned(&mut self, chunk: &Chunk<'_>) -> Result<Option<Arc<Piece>>, CardError> {
        let bytes = match chunk {
            Chunk::Bytes(bytes) | Chunk::Pixels(bytes) => Cow::Borrowed(*bytes),
            Chunk::Lent(lent) => match self.own(lent) {
                Some(piece) => return Ok(Some(piece)),
                None => {
                    let mut bytes = vec![0; lent.bytes()];
                    lent.read(0, &mut bytes);
                    Cow::Owned(bytes)
                }
            },
        };
        let piece = match self.arena.take(bytes.len()) {
            Some(piece) => piece,
            None if self.busy() => return Ok(None),
            // The largest chunk so far: nothing else is in the way.
            None => match self.more(bytes.len())? {
                Some(piece) => piece,
                None => return Ok(None),
            },
        };
        piece.write(&bytes);
        self.tally.copied += 1;
        Ok(Some(Arc::new(piece)))
    }

    /// Whether somebody's work is under way.
    pub(super) fn busy(&self) -> bool {
        self.slots.iter().flatten().any(|flight| flight.tag.is_some())
    }

    /// A piece of more pinned memory than there was.
    pub(super) fn more(&mut self, bytes: usize) -> Result<Option<Piece>, CardError> {
        let buffer = self.card.transport().map(bytes)?;
        self.arena.add(buffer);
        Ok(self.arena.take(bytes))
    }

    /// Memory for a chunk of so many bytes that the card reads where it is, if there is some now.
    pub fn lend(&self, bytes: usize) -> Option<Arc<dyn Lent>> {
        Some(Arc::new(self.arena.take(bytes)?))
    }

    /// Memory that this driver lent.
    fn own(&self, lent: &Arc<dyn Lent>) -> Option<Arc<Piece>> {
        let any: Arc<dyn Any + Send + Sync> = lent.clone();
        any.downcast::<Piece>().ok().filter(|piece| self.arena.owns(piece))
    }

    /// Whether this driver lent it.
    pub fn lent(&self, lent: &Arc<dyn Lent>) -> bool {
        self.own(lent).is_some()
    }

    /// Puts a submission into a free slot and a queue with room; both must be there.
    pub(super) fn launch(&mut self, submission: Submission, pieces: Pieces, tag: Option<u64>) {
        let Some(slot) = self.free.pop() else { return };
        let now = Instant::now();
        if self.slots.iter().all(Option::is_none) {
            // The card was idle until now.
            self.progress = now;
        }
        let (kind, job_bytes, capacity, chunk_capacity) = match submission {
            Submission::Integrate { request, result_capacity, .. } => {
                (Kind::Integrate, request.chunk_bytes, result_capacity, 0)
            }
            Submission::Upload(job) => (Kind::Upload, job.bytes, job.bytes, 0),
            Submission::Copy(job) => (Kind::Copy, job.bytes, job.bytes, 0),
            Submission::Encode(job) => (Kind::Encode, job.request.bytes(), job.capacity, 0),
            Submission::Fuse(FuseJob { request, capacity, .. }) => {
                let behind = capacity.saturating_sub(chunk_place(request.bins) as u32);
                (Kind::Fuse, request.chunk_bytes, result_bytes(request.bins), behind)
            }
        };
        let awaited = Awaited { handle: 0, sequence: 0, kind, job_bytes, capacity, chunk_capacity };
        let finished_before = self.tally.finished;
        let flight = Flight {
            awaited,
            queue: 0,
            submission,
            tag,
            _source: pieces.source,
            made: pieces.made,
            lives: 0,
            first: now,
            since: now,
            finished_before,
        };
        self.slots[slot] = Some(flight);
        self.begin_life(slot);
    }

    /// Hands a slot's submission to the card under a handle that was never used.
    pub(super) fn begin_life(&mut self, slot: usize) {
        self.serial += 1;
        self.sequence = self.sequence.wrapping_add(1);
        let queues = self.queues.len();
        let with_room =
            (0..queues).map(|k| (self.next_queue + k) % queues).find(|&queue| self.queues[queue].room() > 0);
        let (Some(queue), Some(flight)) = (with_room, &mut self.slots[slot]) else { return };
        self.next_queue = (queue + 1) % queues;
        let (handle, sequence) = (handle(self.serial, slot), self.sequence);
        match &mut flight.submission {
            Submission::Integrate { request, .. } => (request.handle, request.sequence) = (handle, sequence),
            Submission::Upload(job) | Submission::Copy(job) => (job.handle, job.sequence) = (handle, sequence),
            Submission::Encode(job) => (job.request.handle, job.request.sequence) = (handle, sequence),
            Submission::Fuse(job) => (job.request.handle, job.request.sequence) = (handle, sequence),
        }
        (flight.awaited.handle, flight.awaited.sequence) = (handle, sequence);
        (flight.queue, flight.lives, flight.since) = (queue, flight.lives + 1, Instant::now());
        flight.finished_before = self.tally.finished;
        let entry: [u8; ENTRY_BYTES] = flight.submission.to_bytes();
        self.queues[queue].push(&entry);
        self.queues[queue].ring(self.card.transport());
    }
}
