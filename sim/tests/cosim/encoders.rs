//! Two encoders beside a card's core, in Rust against its Verilog: every output, every cycle, in a card between a host with
//! rings and simple lanes. What the host sees is held against the contract too.

use crate::ring_bench::host::Host;
use crate::ring_bench::lane::{StubEncoding, encoders};
use crate::ring_bench::{Bench, Pace};
use crate::verilog::{Shadowed, is_there};
use debye_hdl::base::pins::Pins;
use debye_hdl::rings::encode::Encoders;
use debye_spec::Element;

/// A card whose encoders are shadowed by their Verilog.
fn shadowed() -> impl Pins {
    Shadowed::new(StubEncoding::<1, 1, 2, 10>::pins(2, 33, 7), encoders, &Encoders::pins(), "encoders")
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
    if !is_there("the encoders") {
        return;
    }
    for (seed, pace) in [(41, Pace::FAST), (42, Pace::MIXED)] {
        let mut host = Host::new(Bench::new(shadowed(), seed, pace));
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
