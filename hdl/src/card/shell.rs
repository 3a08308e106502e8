//! All of the card but its lanes.

use super::arrival::Arrival;
use super::berth::Berth;
use super::collect::Collector;
use super::dispatch::Dispatcher;
use super::each::Each;
use super::memory::Memory;
use super::reader::Reader;
use crate::base::word::{U, W};
use crate::registers::Registers;
use debye_spec::registers::{Capabilities, MAX_LANES};
use rust_hdl::prelude::*;

/// Most groups of lanes.
pub const MAX_GROUPS: usize = 4;
/// log2 of the operations that a lane's FIFO holds.
const OP_FIFO_LOG2: u32 = 9;
/// Codes of the pixel types that lanes take, as bits.
const ELEMENTS: u32 = 0x67;
/// Cycles that a read of the table waits for more lanes, for each lane: longer than it takes to deal a request.
const BATCH_WAIT: u64 = 16;

/// Registers, dispatcher, memories and collector around lanes that are attached to the ports `lane_*`.
///
/// A reset, be it of the port or of the register, empties everything. A soft reset lasts until everything has come that
/// was asked for (chunks and table), and a result that is on its way was closed; the card is busy meanwhile.
#[derive(LogicBlock)]
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

    number: Each<Constant<U<6>>, LANES>,
    group_of: Each<Constant<U<2>>, LANES>,
    last_lane: Constant<U<6>>,
    last_group: Constant<U<2>>,
    batch_wait: Constant<U<16>>,
    registers: Registers,
    dispatcher: Dispatcher,
    arrival: Arrival,
    collector: Collector,
    memory: Memory,
    berths: Each<Berth, LANES>,
    readers: Each<Reader, GROUPS>,
    flushing: DFF<Bit>,
    swept: DFF<U<7>>,
    idle_now: DFF<Bit>,
    quiet_now: DFF<Bit>,
    count_now: DFF<U<32>>,
    clear: Signal<Local, Bit>,
    starts: Signal<Local, Bit>,
    freed: Signal<Local, U<10>>,
    freed_to: Each<Signal<Local, U<10>>, LANES>,
    filling: Signal<Local, Bit>,
    empty: Signal<Local, Bit>,
    single: Signal<Local, Bit>,
    any_idle: Signal<Local, Bit>,
    all_idle: Signal<Local, Bit>,
    reading: Signal<Local, Bit>,
    count: Signal<Local, U<32>>,
    count_to: Each<Signal<Local, U<32>>, LANES>,
    res_tvalid: Signal<Local, Bit>,
    res_tdata: Signal<Local, U<64>>,
    res_tdata_to: Each<Signal<Local, U<64>>, LANES>,
    res_tlast: Signal<Local, Bit>,
    any: Each<Signal<Local, Bit>, GROUPS>,
    all: Each<Signal<Local, Bit>, GROUPS>,
    full: Each<Signal<Local, Bit>, GROUPS>,
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
        let capabilities = Capabilities {
            lanes: LANES as u32,
            groups: GROUPS as u32,
            block_log2: block as u32,
            op_fifo_log2: OP_FIFO_LOG2,
            elements: ELEMENTS,
            max_bins: bins as u32,
        };
        Self {
            registers: Registers::new(capabilities, build),
            number: Each::new(|lane| Constant::new(U(lane as u64))),
            group_of: Each::new(|lane| Constant::new(U((lane / (LANES / GROUPS)) as u64))),
            last_lane: Constant::new(U(LANES as u64 - 1)),
            last_group: Constant::new(U(GROUPS as u64 - 1)),
            batch_wait: Constant::new(U(BATCH_WAIT * LANES as u64)),
            clock: Default::default(),
            reset: Default::default(),
            s_axil_awaddr: Default::default(),
            s_axil_awprot: Default::default(),
            s_axil_awvalid: Default::default(),
            s_axil_awready: Default::default(),
            s_axil_wdata: Default::default(),
            s_axil_wstrb: Default::default(),
            s_axil_wvalid: Default::default(),
            s_axil_wready: Default::default(),
            s_axil_bresp: Default::default(),
            s_axil_bvalid: Default::default(),
            s_axil_bready: Default::default(),
            s_axil_araddr: Default::default(),
            s_axil_arprot: Default::default(),
            s_axil_arvalid: Default::default(),
            s_axil_arready: Default::default(),
            s_axil_rdata: Default::default(),
            s_axil_rresp: Default::default(),
            s_axil_rvalid: Default::default(),
            s_axil_rready: Default::default(),
            s_axis_req_tvalid: Default::default(),
            s_axis_req_tready: Default::default(),
            s_axis_req_tdata: Default::default(),
            m_axis_fetch_tvalid: Default::default(),
            m_axis_fetch_tready: Default::default(),
            m_axis_fetch_tdata: Default::default(),
            s_axis_data_tvalid: Default::default(),
            s_axis_data_tready: Default::default(),
            s_axis_data_tdata: Default::default(),
            s_axis_data_tdest: Default::default(),
            m_axis_res_tvalid: Default::default(),
            m_axis_res_tready: Default::default(),
            m_axis_res_tdata: Default::default(),
            m_axis_res_tlast: Default::default(),
            m_axis_res_tdest: Default::default(),
            m_axi_arid: Default::default(),
            m_axi_araddr: Default::default(),
            m_axi_arlen: Default::default(),
            m_axi_arsize: Default::default(),
            m_axi_arburst: Default::default(),
            m_axi_arvalid: Default::default(),
            m_axi_arready: Default::default(),
            m_axi_rid: Default::default(),
            m_axi_rdata: Default::default(),
            m_axi_rresp: Default::default(),
            m_axi_rlast: Default::default(),
            m_axi_rvalid: Default::default(),
            m_axi_rready: Default::default(),
            lane_reset: Default::default(),
            table_id: Default::default(),
            table_pixels: Default::default(),
            table_bins: Default::default(),
            watchdog: Default::default(),
            now: Default::default(),
            lane_tvalid: Default::default(),
            lane_tready: Default::default(),
            lane_tdata: Default::default(),
            lane_op_tvalid: Default::default(),
            lane_op_tready: Default::default(),
            lane_op_tdata: Default::default(),
            lane_res_tvalid: Default::default(),
            lane_res_tready: Default::default(),
            lane_res_tdata: Default::default(),
            lane_res_tlast: Default::default(),
            lane_stall: Default::default(),
            dispatcher: Default::default(),
            arrival: Default::default(),
            collector: Default::default(),
            memory: Default::default(),
            berths: Default::default(),
            readers: Default::default(),
            flushing: Default::default(),
            swept: Default::default(),
            idle_now: Default::default(),
            quiet_now: Default::default(),
            count_now: Default::default(),
            count: Default::default(),
            count_to: Default::default(),
            clear: Default::default(),
            starts: Default::default(),
            freed: Default::default(),
            freed_to: Default::default(),
            filling: Default::default(),
            empty: Default::default(),
            single: Default::default(),
            any_idle: Default::default(),
            all_idle: Default::default(),
            reading: Default::default(),
            res_tvalid: Default::default(),
            res_tdata: Default::default(),
            res_tdata_to: Default::default(),
            res_tlast: Default::default(),
            any: Default::default(),
            all: Default::default(),
            full: Default::default(),
        }
    }
}

