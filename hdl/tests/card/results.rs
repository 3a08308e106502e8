//! The FIFO of a lane's results: what comes out is what went in, and it says in time that there is something to take.

use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::{Random, Stalls};
use debye_hdl::base::stream::{Sink, Source, word};
use debye_hdl::card::results::ResultFifo;
use std::collections::VecDeque;

/// Words that fit it at least.
const ROOM: usize = 4090;

/// Sends results of so many words each. What takes them waits until it is said that one starts, then takes words without
/// a pause of its own up to the last one. Gives the cycles in which it wanted a word of a begun result and none was there.
fn run(lengths: &[usize], seed: Option<u64>, period: u64) -> u64 {
    let mut random = Random::new(seed.unwrap_or(0));
    let mut beats: VecDeque<[u64; 2]> = lengths
        .iter()
        .flat_map(|&length| (0..length).map(move |n| (n + 1 == length) as u64))
        .map(|last| [random.draw(), last])
        .collect();
    let expected = beats.clone();
    let mut fifo = ResultFifo::pins();
    let [reset, starts, empty, valid] = ["reset", "starts", "empty", "m_axis_tvalid"].map(|name| fifo.port(name));
    fifo.set_u64(reset, 1);
    fifo.tick();
    fifo.set_u64(reset, 0);
    let fields = ["s_axis_tdata", "s_axis_tlast"];
    let mut source = Source::new(&fifo, "s_axis_tvalid", "s_axis_tready", fields, Stalls::new(seed, 1));
    let fields = ["m_axis_tdata", "m_axis_tlast"];
    let mut sink = Sink::new(&fifo, "m_axis_tvalid", "m_axis_tready", fields, Stalls::new(seed, 2));
    let (mut got, mut taking, mut inside, mut missed) = (VecDeque::new(), false, 0_usize, 0);
    let mut whole_inside = 0;
    let limit = 5000 + 60 * period * expected.len() as u64;
    for cycle in 0.. {
        if got.len() == expected.len() {
            break;
        }
        assert!(cycle < limit, "{} of {} words came", got.len(), expected.len());
        source.drive(&mut fifo, || {
            let due = cycle % period == 0;
            due.then(|| beats.pop_front()).flatten().map(|beat| beat.map(word))
        });
        sink.drive(&mut fifo, taking);
        fifo.settle();
        let said = fifo.get_u64(starts) != 0;
        assert!(!said || whole_inside > 0 || inside >= ROOM, "starts with {inside} words and no whole result");
        assert_eq!(fifo.get_u64(empty) != 0, inside == 0, "empty");
        missed += (taking && fifo.get_u64(valid) == 0) as u64;
        if let Some([_, last]) = source.passed(&mut fifo) {
            inside += 1;
            whole_inside += last[0];
        }
        if let Some([data, last]) = sink.passed(&mut fifo, cycle).unwrap() {
            got.push_back([data[0], last[0]]);
            inside -= 1;
            whole_inside -= last[0];
            taking = last[0] == 0;
        } else if !taking {
            taking = said;
        }
        fifo.tick();
    }
    assert!(got == expected, "words differ");
    missed
}

#[test]
fn result_fifo_any_results_and_stalls_come_out_as_they_went_in() {
    for seed in 0..6 {
        let mut random = Random::new(seed);
        let mut length = || {
            let longest = [3, 30, 400][random.index(3)];
            1 + random.index(longest)
        };
        let mut lengths: Vec<usize> = (0..60).map(|_| length()).collect();
        lengths[40] = 6000;
        run(&lengths, Some(seed), 1);
    }
}

/// 5641 words: 2048 bins and the longest list. A lane makes a word in three cycles or more.
#[test]
fn result_fifo_largest_result_is_taken_at_a_word_a_cycle() {
    for period in [1, 3] {
        let missed = run(&[5641, 2509, 9, 5641], None, period);
        assert!(missed < 12, "{missed} cycles without a word, one each {period}");
    }
}
