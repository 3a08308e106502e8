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
/// elements takes as many reads as a full one. From a read to its pixels: 41 cycles. An end waits until the one before
/// it was taken.
#[derive(LogicBlock)]
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
    queue: Queue<64, 1, 4>,
    // The block that is being read.
    active: DFF<Bit>,
    raw: DFF<Bit>,
    is_end: DFF<Bit>,
    esize: DFF<U<2>>,
    status: DFF<U<8>>,
    stride: DFF<U<14>>,
    address: DFF<U<16>>,
    next_group: DFF<U<14>>,
    row: DFF<U<5>>,
    last_row: DFF<U<5>>,
    last_group: DFF<Bit>,
    last_eighth: DFF<U<3>>,
    // What the network is doing.
    quiet: DFF<U<6>>,
    muted: DFF<Bit>,
    end_underway: DFF<Bit>,
    end_status: DFF<U<8>>,
    stuck: DFF<Bit>,
    // Tags beside the reads: bits 6..0 for the network, bit 7 a step, bits 9..8 the element size.
    tag1: DFF<U<10>>,
    tag2: DFF<U<10>>,
    tag3: DFF<U<10>>,
    stepped: DFF<Bit>,
    number: Signal<Local, U<5>>,
    width: Signal<Local, U<2>>,
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
    eighth: Signal<Local, U<3>>,
    result_kept: Signal<Local, Bit>,
    result_end: Signal<Local, Bit>,
}

impl Default for Unshuffle {
    fn default() -> Self {
        Unshuffle {
            clock: Default::default(),
            reset: Default::default(),
            s_pl_tvalid: Default::default(),
            s_pl_tready: Default::default(),
            s_pl_kind: Default::default(),
            s_pl_size: Default::default(),
            s_pl_esize: Default::default(),
            s_pl_status: Default::default(),
            rd_enable: Default::default(),
            rd_address: Default::default(),
            rd_data: Default::default(),
            rd_release: Default::default(),
            m_px_tvalid: Default::default(),
            m_px_tready: Default::default(),
            m_px_tdata: Default::default(),
            m_px_tend: Default::default(),
            m_px_tstatus: Default::default(),
            blocked: Default::default(),
            network: Default::default(),
            // An entry comes four cycles after its read.
            queue: Queue::new(8),
            active: Default::default(),
            raw: Default::default(),
            is_end: Default::default(),
            esize: Default::default(),
            status: Default::default(),
            stride: Default::default(),
            address: Default::default(),
            next_group: Default::default(),
            row: Default::default(),
            last_row: Default::default(),
            last_group: Default::default(),
            last_eighth: Default::default(),
            quiet: Default::default(),
            muted: Default::default(),
            end_underway: Default::default(),
            end_status: Default::default(),
            stuck: Default::default(),
            tag1: Default::default(),
            tag2: Default::default(),
            tag3: Default::default(),
            stepped: Default::default(),
            number: Default::default(),
            width: Default::default(),
            empty: Default::default(),
            go: Default::default(),
            step: Default::default(),
            keep: Default::default(),
            row_ends: Default::default(),
            group_ends: Default::default(),
            done: Default::default(),
            accept: Default::default(),
            planes: Default::default(),
            tail_words: Default::default(),
            eighth: Default::default(),
            result_kept: Default::default(),
            result_end: Default::default(),
        }
    }
}

