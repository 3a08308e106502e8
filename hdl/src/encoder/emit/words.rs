//! The words that do not come out of a block: of the chunk header and of the result.

use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Chooses a word; pure logic. 2, 3, 0: the result's words 1 to 3 ([`debye_spec::encode_wire::EncodeResult`]); 1: the low
/// half of its word 4, and above it the pixels' bytes as the chunk has them, high byte first.
#[derive(LogicBlock, Default)]
pub struct Words {
    /// Which.
    pub which: Signal<In, U<2>>,
    /// The job's.
    pub handle: Signal<In, U<64>>,
    /// The job's.
    pub sequence_number: Signal<In, U<32>>,
    /// The job's.
    pub pixels: Signal<In, U<32>>,
    /// Bytes of the pixels.
    pub bytes: Signal<In, U<32>>,
    /// Bytes of the chunk.
    pub chunk_bytes: Signal<In, U<32>>,
    /// Its CRC.
    pub crc: Signal<In, U<32>>,
    /// Cycles.
    pub cycles: Signal<In, U<40>>,
    /// The word.
    pub word: Signal<Out, U<64>>,
    low: Signal<Local, U<32>>,
    high: Signal<Local, U<32>>,
}

impl Logic for Words {
    #[hdl_gen]
    fn update(&mut self) {
        match self.which.val().index() {
            0 => {
                self.low.next = self.pixels.val();
                self.high.next = self.crc.val();
            }
            1 => {
                self.low.next = bit_cast_u::<32, 40>(self.cycles.val());
                self.high.next = bit_cast_u::<32, 8>(self.bytes.val().get_bits::<8>(24))
                    | (bit_cast_u::<32, 8>(self.bytes.val().get_bits::<8>(16)) << 8)
                    | (bit_cast_u::<32, 8>(self.bytes.val().get_bits::<8>(8)) << 16)
                    | (bit_cast_u::<32, 8>(self.bytes.val().get_bits::<8>(0)) << 24);
            }
            2 => {
                self.low.next = bit_cast_u::<32, 64>(self.handle.val());
                self.high.next = self.handle.val().get_bits::<32>(32);
            }
            _ => {
                self.low.next = self.sequence_number.val();
                self.high.next = self.chunk_bytes.val();
            }
        }
        self.word.next = bit_cast_u::<64, 32>(self.low.val()) | (bit_cast_u::<64, 32>(self.high.val()) << 32);
    }
}
