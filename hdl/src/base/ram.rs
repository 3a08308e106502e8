//! Memories: leaves with hand-written Verilog in the shapes that yosys and Vivado map to block RAM or LUT RAM.

use super::word::U;
use rust_hdl::prelude::*;

/// Block RAM of 2^A words, one write and one read port, latency 1. `read_data` holds while `read_enable` is low. A read
/// of the word that is written in the same cycle is undefined (0 in simulation, `x` in Verilog): forward around it.
#[derive(LogicBlock)]
pub struct BlockRam<D: Synth, const A: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reads at the next edge.
    pub read_enable: Signal<In, Bit>,
    /// Word to read.
    pub read_address: Signal<In, U<A>>,
    /// Word read, one cycle later.
    pub read_data: Signal<Out, D>,
    /// Writes at the next edge.
    pub write_enable: Signal<In, Bit>,
    /// Word to write.
    pub write_address: Signal<In, U<A>>,
    /// What to write.
    pub write_data: Signal<In, D>,
    _mem: Vec<D>,
}

impl<D: Synth, const A: usize> Default for BlockRam<D, A> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            read_enable: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            write_enable: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            _mem: vec![D::default(); 1 << A],
        }
    }
}

impl<D: Synth, const A: usize> Logic for BlockRam<D, A> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let (read, write) = (self.read_address.val().index(), self.write_address.val().index());
            let writes = self.write_enable.val();
            if self.read_enable.val() {
                self.read_data.next = if writes && read == write { D::default() } else { self._mem[read] };
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
        let (d, n, w, words) = (D::BITS - 1, (1usize << A) - 1, D::BITS, 1usize << A);
        Verilog::Custom(format!(
            "\
// module: block_ram_{w}x{words}
(* ram_style = \"block\" *) reg [{d}:0] mem [0:{n}];
integer k;
initial begin
  for (k = 0; k <= {n}; k = k + 1) mem[k] = {w}'d0;
  read_data = {w}'d0;
end
always @(posedge clock) begin
  if (read_enable) begin
    if (write_enable && write_address == read_address) read_data <= {{{w}{{1'bx}}}};
    else read_data <= mem[read_address];
  end
  if (write_enable) mem[write_address] <= write_data;
end
"
        ))
    }
}

/// LUT RAM of 2^A words: written at the edge, read in the same cycle (the old word while it is being written).
#[derive(LogicBlock)]
pub struct LutRam<D: Synth, const A: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Word to read.
    pub read_address: Signal<In, U<A>>,
    /// Word read, in the same cycle.
    pub read_data: Signal<Out, D>,
    /// Writes at the next edge.
    pub write_enable: Signal<In, Bit>,
    /// Word to write.
    pub write_address: Signal<In, U<A>>,
    /// What to write.
    pub write_data: Signal<In, D>,
    _mem: Vec<D>,
}

impl<D: Synth, const A: usize> Default for LutRam<D, A> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            write_enable: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            _mem: vec![D::default(); 1 << A],
        }
    }
}

impl<D: Synth, const A: usize> Logic for LutRam<D, A> {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.write_enable.val() {
            self._mem[self.write_address.val().index()] = self.write_data.val();
        }
        self.read_data.next = self._mem[self.read_address.val().index()];
    }
    fn connect(&mut self) {
        self.read_data.connect();
    }
    fn hdl(&self) -> Verilog {
        let (d, n, w, words) = (D::BITS - 1, (1usize << A) - 1, D::BITS, 1usize << A);
        Verilog::Custom(format!(
            "\
// module: lut_ram_{w}x{words}
(* ram_style = \"distributed\" *) reg [{d}:0] mem [0:{n}];
integer k;
initial for (k = 0; k <= {n}; k = k + 1) mem[k] = {w}'d0;
always @(posedge clock) if (write_enable) mem[write_address] <= write_data;
always @(*) read_data = mem[read_address];
"
        ))
    }
}

/// LUT RAM of 2^A words of two parts: written at the edge, read in the same cycle (the old word while it is being
/// written). One memory: tools take whole cells for a memory of a few bits.
#[derive(LogicBlock)]
pub struct LutRamPair<D: Synth, E: Synth, const A: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Word to read.
    pub read_address: Signal<In, U<A>>,
    /// First part of the word read, in the same cycle.
    pub read_data: Signal<Out, D>,
    /// Second part of the word read, in the same cycle.
    pub read_side: Signal<Out, E>,
    /// Writes at the next edge.
    pub write_enable: Signal<In, Bit>,
    /// Word to write.
    pub write_address: Signal<In, U<A>>,
    /// First part of what to write.
    pub write_data: Signal<In, D>,
    /// Second part of what to write.
    pub write_side: Signal<In, E>,
    _mem: Vec<(D, E)>,
}

