//! Makes answers into bytes (`debye_spec::serial`).

use crate::base::word::{U, bit_cast_u};
use crate::crc::CrcStep;
use rust_hdl::prelude::*;

/// Sends a header, and words of the results' buffer behind it. A byte takes longer than the buffer does to be read: the
/// next word stands there when it is wanted.
#[derive(LogicBlock, Default)]
pub struct PacketSender {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Sends an answer: one cycle, while not `busy`.
    pub start: Signal<In, Bit>,
    /// Op, number and count: the header's second word.
    pub head: Signal<In, U<32>>,
    /// See the definition.
    pub place: Signal<In, U<32>>,
    /// Words of payload, from the place on.
    pub words: Signal<In, U<9>>,
    /// An answer is on its way.
    pub busy: Signal<Out, Bit>,

    /// Reads a word of the buffer at the next edge.
    pub read_enable: Signal<Out, Bit>,
    /// Which.
    pub read_address: Signal<Out, U<10>>,
    /// The word.
    pub read_data: Signal<In, U<64>>,

    /// A byte for the line.
    pub valid: Signal<Out, Bit>,
    /// It is taken.
    pub ready: Signal<In, Bit>,
    /// The byte.
    pub data: Signal<Out, U<8>>,

    running: DFF<Bit>,
    headed: DFF<U<32>>,
    spot: DFF<U<32>>,
    left: DFF<U<9>>,
    read_at: DFF<U<10>>,
    carries: DFF<Bit>,
    // 0 to 3: words of the header, 4: low half, 5: high half, 6: CRC of it all, 7: end.
    at: DFF<U<3>>,
    word: DFF<U<32>>,
    bytes: DFF<U<3>>,
    sum: DFF<U<32>>,
    crc: CrcStep,
    load: Signal<Local, Bit>,
    fresh: Signal<Local, U<32>>,
    not_sum: Signal<Local, U<32>>,
    more: Signal<Local, Bit>,
}

impl Logic for PacketSender {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, running, headed, spot, left, read_at, carries, at, word, bytes, sum);
        self.busy.next = self.running.q.val();
        self.read_enable.next = self.running.q.val() & self.left.q.val().any();
        self.read_address.next = self.read_at.q.val();
        self.valid.next = self.bytes.q.val().any();
        self.data.next = self.word.q.val().get_bits::<8>(0);
        self.not_sum.next = !self.sum.q.val();
        self.load.next = self.running.q.val() & !self.bytes.q.val().any();
        // Another word behind the one whose high half is sent.
        self.more.next = self.left.q.val() != 1;

        self.crc.state.next = self.sum.q.val();
        self.fresh.next = self.not_sum.val();
        match self.at.q.val().index() {
            0 => {
                // "DBYA".
                self.fresh.next = 0x4159_4244.into();
                self.crc.state.next = 0xffff_ffffu64.into();
            }
            1 => self.fresh.next = self.headed.q.val(),
            2 => self.fresh.next = self.spot.q.val(),
            4 => self.fresh.next = bit_cast_u::<32, 64>(self.read_data.val()),
            5 => self.fresh.next = self.read_data.val().get_bits::<32>(32),
            _ => {}
        }
        self.crc.data.next = self.fresh.val();

        if self.load.val() {
            self.word.d.next = self.fresh.val();
            self.bytes.d.next = 4.into();
            self.sum.d.next = self.crc.stepped.val();
            self.at.d.next = self.at.q.val() + 1;
            if (self.at.q.val() == 3) & !self.carries.q.val() {
                self.at.d.next = 7.into();
            }
            if self.at.q.val() == 5 {
                self.left.d.next = self.left.q.val() - 1;
                self.read_at.d.next = self.read_at.q.val() + 1;
                if self.more.val() {
                    self.at.d.next = 4.into();
                }
            }
            if self.at.q.val() == 7 {
                self.bytes.d.next = 0.into();
                self.running.d.next = false;
            }
        }
        if self.valid.val() & self.ready.val() {
            self.word.d.next = self.word.q.val() >> 8;
            self.bytes.d.next = self.bytes.q.val() - 1;
        }
        if self.start.val() {
            self.running.d.next = true;
            self.headed.d.next = self.head.val();
            self.spot.d.next = self.place.val();
            self.left.d.next = self.words.val();
            self.carries.d.next = self.words.val().any();
            self.read_at.d.next = bit_cast_u::<10, 32>(self.place.val());
            self.at.d.next = 0.into();
            self.bytes.d.next = 0.into();
        }
        if self.reset.val() {
            self.running.d.next = false;
            self.bytes.d.next = 0.into();
        }
    }
}
