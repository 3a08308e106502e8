//! The cores of a lane, one by one.

mod counters;
mod encoder;
#[path = "../encoder_data/mod.rs"]
mod encoder_data;
mod integrator;
#[path = "../integrator_support/mod.rs"]
mod integrator_support;
mod integrator_verilog;
mod packer;
mod registers;
mod serial;
mod splitter;
mod unshuffle;
