//! All of the card but its lane: the line, the packets, the registers, the memories before and behind the lane.

use super::receive::PacketReceiver;
use super::send::PacketSender;
use super::streams::{Intake, Operations, Outlet};
use super::uart::{UartRx, UartTx};
use crate::base::pins::HdlPins;
use crate::base::word::{U, W, bit_cast_u, bit_cast_w};
use crate::card::shell::ELEMENTS;
use crate::counters::Counters;
use crate::registers::Registers;
use debye_spec::registers::Capabilities;
use debye_spec::serial::Link;
use rust_hdl::prelude::*;

/// See the module. Commands are answered one after the other; what comes while an answer is on its way is dropped.
#[derive(LogicBlock)]
pub struct SerialShell<const TABLE: usize> {
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

    /// Reset of the lane.
    pub lane_reset: Signal<Out, Bit>,
    /// The lane's `s_axis`.
    pub lane_tvalid: Signal<Out, Bit>,
    /// The lane's `s_axis`.
    pub lane_tready: Signal<In, Bit>,
    /// The lane's `s_axis`.
    pub lane_tdata: Signal<Out, U<64>>,
    /// The lane's `s_op`.
    pub lane_op_tvalid: Signal<Out, Bit>,
    /// The lane's `s_op`.
    pub lane_op_tready: Signal<In, Bit>,
    /// The lane's `s_op`.
    pub lane_op_tdata: Signal<Out, W<128, 2>>,
    /// The lane's `m_axis`.
    pub lane_res_tvalid: Signal<In, Bit>,
    /// The lane's `m_axis`.
    pub lane_res_tready: Signal<Out, Bit>,
    /// The lane's `m_axis`.
    pub lane_res_tdata: Signal<In, U<64>>,
    /// The lane's `stall`.
    pub lane_stall: Signal<In, U<8>>,
    /// For the lane.
    pub table_id: Signal<Out, U<32>>,
    /// For the lane.
    pub table_pixels: Signal<Out, U<26>>,
    /// For the lane.
    pub table_bins: Signal<Out, U<15>>,
    /// For the lane.
    pub watchdog: Signal<Out, U<32>>,
    /// For the lane.
    pub now: Signal<Out, U<40>>,

    link: Constant<U<32>>,
    most_ops: Constant<U<33>>,
    rx: UartRx,
    tx: UartTx,
    receiver: PacketReceiver,
    sender: PacketSender,
    registers: Registers,
    counters: Counters,
    intake: Intake,
    operations: Operations<TABLE>,
    outlet: Outlet,

    // 0: waits for a command, 1: register is read, 2: register is written, 3: the answer goes.
    state: DFF<U<2>>,
    asks: DFF<Bit>,
    gives: DFF<Bit>,
    tells: DFF<Bit>,
    op: DFF<U<8>>,
    number: DFF<U<8>>,
    count: DFF<U<16>>,
    place: DFF<U<32>>,
    words: DFF<U<9>>,
    // Of a packet with operations.
    fits: DFF<Bit>,
    odd: DFF<Bit>,
    low: DFF<U<64>>,
    op_at: DFF<U<TABLE>>,
    flight: DFF<U<11>>,
    hurt: DFF<Bit>,
    clear: DFF<Bit>,
    behind: Signal<Local, U<33>>,
    idle: Signal<Local, Bit>,
    refuses: Signal<Local, Bit>,
    reason: Signal<Local, U<16>>,
    acts: Signal<Local, Bit>,
    stores: Signal<Local, Bit>,
    counted: Signal<Local, U<8>>,
}

/// What the card says of itself.
pub fn capabilities(block: usize, bins: usize) -> Capabilities {
    Capabilities {
        lanes: 1,
        groups: 1,
        block_log2: block as u32,
        // Operations come out of the memory without a FIFO.
        op_fifo_log2: 0,
        elements: ELEMENTS,
        max_bins: bins as u32,
    }
}

