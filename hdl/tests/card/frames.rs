//! Whole frames through cards of real lanes, against `spec`.

use crate::card_bench::{Bench, Pace};
use crate::whole_frames::{Frame, Pieces, check, frames};
use debye_hdl::base::pins::Pins;
use debye_hdl::card;
use debye_spec::ops::compile;
use debye_spec::{Element, Status};

/// A card with its table loaded.
fn bench<P: Pins>(pins: P, pieces: &Pieces, element: Element, pace: Pace) -> Bench<P> {
    let mut bench = Bench::new(pins, 5, pace);
    let ops = compile(&pieces.table(), element).unwrap();
    bench.table = ops.iter().flat_map(|op| op.0.to_le_bytes()).collect();
    bench.table_base += 192;
    bench.write("table_id", 7);
    bench.write("table_pixels", pieces.masked.len() as u32);
    bench.write("table_bins", pieces.bins as u32);
    bench.enable(ops.len() as u32);
    bench
}

fn submit(bench: &mut Bench<impl Pins>, frames: &mut [Frame]) {
    for frame in frames {
        frame.request.chunk_address = bench.store(&frame.chunk);
        let mut header = [0; 8];
        for (word, bytes) in header.iter_mut().zip(frame.request.to_bytes().chunks(8)) {
            *word = u64::from_le_bytes(bytes.try_into().unwrap());
        }
        bench.requests.push_back(header);
    }
}

/// Checks the results, in whatever order they came; gives how many came from each lane.
fn collect(bench: &mut Bench<impl Pins>, frames: &[Frame], pieces: &Pieces, element: Element) -> Vec<usize> {
    let mut lanes = vec![0; 48];
    let mut seen = vec![false; frames.len()];
    for packet in bench.results.drain(..) {
        let bytes: Vec<u8> = packet.words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let n = u32::from_le_bytes(bytes[16..20].try_into().unwrap()) as usize;
        assert!(!std::mem::replace(&mut seen[n], true), "frame {n} came twice");
        check(n, &frames[n], &bytes, pieces.bins, element);
        lanes[packet.lane as usize] += 1;
    }
    assert!(seen.iter().all(|&seen| seen));
    lanes
}

fn whole<P: Pins>(pins: P, lanes: usize, element: Element, count: usize, damage: bool, pace: Pace) {
    let pieces = Pieces::rings(61, 83, 50);
    let mut frames = frames(&pieces, element, 1024, count, 30, damage);
    let mut bench = bench(pins, &pieces, element, pace);
    submit(&mut bench, &mut frames);
    bench.run_until(count, 40_000 * count as u64);
    let shares = collect(&mut bench, &frames, &pieces, element);
    assert!(shares[..lanes].iter().all(|&share| share > 0), "{shares:?}");
    let stalls: Vec<u32> = (0..8).map(|k| bench.read_at(0x1000 + 4 * k)).collect();
    assert_eq!(stalls[7] as usize, shares[0], "frames of lane 0");
    println!("{lanes} lanes, {}: {} cycles, lane 0 waits {stalls:?}", element.name(), bench.cycle);
}

#[test]
fn card_two_lanes_whole_frames_give_spec_results() {
    whole(card::pins_2::<13, 8>(), 2, Element::U16, 7, false, Pace::MIXED);
    whole(card::pins_2::<13, 8>(), 2, Element::I32, 6, false, Pace::FAST);
}

#[test]
fn card_four_lanes_damaged_frames_have_spec_status_and_others_are_whole() {
    whole(card::pins_4::<13, 8>(), 4, Element::U16, 16, true, Pace::FAST);
    whole(card::Card::<4, 2, 13, 8>::pins(0), 4, Element::U8, 12, true, Pace::MIXED);
}

#[test]
fn card_table_read_error_fails_the_frame_and_the_next_is_whole() {
    let pieces = Pieces::rings(31, 43, 33);
    for element in [Element::U8, Element::U16, Element::U32] {
        let mut frames = frames(&pieces, element, 1024, 4, 30, false);
        let mut bench = bench(card::pins_1::<13, 8>(), &pieces, element, Pace::MIXED);
        let beats = bench.table.len() as u64 / 64;
        for (n, at) in [0, beats / 2, beats - 1].into_iter().enumerate() {
            bench.bad = vec![bench.table_base + 64 * at];
            submit(&mut bench, &mut frames[n..n + 1]);
            bench.run_until(n + 1, 100_000);
            frames[n].expected = Err(Status::TableMismatch);
        }
        bench.bad.clear();
        submit(&mut bench, &mut frames[3..]);
        bench.run_until(4, 100_000);
        collect(&mut bench, &frames, &pieces, element);
    }
}
