//! Every core in Rust against its Verilog, under random streams, and again with undefined values at random: a core that
//! uses what block RAM gives in a collision would differ. Only the LZ4 core's read port is given random addresses, which
//! do collide.

use crate::verilog::cosimulate_top;
use debye_hdl::tops::roomy;
use debye_sim::cosim::{Passed, Stimulus};
use debye_sim::verilator::Undefined;

/// Co-simulates a top twice; says what passed, or nothing without a Verilator.
fn cosimulate(name: &str, stimulus: &Stimulus, cycles: u64) -> Option<Passed> {
    let kinds = [Undefined::Zero, Undefined::Random(7)];
    let kinds = kinds.into_iter().take(if name == "debye_lz4" { 1 } else { 2 });
    kinds.map(|undefined| cosimulate_top(name, undefined, stimulus, cycles)).last().flatten()
}

fn seeded(seed: u64, fixed: &[(&str, u64)]) -> Stimulus {
    let fixed = fixed.iter().map(|&(name, value)| (name.to_string(), vec![value])).collect();
    Stimulus { seed, fixed, reset_every: 5000, ..Stimulus::default() }
}

#[test]
fn cosim_splitter_equals_its_verilog() {
    cosimulate("debye_splitter", &seeded(1, &[]), 20_000);
}

#[test]
fn cosim_lz4_equals_its_verilog() {
    cosimulate("debye_lz4", &seeded(2, &[]), 20_000);
}

#[test]
fn cosim_unshuffle_equals_its_verilog() {
    cosimulate("debye_unshuffle", &seeded(3, &[]), 20_000);
}

#[test]
fn cosim_integrator_equals_its_verilog() {
    cosimulate("debye_integrator", &seeded(4, &[]), 20_000);
}

#[test]
fn cosim_packer_equals_its_verilog() {
    cosimulate("debye_packer", &seeded(5, &[]), 20_000);
}

#[test]
fn cosim_counters_equals_its_verilog() {
    cosimulate("debye_counters", &seeded(6, &[]), 20_000);
}

#[test]
fn cosim_registers_equals_its_verilog() {
    cosimulate("debye_registers", &seeded(7, &[]), 20_000);
}

#[test]
fn cosim_lane_equals_its_verilog() {
    cosimulate("debye_lane", &seeded(8, &[]), 10_000);
}

#[test]
fn cosim_card_equals_its_verilog() {
    let passed = roomy(|| cosimulate("debye_card_1", &seeded(9, &[]), 6000));
    assert!(passed.is_none_or(|passed| passed.beats_of("s_axil_awvalid") > 100), "registers are written");
}
