//! The card around stub lanes: every lane gets the words of its frames and all operations of the table, in order;
//! results come whole.

use crate::card_bench::stub::{Hash, RESULT_END, RESULT_WORDS, StubLane};
use crate::card_bench::{Bench, Pace};
use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Random;
use debye_hdl::base::word::{U, W};
use rust_hdl::prelude::*;
use std::collections::HashMap;

debye_hdl::card!(
    /// A card of stubs.
    StubCard, StubLane, [], 13, 2048
);

/// What a stub answers to a request.
type Expected = HashMap<u64, [u64; RESULT_WORDS]>;

fn table(bench: &mut Bench<impl Pins>, ops: usize, start: u64) -> (Hash, u64) {
    bench.table_base = 0x40_0000_0000 + start;
    let mut random = Random::new(ops as u64 + 77);
    bench.table = (0..16 * ops).map(|_| random.draw() as u8).collect();
    let mut hash = Hash::default();
    for (n, op) in bench.table.chunks(16).enumerate() {
        let low = u64::from_le_bytes(op[..8].try_into().unwrap());
        let high = u64::from_le_bytes(op[8..].try_into().unwrap());
        hash.add(low);
        hash.add(high & u64::MAX >> 1 | ((n + 1 == ops) as u64) << 63);
    }
    (hash, ops as u64)
}

fn request(bench: &mut Bench<impl Pins>, handle: u64, bytes: usize, ops: (Hash, u64), expected: &mut Expected) {
    let mut random = Random::new(handle * 0x1_0001 + 5);
    let chunk: Vec<u8> = (0..bytes).map(|_| random.draw() as u8).collect();
    let address = bench.store(&chunk);
    let mut header: [u64; 8] = std::array::from_fn(|_| random.draw());
    header[1] = handle;
    header[2] = random.draw() >> 32 | (bytes as u64) << 32;
    // The low bits of an address are not looked at.
    header[5] = address | random.below(64);
    bench.requests.push_back(header);
    let mut words = Hash::default();
    header.iter().for_each(|&word| words.add(word));
    for word in chunk.chunks(8) {
        let mut padded = [0; 8];
        padded[..word.len()].copy_from_slice(word);
        words.add(u64::from_le_bytes(padded));
    }
    expected.insert(handle, [handle, words.0, ops.0.0, ops.1]);
}

/// Takes the results apart; returns how many each lane gave.
fn check(bench: &Bench<impl Pins>, expected: &mut Expected) -> HashMap<u64, usize> {
    let mut lanes = HashMap::new();
    for packet in &bench.results {
        let (words, padding) = packet.words.split_at(RESULT_WORDS);
        assert_eq!(expected.remove(&words[0]).as_ref().map(|e| &e[..]), Some(words), "lane {}", packet.lane);
        let end = padding.len() - 1;
        assert_eq!(padding[end], RESULT_END);
        assert!(padding[..end].iter().enumerate().all(|(n, &word)| word == n as u64), "{padding:?}");
        *lanes.entry(packet.lane).or_default() += 1;
    }
    assert!(expected.is_empty());
    lanes
}

fn random_frames<const LANES: usize, const GROUPS: usize>(
    seed: u64,
    frames: u64,
    largest: u64,
    ops: usize,
    pace: Pace,
) {
    let mut bench = Bench::new(StubCard::<LANES, GROUPS>::pins(7), seed, pace);
    let start = 64 * bench.random.below(64);
    let hash = table(&mut bench, ops, start);
    bench.enable(ops as u32);
    let mut expected = Expected::new();
    for handle in 0..frames {
        let bytes = match bench.random.below(6) {
            0 => bench.random.below(9),
            1 => 64 * bench.random.below(5),
            2 => 4096 * bench.random.below(3),
            _ => bench.random.below(largest),
        };
        request(&mut bench, handle, bytes as usize, hash, &mut expected);
    }
    bench.run_until(frames as usize, 3_000_000);
    let lanes = check(&bench, &mut expected);
    assert_eq!(lanes.len(), LANES.min(frames as usize), "every lane works: {lanes:?}");
    assert_eq!(bench.read("frames_accepted") as u64, frames);
    assert_eq!(bench.read("frames_done") as u64, frames);
    for _ in 0..20 {
        bench.step();
    }
    assert_eq!(bench.read("status"), 0, "nothing is left to do");
    println!(
        "{LANES} lanes, {GROUPS} groups, {frames} frames of {ops} ops: {} cycles, {} table beats in {} bursts",
        bench.cycle, bench.table_beats, bench.bursts
    );
}

#[test]
fn card_one_lane_random_frames_arrive_whole() {
    random_frames::<1, 1>(1, 40, 9000, 500, Pace::MIXED);
    random_frames::<1, 1>(2, 40, 3000, 1, Pace::FAST);
}

#[test]
fn card_four_lanes_random_frames_arrive_whole() {
    random_frames::<4, 1>(3, 60, 20_000, 1203, Pace::MIXED);
    random_frames::<4, 2>(4, 60, 20_000, 3000, Pace::FAST);
}

#[test]
fn card_twelve_lanes_in_four_groups_random_frames_arrive_whole() {
    random_frames::<12, 4>(5, 100, 8000, 2050, Pace::MIXED);
}

#[test]
fn card_table_of_no_operations_gives_one_of_zeros() {
    let mut bench = Bench::new(StubCard::<2, 1>::pins(0), 6, Pace::MIXED);
    let mut hash = Hash::default();
    hash.add(0);
    hash.add(1 << 63);
    bench.enable(0);
    let mut expected = Expected::new();
    for handle in 0..9 {
        request(&mut bench, handle, 100, (hash, 1), &mut expected);
    }
    bench.run_until(9, 100_000);
    check(&bench, &mut expected);
    assert_eq!(bench.bursts, 0);
}

