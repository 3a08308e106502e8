//! `ring_control.reset`: stops the engine, waits for what is under way, forgets everything.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// While `halt` is high no part takes on anything new; fetches that the core has asked for are answered, its results are
/// dropped. When core and buses are quiet everything but the registers' port is reset.
#[derive(LogicBlock, Default)]
pub struct Restart {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Pulse: it is asked for.
    pub asked: Signal<In, Bit>,
    /// The core is reset.
    pub quenched: Signal<In, Bit>,
    /// The buses are quiet.
    pub quiet: Signal<In, Bit>,
    /// Registers are being put to their reset values.
    pub clearing: Signal<In, Bit>,
    /// It is under way.
    pub busy: Signal<Out, Bit>,
    /// Nothing new is taken on.
    pub halt: Signal<Out, Bit>,
    /// Everything is reset: one cycle.
    pub clear: Signal<Out, Bit>,

    state: DFF<U<2>>,
    calm: DFF<U<3>>,
}

impl Logic for Restart {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, calm);
        self.busy.next = self.state.q.val() != 0;
        self.halt.next = self.state.q.val() == 1;
        self.clear.next = self.state.q.val() == 2;
        match self.state.q.val().index() {
            0 => {
                self.calm.d.next = 0.into();
                if self.asked.val() {
                    self.state.d.next = 1.into();
                }
            }
            1 => {
                // Some cycles, in which what left one part arrives at the next.
                self.calm.d.next = 0.into();
                if self.quenched.val() & self.quiet.val() {
                    self.calm.d.next = self.calm.q.val() + 1;
                    if self.calm.q.val() == 7 {
                        self.state.d.next = 2.into();
                    }
                }
            }
            2 => self.state.d.next = 3.into(),
            _ => {
                if !self.clearing.val() {
                    self.state.d.next = 0.into();
                }
            }
        }
        if self.reset.val() {
            self.state.d.next = 0.into();
        }
    }
}
