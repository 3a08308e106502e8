//! Which byte each lane takes in a step of the copier.
//!
//! An offset below 8 would make fewer than eight bytes of known source. The first step repeats the pattern instead, and
//! from then on the smallest multiple of the offset that is 8 or more is copied from: it never reaches before the pattern.

use crate::base::word::{U, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// For each byte lane of the destination the lane of the source; pure logic. The number of a lane's byte in the step is
/// folded into the pattern.
#[derive(LogicBlock, Default)]
pub struct Turns {
    /// Lane of the step's first byte.
    pub place: Signal<In, U<3>>,
    /// Lane that it comes from.
    pub source: Signal<In, U<3>>,
    /// Bytes of the pattern; 0: none is repeated.
    pub period: Signal<In, U<3>>,
    /// Bytes of the step.
    pub count: Signal<In, U<4>>,
    /// Lanes of the source, 3 bits a lane.
    pub turns: Signal<Out, U<24>>,
    /// Lanes that are written.
    pub enable: Signal<Out, U<8>>,
    number: [Signal<Local, U<3>>; 8],
    lane: Signal<Local, U<3>>,
    fold: Signal<Local, U<3>>,
    turn: Signal<Local, U<3>>,
    all: Signal<Local, U<24>>,
    on: Signal<Local, Bit>,
    ons: Signal<Local, U<8>>,
}

impl Logic for Turns {
    #[hdl_gen]
    fn update(&mut self) {
        self.number[0].next = 0.into();
        self.number[1].next = 1.into();
        self.number[2].next = 2.into();
        self.number[3].next = 3.into();
        self.number[4].next = 4.into();
        self.number[5].next = 5.into();
        self.number[6].next = 6.into();
        self.number[7].next = 7.into();
        self.all.next = 0.into();
        self.ons.next = 0.into();
        for i in 0..8 {
            self.lane.next = self.number[i].val() - self.place.val();
            self.fold.next = self.lane.val();
            match self.period.val().index() {
                0 => self.fold.next = self.lane.val(),
                1 => self.fold.next = 0.into(),
                2 => self.fold.next = self.lane.val() & 1,
                3 => {
                    if self.lane.val() >= 6 {
                        self.fold.next = self.lane.val() - 6;
                    } else if self.lane.val() >= 3 {
                        self.fold.next = self.lane.val() - 3;
                    }
                }
                4 => self.fold.next = self.lane.val() & 3,
                _ => {
                    if self.lane.val() >= self.period.val() {
                        self.fold.next = self.lane.val() - self.period.val();
                    }
                }
            }
            self.turn.next = self.fold.val() + self.source.val();
            self.all.next = (self.all.val() >> 3) | (bit_cast_u::<24, 3>(self.turn.val()) << 21);
            self.on.next = bit_cast_u::<4, 3>(self.lane.val()) < self.count.val();
            self.ons.next = (self.ons.val() >> 1) | (bit_cast_b::<8>(self.on.val()) << 7);
        }
        self.turns.next = self.all.val();
        self.enable.next = self.ons.val();
    }
}
