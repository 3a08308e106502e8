//! Eight elements' bytes of one weight, as bytes of eight planes.
//!
//! A leaf: choices and wires in loops.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Chooses byte m of each of eight elements, and turns the 8 x 8 bits: byte j of `planes` has bit j of each of them, the
/// first element's in bit 0. Pure logic.
///
/// Elements of 4 bytes stand in four words, two in each; those of 2 bytes in two words, the first of them given as 0 and
/// 1, the second as 2 and 3; those of a byte in one, given four times.
#[derive(LogicBlock, Default)]
pub struct Gather {
    /// Words.
    pub words: [Signal<In, U<64>>; 4],
    /// Log2 of an element's bytes.
    pub esize: Signal<In, U<2>>,
    /// m.
    pub part: Signal<In, U<2>>,
    /// A byte of each of eight planes.
    pub planes: Signal<Out, U<64>>,
}

/// The byte of word `element / 2` that is byte `byte` of an element.
fn place(esize: usize, element: usize, byte: usize) -> usize {
    ((element << esize) + byte) % 8
}

impl Logic for Gather {
    fn update(&mut self) {
        let (esize, byte) = (self.esize.val().index().min(2), self.part.val().index());
        let mut planes = 0;
        for element in 0..8 {
            let word = self.words[element / 2].val().0;
            let byte = word >> (8 * place(esize, element, byte & ((1 << esize) - 1))) & 0xff;
            for bit in 0..8 {
                planes |= (byte >> bit & 1) << (8 * bit + element as u64);
            }
        }
        self.planes.next = U(planes);
    }
    fn connect(&mut self) {
        self.planes.connect();
    }
    fn hdl(&self) -> Verilog {
        // Two levels of choices among four. The outer elements need one of them alone.
        let mut text = String::from(
            "\
wire wide = esize[1];
wire half = esize[0] && !esize[1];
wire [1:0] first = {wide && part[1], (wide || half) && part[0]};
wire [1:0] last = {wide ? part[1] : 1'b1, (wide || half) ? part[0] : 1'b1};
wire [1:0] kind = wide ? 2'd0 : half ? {part[0], !part[0]} : 2'd3;
",
        );
        for element in 0..8 {
            let word = element / 2;
            let base = element % 2 * 4;
            let four = |pick: &str| {
                let byte = |n: usize| format!("words${word}[{}:{}]", 8 * (base + n) + 7, 8 * (base + n));
                format!("{pick}[1] ? ({pick}[0] ? {} : {}) : ({pick}[0] ? {} : {})", byte(3), byte(2), byte(1), byte(0))
            };
            let chosen = match element {
                0 => four("first"),
                7 => four("last"),
                _ => {
                    let byte = |at: usize| format!("words${word}[{}:{}]", 8 * at + 7, 8 * at);
                    text += &format!("wire [7:0] of_four{element} = {};\n", four("part"));
                    format!(
                        "kind[1] ? (kind[0] ? {} : {}) : (kind[0] ? {} : of_four{element})",
                        byte(place(0, element, 0)),
                        byte(place(1, element, 1)),
                        byte(place(1, element, 0)),
                    )
                }
            };
            text += &format!("wire [7:0] element{element} = {chosen};\n");
        }
        let bits: Vec<String> = (0..64).rev().map(|bit| format!("element{}[{}]", bit % 8, bit / 8)).collect();
        Verilog::Custom(format!("{text}always @(*) planes = {{{}}};\n", bits.join(", ")))
    }
}
