//! Which lanes of a word bytes fall into, when the word before is filled up first.
//!
//! A leaf: eight small tables.

use crate::base::word::U;
use rust_hdl::prelude::*;

/// Bit k: lane k gets one of `bytes` bytes (below 8) of which the first goes into lane `start`, those behind lane 7 into
/// lane 0 on. Pure logic.
#[derive(LogicBlock, Default)]
pub struct Lanes {
    /// First lane.
    pub start: Signal<In, U<3>>,
    /// How many.
    pub bytes: Signal<In, U<3>>,
    /// Lanes.
    pub lanes: Signal<Out, U<8>>,
}

fn within(lane: u64, start: u64, bytes: u64) -> bool {
    (lane + 8 - start) % 8 < bytes
}

impl Logic for Lanes {
    fn update(&mut self) {
        let (start, bytes) = (self.start.val().0, self.bytes.val().0);
        self.lanes.next = U((0..8).fold(0, |all, lane| all | u64::from(within(lane, start, bytes)) << lane));
    }
    fn connect(&mut self) {
        self.lanes.connect();
    }
    fn hdl(&self) -> Verilog {
        let mut text = String::from("wire [5:0] at = {bytes, start};\n");
        for lane in 0..8 {
            let entries = (0..64).filter(|&at| within(lane, at & 7, at >> 3));
            let table = entries.fold(0u64, |table, at| table | 1 << at);
            text += &format!("wire [63:0] table{lane} = 64'h{table:016x};\n");
        }
        let bits: Vec<String> = (0..8).rev().map(|lane| format!("table{lane}[at]")).collect();
        Verilog::Custom(format!("{text}always @(*) lanes = {{{}}};\n", bits.join(", ")))
    }
}
