//! All of the card but its lanes.

use super::arrival::Arrival;
use super::berths::Berths;
use super::collect::Collector;
use super::dispatch::Dispatcher;
use super::each::Each;
use super::flush::Flush;
use super::memory::Memory;
use super::plan::{MAX_GROUPS, Plan};
use super::reader::Reader;
use crate::base::word::{U, W};
use crate::registers::Registers;
use debye_spec::registers::{Capabilities, MAX_LANES};
use rust_hdl::prelude::*;

/// log2 of the operations that a lane's FIFO holds.
const OP_FIFO_LOG2: u32 = 9;
/// Codes of the pixel types that lanes take, as bits.
pub(crate) const ELEMENTS: u32 = 0x67;

/// What a card says of itself.
pub fn capabilities(lanes: usize, groups: usize, block: usize, bins: usize) -> Capabilities {
    Capabilities {
        lanes: lanes as u32,
        groups: groups as u32,
        block_log2: block as u32,
        op_fifo_log2: OP_FIFO_LOG2,
        elements: ELEMENTS,
        max_bins: bins as u32,
    }
}

/// Registers, dispatcher, memories and collector around lanes that are attached to the ports `lane_*`.
///
/// A reset, be it of the port or of the register, empties everything. A soft reset lasts until everything has come that
/// was asked for (chunks and table), and a result that is on its way was closed; the card is busy meanwhile.
#[derive(LogicBlock, Default)]
pub struct Shell<const LANES: usize, const GROUPS: usize> {
    /// Clock of all ports.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,

    /// Registers (`debye_spec::registers`).
    pub s_axil_awaddr: Signal<In, U<16>>,
    /// See `s_axil_awaddr`.
    pub s_axil_awprot: Signal<In, U<3>>,
    /// See `s_axil_awaddr`.
    pub s_axil_awvalid: Signal<In, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_awready: Signal<Out, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_wdata: Signal<In, U<32>>,
    /// See `s_axil_awaddr`.
    pub s_axil_wstrb: Signal<In, U<4>>,
    /// See `s_axil_awaddr`.
    pub s_axil_wvalid: Signal<In, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_wready: Signal<Out, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_bresp: Signal<Out, U<2>>,
    /// See `s_axil_awaddr`.
    pub s_axil_bvalid: Signal<Out, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_bready: Signal<In, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_araddr: Signal<In, U<16>>,
    /// See `s_axil_awaddr`.
    pub s_axil_arprot: Signal<In, U<3>>,
    /// See `s_axil_awaddr`.
    pub s_axil_arvalid: Signal<In, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_arready: Signal<Out, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_rdata: Signal<Out, U<32>>,
    /// See `s_axil_awaddr`.
    pub s_axil_rresp: Signal<Out, U<2>>,
    /// See `s_axil_awaddr`.
    pub s_axil_rvalid: Signal<Out, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_rready: Signal<In, Bit>,

    /// Request headers (`debye_spec::wire`), one a beat.
    pub s_axis_req_tvalid: Signal<In, Bit>,
    /// See `s_axis_req_tvalid`.
    pub s_axis_req_tready: Signal<Out, Bit>,
    /// See `s_axis_req_tvalid`.
    pub s_axis_req_tdata: Signal<In, W<512, 8>>,

    /// Asks for bytes of a chunk: bits 63..0 address, 79..64 bytes (within a 4 KiB page), 87..80 lane.
    pub m_axis_fetch_tvalid: Signal<Out, Bit>,
    /// See `m_axis_fetch_tvalid`.
    pub m_axis_fetch_tready: Signal<In, Bit>,
    /// See `m_axis_fetch_tvalid`.
    pub m_axis_fetch_tdata: Signal<Out, W<128, 2>>,

    /// What was asked for, in the order of each lane's fetches: ceil(bytes / 64) beats each.
    pub s_axis_data_tvalid: Signal<In, Bit>,
    /// See `s_axis_data_tvalid`.
    pub s_axis_data_tready: Signal<Out, Bit>,
    /// See `s_axis_data_tvalid`.
    pub s_axis_data_tdata: Signal<In, W<512, 8>>,
    /// The lane.
    pub s_axis_data_tdest: Signal<In, U<8>>,

    /// Results (`debye_spec::wire`), one whole result after the other.
    pub m_axis_res_tvalid: Signal<Out, Bit>,
    /// See `m_axis_res_tvalid`.
    pub m_axis_res_tready: Signal<In, Bit>,
    /// See `m_axis_res_tvalid`.
    pub m_axis_res_tdata: Signal<Out, U<64>>,
    /// Last word of a result.
    pub m_axis_res_tlast: Signal<Out, Bit>,
    /// The lane.
    pub m_axis_res_tdest: Signal<Out, U<8>>,

