//! Puts outcomes back into the order of their frames.

use super::{KEPT_BYTES, WINDOW};
use crate::engine::Outcome;
use crate::frame::FrameError;
use std::collections::BTreeMap;

/// Outcomes that wait for an earlier one.
#[derive(Debug)]
pub(super) struct Order {
    next: usize,
    waiting: BTreeMap<usize, Outcome>,
    /// Bytes of chunks that wait with them.
    kept: usize,
}

impl Order {
    /// The first outcome to be taken is that of frame `next`.
    pub fn new(next: usize) -> Order {
        Order { next, waiting: BTreeMap::new(), kept: 0 }
    }

    /// Frames from the oldest that was not taken to (not including) `handed_in`.
    pub fn span(&self, handed_in: usize) -> usize {
        handed_in - self.next
    }

    /// Whether more may be handed in behind `handed_in`: neither so many frames nor so many bytes wait for the oldest one.
    pub fn has_room(&self, handed_in: usize) -> bool {
        self.span(handed_in) < WINDOW && self.kept < KEPT_BYTES
    }

    /// Puts an outcome in.
    pub fn put(&mut self, outcome: Outcome) {
        self.kept += kept_bytes(&outcome);
        self.waiting.insert(outcome.index, outcome);
    }

    /// Takes the next one out, if it is there.
    pub fn take(&mut self) -> Option<Outcome> {
        let outcome = self.waiting.remove(&self.next)?;
        self.next += 1;
        self.kept -= kept_bytes(&outcome);
        Some(outcome)
    }
}

fn kept_bytes(outcome: &Outcome) -> usize {
    outcome.kept.as_ref().map_or(0, |kept| kept.chunk.len())
}

impl Outcome {
    /// The outcome of a frame that could not be read.
    pub fn unread(index: usize, error: FrameError) -> Outcome {
        Outcome { index, bytes_in: 0, payload_digest: [0; 32], result: Err(error), kept: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::keep::{Kept, Maker};
    use crate::frame::{Lent, Payload};
    use debye_spec::Status;
    use std::fs::File;
    use std::io;
    use std::sync::Arc;

    /// A chunk of half the bytes that may wait, of which nobody needs to see any.
    #[derive(Debug)]
    struct Half;

    impl Lent for Half {
        fn bytes(&self) -> usize {
            KEPT_BYTES / 2
        }

        fn fill(&self, _: &File, _: u64) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn read(&self, _: usize, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn has_room_for_a_window_of_frames_and_as_many_chunks_as_fit() {
        let failed = |index| Outcome::unread(index, FrameError { status: Status::Missing, message: String::new() });
        let kept = |index| {
            let kept = Some(Kept { chunk: Payload::Lent(Arc::new(Half)), maker: Maker::Input });
            Outcome { kept, ..failed(index) }
        };
        let mut order = Order::new(5);
        assert!(order.has_room(5 + WINDOW - 1) && !order.has_room(5 + WINDOW));
        order.put(kept(7));
        assert!(order.has_room(8));
        order.put(kept(6));
        assert!(!order.has_room(8) && order.take().is_none());
        order.put(failed(5));
        assert_eq!(order.take().map(|outcome| outcome.index), Some(5));
        assert!(!order.has_room(8));
        assert_eq!(order.take().map(|outcome| outcome.index), Some(6));
        assert!(order.has_room(8));
    }
}