#[test]
fn card_single_request_on_many_lanes_runs() {
    let mut bench = Bench::new(StubCard::<12, 2>::pins(0), 7, Pace::FAST);
    let hash = table(&mut bench, 300, 0);
    bench.enable(300);
    let mut expected = Expected::new();
    request(&mut bench, 1, 5000, hash, &mut expected);
    bench.run_until(1, 20_000);
    check(&bench, &mut expected);
    assert_eq!(bench.table_beats, 75);
}

#[test]
fn card_lanes_of_a_group_share_one_read() {
    let mut bench = Bench::new(StubCard::<4, 1>::pins(0), 8, Pace::FAST);
    let hash = table(&mut bench, 4000, 0);
    bench.enable(4000);
    let mut expected = Expected::new();
    for handle in 0..16 {
        request(&mut bench, handle, 3000, hash, &mut expected);
    }
    bench.run_until(16, 400_000);
    check(&bench, &mut expected);
    assert!(bench.table_beats <= 6 * 1000, "{} beats", bench.table_beats);
}

#[test]
fn card_read_error_gives_zeros_and_one_operation_more() {
    let mut bench = Bench::new(StubCard::<2, 1>::pins(0), 9, Pace::MIXED);
    let ops = 403;
    table(&mut bench, ops, 64);
    // The last beat, which holds 3 operations: then one in the middle.
    let last = bench.table_base + 64 * 100;
    bench.bad.push(last);
    let mut hash = Hash::default();
    for (n, word) in bench.table.chunks(8).enumerate() {
        let word = u64::from_le_bytes(word.try_into().unwrap());
        let high = if n % 2 == 1 { u64::MAX >> 1 } else { u64::MAX };
        hash.add(if n < 800 { word & high } else { 0 });
    }
    hash.add(0);
    hash.add(1 << 63);
    bench.enable(ops as u32);
    let mut expected = Expected::new();
    request(&mut bench, 1, 500, (hash, ops as u64 + 1), &mut expected);
    request(&mut bench, 2, 500, (hash, ops as u64 + 1), &mut expected);
    bench.run_until(2, 20_000);
    check(&bench, &mut expected);
    assert_eq!(bench.read("status") & 1 << 8, 1 << 8);
    assert!(bench.read("table_faults") >= 1);

    // The next frame is whole again.
    bench.bad.clear();
    bench.results.clear();
    let hash = table(&mut bench, ops, 64);
    request(&mut bench, 3, 500, hash, &mut expected);
    bench.run_until(1, 20_000);
    check(&bench, &mut expected);
}

#[test]
fn card_soft_reset_in_the_middle_then_frames_arrive_whole() {
    let mut cut = 0;
    for seed in 0..20 {
        let mut bench = Bench::new(StubCard::<4, 2>::pins(0), 100 + seed, Pace::MIXED);
        let hash = table(&mut bench, 900, 128);
        bench.enable(900);
        let mut lost = Expected::new();
        for handle in 0..20 {
            request(&mut bench, handle, 6000, hash, &mut lost);
        }
        for _ in 0..600 + 700 * seed {
            bench.step();
        }
        // Every other time within a result, with a slow receiver.
        while seed % 2 == 0 && bench.coming.is_empty() && bench.results.len() < 20 {
            bench.step();
            bench.pace.result = 1;
        }
        bench.write("control", 2);
        bench.pace.result = Pace::MIXED.result;
        bench.requests.clear();
        let mut waited = 0;
        while bench.read("status") & 1 != 0 {
            waited += 1;
            assert!(waited < 1000, "the reset ends");
        }
        // A result that was cut ends with a word of zeros.
        let whole = bench.results.iter().filter(|packet| packet.words.last() == Some(&RESULT_END)).count();
        cut += bench.results.len() - whole;
        assert!(bench.results.len() <= whole + 1 && bench.coming.is_empty(), "one result at most is cut, and closed");
        if whole < bench.results.len() {
            assert_eq!(bench.results[whole].words.last(), Some(&0));
        }
        bench.results.clear();
        bench.write("control", 1);
        let mut expected = Expected::new();
        for handle in 100..120 {
            request(&mut bench, handle, 3000, hash, &mut expected);
        }
        bench.run_until(20, 300_000);
        check(&bench, &mut expected);
    }
    assert!(cut > 0, "some reset came within a result");
}

#[test]
fn card_disabled_takes_no_request() {
    let mut bench = Bench::new(StubCard::<1, 1>::pins(0), 10, Pace::FAST);
    let hash = table(&mut bench, 10, 0);
    let mut expected = Expected::new();
    request(&mut bench, 1, 100, hash, &mut expected);
    for _ in 0..500 {
        bench.step();
    }
    assert_eq!((bench.requests.len(), bench.results.len()), (1, 0));
    bench.enable(10);
    bench.run_until(1, 5000);
    check(&bench, &mut expected);
}

#[test]
fn card_beats_that_nobody_asked_for_are_dropped() {
    let mut bench = Bench::new(StubCard::<3, 1>::pins(0), 11, Pace::MIXED);
    bench.stray = 3;
    let hash = table(&mut bench, 333, 0);
    bench.enable(333);
    let mut expected = Expected::new();
    for handle in 0..12 {
        request(&mut bench, handle, 1000, hash, &mut expected);
    }
    bench.run_until(12, 100_000);
    check(&bench, &mut expected);
}
