//! The tags that are free. A tag stands for a submission in the engine.

use super::fifo::Fifo;
use crate::base::word::U;
use rust_hdl::prelude::*;

/// Tags that the engine has: submissions in flight.
pub const TAGS: u64 = 64;

/// A list of 64 tags: after a reset each once from 0 on, then in the order in which they came back.
#[derive(LogicBlock, Default)]
pub struct Tags {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: all are free.
    pub reset: Signal<In, Bit>,
    /// There is one.
    pub valid: Signal<Out, Bit>,
    /// It.
    pub tag: Signal<Out, U<6>>,
    /// It is taken; only while `valid`.
    pub take: Signal<In, Bit>,
    /// A tag comes back.
    pub free: Signal<In, Bit>,
    /// Which.
    pub free_tag: Signal<In, U<6>>,
    back: Fifo<U<6>, 6>,
    fresh: DFF<U<7>>,
}

impl Logic for Tags {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, fresh);
        self.back.clock.next = self.clock.val();
        self.back.reset.next = self.reset.val();
        self.back.push.next = self.free.val();
        self.back.push_data.next = self.free_tag.val();
        self.back.pop.next = self.take.val() & self.fresh.q.val().get_bit(6);
        self.valid.next = !self.fresh.q.val().get_bit(6) | self.back.valid.val();
        self.tag.next = self.fresh.q.val().get_bits::<6>(0);
        if self.fresh.q.val().get_bit(6) {
            self.tag.next = self.back.data.val();
        }
        if self.take.val() & !self.fresh.q.val().get_bit(6) {
            self.fresh.d.next = self.fresh.q.val() + 1;
        }
        if self.reset.val() {
            self.fresh.d.next = 0.into();
        }
    }
}
