//! Thin layers over Rust-HDL: value types, memories, the direct driver, the lint, the emitter.

pub mod align;
pub mod emit;
pub mod keywords;
pub mod line;
pub mod lint;
pub mod pins;
pub mod queue;
pub mod ram;
pub mod random;
pub mod stream;
mod tree;
pub mod word;
