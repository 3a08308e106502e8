//! Counts the cycles without input.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// `expired` rises two cycles after `lacks` was high for `limit` cycles on end; never if that is 0.
#[derive(LogicBlock, Default)]
pub struct Watchdog {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Input is wanted and none is there.
    pub lacks: Signal<In, Bit>,
    /// Cycles.
    pub limit: Signal<In, U<32>>,
    /// They are over.
    pub expired: Signal<Out, Bit>,
    lacking: DFF<Bit>,
    // One ahead, and it stops at its highest bit: so it never equals a limit of 0.
    idle: DFF<U<33>>,
    over: DFF<Bit>,
    equal: Signal<Local, Bit>,
}

impl Logic for Watchdog {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, lacking, idle, over);
        self.expired.next = self.over.q.val();
        self.lacking.d.next = self.lacks.val();
        self.equal.next = self.idle.q.val().get_bits::<32>(0) == self.limit.val();
        self.over.d.next = self.lacking.q.val() & self.equal.val() & !self.idle.q.val().get_bit(32);
        if !self.idle.q.val().get_bit(32) {
            self.idle.d.next = self.idle.q.val() + 1;
        }
        if !self.lacking.q.val() | self.reset.val() {
            self.idle.d.next = 1.into();
        }
        if self.reset.val() {
            self.lacking.d.next = false;
            self.over.d.next = false;
        }
    }
}
