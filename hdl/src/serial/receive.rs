//! Finds commands in the bytes of a line (`debye_spec::serial`).

use crate::base::word::{U, bit_cast_u};
use crate::crc::CrcStep;
use rust_hdl::prelude::*;

/// Looks for the magic, then takes a header, then a payload. Bytes come at least 4 cycles apart: a word is looked at the
/// cycle after its last byte.
#[derive(LogicBlock, Default)]
pub struct PacketReceiver {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A byte has come.
    pub valid: Signal<In, Bit>,
    /// The byte.
    pub data: Signal<In, U<8>>,
    /// A byte has come that is none.
    pub broken: Signal<In, Bit>,
    /// Cycles without a byte after which a packet that has begun is given up.
    pub patience: Signal<In, U<32>>,

    /// A sound header: one cycle; the fields stand from then on until the next.
    pub header: Signal<Out, Bit>,
    /// What is asked for.
    pub op: Signal<Out, U<8>>,
    /// Comes back in the answer.
    pub number: Signal<Out, U<8>>,
    /// See the definition.
    pub count: Signal<Out, U<16>>,
    /// See the definition.
    pub place: Signal<Out, U<32>>,
    /// The count is that of a payload: 1 to 256.
    pub sized: Signal<Out, Bit>,
    /// A word of the payload, which may prove damaged yet.
    pub word_valid: Signal<Out, Bit>,
    /// The word.
    pub word_data: Signal<Out, U<64>>,
    /// The packet is whole and sound: one cycle.
    pub done: Signal<Out, Bit>,
    /// A packet has begun that is not: one cycle.
    pub damaged: Signal<Out, Bit>,

    // 0: looks for the magic, 1: header, 2: payload.
    state: DFF<U<2>>,
    fresh: DFF<Bit>,
    word: DFF<U<32>>,
    bytes: DFF<U<2>>,
    // Words of the header, then whether the low half of a word is there.
    at: DFF<U<2>>,
    head: DFF<U<32>>,
    spot: DFF<U<32>>,
    low: DFF<U<32>>,
    left: DFF<U<10>>,
    sum: DFF<U<32>>,
    idle: DFF<U<32>>,
    crc: CrcStep,
    found: Signal<Local, Bit>,
    whole: Signal<Local, Bit>,
    not_sum: Signal<Local, U<32>>,
    sound: Signal<Local, Bit>,
    fits: Signal<Local, Bit>,
    carries: Signal<Local, Bit>,
    late: Signal<Local, Bit>,
    size: Signal<Local, U<16>>,
    kind: Signal<Local, U<8>>,
}

impl Logic for PacketReceiver {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, fresh, word, bytes, at, head, spot, low, left, sum, idle);
        self.kind.next = self.head.q.val().get_bits::<8>(0);
        self.size.next = self.head.q.val().get_bits::<16>(16);
        self.op.next = self.kind.val();
        self.number.next = self.head.q.val().get_bits::<8>(8);
        self.count.next = self.size.val();
        self.place.next = self.spot.q.val();
        self.fits.next = (self.size.val() != 0) & (self.size.val() <= 256);
        self.sized.next = self.fits.val();
        // Table and push.
        self.carries.next = ((self.kind.val() == 3) | (self.kind.val() == 4)) & self.fits.val();

        self.fresh.d.next = self.valid.val();
        self.idle.d.next = self.idle.q.val() + 1;
        if self.valid.val() {
            self.word.d.next = (self.word.q.val() >> 8) | (bit_cast_u::<32, 8>(self.data.val()) << 24);
            self.bytes.d.next = self.bytes.q.val() + 1;
            self.idle.d.next = 0.into();
        }
        // "DBYS".
        self.found.next = self.fresh.q.val() & (self.state.q.val() == 0) & (self.word.q.val() == 0x5359_4244);
        self.whole.next = self.fresh.q.val() & (self.state.q.val() != 0) & (self.bytes.q.val() == 0);
        self.late.next = (self.state.q.val() != 0) & (self.idle.q.val() == self.patience.val());

        self.crc.data.next = self.word.q.val();
        self.crc.state.next = self.sum.q.val();
        if self.found.val() {
            self.crc.state.next = 0xffff_ffffu64.into();
        }
        self.not_sum.next = !self.sum.q.val();
        self.sound.next = self.not_sum.val() == self.word.q.val();
        if self.found.val() | self.whole.val() {
            self.sum.d.next = self.crc.stepped.val();
        }

        self.header.next = false;
        self.word_valid.next = false;
        self.done.next = false;
        self.damaged.next = false;
        self.word_data.next = bit_cast_u::<64, 32>(self.low.q.val()) | (bit_cast_u::<64, 32>(self.word.q.val()) << 32);
        if self.found.val() {
            self.state.d.next = 1.into();
            self.bytes.d.next = 0.into();
            self.at.d.next = 0.into();
        }
        if self.whole.val() & (self.state.q.val() == 1) {
            self.at.d.next = self.at.q.val() + 1;
            if self.at.q.val() == 0 {
                self.head.d.next = self.word.q.val();
            } else if self.at.q.val() == 1 {
                self.spot.d.next = self.word.q.val();
            } else {
                self.at.d.next = 0.into();
                self.state.d.next = 0.into();
                self.header.next = self.sound.val();
                self.damaged.next = !self.sound.val();
                self.done.next = self.sound.val() & !self.carries.val();
                if self.sound.val() & self.carries.val() {
                    self.state.d.next = 2.into();
                    self.left.d.next = bit_cast_u::<10, 16>(self.size.val()) << 1;
                }
            }
        }
        if self.whole.val() & (self.state.q.val() == 2) {
            if self.left.q.val() == 0 {
                self.state.d.next = 0.into();
                self.done.next = self.sound.val();
                self.damaged.next = !self.sound.val();
            } else {
                self.left.d.next = self.left.q.val() - 1;
                self.low.d.next = self.word.q.val();
                self.word_valid.next = self.left.q.val().get_bit(0);
            }
        }
        if self.late.val() | (self.broken.val() & (self.state.q.val() != 0)) {
            self.state.d.next = 0.into();
            self.damaged.next = true;
        }
        if self.reset.val() {
            self.state.d.next = 0.into();
            self.fresh.d.next = false;
        }
    }
}
