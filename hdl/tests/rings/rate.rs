//! How fast the engine moves bytes, before a host memory of 1 us latency and 12.5 GB/s at 250 MHz.

use crate::ring_bench::host::Host;
use crate::ring_bench::lane::{PACE, StubRings};
use crate::ring_bench::{Bench, Pace};
use std::sync::atomic::Ordering;

/// Bytes a cycle that lanes of one kind take, and those that the memory gives.
fn rate<const LANES: usize>(frames: usize, bytes: usize) -> f64 {
    PACE.store(64, Ordering::Relaxed);
    let mut host = Host::new(Bench::new(StubRings::<LANES, 1>::pins(1, 33, 7), 9, Pace::PCIE));
    host.start(0, [6, 6]);
    (0..frames).for_each(|_| _ = host.integrate(0, bytes, 100, 0));
    let (start, before) = (host.bench.cycle, host.bench.host.beats[0]);
    host.doorbell(0);
    host.finish(2_000_000);
    let cycles = host.bench.cycle - start;
    let rate = 64.0 * (host.bench.host.beats[0] - before) as f64 / cycles as f64;
    println!(
        "{LANES} lanes, {frames} chunks of {bytes} bytes: {rate:.2} bytes a cycle read, {:.1} GB/s at 250 MHz; most \
         bursts under way {:?}",
        rate / 4.0,
        host.bench.host.most
    );
    rate
}

#[test]
fn rings_incompressible_chunks_take_nine_tenths_of_the_memory_bandwidth() {
    // 12 lanes could take 96 bytes a cycle, the memory gives 50.
    let rate = rate::<12>(60, 150_000);
    assert!(rate >= 0.9 * 50.0, "{rate}");
}

#[test]
fn rings_fast_memory_lets_lanes_run_at_their_rate() {
    // 4 lanes take 32 bytes a cycle.
    let rate = rate::<4>(24, 150_000);
    assert!(rate >= 0.95 * 32.0, "{rate}");
}
