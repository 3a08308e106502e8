//! One bank of the histogram: every eighth bin.
//!
//! The sums of the row that was added to last stand in registers, not in memory. An operation for the same row adds to
//! them. One for another row loads that row and writes the registers back, at the same edge: nothing is ever read,
//! changed and written in a hurry. The memory's answer is two cycles old, so it can miss two rows: those that the two
//! operations just before wrote back. Their sums are taken from where they went by.
//!
//! ```text
//! stage 8    row          which row of the window falls to this bank
//! stage 9    read         memory reads; is it the current row, or one that is being written back?
//! stage 10   choose       of memory, latest and earlier all but the right one become 0
//! stage 11   add          current <= (same row ? current : 0) | memory | latest | earlier + products
//! ```
//!
//! The zeros cost nothing (registers have a reset), and make the last stage one LUT of six inputs a bit.

use super::products::Products;
use super::sums::Sums;
use crate::base::word::{U, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// One bank. Factors enter at stage 4, the row at stage 8, what to do with it at stage 9; see the module.
#[derive(LogicBlock, Default)]
pub struct Bank<const ROWS: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Pixels have 32 bits.
    pub wide: Signal<In, Bit>,
    /// Stage 4: values, 16 bits a slot.
    pub values: Signal<In, U<64>>,
    /// Stage 4: slot 0 has no weight for this bank.
    pub closed_0: Signal<In, Bit>,
    /// Stage 4: its weight, if it has one.
    pub weight_0: Signal<In, U<9>>,
    /// Stage 4: its square.
    pub square_0: Signal<In, U<15>>,
    /// Stage 4: slot 1 has no weight for this bank.
    pub closed_1: Signal<In, Bit>,
    /// Stage 4: its weight, if it has one.
    pub weight_1: Signal<In, U<9>>,
    /// Stage 4: its square.
    pub square_1: Signal<In, U<15>>,
    /// Stage 4: slot 2 has no weight for this bank.
    pub closed_2: Signal<In, Bit>,
    /// Stage 4: its weight, if it has one.
    pub weight_2: Signal<In, U<9>>,
    /// Stage 4: its square.
    pub square_2: Signal<In, U<15>>,
    /// Stage 4: slot 3 has no weight for this bank.
    pub closed_3: Signal<In, Bit>,
    /// Stage 4: its weight, if it has one.
    pub weight_3: Signal<In, U<9>>,
    /// Stage 4: its square.
    pub square_3: Signal<In, U<15>>,
    /// Stage 8: key (see [`Sums`]) of the row in which the window starts.
    pub key: Signal<In, U<12>>,
    /// Stage 8: key of the row after that.
    pub key_after: Signal<In, U<12>>,
    /// Stage 8: the window's bin of this bank is in the row after.
    pub after: Signal<In, Bit>,
    /// Stage 9: something is to be done with the row.
    pub valid: Signal<In, Bit>,
    /// Stage 9: it becomes 0 (else the products are added); with `valid`.
    pub clear: Signal<In, Bit>,
    /// Stage 9: its sums are copied to the outputs (before they change), where they stay until the next.
    pub read: Signal<In, Bit>,
    /// Sum of w * v of the row that was read; two cycles after `read`.
    pub signal: Signal<Out, U<54>>,
    /// Sum of w * w * v.
    pub variance: Signal<Out, U<60>>,
    /// Sum of w.
    pub weight: Signal<Out, U<26>>,
    products: Products,
    sums: Sums<ROWS>,
    key_9: DFF<U<12>>,
    current_key: DFF<U<12>>,
    valid_10: DFF<Bit>,
    clear_10: DFF<Bit>,
    read_10: DFF<Bit>,
    same_10: DFF<Bit>,
    not_latest_10: DFF<Bit>,
    not_earlier_10: DFF<Bit>,
    evict_10: DFF<U<12>>,
    valid_11: DFF<Bit>,
    clear_11: DFF<Bit>,
    same_11: DFF<Bit>,
    evict_11: DFF<U<12>>,
    current_signal: DFF<U<54>>,
    current_variance: DFF<U<60>>,
    current_weight: DFF<U<26>>,
    before_signal: DFF<U<54>>,
    before_variance: DFF<U<60>>,
    before_weight: DFF<U<26>>,
    latest_signal: DFF<U<54>>,
    latest_variance: DFF<U<60>>,
    latest_weight: DFF<U<26>>,
    earlier_signal: DFF<U<54>>,
    earlier_variance: DFF<U<60>>,
    earlier_weight: DFF<U<26>>,
    memory_signal: DFF<U<54>>,
    memory_variance: DFF<U<60>>,
    memory_weight: DFF<U<26>>,
    out_signal: DFF<U<54>>,
    out_variance: DFF<U<60>>,
    out_weight: DFF<U<26>>,
    evicts_10: Signal<Local, Bit>,
    evicts_11: Signal<Local, Bit>,
    base_signal: Signal<Local, U<54>>,
    base_variance: Signal<Local, U<60>>,
    base_weight: Signal<Local, U<26>>,
}

