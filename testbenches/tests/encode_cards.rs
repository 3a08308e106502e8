//! Cards that encode: the definition's chunks from each, whatever goes wrong on the way.

use debye::card::{CardError, Driver, DriverConfig, EncodeOrder, Reply, Tally, selftest};
use debye::codec::encode::Codec;
use debye::engine::encode::{Chunker, EncodeCards, OnDeath};
use debye_sim::device::functional::Build;
use debye_sim::device::models::{self, CardKind};
use debye_sim::model::Shape;
use debye_sim::verilator::find;
use debye_spec::{Element, Status};
use debye_testbenches::chunks::{card_makes_the_definitions_chunks, pieces};
use debye_testbenches::content::{self, Kind};
use debye_testbenches::known_frames::config;
use debye_testbenches::served::{Served, faulty, plugged};
use std::time::Duration;

fn encoding() -> Build {
    Build { encoders: 1, ..Build::default() }
}

/// Counts of pixels around blocks and groups of 8.
const COUNTS: [usize; 9] = [1, 7, 8, 9, 1000, 2049, 4096, 8193, 12_345];

#[test]
fn card_in_process_makes_the_definitions_chunks() {
    for (block, depth_log2) in [(13, None), (10, Some(2))] {
        let build = Build { shape: Shape { block, ..Shape::default() }, queues: 2, ..encoding() };
        let config = DriverConfig { queues: 2, depth_log2, ..DriverConfig::default() };
        let mut driver = Driver::new(faulty(build, &[]).unwrap(), config).unwrap();
        let pieces = pieces(1 << block, &COUNTS, 1);
        let came = card_makes_the_definitions_chunks(&mut driver, &pieces, 2);
        let tally = driver.tally();
        assert_eq!((came as u64, tally.resets, tally.stale, tally.wrong), (tally.frames, 0, 0, 0));
    }
}

#[test]
fn card_served_over_vfio_user_makes_the_definitions_chunks() {
    let served = Served::start(&["--encoders", "2"]);
    let mut driver = Driver::new(served.card(), DriverConfig::default()).unwrap();
    assert_eq!(card_makes_the_definitions_chunks(&mut driver, &pieces(8192, &COUNTS, 3), 4), 180);
}

#[test]
fn gateware_card_makes_the_definitions_chunks() {
    if let Err(error) = find() {
        println!("skipped: gateware_card_makes_the_definitions_chunks: {error}");
        return;
    }
    let card = plugged(models::card(CardKind::Verilator, encoding()).unwrap()).unwrap();
    let config = DriverConfig { timeout: Duration::from_secs(60), ..DriverConfig::default() };
    let mut driver = Driver::new(card, config).unwrap();
    let pieces = pieces(8192, &[0, 5, 1000, 8195], 7);
    let came = card_makes_the_definitions_chunks(&mut driver, &pieces, 8) as u64;
    let tally = driver.tally();
    assert_eq!((came, tally.frames, tally.resets, tally.wrong), (80, 80, 0, 0));
}

/// Encodes pieces over a card with faults; all come out right.
fn survives(faults: &[&str]) -> Tally {
    let mut driver = Driver::new(faulty(encoding(), faults).unwrap(), config()).unwrap();
    let pieces = pieces(8192, &[500, 4096, 5001], 5);
    let came = card_makes_the_definitions_chunks(&mut driver, &pieces, 6);
    let tally = driver.tally();
    println!("{faults:?}: {tally:?}");
    assert_eq!((tally.frames, tally.finished), (came as u64, came as u64), "each piece is counted once");
    tally
}

#[test]
fn chunk_that_was_changed_on_its_way_is_found_and_made_again() {
    let tally = survives(&["corrupt-result,after=7"]);
    assert_eq!((tally.corrupt, tally.resets), (1, 1));
}

#[test]
fn completions_of_chunks_lost_doubled_or_wild_cost_resets_and_nothing_else() {
    let lost = survives(&["completion-lost,after=10"]);
    assert!(lost.resets == 1 && lost.overdue >= 1, "{lost:?}");
    assert_eq!(survives(&["completion-duplicated,after=5,count=3"]).stale, 3);
    let wild = survives(&["wild-completion,what=length,after=4"]);
    assert_eq!((wild.wrong, wild.resets), (1, 1));
    assert_eq!(survives(&["hang,after=20"]).resets, 1);
}

