//! What the core asks for of a chunk that is being made: beats of it as they are made, and zeros behind its end.

use super::super::fifo::Fifo;
use crate::base::word::{U, W, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// Chunks come one after the other, their beats into a queue of 32; each has a number, which counts them. What is asked for
/// of the chunk at hand (`live`) waits for its beats; what is asked for of one that has ended is zeros. The core is asked to
/// take a chunk in only when it is at hand, so none is asked for before.
#[derive(LogicBlock, Default)]
pub struct Loopback {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset of everything.
    pub reset: Signal<In, Bit>,
    /// Forgets chunks, and gives zeros for all that is asked for.
    pub halt: Signal<In, Bit>,
    /// A beat of a chunk.
    pub put: Signal<In, Bit>,
    /// The beat.
    pub put_data: Signal<In, W<512, 8>>,
    /// The chunk's last.
    pub put_last: Signal<In, Bit>,
    /// There is little room: for four beats.
    pub near_full: Signal<Out, Bit>,
    /// Number of the chunk at hand.
    pub live: Signal<Out, U<23>>,

    /// The core asks.
    pub ask: Signal<In, Bit>,
    /// It may.
    pub ask_room: Signal<Out, Bit>,
    /// For so many beats: 1 to 64.
    pub ask_beats: Signal<In, U<7>>,
    /// For this lane.
    pub ask_lane: Signal<In, U<8>>,
    /// Of this chunk.
    pub ask_number: Signal<In, U<23>>,

    /// A beat for the core.
    pub valid: Signal<Out, Bit>,
    /// It is taken; only while `valid`.
    pub take: Signal<In, Bit>,
    /// The beat.
    pub data: Signal<Out, W<512, 8>>,
    /// Whose.
    pub lane: Signal<Out, U<8>>,

    beats: Fifo<W<512, 8>, 5>,
    lasts: Fifo<U<1>, 5>,
    asks: Fifo<U<38>, 5>,
    at_hand: DFF<U<23>>,
    left: DFF<U<7>>,
    whose: DFF<U<8>>,
    number: DFF<U<23>>,
    forgets: Signal<Local, Bit>,
    ended: Signal<Local, Bit>,
    gives: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
}

impl Logic for Loopback {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, at_hand, left, whose, number);
        clock!(self, clock, beats, lasts, asks);
        self.forgets.next = self.reset.val() | self.halt.val();
        self.beats.reset.next = self.forgets.val();
        self.lasts.reset.next = self.forgets.val();
        self.asks.reset.next = self.reset.val();
        self.beats.push.next = self.put.val();
        self.beats.push_data.next = self.put_data.val();
        self.lasts.push.next = self.put.val();
        self.lasts.push_data.next = bit_cast_b::<1>(self.put_last.val());
        self.near_full.next = self.beats.used.val() >= 28;
        self.live.next = self.at_hand.q.val();

        self.ask_room.next = self.asks.used.val() < 32;
        self.asks.push.next = self.ask.val();
        self.asks.push_data.next = bit_cast_u::<38, 7>(self.ask_beats.val())
            | (bit_cast_u::<38, 8>(self.ask_lane.val()) << 7)
            | (bit_cast_u::<38, 23>(self.ask_number.val()) << 15);
        self.asks.pop.next = false;
        if !self.left.q.val().any() & self.asks.valid.val() {
            self.asks.pop.next = true;
            self.left.d.next = self.asks.data.val().get_bits::<7>(0);
            self.whose.d.next = self.asks.data.val().get_bits::<8>(7);
            self.number.d.next = self.asks.data.val().get_bits::<23>(15);
        }

        self.ended.next = self.halt.val() | (self.number.q.val() != self.at_hand.q.val());
        self.valid.next = self.left.q.val().any() & (self.ended.val() | self.beats.valid.val());
        self.lane.next = self.whose.q.val();
        self.data.next = self.beats.data.val();
        if self.ended.val() {
            self.data.next = 0.into();
        }
        self.gives.next = self.take.val() & !self.ended.val();
        self.ends.next = self.gives.val() & self.lasts.data.val().any();
        self.beats.pop.next = self.gives.val();
        self.lasts.pop.next = self.gives.val();
        if self.take.val() {
            self.left.d.next = self.left.q.val() - 1;
        }
        if self.ends.val() {
            self.at_hand.d.next = self.at_hand.q.val() + 1;
        }

        if self.forgets.val() {
            self.at_hand.d.next = 0.into();
        }
        if self.reset.val() {
            self.left.d.next = 0.into();
        }
    }
}
