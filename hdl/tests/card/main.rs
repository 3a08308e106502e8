//! The card core and the lane.

#[path = "../card_bench/mod.rs"]
mod card_bench;
mod frames;
mod lane;
mod results;
mod stub;
#[path = "../card_bench/thin.rs"]
mod thin;
mod verilog;
#[path = "../whole_frames/mod.rs"]
mod whole_frames;