impl<const TABLE: usize> SerialShell<TABLE> {
    /// A shell for a lane with blocks of up to 2^`block` bytes and `bins` bins; `build` is the register of that name.
    pub fn new(block: usize, bins: usize, build: u32) -> Self {
        let capabilities = capabilities(block, bins);
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
            lane_reset: Default::default(),
            lane_tvalid: Default::default(),
            lane_tready: Default::default(),
            lane_tdata: Default::default(),
            lane_op_tvalid: Default::default(),
            lane_op_tready: Default::default(),
            lane_op_tdata: Default::default(),
            lane_res_tvalid: Default::default(),
            lane_res_tready: Default::default(),
            lane_res_tdata: Default::default(),
            lane_stall: Default::default(),
            table_id: Default::default(),
            table_pixels: Default::default(),
            table_bins: Default::default(),
            watchdog: Default::default(),
            now: Default::default(),
            link: Constant::new(U(Link::of(TABLE as u32).to_place() as u64)),
            most_ops: Constant::new(U(1 << TABLE)),
            rx: Default::default(),
            tx: Default::default(),
            receiver: Default::default(),
            sender: Default::default(),
            registers: Registers::new(capabilities, build),
            counters: Default::default(),
            intake: Default::default(),
            operations: Default::default(),
            outlet: Default::default(),
            state: Default::default(),
            asks: Default::default(),
            gives: Default::default(),
            tells: Default::default(),
            op: Default::default(),
            number: Default::default(),
            count: Default::default(),
            place: Default::default(),
            words: Default::default(),
            fits: Default::default(),
            odd: Default::default(),
            low: Default::default(),
            op_at: Default::default(),
            flight: Default::default(),
            hurt: Default::default(),
            clear: Default::default(),
            behind: Default::default(),
            idle: Default::default(),
            refuses: Default::default(),
            reason: Default::default(),
            acts: Default::default(),
            stores: Default::default(),
            counted: Default::default(),
        }
    }

    /// A shell for a bench.
    pub fn pins(block: usize, bins: usize, build: u32) -> HdlPins<Self> {
        crate::pins!(Box::new(Self::new(block, bins, build));
            in reset, rxd, divisor, patience, lane_tready, lane_op_tready, lane_res_tvalid, lane_res_tdata, lane_stall;
            out txd, alive, busy, damaged, lane_reset, lane_tvalid, lane_tdata, lane_op_tvalid, lane_op_tdata,
                lane_res_tready, table_id, table_pixels, table_bins, watchdog, now)
    }
}

