//! A card with rings and an encoder beside its core: chunks of the definition, in the middle of frames and copies.

use crate::ring_bench::host::Host;
use crate::ring_bench::lane::{EARLY, StubEncoding, StubRings};
use crate::ring_bench::{Bench, Pace};
use debye_hdl::base::pins::Pins;
use debye_spec::Element;
use debye_spec::rings::Kind;

fn element(host: &mut Host<impl Pins>) -> Element {
    Element::ALL[host.random.below(5) as usize]
}

fn some(host: &mut Host<impl Pins>, queue: usize) {
    match host.random.below(10) {
        0 => host.refused(queue),
        1 => host.copy(queue, Kind::Copy, 1280),
        2 => _ = host.integrate(queue, 700, 10, EARLY),
        3 => _ = host.integrate(queue, 3000, 200, 0),
        4 => host.refused_encode(queue),
        n => {
            let (element, wild) = (element(host), host.random.chance(1, 2));
            let count = host.random.below(if n < 7 { 20 } else { 2500 }) as usize;
            host.encode(queue, element, count, wild);
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
}

fn host(seed: u64, pace: Pace) -> Host<impl Pins> {
    let mut host = Host::new(Bench::new(StubEncoding::<2, 1>::pins(8, 33, 7), seed, pace));
    (0..2).for_each(|queue| host.start(queue, [4, 3]));
    host
}

#[test]
fn rings_with_an_encoder_complete_chunks_among_frames_and_copies() {
    for (seed, pace) in [(1, Pace::FAST), (2, Pace::MIXED), (3, Pace::PCIE)] {
        let mut host = host(seed, pace);
        assert_eq!(host.bench.read("encode_capabilities"), 1 | 10 << 8);
        assert_eq!(host.bench.read("ring_capabilities") >> 8 & 0xffff, 0b11110);
        work(&mut host, 60);
        println!("{} cycles", host.bench.cycle);
    }
}

#[test]
fn rings_reset_in_the_middle_of_chunks_forgets_them_and_goes_on() {
    let mut host = host(4, Pace::MIXED);
    for round in 0..4 {
        for queue in 0..2 {
            (0..3).for_each(|_| _ = host.encode(queue, Element::U16, 2000, true));
            host.integrate(queue, 5000, 100, 0);
            host.doorbell(queue);
        }
        (0..300 + 700 * round).for_each(|_| host.bench.step());
        host.bench.write("ring_control", 2);
        while host.bench.read("ring_control") & 2 != 0 {}
        host.expected.clear();
        host.bench.write("control", 1);
        host.bench.write("ring_control", 1);
        (0..2).for_each(|queue| host.start(queue, [4, 3]));
        work(&mut host, 15);
    }
}

#[test]
fn rings_pixels_that_cannot_be_read_or_a_chunk_that_cannot_be_written_are_dma_faults() {
    let mut host = host(5, Pace::FAST);
    for read in [true, false] {
        let mut entry = host.encode(0, Element::U32, 1500, true);
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
        assert_eq!((completion.status, completion.result_bytes), (debye_spec::Status::DmaFault.code(), 0));
        host.expected.clear();
        let head = host.queues[0].head;
        host.bench.write_queue(0, "completion_head", head);
    }
    work(&mut host, 10);
}

#[test]
fn rings_without_an_encoder_refuse_pixels() {
    let mut host = Host::new(Bench::new(StubRings::<1, 1>::pins(8, 33, 7), 6, Pace::FAST));
    host.start(0, [2, 2]);
    host.encode(0, Element::U8, 100, false);
    host.expected.values_mut().for_each(|expected| {
        expected.status = debye_spec::Status::RequestInvalid;
        (expected.result_bytes, expected.crc, expected.memory) = (0, 0, None);
    });
    host.doorbell(0);
    host.finish(10_000);
    assert_eq!(host.bench.read("encode_capabilities"), 0);
}
