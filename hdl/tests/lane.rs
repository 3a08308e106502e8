//! Whole frames through the lane, against `spec`.

mod whole_frames;

use debye_hdl::base::pins::Pins;
use debye_hdl::base::stream::{Sink, Source, Stalls, beat};
use debye_hdl::lane;
use debye_spec::Element;
use debye_spec::Status;
use debye_spec::ops::{Op, compile};
use std::collections::VecDeque;
use whole_frames::{Frame, Pieces, check, frames, words};

/// Input that stops: behind so many words, for so many cycles.
struct Pause {
    words: usize,
    cycles: usize,
}

/// Cycles without input after which a lane gives a frame up, where there is a pause.
const WATCHDOG: usize = 200;

/// Runs frames through a lane and checks every result; gives the cycles.
fn run(pieces: &Pieces, element: Element, frames: &[Frame], longest: u32) -> usize {
    run_with_pause(pieces, element, frames, longest, None)
}

fn run_with_pause(pieces: &Pieces, element: Element, frames: &[Frame], longest: u32, pause: Option<Pause>) -> usize {
    let ops = compile(&pieces.table(), element).unwrap();
    let mut lane = lane::pins::<13, 8>();
    for (name, value) in [
        ("table_id", 7),
        ("table_pixels", pieces.masked.len() as u64),
        ("table_bins", pieces.bins as u64),
        ("max_bins", 2048),
        ("watchdog", if pause.is_some() { WATCHDOG as u64 } else { 0 }),
    ] {
        let port = lane.port(name);
        lane.set_u64(port, value);
    }
    let reset = lane.port("reset");
    lane.set_u64(reset, 1);
    lane.tick();
    lane.tick();
    lane.set_u64(reset, 0);
    let mut input = Source::new(&lane, "s_axis", &["tdata"], Stalls::random(1, longest));
    let mut table = Source::new(&lane, "s_op", &["tdata"], Stalls::random(2, longest));
    let mut output = Sink::new(&lane, "m_axis", &["tdata", "tlast"], Stalls::random(3, longest));
    for frame in frames {
        input.queue.extend(words(&frame.request.to_bytes()).map(|word| beat(&[word])));
        input.queue.extend(words(&frame.chunk).map(|word| beat(&[word])));
        for &Op(op) in &ops {
            table.queue.push_back(vec![[op as u64, (op >> 64) as u64, 0, 0, 0, 0, 0, 0]]);
        }
    }
    let mut later = VecDeque::new();
    if let Some(pause) = &pause {
        later = input.queue.split_off(pause.words);
    }
    let mut resume = None;
    let now = lane.port("now");
    let mut results: Vec<Vec<u8>> = vec![vec![]];
    let mut cycles = 0;
    let limit = 400_000 + 40 * (input.queue.len() + later.len()) + 20 * table.queue.len();
    while results.len() <= frames.len() {
        assert!(cycles < limit, "the lane hangs after {} results", results.len() - 1);
        lane.set_u64(now, cycles as u64);
        if let Some(pause) = pause.as_ref().filter(|_| input.queue.is_empty())
            && cycles >= *resume.get_or_insert(cycles + pause.cycles)
        {
            input.queue.append(&mut later);
        }
        input.drive(&mut lane);
        table.drive(&mut lane);
        output.drive(&mut lane);
        lane.settle();
        input.sample(&mut lane);
        table.sample(&mut lane);
        output.sample(&mut lane);
        lane.tick();
        cycles += 1;
        for beat in output.beats.drain(..) {
            results.last_mut().unwrap().extend(beat[0][0].to_le_bytes());
            if beat[1][0] != 0 {
                results.push(vec![]);
            }
        }
    }
    assert!(table.queue.is_empty(), "operations are left");
    for (n, (frame, result)) in frames.iter().zip(&results).enumerate() {
        check(n, frame, result, pieces.bins, element);
    }
    cycles
}

#[test]
fn lane_whole_frames_give_spec_results() {
    for element in Element::ALL {
        let pieces = Pieces::rings(61, 83, 50);
        run(&pieces, element, &frames(&pieces, element, 8192, 3, 9, false), 0);
        run(&pieces, element, &frames(&pieces, element, 1024, 3, 300, false), 9);
    }
}

#[test]
fn lane_damaged_frames_have_spec_status_and_the_next_frame_runs() {
    for element in [Element::U8, Element::U16, Element::I32] {
        let pieces = Pieces::rings(31, 43, 33);
        run(&pieces, element, &frames(&pieces, element, 1024, 24, 9, true), 5);
    }
}

#[test]
fn lane_back_to_back_frames_keep_their_rate() {
    let pieces = Pieces::rings(128, 256, 150);
    for element in [Element::U16, Element::U32] {
        let count = 2;
        let few = run(&pieces, element, &frames(&pieces, element, 8192, 1, 9, false), 0);
        let more = run(&pieces, element, &frames(&pieces, element, 8192, 1 + count, 9, false), 0);
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
        run_with_pause(&pieces, element, &frames, 0, Some(pause));
        // A pause that is shorter than the watchdog changes nothing.
        let sound = whole_frames::frames(&pieces, element, 1024, 2, 9, false);
        run_with_pause(&pieces, element, &sound, 0, Some(Pause { words: 8 + behind, cycles: WATCHDOG / 2 }));
    }
}
