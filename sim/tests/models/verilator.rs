//! Verilator behind `Pins`: values of all widths go in and out, what is built stays, what cannot be is told.

use debye_hdl::base::pins::{Pins, Port};
use debye_hdl::base::random::Random;
use debye_sim::verilator::{Options, Trace, Undefined, VerilatorError, VerilatorModel, find};
use std::path::PathBuf;
use std::sync::Arc;

const ALL_WIDTHS: &str = "
module widths (input wire clock, input wire a1, input wire [7:0] a8, input wire [15:0] a16, input wire [32:0] a33,
    input wire [63:0] a64, input wire [511:0] a512, output reg b1, output reg [7:0] b8, output reg [15:0] b16,
    output reg [32:0] b33, output reg [63:0] b64, output reg [511:0] b512, output wire [8:0] sum);
    always @(posedge clock) begin
        b1 <= a1; b8 <= a8; b16 <= a16; b33 <= a33; b64 <= a64; b512 <= a512;
    end
    assign sum = a8 + b8;
endmodule
";

fn port(name: &str, width: usize, input: bool) -> Port {
    Port { name: name.into(), width, input }
}

fn widths() -> Vec<Port> {
    let all = [1, 8, 16, 33, 64, 512];
    let inputs = all.iter().map(|&w| port(&format!("a{w}"), w, true));
    let outputs = all.iter().map(|&w| port(&format!("b{w}"), w, false));
    inputs.chain(outputs).chain([port("sum", 9, false)]).collect()
}

/// Whether there is a Verilator; says so when a test is left out.
fn verilator(test: &str) -> bool {
    match find() {
        Ok(_) => true,
        Err(error) => {
            println!("skipped: {test}: {error}");
            false
        }
    }
}

fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn model_of_all_widths_gives_back_what_went_in() {
    if !verilator("model_of_all_widths_gives_back_what_went_in") {
        return;
    }
    let mut model = VerilatorModel::build("widths", ALL_WIDTHS, &widths(), &Options::default()).unwrap();
    let mut random = Random::new(1);
    for _ in 0..1000 {
        let mut sent = Vec::new();
        for port in 0..6 {
            let width = model.ports()[port].width;
            let value: Vec<u64> = (0..width.div_ceil(64))
                .map(|_| {
                    let limb = random.draw();
                    if width < 64 { limb & ((1 << width) - 1) } else { limb }
                })
                .collect();
            model.set(port, &value);
            sent.push(value);
        }
        model.tick();
        for (port, sent) in sent.iter().enumerate() {
            let mut got = vec![0; sent.len()];
            model.get(port + 6, &mut got);
            assert_eq!(&got, sent, "port b{}", model.ports()[port].width);
        }
        assert_eq!(model.get_u64(12), 2 * sent[1][0], "what depends on inputs alone follows after the edge");
    }
}

#[test]
fn model_settle_shows_what_depends_on_inputs_within_the_cycle() {
    if !verilator("model_settle_shows_what_depends_on_inputs_within_the_cycle") {
        return;
    }
    let mut model = VerilatorModel::build("widths", ALL_WIDTHS, &widths(), &Options::default()).unwrap();
    model.set_u64(1, 200);
    model.settle();
    assert_eq!((model.get_u64(12), model.get_u64(7)), (200, 0));
}

#[test]
fn model_ticks_are_as_many_single_ones() {
    if !verilator("model_ticks_are_as_many_single_ones") {
        return;
    }
    let text = "module count (input wire clock, input wire [31:0] step, output reg [31:0] value);
        initial value = 0; always @(posedge clock) value <= value + step; endmodule";
    let ports = [port("step", 32, true), port("value", 32, false)];
    let mut model = VerilatorModel::build("count", text, &ports, &Options::default()).unwrap();
    model.set_u64(0, 3);
    model.ticks(1_000_000);
    model.tick();
    assert_eq!(model.get_u64(1), 3_000_003);
}

#[test]
fn build_by_several_at_once_gives_all_a_model() {
    if !verilator("build_by_several_at_once_gives_all_a_model") {
        return;
    }
    let cache = folder("several");
    let options = Options { cache: Some(cache.clone()), ..Options::default() };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut model = VerilatorModel::build("widths", ALL_WIDTHS, &widths(), &options).unwrap();
                model.set_u64(4, 7);
                model.tick();
                assert_eq!(model.get_u64(10), 7);
            });
        }
    });
    let built = std::fs::read_dir(cache.join("verilator")).unwrap();
    let mut kinds: Vec<String> =
        built.map(|e| e.unwrap().path().extension().unwrap().to_string_lossy().into_owned()).collect();
    kinds.sort();
    assert_eq!(kinds, ["lock", "lock", "o", "so"], "one model, one runtime, nothing half done");
    std::fs::remove_dir_all(cache).unwrap();
}

#[test]
fn build_with_random_undefined_differs_between_seeds() {
    if !verilator("build_with_random_undefined_differs_between_seeds") {
        return;
    }
    let text = "module undefined (input wire clock, output reg [63:0] q);
        reg [63:0] never; always @(posedge clock) q <= never; endmodule";
    let ports = [port("q", 64, false)];
    let mut values = Vec::new();
    for undefined in [Undefined::Zero, Undefined::Random(1), Undefined::Random(2)] {
        let options = Options { undefined, ..Options::default() };
        let mut model = VerilatorModel::build("undefined", text, &ports, &options).unwrap();
        model.tick();
        values.push(model.get_u64(0));
    }
    assert_eq!(values[0], 0);
    assert!(values[1] != values[2] && values[1] != 0, "{values:x?}");
}

