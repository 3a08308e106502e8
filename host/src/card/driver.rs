//! The driver of one card: frames go in as chunks, each comes back once.
//!
//! A frame's chunk is read into pinned memory that the driver lends, or is copied there when it is handed in. It stays
//! there until the card has told what became of it, so that it can be handed in again after a reset without the caller.
//! A handle is used once only: a completion that comes late or twice is told from one that is awaited.

use super::arena::{Arena, Piece};
use super::completion::{Awaited, SLOT_BITS};
use super::queue::{Queue, ring_bytes};
use super::window::Window;
use super::{Card, CardError, Tally};
use crate::frame::Lent;
use crate::transport::Dma;
use debye_spec::Status;
use debye_spec::answer::Answer;
use debye_spec::card_table::CardTable;
use debye_spec::rings::{ALIGNMENT, MAX_DEPTH_LOG2, MIN_DEPTH_LOG2, Submission, result_bytes};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How a card is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DriverConfig {
    /// Queues that are used, as far as the card has them.
    pub queues: u32,
    /// log2 of the entries of a ring; `None`: twice what the card keeps in flight.
    pub depth_log2: Option<u32>,
    /// All indices of a queue when it starts: tests set it near their wrap.
    pub first_index: u32,
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
            first_index: 0,
            timeout: Duration::from_secs(10),
            spin: Duration::from_micros(50),
            nap: Duration::from_millis(20),
            lives: 2,
            chunk_memory: 1 << 30,
        }
    }
}

/// Where a frame's chunk is.
#[derive(Clone, Copy, Debug)]
pub enum Chunk<'a> {
    /// Still to be made: the frame's pixels, little-endian, for a card that encodes and integrates them in one pass.
    Pixels(&'a [u8]),
    /// In the caller's memory: it is copied.
    Bytes(&'a [u8]),
    /// In memory that a driver lent.
    Lent(&'a Arc<dyn Lent>),
}

/// A frame to integrate.
#[derive(Clone, Copy, Debug)]
pub struct FrameOrder<'a> {
    /// Comes back with what became of it.
    pub tag: u64,
    /// The bslz4 chunk.
    pub chunk: Chunk<'a>,
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
    /// Encoded: a chunk, checked against its CRC.
    Made(Vec<u8>),
    /// Encoded and integrated: both, checked as each by itself.
    Fused(Box<Answer>, Vec<u8>),
    /// Not done, for this reason.
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
#[derive(Debug)]
pub(super) struct Flight {
    pub awaited: Awaited,
    /// Queue in which it is.
    pub queue: usize,
    /// The entry; handle and sequence are those of its life.
    pub submission: Submission,
    /// Tag of a frame; `None` for a job of the driver's own.
    pub tag: Option<u64>,
    /// What the card reads for it, held until the slot is over.
    pub _source: Option<Arc<Piece>>,
    /// Where it puts the chunk that it makes; see [`super::submit::Pieces`].
    pub made: Option<Piece>,
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
    pub(super) free: Vec<usize>,
    pub(super) next_queue: usize,
    pub(super) serial: u64,
    pub(super) sequence: u32,
    pub(super) arena: Arena,
    pub(super) results: Option<Dma>,
    pub(super) result_stride: usize,
    pub(super) table: Option<CardTable>,
    pub(super) ready: VecDeque<Done>,
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
    pub(super) window: Option<Window>,
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
        let ring = |number: u32| {
            let at = number as usize * ring_bytes(depth_log2);
            Queue::new(number, depth_log2, rings.clone(), at, config.first_index)
        };
        let mut driver = Driver {
            queues: (0..queues).map(ring).collect(),
            slots: (0..slots).map(|_| None).collect(),
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

    /// Frees a slot and its memory.
    pub(super) fn vacate(&mut self, slot: usize) {
        if self.slots[slot].take().is_some() {
            self.free.push(slot);
        }
    }
}
