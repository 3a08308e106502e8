//! The table's way from memory to the lanes of one group: its reader behind the read master. A card puts up to four
//! readers behind one master; this is what a bench of the bus drives.

use super::memory::Memory;
use super::reader::Reader;
use crate::base::pins::HdlPins;
use crate::base::word::{U, W};
use crate::pins;
use rust_hdl::prelude::*;

/// A card of one group without all but its table's reader. See [`Memory`] for the bus and [`Reader`] for the rest.
#[derive(LogicBlock, Default)]
pub struct TableReader {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Synchronous reset.
    pub reset: Signal<In, Bit>,
    /// Where the operations stand.
    pub table_address: Signal<In, U<64>>,
    /// How many.
    pub table_ops: Signal<In, U<32>>,
    /// Some lane wants a read.
    pub wants: Signal<In, Bit>,
    /// A read starts.
    pub start: Signal<Out, Bit>,
    /// An operation for the lanes.
    pub op_enable: Signal<Out, Bit>,
    /// The operation.
    pub op_data: Signal<Out, W<128, 2>>,
    /// A lane has room for 8 more at most.
    pub op_full: Signal<In, Bit>,
    /// A read is going on, or is wanted.
    pub busy: Signal<Out, Bit>,
    /// All beats that were asked for have come.
    pub quiet: Signal<Out, Bit>,
    /// Read address channel.
    pub m_axi_arid: Signal<Out, U<4>>,
    /// Read address channel.
    pub m_axi_araddr: Signal<Out, U<64>>,
    /// Read address channel.
    pub m_axi_arlen: Signal<Out, U<8>>,
    /// Read address channel.
    pub m_axi_arsize: Signal<Out, U<3>>,
    /// Read address channel.
    pub m_axi_arburst: Signal<Out, U<2>>,
    /// Read address channel.
    pub m_axi_arvalid: Signal<Out, Bit>,
    /// Read address channel.
    pub m_axi_arready: Signal<In, Bit>,
    /// Read data channel.
    pub m_axi_rid: Signal<In, U<4>>,
    /// Read data channel.
    pub m_axi_rdata: Signal<In, W<512, 8>>,
    /// Read data channel.
    pub m_axi_rresp: Signal<In, U<2>>,
    /// Read data channel.
    pub m_axi_rlast: Signal<In, Bit>,
    /// Read data channel.
    pub m_axi_rvalid: Signal<In, Bit>,
    /// Read data channel.
    pub m_axi_rready: Signal<Out, Bit>,
    memory: Memory,
    reader: Reader,
}

impl Logic for TableReader {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, memory, reader);
        self.memory.reset.next = self.reset.val();
        self.memory.clear.next = self.reset.val();
        self.memory.last_group.next = 0.into();
        self.memory.ask_valid.next = self.reader.ask_valid.val();
        self.memory.ask_address.next = self.reader.ask_address.val();
        self.memory.ask_beats.next = self.reader.ask_beats.val();
        self.memory.m_axi_arready.next = self.m_axi_arready.val();
        self.memory.m_axi_rid.next = self.m_axi_rid.val();
        self.memory.m_axi_rdata.next = self.m_axi_rdata.val();
        self.memory.m_axi_rresp.next = self.m_axi_rresp.val();
        self.memory.m_axi_rlast.next = self.m_axi_rlast.val();
        self.memory.m_axi_rvalid.next = self.m_axi_rvalid.val();
        self.m_axi_arid.next = self.memory.m_axi_arid.val();
        self.m_axi_araddr.next = self.memory.m_axi_araddr.val();
        self.m_axi_arlen.next = self.memory.m_axi_arlen.val();
        self.m_axi_arsize.next = self.memory.m_axi_arsize.val();
        self.m_axi_arburst.next = self.memory.m_axi_arburst.val();
        self.m_axi_arvalid.next = self.memory.m_axi_arvalid.val();
        self.m_axi_rready.next = self.memory.m_axi_rready.val();
        self.quiet.next = self.memory.quiet.val();

        self.reader.reset.next = self.reset.val();
        self.reader.table_address.next = self.table_address.val();
        self.reader.table_ops.next = self.table_ops.val();
        self.reader.batch_wait.next = 0.into();
        self.reader.any.next = self.wants.val();
        self.reader.all.next = self.wants.val();
        self.reader.op_full.next = self.op_full.val();
        self.reader.ask_take.next = self.memory.take.val();
        self.reader.r_enable.next = self.memory.r_enable.val();
        self.reader.r_data.next = self.memory.r_data.val();
        self.reader.r_bad.next = self.memory.r_bad.val();
        self.start.next = self.reader.start.val();
        self.op_enable.next = self.reader.op_enable.val();
        self.op_data.next = self.reader.op_data.val();
        self.busy.next = self.reader.busy.val();
    }
}

/// It behind its ports.
pub fn pins() -> HdlPins<TableReader> {
    pins!(Box::<TableReader>::default();
        in reset, table_address, table_ops, wants, op_full, m_axi_arready, m_axi_rid, m_axi_rdata, m_axi_rresp,
           m_axi_rlast, m_axi_rvalid;
        out start, op_enable, op_data, busy, quiet, m_axi_arid, m_axi_araddr, m_axi_arlen, m_axi_arsize,
            m_axi_arburst, m_axi_arvalid, m_axi_rready)
}
