//! A chunk out of the encoder's lane, told from the result behind it.

use crate::base::ram::LutRam;
use crate::base::word::{U, bit_cast_u};
use rust_hdl::prelude::*;

/// Keeps nine words back: when the lane says that a word was the result's last, these are the chunk's last and the eight
/// of the result, which are read before the chunk's last word goes on with what they say. A request that was refused makes
/// no chunk: two words of zeros go in its place. A word a cycle; a chunk's end takes 11 cycles.
#[derive(LogicBlock, Default)]
pub struct Exit {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// A word of chunk or result.
    pub s_tvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_tready: Signal<Out, Bit>,
    /// The word.
    pub s_tdata: Signal<In, U<64>>,
    /// The result's last.
    pub s_tlast: Signal<In, Bit>,
    /// A word of the chunk.
    pub m_tvalid: Signal<Out, Bit>,
    /// It is taken.
    pub m_tready: Signal<In, Bit>,
    /// The word.
    pub m_tdata: Signal<Out, U<64>>,
    /// The chunk's last.
    pub m_tlast: Signal<Out, Bit>,
    /// With the last word: the result's status.
    pub status: Signal<Out, U<8>>,
    /// With the last word: CRC-32 of the chunk (31..0) and its bytes (63..32).
    pub sums: Signal<Out, U<64>>,

    words: LutRam<U<64>, 4>,
    written: DFF<U<4>>,
    read: DFF<U<4>>,
    count: DFF<U<5>>,
    ending: DFF<Bit>,
    // 0: words pass, 1: the result is read, 2: the last word goes.
    state: DFF<U<2>>,
    at: DFF<U<3>>,
    kept: DFF<U<64>>,
    twice: DFF<Bit>,
    found_status: DFF<U<8>>,
    found_bytes: DFF<U<32>>,
    found_crc: DFF<U<32>>,

    push: Signal<Local, Bit>,
    pop: Signal<Local, Bit>,
    many: Signal<Local, Bit>,
}

impl Logic for Exit {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, written, read, count, ending, state, at, kept, twice);
        dff_setup!(self, clock, found_status, found_bytes, found_crc);
        self.words.clock.next = self.clock.val();
        self.s_tready.next = !self.ending.q.val() & (self.count.q.val() < 15);
        self.push.next = self.s_tvalid.val() & !self.ending.q.val() & (self.count.q.val() < 15);
        self.words.write_enable.next = self.push.val();
        self.words.write_address.next = self.written.q.val();
        self.words.write_data.next = self.s_tdata.val();
        self.words.read_address.next = self.read.q.val();
        if self.push.val() {
            self.written.d.next = self.written.q.val() + 1;
            self.ending.d.next = self.s_tlast.val();
        }

        self.many.next = self.count.q.val() >= 10;
        self.pop.next = false;
        self.m_tvalid.next = false;
        self.m_tdata.next = self.words.read_data.val();
        self.m_tlast.next = false;
        match self.state.q.val().index() {
            0 => {
                self.m_tvalid.next = self.many.val();
                self.pop.next = self.many.val() & self.m_tready.val();
                if self.ending.q.val() & !self.many.val() {
                    self.state.d.next = 1.into();
                    self.twice.d.next = true;
                    self.kept.d.next = 0.into();
                    if self.count.q.val() == 9 {
                        self.pop.next = true;
                        self.twice.d.next = false;
                        self.kept.d.next = self.words.read_data.val();
                    }
                }
            }
            1 => {
                self.pop.next = true;
                self.at.d.next = self.at.q.val() + 1;
                if self.at.q.val() == 0 {
                    self.found_status.d.next = self.words.read_data.val().get_bits::<8>(48);
                }
                if self.at.q.val() == 2 {
                    self.found_bytes.d.next = self.words.read_data.val().get_bits::<32>(32);
                }
                if self.at.q.val() == 3 {
                    self.found_crc.d.next = self.words.read_data.val().get_bits::<32>(32);
                }
                if self.at.q.val() == 7 {
                    self.state.d.next = 2.into();
                }
            }
            _ => {
                self.m_tvalid.next = true;
                self.m_tdata.next = self.kept.q.val();
                self.m_tlast.next = !self.twice.q.val();
                if self.m_tready.val() {
                    self.twice.d.next = false;
                    if !self.twice.q.val() {
                        self.state.d.next = 0.into();
                        self.ending.d.next = false;
                    }
                }
            }
        }
        if self.pop.val() {
            self.read.d.next = self.read.q.val() + 1;
        }
        if self.push.val() & !self.pop.val() {
            self.count.d.next = self.count.q.val() + 1;
        }
        if self.pop.val() & !self.push.val() {
            self.count.d.next = self.count.q.val() - 1;
        }
        self.status.next = self.found_status.q.val();
        self.sums.next =
            bit_cast_u::<64, 32>(self.found_crc.q.val()) | (bit_cast_u::<64, 32>(self.found_bytes.q.val()) << 32);

        if self.reset.val() {
            self.written.d.next = 0.into();
            self.read.d.next = 0.into();
            self.count.d.next = 0.into();
            self.ending.d.next = false;
            self.state.d.next = 0.into();
            self.at.d.next = 0.into();
        }
    }
}
