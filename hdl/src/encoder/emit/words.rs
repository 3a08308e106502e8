//! The words that do not come out of a block: chunk header, a block's length, the result.

use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Chooses a word; pure logic. 0: the pixels' bytes, 1: the bytes of a full block, 2: the bytes of the block's LZ4 data,
/// all as the chunk has them, high byte first; 8 to 15: the result's words ([`debye_spec::encode_wire::EncodeResult`]).
#[derive(LogicBlock)]
pub struct Words<const BLOCK: usize> {
    /// Which.
    pub which: Signal<In, U<4>>,
    /// Bytes of the LZ4 data.
    pub block_bytes: Signal<In, U<16>>,
    /// The job's.
    pub handle: Signal<In, U<64>>,
    /// The job's.
    pub sequence_number: Signal<In, U<32>>,
    /// The job's.
    pub pixels: Signal<In, U<32>>,
    /// Bytes of the pixels.
    pub bytes: Signal<In, U<32>>,
    /// The job's.
    pub status: Signal<In, U<8>>,
    /// Bytes of the chunk.
    pub chunk_bytes: Signal<In, U<32>>,
    /// Its CRC.
    pub crc: Signal<In, U<32>>,
    /// Cycles.
    pub cycles: Signal<In, U<40>>,
    /// The word.
    pub word: Signal<Out, U<64>>,
    full: Constant<U<32>>,
    low: Signal<Local, U<32>>,
    high: Signal<Local, U<32>>,
    bytes_swapped: Signal<Local, U<32>>,
    block_swapped: Signal<Local, U<32>>,
}

impl<const BLOCK: usize> Default for Words<BLOCK> {
    fn default() -> Self {
        Self {
            which: Default::default(),
            block_bytes: Default::default(),
            handle: Default::default(),
            sequence_number: Default::default(),
            pixels: Default::default(),
            bytes: Default::default(),
            status: Default::default(),
            chunk_bytes: Default::default(),
            crc: Default::default(),
            cycles: Default::default(),
            word: Default::default(),
            full: Constant::new(U((1u32 << BLOCK).swap_bytes() as u64)),
            low: Default::default(),
            high: Default::default(),
            bytes_swapped: Default::default(),
            block_swapped: Default::default(),
        }
    }
}

impl<const BLOCK: usize> Logic for Words<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        self.bytes_swapped.next = bit_cast_u::<32, 8>(self.bytes.val().get_bits::<8>(24))
            | (bit_cast_u::<32, 8>(self.bytes.val().get_bits::<8>(16)) << 8)
            | (bit_cast_u::<32, 8>(self.bytes.val().get_bits::<8>(8)) << 16)
            | (bit_cast_u::<32, 8>(self.bytes.val().get_bits::<8>(0)) << 24);
        self.block_swapped.next = (bit_cast_u::<32, 8>(self.block_bytes.val().get_bits::<8>(8)) << 16)
            | (bit_cast_u::<32, 8>(self.block_bytes.val().get_bits::<8>(0)) << 24);
        self.low.next = 0.into();
        self.high.next = 0.into();
        match self.which.val().index() {
            0 => self.high.next = self.bytes_swapped.val(),
            1 => self.low.next = self.full.val(),
            2 => self.low.next = self.block_swapped.val(),
            8 => {
                self.low.next = 0x4359_4244.into();
                self.high.next = (bit_cast_u::<32, 8>(self.status.val()) << 16) | 0x0201;
            }
            9 => {
                self.low.next = bit_cast_u::<32, 64>(self.handle.val());
                self.high.next = self.handle.val().get_bits::<32>(32);
            }
            10 => {
                self.low.next = self.sequence_number.val();
                self.high.next = self.chunk_bytes.val();
            }
            11 => {
                self.low.next = self.pixels.val();
                self.high.next = self.crc.val();
            }
            12 => {
                self.low.next = bit_cast_u::<32, 40>(self.cycles.val());
                self.high.next = bit_cast_u::<32, 8>(self.cycles.val().get_bits::<8>(32));
            }
            15 => self.high.next = 0x4559_4244.into(),
            _ => {}
        }
        self.word.next = bit_cast_u::<64, 32>(self.low.val()) | (bit_cast_u::<64, 32>(self.high.val()) << 32);
    }
}
