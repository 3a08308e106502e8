//! Thin layers over Rust-HDL: value types, memories, the direct driver, the lint, the emitter.

pub mod emit;
pub mod keywords;
pub mod lint;
pub mod pins;
pub mod ram;
mod tree;
pub mod word;
