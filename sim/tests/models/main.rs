//! The models of a card behind one interface, and what simulates them.

#[path = "../../../hdl/tests/lz4/bench.rs"]
mod bench;
mod bench_card;
#[allow(dead_code, reason = "these tests use a part of it")]
#[path = "../../../hdl/tests/lz4/data.rs"]
mod data;
#[path = "../support/fake_card.rs"]
mod fake_card;
mod functional;
mod lane_blocks;
mod lz4_blocks;
#[path = "../support/mod.rs"]
mod support;
mod verilator;
mod whole_frames;
