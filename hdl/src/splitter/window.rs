//! The chunk's words as a byte stream: two words, a byte phase, and how many words are still to come.

use crate::base::align::Aligner;
use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Realigns a chunk. Takes exactly as many words as `start` told, two of them ahead; behind the last it makes up words,
/// so that the last bytes come out like all others. Up to 8 bytes are taken a cycle.
#[derive(LogicBlock, Default)]
pub struct Window {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A word is there.
    pub word_valid: Signal<In, Bit>,
    /// It is taken.
    pub word_ready: Signal<Out, Bit>,
    /// The word.
    pub word: Signal<In, U<64>>,
    /// A chunk begins; what is in the window goes.
    pub start: Signal<In, Bit>,
    /// Bytes of that chunk.
    pub chunk_bytes: Signal<In, U<32>>,
    /// `take` bytes go. Only while `full`.
    pub fire: Signal<In, Bit>,
    /// 0 to 8.
    pub take: Signal<In, U<4>>,
    /// Throws the rest of the chunk's words away.
    pub drain: Signal<In, Bit>,
    /// Both words are there: `aligned` is what comes next.
    pub full: Signal<Out, Bit>,
    /// The next 8 bytes, first byte lowest.
    pub aligned: Signal<Out, U<64>>,
    /// The older word as it came.
    pub first: Signal<Out, U<64>>,
    /// Words of the chunk are still to come.
    pub more: Signal<Out, Bit>,
    /// A word is wanted and is not there.
    pub waiting: Signal<Out, Bit>,
    aligner: Aligner,
    older: DFF<U<64>>,
    newer: DFF<U<64>>,
    older_valid: DFF<Bit>,
    newer_valid: DFF<Bit>,
    phase: DFF<U<3>>,
    not_phase: DFF<U<2>>,
    // Words taken; one more if the chunk ends with a full word: the first cycle (`begins`) counts then. The last word is
    // the one at which it equals the chunk's full words.
    taken: DFF<U<29>>,
    begins: DFF<Bit>,
    some_left: DFF<Bit>,
    whole: Signal<Local, Bit>,
    reached: Signal<Local, Bit>,
    both: Signal<Local, Bit>,
    sum: Signal<Local, U<4>>,
    next_phase: Signal<Local, U<3>>,
    next_not: Signal<Local, U<3>>,
    advance: Signal<Local, Bit>,
    want: Signal<Local, Bit>,
    asks: Signal<Local, Bit>,
}

impl Logic for Window {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, older, newer, older_valid, newer_valid, phase, not_phase, taken, begins, some_left);
        self.both.next = self.older_valid.q.val() & self.newer_valid.q.val();
        self.sum.next = bit_cast_u::<4, 3>(self.phase.q.val()) + self.take.val();
        self.advance.next =
            (self.fire.val() & self.sum.val().get_bit(3)) | (self.newer_valid.q.val() & !self.older_valid.q.val());
        self.want.next = self.advance.val() | !self.newer_valid.q.val();
        self.asks.next = (self.want.val() | self.drain.val()) & self.some_left.q.val();

        self.word_ready.next = self.asks.val();
        self.waiting.next = self.asks.val() & !self.word_valid.val();
        self.more.next = self.some_left.q.val();
        self.full.next = self.both.val();
        self.first.next = self.older.q.val();
        self.aligner.older.next = self.older.q.val();
        self.aligner.newer.next = self.newer.q.val();
        self.aligner.by.next = self.phase.q.val();
        self.aligner.not_by.next = self.not_phase.q.val();
        self.aligned.next = self.aligner.aligned.val();

        self.next_phase.next = self.phase.q.val();
        if self.fire.val() {
            self.next_phase.next = self.sum.val().get_bits::<3>(0);
        }
        if self.start.val() {
            self.next_phase.next = 0.into();
        }
        self.next_not.next = !self.next_phase.val();
        self.phase.d.next = self.next_phase.val();
        self.not_phase.d.next = self.next_not.val().get_bits::<2>(1);
        if self.advance.val() {
            self.older.d.next = self.newer.q.val();
            self.older_valid.d.next = true;
        }
        if self.want.val() {
            self.newer_valid.d.next = self.word_valid.val() | !self.some_left.q.val();
            self.newer.d.next = self.word.val();
        }
        self.whole.next = !self.chunk_bytes.val().get_bits::<3>(0).any();
        if (self.asks.val() & self.word_valid.val()) | (self.begins.q.val() & self.whole.val()) {
            self.taken.d.next = self.taken.q.val() + 1;
        }
        self.reached.next = self.taken.q.val() == self.chunk_bytes.val().get_bits::<29>(3);
        if self.asks.val() & self.word_valid.val() & self.reached.val() {
            self.some_left.d.next = false;
        }
        self.begins.d.next = self.start.val();
        if self.begins.q.val() {
            self.some_left.d.next = !(self.reached.val() & self.whole.val());
            self.newer_valid.d.next = false;
        }

        if self.start.val() {
            self.taken.d.next = 0.into();
            self.some_left.d.next = false;
            self.older_valid.d.next = false;
            self.newer_valid.d.next = false;
        }
        if self.reset.val() {
            self.some_left.d.next = false;
            self.begins.d.next = false;
            self.older_valid.d.next = false;
            self.newer_valid.d.next = false;
        }
    }
}