#[test]
fn build_with_trace_writes_waves_of_the_cycles_asked_for() {
    if !verilator("build_with_trace_writes_waves_of_the_cycles_asked_for") {
        return;
    }
    let path = folder("trace").join("waves.vcd");
    let trace = Some(Trace { path: path.clone(), from: 10, until: 12, failed: Arc::default() });
    let options = Options { trace, ..Options::default() };
    let mut model = VerilatorModel::build("widths", ALL_WIDTHS, &widths(), &options).unwrap();
    model.ticks(100);
    drop(model);
    let text = std::fs::read_to_string(path).unwrap();
    let times: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(times, ["#20", "#21", "#22", "#23"]);
    assert!(text.contains("a512"));
}

#[test]
fn build_with_trace_on_a_full_disk_runs_on_and_tells_it() {
    if !verilator("build_with_trace_on_a_full_disk_runs_on_and_tells_it") {
        return;
    }
    let trace = Trace { path: "/dev/full".into(), from: 0, until: 1000, failed: Arc::default() };
    let failed = trace.failed.clone();
    let options = Options { trace: Some(trace), ..Options::default() };
    let mut model = VerilatorModel::build("widths", ALL_WIDTHS, &widths(), &options).unwrap();
    model.set_u64(1, 7);
    model.ticks(2000);
    assert_eq!(model.get_u64(7), 7);
    assert_eq!(failed.get(), None);
    drop(model);
    assert!(failed.get().is_some_and(|why| why.contains("No space left")), "{failed:?}");
}

#[test]
fn build_of_repeated_modules_shares_their_code_and_keeps_them_apart() {
    if !verilator("build_of_repeated_modules_shares_their_code_and_keeps_them_apart") {
        return;
    }
    // Long enough to be worth sharing; each instance counts from its own start.
    let filler: String = (0..600)
        .map(|k| format!("    reg [7:0] pad_{k};\n    always @(posedge clock) pad_{k} <= step + {k};\n"))
        .collect();
    let part = format!(
        "module part (\n    input wire clock,\n    input wire [7:0] step,\n    output reg [15:0] sum\n);\n{filler}    \
         initial sum = 0;\n    always @(posedge clock) sum <= sum + step + pad_599 - pad_599;\nendmodule\n"
    );
    let parts: String = (0..3)
        .map(|k| {
            format!(
                "    part part_{k} (\n        .clock(clock),\n        .step(step_{k}),\n        .sum(sum_{k})\n    );\n"
            )
        })
        .collect();
    let ports: String =
        (0..3).map(|k| format!(",\n    input wire [7:0] step_{k},\n    output wire [15:0] sum_{k}")).collect();
    let text = format!("module parts (\n    input wire clock{ports}\n);\n{parts}endmodule\n\n{part}");
    let ports: Vec<Port> =
        (0..3).flat_map(|k| [port(&format!("step_{k}"), 8, true), port(&format!("sum_{k}"), 16, false)]).collect();
    let mut model = VerilatorModel::build("parts", &text, &ports, &Options::default()).unwrap();
    for k in 0..3 {
        model.set_u64(2 * k, 3 * k as u64 + 1);
    }
    model.ticks(10);
    model.set_u64(2, 100);
    model.ticks(2);
    assert_eq!([1, 3, 5].map(|sum| model.get_u64(sum)), [12, 240, 84]);
}

#[test]
fn build_of_bad_verilog_tells_what_verilator_said() {
    if !verilator("build_of_bad_verilog_tells_what_verilator_said") {
        return;
    }
    let error = VerilatorModel::build("bad", "module bad (input wire clock); nonsense", &[], &Options::default());
    let text = error.err().unwrap().to_string();
    assert!(text.starts_with("Verilator refused") && text.contains("syntax error"), "{text}");
}

#[test]
fn build_with_ports_that_are_not_there_tells_what_the_compiler_said() {
    if !verilator("build_with_ports_that_are_not_there_tells_what_the_compiler_said") {
        return;
    }
    let text = "module little (input wire clock, output reg q); always @(posedge clock) q <= 1; endmodule";
    let ports = [port("other", 4, true)];
    let error = VerilatorModel::build("little", text, &ports, &Options::default()).err().unwrap();
    assert!(matches!(&error, VerilatorError::Refused { output, .. } if output.contains("other")), "{error}");
}

#[test]
fn build_with_a_port_name_that_verilator_changes_is_refused() {
    let error = VerilatorModel::build("x", "", &[port("a__b", 1, true)], &Options::default()).err().unwrap();
    assert!(matches!(error, VerilatorError::PortName(name) if name == "a__b"));
}

#[test]
fn build_in_a_cache_that_cannot_be_written_names_it() {
    if !verilator("build_in_a_cache_that_cannot_be_written_names_it") {
        return;
    }
    let options = Options { cache: Some("/dev/null/no".into()), ..Options::default() };
    let error = VerilatorModel::build("widths", ALL_WIDTHS, &widths(), &options).err().unwrap();
    assert!(error.to_string().starts_with("/dev/null/no/verilator"), "{error}");
}
