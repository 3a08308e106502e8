//! The berths of all lanes, and the OR of what they say: each says 0 while another is looked at.

use super::berth::Berth;
use super::each::Each;
use super::plan::Plan;
use crate::base::word::{U, W};
use rust_hdl::prelude::*;

/// All berths. Ports as [`Berth`]; those for the table are one a group, those to the lanes one a lane.
#[derive(LogicBlock, Default)]
pub struct Berths<const LANES: usize, const GROUPS: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: empties them.
    pub reset: Signal<In, Bit>,

    /// A beat of a chunk.
    pub write_enable: Signal<In, Bit>,
    /// See `write_enable`.
    pub write_lane: Signal<In, U<6>>,
    /// See `write_enable`.
    pub write_last: Signal<In, Bit>,
    /// See `write_enable`.
    pub write_tag: Signal<In, U<4>>,
    /// See `write_enable`.
    pub write_data: Signal<In, W<512, 8>>,

    /// The lane that the dispatcher looks at.
    pub scan: Signal<In, U<6>>,
    /// See `scan`.
    pub deal: Signal<In, Bit>,
    /// See `scan`.
    pub scan_freed: Signal<Out, U<10>>,
    /// See `scan`.
    pub scan_filling: Signal<Out, Bit>,
    /// See `scan`.
    pub scan_empty: Signal<Out, Bit>,
    /// See `scan`.
    pub scan_single: Signal<Out, Bit>,
    /// Some lane has no frame.
    pub any_idle: Signal<Out, Bit>,
    /// Some lane has a frame, or owes a result, or there is one of it here.
    pub busy: Signal<Out, Bit>,

    /// A group's read of the table.
    pub start: Each<Signal<In, Bit>, GROUPS>,
    /// See `start`.
    pub op_enable: Each<Signal<In, Bit>, GROUPS>,
    /// See `start`.
    pub op_data: Each<Signal<In, W<128, 2>>, GROUPS>,
    /// Some lane of the group wants a read.
    pub any_wants: Each<Signal<Out, Bit>, GROUPS>,
    /// Every lane of the group does.
    pub all_want: Each<Signal<Out, Bit>, GROUPS>,
    /// Some lane that takes part has little room.
    pub op_full: Each<Signal<Out, Bit>, GROUPS>,

    /// The lane that the collector looks at.
    pub chosen: Signal<In, U<6>>,
    /// See `chosen`.
    pub take: Signal<In, Bit>,
    /// See `chosen`.
    pub res_starts: Signal<Out, Bit>,
    /// See `chosen`.
    pub res_tvalid: Signal<Out, Bit>,
    /// See `chosen`.
    pub res_tdata: Signal<Out, U<64>>,
    /// See `chosen`.
    pub res_tlast: Signal<Out, Bit>,

    /// Clears the stall counters.
    pub clear_counters: Signal<In, Bit>,
    /// The lane whose stall counter is read.
    pub count_lane: Signal<In, U<6>>,
    /// See `count_lane`.
    pub count_index: Signal<In, U<3>>,
    /// See `count_lane`.
    pub count: Signal<Out, U<32>>,

    /// Each lane's `s_axis`.
    pub lane_tvalid: Each<Signal<Out, Bit>, LANES>,
    /// Each lane's `s_axis`.
    pub lane_tready: Each<Signal<In, Bit>, LANES>,
    /// Each lane's `s_axis`.
    pub lane_tdata: Each<Signal<Out, U<64>>, LANES>,
    /// Each lane's `s_op`.
    pub lane_op_tvalid: Each<Signal<Out, Bit>, LANES>,
    /// Each lane's `s_op`.
    pub lane_op_tready: Each<Signal<In, Bit>, LANES>,
    /// Each lane's `s_op`.
    pub lane_op_tdata: Each<Signal<Out, W<128, 2>>, LANES>,
    /// Each lane's `m_axis`.
    pub lane_res_tvalid: Each<Signal<In, Bit>, LANES>,
    /// Each lane's `m_axis`.
    pub lane_res_tready: Each<Signal<Out, Bit>, LANES>,
    /// Each lane's `m_axis`.
    pub lane_res_tdata: Each<Signal<In, U<64>>, LANES>,
    /// Each lane's `m_axis`.
    pub lane_res_tlast: Each<Signal<In, Bit>, LANES>,
    /// Each lane's `stall`.
    pub lane_stall: Each<Signal<In, U<8>>, LANES>,

    plan: Plan<LANES, GROUPS>,
    berths: Each<Berth, LANES>,
    freed_to: Each<Signal<Local, U<10>>, LANES>,
    tdata_to: Each<Signal<Local, U<64>>, LANES>,
    count_to: Each<Signal<Local, U<32>>, LANES>,
}

