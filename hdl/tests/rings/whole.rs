//! A card with rings around simple lanes: every submission gets its one completion, with what it stands for in memory.

use crate::ring_bench::host::Host;
use crate::ring_bench::lane::{EARLY, StubRings};
use crate::ring_bench::{Bench, Pace};
use debye_hdl::base::pins::Pins;
use debye_spec::rings::Kind;

fn some(host: &mut Host<impl Pins>, queue: usize, largest: u64) {
    match host.random.below(12) {
        0 => host.refused(queue),
        1 => {
            let bytes = 64 * (1 + host.random.below(largest / 64)) as u32;
            host.copy(queue, Kind::Copy, bytes);
        }
        2 => {
            let bytes = 64 * (1 + host.random.below(largest / 64)) as u32;
            host.copy(queue, Kind::Upload, bytes);
        }
        3 => {
            let bytes = host.random.below(largest) as usize;
            host.integrate(queue, bytes, 10, EARLY);
        }
        n => {
            let bytes = host.random.below(if n < 6 { 200 } else { largest }) as usize;
            let words = host.random.below(if n < 8 { 20 } else { 1200 }) as u32;
            host.integrate(queue, bytes, words, 0);
        }
    }
}

/// Indices start at `first`.
fn random_work<const LANES: usize>(seed: u64, queues: u32, depths: [u32; 2], count: u64, pace: Pace, first: u32) {
    let bench = Bench::new(StubRings::<LANES, 1>::pins(8, 33, 7), seed, pace);
    let mut host = Host::new(bench);
    (0..queues).for_each(|number| host.start_at(number, depths, first));
    let mut pushed = 0;
    while pushed < count {
        let queue = host.random.below(queues as u64) as usize;
        let batch = host.random.below(host.room(queue) as u64 + 1).min(count - pushed);
        (0..batch).for_each(|_| some(&mut host, queue, 9000));
        pushed += batch;
        if batch > 0 {
            host.doorbell(queue);
        }
        for _ in 0..host.random.below(600) {
            host.bench.step();
        }
        (0..queues as usize).for_each(|queue| _ = host.drain(queue));
    }
    host.finish(300_000);
    // What the host saw may not be answered yet.
    while !host.bench.host.idle() {
        host.bench.step();
    }
    (0..20).for_each(|_| host.bench.step());
    assert_eq!(host.done, count);
    assert_eq!(host.bench.read("completions") as u64, count);
    assert_eq!(host.bench.read("in_flight"), 0);
    assert_eq!(host.bench.read("ring_status") & 3, 0);
    let beats = [host.bench.read("read_beats_low") as u64, host.bench.read("write_beats_low") as u64];
    assert_eq!(beats, host.bench.host.beats);
    for queue in 0..queues {
        let tail = host.queues[queue as usize].tail;
        assert_eq!(host.bench.read_queue(queue, "submission_head"), tail);
        assert_eq!(host.bench.read_queue(queue, "completion_tail"), tail);
    }
    println!(
        "{LANES} lanes, {queues} queues: {count} submissions in {} cycles, most bursts under way {:?}",
        host.bench.cycle, host.bench.host.most
    );
}

#[test]
fn rings_one_lane_small_rings_many_laps_complete_everything() {
    random_work::<1>(1, 1, [2, 2], 150, Pace::MIXED, 0);
    random_work::<1>(2, 2, [3, 2], 100, Pace::FAST, 0);
}

#[test]
fn rings_four_lanes_eight_queues_complete_everything() {
    random_work::<4>(3, 8, [4, 5], 300, Pace::MIXED, 0);
    random_work::<4>(4, 3, [6, 6], 300, Pace::FAST, 0);
}

#[test]
fn rings_indices_wrap_within_and_between_laps_and_complete_everything() {
    // Over 2^32 in the middle of a lap, and from a start that is none's beginning.
    random_work::<1>(5, 2, [3, 4], 150, Pace::MIXED, u32::MAX - 20);
    random_work::<2>(6, 1, [5, 3], 100, Pace::FAST, 7);
}

#[test]
fn rings_entries_that_were_asked_for_and_have_not_come_are_not_taken_yet() {
    let mut host = Host::new(Bench::new(StubRings::<1, 1>::pins(1, 33, 7), 8, Pace::FAST));
    host.start(0, [4, 4]);
    (0..10).for_each(|_| host.copy(0, Kind::Copy, 64));
    host.bench.host.stopped = true;
    host.doorbell(0);
    (0..300).for_each(|_| host.bench.step());
    // The host may still be writing over what it believes to be taken.
    assert_eq!(host.bench.read_queue(0, "submission_head"), 0);
    host.bench.host.stopped = false;
    host.finish(20_000);
    assert_eq!(host.bench.read_queue(0, "submission_head"), 10);
}
