//! The harness of the models with a clock: what stands around a card, cycle by cycle, and around a single lane.
//!
//! A cycle: everything drives its inputs, the design settles, everything looks at the handshakes, the clock ticks.

pub mod card;
pub mod fetch;
pub mod lane;
pub mod memory;
pub mod register_bus;

/// Cycles without any movement after which a design hangs.
pub const PATIENCE: u64 = 200_000;
