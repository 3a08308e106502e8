//! The simulated card: the functional model, the gateware in Rust-HDL, and the emitted Verilog, behind one interface.

pub mod cosim;
mod stimulus;
pub mod verilator;