    /// Reads of the table's operations; an id a group.
    pub m_axi_arid: Signal<Out, U<4>>,
    /// See `m_axi_arid`.
    pub m_axi_araddr: Signal<Out, U<64>>,
    /// See `m_axi_arid`.
    pub m_axi_arlen: Signal<Out, U<8>>,
    /// See `m_axi_arid`.
    pub m_axi_arsize: Signal<Out, U<3>>,
    /// See `m_axi_arid`.
    pub m_axi_arburst: Signal<Out, U<2>>,
    /// See `m_axi_arid`.
    pub m_axi_arvalid: Signal<Out, Bit>,
    /// See `m_axi_arid`.
    pub m_axi_arready: Signal<In, Bit>,
    /// See `m_axi_arid`.
    pub m_axi_rid: Signal<In, U<4>>,
    /// See `m_axi_arid`.
    pub m_axi_rdata: Signal<In, W<512, 8>>,
    /// See `m_axi_arid`.
    pub m_axi_rresp: Signal<In, U<2>>,
    /// See `m_axi_arid`.
    pub m_axi_rlast: Signal<In, Bit>,
    /// See `m_axi_arid`.
    pub m_axi_rvalid: Signal<In, Bit>,
    /// See `m_axi_arid`.
    pub m_axi_rready: Signal<Out, Bit>,

    /// Resets all lanes.
    pub lane_reset: Signal<Out, Bit>,
    /// Which table is loaded.
    pub table_id: Signal<Out, U<32>>,
    /// Its pixels.
    pub table_pixels: Signal<Out, U<26>>,
    /// Its bins.
    pub table_bins: Signal<Out, U<15>>,
    /// See [`crate::lane::Lane`].
    pub watchdog: Signal<Out, U<32>>,
    /// Free-running cycle counter.
    pub now: Signal<Out, U<40>>,
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
    flush: Flush,
    registers: Registers,
    dispatcher: Dispatcher,
    arrival: Arrival,
    collector: Collector,
    memory: Memory,
    berths: Berths<LANES, GROUPS>,
    readers: Each<Reader, GROUPS>,
    idle_now: DFF<Bit>,
    count_now: DFF<U<32>>,
    clear: Signal<Local, Bit>,
    reading: Signal<Local, Bit>,
}

impl<const LANES: usize, const GROUPS: usize> Shell<LANES, GROUPS> {
    /// A shell for lanes with blocks of up to 2^`block` bytes and `bins` bins; `build` is the register of that name.
    ///
    /// # Panics
    /// When there are not 1 to 48 lanes in 1 to 4 groups of equal size.
    pub fn new(block: usize, bins: usize, build: u32) -> Self {
        assert!((1..=MAX_LANES as usize).contains(&LANES), "a card has 1 to {MAX_LANES} lanes");
        assert!((1..=MAX_GROUPS).contains(&GROUPS), "a card has 1 to {MAX_GROUPS} groups");
        assert!(LANES.is_multiple_of(GROUPS), "groups have equal sizes");
        let capabilities = capabilities(LANES, GROUPS, block, bins);
        Self { registers: Registers::new(capabilities, build), ..Default::default() }
    }
}

