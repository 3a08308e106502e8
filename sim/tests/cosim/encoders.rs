//! Two encoders beside a card's core, in Rust against its Verilog: every output, every cycle, in a card between a host with
//! rings and simple lanes. What the host sees is held against the contract too.

use crate::ring_bench::host::Host;
use crate::ring_bench::lane::{StubEncoding, encoders};
use crate::ring_bench::{Bench, Pace};
use debye_hdl::base::pins::{HdlPins, Pins, Port};
use debye_hdl::rings::encode::Encoders;
use debye_sim::cosim::verilated;
use debye_sim::verilator::{Options, VerilatorModel, find};
use debye_spec::Element;

/// A card whose encoders are shadowed by their Verilog.
struct Shadowed {
    card: HdlPins<StubEncoding<1, 1, 2, 10>>,
    read: fn(&Encoders<2, 10>, usize, &mut [u64]),
    model: VerilatorModel,
    ports: Vec<Port>,
    cycle: u64,
}

impl Shadowed {
    fn new() -> Shadowed {
        let design = Encoders::<2, 10>::pins();
        let model = verilated(&design, "encoders", &Options::default()).unwrap_or_else(|error| panic!("{error}"));
        let ports = model.ports().to_vec();
        Shadowed { card: StubEncoding::pins(2, 33, 7), read: design.reader(), model, ports, cycle: 0 }
    }
}

impl Pins for Shadowed {
    fn ports(&self) -> &[Port] {
        self.card.ports()
    }
    fn set(&mut self, port: usize, value: &[u64]) {
        self.card.set(port, value);
    }
    fn get(&mut self, port: usize, value: &mut [u64]) {
        self.card.get(port, value);
    }
    fn settle(&mut self) {
        self.card.settle();
        let of_rust = |port: usize| {
            let mut value = [0; 8];
            (self.read)(encoders(&self.card.design), port, &mut value);
            value
        };
        for (number, port) in self.ports.iter().enumerate().filter(|(_, port)| port.input) {
            self.model.set(number, &of_rust(number)[..port.width.div_ceil(64)]);
        }
        self.model.settle();
        for (number, port) in self.ports.iter().enumerate().filter(|(_, port)| !port.input) {
            let mut value = [0; 8];
            self.model.get(number, &mut value);
            assert_eq!(of_rust(number), value, "cycle {}: {}", self.cycle, port.name);
        }
    }
    fn tick(&mut self) {
        self.settle();
        self.card.tick();
        self.model.tick();
        self.cycle += 1;
    }
}

fn work(host: &mut Host<impl Pins>, count: u64) {
    for _ in 0..count {
        let (element, wild) = (Element::ALL[host.random.below(5) as usize], host.random.chance(1, 2));
        match host.random.below(8) {
            0 => _ = host.integrate(0, 2000, 60, 0),
            1 => host.refused_encode(0),
            2 => host.refused_fuse(0),
            3..6 => {
                let count = host.random.below(1500) as usize;
                host.fuse(0, element, count, wild, 0);
            }
            _ => {
                let count = host.random.below(1500) as usize;
                host.encode(0, element, count, wild);
            }
        }
        if host.room(0) == 0 || host.random.chance(1, 3) {
            host.doorbell(0);
            host.finish(200_000);
        }
    }
    host.doorbell(0);
    host.finish(200_000);
}

#[test]
fn cosim_encoders_beside_a_lane_equal_their_verilog() {
    if let Err(error) = find() {
        println!("skipped: co-simulation of the encoders: {error}");
        return;
    }
    for (seed, pace) in [(41, Pace::FAST), (42, Pace::MIXED)] {
        let mut host = Host::new(Bench::new(Shadowed::new(), seed, pace));
        host.start(0, [4, 4]);
        work(&mut host, 20);
        // A reset in the middle.
        host.encode(0, Element::U16, 1500, true);
        (0..3).for_each(|_| _ = host.fuse(0, Element::U16, 1500, true, 0));
        host.doorbell(0);
        (0..500).for_each(|_| host.bench.step());
        host.bench.write("ring_control", 2);
        while host.bench.read("ring_control") & 2 != 0 {}
        host.expected.clear();
        host.bench.write("control", 1);
        host.bench.write("ring_control", 1);
        host.start(0, [4, 4]);
        work(&mut host, 8);
        println!("{} cycles, no difference", host.bench.cycle);
    }
}
