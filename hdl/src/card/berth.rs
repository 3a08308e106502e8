//! A lane's place in the card: its FIFOs, and what the card's engines must know of it.
//!
//! The engines look at one lane at a time. What a berth says to them is 0 while another lane is looked at, so that the
//! card can OR all berths together.

use super::input::LaneInput;
use super::ops::OpFifo;
use super::results::ResultFifo;
use crate::base::word::{U, W};
use crate::counters::Counters;
use rust_hdl::prelude::*;

/// The FIFOs and the accounts of one lane.
#[derive(LogicBlock, Default)]
pub struct Berth {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: empties it.
    pub reset: Signal<In, Bit>,
    /// The lane's number (constant).
    pub index: Signal<In, U<6>>,

    /// A beat for the lane `write_lane` is on the bus.
    pub write_enable: Signal<In, Bit>,
    /// Whose.
    pub write_lane: Signal<In, U<6>>,
    /// It is the last one of the frame.
    pub write_last: Signal<In, Bit>,
    /// See [`LaneInput`].
    pub write_tag: Signal<In, U<4>>,
    /// The beat.
    pub write_data: Signal<In, W<512, 8>>,
    /// Words for the lane.
    pub m_axis_tvalid: Signal<Out, Bit>,
    /// See `m_axis_tvalid`.
    pub m_axis_tready: Signal<In, Bit>,
    /// See `m_axis_tvalid`.
    pub m_axis_tdata: Signal<Out, U<64>>,

    /// The lane that the dispatcher looks at.
    pub scan: Signal<In, U<6>>,
    /// That lane is dealt a request.
    pub deal: Signal<In, Bit>,
    /// Looked at: beats that left the input FIFO.
    pub scan_freed: Signal<Out, U<10>>,
    /// Looked at: beats of a frame are still to come.
    pub scan_filling: Signal<Out, Bit>,
    /// Looked at: no frame in the lane.
    pub scan_empty: Signal<Out, Bit>,
    /// Looked at: one frame in the lane.
    pub scan_single: Signal<Out, Bit>,
    /// The lane has no frame.
    pub idle: Signal<Out, Bit>,
    /// The lane has a frame, or owes a result, or there is one of it here.
    pub busy: Signal<Out, Bit>,

    /// The group starts a read of the table.
    pub start: Signal<In, Bit>,
    /// A frame waits for such a read.
    pub wants: Signal<Out, Bit>,
    /// An operation of the group's read.
    pub op_enable: Signal<In, Bit>,
    /// The operation.
    pub op_data: Signal<In, W<128, 2>>,
    /// The lane takes part in the read, and has little room.
    pub op_full: Signal<Out, Bit>,
    /// Operations for the lane.
    pub m_op_tvalid: Signal<Out, Bit>,
    /// See `m_op_tvalid`.
    pub m_op_tready: Signal<In, Bit>,
    /// See `m_op_tvalid`.
    pub m_op_tdata: Signal<Out, W<128, 2>>,

    /// The lane's results.
    pub s_res_tvalid: Signal<In, Bit>,
    /// See `s_res_tvalid`.
    pub s_res_tready: Signal<Out, Bit>,
    /// See `s_res_tvalid`.
    pub s_res_tdata: Signal<In, U<64>>,
    /// See `s_res_tvalid`.
    pub s_res_tlast: Signal<In, Bit>,
    /// The lane that the collector looks at; answers a cycle later.
    pub chosen: Signal<In, U<6>>,
    /// The collector takes a word if there is one.
    pub take: Signal<In, Bit>,
    /// Chosen: it is time to collect a result (see [`ResultFifo`]).
    pub res_starts: Signal<Out, Bit>,
    /// Chosen: there is a word.
    pub res_tvalid: Signal<Out, Bit>,
    /// Chosen: the word.
    pub res_tdata: Signal<Out, U<64>>,
    /// Chosen: the result's last.
    pub res_tlast: Signal<Out, Bit>,

    /// The lane's `stall`; bit 7 pulses at each frame's end, before the result's last word.
    pub stall: Signal<In, U<8>>,
    /// Clears the stall counters.
    pub clear_counters: Signal<In, Bit>,
    /// The lane whose stall counter is read.
    pub count_lane: Signal<In, U<6>>,
    /// Which of them.
    pub count_index: Signal<In, U<3>>,
    /// Read: the count, 9 cycles later.
    pub count: Signal<Out, U<32>>,

    words: LaneInput,
    ops: OpFifo,
    results: ResultFifo,
    counters: Counters,
    frames: DFF<U<2>>,
    owed: DFF<U<3>>,
    filling: DFF<Bit>,
    waiting: DFF<U<2>>,
    member: DFF<Bit>,
    mine: DFF<Bit>,
    scanned: Signal<Local, Bit>,
    dealt: Signal<Local, Bit>,
    done: Signal<Local, Bit>,
    ended: Signal<Local, Bit>,
    joins: Signal<Local, Bit>,
    written: Signal<Local, Bit>,
}

