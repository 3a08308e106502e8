//! The memory of the table's operations.

use crate::base::word::{U, W};
use rust_hdl::prelude::*;

/// 2^A operations in block RAM, one write and one read port, latency 1; `read_data` holds while `read_enable` is low. It
/// has no contents to begin with: a statement for each of so many words is more than synthesis takes. A read of the
/// operation that is written in the same cycle is undefined.
#[derive(LogicBlock)]
pub struct TableMemory<const A: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reads at the next edge.
    pub read_enable: Signal<In, Bit>,
    /// Operation to read.
    pub read_address: Signal<In, U<A>>,
    /// Operation read, one cycle later.
    pub read_data: Signal<Out, W<128, 2>>,
    /// Writes at the next edge.
    pub write_enable: Signal<In, Bit>,
    /// Operation to write.
    pub write_address: Signal<In, U<A>>,
    /// What to write.
    pub write_data: Signal<In, W<128, 2>>,
    _mem: Vec<W<128, 2>>,
}

impl<const A: usize> Default for TableMemory<A> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            read_enable: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            write_enable: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            _mem: vec![W::default(); 1 << A],
        }
    }
}

impl<const A: usize> Logic for TableMemory<A> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            if self.read_enable.val() {
                self.read_data.next = self._mem[self.read_address.val().index()];
            }
            if self.write_enable.val() {
                self._mem[self.write_address.val().index()] = self.write_data.val();
            }
        }
    }
    fn connect(&mut self) {
        self.read_data.connect();
    }
    fn hdl(&self) -> Verilog {
        let (n, words) = ((1usize << A) - 1, 1usize << A);
        Verilog::Custom(format!(
            "\
// module: table_memory_{words}
(* ram_style = \"block\" *) reg [127:0] mem [0:{n}];
always @(posedge clock) begin
  if (read_enable) begin
    if (write_enable && write_address == read_address) read_data <= {{128{{1'bx}}}};
    else read_data <= mem[read_address];
  end
  if (write_enable) mem[write_address] <= write_data;
end
"
        ))
    }
}
