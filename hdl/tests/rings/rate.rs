//! How fast the engine moves bytes, and encoders behind it, before a host memory of 1 us latency and 12.5 GB/s at 250 MHz.

use crate::ring_bench::host::Host;
use crate::ring_bench::lane::{PACE, StubEncoding, StubRings};
use crate::ring_bench::{Bench, Pace};
use debye_spec::Element;

/// Bytes a cycle that lanes of one kind take, and those that the memory gives.
fn rate<const LANES: usize>(frames: usize, bytes: usize) -> f64 {
    PACE.set(64);
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
    let rate = rate::<12>(36, 150_000);
    assert!(rate >= 0.9 * 50.0, "{rate}");
}

#[test]
fn rings_fast_memory_lets_lanes_run_at_their_rate() {
    // 4 lanes take 32 bytes a cycle.
    let rate = rate::<4>(24, 150_000);
    assert!(rate >= 0.95 * 32.0, "{rate}");
}

/// Bytes of pixels a cycle from the first chunks to the last that encoders make, of frames of 64 KiB.
fn encode_rate<const ENCODERS: usize>(rounds: usize, wild: bool, fused: bool) -> f64 {
    PACE.set(64);
    let pins = StubEncoding::<2, 1, ENCODERS, 13>::pins(1, 33, 7);
    let mut host = Host::new(Bench::new(pins, 9, Pace::PCIE));
    host.start(0, [4, 4]);
    let frames = rounds * ENCODERS;
    for _ in 0..frames {
        if fused {
            host.fuse(0, Element::U16, 32768, wild, 0);
        } else {
            host.encode(0, Element::U16, 32768, wild);
        }
    }
    host.doorbell(0);
    let mut ends = vec![];
    while ends.len() < frames {
        assert!(host.bench.cycle < 200_000);
        host.bench.step();
        if host.take(0).is_some() {
            ends.push(host.bench.cycle);
        }
    }
    // The first frames of all encoders end together.
    let (first, last) = (ends[ENCODERS - 1], ends[frames - 1]);
    let rate = ((frames - ENCODERS) * 65536) as f64 / (last - first) as f64;
    println!("{ENCODERS} encoders, wild {wild}, fused {fused}: {rate:.2} bytes of pixels a cycle");
    rate
}

// A lane takes 1046 cycles for each of such a frame's eight blocks, whatever is in them: 7.83.
#[test]
fn rings_two_encoders_make_chunks_at_twice_the_rate_of_one() {
    let rate = encode_rate::<2>(5, true, false);
    assert!(rate >= 15.0, "{rate}");
}

#[test]
fn rings_encoder_begins_a_frame_while_the_one_before_is_written() {
    for wild in [false, true] {
        let rate = encode_rate::<1>(4, wild, false);
        assert!(rate >= 7.5, "{rate}");
        if std::env::var_os("DEBYE_SOAK").is_some() {
            let rate = encode_rate::<1>(4, wild, true);
            assert!(rate >= 7.0, "{rate}");
        }
    }
}
