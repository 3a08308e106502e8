//! Test bodies that hold for every engine, and what they need: seeded content, the real data, the command.

pub mod chunks;
pub mod command;
pub mod conformance;
pub mod content;
pub mod data;
pub mod flashed;
pub mod fuzz;
pub mod guest;
pub mod known_frames;
pub mod lend;
pub mod memory;
pub mod served;
