//! Where the lanes of eight bytes at any place stand.

use crate::base::word::{U, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// Lanes before the place's own are in the word behind it; pure logic.
#[derive(LogicBlock, Default)]
pub struct Rows {
    /// Place of the first byte, modulo 128.
    pub place: Signal<In, U<7>>,
    /// Word of each lane's byte, modulo 16, 4 bits a lane.
    pub rows: Signal<Out, U<32>>,
    /// Lanes in odd words.
    pub odd: Signal<Out, U<8>>,
    number: [Signal<Local, U<3>>; 8],
    up: Signal<Local, U<4>>,
    row: Signal<Local, U<4>>,
    all: Signal<Local, U<32>>,
    is_odd: Signal<Local, Bit>,
    odds: Signal<Local, U<8>>,
}

impl Logic for Rows {
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
        self.up.next = self.place.val().get_bits::<4>(3) + 1;
        self.all.next = 0.into();
        self.odds.next = 0.into();
        for i in 0..8 {
            self.row.next = self.place.val().get_bits::<4>(3);
            if self.place.val().get_bits::<3>(0) > self.number[i].val() {
                self.row.next = self.up.val();
            }
            self.is_odd.next = self.row.val().get_bit(0);
            self.all.next = (self.all.val() >> 4) | (bit_cast_u::<32, 4>(self.row.val()) << 28);
            self.odds.next = (self.odds.val() >> 1) | (bit_cast_b::<8>(self.is_odd.val()) << 7);
        }
        self.rows.next = self.all.val();
        self.odd.next = self.odds.val();
    }
}
