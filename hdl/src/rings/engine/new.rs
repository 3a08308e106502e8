//! An engine before anything is connected, and its pins.

use super::{Engine, capabilities};
use crate::base::pins::HdlPins;
use crate::base::word::U;
use crate::rings::registers::RingRegisters;
use crate::rings::unpack::Unpack;
use debye_spec::ring_map::EncodeCapabilities;
use rust_hdl::prelude::*;

impl Engine {
    /// An engine with so many queues before a table memory of 2^`memory_log2` bytes.
    ///
    /// # Panics
    /// See [`capabilities`].
    pub fn new(queues: usize, memory_log2: u32) -> Engine {
        Engine::encoding(queues, memory_log2, EncodeCapabilities::default())
    }

    /// As [`Engine::new`], with encoders beside the core.
    ///
    /// # Panics
    /// See [`capabilities`].
    pub fn encoding(queues: usize, memory_log2: u32, encodes: EncodeCapabilities) -> Engine {
        Engine {
            registers: RingRegisters::new(&capabilities(queues, memory_log2, &encodes), &encodes),
            last_queue: Constant::new(U(queues as u64 - 1)),
            makes: Constant::new(U(u64::from(encodes.lanes > 0))),
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
            s_chunk_valid: Default::default(),
            s_chunk_ready: Default::default(),
            s_chunk: Default::default(),
            s_chunk_beat_valid: Default::default(),
            s_chunk_beat_ready: Default::default(),
            s_chunk_beat: Default::default(),
            m_halt: Default::default(),
            m_clear: Default::default(),
            split: Default::default(),
            restart: Default::default(),
            scan: Default::default(),
            reads: Default::default(),
            unpack: Unpack::new(memory_log2, &encodes),
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
            grows_twice: Default::default(),
            shrinks: Default::default(),
            shrinks_too: Default::default(),
            less_core: Default::default(),
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
            in reset, s_axil_awaddr, s_axil_awprot, s_axil_awvalid, s_axil_wdata, s_axil_wstrb, s_axil_wvalid, s_axil_bready, s_axil_araddr, s_axil_arprot, s_axil_arvalid, s_axil_rready, m_axi_host_arready, m_axi_host_rid, m_axi_host_rdata, m_axi_host_rresp, m_axi_host_rlast, m_axi_host_rvalid, m_axi_host_awready, m_axi_host_wready, m_axi_host_bid, m_axi_host_bresp, m_axi_host_bvalid, m_axi_mem_awready, m_axi_mem_wready, m_axi_mem_bid, m_axi_mem_bresp, m_axi_mem_bvalid, m_axis_irq_tready, m_axil_awready, m_axil_wready, m_axil_bresp, m_axil_bvalid, m_axil_arready, m_axil_rdata, m_axil_rresp, m_axil_rvalid, m_axis_req_tready, s_axis_fetch_tvalid, s_axis_fetch_tdata, m_axis_data_tready, s_axis_res_tvalid, s_axis_res_tdata, s_axis_res_tlast, s_axis_res_tdest, s_chunk_valid, s_chunk, s_chunk_beat_valid, s_chunk_beat;
            out s_axil_awready, s_axil_wready, s_axil_bresp, s_axil_bvalid, s_axil_arready, s_axil_rdata, s_axil_rresp, s_axil_rvalid, m_axi_host_arid, m_axi_host_araddr, m_axi_host_arlen, m_axi_host_arsize, m_axi_host_arburst, m_axi_host_arvalid, m_axi_host_rready, m_axi_host_awid, m_axi_host_awaddr, m_axi_host_awlen, m_axi_host_awsize, m_axi_host_awburst, m_axi_host_awvalid, m_axi_host_wdata, m_axi_host_wstrb, m_axi_host_wlast, m_axi_host_wvalid, m_axi_host_bready, m_axi_mem_awid, m_axi_mem_awaddr, m_axi_mem_awlen, m_axi_mem_awsize, m_axi_mem_awburst, m_axi_mem_awvalid, m_axi_mem_wdata, m_axi_mem_wstrb, m_axi_mem_wlast, m_axi_mem_wvalid, m_axi_mem_bready, m_axis_irq_tvalid, m_axis_irq_tdata, m_axil_awaddr, m_axil_awprot, m_axil_awvalid, m_axil_wdata, m_axil_wstrb, m_axil_wvalid, m_axil_bready, m_axil_araddr, m_axil_arprot, m_axil_arvalid, m_axil_rready, m_axis_req_tvalid, m_axis_req_tdata, s_axis_fetch_tready, m_axis_data_tvalid, m_axis_data_tdata, m_axis_data_tdest, s_axis_res_tready, s_chunk_ready, s_chunk_beat_ready, m_halt, m_clear)
    }
}