impl<const LANES: usize, const GROUPS: usize> Logic for Shell<LANES, GROUPS> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, idle_now, count_now);
        clock!(self, clock, flush, registers, dispatcher, arrival, collector, memory, berths);
        self.registers.reset.next = self.reset.val();
        self.dispatcher.reset.next = self.reset.val();
        self.collector.reset.next = self.reset.val();
        self.memory.reset.next = self.reset.val();

        // Reset.
        self.flush.starts.next = self.reset.val() | self.registers.soft_reset.val();
        self.flush.quiet.next = self.dispatcher.quiet.val() & self.memory.quiet.val() & self.collector.quiet.val();
        self.clear.next = self.flush.clear.val();
        self.dispatcher.clear.next = self.clear.val();
        self.dispatcher.sweep.next = self.flush.sweep.val();
        self.arrival.reset.next = self.clear.val();
        self.arrival.sweep.next = self.flush.sweep.val();
        self.collector.clear.next = self.clear.val();
        self.memory.clear.next = self.clear.val();
        self.berths.reset.next = self.clear.val();
        self.lane_reset.next = self.clear.val();

        // Registers.
        self.registers.s_axil_awaddr.next = self.s_axil_awaddr.val();
        self.registers.s_axil_awprot.next = self.s_axil_awprot.val();
        self.registers.s_axil_awvalid.next = self.s_axil_awvalid.val();
        self.registers.s_axil_wdata.next = self.s_axil_wdata.val();
        self.registers.s_axil_wstrb.next = self.s_axil_wstrb.val();
        self.registers.s_axil_wvalid.next = self.s_axil_wvalid.val();
        self.registers.s_axil_bready.next = self.s_axil_bready.val();
        self.registers.s_axil_araddr.next = self.s_axil_araddr.val();
        self.registers.s_axil_arprot.next = self.s_axil_arprot.val();
        self.registers.s_axil_arvalid.next = self.s_axil_arvalid.val();
        self.registers.s_axil_rready.next = self.s_axil_rready.val();
        self.s_axil_awready.next = self.registers.s_axil_awready.val();
        self.s_axil_wready.next = self.registers.s_axil_wready.val();
        self.s_axil_bresp.next = self.registers.s_axil_bresp.val();
        self.s_axil_bvalid.next = self.registers.s_axil_bvalid.val();
        self.s_axil_arready.next = self.registers.s_axil_arready.val();
        self.s_axil_rdata.next = self.registers.s_axil_rdata.val();
        self.s_axil_rresp.next = self.registers.s_axil_rresp.val();
        self.s_axil_rvalid.next = self.registers.s_axil_rvalid.val();
        self.table_id.next = self.registers.table_id.val();
        self.table_pixels.next = self.registers.table_pixels.val();
        self.table_bins.next = self.registers.table_bins.val();
        self.watchdog.next = self.registers.watchdog.val();
        self.now.next = self.registers.now.val();
        self.registers.frame_accepted.next = self.dispatcher.deal.val();
        self.registers.frame_done.next = self.collector.done.val();
        self.registers.table_fault.next = self.memory.r_enable.val() & self.memory.r_bad.val();
        self.registers.stall_count.next = self.count_now.q.val();

        // Requests and chunks.
        self.dispatcher.enable.next = self.registers.enable.val();
        self.dispatcher.last_lane.next = self.plan.last_lane.val();
        self.dispatcher.s_axis_req_tvalid.next = self.s_axis_req_tvalid.val();
        self.s_axis_req_tready.next = self.dispatcher.s_axis_req_tready.val();
        self.dispatcher.s_axis_req_tdata.next = self.s_axis_req_tdata.val();
        self.m_axis_fetch_tvalid.next = self.dispatcher.m_axis_fetch_tvalid.val();
        self.dispatcher.m_axis_fetch_tready.next = self.m_axis_fetch_tready.val();
        self.m_axis_fetch_tdata.next = self.dispatcher.m_axis_fetch_tdata.val();
        self.dispatcher.any_idle.next = self.idle_now.q.val();
        self.dispatcher.arrived.next = self.arrival.arrived.val();
        self.arrival.header_tvalid.next = self.dispatcher.deal.val();
        self.arrival.header_lane.next = self.dispatcher.scan.val();
        self.arrival.header_tdata.next = self.dispatcher.header_tdata.val();
        self.arrival.header_beats.next = self.dispatcher.header_beats.val();
        self.arrival.header_words.next = self.dispatcher.header_words.val();
        self.arrival.s_axis_data_tvalid.next = self.s_axis_data_tvalid.val();
        self.s_axis_data_tready.next = self.arrival.s_axis_data_tready.val();
        self.arrival.s_axis_data_tdata.next = self.s_axis_data_tdata.val();
        self.arrival.s_axis_data_tdest.next = self.s_axis_data_tdest.val();
        self.berths.write_enable.next = self.arrival.write_enable.val();
        self.berths.write_lane.next = self.arrival.write_lane.val();
        self.berths.write_last.next = self.arrival.write_last.val();
        self.berths.write_tag.next = self.arrival.write_tag.val();
        self.berths.write_data.next = self.arrival.write_data.val();
        self.berths.scan.next = self.dispatcher.scan.val();
        self.berths.deal.next = self.dispatcher.deal.val();
        self.dispatcher.scan_freed.next = self.berths.scan_freed.val();
        self.dispatcher.scan_filling.next = self.berths.scan_filling.val();
        self.dispatcher.scan_empty.next = self.berths.scan_empty.val();
        self.dispatcher.scan_single.next = self.berths.scan_single.val();
        self.idle_now.d.next = self.berths.any_idle.val();

        // Results.
        self.collector.last_lane.next = self.plan.last_lane.val();
        self.berths.chosen.next = self.collector.chosen.val();
        self.berths.take.next = self.collector.take.val();
        self.collector.res_starts.next = self.berths.res_starts.val();
        self.collector.res_tvalid.next = self.berths.res_tvalid.val();
        self.collector.res_tdata.next = self.berths.res_tdata.val();
        self.collector.res_tlast.next = self.berths.res_tlast.val();
        self.m_axis_res_tvalid.next = self.collector.m_axis_res_tvalid.val();
        self.collector.m_axis_res_tready.next = self.m_axis_res_tready.val();
        self.m_axis_res_tdata.next = self.collector.m_axis_res_tdata.val();
        self.m_axis_res_tlast.next = self.collector.m_axis_res_tlast.val();
        self.m_axis_res_tdest.next = self.collector.m_axis_res_tdest.val();

        // Table.
        self.memory.last_group.next = self.plan.last_group.val();
        self.memory.m_axi_arready.next = self.m_axi_arready.val();
        self.memory.m_axi_rid.next = self.m_axi_rid.val();
        self.memory.m_axi_rdata.next = self.m_axi_rdata.val();
        self.memory.m_axi_rresp.next = self.m_axi_rresp.val();
        self.memory.m_axi_rlast.next = self.m_axi_rlast.val();
        self.memory.m_axi_rvalid.next = self.m_axi_rvalid.val();
        self.m_axi_arid.next = self.memory.m_axi_arid.val();
        self.m_axi_araddr.next = self.memory.m_axi_araddr.val();
        self.m_axi_arlen.next = self.memory.m_axi_arlen.val();
        self.m_axi_arsize.next = self.memory.m_axi_arsize.val();
        self.m_axi_arburst.next = self.memory.m_axi_arburst.val();
        self.m_axi_arvalid.next = self.memory.m_axi_arvalid.val();
        self.m_axi_rready.next = self.memory.m_axi_rready.val();
        self.memory.ask_valid.next = false;
        self.memory.ask_address.next = 0.into();
        self.memory.ask_beats.next = 0.into();
        self.reading.next = false;
        for g in 0..GROUPS {
            self.readers[g].clock.next = self.clock.val();
            self.readers[g].reset.next = self.clear.val();
            self.readers[g].table_address.next = self.registers.table_address.val();
            self.readers[g].table_ops.next = self.registers.table_ops.val();
            self.readers[g].batch_wait.next = self.plan.batch_wait.val();
            self.readers[g].ask_take.next = false;
            if self.memory.chosen.val().index() == g {
                self.memory.ask_valid.next = self.readers[g].ask_valid.val();
                self.memory.ask_address.next = self.readers[g].ask_address.val();
                self.memory.ask_beats.next = self.readers[g].ask_beats.val();
                self.readers[g].ask_take.next = self.memory.take.val();
            }
            self.readers[g].r_enable.next = self.memory.r_enable.val() & (self.memory.r_group.val().index() == g);
            self.readers[g].r_data.next = self.memory.r_data.val();
            self.readers[g].r_bad.next = self.memory.r_bad.val();
            if self.readers[g].busy.val() {
                self.reading.next = true;
            }
            self.berths.start[g].next = self.readers[g].start.val();
            self.berths.op_enable[g].next = self.readers[g].op_enable.val();
            self.berths.op_data[g].next = self.readers[g].op_data.val();
            self.readers[g].any.next = self.berths.any_wants[g].val();
            self.readers[g].all.next = self.berths.all_want[g].val();
            self.readers[g].op_full.next = self.berths.op_full[g].val();
        }

        // Lanes.
        for i in 0..LANES {
            self.lane_tvalid[i].next = self.berths.lane_tvalid[i].val();
            self.berths.lane_tready[i].next = self.lane_tready[i].val();
            self.lane_tdata[i].next = self.berths.lane_tdata[i].val();
            self.lane_op_tvalid[i].next = self.berths.lane_op_tvalid[i].val();
            self.berths.lane_op_tready[i].next = self.lane_op_tready[i].val();
            self.lane_op_tdata[i].next = self.berths.lane_op_tdata[i].val();
            self.berths.lane_res_tvalid[i].next = self.lane_res_tvalid[i].val();
            self.lane_res_tready[i].next = self.berths.lane_res_tready[i].val();
            self.berths.lane_res_tdata[i].next = self.lane_res_tdata[i].val();
            self.berths.lane_res_tlast[i].next = self.lane_res_tlast[i].val();
            self.berths.lane_stall[i].next = self.lane_stall[i].val();
        }
        self.berths.clear_counters.next = self.registers.clear_counters.val();
        self.berths.count_lane.next = self.registers.stall_lane.val();
        self.berths.count_index.next = self.registers.stall_index.val();
        self.count_now.d.next = self.berths.count.val();
        self.registers.busy.next = self.dispatcher.pending.val()
            | self.berths.busy.val()
            | self.reading.val()
            | !self.flush.quiet_now.val()
            | self.clear.val();
    }
}
