//! What a frame's job says of its pixels: their width, and the limits that they are held against.

use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Takes a job's fields while `load` is high; what comes of them stands a cycle later.
#[derive(LogicBlock, Default)]
pub struct Limits {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Takes the job.
    pub load: Signal<In, Bit>,
    /// Code of the pixel type.
    pub element: Signal<In, U<3>>,
    /// Largest valid value.
    pub max_valid: Signal<In, U<28>>,
    /// Threshold.
    pub threshold: Signal<In, U<32>>,
    /// Pixels have 8 bits.
    pub narrow: Signal<Out, Bit>,
    /// Pixels have 32 bits.
    pub wide: Signal<Out, Bit>,
    /// For [`Validity`](super::validity::Validity).
    pub max_low: Signal<Out, U<16>>,
    /// For [`Validity`](super::validity::Validity).
    pub max_high: Signal<Out, U<16>>,
    /// For [`Validity`](super::validity::Validity).
    pub over_low: Signal<Out, U<16>>,
    /// For [`Validity`](super::validity::Validity).
    pub over_high: Signal<Out, U<16>>,
    narrow_q: DFF<Bit>,
    wide_q: DFF<Bit>,
    max_low_q: DFF<U<16>>,
    max_high_q: DFF<U<16>>,
    over_low_q: DFF<U<16>>,
    over_high_q: DFF<U<16>>,
    is_wide: Signal<Local, Bit>,
}

impl Logic for Limits {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, narrow_q, wide_q, max_low_q, max_high_q, over_low_q, over_high_q);
        self.is_wide.next = self.element.val().get_bits::<2>(0) == 2;
        if self.load.val() {
            self.narrow_q.d.next = self.element.val().get_bits::<2>(0) == 0;
            self.wide_q.d.next = self.is_wide.val();
            self.max_low_q.d.next = self.max_valid.val().get_bits::<16>(0);
            self.over_low_q.d.next = self.threshold.val().get_bits::<16>(0);
            self.max_high_q.d.next = self.max_valid.val().get_bits::<16>(0);
            self.over_high_q.d.next = self.threshold.val().get_bits::<16>(0);
            if self.is_wide.val() {
                self.max_high_q.d.next = bit_cast_u::<16, 12>(self.max_valid.val().get_bits::<12>(16));
                self.over_high_q.d.next = self.threshold.val().get_bits::<16>(16);
            }
        }
        // Nothing is above 16 set bits, as nothing is above a limit of more than 16 bits. Last, so that it becomes the
        // registers' set.
        if self.load.val() & !self.is_wide.val() & self.max_valid.val().get_bits::<12>(16).any() {
            self.max_low_q.d.next = 0xffff.into();
            self.max_high_q.d.next = 0xffff.into();
        }
        if self.load.val() & !self.is_wide.val() & self.threshold.val().get_bits::<16>(16).any() {
            self.over_low_q.d.next = 0xffff.into();
            self.over_high_q.d.next = 0xffff.into();
        }
        self.narrow.next = self.narrow_q.q.val();
        self.wide.next = self.wide_q.q.val();
        self.max_low.next = self.max_low_q.q.val();
        self.max_high.next = self.max_high_q.q.val();
        self.over_low.next = self.over_low_q.q.val();
        self.over_high.next = self.over_high_q.q.val();
    }
}
