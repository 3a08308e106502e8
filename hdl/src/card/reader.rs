//! The table's reader: reads the operations once and gives them to all lanes of a group that start together.
//!
//! What the lanes get is framed by the count in the registers, never by what stands in memory: bit 127 (last) is set in
//! the last operation and in no other. A beat that came with an error gives operations of zeros, and the read one
//! operation more than it should have: the lanes then find that pixels and table do not match, and the frames fail. A
//! table of no operations gives one of zeros.

use super::beats::BeatFifo;
use crate::base::word::{U, W, bit_cast_b, bit_cast_u, bit_cast_w};
use rust_hdl::prelude::*;

/// Reads the table for a batch: the lanes of the group that want a read when it starts. It starts when all lanes want
/// one, or `batch_wait` cycles after the first did. Asks for bursts of up to 64 beats, none across a 4 KiB border, as
/// long as its buffer of 512 beats has room for 64 more. An operation a cycle.
#[derive(LogicBlock, Default)]
pub struct Reader {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset. Bursts that are under way must have been dropped before it ends.
    pub reset: Signal<In, Bit>,
    /// Where the operations stand; bits 5..0 are taken as 0. Constant while frames are in the lanes.
    pub table_address: Signal<In, U<64>>,
    /// How many. Constant while frames are in the lanes.
    pub table_ops: Signal<In, U<32>>,
    /// Cycles to wait for more lanes.
    pub batch_wait: Signal<In, U<16>>,

    /// Some lane of the group wants a read.
    pub any: Signal<In, Bit>,
    /// Every lane of the group does.
    pub all: Signal<In, Bit>,
    /// The read starts: who wants one takes part.
    pub start: Signal<Out, Bit>,
    /// An operation for the lanes that take part.
    pub op_enable: Signal<Out, Bit>,
    /// The operation.
    pub op_data: Signal<Out, W<128, 2>>,
    /// One of them has room for 8 more at most.
    pub op_full: Signal<In, Bit>,
    /// A read is going on, or is wanted.
    pub busy: Signal<Out, Bit>,

    /// A burst is wanted.
    pub ask_valid: Signal<Out, Bit>,
    /// Its address.
    pub ask_address: Signal<Out, U<64>>,
    /// Its beats, 1 to 64.
    pub ask_beats: Signal<Out, U<7>>,
    /// It is taken over.
    pub ask_take: Signal<In, Bit>,
    /// A beat comes back.
    pub r_enable: Signal<In, Bit>,
    /// The beat.
    pub r_data: Signal<In, W<512, 8>>,
    /// It came with an error.
    pub r_bad: Signal<In, Bit>,

    beats: BeatFifo,
    state: DFF<U<2>>,
    any_now: DFF<Bit>,
    all_now: DFF<Bit>,
    full_now: DFF<Bit>,
    waited: DFF<U<16>>,
    address: DFF<U<64>>,
    to_ask: DFF<U<31>>,
    asked: DFF<U<10>>,
    asking: DFF<Bit>,
    burst: DFF<U<7>>,
    left: DFF<U<32>>,
    place: DFF<U<2>>,
    spoilt: DFF<Bit>,
    op_valid: DFF<Bit>,
    op: DFF<W<128, 2>>,

    ops_up: Signal<Local, U<33>>,
    in_use: Signal<Local, U<10>>,
    page: Signal<Local, U<7>>,
    to_page: Signal<Local, U<7>>,
    step: Signal<Local, U<64>>,
    low: Signal<Local, U<64>>,
    high: Signal<Local, U<63>>,
    is_bad: Signal<Local, Bit>,
    is_last: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
    flag: Signal<Local, U<64>>,
    upper: Signal<Local, U<64>>,
}

