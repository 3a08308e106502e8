//! LZ4 blocks of a frame in, their bytes in one of two halves of a history out.
//!
//! [`Parse`] cuts a block's bytes into records, [`Check`] finds the first fault, a queue takes up what the copier is
//! slower or faster by, [`Copy`] makes the bytes, [`History`] holds them for matches and for the unshuffler.
//!
//! A sequence of L literals and a match of M bytes takes ceil(L / 8) + ceil(M / 8) cycles at any offset, a block one
//! more. A block's end comes 12 cycles behind its last byte when nothing waits.

pub mod check;
pub mod copy;
pub mod history;
mod near;
pub mod parse;
mod rows;
mod turns;
mod window;

use crate::base::pins::HdlPins;
use crate::base::queue::Queue;
use crate::base::word::U;
use check::Check;
use copy::Copy;
use history::History;
use parse::Parse;
use rust_hdl::prelude::*;

/// The LZ4 stage of a lane, for blocks of up to 2^BLOCK bytes (10 to 16).
///
/// Statuses are those of `debye_spec::lz4`. From a frame's first fault on, nothing of the frame comes out but its end.
#[derive(LogicBlock)]
pub struct Lz4<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reset, synchronous, high.
    pub reset: Signal<In, Bit>,
    /// Beat there.
    pub s_blk_tvalid: Signal<In, Bit>,
    /// Beat taken.
    pub s_blk_tready: Signal<Out, Bit>,
    /// Bytes, the first in bits 7..0.
    pub s_blk_tdata: Signal<In, U<64>>,
    /// Valid bytes, low first: 8 in all but the last beat of a block.
    pub s_blk_tbytes: Signal<In, U<4>>,
    /// Last beat of the block.
    pub s_blk_tlast: Signal<In, Bit>,
    /// Constant over a block: 0 = LZ4, 1 = raw tail, 2 = end of frame (one beat without bytes).
    pub s_blk_kind: Signal<In, U<2>>,
    /// Constant over a block: bytes that it makes, at most 2^BLOCK.
    pub s_blk_size: Signal<In, U<17>>,
    /// Constant over a block: log2 of the pixel's bytes.
    pub s_blk_esize: Signal<In, U<2>>,
    /// At the end of the frame: status of its framing.
    pub s_blk_status: Signal<In, U<8>>,
    /// A block is there to be read, or the frame ends.
    pub m_pl_tvalid: Signal<Out, Bit>,
    /// Taken.
    pub m_pl_tready: Signal<In, Bit>,
    /// As `s_blk_kind`.
    pub m_pl_kind: Signal<Out, U<2>>,
    /// Bytes of the block.
    pub m_pl_size: Signal<Out, U<17>>,
    /// As `s_blk_esize`.
    pub m_pl_esize: Signal<Out, U<2>>,
    /// At the end of the frame: its status.
    pub m_pl_status: Signal<Out, U<8>>,
    /// Reads the half that is to be released next.
    pub rd_enable: Signal<In, Bit>,
    /// First of eight bytes to read, at any alignment.
    pub rd_address: Signal<In, U<16>>,
    /// The bytes, three cycles later; one read a cycle.
    pub rd_data: Signal<Out, U<64>>,
    /// The half is read out (one cycle; reads of earlier cycles still come): the next read is of the other half.
    pub rd_release: Signal<In, Bit>,
    /// Wants input, none is there.
    pub starved: Signal<Out, Bit>,
    /// No half is free.
    pub blocked: Signal<Out, Bit>,
    parse: Parse,
    check: Check,
    commands: Queue<64, 8, 5>,
    copy: Copy,
    ends: Queue<19, 10, 4>,
    history: History<BLOCK>,
    half: DFF<Bit>,
}

impl<const BLOCK: usize> Default for Lz4<BLOCK> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            s_blk_tvalid: Default::default(),
            s_blk_tready: Default::default(),
            s_blk_tdata: Default::default(),
            s_blk_tbytes: Default::default(),
            s_blk_tlast: Default::default(),
            s_blk_kind: Default::default(),
            s_blk_size: Default::default(),
            s_blk_esize: Default::default(),
            s_blk_status: Default::default(),
            m_pl_tvalid: Default::default(),
            m_pl_tready: Default::default(),
            m_pl_kind: Default::default(),
            m_pl_size: Default::default(),
            m_pl_esize: Default::default(),
            m_pl_status: Default::default(),
            rd_enable: Default::default(),
            rd_address: Default::default(),
            rd_data: Default::default(),
            rd_release: Default::default(),
            starved: Default::default(),
            blocked: Default::default(),
            parse: Default::default(),
            check: Default::default(),
            // Between a step of the parser and its entry lie five registers.
            commands: Queue::new(23),
            copy: Default::default(),
            // An end can be in each of the copier's seven steps.
            ends: Queue::new(5),
            history: Default::default(),
            half: Default::default(),
        }
    }
}

