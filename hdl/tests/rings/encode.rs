//! Cards with rings and encoders beside their cores: chunks of the definition, in the middle of frames and copies, and
//! chunks that the core integrates while they are made.

use crate::ring_bench::host::Host;
use crate::ring_bench::lane::{EARLY, PACE, StubEncoding, StubRings};
use crate::ring_bench::{Bench, Pace};
use debye_hdl::base::pins::Pins;
use debye_spec::rings::Kind;
use debye_spec::{Element, Status};

fn element(host: &mut Host<impl Pins>) -> Element {
    Element::ALL[host.random.below(5) as usize]
}

fn some(host: &mut Host<impl Pins>, queue: usize) {
    match host.random.below(14) {
        0 => host.refused(queue),
        1 => host.copy(queue, Kind::Copy, 1280),
        2 => _ = host.integrate(queue, 700, 10, EARLY),
        3 => _ = host.integrate(queue, 3000, 200, 0),
        4 => host.refused_encode(queue),
        5 => host.refused_fuse(queue),
        n => {
            let (element, wild) = (element(host), host.random.chance(1, 2));
            let count = host.random.below(if n < 9 { 20 } else { 2500 }) as usize;
            if n % 2 == 0 {
                host.encode(queue, element, count, wild);
            } else {
                let early = if host.random.chance(1, 5) { EARLY } else { 0 };
                host.fuse(queue, element, count, wild, early);
            }
        }
    }
}

/// Submissions to two queues until all are completed.
fn work(host: &mut Host<impl Pins>, count: u64) {
    let (before, mut pushed) = (host.done, 0);
    while pushed < count {
        let queue = host.random.below(2) as usize;
        let batch = host.random.below(host.room(queue) as u64 + 1).min(count - pushed);
        (0..batch).for_each(|_| some(host, queue));
        pushed += batch;
        host.doorbell(queue);
        for _ in 0..host.random.below(600) {
            host.bench.step();
        }
        (0..2).for_each(|queue| _ = host.drain(queue));
    }
    host.finish(300_000);
    assert_eq!(host.done - before, count);
    // What the host saw may not be answered yet.
    while !host.bench.host.idle() {
        host.bench.step();
    }
    (0..20).for_each(|_| host.bench.step());
    assert_eq!(host.bench.read("ring_status"), 0);
}

/// A card of so many lanes and encoders, with blocks of 1 KiB.
fn host<const LANES: usize, const ENCODERS: usize>(seed: u64, pace: Pace) -> Host<impl Pins> {
    let pins = StubEncoding::<LANES, 1, ENCODERS, 10>::pins(8, 33, 7);
    let mut host = Host::new(Bench::new(pins, seed, pace));
    (0..2).for_each(|queue| host.start(queue, [4, 3]));
    host
}

fn mixed<const LANES: usize, const ENCODERS: usize>(seed: u64, pace: Pace) {
    let mut host = host::<LANES, ENCODERS>(seed, pace);
    assert_eq!(host.bench.read("encode_capabilities"), ENCODERS as u32 | 10 << 8);
    assert_eq!(host.bench.read("ring_capabilities") >> 8 & 0xffff, 0b11_1110);
    work(&mut host, 40);
    println!("{LANES} lanes, {ENCODERS} encoders: {} cycles", host.bench.cycle);
}

#[test]
fn rings_with_encoders_complete_chunks_among_frames_and_copies() {
    mixed::<2, 1>(1, Pace::FAST);
    mixed::<2, 1>(2, Pace::MIXED);
    mixed::<1, 1>(3, Pace::PCIE);
    mixed::<2, 2>(4, Pace::MIXED);
    mixed::<1, 3>(5, Pace::FAST);
}

/// Resets an engine in the middle and has it work again.
fn resets<const LANES: usize, const ENCODERS: usize>(seed: u64, pace: Pace) {
    let mut host = host::<LANES, ENCODERS>(seed, pace);
    for round in 0..4 {
        for queue in 0..2 {
            host.integrate(queue, 5000, 100, 0);
            (0..2).for_each(|_| _ = host.encode(queue, Element::U16, 2000, true));
            (0..3).for_each(|_| _ = host.fuse(queue, Element::U32, 1500, round % 2 == 0, 0));
            host.doorbell(queue);
        }
        (0..150 + 700 * round).for_each(|_| host.bench.step());
        host.bench.write("ring_control", 2);
        let asked = host.bench.cycle;
        while host.bench.read("ring_control") & 2 != 0 {
            assert!(host.bench.cycle - asked < 20_000, "the reset does not come back");
        }
        host.expected.clear();
        host.bench.write("control", 1);
        host.bench.write("ring_control", 1);
        (0..2).for_each(|queue| host.start(queue, [4, 3]));
        work(&mut host, 8);
    }
}

