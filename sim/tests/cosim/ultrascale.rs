//! `hdl/ultrascale` against what it stands for: the multipliers and the sum of the pixels in Rust, their portable
//! Verilog, and the cascades of DSP blocks, with a model of the part of a DSP48E2 that they use.

use crate::integrator_support::{Bench, Frame, OwnTable, Pauses, pixels};
use crate::verilog::is_there;
use debye_hdl::base::emit::{Stamp, emit};
use debye_hdl::base::pins::{HdlPins, Pins, Port};
use debye_hdl::base::random::Random;
use debye_hdl::integrator::{self, products::Products, tally::Tally};
use debye_hdl::pins;
use debye_sim::cosim::verilated;
use debye_sim::verilator::{Options, VerilatorModel};
use debye_spec::Element;
use debye_spec::frame::Job;
use std::path::Path;

/// Cycles from an operand to its sums, and more.
const DRAIN: u64 = 20;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn model(top: &str, verilog: &str, ports: &[Port]) -> VerilatorModel {
    let files = ["hdl/ultrascale/products.v", "hdl/ultrascale/tally.v", "testbenches/ultrascale/dsp48e2.v"].map(read);
    let text = format!("{verilog}\n{}", files.join("\n"));
    VerilatorModel::build(top, &text, ports, &Options::default()).unwrap_or_else(|error| panic!("{error}"))
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
    if !is_there("hdl/ultrascale") {
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

/// Sums of frames, all three at each cycle. Between two frames 10 cycles without pixels, then one that clears.
#[test]
fn ultrascale_tally_equals_the_portable_one() {
    if !is_there("hdl/ultrascale") {
        return;
    }
    let tally = || pins!(Box::<Tally>::default(); in clear, wide, values; out sum);
    let mut rust = tally();
    let mut portable = verilated(&tally(), "tally", &Options::default()).unwrap_or_else(|error| panic!("{error}"));
    let mut blocks = model("debye_tally", "", tally().ports());
    let [clear, wide, values, sum] = ["clear", "wide", "values", "sum"].map(|name| rust.port(name));
    let mut random = Random::new(22);
    let mut largest = 0;
    for frame in 0..60 {
        let is_wide = random.below(2) == 1;
        let highest = if is_wide { 0x0fff } else { 0xffff };
        let full = frame % 3 == 0;
        let cycles = if full { 40_000 } else { 1 + random.below(3000) };
        let mut want = 0u64;
        for cycle in 0..cycles + 11 {
            let slots = [0xffff, highest, 0xffff, highest].map(|most| match (cycle < cycles, full) {
                (false, _) => 0,
                (true, true) => most,
                (true, false) => random.below(most + 1),
            });
            let high = if is_wide { 16 } else { 0 };
            want += slots[0] + slots[2] + ((slots[1] + slots[3]) << high);
            let word = slots[0] | slots[1] << 16 | slots[2] << 32 | slots[3] << 48;
            let clears = u64::from(cycle == cycles + 10);
            if clears == 1 {
                assert_eq!(rust.get_u64(sum), want, "frame {frame}, Rust");
            }
            for (port, value) in [(clear, clears), (wide, u64::from(is_wide)), (values, word)] {
                rust.set_u64(port, value);
                portable.set_u64(port, value);
                blocks.set_u64(port, value);
            }
            rust.tick();
            portable.tick();
            blocks.tick();
            let has = rust.get_u64(sum);
            assert_eq!(portable.get_u64(sum), has, "portable, frame {frame}, cycle {cycle}");
            assert_eq!(blocks.get_u64(sum), has, "DSP blocks, frame {frame}, cycle {cycle}");
        }
        largest = largest.max(want);
    }
    println!("largest sum {largest}");
    assert!(largest > 1 << 43);
}

#[test]
fn ultrascale_integrator_gives_the_definitions_sums() {
    if !is_there("hdl/ultrascale") {
        return;
    }
    let design = integrator::pins::<5>();
    let stamp = Stamp { core: "integrator", parameters: &[] };
    let verilog = emit(&*design.design, &stamp).unwrap_or_else(|error| panic!("{error}"));
    let apart = ["products", "tally"].iter().fold(verilog, |text, name| {
        let start = text.find(&format!("\nmodule debye_{name} (")).expect("the integrator has this module");
        let end = start + text[start..].find("\nendmodule\n").expect("it ends") + "\nendmodule\n".len();
        format!("{}{}", &text[..start], &text[end..])
    });
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
