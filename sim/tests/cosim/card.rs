//! The card in Rust against its Verilog, in surroundings that answer as a host's and a table's memory do: every output,
//! every cycle. Lanes are thin ones: what is tried is all that stands around them.

use crate::card_bench::{Bench, Pace};
use crate::thin::ThinLane;
use debye_hdl::base::pins::{Pins, Port};
use debye_hdl::base::word::{U, W};
use debye_sim::cosim::verilated;
use debye_sim::verilator::{Options, find};
use rust_hdl::prelude::*;

debye_hdl::card!(
    /// A card of thin lanes.
    ThinCard, ThinLane, [], 13, 2048
);

/// Two designs as one: driven alike, held against each other before every edge.
struct Both<A: Pins, B: Pins> {
    left: A,
    right: B,
    outputs: Vec<usize>,
    cycle: u64,
}

impl<A: Pins, B: Pins> Both<A, B> {
    fn new(left: A, right: B) -> Self {
        assert_eq!(left.ports(), right.ports());
        let outputs = (0..left.ports().len()).filter(|&port| !left.ports()[port].input).collect();
        Both { left, right, outputs, cycle: 0 }
    }
}

impl<A: Pins, B: Pins> Pins for Both<A, B> {
    fn ports(&self) -> &[Port] {
        self.left.ports()
    }
    fn set(&mut self, port: usize, value: &[u64]) {
        self.left.set(port, value);
        self.right.set(port, value);
    }
    fn get(&mut self, port: usize, value: &mut [u64]) {
        self.left.get(port, value);
    }
    fn settle(&mut self) {
        self.left.settle();
        self.right.settle();
        for &port in &self.outputs {
            let (mut left, mut right) = ([0; 8], [0; 8]);
            self.left.get(port, &mut left);
            self.right.get(port, &mut right);
            assert_eq!(left, right, "cycle {}: {}", self.cycle, self.left.ports()[port].name);
        }
    }
    fn tick(&mut self) {
        self.settle();
        self.left.tick();
        self.right.tick();
        self.cycle += 1;
    }
}

fn cosimulate<const LANES: usize, const GROUPS: usize>(core: &str, frames: u64, pace: Pace) {
    if let Err(error) = find() {
        println!("skipped: co-simulation of {core}: {error}");
        return;
    }
    let design = ThinCard::<LANES, GROUPS>::pins(1);
    let model = verilated(&design, core, &Options::default()).unwrap_or_else(|error| panic!("{error}"));
    let mut bench = Bench::new(Both::new(design, model), 21, pace);
    bench.stray = 1;
    let ops = 777;
    bench.table = (0..16 * ops).map(|_| bench.random.draw() as u8).collect();
    bench.table_base += 64 * 13;
    bench.bad.push(bench.table_base + 64 * 100);
    bench.enable(ops as u32);
    let mut done = 0;
    // The second half after a soft reset in the middle of the first.
    for half in 0..2 {
        for handle in 0..frames {
            let bytes = bench.random.below(9000);
            let chunk: Vec<u8> = (0..bytes).map(|_| bench.random.draw() as u8).collect();
            let address = bench.store(&chunk);
            bench.requests.push_back([0, handle, bytes << 32, 0, 0, address, 0, 0]);
        }
        if half == 0 {
            bench.run_until(frames as usize / 2, 1_000_000);
            bench.write("control", 2);
            bench.requests.clear();
            while bench.read("status") & 1 != 0 {}
            bench.write("control", 1);
            done = bench.results.len();
        }
    }
    bench.run_until(done + frames as usize, 1_000_000);
    for lane in 0..LANES as u32 {
        for counter in 0..8 {
            bench.read_at(0x1000 + 32 * lane + 4 * counter);
        }
    }
    println!("{core}: {} cycles, {} results, no difference", bench.cycle, bench.results.len());
}

#[test]
fn cosim_card_of_one_lane_equals_its_verilog() {
    cosimulate::<1, 1>("thin_card_1", 40, Pace::MIXED);
}

#[test]
fn cosim_card_of_six_lanes_in_three_groups_equals_its_verilog() {
    cosimulate::<6, 3>("thin_card_6", 90, Pace { result: 3, ..Pace::MIXED });
}
