//! The driver of one card: frames go in as chunks, each comes back once.
//!
//! A frame's chunk is copied into pinned memory when it is handed in and stays there until the card has told what became
//! of it, so that it can be handed in again after a reset without the caller. A handle is used once only: a completion
//! that comes late or twice is told from one that is awaited.

use super::arena::{Arena, Piece};
use super::completion::{Awaited, Finished, SLOT_BITS, Verdict, handle};
use super::queue::{Queue, ring_bytes};
use super::window::{self, View, Window};
use super::{Card, CardError, Tally};
use crate::transport::Dma;
use debye_spec::Status;
use debye_spec::answer::Answer;
use debye_spec::card_table::CardTable;
use debye_spec::rings::{ALIGNMENT, ENTRY_BYTES, Kind, MAX_DEPTH_LOG2, MIN_DEPTH_LOG2, Submission, result_bytes};
use debye_spec::wire::Request;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How a card is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DriverConfig {
    /// Queues that are used, as far as the card has them.
    pub queues: u32,
    /// log2 of the entries of a ring; `None`: twice what the card keeps in flight.
    pub depth_log2: Option<u32>,
    /// A frame is overdue when the card has not completed anything for so long.
    pub timeout: Duration,
    /// How long completions are polled for before the driver sleeps.
    pub spin: Duration,
    /// Longest sleep: what a lost interrupt costs.
    pub nap: Duration,
    /// Times that a frame is handed to a card.
    pub lives: u32,
    /// Most bytes of pinned memory for chunks.
    pub chunk_memory: usize,
}

impl Default for DriverConfig {
    fn default() -> DriverConfig {
        DriverConfig {
            queues: 1,
            depth_log2: None,
            timeout: Duration::from_secs(10),
            spin: Duration::from_micros(50),
            nap: Duration::from_millis(20),
            lives: 2,
            chunk_memory: 1 << 30,
        }
    }
}

/// A frame to integrate.
#[derive(Clone, Copy, Debug)]
pub struct FrameOrder<'a> {
    /// Comes back with what became of it.
    pub tag: u64,
    /// The bslz4 chunk.
    pub chunk: &'a [u8],
    /// Largest value that counts.
    pub max_valid: u32,
    /// Valid pixels above this are counted.
    pub threshold: u32,
}

/// What became of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Integrated. The result was checked against its CRC.
    Answer(Box<Answer>),
    /// Not integrated, for this reason.
    Failed(Status),
}

/// A frame that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// As handed in.
    pub tag: u64,
    /// What became of it.
    pub reply: Reply,
    /// From its first submission to now.
    pub latency: Duration,
    /// Cycles in the card.
    pub cycles: u64,
}

/// What is in a slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub awaited: Awaited,
    /// Queue in which it is.
    pub queue: usize,
    /// The entry; handle and sequence are those of its life.
    pub submission: Submission,
    /// Tag of a frame; `None` for a job of the driver's own.
    pub tag: Option<u64>,
    /// Its chunk.
    pub piece: Option<Piece>,
    /// Lives that it had.
    pub lives: u32,
    /// When it was first handed in, and in this life.
    pub first: Instant,
    pub since: Instant,
    /// Frames that were finished before it was handed in.
    pub finished_before: u64,
}

/// See the module.
pub struct Driver {
    pub(super) card: Card,
    pub(super) config: DriverConfig,
    pub(super) queues: Vec<Queue>,
    pub(super) slots: Vec<Option<Flight>>,
    free: Vec<usize>,
    next_queue: usize,
    serial: u64,
    sequence: u32,
    pub(super) arena: Arena,
    pub(super) results: Option<Dma>,
    result_stride: usize,
    pub(super) table: Option<CardTable>,
    ready: VecDeque<Done>,
    /// What a job of the driver's own came to.
    pub(super) job_status: Option<Status>,
    pub(super) progress: Instant,
    pub(super) watched: Instant,
    pub(super) recoveries: u32,
    pub(super) tally: Tally,
    /// A table is on its way: a reset ends that, it does not hand it in again.
    pub(super) uploading: bool,
    pub(super) slept: bool,
    pub(super) woken: bool,
    window: Option<Window>,
}

