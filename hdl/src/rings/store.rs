//! Beats that wait to be written: block RAM between what makes them and the write side of a bus.

use crate::base::ram::BlockRam;
use crate::base::word::{U, W};
use rust_hdl::prelude::*;

/// FIFO of 512 beats of 64 bytes (8 RAMB36). The writer counts the room: there is no ready. Latency from a write to
/// `valid`: 2 cycles; a beat a cycle.
#[derive(LogicBlock, Default)]
pub struct Store {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: empties it.
    pub reset: Signal<In, Bit>,
    /// A beat comes in.
    pub push: Signal<In, Bit>,
    /// The beat.
    pub push_data: Signal<In, W<512, 8>>,
    /// A beat stands at the output.
    pub valid: Signal<Out, Bit>,
    /// The beat.
    pub data: Signal<Out, W<512, 8>>,
    /// It is taken; only while `valid`.
    pub pop: Signal<In, Bit>,
    ram: BlockRam<W<512, 8>, 9>,
    written: DFF<U<10>>,
    read: DFF<U<10>>,
    loaded: DFF<Bit>,
    more: Signal<Local, Bit>,
}

impl Logic for Store {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, written, read, loaded);
        self.ram.clock.next = self.clock.val();
        self.ram.write_enable.next = self.push.val();
        self.ram.write_address.next = self.written.q.val().get_bits::<9>(0);
        self.ram.write_data.next = self.push_data.val();
        if self.push.val() {
            self.written.d.next = self.written.q.val() + 1;
        }

        // The memory's output register is the beat at the output.
        self.more.next = self.read.q.val() != self.written.q.val();
        self.ram.read_address.next = self.read.q.val().get_bits::<9>(0);
        self.ram.read_enable.next = false;
        if !self.loaded.q.val() | self.pop.val() {
            self.ram.read_enable.next = self.more.val();
            self.loaded.d.next = self.more.val();
            if self.more.val() {
                self.read.d.next = self.read.q.val() + 1;
            }
        }
        self.valid.next = self.loaded.q.val();
        self.data.next = self.ram.read_data.val();

        if self.reset.val() {
            self.written.d.next = 0.into();
            self.read.d.next = 0.into();
            self.loaded.d.next = false;
        }
    }
}
