//! A lane's stall counters: for each condition the number of cycles in which it held, exact, at about a third of the
//! logic of as many 32-bit counters.
//!
//! Each condition has a counter of 4 bits that runs freely. The whole counts stand in one LUT RAM; one condition after
//! the other is swept, every 8 cycles: the little counter's value becomes the low bits of the whole, and when it is below
//! what those were, it has wrapped and the bits above go up by one. It cannot wrap twice in 8 cycles, so nothing is lost.

use crate::base::pins::HdlPins;
use crate::base::ram::LutRam;
use crate::base::word::{U, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// Counters of one lane, by `debye_spec::registers::STALLS`.
#[derive(LogicBlock, Default)]
pub struct Counters {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: clears.
    pub reset: Signal<In, Bit>,
    /// Pulse: clears. What happens in that cycle is not counted, all that follows is.
    pub clear: Signal<In, Bit>,
    /// Counter 0.
    pub splitter_starved: Signal<In, Bit>,
    /// Counter 1.
    pub lz4_starved: Signal<In, Bit>,
    /// Counter 2.
    pub lz4_blocked: Signal<In, Bit>,
    /// Counter 3.
    pub unshuffle_blocked: Signal<In, Bit>,
    /// Counter 4.
    pub op_starved: Signal<In, Bit>,
    /// Counter 5.
    pub px_starved: Signal<In, Bit>,
    /// Counter 6.
    pub integrator_blocked: Signal<In, Bit>,
    /// Counter 7.
    pub frame_done: Signal<In, Bit>,
    /// Counter to read.
    pub read_index: Signal<In, U<3>>,
    /// Its count: from 8 cycles after `read_index` stands, not older than 9 cycles.
    pub read_count: Signal<Out, U<32>>,

    little: [DFF<U<4>>; 8],
    turn: DFF<U<3>>,
    clearing: DFF<U<4>>,
    whole: LutRam<U<32>, 3>,
    // Second half of a sweep: what it adds to.
    old: DFF<U<32>>,
    fresh: DFF<U<4>>,
    wraps: DFF<Bit>,
    at: DFF<U<3>>,
    shown: DFF<U<32>>,

    happens: Signal<Local, U<8>>,
    picked: Signal<Local, U<4>>,
    above: Signal<Local, U<28>>,
    swept: Signal<Local, U<32>>,
}

impl Counters {
    /// Counters for a bench.
    pub fn pins() -> HdlPins<Counters> {
        crate::pins!(Box::<Counters>::default();
            in reset, clear, splitter_starved, lz4_starved, lz4_blocked, unshuffle_blocked, op_starved, px_starved,
                integrator_blocked, frame_done, read_index;
            out read_count)
    }
}

impl Logic for Counters {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, turn, clearing, old, fresh, wraps, at, shown);
        self.whole.clock.next = self.clock.val();
        self.happens.next = bit_cast_b::<8>(self.splitter_starved.val())
            | (bit_cast_b::<8>(self.lz4_starved.val()) << 1)
            | (bit_cast_b::<8>(self.lz4_blocked.val()) << 2)
            | (bit_cast_b::<8>(self.unshuffle_blocked.val()) << 3)
            | (bit_cast_b::<8>(self.op_starved.val()) << 4)
            | (bit_cast_b::<8>(self.px_starved.val()) << 5)
            | (bit_cast_b::<8>(self.integrator_blocked.val()) << 6)
            | (bit_cast_b::<8>(self.frame_done.val()) << 7);
        for i in 0..8 {
            self.little[i].clock.next = self.clock.val();
            self.little[i].d.next = self.little[i].q.val();
            if self.happens.val().get_bit(i) {
                self.little[i].d.next = self.little[i].q.val() + 1;
            }
        }

        // First half of a sweep.
        self.turn.d.next = self.turn.q.val() + 1;
        self.picked.next = 0.into();
        match self.turn.q.val().index() {
            0 => self.picked.next = self.little[0].q.val(),
            1 => self.picked.next = self.little[1].q.val(),
            2 => self.picked.next = self.little[2].q.val(),
            3 => self.picked.next = self.little[3].q.val(),
            4 => self.picked.next = self.little[4].q.val(),
            5 => self.picked.next = self.little[5].q.val(),
            6 => self.picked.next = self.little[6].q.val(),
            7 => self.picked.next = self.little[7].q.val(),
            _ => {}
        }
        self.whole.read_address.next = self.turn.q.val();
        self.old.d.next = self.whole.read_data.val();
        self.fresh.d.next = self.picked.val();
        self.wraps.d.next = self.picked.val() < bit_cast_u::<4, 32>(self.whole.read_data.val());
        self.at.d.next = self.turn.q.val();

        // Second half. While all are cleared, what the little ones have counted since is the whole.
        self.above.next = self.old.q.val().get_bits::<28>(4) + bit_cast_b::<28>(self.wraps.q.val());
        if self.clearing.q.val().any() {
            self.above.next = 0.into();
            self.clearing.d.next = self.clearing.q.val() - 1;
        }
        self.swept.next = bit_cast_u::<32, 4>(self.fresh.q.val()) | (bit_cast_u::<32, 28>(self.above.val()) << 4);
        self.whole.write_enable.next = true;
        self.whole.write_address.next = self.at.q.val();
        self.whole.write_data.next = self.swept.val();
        if self.at.q.val() == self.read_index.val() {
            self.shown.d.next = self.swept.val();
        }
        self.read_count.next = self.shown.q.val();

        if self.clear.val() | self.reset.val() {
            self.clearing.d.next = 9.into();
            for i in 0..8 {
                self.little[i].d.next = 0.into();
            }
        }
    }
}
