//! Every core in Rust against its Verilog, under random streams, and again with undefined values at random: a core that
//! uses what block RAM gives in a collision would differ. Only the LZ4 core's read port is given random addresses, which
//! do collide.

use debye_hdl::tops::{TOPS, roomy};
use debye_sim::cosim::{Passed, Stimulus, compare};
use debye_sim::verilator::{Options, Undefined, VerilatorModel, find};

/// Co-simulates a top twice; says what passed, or nothing without a Verilator.
fn cosimulate(name: &str, stimulus: &Stimulus, cycles: u64) -> Option<Passed> {
    if let Err(error) = find() {
        println!("skipped: co-simulation of {name}: {error}");
        return None;
    }
    let top = TOPS.iter().find(|top| top.name == name).unwrap();
    let verilog = top.verilog().unwrap();
    let mut passed = None;
    let kinds = [Undefined::Zero, Undefined::Random(7)];
    for undefined in kinds.into_iter().take(if name == "debye_lz4" { 1 } else { 2 }) {
        let mut design = (top.design)();
        let options = Options { undefined, ..Options::default() };
        let mut model =
            VerilatorModel::build(name, &verilog, design.ports(), &options).unwrap_or_else(|e| panic!("{e}"));
        let result = compare(&mut *design, &mut model, stimulus, cycles);
        passed = Some(result.unwrap_or_else(|difference| panic!("{name}, {undefined:?}: {difference}")));
    }
    passed
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
