//! Masks of a word's bytes: how far ones go from a place on. Pure logic.

use crate::base::word::{U, bit_cast_b};
use rust_hdl::prelude::*;

/// Ones from bit 0 on without a gap.
#[derive(LogicBlock, Default)]
pub struct Prefix {
    /// Any mask.
    pub mask: Signal<In, U<8>>,
    /// Its first ones, up to its first zero.
    pub run: Signal<Out, U<8>>,
    one: Signal<Local, U<8>>,
    two: Signal<Local, U<8>>,
}

impl Logic for Prefix {
    #[hdl_gen]
    fn update(&mut self) {
        self.one.next = self.mask.val() & ((self.mask.val() << 1) | 1);
        self.two.next = self.one.val() & ((self.one.val() << 2) | 3);
        self.run.next = self.two.val() & ((self.two.val() << 4) | 15);
    }
}

/// How many ones a run has.
#[derive(LogicBlock, Default)]
pub struct Length {
    /// Ones from bit 0 on, not all eight.
    pub run: Signal<In, U<8>>,
    /// How many.
    pub length: Signal<Out, U<3>>,
}

impl Logic for Length {
    #[hdl_gen]
    fn update(&mut self) {
        self.length.next = bit_cast_b::<3>(
            (self.run.val().get_bit(0) & !self.run.val().get_bit(1))
                | (self.run.val().get_bit(2) & !self.run.val().get_bit(3))
                | (self.run.val().get_bit(4) & !self.run.val().get_bit(5))
                | (self.run.val().get_bit(6) & !self.run.val().get_bit(7)),
        ) | (bit_cast_b::<3>(
            (self.run.val().get_bit(1) & !self.run.val().get_bit(3)) | self.run.val().get_bit(5),
        ) << 1)
            | (bit_cast_b::<3>(self.run.val().get_bit(3)) << 2);
    }
}

/// What matches one source gives in a word.
#[derive(LogicBlock, Default)]
pub struct Chances {
    /// Bytes of the word and three of the next that agree.
    pub mask: Signal<In, U<11>>,
    /// Bytes at which a match may start.
    pub starts: Signal<In, U<8>>,
    /// A match starts here: four bytes agree.
    pub four: Signal<Out, U<8>>,
    /// ... and goes on in the next word.
    pub goes_on: Signal<Out, U<8>>,
    low: Signal<Local, U<8>>,
    two: Signal<Local, U<11>>,
    all: Signal<Local, U<11>>,
    high0: Signal<Local, U<8>>,
    high1: Signal<Local, U<8>>,
    high: Signal<Local, U<8>>,
}

impl Logic for Chances {
    #[hdl_gen]
    fn update(&mut self) {
        self.low.next = self.mask.val().get_bits::<8>(0);
        self.two.next = self.mask.val() & (self.mask.val() >> 1);
        self.all.next = self.two.val() & (self.two.val() >> 2);
        self.four.next = self.all.val().get_bits::<8>(0) & self.starts.val();
        self.high0.next = self.low.val() & ((self.low.val() >> 1) | 0x80);
        self.high1.next = self.high0.val() & ((self.high0.val() >> 2) | 0xc0);
        self.high.next = self.high1.val() & ((self.high1.val() >> 4) | 0xf0);
        self.goes_on.next = self.four.val() & self.high.val();
    }
}

/// For every place: what is known at the first candidate from there on.
#[derive(LogicBlock, Default)]
pub struct Nearest {
    /// Candidates.
    pub candidates: Signal<In, U<8>>,
    /// A bit for each.
    pub known: Signal<In, U<8>>,
    /// Bit i: that of the first candidate at i or behind; 0 if there is none.
    pub nearest: Signal<Out, U<8>>,
    none0: Signal<Local, U<8>>,
    none1: Signal<Local, U<8>>,
    none2: Signal<Local, U<8>>,
    have1: Signal<Local, U<8>>,
    have2: Signal<Local, U<8>>,
    bit0: Signal<Local, U<8>>,
    bit1: Signal<Local, U<8>>,
    bit2: Signal<Local, U<8>>,
}

impl Logic for Nearest {
    #[hdl_gen]
    fn update(&mut self) {
        self.none0.next = !self.candidates.val();
        self.bit0.next = self.known.val() & self.candidates.val();
        self.bit1.next = self.bit0.val() | ((self.bit0.val() >> 1) & self.none0.val());
        self.have1.next = self.candidates.val() | (self.candidates.val() >> 1);
        self.none1.next = !self.have1.val();
        self.bit2.next = self.bit1.val() | ((self.bit1.val() >> 2) & self.none1.val());
        self.have2.next = self.have1.val() | (self.have1.val() >> 2);
        self.none2.next = !self.have2.val();
        self.nearest.next = self.bit2.val() | ((self.bit2.val() >> 4) & self.none2.val());
    }
}
