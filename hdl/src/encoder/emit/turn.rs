//! Eight bytes' bits, turned.
//!
//! A leaf: 64 wires.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Bit j of byte i becomes bit i of byte j; wires.
#[derive(LogicBlock, Default)]
pub struct Turn {
    /// Bytes.
    pub word: Signal<In, U<64>>,
    /// Turned.
    pub turned: Signal<Out, U<64>>,
}

impl Logic for Turn {
    fn update(&mut self) {
        let word = self.word.val().0;
        self.turned.next = U((0..64).fold(0, |all, bit| all | (word >> (bit % 8 * 8 + bit / 8) & 1) << bit));
    }
    fn connect(&mut self) {
        self.turned.connect();
    }
    fn hdl(&self) -> Verilog {
        let bits: Vec<String> = (0..64).rev().map(|bit| format!("word[{}]", bit % 8 * 8 + bit / 8)).collect();
        Verilog::Custom(format!("always @(*) turned = {{{}}};\n", bits.join(", ")))
    }
}
