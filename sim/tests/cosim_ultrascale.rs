//! `hdl/ultrascale` against what it stands for: the multipliers in Rust, their portable Verilog, and the cascades of
//! DSP blocks, with a model of the part of a DSP48E2 that they use.

#[allow(dead_code, reason = "each test uses a part of it")]
#[path = "../../hdl/tests/integrator_support/mod.rs"]
mod integrator_support;

use debye_hdl::base::emit::{Stamp, emit};
use debye_hdl::base::pins::{HdlPins, Pins, Port};
use debye_hdl::base::random::Random;
use debye_hdl::integrator::{self, products::Products};
use debye_hdl::pins;
use debye_sim::cosim::verilated;
use debye_sim::verilator::{Options, VerilatorModel, find};
use debye_spec::Element;
use debye_spec::frame::Job;
use integrator_support::{Bench, Frame, OwnTable, Pauses, pixels};
use std::path::Path;

/// Cycles from an operand to its sums, and more.
const DRAIN: u64 = 20;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn model(top: &str, verilog: &str, ports: &[Port]) -> VerilatorModel {
    let text =
        format!("{verilog}\n{}\n{}", read("hdl/ultrascale/products.v"), read("testbenches/ultrascale/dsp48e2.v"));
    VerilatorModel::build(top, &text, ports, &Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn has_verilator() -> bool {
    find().inspect_err(|error| println!("skipped: co-simulation of hdl/ultrascale: {error}")).is_ok()
}

fn products() -> HdlPins<Products> {
    pins!(Box::<Products>::default(); in wide, closed, values, weights, squares; out signal, variance, weight)
}

/// Operands as an operation has them: weights up to 64, high halves up to 12 bits; now and then the largest of all.
fn operands(random: &mut Random, wide: bool) -> [u64; 4] {
    let closed = random.below(16);
    let largest = random.below(4) == 0;
    let (mut values, mut weights, mut squares) = (0, 0, 0);
    for k in 0..4 {
        let high = wide && k % 2 == 1;
        // Of a slot that does not count, anything may stand there.
        let bits = if high && closed >> k & 1 == 0 { 12 } else { 16 };
        let value = if largest { (1 << bits) - 1 } else { random.below(1 << bits) };
        let weight = if largest { 64 } else { random.below(65) };
        let shift = if high { 2 } else { 0 };
        values |= value << (16 * k);
        weights |= (weight << shift) << (9 * k);
        squares |= ((weight * weight) << shift) << (15 * k);
    }
    [closed, values, weights, squares]
}

#[test]
fn ultrascale_products_equal_the_portable_ones() {
    if !has_verilator() {
        return;
    }
    let mut rust = products();
    let mut portable =
        verilated(&products(), "products", &Options::default()).unwrap_or_else(|error| panic!("{error}"));
    let mut cascades = model("debye_products", "", products().ports());
    let inputs = ["wide", "closed", "values", "weights", "squares"].map(|name| rust.port(name));
    let outputs = ["signal", "variance", "weight"].map(|name| rust.port(name));
    let mut random = Random::new(21);
    let mut sums = 0u64;
    for part in 0..40 {
        let wide = part % 2 == 1;
        for cycle in 0..2000 {
            let [closed, values, weights, squares] = operands(&mut random, wide);
            let closed = if cycle < 2000 - DRAIN { closed } else { 15 };
            for (port, value) in inputs.into_iter().zip([u64::from(wide), closed, values, weights, squares]) {
                rust.set_u64(port, value);
                portable.set_u64(port, value);
                cascades.set_u64(port, value);
            }
            rust.tick();
            portable.tick();
            cascades.tick();
            for port in outputs.into_iter().filter(|_| cycle >= DRAIN) {
                let want = rust.get_u64(port);
                let name = &rust.ports()[port].name;
                assert_eq!(portable.get_u64(port), want, "{name} of the portable ones, part {part}, cycle {cycle}");
                assert_eq!(cascades.get_u64(port), want, "{name} of the cascades, part {part}, cycle {cycle}");
                sums += u64::from(want != 0);
            }
        }
    }
    println!("{sums} sums that are not 0");
    assert!(sums > 100_000);
}

#[test]
fn ultrascale_integrator_gives_the_definitions_sums() {
    if !has_verilator() {
        return;
    }
    let design = integrator::pins::<5>();
    let stamp = Stamp { core: "integrator", parameters: &[] };
    let verilog = emit(&*design.design, &stamp).unwrap_or_else(|error| panic!("{error}"));
    let start = verilog.find("\nmodule debye_products (").expect("the integrator has multipliers");
    let end = start + verilog[start..].find("\nendmodule\n").expect("their module ends") + "\nendmodule\n".len();
    let apart = format!("{}{}", &verilog[..start], &verilog[end..]);
    let mut bench = Bench::new(model("integrator", &apart, design.ports()));
    let mut random = Random::new(4);
    let mut frames = vec![];
    for n in 0..20 {
        let element = Element::ALL[n % 5];
        let count = 1 + random.below(2500) as usize;
        let table = OwnTable::nasty(count, 1 + random.below(256) as usize, &mut random);
        let mut job = Job::new(element);
        if n % 3 == 0 {
            job.max_valid = random.draw() as u32 >> random.below(32);
        }
        let data = pixels(element, count, random.below(20), &mut random);
        frames.push(Frame::new(&table, job, &data));
    }
    bench.check(&frames, Pauses(20, 20, 20), 1);
}
