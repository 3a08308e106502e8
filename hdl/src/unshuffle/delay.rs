//! A delay line: a leaf, because `N` registers one by one simulate slowly, and because tools find shift registers in it.

use rust_hdl::prelude::*;

/// What went in `N` enabled edges before. Not reset; 0 at first.
#[derive(LogicBlock)]
pub struct Delay<D: Synth, const N: usize> {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Moves at the next edge.
    pub enable: Signal<In, Bit>,
    /// Goes in.
    pub d: Signal<In, D>,
    /// Comes out.
    pub q: Signal<Out, D>,
    _line: Vec<D>,
    _at: usize,
}

impl<D: Synth, const N: usize> Default for Delay<D, N> {
    fn default() -> Self {
        const { assert!(N > 0, "a delay takes at least one edge") };
        Delay {
            clock: Default::default(),
            enable: Default::default(),
            d: Default::default(),
            q: Default::default(),
            _line: vec![D::default(); N],
            _at: 0,
        }
    }
}

impl<D: Synth, const N: usize> Logic for Delay<D, N> {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.enable.val() {
            self._line[self._at] = self.d.val();
            self._at = (self._at + 1) % N;
            self.q.next = self._line[self._at];
        }
    }
    fn connect(&mut self) {
        self.q.connect();
    }
    fn hdl(&self) -> Verilog {
        let (w, top) = (D::BITS, D::BITS * N - 1);
        let low = top + 1 - w;
        let shifted = if N == 1 { "d".to_string() } else { format!("{{line[{}:0], d}}", low - 1) };
        Verilog::Custom(format!(
            "\
reg [{top}:0] line;
initial line = {{{bits}{{1'b0}}}};
always @(posedge clock) if (enable) line <= {shifted};
always @(*) q = line[{top}:{low}];
",
            bits = top + 1
        ))
    }
}