#[test]
fn rings_reset_in_the_middle_of_chunks_forgets_them_and_goes_on() {
    resets::<1, 1>(6, Pace::MIXED);
    resets::<2, 2>(7, Pace::FAST);
}

#[test]
fn rings_pixels_that_cannot_be_read_or_a_chunk_that_cannot_be_written_are_dma_faults() {
    let mut host = host::<2, 1>(5, Pace::FAST);
    for (read, fuse) in [(true, false), (false, false), (true, true), (false, true)] {
        let mut entry =
            if fuse { host.fuse(0, Element::U32, 1500, true, 0) } else { host.encode(0, Element::U32, 1500, true) };
        if read {
            let address = u64::from_le_bytes(entry[40..48].try_into().unwrap());
            host.bench.host.bad.push(address + 64 * 7);
        } else {
            // Where nothing is mapped.
            entry[56..64].copy_from_slice(&0x100_0000u64.to_le_bytes());
            host.queues[0].tail -= 1;
            host.push(0, &entry);
        }
        host.doorbell(0);
        let completion = loop {
            match host.next(0) {
                Some(completion) => break completion,
                None => host.bench.step(),
            }
        };
        assert_eq!((completion.status, completion.result_bytes), (Status::DmaFault.code(), 0));
        assert_eq!((completion.crc, completion.chunk_bytes, completion.chunk_crc), (0, 0, 0));
        host.expected.clear();
        let head = host.queues[0].head;
        host.bench.write_queue(0, "completion_head", head);
    }
    let faults = host.bench.read("ring_status");
    assert_eq!(faults, 2);
    host.bench.write("ring_control", 2);
    while host.bench.read("ring_control") & 2 != 0 {}
    host.bench.write("control", 1);
    host.bench.write("ring_control", 1);
    (0..2).for_each(|queue| host.start(queue, [4, 3]));
    work(&mut host, 10);
}

/// The kinds of completions of queue 0 in the order in which they come, with their cycles.
fn order(host: &mut Host<impl Pins>) -> Vec<(u8, u64)> {
    let mut kinds = vec![];
    while !host.expected.is_empty() {
        assert!(host.bench.cycle < 200_000, "{} submissions are not completed", host.expected.len());
        host.bench.step();
        if let Some(completion) = host.take(0) {
            kinds.push((completion.kind, host.bench.cycle));
            let head = host.queues[0].head;
            host.bench.write_queue(0, "completion_head", head);
        }
    }
    kinds
}

#[test]
fn rings_results_pass_a_chunk_under_way_and_frames_pass_pixels_that_wait() {
    PACE.set(64);
    let mut host = Host::new(Bench::new(StubEncoding::<1, 1, 1, 10>::pins(1, 33, 7), 8, Pace::PCIE));
    host.start(0, [5, 5]);
    // Some 8 times 2,500 cycles of encoding for one encoder, and frames behind them.
    (0..8).for_each(|_| _ = host.encode(0, Element::U32, 5000, true));
    (0..6).for_each(|_| _ = host.integrate(0, 1000, 20, 0));
    host.doorbell(0);
    let kinds = order(&mut host);
    println!("{kinds:?}");
    let chunks: Vec<usize> = (0..kinds.len()).filter(|&at| kinds[at].0 == Kind::Encode as u8).collect();
    assert_eq!((kinds.len(), chunks.len()), (14, 8));
    assert!(chunks[1] >= 7, "all frames are done before the second chunk");
    let last_frame = kinds.iter().rfind(|(kind, _)| *kind == Kind::Integrate as u8).unwrap().1;
    assert!(2 * last_frame < kinds[chunks[1]].1, "{kinds:?}");
}

#[test]
fn rings_without_an_encoder_refuse_pixels() {
    let mut host = Host::new(Bench::new(StubRings::<1, 1>::pins(8, 33, 7), 6, Pace::FAST));
    host.start(0, [2, 2]);
    host.block_log2 = 10;
    host.encode(0, Element::U8, 100, false);
    host.fuse(0, Element::U8, 100, false, 0);
    host.expected.values_mut().for_each(|expected| {
        expected.status = Status::RequestInvalid;
        (expected.result_bytes, expected.crc, expected.memory, expected.chunk) = (0, 0, vec![], (0, 0));
    });
    host.doorbell(0);
    host.finish(10_000);
    assert_eq!(host.bench.read("encode_capabilities"), 0);
    assert_eq!(host.bench.read("ring_capabilities") >> 8 & 0xffff, 0b1110);
}
