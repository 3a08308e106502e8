//! Whole frames through the lane, against `spec`.

use crate::whole_frames::{Frame, Pieces, check, frames, words};
use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Stalls;
use debye_hdl::base::stream::{Sink, Source, word};
use debye_hdl::lane;
use debye_spec::Element;
use debye_spec::Status;
use debye_spec::ops::{Op, compile};
use std::collections::VecDeque;

/// Input that stops: behind so many words, for so many cycles.
struct Pause {
    words: usize,
    cycles: u64,
}

/// Cycles without input after which a lane gives a frame up, where there is a pause.
const WATCHDOG: u64 = 200;

/// Runs frames through a lane, with stalls from a seed, and checks every result; gives the cycles.
fn run(pieces: &Pieces, element: Element, frames: &[Frame], stalls: Option<u64>) -> u64 {
    run_with_pause(pieces, element, frames, stalls, None)
}

fn run_with_pause(pieces: &Pieces, element: Element, frames: &[Frame], seed: Option<u64>, pause: Option<Pause>) -> u64 {
    let ops = compile(&pieces.table(), element).unwrap();
    let mut lane = lane::pins::<13, 8>();
    for (name, value) in [
        ("table_id", 7),
        ("table_pixels", pieces.masked.len() as u64),
        ("table_bins", pieces.bins as u64),
        ("max_bins", 2048),
        ("watchdog", if pause.is_some() { WATCHDOG } else { 0 }),
    ] {
        let port = lane.port(name);
        lane.set_u64(port, value);
    }
    let reset = lane.port("reset");
    lane.set_u64(reset, 1);
    lane.tick();
    lane.tick();
    lane.set_u64(reset, 0);
    let stalls = |stream| Stalls::new(seed, stream);
    let mut input = Source::new(&lane, "s_axis_tvalid", "s_axis_tready", ["s_axis_tdata"], stalls(1));
    let mut table = Source::new(&lane, "s_op_tvalid", "s_op_tready", ["s_op_tdata"], stalls(2));
    let fields = ["m_axis_tdata", "m_axis_tlast"];
    let mut output = Sink::new(&lane, "m_axis_tvalid", "m_axis_tready", fields, stalls(3));
    let (mut now_in, mut operations) = (VecDeque::new(), VecDeque::new());
    for frame in frames {
        now_in.extend(words(&frame.request.to_bytes()));
        now_in.extend(words(&frame.chunk));
        operations.extend(&ops);
    }
    let mut later = VecDeque::new();
    if let Some(pause) = &pause {
        later = now_in.split_off(pause.words);
    }
    let mut resume = None;
    let now = lane.port("now");
    let mut results: Vec<Vec<u8>> = vec![vec![]];
    let mut cycles = 0;
    let limit = 400_000 + 40 * (now_in.len() + later.len()) as u64 + 20 * operations.len() as u64;
    while results.len() <= frames.len() {
        assert!(cycles < limit, "the lane hangs after {} results", results.len() - 1);
        lane.set_u64(now, cycles);
        if let Some(pause) = pause.as_ref().filter(|_| now_in.is_empty() && input.idle())
            && cycles >= *resume.get_or_insert(cycles + pause.cycles)
        {
            now_in.append(&mut later);
        }
        input.drive(&mut lane, || now_in.pop_front().map(|next| [word(next)]));
        table.drive(&mut lane, || {
            operations.pop_front().map(|&Op(op)| [[op as u64, (op >> 64) as u64, 0, 0, 0, 0, 0, 0]])
        });
        output.drive(&mut lane, true);
        lane.settle();
        input.passed(&mut lane);
        table.passed(&mut lane);
        let passed = output.passed(&mut lane, cycles).unwrap();
        lane.tick();
        cycles += 1;
        if let Some([data, last]) = passed {
            results.last_mut().unwrap().extend(data[0].to_le_bytes());
            if last[0] != 0 {
                results.push(vec![]);
            }
        }
    }
    assert!(operations.is_empty() && table.idle(), "operations are left");
    for (n, (frame, result)) in frames.iter().zip(&results).enumerate() {
        check(n, frame, result, pieces.bins, element);
    }
    cycles
}

#[test]
fn lane_whole_frames_give_spec_results() {
    for element in Element::ALL {
        let pieces = Pieces::rings(61, 83, 50);
        run(&pieces, element, &frames(&pieces, element, 8192, 3, 9, false), None);
        run(&pieces, element, &frames(&pieces, element, 1024, 3, 300, false), Some(9));
    }
}

#[test]
fn lane_damaged_frames_have_spec_status_and_the_next_frame_runs() {
    for element in [Element::U8, Element::U16, Element::I32] {
        let pieces = Pieces::rings(31, 43, 33);
        run(&pieces, element, &frames(&pieces, element, 1024, 24, 9, true), Some(5));
    }
}

#[test]
fn lane_back_to_back_frames_keep_their_rate() {
    let pieces = Pieces::rings(128, 256, 150);
    for element in [Element::U16, Element::U32] {
        let count = 2;
        let few = run(&pieces, element, &frames(&pieces, element, 8192, 1, 9, false), None);
        let more = run(&pieces, element, &frames(&pieces, element, 8192, 1 + count, 9, false), None);
        let rate = (count * 128 * 256 * element.size()) as f64 / (more - few) as f64;
        println!("{}: {rate:.2} B/cycle of pixels, back to back", element.name());
    }
}

/// The splitter ends the block that it is in, which the LZ4 stage must take for a truncated one.
#[test]
fn lane_stalled_within_a_block_says_stalled_whatever_lz4_makes_of_the_rest() {
    let pieces = Pieces::rings(31, 43, 33);
    let element = Element::U16;
    for part in 1..12 {
        let mut frames = frames(&pieces, element, 1024, 2, 9, false);
        let words = words(&frames[0].chunk).count();
        let behind = part * words / 12;
        // Cut there, its blocks are broken: this status would be wrong.
        let cut = debye_spec::frame::integrate(
            &frames[0].chunk[..8 * behind],
            &debye_spec::Job::new(element),
            &pieces.table(),
        );
        assert!(cut.is_err_and(|error| Status::from(&error) != Status::Stalled));
        frames[0].expected = Err(Status::Stalled);
        let pause = Pause { words: 8 + behind, cycles: 4 * WATCHDOG };
        run_with_pause(&pieces, element, &frames, None, Some(pause));
        // A pause that is shorter than the watchdog changes nothing.
        let sound = crate::whole_frames::frames(&pieces, element, 1024, 2, 9, false);
        run_with_pause(&pieces, element, &sound, None, Some(Pause { words: 8 + behind, cycles: WATCHDOG / 2 }));
    }
}