impl Logic for Reader {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, state, any_now, all_now, full_now, waited, address, to_ask, asked, asking, burst, left, place,
            spoilt, op_valid, op
        );
        self.beats.clock.next = self.clock.val();
        self.beats.reset.next = self.reset.val();
        self.beats.write_enable.next = self.r_enable.val();
        self.beats.write_data.next = self.r_data.val();
        self.beats.write_tag.next = bit_cast_b::<4>(self.r_bad.val());
        self.any_now.d.next = self.any.val();
        self.all_now.d.next = self.all.val();
        self.full_now.d.next = self.op_full.val();
        self.busy.next = self.any_now.q.val() | (self.state.q.val() != 0);

        // Bursts.
        self.page.next = 64.into();
        self.to_page.next = self.page.val() - bit_cast_u::<7, 6>(self.address.q.val().get_bits::<6>(6));
        self.in_use.next = self.asked.q.val() - self.beats.freed.val();
        self.step.next = bit_cast_u::<64, 7>(self.burst.q.val()) << 6;
        if self.asking.q.val() {
            if self.ask_take.val() {
                self.asking.d.next = false;
                self.address.d.next = self.address.q.val() + self.step.val();
                self.asked.d.next = self.asked.q.val() + bit_cast_u::<10, 7>(self.burst.q.val());
                self.to_ask.d.next = self.to_ask.q.val() - bit_cast_u::<31, 7>(self.burst.q.val());
            }
        } else {
            self.burst.d.next = self.to_page.val();
            if self.to_ask.q.val() < bit_cast_u::<31, 7>(self.to_page.val()) {
                self.burst.d.next = self.to_ask.q.val().get_bits::<7>(0);
            }
            self.asking.d.next = (self.to_ask.q.val() != 0) & (self.in_use.val() <= 448);
        }
        self.ask_valid.next = self.asking.q.val();
        self.ask_address.next = self.address.q.val();
        self.ask_beats.next = self.burst.q.val();

        // Operations.
        self.low.next = self.beats.beat.val().get_bits::<64>(0);
        self.high.next = self.beats.beat.val().get_bits::<63>(64);
        if self.place.q.val() == 1 {
            self.low.next = self.beats.beat.val().get_bits::<64>(128);
            self.high.next = self.beats.beat.val().get_bits::<63>(192);
        }
        if self.place.q.val() == 2 {
            self.low.next = self.beats.beat.val().get_bits::<64>(256);
            self.high.next = self.beats.beat.val().get_bits::<63>(320);
        }
        if self.place.q.val() == 3 {
            self.low.next = self.beats.beat.val().get_bits::<64>(384);
            self.high.next = self.beats.beat.val().get_bits::<63>(448);
        }
        self.is_bad.next = self.beats.beat.val().get_bit(512);
        if self.is_bad.val() | (self.state.q.val() == 3) {
            self.low.next = 0.into();
            self.high.next = 0.into();
        }
        self.is_last.next = self.left.q.val() == 1;
        self.ends.next = false;
        self.beats.take.next = false;
        self.op_valid.d.next = false;
        self.start.next = false;
        self.ops_up.next = bit_cast_u::<33, 32>(self.table_ops.val()) + 3;
        match self.state.q.val().index() {
            0 => {
                if self.any_now.q.val() {
                    self.waited.d.next = self.waited.q.val() + 1;
                    if self.all_now.q.val() | (self.waited.q.val() >= self.batch_wait.val()) {
                        self.state.d.next = 1.into();
                    }
                }
            }
            1 => {
                self.start.next = true;
                self.waited.d.next = 0.into();
                self.spoilt.d.next = false;
                self.place.d.next = 0.into();
                self.left.d.next = self.table_ops.val();
                self.to_ask.d.next = self.ops_up.val().get_bits::<31>(2);
                self.address.d.next = bit_cast_u::<64, 58>(self.table_address.val().get_bits::<58>(6)) << 6;
                self.state.d.next = 2.into();
                if self.table_ops.val() == 0 {
                    self.state.d.next = 3.into();
                }
            }
            2 => {
                if self.beats.valid.val() & !self.full_now.q.val() {
                    self.op_valid.d.next = true;
                    self.left.d.next = self.left.q.val() - 1;
                    self.place.d.next = self.place.q.val() + 1;
                    self.beats.take.next = self.is_last.val() | (self.place.q.val() == 3);
                    self.spoilt.d.next = self.spoilt.q.val() | self.is_bad.val();
                    if self.is_last.val() {
                        self.state.d.next = 3.into();
                        self.ends.next = !self.spoilt.q.val() & !self.is_bad.val();
                        if self.ends.val() {
                            self.state.d.next = 0.into();
                        }
                    }
                }
            }
            _ => {
                if !self.full_now.q.val() {
                    self.op_valid.d.next = true;
                    self.ends.next = true;
                    self.state.d.next = 0.into();
                }
            }
        }
        self.flag.next = bit_cast_b::<64>(self.ends.val()) << 63;
        self.upper.next = self.flag.val() | bit_cast_u::<64, 63>(self.high.val());
        self.op.d.next = bit_cast_w::<128, 2, 64>(self.low.val()) | (bit_cast_w::<128, 2, 64>(self.upper.val()) << 64);
        self.op_enable.next = self.op_valid.q.val();
        self.op_data.next = self.op.q.val();

        if self.reset.val() {
            self.state.d.next = 0.into();
            self.any_now.d.next = false;
            self.all_now.d.next = false;
            self.full_now.d.next = false;
            self.waited.d.next = 0.into();
            self.to_ask.d.next = 0.into();
            self.asked.d.next = 0.into();
            self.asking.d.next = false;
            self.op_valid.d.next = false;
        }
    }
}