impl<D: Synth, E: Synth, const A: usize> Default for LutRamPair<D, E, A> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            read_side: Default::default(),
            write_enable: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            write_side: Default::default(),
            _mem: vec![Default::default(); 1 << A],
        }
    }
}

impl<D: Synth, E: Synth, const A: usize> Logic for LutRamPair<D, E, A> {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.write_enable.val() {
            self._mem[self.write_address.val().index()] = (self.write_data.val(), self.write_side.val());
        }
        (self.read_data.next, self.read_side.next) = self._mem[self.read_address.val().index()];
    }
    fn connect(&mut self) {
        self.read_data.connect();
        self.read_side.connect();
    }
    fn hdl(&self) -> Verilog {
        let (w, n, words) = (D::BITS + E::BITS, (1usize << A) - 1, 1usize << A);
        Verilog::Custom(format!(
            "\
// module: lut_ram_pair_{}_{}x{words}
(* ram_style = \"distributed\" *) reg [{}:0] mem [0:{n}];
integer k;
initial for (k = 0; k <= {n}; k = k + 1) mem[k] = {w}'d0;
always @(posedge clock) if (write_enable) mem[write_address] <= {{write_side, write_data}};
always @(*) {{read_side, read_data}} = mem[read_address];
",
            D::BITS,
            E::BITS,
            w - 1
        ))
    }
}

/// Block RAM of 2^A words of two parts, else as [`BlockRam`]: UltraRAM, whose 4096 words of 72 bits hold what eight
/// RAMB36 do. For parts that have none: define `DEBYE_NO_ULTRARAM`.
#[derive(LogicBlock)]
pub struct UltraRam<D: Synth, E: Synth, const A: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Reads at the next edge.
    pub read_enable: Signal<In, Bit>,
    /// Word to read.
    pub read_address: Signal<In, U<A>>,
    /// First part of the word read, one cycle later.
    pub read_data: Signal<Out, D>,
    /// Second part of the word read, one cycle later.
    pub read_side: Signal<Out, E>,
    /// Writes at the next edge.
    pub write_enable: Signal<In, Bit>,
    /// Word to write.
    pub write_address: Signal<In, U<A>>,
    /// First part of what to write.
    pub write_data: Signal<In, D>,
    /// Second part of what to write.
    pub write_side: Signal<In, E>,
    _mem: Vec<(D, E)>,
}

impl<D: Synth, E: Synth, const A: usize> Default for UltraRam<D, E, A> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            read_enable: Default::default(),
            read_address: Default::default(),
            read_data: Default::default(),
            read_side: Default::default(),
            write_enable: Default::default(),
            write_address: Default::default(),
            write_data: Default::default(),
            write_side: Default::default(),
            _mem: vec![Default::default(); 1 << A],
        }
    }
}

impl<D: Synth, E: Synth, const A: usize> Logic for UltraRam<D, E, A> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let (read, write) = (self.read_address.val().index(), self.write_address.val().index());
            let writes = self.write_enable.val();
            if self.read_enable.val() {
                let word = if writes && read == write { Default::default() } else { self._mem[read] };
                (self.read_data.next, self.read_side.next) = word;
            }
            if writes {
                self._mem[write] = (self.write_data.val(), self.write_side.val());
            }
        }
    }
    fn connect(&mut self) {
        self.read_data.connect();
        self.read_side.connect();
    }
    fn hdl(&self) -> Verilog {
        let (w, n, words) = (D::BITS + E::BITS, (1usize << A) - 1, 1usize << A);
        Verilog::Custom(format!(
            "\
// module: ultra_ram_{}_{}x{words}
`ifdef DEBYE_NO_ULTRARAM
(* ram_style = \"block\" *) reg [{d}:0] mem [0:{n}];
`else
(* ram_style = \"ultra\" *) reg [{d}:0] mem [0:{n}];
`endif
integer k;
initial begin
  for (k = 0; k <= {n}; k = k + 1) mem[k] = {w}'d0;
  {{read_side, read_data}} = {w}'d0;
end
always @(posedge clock) begin
  if (read_enable) begin
    if (write_enable && write_address == read_address) {{read_side, read_data}} <= {{{w}{{1'bx}}}};
    else {{read_side, read_data}} <= mem[read_address];
  end
  if (write_enable) mem[write_address] <= {{write_side, write_data}};
end
",
            D::BITS,
            E::BITS,
            d = w - 1
        ))
    }
}
