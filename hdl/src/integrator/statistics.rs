//! Statistics of a frame, exactly as [`debye_spec::Statistics`].
//!
//! ```text
//! stage 4    values of slots that count (else 0), how many pixels of each kind
//! stage 5    maxima of two slots
//! stage 6    of four
//! stage 7    of the frame
//! ```
//!
//! Sums are made beside ([`Tally`]), a stage later.

use super::tally::Tally;
use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Counts up to four pixels a cycle. Inputs are at stage 3; the outputs hold all that came 5 cycles ago or before.
#[derive(LogicBlock, Default)]
pub struct Statistics {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Forgets what was counted: between frames, when nothing is under way.
    pub clear: Signal<In, Bit>,
    /// Pixels have 32 bits.
    pub wide: Signal<In, Bit>,
    /// Values, 16 bits a slot.
    pub values: Signal<In, U<64>>,
    /// Slots whose value does not count.
    pub uncounted: Signal<In, U<4>>,
    /// Valid pixels, one bit each.
    pub one_valid: Signal<In, U<4>>,
    /// Invalid pixels.
    pub one_invalid: Signal<In, U<4>>,
    /// Valid pixels over the threshold.
    pub one_over: Signal<In, U<4>>,
    /// Valid pixels so far.
    pub valid: Signal<Out, U<26>>,
    /// Invalid pixels.
    pub invalid: Signal<Out, U<26>>,
    /// Sum of the valid pixels' values.
    pub sum: Signal<Out, U<54>>,
    /// Largest of them.
    pub max: Signal<Out, U<28>>,
    /// Valid pixels over the threshold.
    pub over: Signal<Out, U<26>>,
    tally: Tally,
    value_4: [DFF<U<16>>; 4],
    valid_4: DFF<U<3>>,
    invalid_4: DFF<U<3>>,
    over_4: DFF<U<3>>,
    valid_5: DFF<U<26>>,
    invalid_5: DFF<U<26>>,
    over_5: DFF<U<26>>,
    first_5: DFF<U<28>>,
    second_5: DFF<U<28>>,
    max_6: DFF<U<28>>,
    max_7: DFF<U<28>>,
    gated_0: Signal<Local, U<64>>,
    gated_1: Signal<Local, U<64>>,
    gated_2: Signal<Local, U<64>>,
    gated_3: Signal<Local, U<64>>,
}

impl Logic for Statistics {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, valid_4, invalid_4, over_4, valid_5, invalid_5, over_5);
        dff_setup!(self, clock, first_5, second_5, max_6, max_7);

        // stage 3
        for s in 0..4 {
            self.value_4[s].clock.next = self.clock.val();
            self.value_4[s].d.next = self.values.val().get_bits::<16>(16 * s);
            if self.uncounted.val().get_bit(s) {
                self.value_4[s].d.next = 0.into();
            }
        }
        self.valid_4.d.next = bit_cast_u::<3, 1>(self.one_valid.val().get_bits::<1>(0))
            + bit_cast_u::<3, 1>(self.one_valid.val().get_bits::<1>(1))
            + bit_cast_u::<3, 1>(self.one_valid.val().get_bits::<1>(2))
            + bit_cast_u::<3, 1>(self.one_valid.val().get_bits::<1>(3));
        self.invalid_4.d.next = bit_cast_u::<3, 1>(self.one_invalid.val().get_bits::<1>(0))
            + bit_cast_u::<3, 1>(self.one_invalid.val().get_bits::<1>(1))
            + bit_cast_u::<3, 1>(self.one_invalid.val().get_bits::<1>(2))
            + bit_cast_u::<3, 1>(self.one_invalid.val().get_bits::<1>(3));
        self.over_4.d.next = bit_cast_u::<3, 1>(self.one_over.val().get_bits::<1>(0))
            + bit_cast_u::<3, 1>(self.one_over.val().get_bits::<1>(1))
            + bit_cast_u::<3, 1>(self.one_over.val().get_bits::<1>(2))
            + bit_cast_u::<3, 1>(self.one_over.val().get_bits::<1>(3));

        // stage 4
        self.valid_5.d.next = self.valid_5.q.val() + bit_cast_u::<26, 3>(self.valid_4.q.val());
        self.invalid_5.d.next = self.invalid_5.q.val() + bit_cast_u::<26, 3>(self.invalid_4.q.val());
        self.over_5.d.next = self.over_5.q.val() + bit_cast_u::<26, 3>(self.over_4.q.val());
        self.gated_0.next = bit_cast_u::<64, 16>(self.value_4[0].q.val());
        self.gated_1.next = bit_cast_u::<64, 16>(self.value_4[1].q.val());
        self.gated_2.next = bit_cast_u::<64, 16>(self.value_4[2].q.val());
        self.gated_3.next = bit_cast_u::<64, 16>(self.value_4[3].q.val());
        self.tally.clock.next = self.clock.val();
        self.tally.clear.next = self.clear.val();
        self.tally.wide.next = self.wide.val();
        self.tally.values.next =
            self.gated_0.val() | (self.gated_1.val() << 16) | (self.gated_2.val() << 32) | (self.gated_3.val() << 48);
        self.first_5.d.next = bit_cast_u::<28, 16>(self.value_4[0].q.val());
        self.second_5.d.next = bit_cast_u::<28, 16>(self.value_4[2].q.val());
        if self.wide.val() {
            self.first_5.d.next =
                bit_cast_u::<28, 16>(self.value_4[0].q.val()) | (bit_cast_u::<28, 16>(self.value_4[1].q.val()) << 16);
            self.second_5.d.next =
                bit_cast_u::<28, 16>(self.value_4[2].q.val()) | (bit_cast_u::<28, 16>(self.value_4[3].q.val()) << 16);
        } else {
            if self.value_4[1].q.val() > self.value_4[0].q.val() {
                self.first_5.d.next = bit_cast_u::<28, 16>(self.value_4[1].q.val());
            }
            if self.value_4[3].q.val() > self.value_4[2].q.val() {
                self.second_5.d.next = bit_cast_u::<28, 16>(self.value_4[3].q.val());
            }
        }

        // stage 5
        self.max_6.d.next = self.first_5.q.val();
        if self.second_5.q.val() > self.first_5.q.val() {
            self.max_6.d.next = self.second_5.q.val();
        }

        // stage 6
        if self.max_6.q.val() > self.max_7.q.val() {
            self.max_7.d.next = self.max_6.q.val();
        }

        self.valid.next = self.valid_5.q.val();
        self.invalid.next = self.invalid_5.q.val();
        self.sum.next = self.tally.sum.val();
        self.max.next = self.max_7.q.val();
        self.over.next = self.over_5.q.val();
        if self.clear.val() {
            self.valid_5.d.next = 0.into();
            self.invalid_5.d.next = 0.into();
            self.over_5.d.next = 0.into();
            self.max_7.d.next = 0.into();
        }
    }
}
