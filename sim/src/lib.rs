//! The simulated card behind one interface, in three models: the definition ([`functional`]), the gateware in Rust-HDL,
//! and its emitted Verilog under Verilator. The models with a clock share one harness.

pub mod bench;
pub mod cosim;
pub mod designs;
pub mod device;
pub mod functional;
pub mod model;
pub mod models;
mod stimulus;
pub mod verilator;
pub mod waves;
