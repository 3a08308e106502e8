//! The card's registers behind AXI4-Lite. What stands where comes out of [`debye_spec::registers`]: access, writable
//! bits and constants are logic made of that table ([`Entry`]); which register is which signal stands here, by its number
//! (offset / 4), and the tests hold every entry of the table against it.
//!
//! Address and data of a write are taken independently, in any order; one write and one read are under way at a time,
//! each answer is held until it is taken. A read of a register answers after 2 cycles, one of a stall counter after
//! [`STALL_CYCLES`]; a write 2 cycles after the later of its halves. SLVERR: what the map does not hold, and writes to
//! what can only be read.

use crate::base::pins::HdlPins;
use crate::base::word::{U, bit_cast_b, bit_cast_u};
use debye_spec::registers as map;
use rust_hdl::prelude::*;

mod entry;
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

impl Logic for Registers {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, aw_held, aw_word, w_held, w_data, w_strobe, b_valid, b_error, soft_left, clears);
        dff_setup!(self, clock, r_busy, r_word, r_wait, r_valid, r_error, r_data);
        dff_setup!(self, clock, cycles_low, cycles_high, cycles_held, accepted, done, faults, faulty);
        for i in 0..WRITABLE {
            self.value[i].clock.next = self.clock.val();
        }
        self.write_entry.word.next = self.aw_word.q.val();
        self.read_entry.word.next = self.r_word.q.val();

        // Outputs.
        self.s_axil_awready.next = !self.aw_held.q.val();
        self.s_axil_wready.next = !self.w_held.q.val();
        self.s_axil_bvalid.next = self.b_valid.q.val();
        self.s_axil_bresp.next = bit_cast_b::<2>(self.b_error.q.val()) << 1;
        self.s_axil_arready.next = !self.r_busy.q.val();
        self.s_axil_rvalid.next = self.r_valid.q.val();
        self.s_axil_rresp.next = bit_cast_b::<2>(self.r_error.q.val()) << 1;
        self.s_axil_rdata.next = self.r_data.q.val();
        self.enable.next = self.value[0].q.val().get_bit(0);
        self.soft_reset.next = self.soft_left.q.val().any();
        self.clear_counters.next = self.clears.q.val();
        self.table_address.next =
            bit_cast_u::<64, 32>(self.value[1].q.val()) | (bit_cast_u::<64, 32>(self.value[2].q.val()) << 32);
        self.table_ops.next = self.value[3].q.val();
        self.table_id.next = self.value[4].q.val();
        self.table_pixels.next = bit_cast_u::<26, 32>(self.value[5].q.val());
        self.table_bins.next = bit_cast_u::<15, 32>(self.value[6].q.val());
        self.watchdog.next = self.value[7].q.val();
        self.now.next =
            bit_cast_u::<40, 32>(self.cycles_low.q.val()) | (bit_cast_u::<40, 32>(self.cycles_high.q.val()) << 32);

        // A write: both halves are held until the answer before is gone.
        if self.s_axil_awvalid.val() & !self.aw_held.q.val() {
            self.aw_held.d.next = true;
            self.aw_word.d.next = self.s_axil_awaddr.val().get_bits::<14>(2);
        }
        if self.s_axil_wvalid.val() & !self.w_held.q.val() {
            self.w_held.d.next = true;
            self.w_data.d.next = self.s_axil_wdata.val();
            self.w_strobe.d.next = self.s_axil_wstrb.val();
        }
        self.writes.next = self.aw_held.q.val() & self.w_held.q.val() & !self.b_valid.q.val();
        for i in 0..4 {
            self.strobed[i].next = 0.into();
            if self.w_strobe.q.val().get_bit(i) {
                self.strobed[i].next = 255.into();
            }
        }
        self.mask.next = bit_cast_u::<32, 8>(self.strobed[0].val())
            | (bit_cast_u::<32, 8>(self.strobed[1].val()) << 8)
            | (bit_cast_u::<32, 8>(self.strobed[2].val()) << 16)
            | (bit_cast_u::<32, 8>(self.strobed[3].val()) << 24);
        self.keep.next = !self.mask.val();
        self.asked.next = self.w_data.q.val() & self.mask.val();
        for i in 0..WRITABLE {
            self.hit[i].next = false;
        }
        match self.aw_word.q.val().index() {
            6 => self.hit[0].next = true,
            8 => self.hit[1].next = true,
            9 => self.hit[2].next = true,
            10 => self.hit[3].next = true,
            11 => self.hit[4].next = true,
            12 => self.hit[5].next = true,
            13 => self.hit[6].next = true,
            14 => self.hit[7].next = true,
            _ => {}
        }
        for i in 0..WRITABLE {
            self.value[i].d.next = self.value[i].q.val();
            if self.writes.val() & self.hit[i].val() {
                self.value[i].d.next =
                    (self.value[i].q.val() & self.keep.val()) | (self.asked.val() & self.write_entry.mask.val());
            }
        }
        if self.b_valid.q.val() & self.s_axil_bready.val() {
            self.b_valid.d.next = false;
        }
        if self.writes.val() {
            self.aw_held.d.next = false;
            self.w_held.d.next = false;
            self.b_valid.d.next = true;
            self.b_error.d.next = !self.write_entry.writable.val();
        }
        self.is_control.next = self.writes.val() & self.hit[0].val();
        self.clears.d.next = self.is_control.val() & (self.asked.val() & 4).any();
        if self.soft_left.q.val().any() {
            self.soft_left.d.next = self.soft_left.q.val() - 1;
        }
        if self.is_control.val() & (self.asked.val() & 2).any() {
            self.soft_left.d.next = 16.into();
        }

        // Counters.
        self.cycles_low.d.next = self.cycles_low.q.val() + 1;
        if self.cycles_low.q.val().all() {
            self.cycles_high.d.next = self.cycles_high.q.val() + 1;
        }
        if self.frame_accepted.val() {
            self.accepted.d.next = self.accepted.q.val() + 1;
        }
        if self.frame_done.val() {
            self.done.d.next = self.done.q.val() + 1;
        }
        if self.table_fault.val() {
            self.faults.d.next = self.faults.q.val() + 1;
            self.faulty.d.next = true;
        }
        if self.clears.q.val() {
            self.accepted.d.next = bit_cast_b::<32>(self.frame_accepted.val());
            self.done.d.next = bit_cast_b::<32>(self.frame_done.val());
            self.faults.d.next = bit_cast_b::<32>(self.table_fault.val());
            self.faulty.d.next = self.table_fault.val();
        }

        // A read.
        self.stall_lane.next = self.r_word.q.val().get_bits::<6>(3);
        self.stall_index.next = bit_cast_u::<3, 14>(self.r_word.q.val());
        self.read.next = self.read_entry.fixed.val();
        match self.r_word.q.val().index() {
            6 => {
                self.read.next = self.value[0].q.val() | (bit_cast_b::<32>(self.soft_left.q.val().any()) << 1);
            }
            7 => self.read.next = bit_cast_b::<32>(self.busy.val()) | (bit_cast_b::<32>(self.faulty.q.val()) << 8),
            8 => self.read.next = self.value[1].q.val(),
            9 => self.read.next = self.value[2].q.val(),
            10 => self.read.next = self.value[3].q.val(),
            11 => self.read.next = self.value[4].q.val(),
            12 => self.read.next = self.value[5].q.val(),
            13 => self.read.next = self.value[6].q.val(),
            14 => self.read.next = self.value[7].q.val(),
            15 => self.read.next = self.accepted.q.val(),
            16 => self.read.next = self.done.q.val(),
            17 => self.read.next = self.faults.q.val(),
            18 => self.read.next = self.cycles_low.q.val(),
            19 => self.read.next = self.cycles_held.q.val(),
            _ => {}
        }
        if self.r_busy.q.val() & !self.r_valid.q.val() {
            self.r_wait.d.next = self.r_wait.q.val() + 1;
            if !self.read_entry.stall.val() {
                self.r_valid.d.next = true;
                self.r_error.d.next = !self.read_entry.known.val();
                self.r_data.d.next = 0.into();
                if self.read_entry.known.val() {
                    self.r_data.d.next = self.read.val();
                    if self.r_word.q.val() == 18 {
                        self.cycles_held.d.next = self.cycles_high.q.val();
                    }
                }
            } else if self.r_wait.q.val() == 32 {
                self.r_valid.d.next = true;
                self.r_error.d.next = false;
                self.r_data.d.next = self.stall_count.val();
            }
        }
        if self.r_valid.q.val() & self.s_axil_rready.val() {
            self.r_valid.d.next = false;
            self.r_busy.d.next = false;
        }
        if self.s_axil_arvalid.val() & !self.r_busy.q.val() {
            self.r_busy.d.next = true;
            self.r_wait.d.next = 0.into();
            self.r_word.d.next = self.s_axil_araddr.val().get_bits::<14>(2);
        }

        if self.reset.val() {
            self.aw_held.d.next = false;
            self.w_held.d.next = false;
            self.b_valid.d.next = false;
            self.soft_left.d.next = 0.into();
            self.clears.d.next = false;
            self.r_busy.d.next = false;
            self.r_valid.d.next = false;
            self.cycles_low.d.next = 0.into();
            self.cycles_high.d.next = 0.into();
            self.accepted.d.next = 0.into();
            self.done.d.next = 0.into();
            self.faults.d.next = 0.into();
            self.faulty.d.next = false;
            for i in 0..WRITABLE {
                self.value[i].d.next = 0.into();
            }
        }
    }
}
