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
    kinds.fold(None, |_, undefined| cosimulate_top(name, undefined, stimulus, cycles))
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

#[test]
fn cosim_flash_spi_equals_its_verilog() {
    // Selected and on, bytes to send, status and answers read; some addresses that the map does not hold.
    let writes =
        [(0x60, 0x86), (0x70, 0), (0x68, 0x9f), (0x68, 0x35), (0x68, 0xc2), (0x60, 0x6), (0x44, 1), (0x60, 0x1e6)];
    let beat = |port: &str, value: u64| vec![(port.to_string(), vec![value])];
    let scripts = vec![
        ("s_axil_awvalid".into(), writes.iter().map(|&(address, _)| beat("s_axil_awaddr", address)).collect()),
        ("s_axil_wvalid".into(), writes.iter().map(|&(_, data)| beat("s_axil_wdata", data)).collect()),
        (
            "s_axil_arvalid".into(),
            [0x64, 0x6c, 0x74, 0x60, 0x78, 0x70, 0x40, 0x100].map(|address| beat("s_axil_araddr", address)).into(),
        ),
    ];
    let stimulus = Stimulus { scripts, ..seeded(10, &[]) };
    let passed = cosimulate("debye_flash_spi", &stimulus, 20_000);
    assert!(passed.is_none_or(|passed| passed.beats_of("s_axil_bvalid") > 1000), "registers are written");
}
