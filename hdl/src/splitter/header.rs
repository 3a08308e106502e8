//! The first field of a chunk's header against the frame's pixels.

use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Compares the stated bytes with pixels times 1, 2, 4 and 8, one a cycle with one comparator: `done` is high six
/// cycles after `run`, for one cycle; `status` and `bytes` hold from then on.
#[derive(LogicBlock, Default)]
pub struct SizeCheck {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Begins.
    pub run: Signal<In, Bit>,
    /// The chunk's first 8 bytes, first byte lowest; held until `done`.
    pub stated: Signal<In, U<64>>,
    /// Pixels of the frame.
    pub pixels: Signal<In, U<26>>,
    /// Log2 of a pixel's bytes.
    pub esize: Signal<In, U<2>>,
    /// Over.
    pub done: Signal<Out, Bit>,
    /// 0, `SizeMismatch` or `ElementSizeMismatch`.
    pub status: Signal<Out, U<8>>,
    /// Bytes of the frame's pixels.
    pub bytes: Signal<Out, U<28>>,
    step: DFF<U<3>>,
    product: DFF<U<29>>,
    fits: DFF<Bit>,
    right: DFF<Bit>,
    other: DFF<Bit>,
    finished: DFF<Bit>,
    bytes_q: DFF<U<28>>,
    low: Signal<Local, U<32>>,
    low29: Signal<Local, U<29>>,
    at: Signal<Local, U<2>>,
    equal: Signal<Local, Bit>,
}

impl Logic for SizeCheck {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, step, product, fits, right, other, finished, bytes_q);
        self.low.next = (bit_cast_u::<32, 8>(self.stated.val().get_bits::<8>(32)) << 24)
            | (bit_cast_u::<32, 8>(self.stated.val().get_bits::<8>(40)) << 16)
            | (bit_cast_u::<32, 8>(self.stated.val().get_bits::<8>(48)) << 8)
            | bit_cast_u::<32, 8>(self.stated.val().get_bits::<8>(56));
        self.low29.next = self.low.val().get_bits::<29>(0);
        self.equal.next = self.fits.q.val() & (self.low29.val() == self.product.q.val());
        self.at.next = self.step.q.val().get_bits::<2>(0);
        self.done.next = self.finished.q.val();
        self.bytes.next = self.bytes_q.q.val();
        self.status.next = 2.into();
        if self.other.q.val() {
            self.status.next = 3.into();
        }
        if self.right.q.val() {
            self.status.next = 0.into();
        }

        // `step` runs from 4 to 7 over the four products.
        self.finished.d.next = self.step.q.val() == 7;
        if self.step.q.val().get_bit(2) {
            self.step.d.next = self.step.q.val() + 1;
            self.product.d.next = self.product.q.val() << 1;
            if self.equal.val() {
                self.other.d.next = true;
            }
            if self.at.val() == self.esize.val() {
                self.right.d.next = self.equal.val();
                self.bytes_q.d.next = self.product.q.val().get_bits::<28>(0);
            }
        }
        if self.run.val() {
            self.step.d.next = 4.into();
            self.product.d.next = bit_cast_u::<29, 26>(self.pixels.val());
            self.fits.d.next = !(self.stated.val().get_bits::<32>(0).any() | self.low.val().get_bits::<3>(29).any());
            self.right.d.next = false;
            self.other.d.next = false;
        }
        if self.reset.val() {
            self.step.d.next = 0.into();
            self.finished.d.next = false;
        }
    }
}
