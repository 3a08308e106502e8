//! Unshuffle: reads decoded blocks out of the history as bit-planes and sends pixels ([`debye_spec::bitshuffle`]).

mod delay;
mod network;

use crate::base::pins::HdlPins;
use crate::base::queue::Queue;
use crate::base::word::{U, bit_cast_b, bit_cast_u};
use crate::pins;
use network::Network;
use rust_hdl::prelude::*;

/// Reads each block that is announced at `s_pl_*` and sends its pixels in order.
///
/// The read port: an address given in one cycle has its data three cycles later, one read a cycle. `rd_release` comes
/// in the cycle of a block's last read: a read in the next cycle already means the next block's half.
///
/// One word a cycle, over groups, blocks, ends of frames and changes of the element size; a last group of fewer than 64
/// elements takes as many reads as a full one. A raw tail waits until the network is empty (about 50 cycles). From a
/// read to its pixels: 41 cycles.
#[derive(LogicBlock, Default)]
pub struct Unshuffle {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset. After it the network empties itself before the first block is taken (about 50 cycles).
    pub reset: Signal<In, Bit>,
    /// A block, a tail or an end stands.
    pub s_pl_tvalid: Signal<In, Bit>,
    /// It is taken.
    pub s_pl_tready: Signal<Out, Bit>,
    /// 0: block, 1: raw tail, 2: end of the frame.
    pub s_pl_kind: Signal<In, U<2>>,
    /// Its bytes: a multiple of 8 elements for a block, 1 to 32 for a tail.
    pub s_pl_size: Signal<In, U<17>>,
    /// Log2 of an element's bytes.
    pub s_pl_esize: Signal<In, U<2>>,
    /// Kind 2: the frame's status.
    pub s_pl_status: Signal<In, U<8>>,
    /// Reads.
    pub rd_enable: Signal<Out, Bit>,
    /// Byte address within the half.
    pub rd_address: Signal<Out, U<16>>,
    /// What was read, three cycles later.
    pub rd_data: Signal<In, U<64>>,
    /// With the last read of a half.
    pub rd_release: Signal<Out, Bit>,
    /// A word stands.
    pub m_px_tvalid: Signal<Out, Bit>,
    /// It is taken.
    pub m_px_tready: Signal<In, Bit>,
    /// Pixels, little-endian; in a raw tail's last word what is behind the pixels means nothing.
    pub m_px_tdata: Signal<Out, U<64>>,
    /// End of the frame: no pixels.
    pub m_px_tend: Signal<Out, Bit>,
    /// With the end: the frame's status.
    pub m_px_tstatus: Signal<Out, U<8>>,
    /// A block waits because pixels are not taken.
    pub blocked: Signal<Out, Bit>,
    network: Network,
    queue: Queue<9>,
    // The block that is being read.
    active: DFF<Bit>,
    raw: DFF<Bit>,
    is_end: DFF<Bit>,
    esize: DFF<U<2>>,
    status: DFF<U<8>>,
    stride: DFF<U<14>>,
    address: DFF<U<16>>,
    next_group: DFF<U<16>>,
    row: DFF<U<5>>,
    last_row: DFF<U<5>>,
    last_group: DFF<Bit>,
    kept_rows: DFF<U<6>>,
    // What the network is doing.
    drains: DFF<Bit>,
    quiet: DFF<U<6>>,
    muted: DFF<Bit>,
    end_underway: DFF<Bit>,
    end_status: DFF<U<8>>,
    stuck: DFF<Bit>,
    // Tags beside the reads: bits 6..0 for the network, bit 7 a step, bit 8 a raw word, bits 10..9 the element size.
    tag1: DFF<U<11>>,
    tag2: DFF<U<11>>,
    tag3: DFF<U<11>>,
    stepped: DFF<Bit>,
    passed: DFF<Bit>,
    empty: Signal<Local, Bit>,
    go: Signal<Local, Bit>,
    step: Signal<Local, Bit>,
    keep: Signal<Local, Bit>,
    row_ends: Signal<Local, Bit>,
    group_ends: Signal<Local, Bit>,
    done: Signal<Local, Bit>,
    accept: Signal<Local, Bit>,
    planes: Signal<Local, U<14>>,
    tail_words: Signal<Local, U<17>>,
    in_group: Signal<Local, U<6>>,
    result_kept: Signal<Local, Bit>,
    result_end: Signal<Local, Bit>,
}

