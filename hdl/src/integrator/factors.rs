//! Weights and their squares, out of block RAM: a table in LUTs would be a tenth of the integrator.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Four weights (7 bits each, at most 64) and their squares, one cycle later, both four times as large if `shift`. A
/// weight above 64 has no square: any value.
#[derive(LogicBlock, Default)]
pub struct Factors {
    /// Clock.
    pub clock: Signal<In, Clock>,
    /// Shifts by two bits.
    pub shift: Signal<In, Bit>,
    /// Weights, 7 bits each.
    pub weights: Signal<In, U<28>>,
    /// The same, 9 bits each.
    pub once: Signal<Out, U<36>>,
    /// Squares, 15 bits each.
    pub twice: Signal<Out, U<60>>,
}

impl Logic for Factors {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let (weights, shift) = (self.weights.val().0, 2 * u32::from(self.shift.val()));
            let (mut once, mut twice) = (0, 0);
            for k in 0..4 {
                let weight = weights >> (7 * k) & 127;
                once |= weight << shift << (9 * k);
                twice |= ((weight * weight) & 0x1fff) << shift << (15 * k);
            }
            self.once.next = U(once);
            self.twice.next = U(twice);
        }
    }
    fn connect(&mut self) {
        self.once.connect();
        self.twice.connect();
    }
    fn hdl(&self) -> Verilog {
        let one = |k: u32| {
            let weight = format!("weights[{}:{}]", 7 * k + 6, 7 * k);
            format!(
                "  once[{}+:9] <= shift ? {{{weight}, 2'd0}} : {weight};\n  twice[{}+:15] <= table_{}[{{shift, {weight}}}];\n",
                9 * k,
                15 * k,
                // A block RAM has two ports.
                k / 2
            )
        };
        let all: String = (0..4).map(one).collect();
        Verilog::Custom(format!(
            "\
// module: factors
(* ram_style = \"block\" *) reg [14:0] table_0 [0:255];
(* ram_style = \"block\" *) reg [14:0] table_1 [0:255];
integer k;
reg [12:0] square;
initial for (k = 0; k < 256; k = k + 1) begin
  square = k[6:0] * k[6:0];
  table_0[k] = k[7] ? {{square, 2'd0}} : square;
  table_1[k] = k[7] ? {{square, 2'd0}} : square;
end
always @(posedge clock) begin
{all}end
"
        ))
    }
}
