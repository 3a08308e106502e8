//! The ring engine: all that stands between the host's rings and the card core.
//!
//! ```text
//! registers -> scan -> reads -> unpack -> core (requests)      results -> writes -> m_axi_host
//!                        |  \-> core (chunks)                  copier  -^  ^
//!                        \--> copier -> upload -> m_axi_mem              |
//!                                                 refused, ended -> complete -> irq
//! ```

mod new;
mod wiring;

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
use crate::base::word::{U, W};
use debye_spec::ring_map::{EncodeCapabilities, RingCapabilities};
use debye_spec::rings::{Kind, kind_bit};
use rust_hdl::prelude::*;

/// What an engine with so many queues says of itself, with those encoders beside its core.
///
/// # Panics
/// When there are not 1 to 8 queues, or the table memory has not 2^12 to 2^63 bytes.
pub fn capabilities(queues: usize, memory_log2: u32, encodes: &EncodeCapabilities) -> RingCapabilities {
    assert!((1..=8).contains(&queues), "an engine has 1 to 8 queues");
    assert!((12..=63).contains(&memory_log2), "a table memory has 2^12 to 2^63 bytes");
    let takes = |&kind: &Kind| match kind {
        Kind::Integrate | Kind::Upload | Kind::Copy => true,
        Kind::Encode | Kind::Fuse => encodes.lanes > 0,
    };
    let kinds = Kind::ALL.into_iter().filter(takes).map(kind_bit).sum();
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
    /// Bursts of chunks that were made beside the core; see [`super::pack::Pack`].
    pub s_chunk_valid: Signal<In, Bit>,
    /// See `s_chunk_valid`.
    pub s_chunk_ready: Signal<Out, Bit>,
    /// See `s_chunk_valid`.
    pub s_chunk: Signal<In, W<192, 3>>,
    /// Their beats.
    pub s_chunk_beat_valid: Signal<In, Bit>,
    /// See `s_chunk_beat_valid`.
    pub s_chunk_beat_ready: Signal<Out, Bit>,
    /// See `s_chunk_beat_valid`.
    pub s_chunk_beat: Signal<In, W<512, 8>>,
    /// What is beside the core is to stop: see [`super::junction`].
    pub m_halt: Signal<Out, Bit>,
    /// All is quiet, and forgotten.
    pub m_clear: Signal<Out, Bit>,

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
    makes: Constant<U<1>>,
    now: DFF<U<40>>,
    in_flight: DFF<U<8>>,
    in_core: DFF<U<8>>,
    calm: DFF<Bit>,
    inner: Signal<Local, Bit>,
    alloc: Signal<Local, Bit>,
    more_flights: Signal<Local, U<8>>,
    grows: Signal<Local, Bit>,
    grows_twice: Signal<Local, Bit>,
    shrinks: Signal<Local, Bit>,
    shrinks_too: Signal<Local, Bit>,
    less_core: Signal<Local, U<8>>,
    more_core: Signal<Local, U<8>>,
    scans: Signal<Local, Bit>,
    read_marks: Signal<Local, Bit>,
    write_marks: Signal<Local, Bit>,
    burst_taken: Signal<Local, Bit>,
    beat_taken: Signal<Local, Bit>,
}
