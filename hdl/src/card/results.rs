//! A lane's results: they wait here whole until the collector comes, so that no lane waits while another's is collected.

use crate::base::pins::HdlPins;
use crate::base::ram::UltraRam;
use crate::base::word::U;
use rust_hdl::prelude::*;

/// FIFO of 4096 words, 1 UltraRAM: the results of 1600 bins, or more of smaller ones. A lane makes a word in about three
/// cycles and the collector takes one in each, so that what of a larger result has not come when the FIFO is full comes
/// while the rest is taken. Latency 3 cycles; a word a cycle.
#[derive(LogicBlock, Default)]
pub struct ResultFifo {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset: empties it.
    pub reset: Signal<In, Bit>,
    /// A word of a result.
    pub s_axis_tvalid: Signal<In, Bit>,
    /// Taken.
    pub s_axis_tready: Signal<Out, Bit>,
    /// First byte in bits 7..0.
    pub s_axis_tdata: Signal<In, U<64>>,
    /// Last word of a result.
    pub s_axis_tlast: Signal<In, Bit>,
    /// A result is here whole, or as much of it as there is room for: it is time to take it.
    pub starts: Signal<Out, Bit>,
    /// No word is here.
    pub empty: Signal<Out, Bit>,
    /// A word of a result.
    pub m_axis_tvalid: Signal<Out, Bit>,
    /// Taken.
    pub m_axis_tready: Signal<In, Bit>,
    /// See `s_axis_tdata`.
    pub m_axis_tdata: Signal<Out, U<64>>,
    /// See `s_axis_tlast`.
    pub m_axis_tlast: Signal<Out, Bit>,

    ram: UltraRam<U<64>, Bit, 12>,
    written: DFF<U<13>>,
    read: DFF<U<13>>,
    room: DFF<Bit>,
    // Whole results.
    whole: DFF<U<13>>,
    loaded: DFF<Bit>,
    // Behind the memory: its own output is late in the cycle.
    out_valid: DFF<Bit>,
    out_data: DFF<U<64>>,
    out_last: DFF<Bit>,
    used: Signal<Local, U<13>>,
    more: Signal<Local, Bit>,
    comes: Signal<Local, Bit>,
    moves: Signal<Local, Bit>,
    ends_in: Signal<Local, Bit>,
    ends_out: Signal<Local, Bit>,
}

impl ResultFifo {
    /// A FIFO for a bench.
    pub fn pins() -> HdlPins<ResultFifo> {
        crate::pins!(Box::<ResultFifo>::default();
            in reset, s_axis_tvalid, s_axis_tdata, s_axis_tlast, m_axis_tready;
            out s_axis_tready, starts, empty, m_axis_tvalid, m_axis_tdata, m_axis_tlast)
    }
}

impl Logic for ResultFifo {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, written, read, room, whole, loaded, out_valid, out_data, out_last);
        self.ram.clock.next = self.clock.val();

        // In. The room is as of a cycle ago: one word more may come.
        self.used.next = self.written.q.val() - self.read.q.val();
        self.room.d.next = self.used.val() < 4094;
        self.s_axis_tready.next = self.room.q.val();
        self.comes.next = self.s_axis_tvalid.val() & self.room.q.val();
        self.ram.write_enable.next = self.comes.val();
        self.ram.write_address.next = self.written.q.val().get_bits::<12>(0);
        self.ram.write_data.next = self.s_axis_tdata.val();
        self.ram.write_side.next = self.s_axis_tlast.val();
        if self.comes.val() {
            self.written.d.next = self.written.q.val() + 1;
        }

        // Out: the memory's register, and one behind it.
        self.moves.next = !self.out_valid.q.val() | self.m_axis_tready.val();
        self.more.next = self.read.q.val() != self.written.q.val();
        self.ram.read_address.next = self.read.q.val().get_bits::<12>(0);
        self.ram.read_enable.next = false;
        if !self.loaded.q.val() | self.moves.val() {
            self.ram.read_enable.next = self.more.val();
            self.loaded.d.next = self.more.val();
            if self.more.val() {
                self.read.d.next = self.read.q.val() + 1;
            }
        }
        if self.moves.val() {
            self.out_valid.d.next = self.loaded.q.val();
            self.out_data.d.next = self.ram.read_data.val();
            self.out_last.d.next = self.ram.read_side.val();
        }
        self.m_axis_tvalid.next = self.out_valid.q.val();
        self.m_axis_tdata.next = self.out_data.q.val();
        self.m_axis_tlast.next = self.out_last.q.val();

        // Whole results.
        self.ends_in.next = self.comes.val() & self.s_axis_tlast.val();
        self.ends_out.next = self.out_valid.q.val() & self.m_axis_tready.val() & self.out_last.q.val();
        if self.ends_in.val() & !self.ends_out.val() {
            self.whole.d.next = self.whole.q.val() + 1;
        }
        if self.ends_out.val() & !self.ends_in.val() {
            self.whole.d.next = self.whole.q.val() - 1;
        }
        self.starts.next = self.whole.q.val().any() | !self.room.q.val();
        self.empty.next = !self.more.val() & !self.loaded.q.val() & !self.out_valid.q.val();

        if self.reset.val() {
            self.written.d.next = 0.into();
            self.read.d.next = 0.into();
            self.room.d.next = true;
            self.whole.d.next = 0.into();
            self.loaded.d.next = false;
            self.out_valid.d.next = false;
        }
    }
}