impl<const BLOCK: usize> Lz4<BLOCK> {
    /// The design behind [`Pins`](crate::base::pins::Pins).
    pub fn pins() -> HdlPins<Self> {
        crate::pins!(Box::<Self>::default();
            in reset, s_blk_tvalid, s_blk_tdata, s_blk_tbytes, s_blk_tlast, s_blk_kind, s_blk_size, s_blk_esize,
                s_blk_status, m_pl_tready, rd_enable, rd_address, rd_release;
            out s_blk_tready, m_pl_tvalid, m_pl_kind, m_pl_size, m_pl_esize, m_pl_status, rd_data, starved, blocked)
    }
}

impl<const BLOCK: usize> Logic for Lz4<BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, half);
        self.parse.clock.next = self.clock.val();
        self.parse.reset.next = self.reset.val();
        self.parse.s_blk_tvalid.next = self.s_blk_tvalid.val();
        self.parse.s_blk_tdata.next = self.s_blk_tdata.val();
        self.parse.s_blk_tbytes.next = self.s_blk_tbytes.val();
        self.parse.s_blk_tlast.next = self.s_blk_tlast.val();
        self.parse.s_blk_kind.next = self.s_blk_kind.val();
        self.parse.s_blk_size.next = self.s_blk_size.val();
        self.parse.s_blk_esize.next = self.s_blk_esize.val();
        self.parse.s_blk_status.next = self.s_blk_status.val();
        self.parse.full.next = !self.commands.room.val();
        self.s_blk_tready.next = self.parse.s_blk_tready.val();
        self.starved.next = self.parse.s_blk_tready.val() & !self.s_blk_tvalid.val();

        self.check.clock.next = self.clock.val();
        self.check.reset.next = self.reset.val();
        self.check.starts.next = self.parse.starts.val();
        self.check.literals.next = self.parse.literals.val();
        self.check.measured.next = self.parse.measured.val();
        self.check.located.next = self.parse.located.val();
        self.check.copied.next = self.parse.copied.val();
        self.check.ends.next = self.parse.ends.val();
        self.check.frame.next = self.parse.frame.val();
        self.check.fault.next = self.parse.fault.val();
        self.check.length.next = self.parse.length.val();
        self.check.distance.next = self.parse.distance.val();
        self.check.count.next = self.parse.count.val();
        self.check.data.next = self.parse.data.val();
        self.check.info.next = self.parse.info.val();

        self.commands.clock.next = self.clock.val();
        self.commands.reset.next = self.reset.val();
        self.commands.push.next = self.check.push.val();
        self.commands.push_data.next = self.check.push_data.val();
        self.commands.push_side.next = self.check.push_tag.val();
        self.commands.ready.next = self.copy.pop.val();

        self.copy.clock.next = self.clock.val();
        self.copy.reset.next = self.reset.val();
        self.copy.valid.next = self.commands.valid.val();
        self.copy.data.next = self.commands.data.val();
        self.copy.tag.next = self.commands.side.val();
        self.copy.free.next = self.rd_release.val();
        self.copy.ends_full.next = !self.ends.room.val();
        self.copy.even_0.next = self.history.even_0.val();
        self.copy.odd_0.next = self.history.odd_0.val();
        self.copy.even_1.next = self.history.even_1.val();
        self.copy.odd_1.next = self.history.odd_1.val();
        self.blocked.next = self.copy.blocked.val();

        self.ends.clock.next = self.clock.val();
        self.ends.reset.next = self.reset.val();
        self.ends.push.next = self.copy.closes.val();
        self.ends.push_data.next = self.copy.closing.val().get_bits::<19>(0);
        self.ends.push_side.next = self.copy.closing.val().get_bits::<10>(19);
        self.ends.ready.next = self.m_pl_tready.val();
        self.m_pl_tvalid.next = self.ends.valid.val();
        self.m_pl_size.next = self.ends.data.val().get_bits::<17>(0);
        self.m_pl_esize.next = self.ends.data.val().get_bits::<2>(17);
        self.m_pl_kind.next = self.ends.side.val().get_bits::<2>(0);
        self.m_pl_status.next = self.ends.side.val().get_bits::<8>(2);

        self.history.clock.next = self.clock.val();
        self.history.write_enable.next = self.copy.write_enable.val();
        self.history.write_even.next = self.copy.write_even.val();
        self.history.write_odd.next = self.copy.write_odd.val();
        self.history.write_data.next = self.copy.write_data.val();
        self.history.copy_0.next = self.copy.copy_0.val();
        self.history.copy_1.next = self.copy.copy_1.val();
        self.history.copy_address.next = self.copy.copy_address.val();
        self.history.rd_enable.next = self.rd_enable.val();
        self.history.rd_half.next = self.half.q.val();
        self.history.rd_address.next = self.rd_address.val();
        self.rd_data.next = self.history.rd_data.val();
        if self.rd_release.val() {
            self.half.d.next = !self.half.q.val();
        }
        if self.reset.val() {
            self.half.d.next = false;
        }
    }
}
