//! Jobs of the driver's own: tables into the card's memory, copies through the card. One at a time, waited for.

use super::driver::{Done, Flight, FrameOrder};
use super::registers as r;
use super::submit::Pieces;
use super::{CardError, Driver, fleet};
use crate::transport::Dma;
use debye_spec::Status;
use debye_spec::card_table::CardTable;
use debye_spec::ops::OP_BYTES;
use debye_spec::registers::ENABLE;
use debye_spec::rings::{ALIGNMENT, CopyJob, Submission};

/// Most bytes of a table that go at once.
const UPLOAD_BYTES: usize = 4 << 20;
/// Where the table stands in the table memory.
const TABLE_AT: u64 = 0;

impl Driver {
    /// Writes a table's operations into the card and says what they are. A card that had to be reset on the way gets
    /// them once more.
    pub(super) fn upload(&mut self, table: &CardTable) -> Result<(), CardError> {
        let mut attempt = 1;
        loop {
            self.uploading = true;
            let done = self.upload_once(table);
            self.uploading = false;
            match done {
                Err(CardError::Job { status: Status::Stalled, .. }) if attempt < self.config.lives => attempt += 1,
                done => return done,
            }
        }
    }

    fn upload_once(&mut self, table: &CardTable) -> Result<(), CardError> {
        let align = ALIGNMENT as usize;
        let needed = (table.ops.len() * OP_BYTES).next_multiple_of(align);
        let have = 1u64 << self.card.rings.memory_log2;
        if TABLE_AT + needed as u64 > have {
            return Err(CardError::TableMemory { address: self.card.address(), needed: needed as u64, have });
        }
        self.write(r::CONTROL.offset, 0);
        let bytes = needed.min(UPLOAD_BYTES);
        let mut taken = self.arena.take(bytes);
        let piece = loop {
            match taken {
                Some(piece) => break piece,
                None => taken = self.more(bytes)?,
            }
        };
        let mut target = TABLE_AT;
        let mut sent = Ok(());
        for ops in table.ops.chunks(UPLOAD_BYTES / OP_BYTES) {
            let mut bytes: Vec<u8> = ops.iter().flat_map(|op| op.0.to_le_bytes()).collect();
            bytes.resize(bytes.len().next_multiple_of(align), 0);
            piece.write(&bytes);
            let source = piece.iova();
            let job = CopyJob { handle: 0, sequence: 0, bytes: bytes.len() as u32, source, target };
            sent = self.run_job(Submission::Upload(job), "take the table");
            if sent.is_err() {
                break;
            }
            target += bytes.len() as u64;
        }
        sent?;
        self.write(r::TABLE_ADDRESS_LOW.offset, TABLE_AT as u32);
        self.write(r::TABLE_ADDRESS_HIGH.offset, (TABLE_AT >> 32) as u32);
        self.write(r::TABLE_OPS.offset, table.ops.len() as u32);
        self.write(r::TABLE_ID.offset, table.id);
        self.write(r::TABLE_PIXELS.offset, table.pixels);
        self.write(r::TABLE_BINS.offset, table.bins);
        self.write(r::CONTROL.offset, ENABLE.put(0, 1));
        Ok(())
    }

    /// Copies bytes from one buffer to another through the card.
    ///
    /// # Errors
    /// The card does not do it, or says why it cannot.
    pub fn copy(&mut self, from: (&Dma, usize), to: (&Dma, usize), bytes: usize) -> Result<(), CardError> {
        let (source, target) = (from.0.iova() + from.1 as u64, to.0.iova() + to.1 as u64);
        self.copy_raw(source, target, bytes as u32)
    }

    /// Copies between addresses as the card sees them, mapped or not.
    ///
    /// # Errors
    /// As [`Driver::copy`].
    pub fn copy_raw(&mut self, source: u64, target: u64, bytes: u32) -> Result<(), CardError> {
        let job = CopyJob { handle: 0, sequence: 0, bytes, source, target };
        self.run_job(Submission::Copy(job), "copy memory")
    }

    /// Memory that the card reaches.
    ///
    /// # Errors
    /// There is none.
    pub fn memory(&mut self, bytes: usize) -> Result<Dma, CardError> {
        Ok(self.card.transport().map(bytes)?)
    }

    /// Every buffer that the card reaches while it integrates, but the rings.
    pub(super) fn buffers(&self) -> Vec<Dma> {
        self.arena.buffers().chain(&self.results).cloned().collect()
    }

    /// Hands in a frame and waits for what becomes of it; nothing else may be in flight.
    ///
    /// # Errors
    /// As [`Driver::submit`] and [`Driver::poll`].
    pub fn do_one(&mut self, order: &FrameOrder<'_>) -> Result<Done, CardError> {
        self.one(|driver| driver.submit(order))
    }

    /// Hands in with `submit`, which says whether there was room, and waits for what becomes of it.
    pub(super) fn one(&mut self, submit: impl Fn(&mut Driver) -> Result<bool, CardError>) -> Result<Done, CardError> {
        while !submit(self)? {
            self.look_or_sleep()?;
        }
        loop {
            match self.poll()? {
                Some(done) => return Ok(done),
                None => self.look_or_sleep()?,
            }
        }
    }

    /// Hands in a job and waits for it; frames may be in flight.
    fn run_job(&mut self, submission: Submission, what: &'static str) -> Result<(), CardError> {
        while self.room_for_jobs() == 0 {
            self.look_or_sleep()?;
        }
        self.job_status = None;
        self.launch(submission, Pieces::default(), None);
        self.await_job(what)
    }

    /// Hands in a copy; there must be room.
    pub(super) fn start_copy(&mut self, source: u64, target: u64, bytes: u32) {
        self.job_status = None;
        let job = CopyJob { handle: 0, sequence: 0, bytes, source, target };
        self.launch(Submission::Copy(job), Pieces::default(), None);
    }

    /// Waits for the job that was handed in.
    pub(super) fn await_job(&mut self, what: &'static str) -> Result<(), CardError> {
        loop {
            match self.job_status.take() {
                Some(Status::Ok) => return Ok(()),
                Some(status) => return Err(CardError::Job { address: self.card.address(), what, status }),
                None => self.look_or_sleep()?,
            }
        }
    }

    /// Waits until something comes, not longer than a nap.
    ///
    /// # Errors
    /// As [`Driver::poll`].
    pub fn wait(&mut self) -> Result<(), CardError> {
        self.look_or_sleep()
    }

    /// Looks at the rings; sleeps until something comes if nothing comes soon.
    pub(super) fn look_or_sleep(&mut self) -> Result<(), CardError> {
        let (before, spin, nap) = (self.idle_mark(), self.config.spin, self.config.nap);
        let came = |cards: &[Driver]| cards.iter().any(|driver| driver.idle_mark() != before);
        fleet::rest_until(std::slice::from_mut(self), spin, nap, came).map_err(|(_, error)| error)
    }

    fn idle_mark(&self) -> (bool, u64, u64) {
        (self.job_status.is_some(), self.tally.finished, self.tally.resets)
    }

    fn write(&mut self, offset: u32, value: u32) {
        self.card.transport().write(offset, value);
    }

    /// Takes all flights out of their slots, which stay taken.
    pub(super) fn set_aside(&mut self) -> Vec<(usize, Flight)> {
        let slots = self.slots.iter_mut().enumerate();
        slots.filter_map(|(slot, flight)| Some((slot, flight.take()?))).collect()
    }

    /// Puts them back.
    pub(super) fn put_back(&mut self, flights: Vec<(usize, Flight)>) {
        for (slot, flight) in flights {
            self.slots[slot] = Some(flight);
        }
    }
}
