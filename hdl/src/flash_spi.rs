//! The SPI core before a card's flash: its registers are those of the vendor's (`debye_spec::flash::spi`), so that one
//! driver drives either. Which register is which number (offset / 4) stands here; the tests hold it against the map.
//!
//! SPI mode 0, highest bit first. The clock is the core's divided by 8: 31 MHz of 250. `spi_mosi` changes when it falls,
//! `spi_miso` is taken when it falls, which leaves a board a whole period for the way there and back. A byte takes 64
//! cycles and one to load it. Each FIFO holds 64 bytes.
//!
//! One write and one read are under way at a time; a read answers after 2 cycles, a write 2 cycles after the later of its
//! halves. SLVERR: what the map does not hold. Strobes are not looked at, as in the vendor's core.

use crate::base::pins::HdlPins;
use crate::base::word::{U, bit_cast_b, bit_cast_u};
use crate::rings::fifo::Fifo;
use rust_hdl::prelude::*;

/// log2 of the bytes that each FIFO holds.
const FIFO_LOG2: usize = 6;

/// See the module.
#[derive(LogicBlock, Default)]
pub struct FlashSpi {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Registers, from 0.
    pub s_axil_awaddr: Signal<In, U<16>>,
    /// Not looked at.
    pub s_axil_awprot: Signal<In, U<3>>,
    /// See `s_axil_awaddr`.
    pub s_axil_awvalid: Signal<In, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_awready: Signal<Out, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_wdata: Signal<In, U<32>>,
    /// Not looked at.
    pub s_axil_wstrb: Signal<In, U<4>>,
    /// See `s_axil_awaddr`.
    pub s_axil_wvalid: Signal<In, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_wready: Signal<Out, Bit>,
    /// 0 (OKAY) or 2 (SLVERR).
    pub s_axil_bresp: Signal<Out, U<2>>,
    /// See `s_axil_awaddr`.
    pub s_axil_bvalid: Signal<Out, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_bready: Signal<In, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_araddr: Signal<In, U<16>>,
    /// Not looked at.
    pub s_axil_arprot: Signal<In, U<3>>,
    /// See `s_axil_awaddr`.
    pub s_axil_arvalid: Signal<In, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_arready: Signal<Out, Bit>,
    /// 0 with SLVERR.
    pub s_axil_rdata: Signal<Out, U<32>>,
    /// 0 (OKAY) or 2 (SLVERR).
    pub s_axil_rresp: Signal<Out, U<2>>,
    /// See `s_axil_awaddr`.
    pub s_axil_rvalid: Signal<Out, Bit>,
    /// See `s_axil_awaddr`.
    pub s_axil_rready: Signal<In, Bit>,

    /// Clock of the memory, 0 at rest.
    pub spi_sck: Signal<Out, Bit>,
    /// Selects the memory, active low.
    pub spi_cs_n: Signal<Out, Bit>,
    /// Data to the memory.
    pub spi_mosi: Signal<Out, Bit>,
    /// Data from the memory.
    pub spi_miso: Signal<In, Bit>,

    tx: Fifo<U<8>, FIFO_LOG2>,
    rx: Fifo<U<8>, FIFO_LOG2>,

    aw_held: DFF<Bit>,
    aw_word: DFF<U<14>>,
    w_held: DFF<Bit>,
    w_data: DFF<U<32>>,
    b_valid: DFF<Bit>,
    b_error: DFF<Bit>,
    r_busy: DFF<Bit>,
    r_word: DFF<U<14>>,
    r_valid: DFF<Bit>,
    r_error: DFF<Bit>,
    r_data: DFF<U<32>>,

    control: DFF<U<10>>,
    deselect: DFF<Bit>,
    sck: DFF<Bit>,
    shift: DFF<U<8>>,
    bits: DFF<U<4>>,
    phase: DFF<U<4>>,

    writes: Signal<Local, Bit>,
    reads: Signal<Local, Bit>,
    soft_reset: Signal<Local, Bit>,
    clears_tx: Signal<Local, Bit>,
    clears_rx: Signal<Local, Bit>,
    busy: Signal<Local, Bit>,
    on: Signal<Local, Bit>,
    sends: Signal<Local, Bit>,
    loads: Signal<Local, Bit>,
    half_over: Signal<Local, Bit>,
    shifted: Signal<Local, U<8>>,
    status: Signal<Local, U<32>>,
    tx_full: Signal<Local, Bit>,
    tx_empty: Signal<Local, Bit>,
    rx_empty: Signal<Local, Bit>,
    rx_full: Signal<Local, Bit>,
    tx_left: Signal<Local, U<8>>,
    rx_left: Signal<Local, U<8>>,
}

