//! Packs what the integrator hands out at a frame's end into a result as `debye_spec::wire` defines it: header, record,
//! list of invalid groups, trailer with the record's CRC-32. A failed frame has a header and a trailer.
//!
//! Half a word a cycle: a result is short against the frame that it is made of, and a CRC of 32 bits a cycle, one
//! narrow multiplexer for all that a result consists of, take half of what a word a cycle takes. A cycle more before a
//! trailer, no other lost between frames. Latency 2 cycles from a half taken to the word on `m_axis`, 2 more at the
//! first word of a header. The header is taken out of `s_end_*` while it is held: `s_end_tready` comes with the header's
//! last word, a record's word is taken with its second half.

use crate::base::pins::HdlPins;
use crate::base::word::{U, bit_cast_b, bit_cast_u};
use crate::crc::CrcStep;
use rust_hdl::prelude::*;

/// The result packer.
#[derive(LogicBlock, Default)]
pub struct Packer {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// The free-running count that `s_end_start` was taken from.
    pub now: Signal<In, U<40>>,
    /// A frame has ended.
    pub s_end_tvalid: Signal<In, Bit>,
    /// Its header is sent.
    pub s_end_tready: Signal<Out, Bit>,
    /// Comes back to the host.
    pub s_end_handle: Signal<In, U<64>>,
    /// Comes back to the host.
    pub s_end_sequence: Signal<In, U<32>>,
    /// Bins of the record.
    pub s_end_bins: Signal<In, U<15>>,
    /// `now` at the request's first word.
    pub s_end_start: Signal<In, U<40>>,
    /// Status code; other than 0: no record, no list.
    pub s_end_status: Signal<In, U<8>>,
    /// Valid pixels.
    pub s_end_valid: Signal<In, U<26>>,
    /// Invalid pixels.
    pub s_end_invalid: Signal<In, U<26>>,
    /// Sum of the valid pixels.
    pub s_end_sum: Signal<In, U<54>>,
    /// Largest valid pixel.
    pub s_end_max: Signal<In, U<28>>,
    /// Valid pixels above the threshold.
    pub s_end_over: Signal<In, U<26>>,
    /// Groups of invalid pixels that are listed.
    pub s_end_listed: Signal<In, U<11>>,
    /// A word of the record.
    pub s_rec_tvalid: Signal<In, Bit>,
    /// Taken.
    pub s_rec_tready: Signal<Out, Bit>,
    /// The word, first byte in bits 7..0; zeros behind the record's last byte.
    pub s_rec_tdata: Signal<In, U<64>>,
    /// The record's last word.
    pub s_rec_tlast: Signal<In, Bit>,
    /// A group of the list.
    pub s_inv_tvalid: Signal<In, Bit>,
    /// Taken.
    pub s_inv_tready: Signal<Out, Bit>,
    /// The group.
    pub s_inv_tdata: Signal<In, U<32>>,
    /// A word of the result.
    pub m_axis_tvalid: Signal<Out, Bit>,
    /// Taken.
    pub m_axis_tready: Signal<In, Bit>,
    /// The word, first byte in bits 7..0.
    pub m_axis_tdata: Signal<Out, U<64>>,
    /// The result's last word: its trailer.
    pub m_axis_tlast: Signal<Out, Bit>,

    // 0 to 7: words of the header, 8: record, 9: trailer, 10: list; and which half of it.
    at: DFF<U<4>>,
    high: DFF<Bit>,
    seen: DFF<Bit>,
    cycles: DFF<U<40>>,
    record_words: DFF<U<18>>,
    payload_words: DFF<U<18>>,
    // Of the frame whose header is sent.
    odd: DFF<Bit>,
    left: DFF<U<11>>,
    // The half before the last register; the CRC goes over it there.
    one_valid: DFF<Bit>,
    one: DFF<U<32>>,
    one_high: DFF<Bit>,
    one_summed: DFF<Bit>,
    one_trailer: DFF<Bit>,
    out_valid: DFF<Bit>,
    out_low: DFF<U<32>>,
    out_high: DFF<U<32>>,
    out_last: DFF<Bit>,
    state: DFF<U<32>>,
    crc: CrcStep,

    goes: Signal<Local, Bit>,
    has: Signal<Local, Bit>,
    moves: Signal<Local, Bit>,
    ends_word: Signal<Local, Bit>,
    takes_end: Signal<Local, Bit>,
    fails: Signal<Local, Bit>,
    which: Signal<Local, U<2>>,
    quarter0: Signal<Local, U<32>>,
    quarter1: Signal<Local, U<32>>,
    quarter2: Signal<Local, U<32>>,
    quarter3: Signal<Local, U<32>>,
    behind: Signal<Local, U<32>>,
    half: Signal<Local, U<32>>,
    group: Signal<Local, U<32>>,
    behind_header: Signal<Local, U<4>>,
    behind_record: Signal<Local, U<4>>,
    one_bin: Signal<Local, U<18>>,
    four_bins: Signal<Local, U<18>>,
    groups: Signal<Local, U<18>>,
    sum: Signal<Local, U<18>>,
    not_state: Signal<Local, U<32>>,
    is_record: Signal<Local, Bit>,
    is_list: Signal<Local, Bit>,
    is_trailer: Signal<Local, Bit>,
    is_padding: Signal<Local, Bit>,
}

