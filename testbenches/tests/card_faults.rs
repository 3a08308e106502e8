//! Cards that fail in every way that is known, each with what must come of it: every frame's result is right and is
//! counted once, or the run ends with an error that says why.

use debye::card::{CardError, DriverConfig, Tally};
use debye::engine::card::{CardEngine, OnDeath};
use debye::engine::{Engine, EngineError};
use debye_sim::device::functional::Build;
use debye_spec::{Element, Job, Status};
use debye_testbenches::known_frames::{Frames, config};
use debye_testbenches::served::faulty;
use std::time::Duration;

/// Runs frames over a card with faults; what was counted, when all results were right and came once.
fn survives(faults: &[&str], config: DriverConfig) -> (Tally, CardEngine) {
    let card = faulty(Build::default(), faults).unwrap();
    let mut engine = CardEngine::new(vec![card], config, OnDeath::Fail).unwrap();
    Frames::new(60).run(&mut engine);
    let tally = engine.tallies()[0];
    println!("{faults:?}: {tally:?}");
    assert_eq!((tally.frames, tally.finished), (60, 60), "each frame is counted once");
    (tally, engine)
}

#[test]
fn card_without_faults_needs_no_help() {
    let (tally, _) = survives(&[], config());
    let odd = [tally.resubmitted, tally.resets, tally.stale, tally.wrong, tally.corrupt, tally.overdue];
    assert_eq!(odd, [0; 6]);
}

#[test]
fn completion_that_is_lost_costs_a_reset_and_its_frames_are_handed_in_once_more() {
    let (tally, _) = survives(&["completion-lost,after=10"], config());
    assert_eq!((tally.resets, tally.function_resets), (1, 0));
    assert!(tally.overdue >= 1 && tally.resubmitted == tally.overdue && tally.resubmitted <= 60, "{tally:?}");
}

#[test]
fn completion_of_the_last_frame_lost_is_found_too() {
    let (tally, _) = survives(&["completion-lost,after=59"], config());
    assert_eq!((tally.resets, tally.overdue, tally.resubmitted), (1, 1, 1));
}

#[test]
fn completions_that_come_twice_are_dropped_and_counted() {
    let (tally, _) = survives(&["completion-duplicated,after=5,count=3"], config());
    assert_eq!((tally.stale, tally.resets), (3, 0));
}

#[test]
fn completions_in_another_order_or_late_are_as_good() {
    for fault in ["completion-reordered,after=3,count=20", "completion-delayed,ms=100,after=7"] {
        let (tally, _) = survives(&[fault], config());
        assert_eq!((tally.stale, tally.resets, tally.wrong), (0, 0, 0), "{fault}");
    }
}

#[test]
fn interrupts_that_are_lost_cost_a_nap_each() {
    // Completions that come long after the driver fell asleep, and well within its nap.
    let faults = ["interrupt-lost,seed=3,rate=1", "completion-delayed,ms=20,count=60"];
    let (tally, _) = survives(&faults, DriverConfig { nap: Duration::from_millis(60), ..config() });
    assert_eq!((tally.interrupts, tally.resets), (0, 0));
    assert!(tally.interrupts_lost > 0 && tally.interrupts_lost <= tally.sleeps, "{tally:?}");
}

#[test]
fn card_that_hangs_is_reset() {
    let (tally, _) = survives(&["hang,after=20"], config());
    assert!(tally.resets == 1 && tally.overdue > 0 && tally.resubmitted > 0, "{tally:?}");
}

#[test]
fn result_that_was_changed_on_its_way_is_found_and_made_again() {
    let (tally, _) = survives(&["corrupt-result,after=7"], config());
    assert_eq!((tally.corrupt, tally.resets), (1, 1));
}

#[test]
fn result_to_an_unmapped_address_is_told_by_the_card_and_done_by_the_cpu() {
    let (_, mut engine) = survives(&["dma-unmapped,after=3"], config());
    assert_eq!(engine.refused().iter().map(|refused| refused.status).collect::<Vec<_>>(), [Status::DmaFault]);
    let snapshot = engine.cards()[0].card().snapshot().unwrap();
    assert!(snapshot.dma_faults >= 1 && snapshot.fault_address.is_some(), "{snapshot:?}");
    assert!(engine.notes()[0].contains("DmaFault"), "{:?}", engine.notes());
}

#[test]
fn wild_completions_are_told_apart_and_the_card_is_reset() {
    for what in ["length", "handle"] {
        let (tally, _) = survives(&[&format!("wild-completion,what={what},after=11")], config());
        assert!(tally.wrong + tally.stale == 1 && tally.resets == 1, "{what}: {tally:?}");
    }
    // An entry that appears too early is overwritten by the one that belongs there, mostly before it is looked at.
    let (tally, _) = survives(&["wild-completion,what=phase,after=5,count=40"], DriverConfig { lives: 50, ..config() });
    assert_eq!((tally.wrong + tally.stale > 0, tally.corrupt), (tally.resets > 0, 0), "{tally:?}");
}

