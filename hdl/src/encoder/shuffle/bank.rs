//! A memory that turns bytes into words: a byte goes in, eight come out.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Block RAM of 2^(BLOCK - 2) bytes in rows of 8, latency 1; it keeps a bank's planes in two halves of a block of 2^BLOCK
/// bytes. `read_data` is 0 while `read_enable` is low, so banks of which one is read can be ORed. A read of the row
/// that is written in the same cycle is undefined.
#[derive(LogicBlock)]
pub struct Bank<const BLOCK: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reads at the next edge.
    pub read_enable: Signal<In, Bit>,
    /// Row to read.
    pub read_row: Signal<In, U<14>>,
    /// Row read, one cycle later.
    pub read_data: Signal<Out, U<64>>,
    /// Writes at the next edge.
    pub write_enable: Signal<In, Bit>,
    /// Row to write.
    pub write_row: Signal<In, U<14>>,
    /// Byte of the row.
    pub write_lane: Signal<In, U<3>>,
    /// What to write.
    pub write_data: Signal<In, U<8>>,
    _mem: Vec<u64>,
}

impl<const BLOCK: usize> Default for Bank<BLOCK> {
    fn default() -> Self {
        const { assert!(BLOCK >= 10 && BLOCK <= 15, "blocks of 1 KiB to 32 KiB") };
        Self {
            clock: Default::default(),
            read_enable: Default::default(),
            read_row: Default::default(),
            read_data: Default::default(),
            write_enable: Default::default(),
            write_row: Default::default(),
            write_lane: Default::default(),
            write_data: Default::default(),
            _mem: vec![0; 1 << (BLOCK - 5)],
        }
    }
}

impl<const BLOCK: usize> Logic for Bank<BLOCK> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let last = self._mem.len() - 1;
            let (read, write) = (self.read_row.val().index() & last, self.write_row.val().index() & last);
            let writes = self.write_enable.val();
            let reads = self.read_enable.val() && !(writes && read == write);
            self.read_data.next = U(if reads { self._mem[read] } else { 0 });
            if writes {
                let by = 8 * self.write_lane.val().0;
                self._mem[write] = self._mem[write] & !(0xff << by) | self.write_data.val().0 << by;
            }
        }
    }
    fn connect(&mut self) {
        self.read_data.connect();
    }
    fn hdl(&self) -> Verilog {
        let (r, n) = (BLOCK - 6, 8 * self._mem.len() - 1);
        let bytes: Vec<String> = (0..8).rev().map(|lane| format!("mem[{{read_row[{r}:0], 3'd{lane}}}]")).collect();
        // What a collision gives does not matter: without this, logic is made around the memory.
        Verilog::Custom(format!(
            "\
(* ram_style = \"block\", no_rw_check *) reg [7:0] mem [0:{n}];
integer k;
initial begin
  for (k = 0; k <= {n}; k = k + 1) mem[k] = 8'd0;
  read_data = 64'd0;
end
always @(posedge clock) begin
  if (!read_enable) read_data <= 64'd0;
  else if (write_enable && write_row[{r}:0] == read_row[{r}:0]) read_data <= 64'bx;
  else read_data <= {{{}}};
  if (write_enable) mem[{{write_row[{r}:0], write_lane}}] <= write_data;
end
",
            bytes.join(", ")
        ))
    }
}
