//! The memory of one bank.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Block RAM of 2 * 2^ROWS rows of three sums (140 bits: two blocks of 72). One write and one read port, latency 1; as
/// [`BlockRam`](crate::base::ram::BlockRam) in all else. An address is a key: bit 11 is the half, bits `ROWS - 1`..0 the
/// row.
#[derive(LogicBlock)]
pub struct Sums<const ROWS: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reads at the next edge.
    pub read_enable: Signal<In, Bit>,
    /// Key to read.
    pub read_key: Signal<In, U<12>>,
    /// Signal read, one cycle later.
    pub read_signal: Signal<Out, U<54>>,
    /// Variance read.
    pub read_variance: Signal<Out, U<60>>,
    /// Weight read.
    pub read_weight: Signal<Out, U<26>>,
    /// Writes at the next edge.
    pub write_enable: Signal<In, Bit>,
    /// Key to write.
    pub write_key: Signal<In, U<12>>,
    /// Signal to write.
    pub write_signal: Signal<In, U<54>>,
    /// Variance to write.
    pub write_variance: Signal<In, U<60>>,
    /// Weight to write.
    pub write_weight: Signal<In, U<26>>,
    _mem: Vec<(U<54>, U<60>, U<26>)>,
}

impl<const ROWS: usize> Default for Sums<ROWS> {
    fn default() -> Self {
        assert!((1..=11).contains(&ROWS), "a bank has 2 to 2048 rows");
        Self {
            clock: Default::default(),
            read_enable: Default::default(),
            read_key: Default::default(),
            read_signal: Default::default(),
            read_variance: Default::default(),
            read_weight: Default::default(),
            write_enable: Default::default(),
            write_key: Default::default(),
            write_signal: Default::default(),
            write_variance: Default::default(),
            write_weight: Default::default(),
            _mem: vec![Default::default(); 2 << ROWS],
        }
    }
}

/// Word of a key.
fn word<const ROWS: usize>(key: U<12>) -> usize {
    key.index() & ((1 << ROWS) - 1) | (key.index() >> 11) << ROWS
}

impl<const ROWS: usize> Logic for Sums<ROWS> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let (read, write) = (word::<ROWS>(self.read_key.val()), word::<ROWS>(self.write_key.val()));
            let writes = self.write_enable.val();
            if self.read_enable.val() {
                let clash = writes && read == write;
                let (signal, variance, weight) = if clash { Default::default() } else { self._mem[read] };
                self.read_signal.next = signal;
                self.read_variance.next = variance;
                self.read_weight.next = weight;
            }
            if writes {
                self._mem[write] = (self.write_signal.val(), self.write_variance.val(), self.write_weight.val());
            }
        }
    }
    fn connect(&mut self) {
        self.read_signal.connect();
        self.read_variance.connect();
        self.read_weight.connect();
    }
    fn hdl(&self) -> Verilog {
        let (last, row) = ((2usize << ROWS) - 1, ROWS - 1);
        Verilog::Custom(format!(
            "\
(* ram_style = \"block\" *) reg [139:0] mem [0:{last}];
integer k;
initial begin
  for (k = 0; k <= {last}; k = k + 1) mem[k] = 140'd0;
  {{read_weight, read_variance, read_signal}} = 140'd0;
end
wire [{ROWS}:0] read = {{read_key[11], read_key[{row}:0]}};
wire [{ROWS}:0] write = {{write_key[11], write_key[{row}:0]}};
always @(posedge clock) begin
  if (read_enable) begin
    if (write_enable && write == read) {{read_weight, read_variance, read_signal}} <= {{140{{1'bx}}}};
    else {{read_weight, read_variance, read_signal}} <= mem[read];
  end
  if (write_enable) mem[write] <= {{write_weight, write_variance, write_signal}};
end
"
        ))
    }
}
