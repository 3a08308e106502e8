//! The ring engine: all that stands between the host's rings and the card core.
//!
//! ```text
//! registers -> scan -> reads -> unpack -> core (requests)      results -> writes -> m_axi_host
//!                        |  \-> core (chunks)                  copier  -^  ^
//!                        \--> copier -> upload -> m_axi_mem              |
//!                                                 refused, ended -> complete -> irq
//! ```

use super::complete::Complete;
use super::copier::Copier;
use super::irq::Irq;
use super::reads::Reads;
use super::registers::RingRegisters;
use super::restart::Restart;
use super::results::Results;
use super::scan::Scan;
use super::split::Split;
use super::unpack::Unpack;
use super::upload::Upload;
use super::writes::Writes;
use crate::base::pins::HdlPins;
use crate::base::word::{U, W, bit_cast_b, bit_cast_u};
use debye_spec::ring_map::RingCapabilities;
use debye_spec::rings::{Kind, kind_bit};
use rust_hdl::prelude::*;

/// What an engine with so many queues says of itself.
///
/// # Panics
/// When there are not 1 to 8 queues, or the table memory has not 2^12 to 2^63 bytes.
pub fn capabilities(queues: usize, memory_log2: u32) -> RingCapabilities {
    assert!((1..=8).contains(&queues), "an engine has 1 to 8 queues");
    assert!((12..=63).contains(&memory_log2), "a table memory has 2^12 to 2^63 bytes");
    let kinds = Kind::ALL.into_iter().map(kind_bit).sum();
    RingCapabilities { queues: queues as u32, flights_log2: super::tags::TAGS.ilog2(), kinds, memory_log2 }
}

