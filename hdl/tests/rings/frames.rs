//! Whole frames through the rings of a card of real lanes, against `spec`: the table comes in by an upload.

use crate::ring_bench::host::{Expected, Host, TABLE};
use crate::ring_bench::{Bench, Pace};
use crate::whole_frames::{Frame, Pieces, check, frames};
use debye_hdl::base::pins::Pins;
use debye_hdl::rings::RingCard;
use debye_spec::ops::compile;
use debye_spec::rings::{CopyJob, ENTRY_BYTES, Kind, RawSubmission, Submission, result_bytes};
use debye_spec::{Element, Status};

fn load(host: &mut Host<impl Pins>, pieces: &Pieces, element: Element) {
    let ops = compile(&pieces.table(), element).unwrap();
    let mut bytes: Vec<u8> = ops.iter().flat_map(|op| op.0.to_le_bytes()).collect();
    bytes.resize(bytes.len().next_multiple_of(64), 0);
    let source = host.memory(bytes.len() as u64);
    host.bench.host.put(source, &bytes);
    host.bench.table.map(TABLE, bytes.len() as u64 + 64);
    let (sequence, length) = (0, bytes.len() as u32);
    let entry = Submission::Upload(CopyJob { handle: 1, sequence, bytes: length, source, target: TABLE }).to_bytes();
    host.expected.insert(
        1,
        Expected {
            queue: 0,
            sequence,
            kind: Kind::Upload as u8,
            job_bytes: length,
            status: Status::Ok,
            memory: vec![],
            chunk: (0, 0),
            result_bytes: length,
            crc: 0,
        },
    );
    host.push(0, &entry);
    host.doorbell(0);
    host.finish(100_000);
    assert_eq!(host.bench.table.get(TABLE, bytes.len()), bytes);
    let bench = &mut host.bench;
    bench.write("control", 0);
    bench.write("table_address_low", TABLE as u32);
    bench.write("table_address_high", (TABLE >> 32) as u32);
    bench.write("table_ops", ops.len() as u32);
    bench.write("table_id", 7);
    bench.write("table_pixels", pieces.masked.len() as u32);
    bench.write("table_bins", pieces.bins as u32);
    bench.write("control", 1);
}

/// Hands a frame in; gives its handle and where its result goes.
fn submit(host: &mut Host<impl Pins>, frame: &mut Frame, bins: usize) -> (u64, u64) {
    let chunk = host.memory(frame.chunk.len() as u64);
    host.bench.host.put(chunk, &frame.chunk);
    frame.request.chunk_address = chunk;
    let capacity = result_bytes(bins as u32);
    let target = host.memory(capacity as u64);
    let entry: [u8; ENTRY_BYTES] =
        Submission::Integrate { request: frame.request, result_address: target, result_capacity: capacity }.to_bytes();
    assert_eq!(Submission::read(&entry), Ok(RawSubmission { bytes: entry }));
    host.push(0, &entry);
    (frame.request.handle, target)
}

fn whole<const LANES: usize>(element: Element, count: usize, damage: bool, pace: Pace) {
    let pieces = Pieces::rings(61, 83, 50);
    let mut frames = frames(&pieces, element, 1024, count, 30, damage);
    let mut host = Host::new(Bench::new(RingCard::<LANES, 1, 13, 8>::pins(1, 33, 0), 7, pace));
    host.start(0, [5, 5]);
    load(&mut host, &pieces, element);
    let places: Vec<_> = frames.iter_mut().map(|frame| submit(&mut host, frame, pieces.bins)).collect();
    host.doorbell(0);
    let (mut seen, end) = (0, host.bench.cycle + 60_000 * count as u64);
    while seen < count {
        assert!(host.bench.cycle < end, "{seen} of {count} frames");
        (0..100).for_each(|_| host.bench.step());
        while let Some(completion) = host.next(0) {
            let n = places.iter().position(|&(handle, _)| handle == completion.handle).unwrap();
            let result = host.bench.host.get(places[n].1, completion.result_bytes as usize);
            check(n, &frames[n], &result, pieces.bins, element);
            let status = frames[n].expected.as_ref().map_or_else(|status| *status, |_| Status::Ok);
            assert_eq!((completion.status, completion.job_bytes as usize), (status.code(), frames[n].chunk.len()));
            assert_eq!(completion.crc.to_le_bytes(), result[result.len() - 8..result.len() - 4]);
            seen += 1;
        }
    }
    println!("{LANES} lanes, {}: {count} frames in {} cycles", element.name(), host.bench.cycle);
}

#[test]
fn ring_card_one_lane_whole_frames_give_spec_results() {
    whole::<1>(Element::U16, 4, false, Pace::MIXED);
}

#[test]
fn ring_card_two_lanes_damaged_frames_have_spec_status_and_others_are_whole() {
    whole::<2>(Element::U8, 10, true, Pace::FAST);
    whole::<2>(Element::I32, 4, true, Pace::MIXED);
}
