//! The gateware of Debye in Rust-HDL: one core a stage, the lane (all of them in a row), the card core, and the emitter
//! of their Verilog.

pub mod base;
pub mod card;
pub mod counters;
pub mod crc;
pub mod encoder;
pub mod flash_spi;
pub mod integrator;
pub mod job;
pub mod lane;
pub mod lz4;
pub mod packer;
pub mod registers;
pub mod rings;
pub mod splitter;
// No unit test needs the tops, and they take a minute to compile.
#[cfg(not(test))]
pub mod tops;
pub mod unshuffle;