impl Packer {
    /// A packer for a bench.
    pub fn pins() -> HdlPins<Packer> {
        crate::pins!(Box::<Packer>::default();
            in reset, now, s_end_tvalid, s_end_handle, s_end_sequence, s_end_bins, s_end_start, s_end_status,
                s_end_valid, s_end_invalid, s_end_sum, s_end_max, s_end_over, s_end_listed, s_rec_tvalid, s_rec_tdata,
                s_rec_tlast, s_inv_tvalid, s_inv_tdata, m_axis_tready;
            out s_end_tready, s_rec_tready, s_inv_tready, m_axis_tvalid, m_axis_tdata, m_axis_tlast)
    }
}

impl Logic for Packer {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, at, high, seen, cycles, record_words, payload_words, odd, left);
        dff_setup!(self, clock, one_valid, one, one_high, one_summed, one_trailer);
        dff_setup!(self, clock, out_valid, out_low, out_high, out_last, state);
        self.m_axis_tvalid.next = self.out_valid.q.val();
        self.m_axis_tdata.next =
            bit_cast_u::<64, 32>(self.out_low.q.val()) | (bit_cast_u::<64, 32>(self.out_high.q.val()) << 32);
        self.m_axis_tlast.next = self.out_last.q.val();
        self.goes.next = !self.out_valid.q.val() | self.m_axis_tready.val();
        self.is_record.next = self.at.q.val() == 8;
        self.is_trailer.next = self.at.q.val() == 9;
        self.is_list.next = self.at.q.val() == 10;

        // What the header says beside the fields: they stand still, so these are there before their words are sent.
        if self.s_end_tvalid.val() & !self.seen.q.val() {
            self.seen.d.next = true;
            self.cycles.d.next = self.now.val() - self.s_end_start.val();
        }
        // A bin takes five halves; a bit below the words rounds both sums up.
        self.four_bins.next = (bit_cast_u::<18, 15>(self.s_end_bins.val()) << 2) | 1;
        self.one_bin.next = bit_cast_u::<18, 15>(self.s_end_bins.val());
        self.record_words.d.next = self.four_bins.val() + self.one_bin.val();
        self.groups.next = bit_cast_u::<18, 11>(self.s_end_listed.val());
        self.sum.next = (self.record_words.q.val() | 1) + self.groups.val();
        self.payload_words.d.next = self.sum.val();
        self.fails.next = self.s_end_status.val().any();
        if self.fails.val() {
            self.payload_words.d.next = 0.into();
        }

        // The next half. Kind 1, version 1, "DBYR" at the head of the header, "DBYE" behind the CRC.
        self.which.next = bit_cast_b::<2>(self.high.q.val()) | (bit_cast_b::<2>(self.at.q.val().get_bit(0)) << 1);
        self.group.next = self.s_inv_tdata.val();
        self.is_padding.next = self.is_list.val() & !self.left.q.val().any();
        if self.is_padding.val() {
            self.group.next = 0.into();
        }
        self.not_state.next = !self.state.q.val();
        match self.which.val().index() {
            0 => {
                self.quarter0.next = 0x5259_4244.into();
                self.quarter1.next = self.s_end_sequence.val();
                self.quarter2.next = bit_cast_u::<32, 54>(self.s_end_sum.val());
                self.quarter3.next = bit_cast_u::<32, 11>(self.s_end_listed.val());
                self.behind.next = bit_cast_u::<32, 64>(self.s_rec_tdata.val());
            }
            1 => {
                self.quarter0.next = (bit_cast_u::<32, 8>(self.s_end_status.val()) << 16) | 0x0101;
                self.quarter1.next = bit_cast_u::<32, 17>(self.payload_words.q.val().get_bits::<17>(1)) << 3;
                self.quarter2.next = bit_cast_u::<32, 22>(self.s_end_sum.val().get_bits::<22>(32));
                self.quarter3.next = bit_cast_u::<32, 15>(self.s_end_bins.val());
                self.behind.next = self.s_rec_tdata.val().get_bits::<32>(32);
            }
            2 => {
                self.quarter0.next = bit_cast_u::<32, 64>(self.s_end_handle.val());
                self.quarter1.next = bit_cast_u::<32, 26>(self.s_end_valid.val());
                self.quarter2.next = bit_cast_u::<32, 28>(self.s_end_max.val());
                self.quarter3.next = bit_cast_u::<32, 40>(self.cycles.q.val());
                self.behind.next = self.not_state.val();
            }
            _ => {
                self.quarter0.next = self.s_end_handle.val().get_bits::<32>(32);
                self.quarter1.next = bit_cast_u::<32, 26>(self.s_end_invalid.val());
                self.quarter2.next = bit_cast_u::<32, 26>(self.s_end_over.val());
                self.quarter3.next = bit_cast_u::<32, 8>(self.cycles.q.val().get_bits::<8>(32));
                self.behind.next = 0x4559_4244.into();
            }
        }
        if self.is_list.val() {
            self.behind.next = self.group.val();
        }
        match self.at.q.val().get_bits::<2>(1).index() {
            0 => self.half.next = self.quarter0.val(),
            1 => self.half.next = self.quarter1.val(),
            2 => self.half.next = self.quarter2.val(),
            _ => self.half.next = self.quarter3.val(),
        }
        if self.at.q.val().get_bit(3) {
            self.half.next = self.behind.val();
        }

        // Is it there? The CRC is once the record's last half has left the first register.
        self.has.next = self.seen.q.val();
        if self.is_record.val() {
            self.has.next = self.s_rec_tvalid.val();
        }
        if self.is_list.val() {
            self.has.next = self.s_inv_tvalid.val() | self.is_padding.val();
        }
        if self.is_trailer.val() {
            self.has.next = !self.one_summed.q.val();
        }
        self.moves.next = self.goes.val() & self.has.val();
        self.ends_word.next = self.moves.val() & self.high.q.val();
        self.takes_end.next = self.ends_word.val() & (self.at.q.val() == 7);
        self.s_end_tready.next = self.takes_end.val();
        self.s_rec_tready.next = self.is_record.val() & self.goes.val() & self.high.q.val();
        self.s_inv_tready.next = self.is_list.val() & self.goes.val() & !self.is_padding.val();

        // Where the one behind it comes from.
        self.behind_record.next = 9.into();
        if self.left.q.val().any() {
            self.behind_record.next = 10.into();
        }
        self.behind_header.next = 8.into();
        if self.fails.val() {
            self.behind_header.next = 9.into();
        } else if !self.s_end_bins.val().any() {
            self.behind_header.next = 9.into();
            if self.s_end_listed.val().any() {
                self.behind_header.next = 10.into();
            }
        }
        if self.moves.val() {
            self.high.d.next = !self.high.q.val();
        }
        if self.moves.val() & self.is_list.val() & self.left.q.val().any() {
            self.left.d.next = self.left.q.val() - 1;
        }
        if self.ends_word.val() {
            if self.is_record.val() {
                if self.s_rec_tlast.val() {
                    self.at.d.next = self.behind_record.val();
                }
            } else if self.is_list.val() {
                if !self.left.q.val().get_bits::<10>(1).any() {
                    self.at.d.next = 9.into();
                }
            } else if self.is_trailer.val() {
                self.at.d.next = 0.into();
            } else {
                self.at.d.next = self.at.q.val() + 1;
            }
        }
        if self.takes_end.val() {
            self.seen.d.next = false;
            self.odd.d.next = self.s_end_bins.val().get_bit(0);
            self.left.d.next = self.s_end_listed.val();
            self.at.d.next = self.behind_header.val();
        }

        // Two registers; the CRC goes over a half as it moves from the first to the second.
        self.crc.state.next = self.state.q.val();
        self.crc.data.next = self.one.q.val();
        if self.goes.val() {
            self.one_valid.d.next = self.has.val();
            self.one.d.next = self.half.val();
            self.one_high.d.next = self.high.q.val();
            self.one_summed.d.next = self.is_record.val()
                & self.has.val()
                & !(self.high.q.val() & self.s_rec_tlast.val() & self.odd.q.val());
            self.one_trailer.d.next = self.is_trailer.val();
            self.out_valid.d.next = self.one_valid.q.val() & self.one_high.q.val();
            self.out_last.d.next = self.one_trailer.q.val();
            if !self.one_high.q.val() {
                self.out_low.d.next = self.one.q.val();
            }
            self.out_high.d.next = self.one.q.val();
            if self.one_summed.q.val() {
                self.state.d.next = self.crc.stepped.val();
            }
        }
        if !self.at.q.val().get_bit(3) {
            self.state.d.next = 0xffff_ffffu64.into();
        }

        if self.reset.val() {
            self.at.d.next = 0.into();
            self.high.d.next = false;
            self.seen.d.next = false;
            self.one_valid.d.next = false;
            self.one_summed.d.next = false;
            self.out_valid.d.next = false;
        }
    }
}