/// The engine without the core. 64 submissions in flight, whatever the number of queues.
#[derive(LogicBlock)]
pub struct Engine {
    /// Clock of all ports.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// Registers: of the core below 0x8000, of the engine above.
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
    /// Host memory: one id, 512 bits, bursts of up to 4 KiB within a page.
    pub m_axi_host_arid: Signal<Out, U<4>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_araddr: Signal<Out, U<64>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_arlen: Signal<Out, U<8>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_arsize: Signal<Out, U<3>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_arburst: Signal<Out, U<2>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_arvalid: Signal<Out, Bit>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_arready: Signal<In, Bit>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_rid: Signal<In, U<4>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_rdata: Signal<In, W<512, 8>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_rresp: Signal<In, U<2>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_rlast: Signal<In, Bit>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_rvalid: Signal<In, Bit>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_rready: Signal<Out, Bit>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_awid: Signal<Out, U<4>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_awaddr: Signal<Out, U<64>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_awlen: Signal<Out, U<8>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_awsize: Signal<Out, U<3>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_awburst: Signal<Out, U<2>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_awvalid: Signal<Out, Bit>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_awready: Signal<In, Bit>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_wdata: Signal<Out, W<512, 8>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_wstrb: Signal<Out, U<64>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_wlast: Signal<Out, Bit>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_wvalid: Signal<Out, Bit>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_wready: Signal<In, Bit>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_bid: Signal<In, U<4>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_bresp: Signal<In, U<2>>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_bvalid: Signal<In, Bit>,
    /// See `m_axi_host_arid`.
    pub m_axi_host_bready: Signal<Out, Bit>,
    /// Table memory: uploads.
    pub m_axi_mem_awid: Signal<Out, U<4>>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_awaddr: Signal<Out, U<64>>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_awlen: Signal<Out, U<8>>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_awsize: Signal<Out, U<3>>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_awburst: Signal<Out, U<2>>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_awvalid: Signal<Out, Bit>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_awready: Signal<In, Bit>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_wdata: Signal<Out, W<512, 8>>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_wstrb: Signal<Out, U<64>>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_wlast: Signal<Out, Bit>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_wvalid: Signal<Out, Bit>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_wready: Signal<In, Bit>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_bid: Signal<In, U<4>>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_bresp: Signal<In, U<2>>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_bvalid: Signal<In, Bit>,
    /// See `m_axi_mem_awid`.
    pub m_axi_mem_bready: Signal<Out, Bit>,
    /// Interrupts: the vector.
    pub m_axis_irq_tvalid: Signal<Out, Bit>,
    /// See `m_axis_irq_tvalid`.
    pub m_axis_irq_tready: Signal<In, Bit>,
    /// See `m_axis_irq_tvalid`.
    pub m_axis_irq_tdata: Signal<Out, U<8>>,
    /// The registers of the core.
    pub m_axil_awaddr: Signal<Out, U<16>>,
    /// See `m_axil_awaddr`.
    pub m_axil_awprot: Signal<Out, U<3>>,
    /// See `m_axil_awaddr`.
    pub m_axil_awvalid: Signal<Out, Bit>,
    /// See `m_axil_awaddr`.
    pub m_axil_awready: Signal<In, Bit>,
    /// See `m_axil_awaddr`.
    pub m_axil_wdata: Signal<Out, U<32>>,
    /// See `m_axil_awaddr`.
    pub m_axil_wstrb: Signal<Out, U<4>>,
    /// See `m_axil_awaddr`.
    pub m_axil_wvalid: Signal<Out, Bit>,
    /// See `m_axil_awaddr`.
    pub m_axil_wready: Signal<In, Bit>,
    /// See `m_axil_awaddr`.
    pub m_axil_bresp: Signal<In, U<2>>,
    /// See `m_axil_awaddr`.
    pub m_axil_bvalid: Signal<In, Bit>,
    /// See `m_axil_awaddr`.
    pub m_axil_bready: Signal<Out, Bit>,
    /// See `m_axil_awaddr`.
    pub m_axil_araddr: Signal<Out, U<16>>,
    /// See `m_axil_awaddr`.
    pub m_axil_arprot: Signal<Out, U<3>>,
    /// See `m_axil_awaddr`.
    pub m_axil_arvalid: Signal<Out, Bit>,
    /// See `m_axil_awaddr`.
    pub m_axil_arready: Signal<In, Bit>,
    /// See `m_axil_awaddr`.
    pub m_axil_rdata: Signal<In, U<32>>,
    /// See `m_axil_awaddr`.
    pub m_axil_rresp: Signal<In, U<2>>,
    /// See `m_axil_awaddr`.
    pub m_axil_rvalid: Signal<In, Bit>,
    /// See `m_axil_awaddr`.
    pub m_axil_rready: Signal<Out, Bit>,
    /// Requests to the core.
    pub m_axis_req_tvalid: Signal<Out, Bit>,
    /// See `m_axis_req_tvalid`.
    pub m_axis_req_tready: Signal<In, Bit>,
    /// See `m_axis_req_tvalid`.
    pub m_axis_req_tdata: Signal<Out, W<512, 8>>,
    /// What the core asks for.
    pub s_axis_fetch_tvalid: Signal<In, Bit>,
    /// See `s_axis_fetch_tvalid`.
    pub s_axis_fetch_tready: Signal<Out, Bit>,
    /// See `s_axis_fetch_tvalid`.
    pub s_axis_fetch_tdata: Signal<In, W<128, 2>>,
    /// What the core asked for.
    pub m_axis_data_tvalid: Signal<Out, Bit>,
    /// See `m_axis_data_tvalid`.
    pub m_axis_data_tready: Signal<In, Bit>,
    /// See `m_axis_data_tvalid`.
    pub m_axis_data_tdata: Signal<Out, W<512, 8>>,
    /// See `m_axis_data_tvalid`.
    pub m_axis_data_tdest: Signal<Out, U<8>>,
    /// Results of the core.
    pub s_axis_res_tvalid: Signal<In, Bit>,
    /// See `s_axis_res_tvalid`.
    pub s_axis_res_tready: Signal<Out, Bit>,
    /// See `s_axis_res_tvalid`.
    pub s_axis_res_tdata: Signal<In, U<64>>,
    /// See `s_axis_res_tvalid`.
    pub s_axis_res_tlast: Signal<In, Bit>,
    /// See `s_axis_res_tvalid`.
    pub s_axis_res_tdest: Signal<In, U<8>>,

    split: Split,
    registers: RingRegisters,
    restart: Restart,
    scan: Scan,
    reads: Reads,
    unpack: Unpack,
    copier: Copier,
    upload: Upload,
    results: Results,
    writes: Writes,
    complete: Complete,
    irq: Irq,
    last_queue: Constant<U<3>>,
    now: DFF<U<40>>,
    in_flight: DFF<U<8>>,
    in_core: DFF<U<8>>,
    calm: DFF<Bit>,
    inner: Signal<Local, Bit>,
    alloc: Signal<Local, Bit>,
    more_flights: Signal<Local, U<8>>,
    grows: Signal<Local, Bit>,
    shrinks: Signal<Local, Bit>,
    more_core: Signal<Local, U<8>>,
    scans: Signal<Local, Bit>,
    read_marks: Signal<Local, Bit>,
    write_marks: Signal<Local, Bit>,
    burst_taken: Signal<Local, Bit>,
    beat_taken: Signal<Local, Bit>,
}

