//! The copier: commands in, bytes into the history, eight a cycle.
//!
//! Step 0 cuts commands into steps of up to eight bytes and counts the position; 1 finds the source; 2 reads the
//! history; 3 waits for its registers; 4 picks the source's lanes; 5 (the only loop) reads the near window, turns the
//! lanes to their place and writes the window; 6 writes the history.
//!
//! The near window serves offsets below 128. A read of the history in step 2 does not see the four steps ahead of it, which are at most 32 bytes and the eight it makes itself:
//! offsets from 128 on are far outside, so nothing unwritten is ever read.

use super::near::Near;
use super::rows::Rows;
use super::turns::Turns;
use crate::base::word::{U, bit_cast_b, bit_cast_u};
use rust_hdl::prelude::*;

/// Commands to writes. One step a cycle; steps never wait once they began.
#[derive(LogicBlock, Default)]
pub struct Copy {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reset.
    pub reset: Signal<In, Bit>,
    /// A command, as [`Check`](super::check::Check) makes them.
    pub valid: Signal<In, Bit>,
    /// Its data.
    pub data: Signal<In, U<64>>,
    /// Its tag.
    pub tag: Signal<In, U<8>>,
    /// Takes it.
    pub pop: Signal<Out, Bit>,
    /// A half was read out.
    pub free: Signal<In, Bit>,
    /// The queue of ends fills up.
    pub ends_full: Signal<In, Bit>,
    /// A block or a frame ended; all its bytes are in the history.
    pub closes: Signal<Out, Bit>,
    /// Size (16..0), pixel size (18..17), kind (20..19), status (28..21).
    pub closing: Signal<Out, U<29>>,
    /// A command waits for a free half.
    pub blocked: Signal<Out, Bit>,
    /// See [`History`](super::history::History).
    pub copy_0: Signal<Out, Bit>,
    /// See [`History`](super::history::History).
    pub copy_1: Signal<Out, Bit>,
    /// See [`History`](super::history::History).
    pub copy_address: Signal<Out, U<16>>,
    /// See [`History`](super::history::History).
    pub even_0: Signal<In, U<64>>,
    /// See [`History`](super::history::History).
    pub odd_0: Signal<In, U<64>>,
    /// See [`History`](super::history::History).
    pub even_1: Signal<In, U<64>>,
    /// See [`History`](super::history::History).
    pub odd_1: Signal<In, U<64>>,
    /// See [`History`](super::history::History).
    pub write_enable: Signal<Out, U<32>>,
    /// See [`History`](super::history::History).
    pub write_even: Signal<Out, U<12>>,
    /// See [`History`](super::history::History).
    pub write_odd: Signal<Out, U<12>>,
    /// See [`History`](super::history::History).
    pub write_data: Signal<Out, U<64>>,

    held: DFF<U<2>>,
    half: DFF<Bit>,
    acts: DFF<Bit>,
    what: DFF<U<2>>,
    count: DFF<U<4>>,
    more: DFF<Bit>,
    tiny: DFF<Bit>,
    first: DFF<Bit>,
    // Complement of the bytes from this step on: adding to it needs no inverters.
    unmade: DFF<U<17>>,
    word: DFF<U<64>>,
    place: DFF<U<16>>,
    data1: DFF<U<64>>,
    place1: DFF<U<16>>,
    back1: DFF<U<16>>,
    repeat1: DFF<U<3>>,
    state1: DFF<U<9>>,
    data2: DFF<U<64>>,
    place2: DFF<U<16>>,
    source2: DFF<U<16>>,
    repeat2: DFF<U<3>>,
    state2: DFF<U<9>>,
    near2: DFF<Bit>,
    far2: DFF<U<2>>,
    data3: DFF<U<64>>,
    place3: DFF<U<16>>,
    source3: DFF<U<7>>,
    repeat3: DFF<U<3>>,
    state3: DFF<U<9>>,
    near3: DFF<Bit>,
    data4: DFF<U<64>>,
    place4: DFF<U<16>>,
    source4: DFF<U<7>>,
    turns4: DFF<U<24>>,
    enable4: DFF<U<8>>,
    state4: DFF<U<9>>,
    near4: DFF<Bit>,
    data5: DFF<U<64>>,
    near5: DFF<Bit>,
    turns5: DFF<U<24>>,
    reads5: DFF<U<32>>,
    writes5: DFF<U<32>>,
    enable5: DFF<U<8>>,
    banks5: DFF<U<32>>,
    even5: DFF<U<12>>,
    odd5: DFF<U<12>>,
    ends5: DFF<Bit>,
    end5: DFF<U<29>>,
    data6: DFF<U<64>>,
    banks6: DFF<U<32>>,
    even6: DFF<U<12>>,
    odd6: DFF<U<12>>,
    ends6: DFF<Bit>,
    end6: DFF<U<29>>,
    turning: Turns,
    source_rows: Rows,
    place_rows: Rows,
    near: Near,

