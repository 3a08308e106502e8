//! A card with rings when things go wrong: memory that is not there, resets in flight, lanes that hang; and its interrupts.

use crate::ring_bench::host::Host;
use crate::ring_bench::lane::{HANG, StubRings};
use crate::ring_bench::{Bench, Pace};
use debye_hdl::base::pins::Pins;
use debye_spec::Status;
use debye_spec::rings::Kind;

fn host<const LANES: usize>(queues: usize, seed: u64, pace: Pace) -> Host<impl Pins> {
    Host::new(Bench::new(StubRings::<LANES, 1>::pins(queues, 33, 7), seed, pace))
}

/// Steps until all that is written is answered.
fn settle(host: &mut Host<impl Pins>) {
    (0..600).for_each(|_| host.bench.step());
    while !host.bench.host.idle() {
        host.bench.step();
    }
    (0..60).for_each(|_| host.bench.step());
}

#[test]
fn rings_dma_errors_fail_their_submission_and_no_other() {
    let mut host = host::<2>(2, 21, Pace::MIXED);
    (0..2).for_each(|number| host.start(number, [4, 4]));
    let mut first = None;
    for round in 0..24 {
        // What is before and behind the one that fails is whole.
        host.integrate(round % 2, 3000, 30, 0);
        let entry = host.integrate(round % 2, 9000, 40, 0);
        let word = |at: usize| u64::from_le_bytes(entry[at..at + 8].try_into().unwrap());
        let (chunk, target) = (word(40), word(56));
        let bad = match round % 3 {
            0 => {
                let beat = chunk + 64 * host.random.below(9000 / 64);
                host.bench.host.bad.push(beat);
                chunk / 4096
            }
            1 => {
                let page = (chunk + 4096) & !4095;
                host.bench.host.unmap(page, 4096);
                page / 4096
            }
            _ => {
                host.bench.host.unmap(target, 1);
                target / 4096
            }
        };
        let handle = word(8);
        let expected = host.expected.get_mut(&handle).unwrap();
        (expected.status, expected.memory) = (Status::DmaFault, vec![]);
        (expected.result_bytes, expected.crc) = (0, 0);
        // Others must not use the page that is gone.
        host.free = (host.free + 3 * 4096).next_multiple_of(4096);
        host.integrate(round % 2, 500, 3, 0);
        host.doorbell(round % 2);
        host.finish(200_000);
        settle(&mut host);
        // Chunk and result may share the page that is gone.
        let errors = host.bench.host.errors;
        assert!(errors > round as u64);
        assert_eq!(host.bench.read("dma_faults") as u64, errors, "round {round}");
        let address =
            host.bench.read("fault_address_low") as u64 | (host.bench.read("fault_address_high") as u64) << 32;
        let first = *first.get_or_insert(address);
        assert_eq!(address, first, "the first one stays");
        if round == 0 {
            assert!(address / 4096 >= bad && address < chunk + 9000, "{address:#x}");
        }
        host.bench.host.map(bad * 4096, 4096);
    }
    assert_eq!(host.bench.read("ring_status") & 2, 2);
}

#[test]
fn rings_entry_that_cannot_be_read_completes_as_zeros() {
    let mut host = host::<1>(1, 22, Pace::MIXED);
    host.start(0, [3, 3]);
    host.copy(0, Kind::Copy, 640);
    host.copy(0, Kind::Copy, 64);
    let second = host.queues[0].submissions + 64;
    host.bench.host.bad.push(second);
    let lost = host.expected.iter().find(|(_, expected)| expected.job_bytes == 64).map(|(&handle, _)| handle);
    let mut expected = host.expected.remove(&lost.unwrap()).unwrap();
    (expected.sequence, expected.kind, expected.job_bytes) = (0, 0, 0);
    (expected.status, expected.memory, expected.result_bytes) = (Status::DmaFault, vec![], 0);
    host.expected.insert(0, expected);
    host.doorbell(0);
    host.finish(20_000);
}

#[test]
fn rings_completion_that_cannot_be_written_is_a_fault_and_the_engine_goes_on() {
    let mut host = host::<1>(2, 23, Pace::FAST);
    (0..2).for_each(|number| host.start(number, [3, 3]));
    let ring = host.queues[0].completions;
    host.bench.host.unmap(ring, 4096);
    host.copy(0, Kind::Copy, 64);
    host.doorbell(0);
    settle(&mut host);
    assert_eq!(host.bench.read("dma_faults"), 1);
    assert_eq!(host.bench.read("fault_address_low"), ring as u32);
    assert_eq!(host.bench.read("in_flight"), 0);
    host.bench.host.map(ring, 4096);
    host.expected.clear();
    host.copy(1, Kind::Copy, 64);
    host.doorbell(1);
    host.finish(20_000);
}

fn reset(host: &mut Host<impl Pins>) -> u32 {
    host.bench.write("ring_control", 3);
    let mut waited = 0;
    while host.bench.read("ring_control") & 2 != 0 {
        waited += 1;
        assert!(waited < 3000, "the reset comes back");
    }
    assert_eq!([host.bench.read("ring_control"), host.bench.read("control")], [0; 2]);
    assert_eq!([host.bench.read("in_flight"), host.bench.read("ring_status")], [0; 2]);
    assert!(host.bench.host.idle() && host.bench.table.idle());
    waited
}

