//! The ring engine in Rust against its Verilog: every output, every cycle. The engine in Rust stands in a card between a
//! host with rings and simple lanes; its Verilog is given what the one in Rust is given. What the host sees is held
//! against the contract too.

use crate::ring_bench::host::Host;
use crate::ring_bench::lane::{EARLY, HANG, StubRings, engine};
use crate::ring_bench::{Bench, Pace};
use crate::verilog::{Shadowed, is_there};
use debye_hdl::base::pins::Pins;
use debye_hdl::rings::engine::Engine;
use debye_spec::rings::Kind;

/// A card whose engine is shadowed by its Verilog.
fn shadowed<const LANES: usize>() -> impl Pins {
    Shadowed::new(StubRings::<LANES, 1>::pins(QUEUES, 33, 7), engine, &Engine::pins(QUEUES, 33), "rings")
}

const QUEUES: usize = 3;

fn some(host: &mut Host<impl Pins>, queue: usize) {
    let bytes = 1 + host.random.below(6000);
    match host.random.below(8) {
        0 => host.refused(queue),
        1 => host.copy(queue, Kind::Copy, bytes.next_multiple_of(64) as u32),
        2 => host.copy(queue, Kind::Upload, bytes.next_multiple_of(64) as u32),
        3 => _ = host.integrate(queue, bytes as usize, 10, EARLY),
        n => _ = host.integrate(queue, bytes as usize, 20 * n as u32, 0),
    }
}

/// Submissions to all queues, some of them with an entry that cannot be read, until all are completed.
fn work(host: &mut Host<impl Pins>, count: u64) {
    let mut pushed = 0;
    while pushed < count {
        let queue = host.random.below(QUEUES as u64) as usize;
        let batch = host.random.below(u64::from(host.room(queue)) + 1).min(count - pushed);
        (0..batch).for_each(|_| some(host, queue));
        pushed += batch;
        host.doorbell(queue);
        let head = host.queues[queue].head;
        host.bench.write_queue(queue as u32, "arm", head);
        for _ in 0..host.random.below(500) {
            host.bench.step();
        }
        (0..QUEUES).for_each(|queue| _ = host.drain(queue));
    }
    host.finish(300_000);
}

fn cosimulate<const LANES: usize>(seed: u64, pace: Pace) {
    if !is_there("the ring engine") {
        return;
    }
    let mut host = Host::new(Bench::new(shadowed::<LANES>(), seed, pace));
    // Indices go over 2^32 on one queue.
    for (queue, first) in [0, u32::MAX - 9, 5].into_iter().enumerate() {
        host.start_at(queue as u32, [4, 3], first);
    }
    work(&mut host, 60);
    // A reset with lanes that hang, in the middle of everything.
    for queue in 0..QUEUES {
        (0..4).for_each(|k| _ = host.integrate(queue, 5000, 100, if k == 2 { HANG } else { 0 }));
        host.doorbell(queue);
    }
    (0..400).for_each(|_| host.bench.step());
    host.bench.write("ring_control", 2);
    while host.bench.read("ring_control") & 2 != 0 {}
    host.expected.clear();
    host.bench.write("control", 1);
    host.bench.write("ring_control", 1);
    (0..QUEUES as u32).for_each(|queue| host.start(queue, [3, 4]));
    // A chunk of which a part is not there.
    let entry = host.integrate(1, 3000, 10, 0);
    let chunk = u64::from_le_bytes(entry[40..48].try_into().unwrap());
    host.bench.host.bad.push(chunk + 64 * 7);
    host.doorbell(1);
    while host.next(1).is_none() {
        host.bench.step();
    }
    host.expected.clear();
    let head = host.queues[1].head;
    host.bench.write_queue(1, "completion_head", head);
    assert_eq!(host.bench.read("dma_faults"), 1);
    work(&mut host, 40);
    println!("{LANES} lanes: {} cycles, {} interrupts, no difference", host.bench.cycle, host.bench.interrupts.len());
}

#[test]
fn cosim_rings_before_one_lane_equal_their_verilog() {
    cosimulate::<1>(31, Pace::MIXED);
}

#[test]
fn cosim_rings_before_four_lanes_equal_their_verilog() {
    cosimulate::<4>(32, Pace::FAST);
}
