//! One submission ring and one completion ring in memory that the card reaches.

use super::completion::{Awaited, Place, Verdict, judge};
use super::registers as map;
use crate::transport::{Dma, Transport};
use debye_spec::ring_map::{QUEUE_COMPLETION_LOG2, QUEUE_ENABLE, QUEUE_REFUSED, QUEUE_SUBMISSION_LOG2};
use debye_spec::rings::{Completion, ENTRY_BYTES, phase};

/// What rings stand at multiples of.
const RING_ALIGNMENT: usize = 4096;

/// A pair of rings of the same depth.
#[derive(Debug)]
pub struct Queue {
    number: u32,
    depth_log2: u32,
    memory: Dma,
    submissions_at: usize,
    completions_at: usize,
    /// All indices when the queue starts.
    first: u32,
    /// Free-running: behind the last submission that was written.
    tail: u32,
    /// Free-running: submissions that the card is known to have taken.
    taken: u32,
    /// Free-running: the next completion.
    head: u32,
    /// The card was told of completions up to here.
    told: u32,
}

/// Bytes that the rings of a queue take.
pub const fn ring_bytes(depth_log2: u32) -> usize {
    2 * (ENTRY_BYTES << depth_log2).next_multiple_of(RING_ALIGNMENT)
}

impl Queue {
    /// Rings at `at` of `memory`, whose indices start at `first`.
    pub fn new(number: u32, depth_log2: u32, memory: Dma, at: usize, first: u32) -> Queue {
        let completions_at = at + ring_bytes(depth_log2) / 2;
        let [tail, taken, head, told] = [first; 4];
        Queue { number, depth_log2, memory, submissions_at: at, completions_at, first, tail, taken, head, told }
    }

    /// Empties the rings and starts the queue; whether the card took it.
    pub fn start(&mut self, transport: &mut dyn Transport) -> bool {
        let mut write = |register, value| transport.write(map::of_queue(self.number, register), value);
        write(map::QUEUE_CONFIG, 0);
        self.memory.zero(self.submissions_at, ENTRY_BYTES << self.depth_log2);
        self.memory.zero(self.completions_at, ENTRY_BYTES << self.depth_log2);
        for index in (0..1 << self.depth_log2).map(|k| self.first.wrapping_add(k)) {
            if !phase(index, self.depth_log2) {
                // Zero is the phase that is due here.
                self.memory.store(self.completions_at + self.place(index) + ENTRY_BYTES - 4, 1);
            }
        }
        [self.tail, self.taken, self.head, self.told] = [self.first; 4];
        let address = |at: usize| self.memory.iova() + at as u64;
        let (submissions, completions) = (address(self.submissions_at), address(self.completions_at));
        write(map::SUBMISSION_LOW, submissions as u32);
        write(map::SUBMISSION_HIGH, (submissions >> 32) as u32);
        write(map::COMPLETION_LOW, completions as u32);
        write(map::COMPLETION_HIGH, (completions >> 32) as u32);
        write(map::START, self.first);
        let depths = QUEUE_COMPLETION_LOG2.put(QUEUE_SUBMISSION_LOG2.put(0, self.depth_log2), self.depth_log2);
        std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
        write(map::QUEUE_CONFIG, QUEUE_ENABLE.put(depths, 1));
        let config = transport.read(map::of_queue(self.number, map::QUEUE_CONFIG));
        QUEUE_ENABLE.get(config) == 1 && QUEUE_REFUSED.get(config) == 0
    }

    /// Entries that may be written now: neither over one that the card has not taken nor beyond what its completions
    /// have room for.
    pub fn room(&self) -> usize {
        (1 << self.depth_log2) - self.tail.wrapping_sub(self.taken).min(1 << self.depth_log2) as usize
    }

    /// Writes a submission; there must be room. The card does not know of it before [`Queue::ring`].
    pub fn push(&mut self, entry: &[u8; ENTRY_BYTES]) {
        debug_assert!(self.room() > 0);
        self.memory.write(self.submissions_at + self.place(self.tail), entry);
        self.tail = self.tail.wrapping_add(1);
    }

    /// Tells the card of the submissions.
    pub fn ring(&self, transport: &mut dyn Transport) {
        // The entries are written before the doorbell is.
        std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
        transport.write(map::of_queue(self.number, map::SUBMISSION_TAIL), self.tail);
    }

    /// What the next completion is. Anything but nothing is taken.
    pub fn next(&mut self, awaited: impl Fn(usize) -> Option<Awaited>) -> Verdict {
        let at = self.completions_at + self.place(self.head);
        // The phase before the rest.
        let last = self.memory.load(at + ENTRY_BYTES - 4);
        if Completion::phase_of(last) != phase(self.head, self.depth_log2) {
            return Verdict::Nothing;
        }
        let mut entry = [0; ENTRY_BYTES];
        self.memory.read(at, &mut entry[..ENTRY_BYTES - 4]);
        entry[ENTRY_BYTES - 4..].copy_from_slice(&last.to_le_bytes());
        let place =
            Place { queue: self.number as u8, index: self.head, depth_log2: self.depth_log2, submitted: self.tail };
        let verdict = judge(&entry, &place, awaited);
        self.head = self.head.wrapping_add(1);
        if let Verdict::Finished(finished) = &verdict
            // Completions overtake each other: the number never falls.
            && finished.taken.wrapping_sub(self.taken) <= self.tail.wrapping_sub(self.taken)
        {
            self.taken = finished.taken;
        }
        verdict
    }

    /// Tells the card which completions were taken: at once, or (not `now`) where a quarter of the ring was.
    pub fn tell(&mut self, transport: &mut dyn Transport, now: bool) {
        let untold = self.head.wrapping_sub(self.told);
        if untold > 0 && (now || untold >= 1 << self.depth_log2.saturating_sub(2)) {
            transport.write(map::of_queue(self.number, map::COMPLETION_HEAD), self.head);
            self.told = self.head;
        }
    }

    /// Asks for an interrupt with the next completion.
    pub fn arm(&self, transport: &mut dyn Transport) {
        transport.write(map::of_queue(self.number, map::ARM), self.head);
    }

    fn place(&self, index: u32) -> usize {
        ENTRY_BYTES * (index & ((1 << self.depth_log2) - 1)) as usize
    }
}
