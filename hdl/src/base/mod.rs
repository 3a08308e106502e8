//! Thin layers over Rust-HDL: value types, memories, the direct driver, the lint, the emitter.

pub mod pins;
pub mod queue;
pub mod ram;
pub mod word;
