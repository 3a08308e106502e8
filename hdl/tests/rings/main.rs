//! The rings around a card.

mod encode;
mod faults;
mod frames;
mod rate;
mod registers;
#[path = "../ring_bench/mod.rs"]
mod ring_bench;
mod whole;
#[path = "../whole_frames/mod.rs"]
mod whole_frames;