impl Engine {
    /// An engine with so many queues before a table memory of 2^`memory_log2` bytes.
    ///
    /// # Panics
    /// See [`capabilities`].
    pub fn new(queues: usize, memory_log2: u32) -> Engine {
        Engine {
            registers: RingRegisters::new(&capabilities(queues, memory_log2)),
            last_queue: Constant::new(U(queues as u64 - 1)),
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
            m_axi_host_arid: Default::default(),
            m_axi_host_araddr: Default::default(),
            m_axi_host_arlen: Default::default(),
            m_axi_host_arsize: Default::default(),
            m_axi_host_arburst: Default::default(),
            m_axi_host_arvalid: Default::default(),
            m_axi_host_arready: Default::default(),
            m_axi_host_rid: Default::default(),
            m_axi_host_rdata: Default::default(),
            m_axi_host_rresp: Default::default(),
            m_axi_host_rlast: Default::default(),
            m_axi_host_rvalid: Default::default(),
            m_axi_host_rready: Default::default(),
            m_axi_host_awid: Default::default(),
            m_axi_host_awaddr: Default::default(),
            m_axi_host_awlen: Default::default(),
            m_axi_host_awsize: Default::default(),
            m_axi_host_awburst: Default::default(),
            m_axi_host_awvalid: Default::default(),
            m_axi_host_awready: Default::default(),
            m_axi_host_wdata: Default::default(),
            m_axi_host_wstrb: Default::default(),
            m_axi_host_wlast: Default::default(),
            m_axi_host_wvalid: Default::default(),
            m_axi_host_wready: Default::default(),
            m_axi_host_bid: Default::default(),
            m_axi_host_bresp: Default::default(),
            m_axi_host_bvalid: Default::default(),
            m_axi_host_bready: Default::default(),
            m_axi_mem_awid: Default::default(),
            m_axi_mem_awaddr: Default::default(),
            m_axi_mem_awlen: Default::default(),
            m_axi_mem_awsize: Default::default(),
            m_axi_mem_awburst: Default::default(),
            m_axi_mem_awvalid: Default::default(),
            m_axi_mem_awready: Default::default(),
            m_axi_mem_wdata: Default::default(),
            m_axi_mem_wstrb: Default::default(),
            m_axi_mem_wlast: Default::default(),
            m_axi_mem_wvalid: Default::default(),
            m_axi_mem_wready: Default::default(),
            m_axi_mem_bid: Default::default(),
            m_axi_mem_bresp: Default::default(),
            m_axi_mem_bvalid: Default::default(),
            m_axi_mem_bready: Default::default(),
            m_axis_irq_tvalid: Default::default(),
            m_axis_irq_tready: Default::default(),
            m_axis_irq_tdata: Default::default(),
            m_axil_awaddr: Default::default(),
            m_axil_awprot: Default::default(),
            m_axil_awvalid: Default::default(),
            m_axil_awready: Default::default(),
            m_axil_wdata: Default::default(),
            m_axil_wstrb: Default::default(),
            m_axil_wvalid: Default::default(),
            m_axil_wready: Default::default(),
            m_axil_bresp: Default::default(),
            m_axil_bvalid: Default::default(),
            m_axil_bready: Default::default(),
            m_axil_araddr: Default::default(),
            m_axil_arprot: Default::default(),
            m_axil_arvalid: Default::default(),
            m_axil_arready: Default::default(),
            m_axil_rdata: Default::default(),
            m_axil_rresp: Default::default(),
            m_axil_rvalid: Default::default(),
            m_axil_rready: Default::default(),
            m_axis_req_tvalid: Default::default(),
            m_axis_req_tready: Default::default(),
            m_axis_req_tdata: Default::default(),
            s_axis_fetch_tvalid: Default::default(),
            s_axis_fetch_tready: Default::default(),
            s_axis_fetch_tdata: Default::default(),
            m_axis_data_tvalid: Default::default(),
            m_axis_data_tready: Default::default(),
            m_axis_data_tdata: Default::default(),
            m_axis_data_tdest: Default::default(),
            s_axis_res_tvalid: Default::default(),
            s_axis_res_tready: Default::default(),
            s_axis_res_tdata: Default::default(),
            s_axis_res_tlast: Default::default(),
            s_axis_res_tdest: Default::default(),
            split: Default::default(),
            restart: Default::default(),
            scan: Default::default(),
            reads: Default::default(),
            unpack: Unpack::new(memory_log2),
            copier: Default::default(),
            upload: Default::default(),
            results: Default::default(),
            writes: Default::default(),
            complete: Default::default(),
            irq: Default::default(),
            now: Default::default(),
            in_flight: Default::default(),
            in_core: Default::default(),
            calm: Default::default(),
            inner: Default::default(),
            alloc: Default::default(),
            more_flights: Default::default(),
            grows: Default::default(),
            shrinks: Default::default(),
            more_core: Default::default(),
            scans: Default::default(),
            read_marks: Default::default(),
            write_marks: Default::default(),
            burst_taken: Default::default(),
            beat_taken: Default::default(),
        }
    }

