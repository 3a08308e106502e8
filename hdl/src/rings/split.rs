//! One AXI4-Lite port for two slaves: the card core below 0x8000, the ring engine above. The engine's reset comes in here
//! too: it puts the core into its soft reset by the core's own registers and waits until the core is done.

use crate::base::word::{U, bit_cast_b};
use rust_hdl::prelude::*;

/// One access at a time; address and data of a write are taken independently. Adds 2 cycles to the slave's.
#[derive(LogicBlock, Default)]
pub struct Split {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// The port.
    pub s_axil_awaddr: Signal<In, U<16>>,
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

    /// Address of the access, for either slave.
    pub address: Signal<Out, U<16>>,
    /// Data to write.
    pub wdata: Signal<Out, U<32>>,
    /// Bytes to write.
    pub wstrb: Signal<Out, U<4>>,
    /// Write address for the core (0), the engine (1).
    pub awvalid: [Signal<Out, Bit>; 2],
    /// See `awvalid`.
    pub awready: [Signal<In, Bit>; 2],
    /// See `awvalid`.
    pub wvalid: [Signal<Out, Bit>; 2],
    /// See `awvalid`.
    pub wready: [Signal<In, Bit>; 2],
    /// See `awvalid`.
    pub bvalid: [Signal<In, Bit>; 2],
    /// See `awvalid`.
    pub bresp: [Signal<In, U<2>>; 2],
    /// See `awvalid`.
    pub arvalid: [Signal<Out, Bit>; 2],
    /// See `awvalid`.
    pub arready: [Signal<In, Bit>; 2],
    /// See `awvalid`.
    pub rvalid: [Signal<In, Bit>; 2],
    /// See `awvalid`.
    pub rdata: [Signal<In, U<32>>; 2],
    /// See `awvalid`.
    pub rresp: [Signal<In, U<2>>; 2],
    /// An answer is taken: at once.
    pub ready: Signal<Out, Bit>,

    /// The core is to be reset and disabled.
    pub quench: Signal<In, Bit>,
    /// It is; until `quench` falls.
    pub quenched: Signal<Out, Bit>,

    aw_held: DFF<Bit>,
    aw_address: DFF<U<16>>,
    w_held: DFF<Bit>,
    w_data: DFF<U<32>>,
    w_strobe: DFF<U<4>>,
    b_valid: DFF<Bit>,
    b_response: DFF<U<2>>,
    ar_held: DFF<Bit>,
    ar_address: DFF<U<16>>,
    r_valid: DFF<Bit>,
    r_data: DFF<U<32>>,
    r_response: DFF<U<2>>,
    // 0 free, 1 write under way, 2 read under way.
    state: DFF<U<2>>,
    upper: DFF<Bit>,
    own: DFF<Bit>,
    place: DFF<U<16>>,
    data: DFF<U<32>>,
    strobe: DFF<U<4>>,
    asks: DFF<Bit>,
    gives: DFF<Bit>,
    // 0 not asked, 1 written, 2 done.
    quenching: DFF<U<2>>,
    // The access before was of the reset: the host's goes first.
    yields: DFF<Bit>,
    writes: Signal<Local, Bit>,
    reads: Signal<Local, Bit>,
    answered: Signal<Local, Bit>,
    answer: Signal<Local, U<32>>,
    response: Signal<Local, U<2>>,
    side: Signal<Local, U<1>>,
}

