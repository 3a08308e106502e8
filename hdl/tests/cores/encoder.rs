//! Raw frames through the encoder's lane, against `spec`.

use crate::encoder_data::{Frame, KINDS, Kind, run};
use debye_hdl::base::random::Random;
use debye_hdl::encoder::EncoderLane;
use debye_spec::Element;

fn frames(rng: &mut Random, counts: &[usize], block: usize) -> Vec<Frame> {
    let mut frames = Vec::new();
    for &count in counts {
        for element in Element::ALL {
            let kind = KINDS[rng.index(KINDS.len())];
            frames.push(Frame::new(rng, kind, element, count, block));
        }
    }
    frames
}

#[test]
fn encoder_lane_every_kind_of_frame_is_what_spec_makes() {
    let mut rng = Random::new(0xe1);
    for element in [Element::U8, Element::U16, Element::U32] {
        let frames: Vec<Frame> =
            KINDS.iter().map(|&kind| Frame::new(&mut rng, kind, element, 20_000 / element.size() + 3, 8192)).collect();
        run(&mut EncoderLane::<13>::pins(), &frames, [false; 2], 1);
    }
}

#[test]
fn encoder_lane_every_length_of_a_last_block_is_what_spec_makes() {
    let mut rng = Random::new(0xe2);
    let counts: Vec<usize> = (0..70).chain((0..20).map(|_| rng.index(1500))).collect();
    let frames = frames(&mut rng, &counts, 1024);
    run(&mut EncoderLane::<10>::pins(), &frames, [false; 2], 2);
}

#[test]
fn encoder_lane_with_stalls_is_what_spec_makes() {
    let mut rng = Random::new(0xe3);
    for (round, stalls) in [[true, false], [false, true], [true, true], [true, true]].into_iter().enumerate() {
        let counts: Vec<usize> = (0..4).map(|_| rng.index(3000)).collect();
        let frames = frames(&mut rng, &counts, 1024);
        run(&mut EncoderLane::<10>::pins(), &frames, stalls, round as u64);
    }
}

#[test]
fn encoder_lane_refused_requests_are_drained() {
    let mut rng = Random::new(0xe4);
    let mut all = Vec::new();
    for (n, &(at, with)) in
        [(0, 1), (4, 2), (5, 3), (6, 8), (7, 1), (20, 1), (24, 4), (32, 1), (36, 9), (50, 1), (63, 128)]
            .iter()
            .enumerate()
    {
        let mut frame = Frame::new(&mut rng, Kind::Powder, Element::ALL[n % 5], 300 + n, 1024);
        frame.spoilt = Some((at, with));
        if at == 20 {
            // The bytes stated are those that follow.
            frame.pixels.truncate(frame.pixels.len() & !1);
            let stated = u32::from_le_bytes(frame.request.to_bytes()[20..24].try_into().unwrap()) ^ 1;
            frame.pixels.resize(stated as usize, 7);
        }
        all.push(frame);
        all.push(Frame::new(&mut rng, Kind::Runs, Element::U16, 700 + n, 1024));
    }
    run(&mut EncoderLane::<10>::pins(), &all, [true; 2], 5);
}

#[test]
fn encoder_lane_threshold_cuts_what_is_below_it() {
    let mut rng = Random::new(0xe6);
    let mut all = Vec::new();
    for element in Element::ALL {
        for threshold in [1, 2, 20, 255, 0x300, 0x1_0000, u32::MAX] {
            let threshold = threshold & (u32::MAX >> (32 - 8 * element.size()));
            for kind in [Kind::Powder, Kind::Random, Kind::Ramp] {
                let count = 300 + rng.index(40);
                all.push(Frame::new(&mut rng, kind, element, count, 1024).with_threshold(threshold, 1024));
            }
        }
    }
    run(&mut EncoderLane::<10>::pins(), &all, [false; 2], 6);
}