impl<const ROWS: usize> Logic for Bank<ROWS> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            key_9,
            current_key,
            valid_10,
            clear_10,
            read_10,
            same_10,
            not_latest_10,
            not_earlier_10,
            evict_10
        );
        dff_setup!(
            self,
            clock,
            valid_11,
            clear_11,
            same_11,
            evict_11,
            current_signal,
            current_variance,
            current_weight
        );
        dff_setup!(self, clock, before_signal, before_variance, before_weight, latest_signal, latest_variance);
        dff_setup!(self, clock, latest_weight, earlier_signal, earlier_variance, earlier_weight, memory_signal);
        dff_setup!(self, clock, memory_variance, memory_weight, out_signal, out_variance, out_weight);
        self.products.clock.next = self.clock.val();
        self.products.wide.next = self.wide.val();
        self.products.closed.next = bit_cast_b::<4>(self.closed_0.val())
            | (bit_cast_b::<4>(self.closed_1.val()) << 1)
            | (bit_cast_b::<4>(self.closed_2.val()) << 2)
            | (bit_cast_b::<4>(self.closed_3.val()) << 3);
        self.products.values.next = self.values.val();
        self.products.weights.next = bit_cast_u::<36, 9>(self.weight_0.val())
            | (bit_cast_u::<36, 9>(self.weight_1.val()) << 9)
            | (bit_cast_u::<36, 9>(self.weight_2.val()) << 18)
            | (bit_cast_u::<36, 9>(self.weight_3.val()) << 27);
        self.products.squares.next = bit_cast_u::<60, 15>(self.square_0.val())
            | (bit_cast_u::<60, 15>(self.square_1.val()) << 15)
            | (bit_cast_u::<60, 15>(self.square_2.val()) << 30)
            | (bit_cast_u::<60, 15>(self.square_3.val()) << 45);
        self.sums.clock.next = self.clock.val();

        // stage 8
        self.key_9.d.next = self.key.val();
        if self.after.val() {
            self.key_9.d.next = self.key_after.val();
        }

        // stage 9; the key is that which the current registers will have when this operation is in stage 11
        self.evicts_10.next = self.valid_10.q.val() & !self.same_10.q.val();
        self.evicts_11.next = self.valid_11.q.val() & !self.same_11.q.val();
        self.sums.read_enable.next = self.valid.val() | self.read.val();
        self.sums.read_key.next = self.key_9.q.val();
        self.valid_10.d.next = self.valid.val();
        self.clear_10.d.next = self.clear.val();
        self.read_10.d.next = self.read.val();
        self.same_10.d.next = self.key_9.q.val() == self.current_key.q.val();
        // resets of registers are what these are for, so a "no" is 1
        self.not_latest_10.d.next = !self.evicts_10.val() | (self.key_9.q.val() != self.evict_10.q.val());
        // what was written back two operations ago may have been loaded again since
        self.not_earlier_10.d.next = !self.evicts_11.val()
            | (self.key_9.q.val() != self.evict_11.q.val())
            | (self.key_9.q.val() == self.current_key.q.val());
        self.evict_10.d.next = self.current_key.q.val();
        if self.valid.val() {
            self.current_key.d.next = self.key_9.q.val();
        }

        // stage 10: the operation before this one is in stage 11, and writes back what current holds now; that before it
        // wrote back what current held a cycle ago
        self.valid_11.d.next = self.valid_10.q.val();
        self.clear_11.d.next = self.clear_10.q.val();
        self.same_11.d.next = self.same_10.q.val();
        self.evict_11.d.next = self.evict_10.q.val();
        self.memory_signal.d.next = self.sums.read_signal.val();
        self.latest_signal.d.next = self.current_signal.q.val();
        self.earlier_signal.d.next = self.before_signal.q.val();
        self.before_signal.d.next = self.current_signal.q.val();
        self.memory_variance.d.next = self.sums.read_variance.val();
        self.latest_variance.d.next = self.current_variance.q.val();
        self.earlier_variance.d.next = self.before_variance.q.val();
        self.before_variance.d.next = self.current_variance.q.val();
        self.memory_weight.d.next = self.sums.read_weight.val();
        self.latest_weight.d.next = self.current_weight.q.val();
        self.earlier_weight.d.next = self.before_weight.q.val();
        self.before_weight.d.next = self.current_weight.q.val();
        if self.same_10.q.val() | !self.not_latest_10.q.val() | !self.not_earlier_10.q.val() {
            self.memory_signal.d.next = 0.into();
            self.memory_variance.d.next = 0.into();
            self.memory_weight.d.next = 0.into();
        }
        if self.not_latest_10.q.val() {
            self.latest_signal.d.next = 0.into();
            self.latest_variance.d.next = 0.into();
            self.latest_weight.d.next = 0.into();
        }
        if self.not_earlier_10.q.val() {
            self.earlier_signal.d.next = 0.into();
            self.earlier_variance.d.next = 0.into();
            self.earlier_weight.d.next = 0.into();
        }
        if self.read_10.q.val() {
            self.out_signal.d.next = self.sums.read_signal.val();
            self.out_variance.d.next = self.sums.read_variance.val();
            self.out_weight.d.next = self.sums.read_weight.val();
        }

        // stage 11
        self.base_signal.next = self.memory_signal.q.val() | self.latest_signal.q.val() | self.earlier_signal.q.val();
        self.base_variance.next =
            self.memory_variance.q.val() | self.latest_variance.q.val() | self.earlier_variance.q.val();
        self.base_weight.next = self.memory_weight.q.val() | self.latest_weight.q.val() | self.earlier_weight.q.val();
        if self.same_11.q.val() {
            self.base_signal.next = self.memory_signal.q.val()
                | self.latest_signal.q.val()
                | self.earlier_signal.q.val()
                | self.current_signal.q.val();
            self.base_variance.next = self.memory_variance.q.val()
                | self.latest_variance.q.val()
                | self.earlier_variance.q.val()
                | self.current_variance.q.val();
            self.base_weight.next = self.memory_weight.q.val()
                | self.latest_weight.q.val()
                | self.earlier_weight.q.val()
                | self.current_weight.q.val();
        }
        if self.valid_11.q.val() {
            self.current_signal.d.next = self.base_signal.val() + bit_cast_u::<54, 36>(self.products.signal.val());
            self.current_variance.d.next =
                self.base_variance.val() + bit_cast_u::<60, 42>(self.products.variance.val());
            self.current_weight.d.next = self.base_weight.val() + bit_cast_u::<26, 9>(self.products.weight.val());
            if self.clear_11.q.val() {
                self.current_signal.d.next = 0.into();
                self.current_variance.d.next = 0.into();
                self.current_weight.d.next = 0.into();
            }
        }
        self.sums.write_enable.next = self.evicts_11.val();
        self.sums.write_key.next = self.evict_11.q.val();
        self.sums.write_signal.next = self.current_signal.q.val();
        self.sums.write_variance.next = self.current_variance.q.val();
        self.sums.write_weight.next = self.current_weight.q.val();
        self.signal.next = self.out_signal.q.val();
        self.variance.next = self.out_variance.q.val();
        self.weight.next = self.out_weight.q.val();
    }
}