impl Driver {
    /// Takes a card, resets it and starts its queues.
    ///
    /// # Errors
    /// The card cannot be given memory, or does not start.
    pub fn new(mut card: Card, config: DriverConfig) -> Result<Driver, CardError> {
        let flights = 1usize << card.rings.flights_log2;
        let queues = config.queues.clamp(1, card.rings.queues);
        let depth_log2 = config.depth_log2.unwrap_or(card.rings.flights_log2 + 1);
        let depth_log2 = depth_log2.clamp(MIN_DEPTH_LOG2, MAX_DEPTH_LOG2);
        // Some wait in the rings behind those that the card works on.
        // One more is the driver's own, for tables.
        let slots = (2 * flights + 1).min((queues as usize) << depth_log2).min(1 << SLOT_BITS);
        let rings = card.transport().map(queues as usize * ring_bytes(depth_log2))?;
        let ring =
            |number: u32| Queue::new(number, depth_log2, rings.clone(), number as usize * ring_bytes(depth_log2));
        let mut driver = Driver {
            queues: (0..queues).map(ring).collect(),
            slots: vec![None; slots],
            free: (0..slots).rev().collect(),
            next_queue: 0,
            serial: 0,
            sequence: 0,
            arena: Arena::default(),
            results: None,
            result_stride: 0,
            table: None,
            ready: VecDeque::new(),
            job_status: None,
            progress: Instant::now(),
            watched: Instant::now(),
            recoveries: 0,
            tally: Tally::default(),
            uploading: false,
            slept: false,
            woken: false,
            window: Window::open(&card.address()),
            card,
            config,
        };
        driver.restart()?;
        driver.tally = Tally::default();
        Ok(driver)
    }

    /// The card.
    pub fn card(&mut self) -> &mut Card {
        &mut self.card
    }

    /// What it was built with.
    pub fn card_ref(&self) -> &Card {
        &self.card
    }

    /// What was counted.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Loads a table for all frames that follow. What is in flight is forgotten.
    ///
    /// # Errors
    /// [`CardError`].
    pub fn load(&mut self, table: CardTable) -> Result<(), CardError> {
        self.ready.clear();
        if self.slots.iter().any(Option::is_some) {
            // A run that was broken off left them.
            self.restart()?;
            (0..self.slots.len()).for_each(|slot| self.vacate(slot));
        }
        let stride = (result_bytes(table.bins) as usize).next_multiple_of(ALIGNMENT as usize);
        if self.results.as_ref().is_none_or(|results| results.bytes() < stride * self.slots.len()) {
            if let Some(old) = self.results.take() {
                self.card.transport().unmap(&old)?;
            }
            self.results = Some(self.card.transport().map(stride * self.slots.len())?);
        }
        self.result_stride = stride;
        self.table = None;
        self.reserve(table.pixels as usize * table.element.size())?;
        self.upload(&table)?;
        self.table = Some(table);
        Ok(())
    }

    /// Memory for the chunks of frames of so many bytes: half of what they would take uncompressed, within limits.
    pub(super) fn reserve(&mut self, frame_bytes: usize) -> Result<(), CardError> {
        const LEAST: usize = 8 << 20;
        let wanted = (self.slots.len() * frame_bytes / 2).max(2 * frame_bytes).max(LEAST).min(self.config.chunk_memory);
        if self.arena.bytes() < wanted {
            let buffer = self.card.transport().map(wanted - self.arena.bytes())?;
            self.arena.add(buffer);
        }
        Ok(())
    }

    /// Frames that may be handed in now.
    pub fn room(&self) -> usize {
        self.room_for_jobs().saturating_sub(1)
    }

    /// As [`Driver::room`], with the slot that is the driver's own.
    pub(super) fn room_for_jobs(&self) -> usize {
        self.free.len().min(self.queues.iter().map(Queue::room).sum())
    }

