//! Pixels below a threshold become 0: [`debye_spec::lossy::threshold`].

use crate::base::word::{U, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// One byte of a comparison; pure logic.
#[derive(LogicBlock, Default)]
struct Less {
    /// Byte of a pixel.
    pub pixel: Signal<In, U<8>>,
    /// Byte of the threshold.
    pub limit: Signal<In, U<8>>,
    /// The pixel's bytes below it are less.
    pub below: Signal<In, Bit>,
    /// Those up to it are less.
    pub less: Signal<Out, Bit>,
    limits: Signal<Local, U<9>>,
    pixels: Signal<Local, U<9>>,
}

impl Logic for Less {
    #[hdl_gen]
    fn update(&mut self) {
        // Of equal bytes, those below decide.
        self.limits.next = (bit_cast_u::<9, 8>(self.limit.val()) << 1) | bit_cast_b::<9>(self.below.val());
        self.pixels.next = bit_cast_u::<9, 8>(self.pixel.val()) << 1;
        self.less.next = self.limits.val() > self.pixels.val();
    }
}

/// Four bytes of pixels, five cycles later without those below the threshold. A cycle for each byte of a pixel, its lowest
/// first: so a comparison is eight bits deep.
#[derive(LogicBlock, Default)]
struct Half {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Bytes.
    pub word: Signal<In, U<32>>,
    /// Constant while words are under way, from a cycle after the first: log2 of a pixel's bytes.
    pub esize: Signal<In, U<2>>,
    /// Constant while words are under way: the threshold in four bytes of pixels.
    pub threshold: Signal<In, U<32>>,
    /// Bytes, five cycles later.
    pub out: Signal<Out, U<32>>,

    less0: Less,
    less1: Less,
    less2: Less,
    less3: Less,
    word1: DFF<U<32>>,
    word2: DFF<U<32>>,
    word3: DFF<U<32>>,
    word4: DFF<U<32>>,
    // Bytes up to which a pixel is less, from bit 0.
    known1: DFF<U<4>>,
    known2: DFF<U<4>>,
    known3: DFF<U<4>>,
    known4: DFF<U<4>>,
    byte0: DFF<U<8>>,
    byte1: DFF<U<8>>,
    byte2: DFF<U<8>>,
    byte3: DFF<U<8>>,

    narrow: Signal<Local, Bit>,
    wide: Signal<Local, Bit>,
}

impl Logic for Half {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, word1, word2, word3, word4, known1, known2, known3, known4, byte0, byte1, byte2, byte3);
        self.narrow.next = !self.esize.val().any();
        self.wide.next = self.esize.val().get_bit(1);

        self.less0.pixel.next = self.word.val().get_bits::<8>(0);
        self.less0.limit.next = self.threshold.val().get_bits::<8>(0);
        self.less0.below.next = false;
        self.word1.d.next = self.word.val();
        self.known1.d.next = bit_cast_b::<4>(self.less0.less.val());

        self.less1.pixel.next = self.word1.q.val().get_bits::<8>(8);
        self.less1.limit.next = self.threshold.val().get_bits::<8>(8);
        self.less1.below.next = self.known1.q.val().get_bit(0) & !self.narrow.val();
        self.word2.d.next = self.word1.q.val();
        self.known2.d.next = self.known1.q.val() | (bit_cast_b::<4>(self.less1.less.val()) << 1);

        self.less2.pixel.next = self.word2.q.val().get_bits::<8>(16);
        self.less2.limit.next = self.threshold.val().get_bits::<8>(16);
        self.less2.below.next = self.known2.q.val().get_bit(1) & self.wide.val();
        self.word3.d.next = self.word2.q.val();
        self.known3.d.next = self.known2.q.val() | (bit_cast_b::<4>(self.less2.less.val()) << 2);

        self.less3.pixel.next = self.word3.q.val().get_bits::<8>(24);
        self.less3.limit.next = self.threshold.val().get_bits::<8>(24);
        self.less3.below.next = self.known3.q.val().get_bit(2) & !self.narrow.val();
        self.word4.d.next = self.word3.q.val();
        self.known4.d.next = self.known3.q.val() | (bit_cast_b::<4>(self.less3.less.val()) << 3);

        // A pixel is less if it is up to its last byte.
        self.byte0.d.next = self.word4.q.val().get_bits::<8>(0);
        self.byte1.d.next = self.word4.q.val().get_bits::<8>(8);
        self.byte2.d.next = self.word4.q.val().get_bits::<8>(16);
        self.byte3.d.next = self.word4.q.val().get_bits::<8>(24);
        if (self.known4.q.val().get_bit(0) & self.narrow.val())
            | (self.known4.q.val().get_bit(1) & !self.narrow.val() & !self.wide.val())
            | (self.known4.q.val().get_bit(3) & self.wide.val())
        {
            self.byte0.d.next = 0.into();
        }
        if (self.known4.q.val().get_bit(1) & !self.wide.val()) | (self.known4.q.val().get_bit(3) & self.wide.val()) {
            self.byte1.d.next = 0.into();
        }
        if (self.known4.q.val().get_bit(2) & self.narrow.val()) | (self.known4.q.val().get_bit(3) & !self.narrow.val())
        {
            self.byte2.d.next = 0.into();
        }
        if self.known4.q.val().get_bit(3) {
            self.byte3.d.next = 0.into();
        }
        self.out.next = bit_cast_u::<32, 8>(self.byte0.q.val())
            | (bit_cast_u::<32, 8>(self.byte1.q.val()) << 8)
            | (bit_cast_u::<32, 8>(self.byte2.q.val()) << 16)
            | (bit_cast_u::<32, 8>(self.byte3.q.val()) << 24);

        // With a reset they are flip-flops: shift registers would be LUTs.
        if self.reset.val() {
            self.word1.d.next = 0.into();
            self.word2.d.next = 0.into();
            self.word3.d.next = 0.into();
            self.word4.d.next = 0.into();
        }
    }
}

