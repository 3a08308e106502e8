//! The valid-pixel rule, and what it says to the statistics.
//!
//! Comparisons are of 16 bits, slot by slot. A pixel of 32 bits is valid if its high half is below the limit's, or equal
//! and the low half is not above.
//!
//! ```text
//! stage 2    halves compared
//! stage 3    which slots count
//! ```

use crate::base::word::{U, bit_cast_b};
use rust_hdl::prelude::*;

/// Judges four slots a cycle. Inputs are at stage 1, outputs at stage 3. Limits and `wide` must be still.
#[derive(LogicBlock, Default)]
pub struct Validity {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Pixels have 32 bits: one in slots 0 and 1, one in slots 2 and 3.
    pub wide: Signal<In, Bit>,
    /// Largest valid value, low half or all of it.
    pub max_low: Signal<In, U<16>>,
    /// Its high half; the same as `max_low` if not `wide`.
    pub max_high: Signal<In, U<16>>,
    /// Threshold, low half or all of it.
    pub over_low: Signal<In, U<16>>,
    /// Its high half; the same as `over_low` if not `wide`.
    pub over_high: Signal<In, U<16>>,
    /// Stage 1: 16 bits a slot.
    pub codes: Signal<In, U<64>>,
    /// Stage 1: masked slots.
    pub masked: Signal<In, U<4>>,
    /// Stage 1: these pixels come for the first time: count them.
    pub opening: Signal<In, Bit>,
    /// Stage 3: the codes.
    pub values: Signal<Out, U<64>>,
    /// Stage 3: slots that are not valid.
    pub closed: Signal<Out, U<4>>,
    /// Stage 3: slots whose value is not to be counted (of a pixel of 32 bits, none or both).
    pub uncounted: Signal<Out, U<4>>,
    /// Stage 3: valid pixels, one bit each, of opening operations.
    pub one_valid: Signal<Out, U<4>>,
    /// Stage 3: invalid pixels.
    pub one_invalid: Signal<Out, U<4>>,
    /// Stage 3: valid pixels over the threshold.
    pub one_over: Signal<Out, U<4>>,
    /// Stage 3: pixels come for the first time.
    pub opened: Signal<Out, Bit>,
    codes_2: DFF<U<64>>,
    masked_2: DFF<U<4>>,
    opening_2: DFF<Bit>,
    bad_2: DFF<U<4>>,
    bad_equal_2: DFF<U<4>>,
    over_2: DFF<U<4>>,
    over_equal_2: DFF<U<4>>,
    values_3: DFF<U<64>>,
    // Registers of those that do not count: they go to resets.
    closed_3: DFF<U<4>>,
    uncounted_3: DFF<U<4>>,
    one_valid_3: DFF<U<4>>,
    one_invalid_3: DFF<U<4>>,
    one_over_3: DFF<U<4>>,
    opening_3: DFF<Bit>,
    code: [Signal<Local, U<16>>; 4],
    bad_bits: Signal<Local, U<4>>,
    over_bits: Signal<Local, U<4>>,
    bad_pair: Signal<Local, U<4>>,
    over_pair: Signal<Local, U<4>>,
    bad: Signal<Local, U<4>>,
    over: Signal<Local, U<4>>,
    one: Signal<Local, U<4>>,
    allowed: Signal<Local, U<4>>,
    good: Signal<Local, U<4>>,
}

impl Logic for Validity {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, codes_2, masked_2, opening_2, bad_2, bad_equal_2, over_2, over_equal_2);
        dff_setup!(self, clock, values_3, closed_3, uncounted_3, one_valid_3, one_invalid_3, one_over_3, opening_3);

        // stage 1
        for s in 0..4 {
            self.code[s].next = self.codes.val().get_bits::<16>(16 * s);
        }
        self.codes_2.d.next = self.codes.val();
        self.masked_2.d.next = self.masked.val();
        self.opening_2.d.next = self.opening.val();
        self.bad_2.d.next = bit_cast_b::<4>(self.code[0].val() > self.max_low.val())
            | (bit_cast_b::<4>(self.code[1].val() > self.max_high.val()) << 1)
            | (bit_cast_b::<4>(self.code[2].val() > self.max_low.val()) << 2)
            | (bit_cast_b::<4>(self.code[3].val() > self.max_high.val()) << 3);
        self.bad_equal_2.d.next = (bit_cast_b::<4>(self.code[1].val() == self.max_high.val()) << 1)
            | (bit_cast_b::<4>(self.code[3].val() == self.max_high.val()) << 3);
        self.over_2.d.next = bit_cast_b::<4>(self.code[0].val() > self.over_low.val())
            | (bit_cast_b::<4>(self.code[1].val() > self.over_high.val()) << 1)
            | (bit_cast_b::<4>(self.code[2].val() > self.over_low.val()) << 2)
            | (bit_cast_b::<4>(self.code[3].val() > self.over_high.val()) << 3);
        self.over_equal_2.d.next = (bit_cast_b::<4>(self.code[1].val() == self.over_high.val()) << 1)
            | (bit_cast_b::<4>(self.code[3].val() == self.over_high.val()) << 3);

        // stage 2: of a pair, bit 1 is the verdict of both halves, and goes to both slots
        self.bad_bits.next = self.bad_2.q.val();
        self.over_bits.next = self.over_2.q.val();
        self.bad_pair.next = (self.bad_bits.val() | (self.bad_equal_2.q.val() & (self.bad_bits.val() << 1))) & 10;
        self.over_pair.next = (self.over_bits.val() | (self.over_equal_2.q.val() & (self.over_bits.val() << 1))) & 10;
        self.bad.next = self.bad_bits.val();
        self.over.next = self.over_bits.val();
        self.one.next = 15.into();
        if self.wide.val() {
            self.bad.next = self.bad_pair.val() | (self.bad_pair.val() >> 1);
            self.over.next = self.over_pair.val() | (self.over_pair.val() >> 1);
            self.one.next = 5.into();
        }
        self.allowed.next = !self.masked_2.q.val();
        self.good.next = self.allowed.val() & (!self.bad.val());
        self.values_3.d.next = self.codes_2.q.val();
        self.closed_3.d.next = !self.good.val();
        self.opening_3.d.next = self.opening_2.q.val();
        self.uncounted_3.d.next = 15.into();
        self.one_valid_3.d.next = 0.into();
        self.one_invalid_3.d.next = 0.into();
        self.one_over_3.d.next = 0.into();
        if self.opening_2.q.val() {
            self.uncounted_3.d.next = !self.good.val();
            self.one_valid_3.d.next = self.good.val() & self.one.val();
            self.one_invalid_3.d.next = self.allowed.val() & self.bad.val() & self.one.val();
            self.one_over_3.d.next = self.good.val() & self.over.val() & self.one.val();
        }

        self.values.next = self.values_3.q.val();
        self.closed.next = self.closed_3.q.val();
        self.uncounted.next = self.uncounted_3.q.val();
        self.one_valid.next = self.one_valid_3.q.val();
        self.one_invalid.next = self.one_invalid_3.q.val();
        self.one_over.next = self.one_over_3.q.val();
        self.opened.next = self.opening_3.q.val();
    }
}
