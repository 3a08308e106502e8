//! From the fields of an operation to what each bank gets.
//!
//! A slot's weights stand in at most four adjacent bins, so of the banks `r` and `r + 4` at most one gets a weight of it:
//! the four weights are rotated to `bin mod 4` and squared once, and both banks see them, with a gate each.
//!
//! ```text
//! stage 2    place of the slot's first weight among the banks
//! stage 3    weights rotated to bin mod 4; which of them are for the upper banks
//! stage 4    their squares; which of them count
//! ```

use super::factors::Factors;
use crate::base::word::U;
use rust_hdl::prelude::*;

/// Steers weights. Inputs are at stage 1 but for `closed`; outputs are at stage 4, one of each a slot.
#[derive(LogicBlock, Default)]
pub struct Window {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Stage 1: the slots of the operation, 28 bits each.
    pub slots: [Signal<In, U<28>>; 4],
    /// Stage 1: bank of the window's first bin.
    pub start: Signal<In, U<3>>,
    /// Stage 3: slots whose pixels do not count.
    pub closed: Signal<In, U<4>>,
    /// Slots whose weights and squares come out shifted by two bits; must be still.
    pub shifts: Signal<In, U<4>>,
    /// Weights for bins 0 to 3 (mod 4), 9 bits each.
    pub weights: [Signal<Out, U<36>>; 4],
    /// Their squares, 15 bits each.
    pub squares: [Signal<Out, U<60>>; 4],
    /// Which of them do not go to banks 0 to 3.
    pub not_lower: [Signal<Out, U<4>>; 4],
    /// Which of them do not go to banks 4 to 7.
    pub not_upper: [Signal<Out, U<4>>; 4],
    rotate_2: [DFF<U<3>>; 4],
    // Chooses for the upper two weights: see `base::align`.
    not_rotate_2: [DFF<U<2>>; 4],
    weights_2: [DFF<U<28>>; 4],
    weights_3: [DFF<U<28>>; 4],
    above_3: [DFF<U<4>>; 4],
    not_lower_4: [DFF<U<4>>; 4],
    not_upper_4: [DFF<U<4>>; 4],
    factors: [Factors; 4],
    slot: [Signal<Local, U<28>>; 4],
    turn: [Signal<Local, U<3>>; 4],
    not_turn: [Signal<Local, U<3>>; 4],
    rotate: [Signal<Local, U<3>>; 4],
    not_rotate: [Signal<Local, U<2>>; 4],
    lower: [Signal<Local, U<28>>; 4],
    upper: [Signal<Local, U<28>>; 4],
    wide: [Signal<Local, U<28>>; 4],
    wrap: [Signal<Local, U<4>>; 4],
}

impl Logic for Window {
    #[hdl_gen]
    fn update(&mut self) {
        for s in 0..4 {
            self.rotate_2[s].clock.next = self.clock.val();
            self.not_rotate_2[s].clock.next = self.clock.val();
            self.weights_2[s].clock.next = self.clock.val();
            self.weights_3[s].clock.next = self.clock.val();
            self.above_3[s].clock.next = self.clock.val();
            self.factors[s].clock.next = self.clock.val();
            self.not_lower_4[s].clock.next = self.clock.val();
            self.not_upper_4[s].clock.next = self.clock.val();

            // stage 1: three of the weights get a bit more, so that all have 7
            self.slot[s].next = self.slots[s].val();
            self.turn[s].next = self.slot[s].val().get_bits::<3>(0) + self.start.val();
            self.not_turn[s].next = !self.turn[s].val();
            self.rotate_2[s].d.next = self.turn[s].val();
            self.not_rotate_2[s].d.next = self.not_turn[s].val().get_bits::<2>(0);
            self.weights_2[s].d.next = ((self.slot[s].val() >> 3) & 0x1fff)
                | (((self.slot[s].val() >> 16) & 63) << 14)
                | (((self.slot[s].val() >> 22) & 63) << 21);

            // stage 2
            self.rotate[s].next = self.rotate_2[s].q.val();
            self.wide[s].next = self.weights_2[s].q.val();
            match self.rotate[s].val().get_bits::<2>(0).index() {
                0 => {
                    self.lower[s].next = self.wide[s].val();
                    self.wrap[s].next = 0.into();
                }
                1 => {
                    self.lower[s].next = (self.wide[s].val() << 7) | (self.wide[s].val() >> 21);
                    self.wrap[s].next = 1.into();
                }
                2 => {
                    self.lower[s].next = (self.wide[s].val() << 14) | (self.wide[s].val() >> 14);
                    self.wrap[s].next = 3.into();
                }
                _ => {
                    self.lower[s].next = (self.wide[s].val() << 21) | (self.wide[s].val() >> 7);
                    self.wrap[s].next = 7.into();
                }
            }
            self.not_rotate[s].next = self.not_rotate_2[s].q.val();
            match self.not_rotate[s].val().index() {
                3 => self.upper[s].next = self.wide[s].val(),
                2 => self.upper[s].next = (self.wide[s].val() << 7) | (self.wide[s].val() >> 21),
                1 => self.upper[s].next = (self.wide[s].val() << 14) | (self.wide[s].val() >> 14),
                _ => self.upper[s].next = (self.wide[s].val() << 21) | (self.wide[s].val() >> 7),
            }
            self.weights_3[s].d.next = (self.lower[s].val() & 0x3fff) | (self.upper[s].val() & 0xfff_c000);
            self.above_3[s].d.next = self.wrap[s].val();
            if self.rotate[s].val().get_bit(2) {
                self.above_3[s].d.next = !self.wrap[s].val();
            }

            // stage 3
            self.factors[s].weights.next = self.weights_3[s].q.val();
            self.factors[s].shift.next = self.shifts.val().get_bit(s);
            self.not_lower_4[s].d.next = self.above_3[s].q.val();
            self.not_upper_4[s].d.next = !self.above_3[s].q.val();
            if self.closed.val().get_bit(s) {
                self.not_lower_4[s].d.next = 15.into();
                self.not_upper_4[s].d.next = 15.into();
            }

            self.weights[s].next = self.factors[s].once.val();
            self.squares[s].next = self.factors[s].twice.val();
            self.not_lower[s].next = self.not_lower_4[s].q.val();
            self.not_upper[s].next = self.not_upper_4[s].q.val();
        }
    }
}
