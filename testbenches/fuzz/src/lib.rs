//! The bodies of `debye-testbenches`, without the simulated card that the rest of that crate needs: less has to be built
//! with libFuzzer's counters.
#![cfg(feature = "host")]

#[path = "../../src/fuzz.rs"]
pub mod bodies;
