//! CRC-32 over a word of 8 bytes: two steps of 4.

use crate::base::word::{U, bit_cast_u};
use crate::crc::CrcStep;
use rust_hdl::prelude::*;

/// One step over a word; pure logic. Starts at all ones; the CRC is the state's complement.
#[derive(LogicBlock, Default)]
pub struct CrcWord {
    /// State before.
    pub state: Signal<In, U<32>>,
    /// Bytes, the first in bits 7..0.
    pub word: Signal<In, U<64>>,
    /// State behind the bytes.
    pub stepped: Signal<Out, U<32>>,
    low: CrcStep,
    high: CrcStep,
}

impl Logic for CrcWord {
    #[hdl_gen]
    fn update(&mut self) {
        self.low.state.next = self.state.val();
        self.low.data.next = bit_cast_u::<32, 64>(self.word.val());
        self.high.state.next = self.low.stepped.val();
        self.high.data.next = self.word.val().get_bits::<32>(32);
        self.stepped.next = self.high.stepped.val();
    }
}