impl Logic for Berth {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, frames, owed, filling, waiting, member, mine);
        self.words.clock.next = self.clock.val();
        self.words.reset.next = self.reset.val();
        self.ops.clock.next = self.clock.val();
        self.ops.reset.next = self.reset.val();
        self.results.clock.next = self.clock.val();
        self.results.reset.next = self.reset.val();

        // Stall counters.
        self.counters.clock.next = self.clock.val();
        self.counters.reset.next = self.reset.val();
        self.counters.clear.next = self.clear_counters.val();
        self.counters.splitter_starved.next = self.stall.val().get_bit(0);
        self.counters.lz4_starved.next = self.stall.val().get_bit(1);
        self.counters.lz4_blocked.next = self.stall.val().get_bit(2);
        self.counters.unshuffle_blocked.next = self.stall.val().get_bit(3);
        self.counters.op_starved.next = self.stall.val().get_bit(4);
        self.counters.px_starved.next = self.stall.val().get_bit(5);
        self.counters.integrator_blocked.next = self.stall.val().get_bit(6);
        self.counters.frame_done.next = self.stall.val().get_bit(7);
        self.counters.read_index.next = self.count_index.val();
        self.count.next = 0.into();
        if self.count_lane.val() == self.index.val() {
            self.count.next = self.counters.read_count.val();
        }

        // Input.
        self.written.next = self.write_enable.val() & (self.write_lane.val() == self.index.val());
        self.words.write_enable.next = self.written.val();
        self.words.write_tag.next = self.write_tag.val();
        self.words.write_data.next = self.write_data.val();
        self.m_axis_tvalid.next = self.words.m_axis_tvalid.val();
        self.words.m_axis_tready.next = self.m_axis_tready.val();
        self.m_axis_tdata.next = self.words.m_axis_tdata.val();

        // Results.
        self.results.s_axis_tvalid.next = self.s_res_tvalid.val();
        self.s_res_tready.next = self.results.s_axis_tready.val();
        self.results.s_axis_tdata.next = self.s_res_tdata.val();
        self.results.s_axis_tlast.next = self.s_res_tlast.val();
        self.mine.d.next = self.chosen.val() == self.index.val();
        self.results.m_axis_tready.next = self.mine.q.val() & self.take.val();
        self.res_starts.next = false;
        self.res_tvalid.next = false;
        self.res_tdata.next = 0.into();
        self.res_tlast.next = false;
        if self.mine.q.val() {
            self.res_starts.next = self.results.starts.val();
            self.res_tvalid.next = self.results.m_axis_tvalid.val();
            self.res_tdata.next = self.results.m_axis_tdata.val();
            self.res_tlast.next = self.results.m_axis_tlast.val();
        }
        self.done.next = self.s_res_tvalid.val() & self.results.s_axis_tready.val() & self.s_res_tlast.val();

        // Frames in the lane: from the deal to the end of the frame. Its result is owed until its last word is out of
        // the lane, which may be after the next but one is dealt.
        self.scanned.next = self.scan.val() == self.index.val();
        self.dealt.next = self.deal.val() & self.scanned.val();
        self.ended.next = self.stall.val().get_bit(7);
        if self.dealt.val() & !self.ended.val() {
            self.frames.d.next = self.frames.q.val() + 1;
        }
        if self.ended.val() & !self.dealt.val() {
            self.frames.d.next = self.frames.q.val() - 1;
        }
        if self.dealt.val() & !self.done.val() {
            self.owed.d.next = self.owed.q.val() + 1;
        }
        if self.done.val() & !self.dealt.val() {
            self.owed.d.next = self.owed.q.val() - 1;
        }
        if self.written.val() & self.write_last.val() {
            self.filling.d.next = false;
        }
        if self.dealt.val() {
            self.filling.d.next = true;
        }
        self.idle.next = (self.frames.q.val() == 0) & !self.filling.q.val();
        self.busy.next = (self.owed.q.val() != 0) | self.filling.q.val() | !self.results.empty.val();
        self.scan_freed.next = 0.into();
        self.scan_filling.next = false;
        self.scan_empty.next = false;
        self.scan_single.next = false;
        if self.scanned.val() {
            self.scan_freed.next = self.words.freed.val();
            self.scan_filling.next = self.filling.q.val();
            self.scan_empty.next = self.frames.q.val() == 0;
            self.scan_single.next = self.frames.q.val() == 1;
        }

        // Operations.
        self.joins.next = self.start.val() & (self.waiting.q.val() != 0);
        if self.start.val() {
            self.member.d.next = self.joins.val();
        }
        if self.dealt.val() & !self.joins.val() {
            self.waiting.d.next = self.waiting.q.val() + 1;
        }
        if self.joins.val() & !self.dealt.val() {
            self.waiting.d.next = self.waiting.q.val() - 1;
        }
        self.wants.next = self.waiting.q.val() != 0;
        self.ops.write_enable.next = self.op_enable.val() & self.member.q.val();
        self.ops.write_data.next = self.op_data.val();
        self.op_full.next = self.ops.near_full.val() & self.member.q.val();
        self.m_op_tvalid.next = self.ops.m_op_tvalid.val();
        self.ops.m_op_tready.next = self.m_op_tready.val();
        self.m_op_tdata.next = self.ops.m_op_tdata.val();

        if self.reset.val() {
            self.frames.d.next = 0.into();
            self.owed.d.next = 0.into();
            self.filling.d.next = false;
            self.waiting.d.next = 0.into();
            self.member.d.next = false;
            self.mine.d.next = false;
        }
    }
}