impl<const TABLE: usize> Logic for SerialShell<TABLE> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, asks, gives, tells, op, number, count, place, words);
        dff_setup!(self, clock, fits, odd, low, op_at, flight, hurt, clear);
        clock!(self, clock, rx, tx, receiver, sender, registers, counters, intake, operations, outlet);
        self.rx.reset.next = self.reset.val();
        self.tx.reset.next = self.reset.val();
        self.receiver.reset.next = self.reset.val();
        self.sender.reset.next = self.reset.val();
        self.registers.reset.next = self.reset.val();
        self.counters.reset.next = self.reset.val();
        self.clear.d.next = self.reset.val() | self.registers.soft_reset.val();
        self.lane_reset.next = self.clear.q.val();
        self.intake.reset.next = self.clear.q.val();
        self.operations.reset.next = self.clear.q.val();
        self.outlet.reset.next = self.clear.q.val();

        // The line.
        self.rx.rxd.next = self.rxd.val();
        self.rx.divisor.next = self.divisor.val();
        self.tx.divisor.next = self.divisor.val();
        self.txd.next = self.tx.txd.val();
        self.receiver.valid.next = self.rx.valid.val();
        self.receiver.data.next = self.rx.data.val();
        self.receiver.broken.next = self.rx.broken.val();
        self.receiver.patience.next = self.patience.val();
        self.tx.valid.next = self.sender.valid.val();
        self.tx.data.next = self.sender.data.val();
        self.sender.ready.next = self.tx.ready.val();

        // Payloads.
        self.intake.opens.next = self.receiver.header.val();
        self.intake.place.next = self.receiver.place.val();
        self.intake.count.next = self.receiver.count.val();
        self.intake.word_valid.next = self.receiver.word_valid.val() & (self.receiver.op.val() == 4);
        self.intake.word_data.next = self.receiver.word_data.val();
        self.behind.next = bit_cast_u::<33, 32>(self.receiver.place.val())
            + bit_cast_u::<33, 15>(self.receiver.count.val().get_bits::<15>(1));
        self.stores.next = self.receiver.word_valid.val() & (self.receiver.op.val() == 3) & self.fits.q.val();
        self.operations.write_enable.next = self.stores.val() & self.odd.q.val();
        self.operations.write_address.next = self.op_at.q.val();
        self.operations.write_data.next = bit_cast_w::<128, 2, 64>(self.low.q.val())
            | (bit_cast_w::<128, 2, 64>(self.receiver.word_data.val()) << 64);
        if self.receiver.header.val() {
            self.fits.d.next = (self.behind.val() <= self.most_ops.val()) & !self.receiver.count.val().get_bit(0);
            self.odd.d.next = false;
            self.op_at.d.next = bit_cast_u::<TABLE, 32>(self.receiver.place.val());
        }
        if self.stores.val() {
            self.odd.d.next = !self.odd.q.val();
            self.low.d.next = self.receiver.word_data.val();
            if self.odd.q.val() {
                self.op_at.d.next = self.op_at.q.val() + 1;
            }
        }

        // Registers.
        self.registers.s_axil_awaddr.next = self.receiver.count.val();
        self.registers.s_axil_awprot.next = 0.into();
        self.registers.s_axil_awvalid.next = self.gives.q.val();
        self.registers.s_axil_wdata.next = self.receiver.place.val();
        self.registers.s_axil_wstrb.next = 15.into();
        self.registers.s_axil_wvalid.next = self.tells.q.val();
        self.registers.s_axil_bready.next = true;
        self.registers.s_axil_araddr.next = self.receiver.count.val();
        self.registers.s_axil_arprot.next = 0.into();
        self.registers.s_axil_arvalid.next = self.asks.q.val();
        self.registers.s_axil_rready.next = true;
        if self.registers.s_axil_awready.val() {
            self.gives.d.next = false;
        }
        if self.registers.s_axil_wready.val() {
            self.tells.d.next = false;
        }
        if self.registers.s_axil_arready.val() {
            self.asks.d.next = false;
        }
        self.table_id.next = self.registers.table_id.val();
        self.table_pixels.next = self.registers.table_pixels.val();
        self.table_bins.next = self.registers.table_bins.val();
        self.watchdog.next = self.registers.watchdog.val();
        self.now.next = self.registers.now.val();
        self.registers.table_fault.next = false;
        self.counters.clear.next = self.registers.clear_counters.val();
        self.counted.next = self.lane_stall.val();
        self.counters.splitter_starved.next = self.counted.val().get_bit(0);
        self.counters.lz4_starved.next = self.counted.val().get_bit(1);
        self.counters.lz4_blocked.next = self.counted.val().get_bit(2);
        self.counters.unshuffle_blocked.next = self.counted.val().get_bit(3);
        self.counters.op_starved.next = self.counted.val().get_bit(4);
        self.counters.px_starved.next = self.counted.val().get_bit(5);
        self.counters.integrator_blocked.next = self.counted.val().get_bit(6);
        self.counters.frame_done.next = self.counted.val().get_bit(7);
        self.counters.read_index.next = self.registers.stall_index.val();
        self.registers.stall_count.next = self.counters.read_count.val();

        // The lane.
        self.intake.enable.next = self.registers.enable.val();
        self.lane_tvalid.next = self.intake.m_axis_tvalid.val();
        self.intake.m_axis_tready.next = self.lane_tready.val();
        self.lane_tdata.next = self.intake.m_axis_tdata.val();
        self.operations.first.next = bit_cast_u::<32, 64>(self.registers.table_address.val());
        self.operations.count.next = self.registers.table_ops.val();
        self.lane_op_tvalid.next = self.operations.m_op_tvalid.val();
        self.operations.m_op_tready.next = self.lane_op_tready.val();
        self.lane_op_tdata.next = self.operations.m_op_tdata.val();
        self.outlet.s_axis_tvalid.next = self.lane_res_tvalid.val();
        self.lane_res_tready.next = self.outlet.s_axis_tready.val();
        self.outlet.s_axis_tdata.next = self.lane_res_tdata.val();
        self.registers.frame_accepted.next = self.intake.accepted.val();
        self.registers.frame_done.next = self.counted.val().get_bit(7);
        if self.intake.accepted.val() & !self.counted.val().get_bit(7) {
            self.flight.d.next = self.flight.q.val() + 1;
        }
        if !self.intake.accepted.val() & self.counted.val().get_bit(7) {
            self.flight.d.next = self.flight.q.val() - 1;
        }
        if self.clear.q.val() {
            self.flight.d.next = 0.into();
        }
        self.registers.busy.next =
            self.flight.q.val().any() | self.outlet.busy.val() | self.intake.m_axis_tvalid.val() | self.clear.q.val();

        // Commands and answers.
        self.outlet.place.next = self.receiver.place.val();
        self.outlet.count.next = self.receiver.count.val();
        self.outlet.read_enable.next = self.sender.read_enable.val();
        self.outlet.read_address.next = self.sender.read_address.val();
        self.sender.read_data.next = self.outlet.read_data.val();
        self.sender.head.next = bit_cast_u::<32, 8>(self.op.q.val())
            | (bit_cast_u::<32, 8>(self.number.q.val()) << 8)
            | (bit_cast_u::<32, 16>(self.count.q.val()) << 16);
        self.sender.place.next = self.place.q.val();
        self.sender.words.next = self.words.q.val();
        self.sender.start.next = false;
        self.outlet.free.next = false;
        self.intake.commit.next = false;
        self.refuses.next = false;
        self.reason.next = 3.into();
        self.idle.next = (self.state.q.val() == 0) & !self.sender.busy.val();
        self.acts.next = self.idle.val() & self.receiver.done.val();
        if self.acts.val() {
            self.op.d.next = self.receiver.op.val() | 128;
            self.number.d.next = self.receiver.number.val();
            self.count.d.next = self.receiver.count.val();
            self.place.d.next = self.receiver.place.val();
            self.words.d.next = 0.into();
            self.state.d.next = 3.into();
            match self.receiver.op.val().index() {
                0 => {
                    self.count.d.next = 0.into();
                    self.place.d.next = self.link.val();
                }
                1 => {
                    self.asks.d.next = true;
                    self.state.d.next = 1.into();
                }
                2 => {
                    self.gives.d.next = true;
                    self.tells.d.next = true;
                    self.state.d.next = 2.into();
                }
                3 => {
                    self.refuses.next = !self.fits.q.val();
                }
                4 => {
                    self.intake.commit.next = self.receiver.sized.val();
                    self.count.d.next = bit_cast_u::<16, 11>(self.intake.room.val());
                    self.place.d.next = self.intake.taken.val();
                }
                5 => {
                    self.refuses.next = !self.outlet.known.val();
                    self.outlet.free.next = self.outlet.known.val();
                    self.words.d.next = self.outlet.words.val();
                    self.count.d.next = bit_cast_u::<16, 9>(self.outlet.words.val());
                }
                _ => {
                    self.refuses.next = true;
                    self.reason.next = 2.into();
                }
            }
            if ((self.receiver.op.val() == 3) | (self.receiver.op.val() == 4)) & !self.receiver.sized.val() {
                self.refuses.next = true;
                self.reason.next = 2.into();
            }
        }
        if self.idle.val() & self.receiver.damaged.val() {
            self.number.d.next = self.receiver.number.val();
            self.refuses.next = true;
            self.reason.next = 1.into();
        }
        if self.receiver.damaged.val() {
            self.hurt.d.next = true;
        }
        if (self.state.q.val() == 1) & self.registers.s_axil_rvalid.val() {
            self.state.d.next = 3.into();
            self.place.d.next = self.registers.s_axil_rdata.val();
            self.refuses.next = self.registers.s_axil_rresp.val().any();
        }
        if (self.state.q.val() == 2) & self.registers.s_axil_bvalid.val() {
            self.state.d.next = 3.into();
            self.refuses.next = self.registers.s_axil_bresp.val().any();
        }
        if self.refuses.val() {
            self.op.d.next = 255.into();
            self.count.d.next = self.reason.val();
            self.words.d.next = 0.into();
            self.state.d.next = 3.into();
        }
        if self.state.q.val() == 3 {
            self.sender.start.next = true;
            self.state.d.next = 0.into();
        }

        self.alive.next = self.registers.now.val().get_bit(24);
        self.busy.next = self.registers.busy.val();
        self.damaged.next = self.hurt.q.val();
        if self.reset.val() {
            self.state.d.next = 0.into();
            self.asks.d.next = false;
            self.gives.d.next = false;
            self.tells.d.next = false;
            self.fits.d.next = false;
            self.hurt.d.next = false;
        }
    }
}
