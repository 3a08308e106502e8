//! What the driver does when a card does not do its work: frames that are overdue, resets, frames that are handed in
//! again, and the end of a card.

use super::registers as r;
use super::{CardError, Driver};
use crate::transport::ALL_ONES;
use debye_spec::Status;
use debye_spec::ring_map::{RING_ENABLE, RING_RESET};
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

/// Longest wait for a soft reset: it waits for accesses that are under way, no more.
const RESET_PATIENCE: Duration = Duration::from_millis(500);

/// How often it is looked whether anything is overdue.
const WATCH: Duration = Duration::from_millis(1);

/// Resets in a row, without a frame between them, after which a card is given up.
const MOST_RECOVERIES: u32 = 3;

impl Driver {
    /// Whether anything is overdue.
    pub(super) fn watch(&mut self) -> Result<(), CardError> {
        if self.card.transport().is_gone() {
            return Err(self.card.gone());
        }
        if self.watched.elapsed() < WATCH {
            return Ok(());
        }
        self.watched = Instant::now();
        let (timeout, capacity) = (self.config.timeout, 4 * self.slots.len() as u64);
        // Nothing came for long, or many came that were handed in later.
        let idle = self.progress.elapsed() > timeout;
        let finished = self.tally.finished;
        let overdue = self.slots.iter().flatten().filter(|flight| {
            flight.since.elapsed() > timeout && (idle || finished - flight.finished_before > capacity)
        });
        match overdue.count() as u64 {
            0 => Ok(()),
            count => {
                self.tally.overdue += count;
                self.recover(&format!("{count} submission(s) were not completed within {timeout:?}"))
            }
        }
    }

    /// Resets the card and hands in what it had, once more each.
    pub(super) fn recover(&mut self, reason: &str) -> Result<(), CardError> {
        let address = self.card.address();
        let given_up = |reason: String| CardError::GivenUp { address: address.clone(), reason };
        if !self.card.answers() {
            return Err(self.card.gone());
        }
        self.recoveries += 1;
        if self.recoveries > MOST_RECOVERIES {
            return Err(given_up(format!("{MOST_RECOVERIES} resets did not help: {reason}")));
        }
        tracing::warn!("the card {address} is reset: {reason}");
        if self.uploading {
            // What was uploaded may be lost: whoever uploads begins again.
            (0..self.slots.len()).for_each(|slot| self.vacate(slot));
            self.job_status = Some(Status::Stalled);
            return self.restart();
        }
        if self.slots.iter().flatten().any(|flight| flight.lives >= self.config.lives) {
            return Err(given_up(format!("after a reset, again: {reason}")));
        }
        self.restart()?;
        if let Some(table) = self.table.take() {
            // The frames are not in the card now: their slots stay taken, but nothing is awaited of them.
            let frames = self.set_aside();
            let uploaded = self.upload(&table);
            self.table = Some(table);
            self.put_back(frames);
            uploaded?;
        }
        self.progress = Instant::now();
        for slot in 0..self.slots.len() {
            if self.slots[slot].is_some() {
                self.tally.resubmitted += 1;
                self.begin_life(slot);
            }
        }
        Ok(())
    }

    /// Stops the card and starts its queues with empty rings.
    pub(super) fn restart(&mut self) -> Result<(), CardError> {
        self.tally.resets += 1;
        if !self.soft_reset()? {
            // Not even that: the function is reset.
            self.tally.function_resets += 1;
            self.card.reset()?;
            if !self.soft_reset()? {
                let reason = "a reset of the function did not stop it".into();
                return Err(CardError::GivenUp { address: self.card.address(), reason });
            }
        }
        self.slept = false;
        let transport = self.card.transport();
        transport.write(r::RING_CONTROL.offset, RING_ENABLE.put(0, 1));
        for queue in 0..self.queues.len() {
            if !self.queues[queue].start(self.card.transport()) {
                if !self.card.answers() {
                    return Err(self.card.gone());
                }
                let reason = format!("it refuses to start queue {queue}");
                return Err(CardError::GivenUp { address: self.card.address(), reason });
            }
        }
        Ok(())
    }

    /// Whether the card came back from a soft reset.
    fn soft_reset(&mut self) -> Result<bool, CardError> {
        let control = r::RING_CONTROL.offset;
        self.card.transport().write(control, RING_RESET.put(0, 1));
        let started = Instant::now();
        loop {
            let value = self.card.transport().read(control);
            if value == ALL_ONES && !self.card.answers() {
                return Err(self.card.gone());
            }
            if RING_RESET.get(value) == 0 {
                return Ok(true);
            }
            if started.elapsed() > RESET_PATIENCE {
                return Ok(false);
            }
            std::thread::sleep(Duration::from_micros(100));
        }
    }

    /// Asks for interrupts with the next completions. Whoever sleeps must look at the rings once more before.
    pub fn arm(&mut self) {
        for queue in &self.queues {
            queue.arm(self.card.transport());
        }
        (self.slept, self.woken) = (false, false);
    }

    /// Descriptors to sleep on.
    pub fn signals(&self) -> Vec<RawFd> {
        self.card.signals()
    }

    /// After a sleep, all of whose time passed (`whole`) or not: notes whether an interrupt came, and looks whether the
    /// card is still there.
    ///
    /// # Errors
    /// It is gone.
    pub fn woke(&mut self, whole: bool) -> Result<(), CardError> {
        self.slept = whole;
        self.tally.sleeps += 1;
        let vectors = self.card.transport().vectors().min(self.queues.len() as u32);
        for vector in 0..vectors {
            if self.card.transport().wait(vector, Duration::ZERO)? {
                self.woken = true;
                self.tally.interrupts += 1;
            }
        }
        if self.woken || self.card.answers() { Ok(()) } else { Err(self.card.gone()) }
    }
}