#[test]
fn completion_whose_phase_comes_before_the_rest_is_not_believed() {
    let faults = ["wild-completion,what=early,after=5,count=3"];
    let (tally, _) = survives(&faults, DriverConfig { lives: 9, ..config() });
    assert!(tally.wrong >= 1 && tally.resets == tally.wrong && tally.overdue == 0, "{tally:?}");
}

#[test]
fn reset_under_load_by_somebody_else_is_survived() {
    let card = faulty(Build::default(), &[]).unwrap();
    let mut engine = CardEngine::new(vec![card], config(), OnDeath::Fail).unwrap();
    let mut frames = Frames::new(60);
    frames.load(&mut engine);
    for _ in 0..30 {
        frames.submit_one(&mut engine);
    }
    engine.cards()[0].card().reset().unwrap();
    frames.finish(&mut engine);
    let tally = engine.tallies()[0];
    assert!(tally.resets >= 1 && tally.finished == 60, "{tally:?}");
}

#[test]
fn card_that_is_gone_ends_the_run_or_is_replaced_as_was_asked() {
    let gone = || faulty(Build::default(), &["all-ones,after=20"]).unwrap();
    let mut engine = CardEngine::new(vec![gone()], config(), OnDeath::Fail).unwrap();
    let error = Frames::new(60).try_run(&mut engine).unwrap_err();
    assert!(matches!(&error, EngineError::Stopped { reason, .. } if reason.contains("is gone")), "{error}");

    let mut engine = CardEngine::new(vec![gone()], config(), OnDeath::Continue(None)).unwrap();
    Frames::new(60).run(&mut engine);
    assert_eq!((engine.dropped().len(), engine.cards().len()), (1, 0));
    assert!(engine.notes()[0].contains("the CPU did its"), "{:?}", engine.notes());

    let sound = faulty(Build::default(), &[]).unwrap();
    let mut engine = CardEngine::new(vec![gone(), sound], config(), OnDeath::Continue(None)).unwrap();
    Frames::new(300).run(&mut engine);
    let finished: u64 = engine.tallies().iter().map(|tally| tally.finished).sum();
    assert_eq!((engine.dropped().len(), engine.cards().len(), finished), (1, 1, 300), "the other card did the rest");
}

#[test]
fn card_that_fails_again_and_again_is_given_up_in_bounded_time() {
    for fault in ["corrupt-result,count=1000000", "wild-completion,what=length,count=1000000"] {
        let card = faulty(Build::default(), &[fault]).unwrap();
        let mut engine = CardEngine::new(vec![card], config(), OnDeath::Continue(None)).unwrap();
        Frames::new(60).run(&mut engine);
        assert_eq!(engine.dropped().len(), 1, "{fault}");
        assert!(engine.dropped()[0].contains("was given up"), "{fault}: {:?}", engine.dropped());
    }
}

#[test]
fn card_of_another_version_or_without_what_is_needed_is_refused_with_a_sentence() {
    let error = faulty(Build::default(), &["version-mismatch"]).err().unwrap();
    assert!(
        matches!(error, CardError::MapVersion { .. }) && error.to_string().contains("take a newer debye"),
        "{error}"
    );
    for what in ["kinds", "queues"] {
        let error = faulty(Build::default(), &[&format!("capability-missing,what={what}")]).err().unwrap();
        assert!(matches!(error, CardError::Capability { .. }), "{error}");
    }
    let card = faulty(Build::default(), &["capability-missing,what=elements"]).unwrap();
    let mut engine = CardEngine::new(vec![card], config(), OnDeath::Fail).unwrap();
    let error = engine.load(Frames::new(1).table(), Job::new(Element::U16)).unwrap_err();
    assert!(error.to_string().contains("built without uint16"), "{error}");
    let small = faulty(Build { memory_log2: 12, ..Build::default() }, &[]).unwrap();
    let mut engine = CardEngine::new(vec![small], config(), OnDeath::Fail).unwrap();
    let error = engine.load(Frames::new(1).table(), Job::new(Element::U16)).unwrap_err();
    assert!(error.to_string().contains("table memory"), "{error}");
}

#[test]
fn many_faults_at_once_at_random_lose_no_frame() {
    for seed in 0..3 {
        let faults = [
            format!("completion-duplicated,seed={seed},rate=0.05"),
            format!("completion-reordered,seed={},rate=0.2", seed + 10),
            format!("completion-delayed,ms=5,seed={},rate=0.05", seed + 20),
            format!("interrupt-lost,seed={},rate=0.5", seed + 30),
            format!("dma-unmapped,seed={},rate=0.02", seed + 40),
            format!("completion-lost,after={}", 100 + 30 * seed),
        ];
        let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
        let card = faulty(Build { queues: 3, ..Build::default() }, &faults).unwrap();
        let config = DriverConfig { queues: 3, lives: 8, timeout: Duration::from_secs(1), ..config() };
        let mut engine = CardEngine::new(vec![card], config, OnDeath::Fail).unwrap();
        Frames::new(400).run(&mut engine);
        let tally = engine.tallies()[0];
        println!("{seed}: {tally:?}");
        assert_eq!(tally.finished, 400);
        assert!(tally.stale > 0 && tally.resets > 0, "{tally:?}");
    }
}