impl<const LANES: usize, const GROUPS: usize> Logic for Shell<LANES, GROUPS> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, flushing, swept, idle_now, quiet_now, count_now);
        clock!(self, clock, registers, dispatcher, arrival, collector, memory);
        self.registers.reset.next = self.reset.val();
        self.dispatcher.reset.next = self.reset.val();
        self.collector.reset.next = self.reset.val();
        self.memory.reset.next = self.reset.val();

        // Reset: all is held while the memories of the lanes' accounts are cleared and what was asked for comes in. It
        // comes out of a register, a cycle late: it goes to every lane.
        self.starts.next = self.reset.val() | self.registers.soft_reset.val();
        self.clear.next = self.flushing.q.val();
        self.quiet_now.d.next = self.dispatcher.quiet.val() & self.memory.quiet.val() & self.collector.quiet.val();
        if self.flushing.q.val() {
            if !self.swept.q.val().get_bit(6) {
                self.swept.d.next = self.swept.q.val() + 1;
            } else if self.quiet_now.q.val() {
                self.flushing.d.next = false;
            }
        }
        if self.starts.val() {
            self.flushing.d.next = true;
            self.swept.d.next = 0.into();
        }
        self.dispatcher.clear.next = self.clear.val();
        self.dispatcher.sweep.next = self.swept.q.val().get_bits::<6>(0);
        self.arrival.reset.next = self.clear.val();
        self.arrival.sweep.next = self.swept.q.val().get_bits::<6>(0);
        self.collector.clear.next = self.clear.val();
        self.memory.clear.next = self.clear.val();
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
        self.dispatcher.last_lane.next = self.last_lane.val();
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

        // Results.
        self.collector.last_lane.next = self.last_lane.val();
        self.m_axis_res_tvalid.next = self.collector.m_axis_res_tvalid.val();
        self.collector.m_axis_res_tready.next = self.m_axis_res_tready.val();
        self.m_axis_res_tdata.next = self.collector.m_axis_res_tdata.val();
        self.m_axis_res_tlast.next = self.collector.m_axis_res_tlast.val();
        self.m_axis_res_tdest.next = self.collector.m_axis_res_tdest.val();

        // Table.
        self.memory.last_group.next = self.last_group.val();
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
            self.readers[g].batch_wait.next = self.batch_wait.val();
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
            self.any[g].next = false;
            self.all[g].next = true;
            self.full[g].next = false;
        }

        // Berths: what they answer is ORed.
        self.filling.next = false;
        self.empty.next = false;
        self.single.next = false;
        self.any_idle.next = false;
        self.all_idle.next = true;
        self.res_tvalid.next = false;
        self.res_tlast.next = false;
        for i in 0..LANES {
            self.berths[i].clock.next = self.clock.val();
            self.berths[i].reset.next = self.clear.val();
            self.berths[i].index.next = self.number[i].val();
            self.berths[i].write_enable.next = self.arrival.write_enable.val();
            self.berths[i].write_lane.next = self.arrival.write_lane.val();
            self.berths[i].write_last.next = self.arrival.write_last.val();
            self.berths[i].write_tag.next = self.arrival.write_tag.val();
            self.berths[i].write_data.next = self.arrival.write_data.val();
            self.lane_tvalid[i].next = self.berths[i].m_axis_tvalid.val();
            self.berths[i].m_axis_tready.next = self.lane_tready[i].val();
            self.lane_tdata[i].next = self.berths[i].m_axis_tdata.val();

            self.berths[i].stall.next = self.lane_stall[i].val();
            self.berths[i].clear_counters.next = self.registers.clear_counters.val();
            self.berths[i].count_lane.next = self.registers.stall_lane.val();
            self.berths[i].count_index.next = self.registers.stall_index.val();

            self.berths[i].scan.next = self.dispatcher.scan.val();
            self.berths[i].deal.next = self.dispatcher.deal.val();
            if self.berths[i].scan_filling.val() {
                self.filling.next = true;
            }
            if self.berths[i].scan_empty.val() {
                self.empty.next = true;
            }
            if self.berths[i].scan_single.val() {
                self.single.next = true;
            }
            if self.berths[i].idle.val() {
                self.any_idle.next = true;
            }
            if self.berths[i].busy.val() {
                self.all_idle.next = false;
            }

            self.berths[i].s_res_tvalid.next = self.lane_res_tvalid[i].val();
            self.lane_res_tready[i].next = self.berths[i].s_res_tready.val();
            self.berths[i].s_res_tdata.next = self.lane_res_tdata[i].val();
            self.berths[i].s_res_tlast.next = self.lane_res_tlast[i].val();
            self.berths[i].chosen.next = self.collector.chosen.val();
            self.berths[i].take.next = self.collector.take.val();
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
                if self.group_of[i].val().index() == g {
                    self.berths[i].start.next = self.readers[g].start.val();
                    self.berths[i].op_enable.next = self.readers[g].op_enable.val();
                    self.berths[i].op_data.next = self.readers[g].op_data.val();
                    if self.berths[i].wants.val() {
                        self.any[g].next = true;
                    }
                    if !self.berths[i].wants.val() {
                        self.all[g].next = false;
                    }
                    if self.berths[i].op_full.val() {
                        self.full[g].next = true;
                    }
                }
            }
        }
        // Words are ORed along a chain.
        self.freed_to[0].next = self.berths[0].scan_freed.val();
        self.freed.next = self.freed_to[0].val();
        self.res_tdata_to[0].next = self.berths[0].res_tdata.val();
        self.res_tdata.next = self.res_tdata_to[0].val();
        self.count_to[0].next = self.berths[0].count.val();
        self.count.next = self.count_to[0].val();
        for i in 1..LANES {
            self.freed_to[i].next = self.freed_to[i - 1].val() | self.berths[i].scan_freed.val();
            self.freed.next = self.freed_to[i].val();
            self.res_tdata_to[i].next = self.res_tdata_to[i - 1].val() | self.berths[i].res_tdata.val();
            self.res_tdata.next = self.res_tdata_to[i].val();
            self.count_to[i].next = self.count_to[i - 1].val() | self.berths[i].count.val();
            self.count.next = self.count_to[i].val();
        }
        for g in 0..GROUPS {
            self.readers[g].any.next = self.any[g].val();
            self.readers[g].all.next = self.all[g].val();
            self.readers[g].op_full.next = self.full[g].val();
        }
        self.dispatcher.scan_freed.next = self.freed.val();
        self.dispatcher.scan_filling.next = self.filling.val();
        self.dispatcher.scan_empty.next = self.empty.val();
        self.dispatcher.scan_single.next = self.single.val();
        self.collector.res_tvalid.next = self.res_tvalid.val();
        self.collector.res_tdata.next = self.res_tdata.val();
        self.collector.res_tlast.next = self.res_tlast.val();
        self.idle_now.d.next = self.any_idle.val();
        self.count_now.d.next = self.count.val();
        self.registers.busy.next = self.dispatcher.pending.val()
            | !self.all_idle.val()
            | self.reading.val()
            | !self.quiet_now.q.val()
            | self.flushing.q.val();
    }
}
