//! The gateware in Rust against its Verilog.

mod base;
mod card;
#[path = "../../../hdl/tests/card_bench/mod.rs"]
mod card_bench;
mod cores;
mod encoder;
#[allow(dead_code, reason = "these tests use a part of it")]
#[path = "../../../hdl/tests/encoder_data/mod.rs"]
mod encoder_data;
mod encoders;
mod frames;
mod integrator;
#[path = "../../../hdl/tests/integrator_support/mod.rs"]
mod integrator_support;
mod results;
#[path = "../../../hdl/tests/ring_bench/mod.rs"]
mod ring_bench;
mod rings;
#[path = "../../../hdl/tests/card_bench/thin.rs"]
mod thin;
mod ultrascale;
mod verilog;
#[path = "../../../hdl/tests/whole_frames/mod.rs"]
mod whole_frames;