impl Logic for Split {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, aw_held, aw_address, w_held, w_data, w_strobe, b_valid, b_response);
        dff_setup!(self, clock, ar_held, ar_address, r_valid, r_data, r_response);
        dff_setup!(self, clock, state, upper, own, place, data, strobe, asks, gives, quenching, yields);
        self.s_axil_awready.next = !self.aw_held.q.val();
        self.s_axil_wready.next = !self.w_held.q.val();
        self.s_axil_bvalid.next = self.b_valid.q.val();
        self.s_axil_bresp.next = self.b_response.q.val();
        self.s_axil_arready.next = !self.ar_held.q.val();
        self.s_axil_rvalid.next = self.r_valid.q.val();
        self.s_axil_rdata.next = self.r_data.q.val();
        self.s_axil_rresp.next = self.r_response.q.val();
        if self.s_axil_awvalid.val() & !self.aw_held.q.val() {
            self.aw_held.d.next = true;
            self.aw_address.d.next = self.s_axil_awaddr.val();
        }
        if self.s_axil_wvalid.val() & !self.w_held.q.val() {
            self.w_held.d.next = true;
            self.w_data.d.next = self.s_axil_wdata.val();
            self.w_strobe.d.next = self.s_axil_wstrb.val();
        }
        if self.s_axil_arvalid.val() & !self.ar_held.q.val() {
            self.ar_held.d.next = true;
            self.ar_address.d.next = self.s_axil_araddr.val();
        }
        if self.s_axil_bready.val() {
            self.b_valid.d.next = false;
        }
        if self.s_axil_rready.val() {
            self.r_valid.d.next = false;
        }

        self.address.next = self.place.q.val();
        self.wdata.next = self.data.q.val();
        self.wstrb.next = self.strobe.q.val();
        self.ready.next = self.state.q.val() != 0;
        self.answered.next = false;
        self.answer.next = 0.into();
        self.response.next = 0.into();
        self.side.next = bit_cast_b::<1>(self.upper.q.val());
        for i in 0..2 {
            self.awvalid[i].next = false;
            self.wvalid[i].next = false;
            self.arvalid[i].next = false;
            if (self.side.val().index() == i) & (self.state.q.val() == 1) {
                self.awvalid[i].next = self.asks.q.val();
                self.wvalid[i].next = self.gives.q.val();
                if self.awready[i].val() {
                    self.asks.d.next = false;
                }
                if self.wready[i].val() {
                    self.gives.d.next = false;
                }
                self.answered.next = self.bvalid[i].val();
                self.response.next = self.bresp[i].val();
            }
            if (self.side.val().index() == i) & (self.state.q.val() == 2) {
                self.arvalid[i].next = self.asks.q.val();
                if self.arready[i].val() {
                    self.asks.d.next = false;
                }
                self.answered.next = self.rvalid[i].val();
                self.answer.next = self.rdata[i].val();
                self.response.next = self.rresp[i].val();
            }
        }
        if self.answered.val() {
            self.state.d.next = 0.into();
            if !self.own.q.val() & (self.state.q.val() == 1) {
                self.b_valid.d.next = true;
                self.b_response.d.next = self.response.val();
                self.aw_held.d.next = false;
                self.w_held.d.next = false;
            }
            if !self.own.q.val() & (self.state.q.val() == 2) {
                self.r_valid.d.next = true;
                self.r_data.d.next = self.answer.val();
                self.r_response.d.next = self.response.val();
                self.ar_held.d.next = false;
            }
            if self.own.q.val() & (self.state.q.val() == 1) {
                self.quenching.d.next = 1.into();
            }
            // `status.busy` of the core.
            if self.own.q.val() & (self.state.q.val() == 2) & !self.answer.val().get_bit(0) {
                self.quenching.d.next = 2.into();
            }
        }
        self.quenched.next = self.quenching.q.val() == 2;
        if !self.quench.val() & (self.state.q.val() == 0) {
            self.quenching.d.next = 0.into();
        }

        self.writes.next = self.aw_held.q.val() & self.w_held.q.val() & !self.b_valid.q.val();
        self.reads.next = self.ar_held.q.val() & !self.r_valid.q.val();
        if self.state.q.val() == 0 {
            self.yields.d.next = false;
            self.asks.d.next = true;
            self.gives.d.next = true;
            self.own.d.next = false;
            if self.quench.val()
                & (self.quenching.q.val() != 2)
                & !(self.yields.q.val() & (self.writes.val() | self.reads.val()))
            {
                self.yields.d.next = true;
                self.own.d.next = true;
                self.upper.d.next = false;
                self.strobe.d.next = 15.into();
                // `control`: disabled, soft reset; then `status` until the core is not busy.
                self.place.d.next = 24.into();
                self.data.d.next = 2.into();
                self.state.d.next = 1.into();
                if self.quenching.q.val() == 1 {
                    self.place.d.next = 28.into();
                    self.state.d.next = 2.into();
                }
            } else if self.writes.val() {
                self.upper.d.next = self.aw_address.q.val().get_bit(15);
                self.place.d.next = self.aw_address.q.val();
                self.data.d.next = self.w_data.q.val();
                self.strobe.d.next = self.w_strobe.q.val();
                self.state.d.next = 1.into();
            } else if self.reads.val() {
                self.upper.d.next = self.ar_address.q.val().get_bit(15);
                self.place.d.next = self.ar_address.q.val();
                self.state.d.next = 2.into();
            }
        }

        if self.reset.val() {
            self.aw_held.d.next = false;
            self.w_held.d.next = false;
            self.b_valid.d.next = false;
            self.ar_held.d.next = false;
            self.r_valid.d.next = false;
            self.state.d.next = 0.into();
            self.quenching.d.next = 0.into();
            self.yields.d.next = false;
        }
    }
}
