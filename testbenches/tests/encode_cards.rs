//! Cards that encode: the definition's chunks from each, whatever goes wrong on the way.

use debye::card::{CardError, Chunk, Driver, DriverConfig, EncodeOrder, FrameOrder, Reply, Tally, selftest};
use debye::codec::encode::Codec;
use debye::engine::encode::{Chunker, EncodeCards, OnDeath};
use debye_sim::device::functional::Build;
use debye_sim::device::models::{self, CardKind};
use debye_sim::model::Shape;
use debye_sim::verilator::find;
use debye_spec::card_table::CardTable;
use debye_spec::{Element, FrameResult, Job, Status};
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
    let order = EncodeOrder { tag: 3, element: Element::U16, pixels: &pixels, threshold: 0 };
    let replies = [(); 2].map(|()| driver.encode_one(&order).unwrap().reply);
    assert_eq!(replies[0], Reply::Failed(Status::DmaFault));
    assert!(matches!(&replies[1], Reply::Made(chunk) if chunk.len() < pixels.len()));
}

#[test]
fn card_without_an_encoder_is_refused_by_name() {
    let without = || faulty(Build::default(), &[]).unwrap();
    let mut driver = Driver::new(without(), config()).unwrap();
    let order = EncodeOrder { tag: 3, element: Element::U16, pixels: &[0; 64], threshold: 0 };
    let refused = driver.submit_encode(&order).unwrap_err().to_string();
    assert!(refused.contains("sim:test") && refused.contains("an encoder"), "{refused}");
    let cards = vec![faulty(encoding(), &[]).unwrap(), without()];
    let refused = EncodeCards::start(cards, config(), OnDeath::Fail).unwrap_err();
    assert!(matches!(refused, CardError::Capability { .. }) && refused.to_string().contains("no encoder lanes"));
}

/// A table of the frame's size in the card, and what the definition makes of a frame: its chunk and its bins.
fn fused_frame(driver: &mut Driver, element: Element, seed: u64) -> (Vec<u8>, Job, Vec<u8>, FrameResult) {
    let table = content::table([61, 67], 50, None, 4, 13);
    let job = Job { threshold: 3, ..Job::new(element) };
    driver.load(CardTable::compile(&table.spec(), element, 7, 2048).unwrap()).unwrap();
    let pixels = content::frame(Kind::Sparse, element, 61 * 67, seed);
    let mut chunk = Vec::new();
    debye_spec::encode::encode(&pixels, element, 8192, &mut chunk).unwrap();
    let result = debye_spec::frame::integrate(&chunk, &job, &table.spec()).unwrap();
    (pixels, job, chunk, result)
}

/// Raw frames of every type over a card with faults, each encoded and integrated; all come out right.
fn fuses(faults: &[&str]) -> Tally {
    let mut driver = Driver::new(faulty(encoding(), faults).unwrap(), config()).unwrap();
    for (number, element) in Element::ALL.into_iter().cycle().take(10).enumerate() {
        let (pixels, job, chunk, result) = fused_frame(&mut driver, element, number as u64);
        let (max_valid, threshold) = (job.rule().max_valid(), job.threshold);
        for tag in 0..3 {
            match driver.do_one(&FrameOrder { tag, chunk: Chunk::Pixels(&pixels), max_valid, threshold }).unwrap().reply
            {
                Reply::Fused(answer, made) => {
                    assert!(made == chunk, "{element:?}: the chunk differs");
                    assert_eq!((answer.bins, answer.header.statistics), (result.bins.clone(), result.statistics));
                }
                other => panic!("{element:?}: {other:?}"),
            }
        }
    }
    let tally = driver.tally();
    assert_eq!((tally.frames, tally.finished), (30, 30), "{faults:?}: each frame is counted once");
    tally
}

#[test]
fn raw_frames_give_the_definitions_chunks_and_bins_in_one_pass_whatever_goes_wrong() {
    let sound = fuses(&[]);
    assert_eq!((sound.resets, sound.corrupt, sound.wrong), (0, 0, 0));
    assert_eq!(fuses(&["corrupt-result,after=7"]).corrupt, 1);
    assert_eq!(fuses(&["completion-lost,after=16"]).resets, 1);
    assert_eq!(fuses(&["wild-completion,what=length,after=11"]).wrong, 1);
}

#[test]
fn raw_frame_for_a_card_or_table_that_cannot_take_it_is_refused_by_name() {
    let order = |pixels| FrameOrder { tag: 1, chunk: Chunk::Pixels(pixels), max_valid: 10, threshold: 3 };
    let mut plain = Driver::new(faulty(Build::default(), &[]).unwrap(), config()).unwrap();
    let refused = plain.submit(&order(&[0; 64])).unwrap_err().to_string();
    assert!(refused.contains("an encoder before its lanes"), "{refused}");
    let mut driver = Driver::new(faulty(encoding(), &[]).unwrap(), config()).unwrap();
    assert!(matches!(driver.submit(&order(&[0; 64])), Err(CardError::NoTable { .. })));
    let (pixels, ..) = fused_frame(&mut driver, Element::U16, 1);
    let refused = driver.submit(&order(&pixels[2..])).unwrap_err().to_string();
    assert!(refused.contains("frames of that size"), "{refused}");
    assert_eq!(driver.tally().frames, 0);
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
    // The step before has two frames: a chunk, and one that is encoded on the way.
    for (after, failing) in [(1, "frame"), (2, "encode")] {
        let spoilt = steps(&[&format!("dma-unmapped,after={after}")]);
        let failed: Vec<_> = spoilt.iter().filter(|step| !step.passed()).map(|step| step.name).collect();
        assert_eq!(failed, [failing], "{spoilt:#?}");
    }
}
