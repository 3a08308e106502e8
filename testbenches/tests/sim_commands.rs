//! `debye sim run` and `debye compare`, as a person calls them.

mod bad_input_support;

use bad_input_support::{Bench, chunks, files};
use debye::engine::sim::SimEngine;
use debye_sim::functional::Functional;
use debye_sim::model::{Config, Shape};
use debye_spec::Status;
use debye_testbenches::command;
use debye_testbenches::conformance::engine_any_frames_equal_the_definition;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

fn json(bench: &mut Bench, line: &str, code: i32) -> Value {
    let told = bench.silent("json", line);
    assert_eq!(told.code, Some(code), "{line}: {}", told.stderr);
    serde_json::from_str(&told.stdout).unwrap_or_else(|error| panic!("{line}: {error}: {}", told.stdout))
}

#[test]
fn sim_engine_on_the_functional_model_equals_the_definition() {
    for lanes in [1, 5] {
        let config = Config { shape: Shape { lanes, ..Shape::default() }, ..Config::default() };
        let model = Box::new(Functional::new(config));
        let mut engine = SimEngine::new(model, Box::new(|_| ()));
        engine_any_frames_equal_the_definition(&mut engine, lanes as u64);
        // Blocks of more than the card's 8 KiB were among the frames.
        assert!(engine.refused().iter().all(|refused| refused.status == Status::BlockTooLarge));
        assert!(engine.compressed() > 0);
    }
}

#[test]
fn sim_run_every_model_gives_the_crc_of_integrate() {
    let mut bench = Bench::new();
    let table = "--poni good.poni --bins 20";
    let expected = json(&mut bench, &format!("integrate scan.h5 {table} --json"), 0);
    for model in ["spec", "hdl --stall-seed 4", "hdl --frames 0..3"] {
        let told = json(&mut bench, &format!("sim run scan.h5 {table} --json --model {model}"), 0);
        for field in ["result_crc32", "input_blake3", "table_sha256", "frames"] {
            assert_eq!(told[field], expected[field], "{model}: {field}");
        }
        let cycles = told["cycles"].as_u64().expect("cycles");
        assert_eq!(cycles > 1000, model != "spec");
        assert_eq!(told["stalls"].as_object().map(|stalls| stalls.len()), Some(if model == "spec" { 0 } else { 7 }));
    }
}

#[test]
fn sim_run_frames_that_fail_or_are_refused_are_told() {
    let mut bench = Bench::new();
    let (good, cut) = (chunks::good(), chunks::good()[..100].to_vec());
    files::scan(&bench.path("cut.h5"), &[Some(&good), Some(&cut)]);
    let told = json(&mut bench, "sim run cut.h5 --poni good.poni --bins 20 --model spec --json", 3);
    assert_eq!((&told["failed"], &told["failures"][0]["frame"]), (&Value::from(1), &Value::from(1)));
    let integrated = json(&mut bench, "integrate cut.h5 --poni good.poni --bins 20 --json", 3);
    assert_eq!(told["result_crc32"], integrated["result_crc32"]);
    assert_eq!(told["failures"], integrated["failures"]);
    files::gzip(&bench.path("gzip.h5"), 2);
    let told = json(&mut bench, "sim run gzip.h5 --poni good.poni --bins 20 --model hdl --json", 0);
    let integrated = json(&mut bench, "integrate gzip.h5 --poni good.poni --bins 20 --json", 0);
    assert_eq!((&told["frames_compressed"], &told["result_crc32"]), (&Value::from(2), &integrated["result_crc32"]));
}

#[test]
fn sim_run_what_a_card_cannot_do_is_refused_with_a_reason() {
    let mut bench = Bench::new();
    for (what, line) in [
        ("more bins than a card has", "--bins 2049 --model spec"),
        ("no clock, no waves", "--model spec --vcd waves.vcd"),
        ("lanes that are not elaborated", "--model hdl --lanes 5"),
        ("no lanes", "--model spec --lanes 0"),
        ("an unknown model", "--model vhdl"),
        ("an empty range of cycles", "--model hdl --vcd waves.vcd --vcd-cycles 7..7"),
        ("a clock that stands", "--model spec --clock-mhz 0"),
        ("waves in place of the input", "--model hdl --vcd scan.h5 --overwrite"),
        ("frames past the end", "--model spec --frames 1..9"),
    ] {
        let told = bench.case(what, &format!("sim run scan.h5 --poni good.poni {line}"));
        assert!(matches!(told.code, Some(1 | 2)), "{what}");
    }
    for (what, line) in [
        ("a card", "--b card"),
        ("one side alone", "--a cpu"),
        ("waves without a clock", "--b spec --vcd-around waves.vcd"),
        ("more bins than a lane has", "--b hdl --bins 3000"),
    ] {
        let told = bench.case(what, &format!("compare scan.h5 --poni good.poni {line}"));
        assert!(matches!(told.code, Some(1 | 2)), "{what}");
    }
    insta::assert_snapshot!(bench.listing(13));
}

