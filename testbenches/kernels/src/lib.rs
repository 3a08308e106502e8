//! The CPU's kernels and their tests by themselves, without the rest of the host and its C libraries: for processors that
//! those are hard to build for (`scripts/test-aarch64`), and for Miri (`scripts/miri`).

#[path = "../../../host/src/cpu/mod.rs"]
pub mod cpu;
