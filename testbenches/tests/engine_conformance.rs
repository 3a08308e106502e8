//! The conformance body on every engine there is.

use debye::engine::cpu::CpuEngine;
use debye_testbenches::conformance::engine_any_frames_equal_the_definition;
use std::num::NonZeroUsize;

#[test]
fn cpu_one_thread_equals_the_definition() {
    engine_any_frames_equal_the_definition(&mut CpuEngine::new(NonZeroUsize::new(1)), 1);
}

#[test]
fn cpu_four_threads_equal_the_definition() {
    engine_any_frames_equal_the_definition(&mut CpuEngine::new(NonZeroUsize::new(4)), 2);
}