#[test]
fn encoder_lane_frame_whose_pixels_stop_ends_as_stalled_and_the_next_runs() {
    let mut rng = Random::new(0xe7);
    for stalls in [[false; 2], [true; 2]] {
        let mut all = Vec::new();
        for n in 0..24 {
            let element = Element::ALL[n % 5];
            let mut frame = Frame::new(&mut rng, KINDS[n % KINDS.len()], element, 600 + n, 1024);
            // Within the header a lane waits. Then first, last and any word of pixels.
            let words = frame.words().len();
            frame.pause = Some([8, words - 1, 8 + rng.index(words - 8)][n % 3]);
            all.push(frame);
            all.push(Frame::new(&mut rng, Kind::Powder, element, 400 + n, 1024));
        }
        run(&mut EncoderLane::<10>::pins(), &all, stalls, 7);
    }
}

/// What the lane is timed on.
const TIMED: [(Kind, Element); 4] = [
    (Kind::Random, Element::U16),
    (Kind::Zeros, Element::U32),
    (Kind::Powder, Element::U16),
    (Kind::Ramp, Element::U8),
];

#[test]
fn encoder_lane_frames_that_end_otherwise_keep_their_place_among_others() {
    let mut rng = Random::new(0xe8);
    for (round, stalls) in [[false; 2], [true, false], [false, true], [true; 2]].into_iter().enumerate() {
        let mut all = Vec::new();
        for n in 0..60 {
            let element = Element::ALL[rng.index(5)];
            let unit = 1024 / element.size();
            // None, a tail, a block and less, whole blocks, some and a tail.
            let count = [0, 1 + rng.index(7), 8 + rng.index(unit), unit * (1 + rng.index(3)), rng.index(4 * unit)]
                [rng.index(5)];
            let mut frame = Frame::new(&mut rng, KINDS[n % KINDS.len()], element, count, 1024);
            let words = frame.words().len();
            match rng.index(4) {
                0 => frame.spoilt = Some((0, 1)),
                1 if words > 8 => frame.pause = Some([8, words - 1, 8 + rng.index(words - 8)][rng.index(3)]),
                _ => {}
            }
            all.push(frame);
        }
        // Behind the result of one that ends otherwise its pixels may still come.
        all.push(Frame::new(&mut rng, Kind::Ramp, Element::U16, 9, 1024));
        run(&mut EncoderLane::<10>::pins(), &all, stalls, 20 + round as u64);
    }
}

#[test]
fn encoder_lane_sustains_its_rate_on_any_frame() {
    let mut rng = Random::new(0xe5);
    for (kind, element) in TIMED {
        let cycles = [8, 24].map(|blocks| {
            let frame = Frame::new(&mut rng, kind, element, blocks * 8192 / element.size(), 8192);
            run(&mut EncoderLane::<13>::pins(), &[frame], [false; 2], 1)
        });
        let rate = (16 * 8192) as f64 / (cycles[1] - cycles[0]) as f64;
        println!("{kind:?} {element:?}: {rate:.2} bytes a cycle");
        assert!(rate >= 7.5, "{kind:?} {element:?}: {rate:.2} bytes a cycle");
    }
}

#[test]
fn encoder_lane_sustains_its_rate_over_frames_that_follow_each_other() {
    let mut rng = Random::new(0xe9);
    // Of frames of a block there are as many under way at a time as stages.
    for (blocks, least) in [(8, 7.7), (2, 7.7), (1, 7.5)] {
        for (kind, element) in TIMED {
            let cycles = [2, 2 + 16usize.div_ceil(blocks)].map(|count| {
                let pixels = blocks * 8192 / element.size();
                let frames: Vec<Frame> =
                    (0..count).map(|_| Frame::new(&mut rng, kind, element, pixels, 8192)).collect();
                run(&mut EncoderLane::<13>::pins(), &frames, [false; 2], 1)
            });
            let rate = (16 * 8192) as f64 / (cycles[1] - cycles[0]) as f64;
            println!("{kind:?} {element:?}, frames of {blocks} blocks: {rate:.2} bytes a cycle");
            assert!(rate >= least, "{kind:?} {element:?}, frames of {blocks} blocks: {rate:.2} bytes a cycle");
        }
    }
}
