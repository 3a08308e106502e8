//! The card's registers behind AXI4-Lite. What stands where comes out of [`debye_spec::registers`]: access, writable
//! bits and constants are logic made of that table ([`Entry`]); which register is which signal stands here, by its number
//! (offset / 4), and the tests hold every entry of the table against it.
//!
//! Address and data of a write are taken independently, in any order; one write and one read are under way at a time,
//! each answer is held until it is taken. A read of a register answers after 2 cycles, one of a stall counter after
//! [`STALL_CYCLES`]; a write 2 cycles after the later of its halves. SLVERR: what the map does not hold, and writes to
//! what can only be read.

use crate::base::pins::HdlPins;
use crate::base::word::U;
use debye_spec::registers as map;
use rust_hdl::prelude::*;

mod entry;
mod logic;
pub use entry::Entry;

/// Registers that can be written: `control`, then those of the table and the watchdog.
const WRITABLE: usize = 8;
/// Cycles of a soft reset.
pub const SOFT_RESET_CYCLES: u64 = 16;
/// Cycles between a new `stall_lane`, `stall_index` and the cycle in which `stall_count` is taken.
pub const STALL_CYCLES: u64 = 32;

/// The register core.
#[derive(LogicBlock, Default)]
pub struct Registers {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: registers take their reset values.
    pub reset: Signal<In, Bit>,
    /// AXI4-Lite: write address.
    pub s_axil_awaddr: Signal<In, U<16>>,
    /// Not looked at.
    pub s_axil_awprot: Signal<In, U<3>>,
    /// Write address valid.
    pub s_axil_awvalid: Signal<In, Bit>,
    /// Write address taken.
    pub s_axil_awready: Signal<Out, Bit>,
    /// Write data.
    pub s_axil_wdata: Signal<In, U<32>>,
    /// Bytes to write.
    pub s_axil_wstrb: Signal<In, U<4>>,
    /// Write data valid.
    pub s_axil_wvalid: Signal<In, Bit>,
    /// Write data taken.
    pub s_axil_wready: Signal<Out, Bit>,
    /// 0 (OKAY) or 2 (SLVERR).
    pub s_axil_bresp: Signal<Out, U<2>>,
    /// Answer to a write.
    pub s_axil_bvalid: Signal<Out, Bit>,
    /// Answer taken.
    pub s_axil_bready: Signal<In, Bit>,
    /// Read address.
    pub s_axil_araddr: Signal<In, U<16>>,
    /// Not looked at.
    pub s_axil_arprot: Signal<In, U<3>>,
    /// Read address valid.
    pub s_axil_arvalid: Signal<In, Bit>,
    /// Read address taken.
    pub s_axil_arready: Signal<Out, Bit>,
    /// Data read; 0 with SLVERR.
    pub s_axil_rdata: Signal<Out, U<32>>,
    /// 0 (OKAY) or 2 (SLVERR).
    pub s_axil_rresp: Signal<Out, U<2>>,
    /// Answer to a read.
    pub s_axil_rvalid: Signal<Out, Bit>,
    /// Answer taken.
    pub s_axil_rready: Signal<In, Bit>,

    /// Requests are to be taken.
    pub enable: Signal<Out, Bit>,
    /// Resets lanes, dispatcher and table reader: 16 cycles after it was asked for. Not set by `reset`.
    pub soft_reset: Signal<Out, Bit>,
    /// Clears the stall counters: one cycle.
    pub clear_counters: Signal<Out, Bit>,
    /// Address of the table's operations.
    pub table_address: Signal<Out, U<64>>,
    /// Operations of the table, of 16 bytes each.
    pub table_ops: Signal<Out, U<32>>,
    /// The table's number.
    pub table_id: Signal<Out, U<32>>,
    /// Pixels of the table's frames.
    pub table_pixels: Signal<Out, U<26>>,
    /// Bins of the table.
    pub table_bins: Signal<Out, U<15>>,
    /// Cycles without input after which a frame is given up; 0: never.
    pub watchdog: Signal<Out, U<32>>,
    /// Free-running count of cycles since `reset`.
    pub now: Signal<Out, U<40>>,
    /// The card has work.
    pub busy: Signal<In, Bit>,
    /// Pulse: a request was dealt to a lane.
    pub frame_accepted: Signal<In, Bit>,
    /// Pulse: a result was sent.
    pub frame_done: Signal<In, Bit>,
    /// Pulse: a read of the table was answered with an error.
    pub table_fault: Signal<In, Bit>,
    /// Lane whose counter is read; holds still until it was taken.
    pub stall_lane: Signal<Out, U<6>>,
    /// Index of the counter that is read.
    pub stall_index: Signal<Out, U<3>>,
    /// The counter; taken [`STALL_CYCLES`] after its lane and index stand.
    pub stall_count: Signal<In, U<32>>,

    write_entry: Entry,
    read_entry: Entry,

    aw_held: DFF<Bit>,
    aw_word: DFF<U<14>>,
    w_held: DFF<Bit>,
    w_data: DFF<U<32>>,
    w_strobe: DFF<U<4>>,
    b_valid: DFF<Bit>,
    b_error: DFF<Bit>,
    value: [DFF<U<32>>; WRITABLE],
    soft_left: DFF<U<5>>,
    clears: DFF<Bit>,

    r_busy: DFF<Bit>,
    r_word: DFF<U<14>>,
    r_wait: DFF<U<6>>,
    r_valid: DFF<Bit>,
    r_error: DFF<Bit>,
    r_data: DFF<U<32>>,

    cycles_low: DFF<U<32>>,
    cycles_high: DFF<U<32>>,
    cycles_held: DFF<U<32>>,
    accepted: DFF<U<32>>,
    done: DFF<U<32>>,
    faults: DFF<U<32>>,
    faulty: DFF<Bit>,

    writes: Signal<Local, Bit>,
    strobed: [Signal<Local, U<8>>; 4],
    mask: Signal<Local, U<32>>,
    keep: Signal<Local, U<32>>,
    hit: [Signal<Local, Bit>; WRITABLE],
    asked: Signal<Local, U<32>>,
    read: Signal<Local, U<32>>,
    is_control: Signal<Local, Bit>,
}

impl Registers {
    /// Registers of a card with those capabilities; `build` is what the register of that name reads as.
    ///
    /// # Panics
    /// When the card has no lane or more than the map has room for.
    pub fn new(capabilities: map::Capabilities, build: u32) -> Registers {
        assert!((1..=map::MAX_LANES).contains(&capabilities.lanes), "a card has 1 to {} lanes", map::MAX_LANES);
        Registers {
            write_entry: Entry::new(&capabilities, build),
            read_entry: Entry::new(&capabilities, build),
            ..Default::default()
        }
    }

    /// Registers for a bench.
    pub fn pins(capabilities: map::Capabilities, build: u32) -> HdlPins<Registers> {
        crate::pins!(Box::new(Registers::new(capabilities, build));
            in reset, s_axil_awaddr, s_axil_awprot, s_axil_awvalid, s_axil_wdata, s_axil_wstrb, s_axil_wvalid,
                s_axil_bready, s_axil_araddr, s_axil_arprot, s_axil_arvalid, s_axil_rready, busy, frame_accepted,
                frame_done, table_fault, stall_count;
            out s_axil_awready, s_axil_wready, s_axil_bresp, s_axil_bvalid, s_axil_arready, s_axil_rdata, s_axil_rresp,
                s_axil_rvalid, enable, soft_reset, clear_counters, table_address, table_ops, table_id, table_pixels,
                table_bins, watchdog, now, stall_lane, stall_index)
    }
}
