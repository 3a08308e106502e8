//! Both ends of an asynchronous line: 8 data bits, the lowest first, no parity, 1 stop bit.
//!
//! Lines are kept inverted: a register that starts as 0 is then a line at rest.

use crate::base::word::{U, bit_cast_b};
use rust_hdl::prelude::*;

/// Receiver. Takes a bit as what two of three samples around its middle say; so it is done half a bit before a stop bit's
/// end, and the sender's clock may be some percent faster. `divisor` is at least 4.
#[derive(LogicBlock, Default)]
pub struct UartRx {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// The line, of any clock.
    pub rxd: Signal<In, Bit>,
    /// Cycles of a bit.
    pub divisor: Signal<In, U<16>>,
    /// A byte has come: one cycle.
    pub valid: Signal<Out, Bit>,
    /// The byte.
    pub data: Signal<Out, U<8>>,
    /// A byte without a stop bit has come: one cycle. The line must rest before the next.
    pub broken: Signal<Out, Bit>,
    sync0: DFF<Bit>,
    sync1: DFF<Bit>,
    running: DFF<Bit>,
    stuck: DFF<Bit>,
    timer: DFF<U<16>>,
    // 0: start bit, 1 to 8: data, 9: stop bit.
    place: DFF<U<4>>,
    early: DFF<Bit>,
    middle: DFF<Bit>,
    shift: DFF<U<8>>,
    low: Signal<Local, Bit>,
    vote: Signal<Local, Bit>,
    high: Signal<Local, Bit>,
    half: Signal<Local, U<16>>,
    less: Signal<Local, U<16>>,
    more: Signal<Local, U<16>>,
    last: Signal<Local, U<16>>,
    fresh: Signal<Local, U<8>>,
}

impl Logic for UartRx {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, sync0, sync1, running, stuck, timer, place, early, middle, shift);
        self.sync0.d.next = !self.rxd.val();
        self.sync1.d.next = self.sync0.q.val();
        self.low.next = self.sync1.q.val();
        self.half.next = self.divisor.val() >> 1;
        self.less.next = self.half.val() - 1;
        self.more.next = self.half.val() + 1;
        self.last.next = self.divisor.val() - 1;
        self.vote.next = (self.early.q.val() & self.middle.q.val())
            | (self.early.q.val() & self.low.val())
            | (self.middle.q.val() & self.low.val());
        self.high.next = !self.vote.val();
        self.fresh.next = bit_cast_b::<8>(self.high.val());
        self.valid.next = false;
        self.broken.next = false;
        self.data.next = self.shift.q.val();

        if self.stuck.q.val() {
            self.stuck.d.next = self.low.val();
        } else if !self.running.q.val() {
            self.running.d.next = self.low.val();
            self.timer.d.next = 1.into();
            self.place.d.next = 0.into();
        } else {
            self.timer.d.next = self.timer.q.val() + 1;
            if self.timer.q.val() == self.less.val() {
                self.early.d.next = self.low.val();
            }
            if self.timer.q.val() == self.half.val() {
                self.middle.d.next = self.low.val();
            }
            if self.timer.q.val() == self.last.val() {
                self.timer.d.next = 0.into();
                self.place.d.next = self.place.q.val() + 1;
            }
            if self.timer.q.val() == self.more.val() {
                if self.place.q.val() == 0 {
                    // No start bit, but noise.
                    self.running.d.next = self.vote.val();
                } else if self.place.q.val() == 9 {
                    self.running.d.next = false;
                    self.stuck.d.next = self.vote.val();
                    self.broken.next = self.vote.val();
                    self.valid.next = !self.vote.val();
                } else {
                    self.shift.d.next = (self.shift.q.val() >> 1) | (self.fresh.val() << 7);
                }
            }
        }
        if self.reset.val() {
            self.running.d.next = false;
            self.stuck.d.next = false;
        }
    }
}

/// Sender. A byte every 10 bits.
#[derive(LogicBlock, Default)]
pub struct UartTx {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// The line.
    pub txd: Signal<Out, Bit>,
    /// Cycles of a bit.
    pub divisor: Signal<In, U<16>>,
    /// A byte is there.
    pub valid: Signal<In, Bit>,
    /// It is taken.
    pub ready: Signal<Out, Bit>,
    /// The byte.
    pub data: Signal<In, U<8>>,
    running: DFF<Bit>,
    timer: DFF<U<16>>,
    place: DFF<U<4>>,
    shift: DFF<U<8>>,
    low: DFF<Bit>,
    last: Signal<Local, U<16>>,
}

impl Logic for UartTx {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, running, timer, place, shift, low);
        self.txd.next = !self.low.q.val();
        self.ready.next = !self.running.q.val();
        self.last.next = self.divisor.val() - 1;
        if !self.running.q.val() {
            self.timer.d.next = 0.into();
            self.place.d.next = 0.into();
            self.shift.d.next = self.data.val();
            self.running.d.next = self.valid.val();
            self.low.d.next = self.valid.val();
        } else {
            self.timer.d.next = self.timer.q.val() + 1;
            if self.timer.q.val() == self.last.val() {
                self.timer.d.next = 0.into();
                self.place.d.next = self.place.q.val() + 1;
                self.low.d.next = !self.shift.q.val().get_bit(0);
                self.shift.d.next = self.shift.q.val() >> 1;
                if self.place.q.val().get_bit(3) {
                    self.low.d.next = false;
                }
                if self.place.q.val() == 9 {
                    self.running.d.next = false;
                }
            }
        }
        if self.reset.val() {
            self.running.d.next = false;
            self.low.d.next = false;
        }
    }
}
