//! A served card whose process is killed at random moments, and a long run over one. With DEBYE_SOAK set: 100 kills, and
//! 100,000 frames with the memory of both processes.

use debye::engine::card::{CardEngine, OnDeath};
use debye_testbenches::content::rng;
use debye_testbenches::known_frames::{Frames, config};
use debye_testbenches::served::Served;
use rand::RngExt;
use std::time::{Duration, Instant};

fn soak() -> bool {
    std::env::var_os("DEBYE_SOAK").is_some()
}

#[test]
fn card_process_killed_at_any_moment_loses_no_frame_and_counts_none_twice() {
    let mut served = Served::start(&[]);
    let mut engine = CardEngine::new(vec![served.card()], config(), OnDeath::Fail).unwrap();
    let started = Instant::now();
    Frames::new(1000).run(&mut engine);
    let whole = started.elapsed();
    drop(engine);
    served.kill();
    let (mut rng, mut in_the_middle) = (rng(4), 0);
    for _ in 0..if soak() { 100 } else { 5 } {
        let mut served = Served::start(&[]);
        let mut engine = CardEngine::new(vec![served.card()], config(), OnDeath::Continue(None)).unwrap();
        let after = whole.mul_f64(rng.random_range(0.0..1.0));
        let killer = std::thread::spawn(move || {
            std::thread::sleep(after);
            served.kill();
        });
        Frames::new(1000).run(&mut engine);
        killer.join().unwrap();
        in_the_middle += engine.dropped().len();
    }
    println!("a run takes {whole:?}; {in_the_middle} kills were in the middle of one");
    assert!(in_the_middle > 0);
}

/// Resident memory of a process, in KiB.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn long_run_over_a_served_card_loses_nothing_and_grows_by_nothing() {
    let rounds = if soak() { 100 } else { 4 };
    let served = Served::start(&["--queues", "2"]);
    let mut engine = CardEngine::new(vec![served.card()], config(), OnDeath::Fail).unwrap();
    let both = || [resident(std::process::id()), resident(served.process())];
    let started = Instant::now();
    let mut after_first = [0; 2];
    for round in 0..rounds {
        Frames::new(1000).run(&mut engine);
        if round == 0 {
            after_first = both();
        }
    }
    let (tally, at_end) = (engine.tallies()[0], both());
    let seconds = started.elapsed().max(Duration::from_millis(1)).as_secs_f64();
    println!(
        "{} frames, {:.0} frames/s; RSS of host and card {after_first:?} -> {at_end:?} KiB; {tally:?}",
        tally.finished,
        tally.finished as f64 / seconds
    );
    assert_eq!((tally.finished, tally.resets, tally.stale), (1000 * rounds, 0, 0));
    for (before, after) in after_first.into_iter().zip(at_end) {
        assert!(after < before + 4096, "memory grows: {before} -> {after} KiB");
    }
}
