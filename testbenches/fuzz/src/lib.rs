//! The bodies of `debye-testbenches`, without the simulated card that the rest of that crate needs: what has to be built
//! with libFuzzer's counters is far less so.

#[path = "../../src/fuzz.rs"]
pub mod bodies;
