//! The card engine over simulated cards: in this process, and served by others.

use debye::card::{DriverConfig, selftest};
use debye::engine::Engine;
use debye::engine::card::{CardEngine, OnDeath};
use debye::engine::cpu::CpuEngine;
use debye::frame::Payload;
use debye::run::{Plan, Progress, Row, execute};
use debye_sim::device::functional::Build;
use debye_sim::device::models::{self, CardKind};
use debye_sim::model::Shape;
use debye_spec::Job;
use debye_spec::ring_map::{queue_offset, ring_register};
use debye_testbenches::command::debye_ok;
use debye_testbenches::conformance::{
    engine_any_frames_equal_the_definition, engine_frames_of_a_shape_equal_the_definition,
};
use debye_testbenches::served::{Served, faulty, plugged};
use debye_testbenches::{content, known_frames};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn card_in_process_equals_the_definition() {
    let card = faulty(Build::default(), &[]).unwrap();
    let mut engine = CardEngine::new(vec![card], DriverConfig::default(), OnDeath::Fail).unwrap();
    engine_any_frames_equal_the_definition(&mut engine, 1);
    let tally = engine.tallies()[0];
    assert_eq!((tally.finished, tally.resets, tally.stale, tally.wrong), (tally.frames, 0, 0, 0));
    assert!(!engine.refused().is_empty() && engine.compressed() > 0, "larger blocks and plain pixels are among them");
}

#[test]
fn card_that_encodes_equals_the_definition_and_takes_pixels_as_they_are() {
    let encoding = Build { encoders: 1, queues: 2, ..Build::default() };
    let config = DriverConfig { queues: 2, ..DriverConfig::default() };
    let mut engine = CardEngine::new(vec![faulty(encoding, &[]).unwrap()], config, OnDeath::Fail).unwrap();
    engine_any_frames_equal_the_definition(&mut engine, 3);
    let tally = engine.tallies()[0];
    assert_eq!((tally.finished, tally.resets, tally.stale, tally.wrong), (tally.frames, 0, 0, 0));
    assert!(engine.fused() > 0 && engine.compressed() == 0, "{} {}", engine.fused(), engine.compressed());
    // Beside one that does not encode all get chunks; when that one dies, pixels as they are again.
    for faults in [&[][..], &["all-ones,after=9"]] {
        let cards = vec![faulty(Build::default(), faults).unwrap(), faulty(encoding, &[]).unwrap()];
        let on_death = OnDeath::Continue(std::num::NonZeroUsize::new(1));
        let mut engine = CardEngine::new(cards, known_frames::config(), on_death).unwrap();
        engine_frames_of_a_shape_equal_the_definition(&mut engine, 4, [19, 23]);
        assert_eq!((engine.dropped().len(), engine.fused() > 0), (faults.len(), !faults.is_empty()));
        assert_eq!(engine.compressed() > 0, faults.is_empty(), "{:?}", engine.notes());
    }
}

#[test]
fn gateware_card_in_process_equals_the_definition() {
    if let Err(error) = debye_sim::verilator::find() {
        eprintln!("skipped: gateware_card_in_process_equals_the_definition: {error}");
        return;
    }
    let gateware = models::card(CardKind::Verilator, Build { queues: 2, ..Build::default() }).unwrap();
    let card = plugged(gateware).unwrap();
    let config = DriverConfig { queues: 2, timeout: Duration::from_secs(60), ..DriverConfig::default() };
    let mut engine = CardEngine::new(vec![card], config, OnDeath::Fail).unwrap();
    engine_frames_of_a_shape_equal_the_definition(&mut engine, 7, [19, 23]);
    let tally = engine.tallies()[0];
    assert_eq!((tally.finished, tally.resets, tally.stale, tally.wrong), (tally.frames, 0, 0, 0));
}

#[test]
fn cards_of_several_queues_and_shallow_rings_equal_the_definition() {
    let shape = Shape { lanes: 3, ..Shape::default() };
    let build = Build { shape, queues: 4, flights_log2: 3, ..Build::default() };
    let config = DriverConfig { queues: 8, depth_log2: Some(2), ..DriverConfig::default() };
    let cards = [build, Build::default()].map(|build| faulty(build, &[]).unwrap());
    let mut engine = CardEngine::new(cards.into(), config, OnDeath::Fail).unwrap();
    engine_any_frames_equal_the_definition(&mut engine, 2);
    // Rings of 4 entries were gone round many times by both.
    assert!(engine.tallies().iter().all(|tally| tally.finished > 100 && tally.resets == 0), "{:?}", engine.tallies());
}