impl Logic for Unshuffle {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, active, raw, is_end, esize, stride, address, next_group, row, last_row, last_group);
        dff_setup!(self, clock, status, last_eighth, quiet, muted, end_underway, end_status, stuck);
        dff_setup!(self, clock, tag1, tag2, tag3, stepped);
        self.network.clock.next = self.clock.val();
        self.queue.clock.next = self.clock.val();
        self.network.reset.next = self.reset.val();
        self.queue.reset.next = self.reset.val();

        // A read, or the end's word, or a gap that pushes what is in the network on.
        self.empty.next = self.quiet.q.val().get_bit(5) & self.quiet.q.val().get_bit(4);
        self.go.next = self.active.q.val() & self.queue.room.val() & !(self.is_end.q.val() & self.end_underway.q.val());
        self.step.next = self.go.val() | (self.queue.room.val() & !self.empty.val());
        self.row_ends.next = self.row.q.val() == self.last_row.q.val();
        self.done.next = self.go.val()
            & (self.is_end.q.val() | (self.row_ends.val() & (self.last_group.q.val() | self.raw.q.val())));
        // Of a group's words, each eighth holds 8 elements.
        match self.esize.q.val().index() {
            0 => self.eighth.next = self.row.q.val().get_bits::<3>(0),
            1 => self.eighth.next = self.row.q.val().get_bits::<3>(1),
            _ => self.eighth.next = self.row.q.val().get_bits::<3>(2),
        }
        self.keep.next =
            self.go.val() & !self.is_end.q.val() & (self.raw.q.val() | (self.eighth.val() <= self.last_eighth.q.val()));
        self.rd_enable.next = self.go.val() & !self.is_end.q.val();
        self.rd_address.next = self.address.q.val();
        self.rd_release.next = self.done.val() & !self.is_end.q.val();
        // Between blocks `row` is 0, as the network wants it of gaps; raw words it passes on as they are.
        self.number.next = self.row.q.val();
        self.width.next = self.esize.q.val();
        if self.raw.q.val() {
            self.number.next = 0.into();
            self.width.next = 3.into();
        }
        self.tag1.d.next = bit_cast_u::<10, 5>(self.number.val())
            | (bit_cast_b::<10>(self.keep.val()) << 5)
            | (bit_cast_b::<10>(self.go.val() & self.is_end.q.val()) << 6)
            | (bit_cast_b::<10>(self.step.val()) << 7)
            | (bit_cast_u::<10, 2>(self.width.val()) << 8);
        self.tag2.d.next = self.tag1.q.val();
        self.tag3.d.next = self.tag2.q.val();

        if self.go.val() {
            self.quiet.d.next = 0.into();
        } else if self.step.val() {
            self.quiet.d.next = self.quiet.q.val() + 1;
        }
        if self.empty.val() {
            self.muted.d.next = false;
        }

        // The next row, group. What is known a cycle late does not count in a group's first row.
        self.group_ends.next = self.next_group.q.val() >= self.stride.q.val();
        self.last_eighth.d.next = 7.into();
        if self.group_ends.val() {
            self.last_eighth.d.next = self.stride.q.val().get_bits::<3>(0) - 1;
        }
        self.last_group.d.next = self.group_ends.val();
        if self.go.val() & !self.is_end.q.val() {
            self.row.d.next = self.row.q.val() + 1;
            self.address.d.next = self.address.q.val() + bit_cast_u::<16, 14>(self.stride.q.val());
            if self.row_ends.val() {
                self.row.d.next = 0.into();
                self.address.d.next = bit_cast_u::<16, 14>(self.next_group.q.val());
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
        self.network.esize.next = self.tag3.q.val().get_bits::<2>(8);
        self.network.word.next = self.rd_data.val();
        self.network.tag.next = self.tag3.q.val().get_bits::<7>(0);
        self.stepped.d.next = self.tag3.q.val().get_bit(7);
        self.result_kept.next = self.stepped.q.val() & self.network.result_tag.val().get_bit(5) & !self.muted.q.val();
        self.result_end.next = self.stepped.q.val() & self.network.result_tag.val().get_bit(6) & !self.muted.q.val();
        self.queue.push.next = self.result_kept.val() | self.result_end.val();
        self.queue.push_data.next = self.network.result.val();
        self.queue.push_side.next = bit_cast_b::<1>(self.result_end.val());
        if self.queue.valid.val() & self.m_px_tready.val() & self.queue.side.val().any() {
            self.end_underway.d.next = false;
        }
        if self.go.val() & self.is_end.q.val() {
            self.end_underway.d.next = true;
            self.end_status.d.next = self.status.q.val();
        }

        self.queue.ready.next = self.m_px_tready.val();
        self.m_px_tvalid.next = self.queue.valid.val();
        self.m_px_tdata.next = self.queue.data.val();
        self.m_px_tend.next = self.queue.side.val().any();
        self.m_px_tstatus.next = 0.into();
        if self.queue.side.val().any() {
            self.m_px_tstatus.next = self.end_status.q.val();
        }
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
