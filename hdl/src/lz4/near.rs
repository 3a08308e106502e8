//! The near window: the last 128 bytes that were made, in LUT RAM, one memory a byte lane.

use crate::base::ram::LutRam;
use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// A step's bytes within one cycle, the copier's only loop: the window's lanes or `data`'s are turned to their place, and
/// what comes of it is written at the next edge.
#[derive(LogicBlock, Default)]
pub struct Near {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Rows to read, 4 bits a lane.
    pub reads: Signal<In, U<32>>,
    /// Rows to write, 4 bits a lane.
    pub writes: Signal<In, U<32>>,
    /// Lanes that are written.
    pub enable: Signal<In, U<8>>,
    /// The source is the window.
    pub chosen: Signal<In, Bit>,
    /// The source if not.
    pub data: Signal<In, U<64>>,
    /// For each lane the lane that its byte comes from, 3 bits a lane.
    pub turns: Signal<In, U<24>>,
    /// The bytes.
    pub made: Signal<Out, U<64>>,
    near: [LutRam<U<8>, 4>; 8],
    lanes: Signal<Local, U<64>>,
    turn: Signal<Local, U<3>>,
    from: Signal<Local, U<6>>,
    octet: Signal<Local, U<8>>,
    bytes: Signal<Local, U<64>>,
}

impl Logic for Near {
    #[hdl_gen]
    fn update(&mut self) {
        self.lanes.next = 0.into();
        for i in 0..8 {
            self.near[i].clock.next = self.clock.val();
            self.near[i].read_address.next = self.reads.val().get_bits::<4>(4 * i);
            self.near[i].write_address.next = self.writes.val().get_bits::<4>(4 * i);
            self.near[i].write_enable.next = self.enable.val().get_bit(i);
            self.octet.next = self.near[i].read_data.val();
            if !self.chosen.val() {
                self.octet.next = self.data.val().get_bits::<8>(8 * i);
            }
            self.lanes.next = (self.lanes.val() >> 8) | (bit_cast_u::<64, 8>(self.octet.val()) << 56);
        }
        self.bytes.next = 0.into();
        for i in 0..8 {
            self.turn.next = self.turns.val().get_bits::<3>(3 * i);
            self.from.next = bit_cast_u::<6, 3>(self.turn.val()) << 3;
            self.octet.next = self.lanes.val().get_bits::<8>(self.from.val().index());
            self.near[i].write_data.next = self.octet.val();
            self.bytes.next = (self.bytes.val() >> 8) | (bit_cast_u::<64, 8>(self.octet.val()) << 56);
        }
        self.made.next = self.bytes.val();
    }
}
