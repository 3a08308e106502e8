//! What a reset of the card waits for.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Holds `clear` from a cycle after a reset, be it of the port or of the register, until the memories of the lanes'
/// accounts are swept and everything has come that was asked for. `clear` comes out of a register: it goes to every lane.
#[derive(LogicBlock, Default)]
pub struct Flush {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// A reset of either kind.
    pub starts: Signal<In, Bit>,
    /// Nothing is on its way.
    pub quiet: Signal<In, Bit>,
    /// All is held in reset.
    pub clear: Signal<Out, Bit>,
    /// The account that is cleared.
    pub sweep: Signal<Out, U<6>>,
    /// `quiet`, a cycle later.
    pub quiet_now: Signal<Out, Bit>,
    flushing: DFF<Bit>,
    swept: DFF<U<7>>,
    was_quiet: DFF<Bit>,
}

impl Logic for Flush {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, flushing, swept, was_quiet);
        self.was_quiet.d.next = self.quiet.val();
        if self.flushing.q.val() {
            if !self.swept.q.val().get_bit(6) {
                self.swept.d.next = self.swept.q.val() + 1;
            } else if self.was_quiet.q.val() {
                self.flushing.d.next = false;
            }
        }
        if self.starts.val() {
            self.flushing.d.next = true;
            self.swept.d.next = 0.into();
        }
        self.clear.next = self.flushing.q.val();
        self.sweep.next = self.swept.q.val().get_bits::<6>(0);
        self.quiet_now.next = self.was_quiet.q.val();
    }
}