#[test]
fn compare_command_equal_sides_exit_with_0_and_say_what_was_compared() {
    let mut bench = Bench::new();
    for sides in ["--b spec", "--b hdl", "--a spec --b hdl --stall-seed 2"] {
        let told = json(&mut bench, &format!("compare scan.h5 --poni good.poni --bins 20 --json {sides}"), 0);
        assert_eq!((&told["equal"], &told["difference"]), (&Value::from(true), &Value::Null));
        let compared = &told["compared"];
        // Six blocks and a tail of one pixel a frame.
        assert_eq!((&compared["frames"], &compared["blocks"]), (&Value::from(3), &Value::from(21)), "{sides}");
    }
}

#[test]
fn sim_run_waves_hold_the_window_that_was_asked_for() {
    let mut bench = Bench::new();
    let line =
        "sim run scan.h5 --poni good.poni --bins 20 --frames 0 --model hdl --vcd waves.vcd --vcd-cycles 300..310";
    assert_eq!(bench.silent("waves", line).code, Some(0));
    let waves = String::from_utf8(bench.read("waves.vcd")).expect("a VCD is text");
    assert!(waves.contains("m_axis_res_tdata") && waves.contains("$enddefinitions"));
    let times: Vec<u64> = waves.lines().filter_map(|line| line.strip_prefix('#')?.parse().ok()).collect();
    assert_eq!((times.len(), times.first(), times.last()), (20, Some(&1_202_000), Some(&1_240_000)));
}

/// A card behind a UART that a process simulates.
struct Served {
    process: Child,
    address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Served {
    fn start(more: &[&str]) -> Served {
        let mut process = Command::new(command::binary());
        process.args(["sim", "serial", "--json"]).args(more).stdout(Stdio::piped());
        let mut process = process.spawn().expect("the command starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        assert_eq!(told["event"], "listening");
        Served { process, address: told["address"].as_str().expect("an address").into() }
    }
}

#[test]
fn compare_with_a_card_behind_a_uart_is_bit_exact_down_to_the_bits_of_the_line() {
    if let Err(error) = debye_sim::verilator::find() {
        eprintln!("skipped: a card behind a UART: {error}");
        return;
    }
    let mut bench = Bench::new();
    let (good, cut) = (chunks::good(), chunks::good()[..100].to_vec());
    files::scan(&bench.path("cut.h5"), &[Some(&good), Some(&cut), Some(&good)]);
    // One byte in 2000 is changed, lost or doubled; what was harmed is sent again.
    for (more, harmed) in [(vec![], false), (vec!["--divisor", "7", "--noise", "2000", "--seed", "3"], true)] {
        let mut served = Served::start(&more);
        let mut again = false;
        // The card goes on from one program to the next.
        for (scan, failed) in [("scan.h5", 0), ("cut.h5", 1)] {
            let line =
                format!("compare {scan} --poni good.poni --bins 20 --json --card-timeout 40 --b {}", served.address);
            let told = json(&mut bench, &line, 0);
            assert_eq!((&told["equal"], &told["difference"]), (&Value::from(true), &Value::Null), "{told}");
            let compared = &told["compared"];
            assert_eq!((&compared["frames"], &compared["failed"]), (&Value::from(3), &Value::from(failed)));
            assert_eq!(compared["bins"], Value::from(20 * (3 - failed)));
            let side = told["b"].as_str().expect("a description");
            again |= side.contains("sent again");
        }
        assert_eq!(again, harmed);
        served.process.kill().expect("it runs");
        served.process.wait().expect("it ends");
        let line = format!("compare scan.h5 --poni good.poni --bins 20 --b {}", served.address);
        let told = bench.silent("a card that is gone", &line);
        assert_eq!(told.code, Some(1));
        assert!(told.stderr.contains("is the board plugged in?"), "{}", told.stderr);
    }
}
