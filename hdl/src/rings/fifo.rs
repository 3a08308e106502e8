//! A queue in LUT RAM whose writer counts the room elsewhere.

use crate::base::ram::LutRam;
use crate::base::word::U;
use rust_hdl::prelude::*;

/// 2^A words, A up to 7. There is no ready: who pushes knows that there is room. A word stands at the output the cycle
/// after it was pushed into an empty queue.
#[derive(LogicBlock, Default)]
pub struct Fifo<D: Synth, const A: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: empties it.
    pub reset: Signal<In, Bit>,
    /// A word comes in.
    pub push: Signal<In, Bit>,
    /// The word.
    pub push_data: Signal<In, D>,
    /// A word stands at the output.
    pub valid: Signal<Out, Bit>,
    /// The word.
    pub data: Signal<Out, D>,
    /// It is taken; only while `valid`.
    pub pop: Signal<In, Bit>,
    /// Words in it.
    pub used: Signal<Out, U<8>>,
    words: LutRam<D, A>,
    write_at: DFF<U<A>>,
    read_at: DFF<U<A>>,
    count: DFF<U<8>>,
}

impl<D: Synth, const A: usize> Logic for Fifo<D, A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, write_at, read_at, count);
        self.words.clock.next = self.clock.val();
        self.words.write_enable.next = self.push.val();
        self.words.write_address.next = self.write_at.q.val();
        self.words.write_data.next = self.push_data.val();
        self.words.read_address.next = self.read_at.q.val();
        self.valid.next = self.count.q.val() != 0;
        self.data.next = self.words.read_data.val();
        self.used.next = self.count.q.val();
        if self.push.val() {
            self.write_at.d.next = self.write_at.q.val() + 1;
        }
        if self.pop.val() {
            self.read_at.d.next = self.read_at.q.val() + 1;
        }
        if self.push.val() & !self.pop.val() {
            self.count.d.next = self.count.q.val() + 1;
        }
        if self.pop.val() & !self.push.val() {
            self.count.d.next = self.count.q.val() - 1;
        }
        if self.reset.val() {
            self.write_at.d.next = 0.into();
            self.read_at.d.next = 0.into();
            self.count.d.next = 0.into();
        }
    }
}
