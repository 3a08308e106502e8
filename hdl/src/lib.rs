//! The gateware of Debye in Rust-HDL: one core a stage, the lane (all of them in a row), the card core, and the emitter
//! of their Verilog.

pub mod base;
pub mod integrator;