#[test]
fn chunk_to_an_unmapped_address_is_told_by_the_card() {
    let mut driver = Driver::new(faulty(encoding(), &["dma-unmapped"]).unwrap(), config()).unwrap();
    let pixels = content::frame(Kind::Sparse, Element::U16, 5000, 1);
    let order = EncodeOrder { tag: 3, element: Element::U16, pixels: &pixels };
    let replies = [(); 2].map(|()| driver.encode_one(&order).unwrap().reply);
    assert_eq!(replies[0], Reply::Failed(Status::DmaFault));
    assert!(matches!(&replies[1], Reply::Made(chunk) if chunk.len() < pixels.len()));
}

#[test]
fn card_without_an_encoder_is_refused_by_name() {
    let without = || faulty(Build::default(), &[]).unwrap();
    let mut driver = Driver::new(without(), config()).unwrap();
    let order = EncodeOrder { tag: 3, element: Element::U16, pixels: &[0; 64] };
    let refused = driver.submit_encode(&order).unwrap_err().to_string();
    assert!(refused.contains("sim:test") && refused.contains("an encoder"), "{refused}");
    let cards = vec![faulty(encoding(), &[]).unwrap(), without()];
    let refused = EncodeCards::start(cards, config(), OnDeath::Fail).unwrap_err();
    assert!(matches!(refused, CardError::Capability { .. }) && refused.to_string().contains("no encoder lanes"));
}

#[test]
fn threads_whose_card_dies_get_the_same_chunks_from_the_cpu() {
    let wanted = pieces(8192, &[3000, 9001], 8);
    let run = |faults: &[&str], others: usize, on_death| {
        let mut cards = vec![faulty(encoding(), faults).unwrap()];
        cards.extend((0..others).map(|_| faulty(encoding(), &[]).unwrap()));
        let cards = EncodeCards::start(cards, config(), on_death).unwrap();
        let works = |piece: &debye_testbenches::chunks::Piece| {
            let mut chunker = Chunker::new(Some(&cards), piece.element, None, Codec::Debye).unwrap();
            chunker.encode(piece.pixels.clone()).map(|chunk| assert!(chunk == piece.chunk, "{:?}", piece.element))
        };
        let ends = std::thread::scope(|scope| {
            let share = wanted.len().div_ceil(4);
            let threads: Vec<_> = wanted
                .chunks(share)
                .map(|share| scope.spawn(move || share.iter().map(works).collect::<Vec<_>>()))
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        (ends.into_iter().filter(Result::is_err).count() as u64, cards.finish())
    };
    let all = wanted.len() as u64;
    let (failed, told) = run(&[], 0, OnDeath::Fail);
    assert_eq!((failed, told.made, told.refused, told.dropped.len()), (0, all, 0, 0));
    let (failed, told) = run(&["all-ones,after=9"], 0, OnDeath::Continue(None));
    assert_eq!((failed, told.made, told.dropped.len()), (0, 9, 1), "{told:?}");
    let (failed, told) = run(&["all-ones,after=9"], 1, OnDeath::Continue(None));
    assert_eq!((failed, told.made, told.dropped.len()), (0, all, 1), "the other card did the rest: {told:?}");
    let (failed, told) = run(&["all-ones,after=9"], 1, OnDeath::Fail);
    assert!(failed > 0 && told.failed.is_some_and(|reason| reason.contains("is gone")));
}

#[test]
fn selftest_of_a_card_that_encodes_has_a_step_for_it() {
    let steps = |faults: &[&str]| selftest::run(faulty(encoding(), faults).unwrap(), config()).unwrap();
    let sound = steps(&[]);
    assert_eq!(sound.last().map(|step| (step.name, step.passed())), Some(("encode", true)), "{sound:#?}");
    // The frame of the step before is the first.
    let spoilt = steps(&["dma-unmapped,after=1"]);
    assert_eq!(spoilt.last().map(|step| (step.name, step.passed())), Some(("encode", false)), "{spoilt:#?}");
}
