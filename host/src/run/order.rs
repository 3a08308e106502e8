//! Puts outcomes back into the order of their frames.

use crate::engine::Outcome;
use crate::frame::FrameError;
use std::collections::BTreeMap;

/// Outcomes that wait for an earlier one.
#[derive(Debug)]
pub(super) struct Order {
    next: usize,
    waiting: BTreeMap<usize, Outcome>,
}

impl Order {
    /// The first outcome to be taken is that of frame `next`.
    pub fn new(next: usize) -> Order {
        Order { next, waiting: BTreeMap::new() }
    }

    /// Frames from the oldest that was not taken to (not including) `handed_in`.
    pub fn span(&self, handed_in: usize) -> usize {
        handed_in - self.next
    }

    /// Puts an outcome in.
    pub fn put(&mut self, outcome: Outcome) {
        self.waiting.insert(outcome.index, outcome);
    }

    /// Takes the next one out, if it is there.
    pub fn take(&mut self) -> Option<Outcome> {
        let outcome = self.waiting.remove(&self.next)?;
        self.next += 1;
        Some(outcome)
    }
}

impl Outcome {
    /// The outcome of a frame that could not be read.
    pub fn unread(index: usize, error: FrameError) -> Outcome {
        Outcome { index, bytes_in: 0, payload_digest: [0; 32], result: Err(error) }
    }
}
