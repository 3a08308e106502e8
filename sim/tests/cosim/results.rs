//! Packer, registers and stall counters in Rust against their Verilog.

use crate::verilog::cosimulate;
use debye_hdl::counters::Counters;
use debye_hdl::packer::Packer;
use debye_hdl::registers::Registers;
use debye_sim::cosim::{Beat, Stimulus};
use debye_spec::registers::{Capabilities, REGISTERS, stall_offset};

fn beat(values: &[(&str, u64)]) -> Beat {
    values.iter().map(|&(name, value)| (name.to_string(), vec![value])).collect()
}

#[test]
fn cosim_packer_equals_its_verilog() {
    let ends = [(0, 7, 0), (0, 8, 3), (36, 9, 5), (0, 0, 2), (0, 0, 0), (0, 1, 1), (0, 32767, 1024)];
    let ends = ends.map(|(status, bins, listed)| {
        beat(&[("s_end_status", status), ("s_end_bins", bins), ("s_end_listed", listed)])
    });
    let words = (0..12).map(|i| beat(&[("s_rec_tlast", (i % 5 == 4) as u64)])).collect();
    let stimulus = Stimulus {
        seed: 11,
        scripts: vec![("s_end_tvalid".into(), ends.to_vec()), ("s_rec_tvalid".into(), words)],
        reset_every: 3000,
        ..Stimulus::default()
    };
    let Some(passed) = cosimulate(Packer::pins(), "packer", &stimulus, 100_000) else { return };
    for stream in ["s_end_tvalid", "s_rec_tvalid", "s_inv_tvalid", "m_axis_tvalid"] {
        assert!(passed.beats_of(stream) > 100, "{passed:?}");
    }
}

#[test]
fn cosim_registers_equal_their_verilog() {
    let card = Capabilities { lanes: 5, groups: 1, block_log2: 13, op_fifo_log2: 9, elements: 0x67, max_bins: 2048 };
    let stalls = (0..8).filter_map(|i| stall_offset(i, i)).chain([0x50, 0x7c, 0xfffc]);
    let addresses: Vec<u64> = REGISTERS.iter().map(|register| register.offset).chain(stalls).map(u64::from).collect();
    let beats = |port: &str| addresses.iter().map(|&address| beat(&[(port, address)])).collect();
    let stimulus = Stimulus {
        seed: 12,
        scripts: vec![
            ("s_axil_awvalid".into(), beats("s_axil_awaddr")),
            ("s_axil_arvalid".into(), beats("s_axil_araddr")),
        ],
        reset_every: 5000,
        ..Stimulus::default()
    };
    let Some(passed) = cosimulate(Registers::pins(card, 0x1234_5678), "registers", &stimulus, 100_000) else { return };
    for stream in ["s_axil_awvalid", "s_axil_wvalid", "s_axil_arvalid", "s_axil_bvalid", "s_axil_rvalid"] {
        assert!(passed.beats_of(stream) > 2000, "{passed:?}");
    }
}

#[test]
fn cosim_counters_equal_their_verilog() {
    let stimulus = Stimulus { seed: 13, reset_every: 2000, ..Stimulus::default() };
    cosimulate(Counters::pins(), "counters", &stimulus, 100_000);
}
