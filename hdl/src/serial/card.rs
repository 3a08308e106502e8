//! The card: shell and lane.

use super::SerialShell;
use crate::base::pins::HdlPins;
use crate::base::word::U;
use crate::lane::Lane;
use rust_hdl::prelude::*;

/// A card with a table memory of 2^TABLE operations, for blocks of up to 2^BLOCK bytes and 8 * 2^ROWS bins.
#[derive(LogicBlock)]
pub struct SerialCard<const TABLE: usize, const BLOCK: usize, const ROWS: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset, active high.
    pub reset: Signal<In, Bit>,
    /// From the host.
    pub rxd: Signal<In, Bit>,
    /// To the host.
    pub txd: Signal<Out, Bit>,
    /// Cycles of a bit, 4 at least; holds still.
    pub divisor: Signal<In, U<16>>,
    /// Cycles without a byte after which a packet that has begun is given up; holds still.
    pub patience: Signal<In, U<32>>,
    /// Blinks while there is a clock.
    pub alive: Signal<Out, Bit>,
    /// Requests or results stand here.
    pub busy: Signal<Out, Bit>,
    /// A packet came damaged since reset.
    pub damaged: Signal<Out, Bit>,

    shell: SerialShell<TABLE>,
    lane: Lane<BLOCK, ROWS>,
    max_bins: Constant<U<15>>,
}

impl<const TABLE: usize, const BLOCK: usize, const ROWS: usize> SerialCard<TABLE, BLOCK, ROWS> {
    /// A card whose register `build` reads as `build`.
    pub fn new(build: u32) -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            rxd: Default::default(),
            txd: Default::default(),
            divisor: Default::default(),
            patience: Default::default(),
            alive: Default::default(),
            busy: Default::default(),
            damaged: Default::default(),
            shell: SerialShell::new(BLOCK, 8 << ROWS, build),
            lane: Default::default(),
            max_bins: Constant::new(U(8 << ROWS)),
        }
    }

    /// The card behind pins.
    pub fn pins(build: u32) -> HdlPins<Self> {
        crate::pins!(Box::new(Self::new(build));
            in reset, rxd, divisor, patience;
            out txd, alive, busy, damaged)
    }
}

impl<const TABLE: usize, const BLOCK: usize, const ROWS: usize> Logic for SerialCard<TABLE, BLOCK, ROWS> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, shell, lane);
        self.shell.reset.next = self.reset.val();
        self.shell.rxd.next = self.rxd.val();
        self.txd.next = self.shell.txd.val();
        self.shell.divisor.next = self.divisor.val();
        self.shell.patience.next = self.patience.val();
        self.alive.next = self.shell.alive.val();
        self.busy.next = self.shell.busy.val();
        self.damaged.next = self.shell.damaged.val();

        self.lane.reset.next = self.shell.lane_reset.val();
        self.lane.s_axis_tvalid.next = self.shell.lane_tvalid.val();
        self.shell.lane_tready.next = self.lane.s_axis_tready.val();
        self.lane.s_axis_tdata.next = self.shell.lane_tdata.val();
        self.lane.s_op_tvalid.next = self.shell.lane_op_tvalid.val();
        self.shell.lane_op_tready.next = self.lane.s_op_tready.val();
        self.lane.s_op_tdata.next = self.shell.lane_op_tdata.val();
        self.shell.lane_res_tvalid.next = self.lane.m_axis_tvalid.val();
        self.lane.m_axis_tready.next = self.shell.lane_res_tready.val();
        self.shell.lane_res_tdata.next = self.lane.m_axis_tdata.val();
        self.shell.lane_stall.next = self.lane.stall.val();
        self.lane.table_id.next = self.shell.table_id.val();
        self.lane.table_pixels.next = self.shell.table_pixels.val();
        self.lane.table_bins.next = self.shell.table_bins.val();
        self.lane.max_bins.next = self.max_bins.val();
        self.lane.watchdog.next = self.shell.watchdog.val();
        self.lane.now.next = self.shell.now.val();
    }
}