impl<const LANES: usize, const GROUPS: usize> Logic for Berths<LANES, GROUPS> {
    #[hdl_gen]
    fn update(&mut self) {
        self.scan_filling.next = false;
        self.scan_empty.next = false;
        self.scan_single.next = false;
        self.any_idle.next = false;
        self.busy.next = false;
        self.res_starts.next = false;
        self.res_tvalid.next = false;
        self.res_tlast.next = false;
        for g in 0..GROUPS {
            self.any_wants[g].next = false;
            self.all_want[g].next = true;
            self.op_full[g].next = false;
        }
        for i in 0..LANES {
            self.berths[i].clock.next = self.clock.val();
            self.berths[i].reset.next = self.reset.val();
            self.berths[i].index.next = self.plan.number[i].val();
            self.berths[i].write_enable.next = self.write_enable.val();
            self.berths[i].write_lane.next = self.write_lane.val();
            self.berths[i].write_last.next = self.write_last.val();
            self.berths[i].write_tag.next = self.write_tag.val();
            self.berths[i].write_data.next = self.write_data.val();
            self.lane_tvalid[i].next = self.berths[i].m_axis_tvalid.val();
            self.berths[i].m_axis_tready.next = self.lane_tready[i].val();
            self.lane_tdata[i].next = self.berths[i].m_axis_tdata.val();

            self.berths[i].stall.next = self.lane_stall[i].val();
            self.berths[i].clear_counters.next = self.clear_counters.val();
            self.berths[i].count_lane.next = self.count_lane.val();
            self.berths[i].count_index.next = self.count_index.val();

            self.berths[i].scan.next = self.scan.val();
            self.berths[i].deal.next = self.deal.val();
            if self.berths[i].scan_filling.val() {
                self.scan_filling.next = true;
            }
            if self.berths[i].scan_empty.val() {
                self.scan_empty.next = true;
            }
            if self.berths[i].scan_single.val() {
                self.scan_single.next = true;
            }
            if self.berths[i].idle.val() {
                self.any_idle.next = true;
            }
            if self.berths[i].busy.val() {
                self.busy.next = true;
            }

            self.berths[i].s_res_tvalid.next = self.lane_res_tvalid[i].val();
            self.lane_res_tready[i].next = self.berths[i].s_res_tready.val();
            self.berths[i].s_res_tdata.next = self.lane_res_tdata[i].val();
            self.berths[i].s_res_tlast.next = self.lane_res_tlast[i].val();
            self.berths[i].chosen.next = self.chosen.val();
            self.berths[i].take.next = self.take.val();
            if self.berths[i].res_starts.val() {
                self.res_starts.next = true;
            }
            if self.berths[i].res_tvalid.val() {
                self.res_tvalid.next = true;
            }
            if self.berths[i].res_tlast.val() {
                self.res_tlast.next = true;
            }

            self.lane_op_tvalid[i].next = self.berths[i].m_op_tvalid.val();
            self.berths[i].m_op_tready.next = self.lane_op_tready[i].val();
            self.lane_op_tdata[i].next = self.berths[i].m_op_tdata.val();
            self.berths[i].start.next = false;
            self.berths[i].op_enable.next = false;
            self.berths[i].op_data.next = 0.into();
            for g in 0..GROUPS {
                if self.plan.group_of[i].val().index() == g {
                    self.berths[i].start.next = self.start[g].val();
                    self.berths[i].op_enable.next = self.op_enable[g].val();
                    self.berths[i].op_data.next = self.op_data[g].val();
                    if self.berths[i].wants.val() {
                        self.any_wants[g].next = true;
                    }
                    if !self.berths[i].wants.val() {
                        self.all_want[g].next = false;
                    }
                    if self.berths[i].op_full.val() {
                        self.op_full[g].next = true;
                    }
                }
            }
        }
        // Words are ORed along a chain.
        self.freed_to[0].next = self.berths[0].scan_freed.val();
        self.scan_freed.next = self.freed_to[0].val();
        self.tdata_to[0].next = self.berths[0].res_tdata.val();
        self.res_tdata.next = self.tdata_to[0].val();
        self.count_to[0].next = self.berths[0].count.val();
        self.count.next = self.count_to[0].val();
        for i in 1..LANES {
            self.freed_to[i].next = self.freed_to[i - 1].val() | self.berths[i].scan_freed.val();
            self.scan_freed.next = self.freed_to[i].val();
            self.tdata_to[i].next = self.tdata_to[i - 1].val() | self.berths[i].res_tdata.val();
            self.res_tdata.next = self.tdata_to[i].val();
            self.count_to[i].next = self.count_to[i - 1].val() | self.berths[i].count.val();
            self.count.next = self.count_to[i].val();
        }
    }
}