#[test]
fn indices_that_wrap_at_2_to_the_32_are_gone_over_by_card_and_driver() {
    // Rings of 16 entries; reached after 100 frames, in the middle of a lap. A reset starts behind the wrap's edge anew.
    let config = DriverConfig { depth_log2: Some(4), first_index: u32::MAX - 99, ..known_frames::config() };
    for faults in [&[][..], &["completion-lost,after=130", "interrupt-lost,seed=1,rate=0.1"]] {
        let mut engine =
            CardEngine::new(vec![faulty(Build::default(), faults).unwrap()], config, OnDeath::Fail).unwrap();
        known_frames::Frames::new(400).run(&mut engine);
        let card = &mut engine.cards()[0];
        assert_eq!(card.tally().resets, faults.len() as u64 / 2);
        let tail = card.card().transport().read(queue_offset(0, ring_register("completion_tail").unwrap()));
        assert!((200..400).contains(&tail) || !faults.is_empty(), "{tail}");
    }
}

#[test]
fn card_served_over_vfio_user_equals_the_definition_for_one_client_after_the_other() {
    let served = Served::start(&["--queues", "2", "--lanes", "4"]);
    for queues in [1, 2] {
        let config = DriverConfig { queues, ..DriverConfig::default() };
        let mut engine = CardEngine::new(vec![served.card()], config, OnDeath::Fail).unwrap();
        engine_any_frames_equal_the_definition(&mut engine, u64::from(queues));
        let tally = engine.tallies()[0];
        assert_eq!((tally.finished, tally.resets, tally.stale), (tally.frames, 0, 0));
        assert!(tally.sleeps > 0 && tally.interrupts > 0, "it slept, and interrupts woke it: {tally:?}");
    }
}

#[test]
fn card_reads_chunks_where_the_source_put_them_and_none_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("run.h5").into_os_string().into_string().unwrap();
    let shape = ["--detector", "Detector", "--shape", "61,67", "--pixel-size", "1000"];
    debye_ok(["simulate-frames", &input, "--frames", "150", "--seed", "3"].iter().chain(&shape));
    let run = |engine: &mut dyn Engine| {
        let mut source = debye::source::open(Path::new(&input), None).unwrap();
        let table = Arc::new(content::table([61, 67], 50, None, 4, 13));
        engine.load(table.clone(), Job::new(source.info().element)).unwrap();
        let payload = source.read_into(0, &mut |bytes| engine.lend(bytes)).unwrap();
        assert!(matches!(payload, Payload::Lent(_)));
        assert_eq!(payload.bytes(), source.read(0).unwrap().bytes());
        assert_eq!(payload.digest(), source.read(0).unwrap().digest());
        drop(payload);
        let plan = Plan { frames: 0..150, follow: None };
        let (stop, mut events) = (false.into(), |_: &Progress, _: &Row| {});
        let summary = execute(&mut *source, engine, &table, &plan, &mut [], &stop, &mut events).unwrap();
        assert_eq!((summary.frames, summary.failed), (150, 0));
        (summary.result_crc32, summary.input_blake3)
    };
    let wanted = run(&mut CpuEngine::new(None));
    let mut engine = CardEngine::new(
        vec![faulty(Build::default(), &[]).unwrap(), faulty(Build::default(), &[]).unwrap()],
        DriverConfig::default(),
        OnDeath::Fail,
    )
    .unwrap();
    assert_eq!(run(&mut engine), wanted);
    let tallies = engine.tallies();
    assert!(tallies.iter().all(|tally| tally.frames > 0 && tally.copied == 0), "{tallies:?}");
    assert_eq!(tallies.iter().map(|tally| tally.frames).sum::<u64>(), 150);

    // Chunks in the memory of a card that dies are read there by the CPU.
    let dying = faulty(Build::default(), &["all-ones,after=40"]).unwrap();
    let mut engine = CardEngine::new(vec![dying], DriverConfig::default(), OnDeath::Continue(None)).unwrap();
    assert_eq!(run(&mut engine), wanted);
    assert_eq!(engine.dropped().len(), 1);
}

#[test]
fn selftest_passes_on_a_sound_card_and_names_the_step_on_others() {
    let steps = |faults: &[&str]| {
        let card = faulty(Build::default(), faults).unwrap();
        selftest::run(card, DriverConfig::default()).unwrap()
    };
    let sound = steps(&[]);
    assert_eq!(sound.iter().map(|step| step.name).collect::<Vec<_>>(), ["registers", "dma", "interrupt", "frame"]);
    assert!(sound.iter().all(|step| step.passed()), "{sound:#?}");
    for (fault, name) in [("interrupt-lost,seed=1,rate=1", "interrupt"), ("dma-unmapped,count=1000000", "frame")] {
        let failed: Vec<_> = steps(&[fault]).into_iter().filter(|step| !step.passed()).collect();
        assert_eq!(failed.iter().map(|step| step.name).collect::<Vec<_>>(), [name], "{fault}: {failed:#?}");
    }
}
