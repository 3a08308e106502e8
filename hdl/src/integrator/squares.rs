//! Squares of weights, out of a table: six inputs a bit, one LUT each.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Squares of four weights (7 bits each, at most 64) in the same cycle. A weight above 64 has no square: any value.
#[derive(LogicBlock, Default)]
pub struct Squares {
    /// Weights, 7 bits each.
    pub weights: Signal<In, U<28>>,
    /// Squares, 13 bits each.
    pub squares: Signal<Out, U<52>>,
}

impl Logic for Squares {
    fn update(&mut self) {
        let mut squares = 0;
        for k in 0..4 {
            let weight = self.weights.val().0 >> (7 * k) & 127;
            squares |= (((weight & 63) * (weight & 63)) | ((weight >> 6) << 12)) << (13 * k);
        }
        self.squares.next = U(squares);
    }
    fn connect(&mut self) {
        self.squares.connect();
    }
    fn hdl(&self) -> Verilog {
        // No Verilog function: Verilator writes each call of one anew, and could not merge the lanes of a card.
        let cases: String = (0..64).map(|w| format!("    6'd{w}: low_? = 12'd{};\n", w * w)).collect();
        let tables: String = (0..4)
            .map(|k| {
                let cases = cases.replace('?', &k.to_string());
                format!("always @(*)\n  case (weights[{}:{}])\n{cases}  endcase\n", 7 * k + 5, 7 * k)
            })
            .collect();
        let parts: Vec<String> = (0..4).rev().map(|k| format!("weights[{}], low_{k}", 7 * k + 6)).collect();
        Verilog::Custom(format!(
            "reg [11:0] low_0, low_1, low_2, low_3;\n{tables}always @(*) squares = {{{}}};\n",
            parts.join(", ")
        ))
    }
}
