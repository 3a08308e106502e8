//! Whole files through the emitted Verilog under Verilator: bins and statistics have the CRC that the CPU gives.

use debye_sim::verilator;
use debye_testbenches::command::debye_ok;
use debye_testbenches::data;
use serde_json::Value;
use std::path::Path;

/// Geometry of the Eiger 4M frame; any will do.
const EIGER: &str = r#"poni_version: 2.1
Detector: Detector
Detector_config: {"pixel1": 7.5e-5, "pixel2": 7.5e-5, "max_shape": [2167, 2070], "orientation": 3}
Distance: 0.2
Poni1: 0.081
Poni2: 0.0777
Rot1: 0.0
Rot2: 0.0
Rot3: 0.0
Wavelength: 1e-10
"#;

/// Whether there is a Verilator; says so if not.
fn verilator(test: &str) -> bool {
    let found = verilator::find();
    if let Err(error) = &found {
        eprintln!("skipped: {test}: {error}");
    }
    found.is_ok()
}

fn json(line: &[&str]) -> Value {
    let told = debye_ok(line);
    serde_json::from_str(&told).unwrap_or_else(|error| panic!("{line:?}: {error}: {told}"))
}

/// Runs the model and the CPU over frames of a file; both must give the same for all of them. Gives the model's words.
fn equal(input: &Path, poni: &Path, bins: &str, frames: &str, model: &[&str]) -> Value {
    let (input, poni) = (input.to_str().expect("a plain path"), poni.to_str().expect("a plain path"));
    let table = [input, "--poni", poni, "--bins", bins, "--frames", frames, "--json"];
    let integrated = json(&[&["integrate"], &table[..]].concat());
    let simulated = json(&[&["sim", "run"], &table[..], &["--model", "verilator"], model].concat());
    for field in ["result_crc32", "table_sha256", "frames", "failed"] {
        assert_eq!(simulated[field], integrated[field], "{input} {frames}: {field}");
    }
    assert_eq!(simulated["failed"], Value::from(0));
    assert_eq!(simulated["frames_refused"], Value::from(0));
    simulated
}

#[test]
fn verilator_card_real_frames_give_the_crc_of_the_cpu() {
    let test = "verilator_card_real_frames_give_the_crc_of_the_cpu";
    if !verilator(test) {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let eiger = folder.path().join("eiger.poni");
    std::fs::write(&eiger, EIGER).expect("the temporary folder takes files");
    let ceria = data::root().join("testbenches/vectors/ceria_p2m.poni");
    for (file, poni) in [("eiger4m_protein_u32_bslz4.h5", eiger), ("ceria_p2m.h5", ceria)] {
        let Some(input) = data::real(test, file) else { continue };
        let told = equal(&input, &poni, "1000", "0", &[]);
        println!("{file}: {} cycles, {} bytes a cycle", told["cycles"], told["bytes_per_cycle_out"]);
    }
}

#[test]
fn verilator_card_a_hundred_small_frames_with_stalls_give_the_crc_of_the_cpu() {
    if !verilator("verilator_card_a_hundred_small_frames_with_stalls_give_the_crc_of_the_cpu") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (dtype, shape) in [("u16", "61,67"), ("u32", "40,50"), ("i32", "33,35"), ("u8", "64,96")] {
        let (scan, poni) = (folder.path().join(format!("{dtype}.h5")), folder.path().join(format!("{dtype}.poni")));
        let (file, geometry) = (scan.to_str().expect("a plain path"), poni.to_str().expect("a plain path"));
        let detector = ["--detector", "Detector", "--shape", shape, "--distance", "0.006"];
        let scene = ["--dtype", dtype, "--seed", "7", "--frames", "25"];
        debye_ok([&["simulate-frames", file, "--poni-out", geometry], &detector[..], &scene[..]].concat());
        for (frames, seed) in [("..8", "1"), ("8..16", "2"), ("16..", "3")] {
            equal(&scan, &poni, "50", frames, &["--stall-seed", seed]);
        }
    }
}
