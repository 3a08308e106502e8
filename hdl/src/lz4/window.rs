//! The parser's window: the beats of a block as a byte stream.
//!
//! It holds three beats and a byte position in the first. A step may take place (`go`) when eight bytes or the rest of
//! the block are there, which is known a cycle before, so that how many bytes a step takes depends on registers alone.

use crate::base::align::Aligner;
use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Beats in, up to eight bytes a step out.
#[derive(LogicBlock, Default)]
pub struct Window {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reset.
    pub reset: Signal<In, Bit>,
    /// Beat there.
    pub s_blk_tvalid: Signal<In, Bit>,
    /// Beat taken.
    pub s_blk_tready: Signal<Out, Bit>,
    /// Bytes, the first in bits 7..0.
    pub s_blk_tdata: Signal<In, U<64>>,
    /// Valid bytes.
    pub s_blk_tbytes: Signal<In, U<4>>,
    /// Last beat of the block.
    pub s_blk_tlast: Signal<In, Bit>,
    /// No more steps from the next cycle on.
    pub full: Signal<In, Bit>,
    /// Bytes that a step takes, 1 to 8.
    pub want: Signal<In, U<4>>,
    /// The block is done with: all that is here goes.
    pub finish: Signal<In, Bit>,
    /// A block's first beat is taken.
    pub begins: Signal<Out, Bit>,
    /// A step takes place.
    pub go: Signal<Out, Bit>,
    /// The next eight bytes.
    pub head: Signal<Out, U<64>>,
    /// How many there are.
    pub bytes: Signal<Out, U<5>>,

    aligner: Aligner,
    word0: DFF<U<64>>,
    word1: DFF<U<64>>,
    word2: DFF<U<64>>,
    words: DFF<U<2>>,
    at: DFF<U<3>>,
    not_at: DFF<U<2>>,
    count: DFF<U<5>>,
    last: DFF<Bit>,
    ready: DFF<Bit>,
    goes: DFF<Bit>,
    busy: DFF<Bit>,
    moved: Signal<Local, U<4>>,
    pops: Signal<Local, Bit>,
    accepts: Signal<Local, Bit>,
    room: Signal<Local, Bit>,
    next_at: Signal<Local, U<3>>,
    next_not: Signal<Local, U<3>>,
    next_words: Signal<Local, U<2>>,
    next_count: Signal<Local, U<5>>,
    next_last: Signal<Local, Bit>,
    next_busy: Signal<Local, Bit>,
}

impl Logic for Window {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, word0, word1, word2, words, at, not_at, count, last, ready, goes, busy);
        self.s_blk_tready.next = self.ready.q.val();
        self.go.next = self.goes.q.val();
        self.bytes.next = self.count.q.val();
        self.aligner.older.next = self.word0.q.val();
        self.aligner.newer.next = self.word1.q.val();
        self.aligner.by.next = self.at.q.val();
        self.aligner.not_by.next = self.not_at.q.val();
        self.head.next = self.aligner.aligned.val();

        self.accepts.next = self.s_blk_tvalid.val() & self.ready.q.val();
        self.moved.next = bit_cast_u::<4, 3>(self.at.q.val()) + self.want.val();
        self.pops.next = self.goes.q.val() & self.moved.val().get_bit(3);
        self.next_at.next = self.at.q.val();
        if self.goes.q.val() {
            self.next_at.next = self.moved.val().get_bits::<3>(0);
        }
        self.next_words.next = self.words.q.val();
        if self.accepts.val() & !self.pops.val() {
            self.next_words.next = self.words.q.val() + 1;
        }
        if self.pops.val() & !self.accepts.val() {
            self.next_words.next = self.words.q.val() - 1;
        }
        // A word that is not counted may be anything: what comes stands in each of those at once.
        if self.pops.val() | (self.words.q.val() == 0) {
            self.word0.d.next = self.word1.q.val();
            if !self.words.q.val().get_bit(1) {
                self.word0.d.next = self.s_blk_tdata.val();
            }
        }
        if self.pops.val() | !self.words.q.val().get_bit(1) {
            self.word1.d.next = self.word2.q.val();
            if !self.words.q.val().all() {
                self.word1.d.next = self.s_blk_tdata.val();
            }
        }
        if !self.words.q.val().all() {
            self.word2.d.next = self.s_blk_tdata.val();
        }
        self.next_count.next = self.count.q.val();
        if self.goes.q.val() {
            self.next_count.next = self.count.q.val() - bit_cast_u::<5, 4>(self.want.val());
        }
        if self.accepts.val() {
            self.next_count.next = self.next_count.val() + bit_cast_u::<5, 4>(self.s_blk_tbytes.val());
        }
        self.next_last.next = self.last.q.val() | (self.accepts.val() & self.s_blk_tlast.val());
        self.begins.next = self.accepts.val() & !self.busy.q.val();
        self.next_busy.next = self.busy.q.val() | self.accepts.val();

        if self.finish.val() | self.reset.val() {
            self.next_busy.next = false;
            self.next_last.next = false;
            self.next_words.next = 0.into();
            self.next_count.next = 0.into();
            self.next_at.next = 0.into();
        }
        self.next_not.next = !self.next_at.val();
        self.at.d.next = self.next_at.val();
        self.not_at.d.next = self.next_not.val().get_bits::<2>(1);
        self.busy.d.next = self.next_busy.val();
        self.last.d.next = self.next_last.val();
        self.words.d.next = self.next_words.val();
        self.count.d.next = self.next_count.val();
        self.room.next = !self.next_words.val().all() & !self.full.val();
        self.ready.d.next = self.room.val() & !self.next_last.val() & !self.reset.val();
        self.goes.d.next = self.next_busy.val()
            & !self.full.val()
            & (self.next_last.val() | self.next_count.val().get_bits::<2>(3).any());
    }
}
