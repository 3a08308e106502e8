//! Where in a row of its bank each plane's next byte goes.
//!
//! A leaf: eight small tables.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Bits 3j + 2..3j of `lanes`: (unit + j * units) mod 8, the place in its word of byte `unit` of plane j when planes of
/// `units` bytes follow each other without gaps. Pure logic.
#[derive(LogicBlock, Default)]
pub struct Lanes {
    /// Number of the byte in its plane, mod 8.
    pub unit: Signal<In, U<3>>,
    /// Bytes of a plane, mod 8.
    pub units: Signal<In, U<3>>,
    /// Places.
    pub lanes: Signal<Out, U<24>>,
}

fn lane(plane: u64, unit: u64, units: u64) -> u64 {
    (unit + plane * units) % 8
}

impl Logic for Lanes {
    fn update(&mut self) {
        let (unit, units) = (self.unit.val().0, self.units.val().0);
        self.lanes.next = U((0..8).fold(0, |all, plane| all | lane(plane, unit, units) << (3 * plane)));
    }
    fn connect(&mut self) {
        self.lanes.connect();
    }
    fn hdl(&self) -> Verilog {
        // As tables, for sums of three bits would be carry chains: each bit is one LUT of six inputs.
        let mut text = String::from("wire [5:0] at = {units, unit};\n");
        for bit in 0..24 {
            let entries = (0..64).filter(|&at| lane(bit / 3, at & 7, at >> 3) >> (bit % 3) & 1 != 0);
            let table = entries.fold(0u64, |table, at| table | 1 << at);
            text += &format!("wire [63:0] table{bit} = 64'h{table:016x};\n");
        }
        let bits: Vec<String> = (0..24).rev().map(|bit| format!("table{bit}[at]")).collect();
        Verilog::Custom(format!("{text}always @(*) lanes = {{{}}};\n", bits.join(", ")))
    }
}
