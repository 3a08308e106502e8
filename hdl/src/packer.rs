//! Packs what the integrator hands out at a frame's end into a result as `debye_spec::wire` defines it: header, record,
//! list of invalid groups, trailer with the record's CRC-32. A failed frame has a header and a trailer.
//!
//! One word a cycle, the list one group a cycle (two make a word); no cycle is lost between frames. Latency 2 cycles
//! from a word taken to the word on `m_axis`, 2 more at the first word of a header. The header is taken out of `s_end_*`
//! while it is held: `s_end_tready` comes with the header's last word.

use crate::base::pins::HdlPins;
use crate::base::word::{U, bit_cast_u};
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

    // 0 to 7: words of the header, 8: record, 9: trailer, 12: list.
    at: DFF<U<4>>,
    seen: DFF<Bit>,
    cycles: DFF<U<40>>,
    record_words: DFF<U<17>>,
    payload_words: DFF<U<17>>,
    // Of the frame whose header is sent.
    odd: DFF<Bit>,
    left: DFF<U<11>>,
    paired: DFF<Bit>,
    // The word before the last register; the CRC goes over it there.
    one_valid: DFF<Bit>,
    one_low: DFF<U<32>>,
    one_high: DFF<U<32>>,
    one_record: DFF<Bit>,
    one_half: DFF<Bit>,
    one_trailer: DFF<Bit>,
    out_valid: DFF<Bit>,
    out_data: DFF<U<64>>,
    out_last: DFF<Bit>,
    state: DFF<U<32>>,
    crc: CrcStep,

    goes_out: Signal<Local, Bit>,
    goes_one: Signal<Local, Bit>,
    has: Signal<Local, Bit>,
    word: Signal<Local, U<64>>,
    takes_end: Signal<Local, Bit>,
    moves: Signal<Local, Bit>,
    completes: Signal<Local, Bit>,
    word_low: Signal<Local, U<64>>,
    word_high: Signal<Local, U<64>>,
    group_high: Signal<Local, U<32>>,
    one: Signal<Local, U<64>>,
    behind_header: Signal<Local, U<4>>,
    behind_record: Signal<Local, U<4>>,
    bin_pairs: Signal<Local, U<17>>,
    group_pairs: Signal<Local, U<17>>,
    not_state: Signal<Local, U<32>>,
    is_record: Signal<Local, Bit>,
    is_list: Signal<Local, Bit>,
    is_trailer: Signal<Local, Bit>,
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
        dff_setup!(self, clock, at, seen, cycles, record_words, payload_words, odd, left, paired);
        dff_setup!(self, clock, one_valid, one_low, one_high, one_record, one_half, one_trailer);
        dff_setup!(self, clock, out_valid, out_data, out_last, state);
        self.m_axis_tvalid.next = self.out_valid.q.val();
        self.m_axis_tdata.next = self.out_data.q.val();
        self.m_axis_tlast.next = self.out_last.q.val();
        self.goes_out.next = !self.out_valid.q.val() | self.m_axis_tready.val();
        self.goes_one.next = !self.one_valid.q.val() | self.goes_out.val();
        self.is_record.next = self.at.q.val() == 8;
        self.is_trailer.next = self.at.q.val() == 9;
        self.is_list.next = self.at.q.val() == 12;

        // What the header says beside the fields: they stand still, so these are there before their words are sent.
        if self.s_end_tvalid.val() & !self.seen.q.val() {
            self.seen.d.next = true;
            self.cycles.d.next = self.now.val() - self.s_end_start.val();
        }
        self.bin_pairs.next = bit_cast_u::<17, 14>(self.s_end_bins.val().get_bits::<14>(1))
            + bit_cast_u::<17, 1>(self.s_end_bins.val().get_bits::<1>(0));
        self.record_words.d.next = (bit_cast_u::<17, 15>(self.s_end_bins.val()) << 1) + self.bin_pairs.val();
        self.group_pairs.next = bit_cast_u::<17, 10>(self.s_end_listed.val().get_bits::<10>(1))
            + bit_cast_u::<17, 1>(self.s_end_listed.val().get_bits::<1>(0));
        self.payload_words.d.next = self.record_words.q.val() + self.group_pairs.val();
        if self.s_end_status.val() != 0 {
            self.payload_words.d.next = 0.into();
        }

        // The next word.
        self.completes.next = self.paired.q.val() | (self.left.q.val() == 1);
        match self.at.q.val().get_bits::<2>(0).index() {
            0 => {
                // Kind 1, version 1, "DBYR".
                self.word_low.next = (bit_cast_u::<64, 8>(self.s_end_status.val()) << 48) | 0x0101_5259_4244u64;
                self.word_high.next = bit_cast_u::<64, 54>(self.s_end_sum.val());
            }
            1 => {
                self.word_low.next = self.s_end_handle.val();
                self.word_high.next =
                    bit_cast_u::<64, 28>(self.s_end_max.val()) | (bit_cast_u::<64, 26>(self.s_end_over.val()) << 32);
            }
            2 => {
                self.word_low.next = bit_cast_u::<64, 32>(self.s_end_sequence.val())
                    | (bit_cast_u::<64, 17>(self.payload_words.q.val()) << 35);
                self.word_high.next =
                    bit_cast_u::<64, 11>(self.s_end_listed.val()) | (bit_cast_u::<64, 15>(self.s_end_bins.val()) << 32);
            }
            _ => {
                self.word_low.next = bit_cast_u::<64, 26>(self.s_end_valid.val())
                    | (bit_cast_u::<64, 26>(self.s_end_invalid.val()) << 32);
                self.word_high.next = bit_cast_u::<64, 40>(self.cycles.q.val());
            }
        }
        // Of a pair in the list, the first half waits in the first register.
        self.group_high.next = 0.into();
        if self.paired.q.val() {
            self.group_high.next = self.s_inv_tdata.val();
        }
        match self.at.q.val().get_bits::<2>(2).index() {
            0 => self.word.next = self.word_low.val(),
            1 => self.word.next = self.word_high.val(),
            2 => self.word.next = self.s_rec_tdata.val(),
            _ => {
                self.word.next =
                    bit_cast_u::<64, 32>(self.s_inv_tdata.val()) | (bit_cast_u::<64, 32>(self.group_high.val()) << 32);
            }
        }
        self.has.next = self.seen.q.val();
        if self.is_trailer.val() {
            self.has.next = true;
        }
        if self.is_record.val() {
            self.has.next = self.s_rec_tvalid.val();
        }
        if self.is_list.val() {
            self.has.next = self.s_inv_tvalid.val();
        }
        self.moves.next = self.goes_one.val() & self.has.val();
        self.takes_end.next = (self.at.q.val() == 7) & self.goes_one.val();
        self.s_end_tready.next = self.takes_end.val();
        self.s_rec_tready.next = self.is_record.val() & self.goes_one.val();
        self.s_inv_tready.next = self.is_list.val() & self.goes_one.val();

        // Where the one behind it comes from.
        self.behind_record.next = 9.into();
        if self.left.q.val().any() {
            self.behind_record.next = 12.into();
        }
        self.behind_header.next = 8.into();
        if (self.s_end_status.val() != 0) | (self.s_end_bins.val() == 0) {
            self.behind_header.next = 9.into();
        }
        if (self.s_end_status.val() == 0) & (self.s_end_bins.val() == 0) & self.s_end_listed.val().any() {
            self.behind_header.next = 12.into();
        }
        if self.moves.val() {
            if self.is_record.val() {
                if self.s_rec_tlast.val() {
                    self.at.d.next = self.behind_record.val();
                }
            } else if self.is_list.val() {
                self.left.d.next = self.left.q.val() - 1;
                self.paired.d.next = !self.completes.val();
                if self.left.q.val() == 1 {
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

        // Two registers; the CRC goes over a record's word as it moves from the first to the second, so that it is
        // complete when the trailer follows.
        if self.goes_one.val() {
            self.one_valid.d.next = self.has.val() & (self.completes.val() | !self.is_list.val());
            if !self.paired.q.val() {
                self.one_low.d.next = bit_cast_u::<32, 64>(self.word.val());
            }
            self.one_high.d.next = self.word.val().get_bits::<32>(32);
            self.one_record.d.next = self.is_record.val();
            self.one_half.d.next = self.s_rec_tlast.val() & self.odd.q.val();
            self.one_trailer.d.next = self.is_trailer.val();
        }
        self.crc.state.next = self.state.q.val();
        self.one.next =
            bit_cast_u::<64, 32>(self.one_low.q.val()) | (bit_cast_u::<64, 32>(self.one_high.q.val()) << 32);
        self.crc.data.next = self.one.val();
        self.crc.half.next = self.one_half.q.val();
        self.not_state.next = !self.state.q.val();
        if self.goes_out.val() {
            self.out_valid.d.next = self.one_valid.q.val();
            self.out_data.d.next = self.one.val();
            self.out_last.d.next = self.one_trailer.q.val();
            if self.one_valid.q.val() & self.one_record.q.val() {
                self.state.d.next = self.crc.stepped.val();
            }
            if self.one_trailer.q.val() {
                // "DBYE" above the CRC.
                self.out_data.d.next = bit_cast_u::<64, 32>(self.not_state.val()) | 0x4559_4244_0000_0000u64;
                self.state.d.next = 0xffff_ffffu64.into();
            }
        }

        if self.reset.val() {
            self.at.d.next = 0.into();
            self.seen.d.next = false;
            self.paired.d.next = false;
            self.one_valid.d.next = false;
            self.one_record.d.next = false;
            self.one_trailer.d.next = false;
            self.out_valid.d.next = false;
            self.state.d.next = 0xffff_ffffu64.into();
        }
    }
}
