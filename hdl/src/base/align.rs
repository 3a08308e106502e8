//! Eight bytes out of sixteen.

use super::word::{U, W, bit_cast_u, bit_cast_w};
use rust_hdl::prelude::*;

/// The eight bytes from byte `by` of two words on; pure logic. It turns in two steps, which need less than a choice of
/// eight for each bit.
///
/// In the first step, bytes four apart look at the same pairs. Synthesis then shares the choice within a pair and needs
/// two LUTs for a choice of four; so those four apart are chosen by registers of their own, which hold the complement.
#[derive(LogicBlock, Default)]
pub struct Aligner {
    /// First word.
    pub older: Signal<In, U<64>>,
    /// The word behind it.
    pub newer: Signal<In, U<64>>,
    /// First byte that is wanted.
    pub by: Signal<In, U<3>>,
    /// The complement of its bits 2 and 1, out of registers of its own.
    pub not_by: Signal<In, U<2>>,
    /// That and the seven behind it.
    pub aligned: Signal<Out, U<64>>,
    pair: Signal<Local, W<128, 2>>,
    low: Signal<Local, U<32>>,
    high: Signal<Local, U<32>>,
    even: Signal<Local, U<64>>,
    beyond: Signal<Local, U<8>>,
}

impl Logic for Aligner {
    #[hdl_gen]
    fn update(&mut self) {
        self.pair.next =
            bit_cast_w::<128, 2, 64>(self.older.val()) | (bit_cast_w::<128, 2, 64>(self.newer.val()) << 64);
        match self.by.val().get_bits::<2>(1).index() {
            0 => {
                self.low.next = self.pair.val().get_bits::<32>(0);
                self.beyond.next = self.pair.val().get_bits::<8>(64);
            }
            1 => {
                self.low.next = self.pair.val().get_bits::<32>(16);
                self.beyond.next = self.pair.val().get_bits::<8>(80);
            }
            2 => {
                self.low.next = self.pair.val().get_bits::<32>(32);
                self.beyond.next = self.pair.val().get_bits::<8>(96);
            }
            _ => {
                self.low.next = self.pair.val().get_bits::<32>(48);
                self.beyond.next = self.pair.val().get_bits::<8>(112);
            }
        }
        match self.not_by.val().index() {
            3 => self.high.next = self.pair.val().get_bits::<32>(32),
            2 => self.high.next = self.pair.val().get_bits::<32>(48),
            1 => self.high.next = self.pair.val().get_bits::<32>(64),
            _ => self.high.next = self.pair.val().get_bits::<32>(80),
        }
        self.even.next = bit_cast_u::<64, 32>(self.low.val()) | (bit_cast_u::<64, 32>(self.high.val()) << 32);
        self.aligned.next = self.even.val();
        if self.by.val().get_bit(0) {
            self.aligned.next = (self.even.val() >> 8) | (bit_cast_u::<64, 8>(self.beyond.val()) << 56);
        }
    }
}