    /// The engine behind pins.
    pub fn pins(queues: usize, memory_log2: u32) -> HdlPins<Engine> {
        crate::pins!(Box::new(Engine::new(queues, memory_log2));
            in reset, s_axil_awaddr, s_axil_awprot, s_axil_awvalid, s_axil_wdata, s_axil_wstrb, s_axil_wvalid, s_axil_bready, s_axil_araddr, s_axil_arprot, s_axil_arvalid, s_axil_rready, m_axi_host_arready, m_axi_host_rid, m_axi_host_rdata, m_axi_host_rresp, m_axi_host_rlast, m_axi_host_rvalid, m_axi_host_awready, m_axi_host_wready, m_axi_host_bid, m_axi_host_bresp, m_axi_host_bvalid, m_axi_mem_awready, m_axi_mem_wready, m_axi_mem_bid, m_axi_mem_bresp, m_axi_mem_bvalid, m_axis_irq_tready, m_axil_awready, m_axil_wready, m_axil_bresp, m_axil_bvalid, m_axil_arready, m_axil_rdata, m_axil_rresp, m_axil_rvalid, m_axis_req_tready, s_axis_fetch_tvalid, s_axis_fetch_tdata, m_axis_data_tready, s_axis_res_tvalid, s_axis_res_tdata, s_axis_res_tlast, s_axis_res_tdest;
            out s_axil_awready, s_axil_wready, s_axil_bresp, s_axil_bvalid, s_axil_arready, s_axil_rdata, s_axil_rresp, s_axil_rvalid, m_axi_host_arid, m_axi_host_araddr, m_axi_host_arlen, m_axi_host_arsize, m_axi_host_arburst, m_axi_host_arvalid, m_axi_host_rready, m_axi_host_awid, m_axi_host_awaddr, m_axi_host_awlen, m_axi_host_awsize, m_axi_host_awburst, m_axi_host_awvalid, m_axi_host_wdata, m_axi_host_wstrb, m_axi_host_wlast, m_axi_host_wvalid, m_axi_host_bready, m_axi_mem_awid, m_axi_mem_awaddr, m_axi_mem_awlen, m_axi_mem_awsize, m_axi_mem_awburst, m_axi_mem_awvalid, m_axi_mem_wdata, m_axi_mem_wstrb, m_axi_mem_wlast, m_axi_mem_wvalid, m_axi_mem_bready, m_axis_irq_tvalid, m_axis_irq_tdata, m_axil_awaddr, m_axil_awprot, m_axil_awvalid, m_axil_wdata, m_axil_wstrb, m_axil_wvalid, m_axil_bready, m_axil_araddr, m_axil_arprot, m_axil_arvalid, m_axil_rready, m_axis_req_tvalid, m_axis_req_tdata, s_axis_fetch_tready, m_axis_data_tvalid, m_axis_data_tdata, m_axis_data_tdest, s_axis_res_tready)
    }
}