    /// Frames that were handed in and have not come back.
    pub fn in_flight(&self) -> usize {
        self.slots.len() - self.free.len() + self.ready.len()
    }

    /// Tags of the frames that are in the card: what is lost with it.
    pub fn unfinished(&self) -> Vec<u64> {
        self.slots.iter().flatten().filter_map(|flight| flight.tag).collect()
    }

    /// Frames that are over and were not taken out: they outlive the card.
    pub fn leftovers(&mut self) -> Vec<Done> {
        self.ready.drain(..).collect()
    }

    /// Hands in a frame. Says `false`, and takes nothing, while there is no room for it.
    ///
    /// # Errors
    /// There is no table, or no memory for a chunk of this size.
    pub fn submit(&mut self, order: &FrameOrder<'_>) -> Result<bool, CardError> {
        let Some(table) = &self.table else { return Err(CardError::NoTable { address: self.card.address() }) };
        let (element, pixels, bins, id) = (table.element, table.pixels, table.bins, table.id);
        if self.room() == 0 {
            return Ok(false);
        }
        let piece = match self.arena.take(order.chunk.len()) {
            Some(piece) => piece,
            None if self.slots.iter().flatten().any(|flight| flight.tag.is_some()) => return Ok(false),
            None => {
                // The largest chunk so far: nothing else is in the way.
                let buffer = self.card.transport().map(order.chunk.len())?;
                self.arena.add(buffer);
                let Some(piece) = self.arena.take(order.chunk.len()) else { return Ok(false) };
                piece
            }
        };
        self.arena.write(piece, order.chunk);
        let Some(slot) = self.free.last().copied() else { return Ok(false) };
        let capacity = result_bytes(bins);
        let result_address = self.results.as_ref().map_or(0, Dma::iova) + (slot * self.result_stride) as u64;
        let request = Request {
            handle: 0,
            sequence: 0,
            element,
            chunk_bytes: order.chunk.len() as u32,
            pixels,
            bins,
            max_valid: order.max_valid,
            threshold: order.threshold,
            chunk_address: self.arena.iova(piece),
            table: id,
        };
        let submission = Submission::Integrate { request, result_address, result_capacity: capacity };
        self.tally.frames += 1;
        self.tally.bytes_in += order.chunk.len() as u64;
        self.launch(submission, Some(order.tag), Some(piece));
        Ok(true)
    }

