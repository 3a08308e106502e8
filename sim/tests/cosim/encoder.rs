//! The encoder in Rust against its Verilog, cycle by cycle: the lane under frames and under random words, its cores
//! under random streams.

use crate::encoder_data::{Frame, KINDS, run};
use crate::verilog::{cosimulate_top, is_there, model_of, top};
use debye_hdl::base::random::Random;
use debye_sim::cosim::{Beat, Stimulus};
use debye_sim::verilator::Undefined;
use debye_spec::Element;

fn frames(seed: u64, most: usize) -> Vec<Frame> {
    let mut rng = Random::new(seed);
    let mut frames = Vec::new();
    for kind in KINDS {
        for element in [Element::U8, Element::I16, Element::U32] {
            let count = rng.index(most);
            frames.push(Frame::new(&mut rng, kind, element, count, 8192));
        }
    }
    frames
}

#[test]
fn cosim_encoder_lane_under_frames_equals_its_verilog() {
    for (seed, undefined) in [(1, Undefined::Zero), (2, Undefined::Random(7))] {
        let words = frames(seed, 6000).iter().flat_map(Frame::words).collect::<Vec<u64>>();
        let beats: Vec<Beat> = words.iter().map(|&word| vec![("s_axis_tdata".into(), vec![word])]).collect();
        let stimulus = Stimulus { seed, scripts: vec![("s_axis_tvalid".into(), beats)], ..Stimulus::default() };
        let Some(passed) = cosimulate_top("debye_encoder_lane", undefined, &stimulus, 40_000) else { return };
        assert!(passed.beats_of("s_axis_tvalid") > 4000 && passed.beats_of("m_axis_tvalid") > 500, "{passed:?}");
    }
}

#[test]
fn cosim_encoder_lane_under_random_words_equals_its_verilog() {
    let stimulus = Stimulus { seed: 3, reset_every: 500, ..Stimulus::default() };
    cosimulate_top("debye_encoder_lane", Undefined::Random(9), &stimulus, 5_000);
}

#[test]
fn cosim_encoder_cores_under_random_streams_equal_their_verilog() {
    for name in ["debye_encoder_shuffle", "debye_encoder_search", "debye_encoder_emit"] {
        let stimulus = Stimulus { seed: 4, reset_every: 3000, ..Stimulus::default() };
        cosimulate_top(name, Undefined::Zero, &stimulus, 10_000);
    }
}

/// Pixels of the lane's tests, more of them and in larger frames, through the Verilog alone.
#[test]
fn encoder_verilog_makes_what_spec_makes() {
    let rounds = if std::env::var_os("DEBYE_SOAK").is_some() { 40 } else { 2 };
    let name = "debye_encoder_lane";
    if !is_there(name) {
        return;
    }
    let mut lane = model_of(name, (top(name).design)().ports(), Undefined::Random(5));
    for round in 0..rounds {
        let stalls = [[false, false], [true, true], [true, false], [false, true]][round % 4];
        run(&mut lane, &frames(100 + round as u64, 40_000), stalls, round as u64);
    }
}