impl FlashSpi {
    /// The core behind pins.
    pub fn pins() -> HdlPins<FlashSpi> {
        crate::pins!(Box::new(FlashSpi::default());
            in reset, s_axil_awaddr, s_axil_awprot, s_axil_awvalid, s_axil_wdata, s_axil_wstrb, s_axil_wvalid,
                s_axil_bready, s_axil_araddr, s_axil_arprot, s_axil_arvalid, s_axil_rready, spi_miso;
            out s_axil_awready, s_axil_wready, s_axil_bresp, s_axil_bvalid, s_axil_arready, s_axil_rdata, s_axil_rresp,
                s_axil_rvalid, spi_sck, spi_cs_n, spi_mosi)
    }
}

impl Logic for FlashSpi {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, aw_held, aw_word, w_held, w_data, b_valid, b_error, r_busy, r_word, r_valid, r_error, r_data
        );
        dff_setup!(self, clock, control, deselect, sck, shift, bits, phase);
        self.tx.clock.next = self.clock.val();
        self.rx.clock.next = self.clock.val();
        self.busy.next = self.bits.q.val().any();
        self.tx_full.next = self.tx.used.val() == 64;
        self.rx_full.next = self.rx.used.val() == 64;
        self.rx_empty.next = !self.rx.valid.val();
        self.tx_empty.next = !(self.tx.valid.val() | self.busy.val());

        // A write: both halves are held until the answer before is gone.
        self.s_axil_awready.next = !self.aw_held.q.val();
        self.s_axil_wready.next = !self.w_held.q.val();
        self.s_axil_bvalid.next = self.b_valid.q.val();
        self.s_axil_bresp.next = bit_cast_b::<2>(self.b_error.q.val()) << 1;
        if self.s_axil_awvalid.val() & !self.aw_held.q.val() {
            self.aw_held.d.next = true;
            self.aw_word.d.next = self.s_axil_awaddr.val().get_bits::<14>(2);
        }
        if self.s_axil_wvalid.val() & !self.w_held.q.val() {
            self.w_held.d.next = true;
            self.w_data.d.next = self.s_axil_wdata.val();
        }
        self.writes.next = self.aw_held.q.val() & self.w_held.q.val() & !self.b_valid.q.val();
        if self.b_valid.q.val() & self.s_axil_bready.val() {
            self.b_valid.d.next = false;
        }
        self.soft_reset.next = false;
        self.clears_tx.next = false;
        self.clears_rx.next = false;
        self.tx.push.next = false;
        self.tx.push_data.next = bit_cast_u::<8, 32>(self.w_data.q.val());
        if self.writes.val() {
            self.aw_held.d.next = false;
            self.w_held.d.next = false;
            self.b_valid.d.next = true;
            self.b_error.d.next = false;
            match self.aw_word.q.val().index() {
                16 => self.soft_reset.next = self.w_data.q.val() == 10,
                24 => {
                    // The bits that empty the FIFOs are not kept.
                    self.control.d.next = bit_cast_u::<10, 32>(self.w_data.q.val()) & 0x39f;
                    self.clears_tx.next = self.w_data.q.val().get_bit(5);
                    self.clears_rx.next = self.w_data.q.val().get_bit(6);
                }
                26 => self.tx.push.next = !self.tx_full.val(),
                28 => self.deselect.d.next = self.w_data.q.val().get_bit(0),
                25 => {}
                27 => {}
                29 => {}
                30 => {}
                _ => self.b_error.d.next = true,
            }
        }

        // A read.
        self.s_axil_arready.next = !self.r_busy.q.val();
        self.s_axil_rvalid.next = self.r_valid.q.val();
        self.s_axil_rdata.next = self.r_data.q.val();
        self.s_axil_rresp.next = bit_cast_b::<2>(self.r_error.q.val()) << 1;
        if self.s_axil_arvalid.val() & !self.r_busy.q.val() {
            self.r_busy.d.next = true;
            self.r_word.d.next = self.s_axil_araddr.val().get_bits::<14>(2);
        }
        self.reads.next = self.r_busy.q.val() & !self.r_valid.q.val();
        self.status.next = bit_cast_b::<32>(self.rx_empty.val())
            | (bit_cast_b::<32>(self.rx_full.val()) << 1)
            | (bit_cast_b::<32>(self.tx_empty.val()) << 2)
            | (bit_cast_b::<32>(self.tx_full.val()) << 3)
            | 32;
        self.tx_left.next = 0.into();
        if self.tx.valid.val() {
            self.tx_left.next = self.tx.used.val() - 1;
        }
        self.rx_left.next = 0.into();
        if self.rx.valid.val() {
            self.rx_left.next = self.rx.used.val() - 1;
        }
        self.rx.pop.next = false;
        if self.reads.val() {
            self.r_valid.d.next = true;
            self.r_error.d.next = false;
            self.r_data.d.next = 0.into();
            match self.r_word.q.val().index() {
                16 => {}
                24 => self.r_data.d.next = bit_cast_u::<32, 10>(self.control.q.val()),
                25 => self.r_data.d.next = self.status.val(),
                26 => {}
                27 => {
                    if self.rx.valid.val() {
                        self.r_data.d.next = bit_cast_u::<32, 8>(self.rx.data.val());
                        self.rx.pop.next = true;
                    }
                }
                28 => self.r_data.d.next = bit_cast_b::<32>(self.deselect.q.val()),
                29 => self.r_data.d.next = bit_cast_u::<32, 8>(self.tx_left.val()),
                30 => self.r_data.d.next = bit_cast_u::<32, 8>(self.rx_left.val()),
                _ => self.r_error.d.next = true,
            }
        }
        if self.r_valid.q.val() & self.s_axil_rready.val() {
            self.r_valid.d.next = false;
            self.r_busy.d.next = false;
        }

        // The wires. A byte that has begun is finished.
        self.on.next = self.control.q.val().get_bit(1) & self.control.q.val().get_bit(2);
        self.sends.next = self.on.val() & !self.control.q.val().get_bit(8);
        self.loads.next = !self.busy.val() & self.sends.val() & self.tx.valid.val();
        self.tx.pop.next = self.loads.val();
        self.half_over.next = self.busy.val() & (self.phase.q.val() == 3);
        self.shifted.next = (self.shift.q.val() << 1) | bit_cast_b::<8>(self.spi_miso.val());
        self.rx.push.next = false;
        self.rx.push_data.next = self.shifted.val();
        if self.busy.val() {
            self.phase.d.next = self.phase.q.val() + 1;
        }
        if self.half_over.val() {
            self.phase.d.next = 0.into();
            self.sck.d.next = !self.sck.q.val();
            if self.sck.q.val() {
                self.shift.d.next = self.shifted.val();
                self.bits.d.next = self.bits.q.val() - 1;
                // What comes when the FIFO is full is lost.
                self.rx.push.next = (self.bits.q.val() == 1) & !self.rx_full.val();
            }
        }
        if self.loads.val() {
            self.shift.d.next = self.tx.data.val();
            self.bits.d.next = 8.into();
            self.phase.d.next = 0.into();
        }
        self.spi_sck.next = self.sck.q.val();
        self.spi_mosi.next = self.shift.q.val().get_bit(7);
        self.spi_cs_n.next = self.deselect.q.val() | !self.on.val();
        if !self.control.q.val().get_bit(7) & !(self.busy.val() | self.loads.val()) {
            self.spi_cs_n.next = true;
        }

        self.tx.reset.next = self.reset.val() | self.soft_reset.val() | self.clears_tx.val();
        self.rx.reset.next = self.reset.val() | self.soft_reset.val() | self.clears_rx.val();
        if self.reset.val() | self.soft_reset.val() {
            self.control.d.next = 384.into();
            self.deselect.d.next = true;
            self.sck.d.next = false;
            self.bits.d.next = 0.into();
            self.phase.d.next = 0.into();
        }
        if self.reset.val() {
            self.aw_held.d.next = false;
            self.w_held.d.next = false;
            self.b_valid.d.next = false;
            self.r_busy.d.next = false;
            self.r_valid.d.next = false;
        }
    }
}