/// Words of pixels, five cycles later without those below the threshold.
#[derive(LogicBlock, Default)]
pub struct Threshold {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A word of pixels.
    pub valid: Signal<In, Bit>,
    /// Pixels.
    pub word: Signal<In, U<64>>,
    /// The block's last word.
    pub last: Signal<In, Bit>,
    /// Constant while words are under way, from a cycle after the first: log2 of a pixel's bytes.
    pub esize: Signal<In, U<2>>,
    /// Constant while words are under way: the threshold in four bytes of pixels.
    pub threshold: Signal<In, U<32>>,
    /// A word of pixels.
    pub out_valid: Signal<Out, Bit>,
    /// Pixels.
    pub out: Signal<Out, U<64>>,
    /// The block's last word.
    pub out_last: Signal<Out, Bit>,

    low: Half,
    high: Half,
    valids: DFF<U<5>>,
    lasts: DFF<U<5>>,
}

impl Logic for Threshold {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, valids, lasts);
        clock!(self, clock, low, high);
        self.low.reset.next = self.reset.val();
        self.low.word.next = self.word.val().get_bits::<32>(0);
        self.low.esize.next = self.esize.val();
        self.low.threshold.next = self.threshold.val();
        self.high.reset.next = self.reset.val();
        self.high.word.next = self.word.val().get_bits::<32>(32);
        self.high.esize.next = self.esize.val();
        self.high.threshold.next = self.threshold.val();
        self.valids.d.next = (self.valids.q.val() << 1) | bit_cast_b::<5>(self.valid.val());
        self.lasts.d.next = (self.lasts.q.val() << 1) | bit_cast_b::<5>(self.last.val());
        self.out_valid.next = self.valids.q.val().get_bit(4);
        self.out_last.next = self.lasts.q.val().get_bit(4);
        self.out.next = bit_cast_u::<64, 32>(self.low.out.val()) | (bit_cast_u::<64, 32>(self.high.out.val()) << 32);

        if self.reset.val() {
            self.valids.d.next = 0.into();
            self.lasts.d.next = 0.into();
        }
    }
}