impl Logic for Unshuffle {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, active, raw, is_end, esize, stride, address, next_group, row, last_row, last_group);
        dff_setup!(self, clock, status, kept_rows, drains, quiet, muted, end_underway, end_status, stuck);
        dff_setup!(self, clock, tag1, tag2, tag3, stepped, passed);
        self.network.clock.next = self.clock.val();
        self.queue.clock.next = self.clock.val();
        self.queue.reset.next = self.reset.val();

        // A read, or the end's word, or a gap that pushes what is in the network on.
        self.empty.next = self.quiet.q.val().get_bit(5) & self.quiet.q.val().get_bit(4);
        self.go.next = self.active.q.val()
            & self.queue.room.val()
            & !self.drains.q.val()
            & !(self.is_end.q.val() & self.end_underway.q.val());
        self.step.next =
            (self.go.val() & !self.raw.q.val()) | (!self.go.val() & self.queue.room.val() & !self.empty.val());
        self.row_ends.next = self.row.q.val() == self.last_row.q.val();
        self.done.next = self.go.val()
            & (self.is_end.q.val() | (self.row_ends.val() & (self.last_group.q.val() | self.raw.q.val())));
        self.keep.next = self.go.val()
            & !self.is_end.q.val()
            & (!self.row.q.val().any() | (bit_cast_u::<6, 5>(self.row.q.val()) < self.kept_rows.q.val()));
        self.rd_enable.next = self.go.val() & !self.is_end.q.val();
        self.rd_address.next = self.address.q.val();
        self.rd_release.next = self.done.val() & !self.is_end.q.val();
        // Between blocks `row` is 0, as the network wants it of gaps.
        self.tag1.d.next = bit_cast_u::<11, 5>(self.row.q.val())
            | (bit_cast_b::<11>(self.keep.val()) << 5)
            | (bit_cast_b::<11>(self.go.val() & self.is_end.q.val()) << 6)
            | (bit_cast_b::<11>(self.step.val()) << 7)
            | (bit_cast_b::<11>(self.go.val() & self.raw.q.val()) << 8)
            | (bit_cast_u::<11, 2>(self.esize.q.val()) << 9);
        self.tag2.d.next = self.tag1.q.val();
        self.tag3.d.next = self.tag2.q.val();

        if self.go.val() & !self.raw.q.val() {
            self.quiet.d.next = 0.into();
        } else if self.step.val() {
            self.quiet.d.next = self.quiet.q.val() + 1;
        }
        if self.empty.val() {
            self.muted.d.next = false;
        }
        if self.empty.val() {
            self.drains.d.next = false;
        }

        // The next row, group. What is known a cycle late is used from a group's second row on.
        self.group_ends.next = self.next_group.q.val() >= bit_cast_u::<16, 14>(self.stride.q.val());
        self.in_group.next = bit_cast_u::<6, 3>(self.stride.q.val().get_bits::<3>(0));
        if !self.group_ends.val() | !self.stride.q.val().get_bits::<3>(0).any() {
            self.in_group.next = 8.into();
        }
        self.kept_rows.d.next = self.in_group.val() << self.esize.q.val();
        self.last_group.d.next = self.group_ends.val();
        if self.go.val() & !self.is_end.q.val() {
            self.row.d.next = self.row.q.val() + 1;
            self.address.d.next = self.address.q.val() + bit_cast_u::<16, 14>(self.stride.q.val());
            if self.row_ends.val() {
                self.row.d.next = 0.into();
                self.address.d.next = self.next_group.q.val();
                self.next_group.d.next = self.next_group.q.val() + 8;
            }
        }

        // The next block.
        self.accept.next = (!self.active.q.val() | self.done.val()) & !self.muted.q.val() & !self.reset.val();
        self.s_pl_tready.next = self.accept.val();
        self.planes.next = self.s_pl_size.val().get_bits::<14>(3);
        self.tail_words.next = self.s_pl_size.val() - 1;
        if self.accept.val() {
            self.active.d.next = false;
            self.row.d.next = 0.into();
        }
        if self.accept.val() & self.s_pl_tvalid.val() {
            self.active.d.next = true;
            self.raw.d.next = self.s_pl_kind.val() == 1;
            self.is_end.d.next = self.s_pl_kind.val() == 2;
            self.esize.d.next = self.s_pl_esize.val();
            self.status.d.next = self.s_pl_status.val();
            self.drains.d.next = self.s_pl_kind.val() == 1;
            self.address.d.next = 0.into();
            self.next_group.d.next = 8.into();
            self.last_row.d.next = 7.into();
            self.stride.d.next = self.planes.val();
            if self.s_pl_esize.val() == 1 {
                self.last_row.d.next = 15.into();
                self.stride.d.next = self.planes.val() >> 1;
            }
            if self.s_pl_esize.val() == 2 {
                self.last_row.d.next = 31.into();
                self.stride.d.next = self.planes.val() >> 2;
            }
            if self.s_pl_kind.val() == 1 {
                self.last_row.d.next = bit_cast_u::<5, 2>(self.tail_words.val().get_bits::<2>(3));
                self.stride.d.next = 8.into();
            }
        }

        // Three cycles after the read.
        self.network.enable.next = self.tag3.q.val().get_bit(7);
        self.network.pass.next = self.tag3.q.val().get_bit(8);
        self.network.esize.next = self.tag3.q.val().get_bits::<2>(9);
        self.network.word.next = self.rd_data.val();
        self.network.tag.next = self.tag3.q.val().get_bits::<7>(0);
        self.stepped.d.next = self.tag3.q.val().get_bit(7);
        self.passed.d.next = self.tag3.q.val().get_bit(8);
        self.result_kept.next = self.stepped.q.val() & self.network.result_tag.val().get_bit(5) & !self.muted.q.val();
        self.result_end.next = self.stepped.q.val() & self.network.result_tag.val().get_bit(6) & !self.muted.q.val();
        self.queue.push.next = self.result_kept.val() | self.result_end.val() | self.passed.q.val();
        self.queue.push_data.next = self.network.result.val();
        self.queue.push_side.next =
            bit_cast_b::<9>(self.result_end.val()) | (bit_cast_u::<9, 8>(self.end_status.q.val()) << 1);
        if self.result_end.val() {
            self.end_underway.d.next = false;
        }
        if self.go.val() & self.is_end.q.val() {
            self.end_underway.d.next = true;
            self.end_status.d.next = self.status.q.val();
        }

        self.queue.ready.next = self.m_px_tready.val();
        self.m_px_tvalid.next = self.queue.valid.val();
        self.m_px_tdata.next = self.queue.data.val();
        self.m_px_tend.next = self.queue.side.val().get_bit(0);
        self.m_px_tstatus.next = self.queue.side.val().get_bits::<8>(1);
        self.stuck.d.next = self.active.q.val() & !self.queue.room.val();
        self.blocked.next = self.stuck.q.val();

        if self.reset.val() {
            self.active.d.next = false;
            self.quiet.d.next = 0.into();
            self.muted.d.next = true;
            self.end_underway.d.next = false;
            self.tag1.d.next = 0.into();
            self.tag2.d.next = 0.into();
            self.tag3.d.next = 0.into();
            self.passed.d.next = false;
            self.stepped.d.next = false;
        }
    }
}

/// An unshuffle behind its pins.
pub fn pins() -> HdlPins<Unshuffle> {
    pins!(Box::<Unshuffle>::default();
        in reset, s_pl_tvalid, s_pl_kind, s_pl_size, s_pl_esize, s_pl_status, rd_data, m_px_tready;
        out s_pl_tready, rd_enable, rd_address, rd_release, m_px_tvalid, m_px_tdata, m_px_tend, m_px_tstatus, blocked)
}
