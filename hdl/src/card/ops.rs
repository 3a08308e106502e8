//! A lane's table operations: what its group's reader broadcasts waits here until the lane takes it.

use crate::base::ram::BlockRam;
use crate::base::word::{U, W};
use rust_hdl::prelude::*;

/// FIFO of 512 operations: 2 RAMB36. `near_full` leaves room for the 8 that can be under way from the reader. Latency 2
/// cycles; an operation a cycle.
#[derive(LogicBlock, Default)]
pub struct OpFifo {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: empties it.
    pub reset: Signal<In, Bit>,
    /// An operation comes in; there must be room.
    pub write_enable: Signal<In, Bit>,
    /// The operation.
    pub write_data: Signal<In, W<128, 2>>,
    /// Fewer than 9 places are free (as of two cycles ago).
    pub near_full: Signal<Out, Bit>,
    /// An operation goes out.
    pub m_op_tvalid: Signal<Out, Bit>,
    /// It is taken.
    pub m_op_tready: Signal<In, Bit>,
    /// The operation.
    pub m_op_tdata: Signal<Out, W<128, 2>>,

    ram: BlockRam<W<128, 2>, 9>,
    written: DFF<U<10>>,
    read: DFF<U<10>>,
    loaded: DFF<Bit>,
    near: DFF<Bit>,
    more: Signal<Local, Bit>,
    used: Signal<Local, U<10>>,
}

impl Logic for OpFifo {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, written, read, loaded, near);
        self.ram.clock.next = self.clock.val();
        self.ram.write_enable.next = self.write_enable.val();
        self.ram.write_address.next = self.written.q.val().get_bits::<9>(0);
        self.ram.write_data.next = self.write_data.val();
        if self.write_enable.val() {
            self.written.d.next = self.written.q.val() + 1;
        }
        self.used.next = self.written.q.val() - self.read.q.val();
        self.near.d.next = self.used.val() >= 504;
        self.near_full.next = self.near.q.val();

        self.more.next = self.read.q.val() != self.written.q.val();
        self.ram.read_address.next = self.read.q.val().get_bits::<9>(0);
        self.ram.read_enable.next = false;
        if !self.loaded.q.val() | self.m_op_tready.val() {
            self.ram.read_enable.next = self.more.val();
            self.loaded.d.next = self.more.val();
            if self.more.val() {
                self.read.d.next = self.read.q.val() + 1;
            }
        }
        self.m_op_tvalid.next = self.loaded.q.val();
        self.m_op_tdata.next = self.ram.read_data.val();

        if self.reset.val() {
            self.written.d.next = 0.into();
            self.read.d.next = 0.into();
            self.loaded.d.next = false;
            self.near.d.next = false;
        }
    }
}