impl Logic for Engine {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, now, in_flight, in_core, calm);
        clock!(
            self, clock, split, registers, restart, scan, reads, unpack, copier, upload, results, writes, complete, irq
        );
        self.now.d.next = self.now.q.val() + 1;

        // Resets.
        self.split.reset.next = self.reset.val();
        self.registers.reset.next = self.reset.val();
        self.restart.reset.next = self.reset.val();
        self.irq.reset.next = self.reset.val();
        self.inner.next = self.reset.val() | self.restart.clear.val();
        self.registers.clear.next = self.restart.clear.val();
        self.irq.clear.next = self.restart.clear.val();
        self.scan.reset.next = self.inner.val();
        self.reads.reset.next = self.inner.val();
        self.unpack.reset.next = self.inner.val();
        self.copier.reset.next = self.inner.val();
        self.upload.reset.next = self.inner.val();
        self.results.reset.next = self.inner.val();
        self.writes.reset.next = self.inner.val();
        self.complete.reset.next = self.inner.val();
        self.reads.halt.next = self.restart.halt.val();
        self.unpack.halt.next = self.restart.halt.val();
        self.copier.halt.next = self.restart.halt.val();
        self.upload.halt.next = self.restart.halt.val();
        self.results.halt.next = self.restart.halt.val();
        self.writes.halt.next = self.restart.halt.val();
        self.complete.halt.next = self.restart.halt.val();
        self.restart.asked.next = self.registers.restart.val();
        self.restart.quenched.next = self.split.quenched.val();
        self.calm.d.next = self.reads.quiet.val() & self.writes.quiet.val() & self.upload.quiet.val();
        self.restart.quiet.next = self.calm.q.val();
        self.restart.clearing.next = self.registers.clearing.val();
        self.registers.restarting.next = self.restart.busy.val();
        self.split.quench.next = self.restart.halt.val();

        // Registers of core and engine.
        self.split.s_axil_awaddr.next = self.s_axil_awaddr.val();
        self.split.s_axil_awvalid.next = self.s_axil_awvalid.val();
        self.split.s_axil_wdata.next = self.s_axil_wdata.val();
        self.split.s_axil_wstrb.next = self.s_axil_wstrb.val();
        self.split.s_axil_wvalid.next = self.s_axil_wvalid.val();
        self.split.s_axil_bready.next = self.s_axil_bready.val();
        self.split.s_axil_araddr.next = self.s_axil_araddr.val();
        self.split.s_axil_arvalid.next = self.s_axil_arvalid.val();
        self.split.s_axil_rready.next = self.s_axil_rready.val();
        self.s_axil_awready.next = self.split.s_axil_awready.val();
        self.s_axil_wready.next = self.split.s_axil_wready.val();
        self.s_axil_bresp.next = self.split.s_axil_bresp.val();
        self.s_axil_bvalid.next = self.split.s_axil_bvalid.val();
        self.s_axil_arready.next = self.split.s_axil_arready.val();
        self.s_axil_rdata.next = self.split.s_axil_rdata.val();
        self.s_axil_rresp.next = self.split.s_axil_rresp.val();
        self.s_axil_rvalid.next = self.split.s_axil_rvalid.val();
        self.m_axil_awaddr.next = self.split.address.val();
        self.m_axil_awprot.next = 0.into();
        self.m_axil_awvalid.next = self.split.awvalid[0].val();
        self.m_axil_wdata.next = self.split.wdata.val();
        self.m_axil_wstrb.next = self.split.wstrb.val();
        self.m_axil_wvalid.next = self.split.wvalid[0].val();
        self.m_axil_bready.next = self.split.ready.val();
        self.m_axil_araddr.next = self.split.address.val();
        self.m_axil_arprot.next = 0.into();
        self.m_axil_arvalid.next = self.split.arvalid[0].val();
        self.m_axil_rready.next = self.split.ready.val();
        self.split.awready[0].next = self.m_axil_awready.val();
        self.split.wready[0].next = self.m_axil_wready.val();
        self.split.bvalid[0].next = self.m_axil_bvalid.val();
        self.split.bresp[0].next = self.m_axil_bresp.val();
        self.split.arready[0].next = self.m_axil_arready.val();
        self.split.rvalid[0].next = self.m_axil_rvalid.val();
        self.split.rdata[0].next = self.m_axil_rdata.val();
        self.split.rresp[0].next = self.m_axil_rresp.val();
        self.registers.address.next = self.split.address.val();
        self.registers.wdata.next = self.split.wdata.val();
        self.registers.wstrb.next = self.split.wstrb.val();
        self.registers.awvalid.next = self.split.awvalid[1].val();
        self.registers.arvalid.next = self.split.arvalid[1].val();
        self.split.awready[1].next = self.registers.awready.val();
        self.split.wready[1].next = self.registers.awready.val();
        self.split.bvalid[1].next = self.registers.bvalid.val();
        self.split.bresp[1].next = self.registers.bresp.val();
        self.split.arready[1].next = self.registers.arready.val();
        self.split.rvalid[1].next = self.registers.rvalid.val();
        self.split.rdata[1].next = self.registers.rdata.val();
        self.split.rresp[1].next = self.registers.rresp.val();
        self.registers.look_head.next = self.scan.look_head.val();
        self.registers.look_tail.next = self.irq.look_tail.val();
        self.registers.in_flight.next = self.in_flight.q.val();
        self.registers.core_busy.next = self.in_core.q.val() != 0;
        self.registers.completed.next = self.writes.written.val();
        self.registers.interrupted.next = self.irq.sent.val();
        self.registers.beat_read.next = self.reads.counted.val();
        self.registers.beat_written.next = self.writes.counted.val();
        self.registers.read_fault.next = self.reads.fault.val();
        self.registers.read_fault_address.next = self.reads.fault_address.val();
        self.registers.write_fault.next = self.writes.fault.val();
        self.registers.write_fault_address.next = self.writes.fault_address.val();

        // Submissions.
        self.scan.enable.next = self.registers.enable.val() & !self.restart.busy.val();
        self.scan.last_queue.next = self.last_queue.val();
        self.scan.enabled.next = self.registers.enabled.val();
        self.scan.set.next = self.registers.set.val();
        self.scan.set_queue.next = self.registers.set_queue.val();
        self.scan.set_index.next = self.registers.set_index.val();
        self.scan.set_value.next = self.registers.set_value.val();
        self.scan.look_queue.next = self.registers.look_queue.val();
        self.scan.in_flight.next = self.in_flight.q.val();
        self.scan.ask_ready.next = self.reads.entry_ready.val();
        self.reads.entry_valid.next = self.scan.ask_valid.val();
        self.reads.entry_address.next = self.scan.ask_address.val();
        self.reads.entry_beats.next = self.scan.ask_beats.val();
        self.reads.entry_queue.next = self.scan.ask_queue.val();
        self.scans.next = self.scan.ask_valid.val() & self.reads.entry_ready.val();
        self.more_flights.next = self.in_flight.q.val();
        if self.scans.val() {
            self.more_flights.next = self.in_flight.q.val() + bit_cast_u::<8, 7>(self.scan.ask_beats.val());
        }
        self.in_flight.d.next =
            self.more_flights.val() - bit_cast_u::<8, 1>(bit_cast_b::<1>(self.writes.written.val()));
        self.unpack.entry.next = self.reads.to_entry.val();
        self.unpack.entry_data.next = self.reads.beat.val();
        self.unpack.entry_queue.next = self.reads.to_queue.val();
        self.unpack.entry_bad.next = self.reads.to_bad.val();
        self.unpack.alloc_ready.next = self.reads.alloc_ready.val();
        self.unpack.free.next = self.complete.free.val();
        self.unpack.free_tag.next = self.complete.free_tag.val();
        self.alloc.next = self.unpack.alloc.val() & self.reads.alloc_ready.val();
        self.reads.alloc.next = self.unpack.alloc.val();
        self.reads.alloc_tag.next = self.unpack.alloc_tag.val();
        self.reads.alloc_page.next = self.unpack.alloc_entry.val().get_bits::<52>(332);
        self.reads.alloc_beats.next = self.unpack.alloc_beats.val();
        self.results.alloc.next = self.alloc.val();
        self.results.alloc_tag.next = self.unpack.alloc_tag.val();
        self.results.alloc_handle.next = self.unpack.alloc_entry.val().get_bits::<64>(64);
        self.results.alloc_target.next = self.unpack.alloc_entry.val().get_bits::<64>(448);
        self.complete.alloc.next = self.alloc.val();
        self.complete.alloc_tag.next = self.unpack.alloc_tag.val();
        self.complete.alloc_entry.next = self.unpack.alloc_entry.val();
        self.complete.alloc_queue.next = self.unpack.alloc_queue.val();

        // The core.
        self.m_axis_req_tvalid.next = self.unpack.m_req_tvalid.val();
        self.unpack.m_req_tready.next = self.m_axis_req_tready.val();
        self.m_axis_req_tdata.next = self.unpack.m_req_tdata.val();
        self.reads.fetch_tvalid.next = self.s_axis_fetch_tvalid.val();
        self.s_axis_fetch_tready.next = self.reads.fetch_tready.val();
        self.reads.fetch_tdata.next = self.s_axis_fetch_tdata.val();
        self.m_axis_data_tvalid.next = self.reads.data_tvalid.val();
        self.reads.data_tready.next = self.m_axis_data_tready.val();
        self.m_axis_data_tdata.next = self.reads.beat.val();
        self.m_axis_data_tdest.next = self.reads.data_tdest.val();
        self.results.s_res_tvalid.next = self.s_axis_res_tvalid.val();
        self.s_axis_res_tready.next = self.results.s_res_tready.val();
        self.results.s_res_tdata.next = self.s_axis_res_tdata.val();
        self.results.s_res_tlast.next = self.s_axis_res_tlast.val();
        self.grows.next = self.unpack.m_req_tvalid.val() & self.m_axis_req_tready.val();
        self.shrinks.next = self.results.done.val() & (self.in_core.q.val() != 0);
        self.more_core.next = self.in_core.q.val() + bit_cast_u::<8, 1>(bit_cast_b::<1>(self.grows.val()));
        self.in_core.d.next = self.more_core.val() - bit_cast_u::<8, 1>(bit_cast_b::<1>(self.shrinks.val()));

        // Copies.
        self.copier.job.next = self.unpack.job.val();
        self.copier.job_data.next = self.unpack.job_data.val();
        self.reads.copy_valid.next = self.copier.ask_valid.val();
        self.copier.ask_ready.next = self.reads.copy_ready.val();
        self.reads.copy_address.next = self.copier.ask_address.val();
        self.reads.copy_beats.next = self.copier.ask_beats.val();
        self.reads.copy_tag.next = self.copier.ask_tag.val();
        self.copier.beat_in.next = self.reads.to_copy.val();
        self.copier.beat_data.next = self.reads.beat.val();
        self.upload.burst_valid.next = self.copier.upload_valid.val();
        self.upload.burst.next = self.copier.burst.val();
        self.upload.beat_valid.next = self.copier.beat_valid.val();
        self.writes.copy_valid.next = self.copier.copy_valid.val();
        self.writes.copy.next = self.copier.burst.val();
        self.writes.copy_beat_valid.next = self.copier.beat_valid.val();
        self.writes.copy_beat.next = self.copier.beat.val();
        self.burst_taken.next = self.upload.burst_ready.val() | self.writes.copy_ready.val();
        self.beat_taken.next = self.upload.beat_ready.val() | self.writes.copy_beat_ready.val();
        self.copier.burst_ready.next = self.burst_taken.val();
        self.copier.beat_ready.next = self.beat_taken.val();

        // What is written.
        self.writes.hold.next = self.irq.hold.val();
        self.writes.entry_valid.next = self.complete.entry_valid.val();
        self.complete.entry_ready.next = self.writes.entry_ready.val();
        self.writes.entry_address.next = self.complete.entry_address.val();
        self.writes.entry_data.next = self.complete.entry_data.val();
        self.writes.entry_queue.next = self.complete.entry_queue.val();
        self.writes.result_valid.next = self.results.burst_valid.val();
        self.results.burst_ready.next = self.writes.result_ready.val();
        self.writes.result.next = self.results.burst.val();
        self.writes.result_beat_valid.next = self.results.beat_valid.val();
        self.writes.result_beat.next = self.results.beat.val();
        self.results.beat_ready.next = self.writes.result_beat_ready.val();

        // Completions and interrupts.
        self.complete.now.next = self.now.q.val();
        self.complete.set.next = self.registers.set.val();
        self.complete.set_queue.next = self.registers.set_queue.val();
        self.complete.set_index.next = self.registers.set_index.val();
        self.complete.set_value.next = self.registers.set_value.val();
        self.complete.head_set.next = self.scan.head_set.val();
        self.complete.head_queue.next = self.scan.head_queue.val();
        self.complete.head_value.next = self.scan.head_value.val();
        self.complete.finish.next = self.writes.finish.val();
        self.complete.finish_burst.next = self.writes.finish_burst.val();
        self.complete.issued.next = self.writes.issued.val();
        self.complete.answered.next = self.writes.answered.val();
        self.complete.refuse.next = self.unpack.refuse.val();
        self.unpack.refuse_ready.next = self.complete.refuse_ready.val();
        self.complete.refuse_tag.next = self.unpack.alloc_tag.val();
        self.complete.refuse_status.next = self.unpack.refuse_status.val();
        self.complete.done.next = self.upload.done.val();
        self.upload.done_ready.next = self.complete.done_ready.val();
        self.complete.done_tag.next = self.upload.done_tag.val();
        self.complete.done_bytes.next = self.upload.done_bytes.val();
        self.complete.done_bad.next = self.upload.done_bad.val();
        self.complete.chunks.next = self.reads.complete.val();
        self.read_marks.next = self.reads.fault.val() & self.reads.fault_tagged.val();
        self.write_marks.next = self.writes.fault.val() & self.writes.fault_tagged.val();
        self.complete.read_fault.next = self.read_marks.val();
        self.complete.read_fault_tag.next = self.reads.fault_tag.val();
        self.complete.write_fault.next = self.write_marks.val();
        self.complete.write_fault_tag.next = self.writes.fault_tag.val();
        self.irq.now.next = self.now.q.val();
        self.irq.last_queue.next = self.last_queue.val();
        self.irq.set.next = self.registers.set.val();
        self.irq.set_zero.next = self.registers.set_zero.val();
        self.irq.set_queue.next = self.registers.set_queue.val();
        self.irq.set_index.next = self.registers.set_index.val();
        self.irq.set_value.next = self.registers.set_value.val();
        self.irq.moderation_count.next = self.registers.moderation_count.val();
        self.irq.moderation_time.next = self.registers.moderation_time.val();
        self.irq.written.next = self.writes.written.val();
        self.irq.written_queue.next = self.writes.written_queue.val();
        self.irq.look_queue.next = self.registers.look_queue.val();
        self.m_axis_irq_tvalid.next = self.irq.m_axis_irq_tvalid.val();
        self.irq.m_axis_irq_tready.next = self.m_axis_irq_tready.val();
        self.m_axis_irq_tdata.next = self.irq.m_axis_irq_tdata.val();

        // Buses.
        self.m_axi_host_arid.next = self.reads.arid.val();
        self.m_axi_host_araddr.next = self.reads.araddr.val();
        self.m_axi_host_arlen.next = self.reads.arlen.val();
        self.m_axi_host_arsize.next = self.reads.arsize.val();
        self.m_axi_host_arburst.next = self.reads.arburst.val();
        self.m_axi_host_arvalid.next = self.reads.arvalid.val();
        self.m_axi_host_rready.next = self.reads.rready.val();
        self.reads.arready.next = self.m_axi_host_arready.val();
        self.reads.rdata.next = self.m_axi_host_rdata.val();
        self.reads.rresp.next = self.m_axi_host_rresp.val();
        self.reads.rvalid.next = self.m_axi_host_rvalid.val();
        self.m_axi_host_awid.next = self.writes.awid.val();
        self.m_axi_host_awaddr.next = self.writes.awaddr.val();
        self.m_axi_host_awlen.next = self.writes.awlen.val();
        self.m_axi_host_awsize.next = self.writes.awsize.val();
        self.m_axi_host_awburst.next = self.writes.awburst.val();
        self.m_axi_host_awvalid.next = self.writes.awvalid.val();
        self.m_axi_host_wdata.next = self.writes.wdata.val();
        self.m_axi_host_wstrb.next = self.writes.wstrb.val();
        self.m_axi_host_wlast.next = self.writes.wlast.val();
        self.m_axi_host_wvalid.next = self.writes.wvalid.val();
        self.m_axi_host_bready.next = self.writes.bready.val();
        self.writes.awready.next = self.m_axi_host_awready.val();
        self.writes.wready.next = self.m_axi_host_wready.val();
        self.writes.bresp.next = self.m_axi_host_bresp.val();
        self.writes.bvalid.next = self.m_axi_host_bvalid.val();
        self.m_axi_mem_awaddr.next = self.upload.awaddr.val();
        self.m_axi_mem_awlen.next = self.upload.awlen.val();
        self.m_axi_mem_awvalid.next = self.upload.awvalid.val();
        self.m_axi_mem_wlast.next = self.upload.wlast.val();
        self.m_axi_mem_wvalid.next = self.upload.wvalid.val();
        self.m_axi_mem_awid.next = 0.into();
        self.m_axi_mem_awsize.next = 6.into();
        self.m_axi_mem_awburst.next = 1.into();
        self.m_axi_mem_wdata.next = self.copier.beat.val();
        self.m_axi_mem_wstrb.next = 0xffff_ffff_ffff_ffffu64.into();
        self.m_axi_mem_bready.next = true;
        self.upload.awready.next = self.m_axi_mem_awready.val();
        self.upload.wready.next = self.m_axi_mem_wready.val();
        self.upload.bresp.next = self.m_axi_mem_bresp.val();
        self.upload.bvalid.next = self.m_axi_mem_bvalid.val();

        if self.inner.val() {
            self.in_flight.d.next = 0.into();
            self.in_core.d.next = 0.into();
        }
        if self.reset.val() {
            self.calm.d.next = false;
        }
    }
}