#[test]
fn rings_reset_in_flight_comes_back_and_everything_works_again() {
    for seed in 0..14 {
        let mut host = host::<2>(2, 40 + seed, if seed % 2 == 0 { Pace::MIXED } else { Pace::FAST });
        for round in 0..2 {
            (0..2).for_each(|number| host.start(number, [5, 4]));
            for queue in 0..2 {
                for k in 0..16 {
                    match k % 4 {
                        0 => host.copy(queue, Kind::Copy, 9216),
                        1 => host.copy(queue, Kind::Upload, 9216),
                        // Some lanes never take their words.
                        2 => _ = host.integrate(queue, 9000, 300, if seed % 3 == 0 { HANG } else { 0 }),
                        _ => _ = host.integrate(queue, 2000, 700, 0),
                    }
                }
                host.doorbell(queue);
            }
            for _ in 0..100 + 350 * seed + 77 * round {
                host.bench.step();
            }
            host.bench.take_interrupts = seed % 2 == 0;
            reset(&mut host);
            assert_eq!(host.bench.read_queue(0, "queue_config"), 0);
            assert_eq!(host.bench.read_queue(1, "submission_head"), 0);
            host.bench.take_interrupts = true;
            host.expected.clear();
            host.bench.write("control", 1);
            host.bench.write("ring_control", 1);
        }
        (0..2).for_each(|number| host.start(number, [3, 3]));
        for queue in 0..2 {
            host.integrate(queue, 5000, 200, 0);
            host.copy(queue, Kind::Copy, 4096);
            host.copy(queue, Kind::Upload, 640);
            host.refused(queue);
            host.doorbell(queue);
        }
        host.finish(100_000);
    }
}

#[test]
fn rings_reset_with_the_bus_standing_waits_for_it() {
    let mut host = host::<1>(1, 60, Pace::MIXED);
    host.start(0, [4, 4]);
    (0..8).for_each(|_| _ = host.integrate(0, 5000, 100, 0));
    host.doorbell(0);
    (0..300).for_each(|_| host.bench.step());
    host.bench.host.stopped = true;
    host.bench.write("ring_control", 2);
    for _ in 0..100 {
        assert_eq!(host.bench.read("ring_control") & 2, 2, "a read that was asked for may still come");
    }
    host.bench.host.stopped = false;
    reset(&mut host);
}

#[test]
fn rings_disabled_queue_takes_nothing_more_and_starts_again_at_0() {
    let mut host = host::<1>(1, 24, Pace::MIXED);
    host.start(0, [4, 4]);
    (0..3).for_each(|_| host.copy(0, Kind::Copy, 640));
    host.doorbell(0);
    host.finish(50_000);
    host.bench.write_queue(0, "queue_config", 0x44);
    assert_eq!(host.bench.read_queue(0, "queue_config"), 0x44);
    host.copy(0, Kind::Copy, 640);
    host.doorbell(0);
    settle(&mut host);
    assert_eq!(host.bench.read_queue(0, "submission_head"), 3);
    host.expected.clear();
    host.start(0, [2, 3]);
    assert_eq!(host.bench.read_queue(0, "queue_config"), 0x132);
    assert_eq!(
        ["submission_tail", "submission_head", "completion_tail"].map(|name| host.bench.read_queue(0, name)),
        [0; 3]
    );
    (0..4).for_each(|_| host.copy(0, Kind::Copy, 128));
    host.doorbell(0);
    host.finish(50_000);
}

#[test]
fn rings_interrupts_come_once_for_each_arming_when_due() {
    let mut host = host::<1>(3, 25, Pace::FAST);
    (0..3).for_each(|number| host.start(number, [4, 4]));
    // Not armed: none.
    host.copy(1, Kind::Copy, 64);
    host.doorbell(1);
    host.finish(10_000);
    settle(&mut host);
    assert!(host.bench.interrupts.is_empty());
    // Armed for what is written: at once. For what is not: then.
    host.bench.write_queue(1, "arm", 0);
    settle(&mut host);
    assert_eq!(host.bench.interrupts.drain(..).collect::<Vec<_>>(), [1]);
    host.bench.write_queue(2, "arm", 1);
    host.copy(2, Kind::Copy, 64);
    host.doorbell(2);
    host.finish(10_000);
    settle(&mut host);
    assert!(host.bench.interrupts.is_empty());
    host.copy(2, Kind::Copy, 64);
    host.doorbell(2);
    host.finish(10_000);
    settle(&mut host);
    assert_eq!(host.bench.interrupts.drain(..).collect::<Vec<_>>(), [2]);
    // Held back: for 3 behind it, or 100 * 16 cycles.
    host.bench.write("moderation", 3 | 100 << 8);
    let start = host.queues[0].head;
    host.bench.write_queue(0, "arm", start);
    (0..4).for_each(|_| host.copy(0, Kind::Copy, 64));
    host.doorbell(0);
    host.finish(10_000);
    (0..100).for_each(|_| host.bench.step());
    assert_eq!(host.bench.interrupts.drain(..).collect::<Vec<_>>(), [0]);
    host.bench.write_queue(0, "arm", start + 4);
    host.copy(0, Kind::Copy, 64);
    host.doorbell(0);
    host.finish(10_000);
    let before = host.bench.cycle;
    while host.bench.interrupts.is_empty() {
        host.bench.step();
    }
    let waited = host.bench.cycle - before;
    assert!((1400..1700).contains(&waited), "{waited}");
    assert_eq!(host.bench.read("interrupts"), 4);
    settle(&mut host);
    assert_eq!(host.bench.interrupts.len(), 1, "once");
}
