//! The integrator's emitted Verilog against the definition: what its Rust passes, it passes too.

use crate::integrator_support::{Bench, Frame, OwnTable, Pauses, pixels};
use crate::verilog::is_there;
use debye_hdl::base::random::Random;
use debye_hdl::integrator::pins;
use debye_sim::cosim::verilated;
use debye_sim::verilator::Options;
use debye_spec::frame::Job;
use debye_spec::{Element, Status};

#[test]
fn cosim_integrators_verilog_gives_the_definitions_sums() {
    if !is_there("the integrator") {
        return;
    }
    let model = verilated(&pins::<5>(), "integrator", &Options::default()).unwrap_or_else(|error| panic!("{error}"));
    let mut bench = Bench::new(model);
    let soak = if std::env::var_os("DEBYE_SOAK").is_some() { 10 } else { 1 };
    for (seed, pauses) in [(1, Pauses(0, 0, 0)), (2, Pauses(20, 20, 20)), (3, Pauses(50, 2, 40))] {
        let mut random = Random::new(seed);
        let mut frames = vec![];
        for n in 0..20 * soak {
            let element = Element::ALL[random.below(5) as usize];
            let count = 1 + random.below(2500) as usize;
            let table = match random.below(4) {
                0 => OwnTable::powder(50, count.div_ceil(50), 100),
                1 => OwnTable::cake(count, 10, 25, &mut random),
                _ => OwnTable::nasty(count, 1 + random.below(256) as usize, &mut random),
            };
            let mut job = Job::new(element);
            if n % 3 == 0 {
                job.max_valid = random.draw() as u32 >> random.below(32);
                job.threshold = random.draw() as u32 >> random.below(32);
            }
            let invalid = random.below(20);
            let data = pixels(element, table.masked.len(), invalid, &mut random);
            let frame = Frame::new(&table, job, &data);
            let words = frame.words.len();
            frames.push(match random.below(10) {
                0 => frame.fail(random.below(words as u64) as usize, Status::OutputOverrun),
                1 => frame.fail(words + 2, Status::Ok),
                _ => frame,
            });
        }
        bench.check(&frames, pauses, seed);
        bench.abandon(&frames, 500 * seed);
        bench.reset();
        bench.check(&frames[..5], pauses, seed);
    }
}
