//! The encoder's block RAM: as many words as the elaboration's blocks need.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Block RAM of 2^(BLOCK - LESS) words of `N` bits; address bits above the memory's do not count. Latency 1; what was
/// read holds while `read_enable` is low. A read of the word that is written in the same cycle is undefined.
#[derive(LogicBlock)]
pub struct Memory<const N: usize, const BLOCK: usize, const LESS: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reads at the next edge.
    pub read_enable: Signal<In, Bit>,
    /// Word to read.
    pub read_address: Signal<In, U<14>>,
    /// Word read, one cycle later.
    pub read_data: Signal<Out, U<N>>,
    /// Writes at the next edge.
    pub write_enable: Signal<In, Bit>,
    /// Word to write.
    pub write_address: Signal<In, U<14>>,
    /// What to write.
    pub write_data: Signal<In, U<N>>,
    _mem: Vec<U<N>>,
}

impl<const N: usize, const BLOCK: usize, const LESS: usize> Default for Memory<N, BLOCK, LESS> {
    fn default() -> Self {
        const { assert!(BLOCK >= 10 && BLOCK <= 15, "blocks of 1 KiB to 32 KiB") };
        const { assert!(LESS >= 2 && LESS < BLOCK, "an address has 14 bits") };
        Self {
            clock: Default::default(),
            read_enable: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            write_enable: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            _mem: vec![U(0); 1 << (BLOCK - LESS)],
        }
    }
}

impl<const N: usize, const BLOCK: usize, const LESS: usize> Logic for Memory<N, BLOCK, LESS> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let last = self._mem.len() - 1;
            let (read, write) = (self.read_address.val().index() & last, self.write_address.val().index() & last);
            let writes = self.write_enable.val();
            if self.read_enable.val() {
                self.read_data.next = if writes && read == write { U(0) } else { self._mem[read] };
            }
            if writes {
                self._mem[write] = self.write_data.val();
            }
        }
    }
    fn connect(&mut self) {
        self.read_data.connect();
    }
    fn hdl(&self) -> Verilog {
        let (top, n, a) = (N - 1, self._mem.len() - 1, BLOCK - LESS - 1);
        Verilog::Custom(format!(
            "\
(* ram_style = \"block\" *) reg [{top}:0] mem [0:{n}];
integer k;
initial begin
  for (k = 0; k <= {n}; k = k + 1) mem[k] = {N}'d0;
  read_data = {N}'d0;
end
always @(posedge clock) begin
  if (read_enable) begin
    if (write_enable && write_address[{a}:0] == read_address[{a}:0]) read_data <= {{{N}{{1'bx}}}};
    else read_data <= mem[read_address[{a}:0]];
  end
  if (write_enable) mem[write_address[{a}:0]] <= write_data;
end
"
        ))
    }
}