    /// Puts a submission into a free slot and a queue with room; both must be there.
    pub(super) fn launch(&mut self, submission: Submission, tag: Option<u64>, piece: Option<Piece>) {
        let Some(slot) = self.free.pop() else { return };
        let now = Instant::now();
        if self.slots.iter().all(Option::is_none) {
            // The card was idle until now.
            self.progress = now;
        }
        let (kind, job_bytes, capacity) = match submission {
            Submission::Integrate { request, result_capacity, .. } => {
                (Kind::Integrate, request.chunk_bytes, result_capacity)
            }
            Submission::Upload(job) => (Kind::Upload, job.bytes, job.bytes),
            Submission::Copy(job) => (Kind::Copy, job.bytes, job.bytes),
        };
        let awaited = Awaited { handle: 0, sequence: 0, kind, job_bytes, capacity };
        let finished_before = self.tally.finished;
        let flight =
            Flight { awaited, queue: 0, submission, tag, piece, lives: 0, first: now, since: now, finished_before };
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
        }
        (flight.awaited.handle, flight.awaited.sequence) = (handle, sequence);
        (flight.queue, flight.lives, flight.since) = (queue, flight.lives + 1, Instant::now());
        flight.finished_before = self.tally.finished;
        let entry: [u8; ENTRY_BYTES] = flight.submission.to_bytes();
        self.queues[queue].push(&entry);
        self.queues[queue].ring(self.card.transport());
    }

    /// Takes out a frame that is over, if there is one. Looks after the card: times out, resets, hands in again.
    ///
    /// # Errors
    /// The card is gone or was given up; [`Driver::unfinished`] says which frames it had.
    pub fn poll(&mut self) -> Result<Option<Done>, CardError> {
        if self.ready.is_empty() && self.in_flight() > 0 {
            self.look()?;
        }
        Ok(self.ready.pop_front())
    }

    /// Looks at all rings once.
    pub(super) fn look(&mut self) -> Result<(), CardError> {
        self.show();
        let mut found = 0;
        for queue in 0..self.queues.len() {
            // No more than a ring's worth: a card that writes without end cannot keep us here.
            for _ in 0..self.slots.len().max(4) {
                let slots = &self.slots;
                let awaited = |slot: usize| {
                    let flight = slots.get(slot)?.as_ref()?;
                    Some(flight.awaited).filter(|_| flight.queue == queue)
                };
                match self.queues[queue].next(awaited) {
                    Verdict::Nothing => break,
                    Verdict::Stale => self.tally.stale += 1,
                    Verdict::Wrong(fault) => {
                        self.tally.wrong += 1;
                        return self.recover(&fault.to_string());
                    }
                    Verdict::Finished(finished) => {
                        if let Err(reason) = self.finish(&finished) {
                            self.tally.corrupt += 1;
                            return self.recover(&reason);
                        }
                    }
                }
                found += 1;
                self.queues[queue].tell(self.card.transport(), false);
            }
            self.queues[queue].tell(self.card.transport(), true);
        }
        if found > 0 {
            if self.slept && !self.woken {
                self.tally.interrupts_lost += 1;
            }
            self.slept = false;
            return Ok(());
        }
        self.watch()
    }

    /// Lets whoever asks see the card's counters.
    fn show(&mut self) {
        if let Some(stream) = self.window.as_mut().and_then(Window::asked)
            && let Ok(snapshot) = self.card.snapshot()
        {
            let view = View { lanes: self.card.capabilities.lanes, snapshot, process: std::process::id() };
            window::tell(stream, &view);
        }
    }

    /// A slot is over. What the card wrote is copied out, then looked at.
    fn finish(&mut self, finished: &Finished) -> Result<(), String> {
        let Some(flight) = self.slots[finished.slot] else { return Ok(()) };
        let reply = match (flight.tag, finished.status) {
            (Some(_), Status::Ok) => Some(Reply::Answer(Box::new(self.answer(finished, &flight)?))),
            (Some(_), status) => Some(Reply::Failed(status)),
            (None, status) => {
                self.job_status = Some(status);
                None
            }
        };
        self.vacate(finished.slot);
        self.progress = Instant::now();
        if let (Some(tag), Some(reply)) = (flight.tag, reply) {
            self.tally.finished += 1;
            self.tally.bytes_out += u64::from(finished.result_bytes);
            self.recoveries = 0;
            let latency = flight.first.elapsed();
            self.ready.push_back(Done { tag, reply, latency, cycles: finished.cycles });
        }
        Ok(())
    }

    /// Frees a slot and its memory.
    pub(super) fn vacate(&mut self, slot: usize) {
        if let Some(flight) = self.slots[slot].take() {
            self.free.push(slot);
            flight.piece.into_iter().for_each(|piece| self.arena.give_back(piece));
        }
    }

    fn answer(&self, finished: &Finished, flight: &Flight) -> Result<Answer, String> {
        let results = self.results.as_ref().ok_or("a result without memory for it")?;
        let bytes = results.to_vec(finished.slot * self.result_stride, finished.result_bytes as usize);
        let answer = Answer::read(&bytes).map_err(|fault| format!("a result is none: {fault}"))?;
        let header = &answer.header;
        let trailer = bytes.last_chunk::<8>().map_or(0, |t| u32::from_le_bytes([t[0], t[1], t[2], t[3]]));
        if (header.handle, header.sequence) != (flight.awaited.handle, flight.awaited.sequence) {
            return Err(format!("a result of handle {:#x} stands where that of another is due", header.handle));
        }
        if header.status != Status::Ok || trailer != finished.crc {
            return Err("a completion says that a frame is sound, its result says otherwise".into());
        }
        Ok(answer)
    }
}