    control: Signal<Local, Bit>,
    takes: Signal<Local, Bit>,
    ended: Signal<Local, Bit>,
    length: Signal<Local, U<17>>,
    to_make: Signal<Local, U<17>>,
    left: Signal<Local, U<17>>,
    long: Signal<Local, Bit>,
    odd_first: Signal<Local, Bit>,
    not_odd: Signal<Local, U<8>>,
    bank: Signal<Local, U<2>>,
    octet: Signal<Local, U<8>>,
    bytes: Signal<Local, U<64>>,
    put_row: Signal<Local, U<12>>,
    even_on: Signal<Local, U<8>>,
    odd_on: Signal<Local, U<8>>,
}

impl Logic for Copy {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, held, half, acts, what, count, more, tiny, first, unmade, word, place, data1, place1, back1,
            repeat1, state1, data2, place2, source2, repeat2, state2, near2, far2, data3, place3, source3, repeat3,
            state3, near3, data4, place4, source4, turns4, enable4, state4, near4, data5, near5, turns5, reads5,
            writes5, enable5, banks5, even5, odd5, ends5, end5, data6, banks6, even6, odd6, ends6, end6
        );

        // Step 0: the command. Literals and matches need a free half, ends need room in their queue.
        self.control.next = self.tag.val().get_bit(5);
        self.takes.next = self.valid.val()
            & !(self.acts.q.val() & self.more.q.val())
            & ((self.control.val() & !self.ends_full.val()) | (!self.control.val() & !self.held.q.val().get_bit(1)));
        self.pop.next = self.takes.val();
        self.blocked.next = self.valid.val() & !self.control.val() & self.held.q.val().get_bit(1);
        self.ended.next = self.takes.val() & (self.tag.val().get_bits::<2>(4) == 2);
        if self.ended.val() & !self.free.val() {
            self.held.d.next = self.held.q.val() + 1;
        }
        if self.free.val() & !self.ended.val() {
            self.held.d.next = self.held.q.val() - 1;
        }
        if self.acts.q.val() {
            self.place.d.next = self.place.q.val() + bit_cast_u::<16, 4>(self.count.q.val());
            if self.what.q.val().get_bit(1) {
                self.place.d.next = 0.into();
                self.half.d.next = self.half.q.val() ^ !self.what.q.val().get_bit(0);
            }
        }
        self.first.d.next = false;
        self.length.next = self.data.val().get_bits::<17>(16);
        self.to_make.next = !self.length.val();
        self.left.next = !self.unmade.q.val();
        self.long.next = self.left.val().get_bits::<13>(4).any();
        self.unmade.d.next = self.unmade.q.val() + 8;
        self.count.d.next = 8.into();
        if !self.long.val() {
            self.count.d.next = bit_cast_u::<4, 3>(self.left.val().get_bits::<3>(0));
        }
        // More than 16: this step and the next do not make all.
        self.more.d.next = self.more.q.val()
            & (self.left.val().get_bits::<12>(5).any()
                | (self.left.val().get_bit(4) & self.left.val().get_bits::<4>(0).any()));
        if self.takes.val() {
            self.first.d.next = true;
            self.unmade.d.next = self.to_make.val();
            self.count.d.next = self.tag.val().get_bits::<4>(0);
            self.more.d.next = self.tag.val().get_bit(6);
            self.tiny.d.next = self.tag.val().get_bit(7);
            self.what.d.next = self.tag.val().get_bits::<2>(4);
            self.word.d.next = self.data.val();
        }
        self.acts.d.next = self.takes.val() | (self.acts.q.val() & self.more.q.val());

        // State bits: 3..0 bytes to write, 4 literals, 5 match, 6 end of block, 7 end of frame, 8 half.
        self.state1.d.next = bit_cast_b::<9>(self.half.q.val()) << 8;
        if self.acts.q.val() {
            self.state1.d.next = bit_cast_u::<9, 4>(self.count.q.val())
                | (bit_cast_b::<9>(self.what.q.val() == 0) << 4)
                | (bit_cast_b::<9>(self.what.q.val() == 1) << 5)
                | (bit_cast_b::<9>(self.what.q.val() == 2) << 6)
                | (bit_cast_b::<9>(self.what.q.val() == 3) << 7)
                | (bit_cast_b::<9>(self.half.q.val()) << 8);
        }
        self.data1.d.next = self.word.q.val();
        self.place1.d.next = self.place.q.val();
        self.back1.d.next = self.word.q.val().get_bits::<16>(0);
        self.repeat1.d.next = 0.into();
        if self.tiny.q.val() & (self.what.q.val() == 1) {
            if self.first.q.val() {
                self.repeat1.d.next = self.word.q.val().get_bits::<3>(0);
            } else {
                match self.word.q.val().get_bits::<3>(0).index() {
                    3 => self.back1.d.next = 9.into(),
                    5 => self.back1.d.next = 10.into(),
                    6 => self.back1.d.next = 12.into(),
                    7 => self.back1.d.next = 14.into(),
                    _ => self.back1.d.next = 8.into(),
                }
            }
        }

        // Step 1: the source.
        self.state2.d.next = self.state1.q.val();
        self.data2.d.next = self.data1.q.val();
        self.place2.d.next = self.place1.q.val();
        self.repeat2.d.next = self.repeat1.q.val();
        self.source2.d.next = self.place1.q.val() - self.back1.q.val();
        self.near2.d.next = false;
        self.far2.d.next = 0.into();
        if self.state1.q.val().get_bit(5) {
            if !self.back1.q.val().get_bits::<9>(7).any() {
                self.near2.d.next = true;
            } else if self.state1.q.val().get_bit(8) {
                self.far2.d.next = 2.into();
            } else {
                self.far2.d.next = 1.into();
            }
        } else {
            self.source2.d.next = 0.into();
        }

        // Step 2: the history.
        self.copy_0.next = self.far2.q.val().get_bit(0);
        self.copy_1.next = self.far2.q.val().get_bit(1);
        self.copy_address.next = self.source2.q.val();
        self.state3.d.next = self.state2.q.val();
        self.data3.d.next = self.data2.q.val();
        self.place3.d.next = self.place2.q.val();
        self.source3.d.next = self.source2.q.val().get_bits::<7>(0);
        self.repeat3.d.next = self.repeat2.q.val();
        self.near3.d.next = self.near2.q.val();

        // Step 3: which source lane each lane takes.
        self.state4.d.next = self.state3.q.val();
        self.data4.d.next = self.data3.q.val();
        self.place4.d.next = self.place3.q.val();
        self.source4.d.next = self.source3.q.val();
        self.near4.d.next = self.near3.q.val();
        self.turning.place.next = self.place3.q.val().get_bits::<3>(0);
        self.turning.source.next = self.source3.q.val().get_bits::<3>(0);
        self.turning.period.next = self.repeat3.q.val();
        self.turning.count.next = self.state3.q.val().get_bits::<4>(0);
        self.turns4.d.next = self.turning.turns.val();
        self.enable4.d.next = self.turning.enable.val();

        // Step 4: the lanes of literals or of the history's read, and the rows of the near window.
        self.turns5.d.next = self.turns4.q.val();
        self.near5.d.next = self.near4.q.val();
        self.enable5.d.next = self.enable4.q.val();
        self.source_rows.place.next = self.source4.q.val();
        self.place_rows.place.next = self.place4.q.val().get_bits::<7>(0);
        self.put_row.next = self.place4.q.val().get_bits::<12>(4);
        self.bytes.next = 0.into();
        for i in 0..8 {
            self.odd_first.next = self.source_rows.odd.val().get_bit(i);
            self.bank.next =
                bit_cast_b::<2>(self.odd_first.val()) | (bit_cast_b::<2>(self.state4.q.val().get_bit(8)) << 1);
            match self.bank.val().index() {
                0 => self.octet.next = self.even_0.val().get_bits::<8>(8 * i),
                1 => self.octet.next = self.odd_0.val().get_bits::<8>(8 * i),
                2 => self.octet.next = self.even_1.val().get_bits::<8>(8 * i),
                _ => self.octet.next = self.odd_1.val().get_bits::<8>(8 * i),
            }
            if self.state4.q.val().get_bit(4) {
                self.octet.next = self.data4.q.val().get_bits::<8>(8 * i);
            }
            self.bytes.next = (self.bytes.val() >> 8) | (bit_cast_u::<64, 8>(self.octet.val()) << 56);
        }
        self.not_odd.next = !self.place_rows.odd.val();
        self.even_on.next = self.enable4.q.val() & self.not_odd.val();
        self.odd_on.next = self.enable4.q.val() & self.place_rows.odd.val();
        self.data5.d.next = self.bytes.val();
        self.reads5.d.next = self.source_rows.rows.val();
        self.writes5.d.next = self.place_rows.rows.val();
        self.even5.d.next = self.put_row.val() + bit_cast_u::<12, 1>(self.place4.q.val().get_bits::<1>(3));
        self.odd5.d.next = self.put_row.val();
        self.banks5.d.next = bit_cast_u::<32, 8>(self.even_on.val()) | (bit_cast_u::<32, 8>(self.odd_on.val()) << 8);
        if self.state4.q.val().get_bit(8) {
            self.banks5.d.next =
                (bit_cast_u::<32, 8>(self.even_on.val()) << 16) | (bit_cast_u::<32, 8>(self.odd_on.val()) << 24);
        }
        self.ends5.d.next = self.state4.q.val().get_bits::<2>(6).any();
        self.end5.d.next = bit_cast_u::<29, 21>(self.data4.q.val().get_bits::<21>(0));
        if self.state4.q.val().get_bit(7) {
            self.end5.d.next = (bit_cast_u::<29, 8>(self.data4.q.val().get_bits::<8>(0)) << 21)
                | (bit_cast_b::<29>(self.state4.q.val().get_bit(7)) << 20);
        }

        // Step 5: the near window.
        self.near.clock.next = self.clock.val();
        self.near.reads.next = self.reads5.q.val();
        self.near.writes.next = self.writes5.q.val();
        self.near.enable.next = self.enable5.q.val();
        self.near.chosen.next = self.near5.q.val();
        self.near.data.next = self.data5.q.val();
        self.near.turns.next = self.turns5.q.val();
        self.data6.d.next = self.near.made.val();
        self.banks6.d.next = self.banks5.q.val();
        self.even6.d.next = self.even5.q.val();
        self.odd6.d.next = self.odd5.q.val();
        self.ends6.d.next = self.ends5.q.val();
        self.end6.d.next = self.end5.q.val();

        // Step 6: the history's write; a block's last bytes are a cycle ahead of its end.
        self.write_data.next = self.data6.q.val();
        self.write_enable.next = self.banks6.q.val();
        self.write_even.next = self.even6.q.val();
        self.write_odd.next = self.odd6.q.val();
        self.closes.next = self.ends6.q.val();
        self.closing.next = self.end6.q.val();
        if self.reset.val() {
            self.held.d.next = 0.into();
            self.half.d.next = false;
            self.acts.d.next = false;
            self.place.d.next = 0.into();
            self.state1.d.next = 0.into();
            self.state2.d.next = 0.into();
            self.state3.d.next = 0.into();
            self.state4.d.next = 0.into();
            // Registers on the way: with a reset, tools make no shift registers of them, a LUT a bit.
            self.data2.d.next = 0.into();
            self.data3.d.next = 0.into();
            self.data4.d.next = 0.into();
            self.place2.d.next = 0.into();
            self.place3.d.next = 0.into();
            self.place4.d.next = 0.into();
            self.near3.d.next = false;
            self.near4.d.next = false;
            self.enable4.d.next = 0.into();
            self.enable5.d.next = 0.into();
            self.banks5.d.next = 0.into();
            self.ends5.d.next = false;
            self.ends6.d.next = false;
        }
    }
}
