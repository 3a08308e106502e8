//! Numbers of bytes have as many bits as the elaboration's blocks need.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Keeps the bits that a number of bytes up to 2^BLOCK has; wires. What is made of it gets no logic for the others.
#[derive(LogicBlock, Default)]
pub struct Range<const BLOCK: usize> {
    /// Any number.
    pub number: Signal<In, U<16>>,
    /// Its lower BLOCK + 1 bits.
    pub kept: Signal<Out, U<16>>,
}

impl<const BLOCK: usize> Logic for Range<BLOCK> {
    fn update(&mut self) {
        self.kept.next = U(self.number.val().0 & ((2 << BLOCK) - 1));
    }
    fn connect(&mut self) {
        self.kept.connect();
    }
    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!("always @(*) kept = number & 16'd{};\n", ((2u32 << BLOCK) - 1) & 0xffff))
    }
}
