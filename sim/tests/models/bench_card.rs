//! The harness of a card, around a card that is none.

use crate::fake_card::{FakeCard, Flaw};
use crate::support::{Content, element_of, rng};
use debye_sim::bench::card::CardBench;
use debye_sim::functional::Functional;
use debye_sim::model::{CardModel, Config, ModelError, Shape};
use debye_spec::card_table::CardTable;
use debye_spec::{Element, Job, Status};

fn bench(shape: Shape, flaw: Flaw, stall_seed: Option<u64>) -> Result<CardBench, ModelError> {
    let config = Config { shape, stall_seed, ..Config::default() };
    CardBench::new(Box::new(FakeCard::new(shape, flaw)), "fake".into(), config)
}

/// Sends frames of one table through a bench, some of them damaged, and holds the answers against the functional model.
fn run(bench: &mut CardBench, element: Element, seed: u64, frames: u32) -> Result<u32, ModelError> {
    let mut next = rng(seed);
    let mut content = Content::new(element, 3000 + (seed % 7) as usize, 37, seed);
    let table = CardTable::compile(&content.table(), element, 3, bench.shape().bins()).unwrap();
    let mut model = Functional::new(Config { shape: bench.shape(), ..Config::default() });
    bench.load(&table)?;
    model.load(&table)?;
    let job = Job { element, max_valid: 200, threshold: 5 };
    let mut expected = Vec::new();
    for sequence in 0..frames {
        content.repaint(next());
        let chunk = content.chunk(2048, (next() % 4) as usize, &mut next);
        let header = content.request(&job, &chunk, sequence).to_bytes();
        model.submit(header, chunk.clone())?;
        expected.push(model.run(0)?.expect("the model answers at once"));
        bench.submit(header, chunk)?;
    }
    let mut sound = 0;
    while bench.in_flight() > 0 {
        let Some(answer) = bench.run(10_000)? else { continue };
        let expected = &expected[answer.header.sequence as usize];
        assert_eq!((answer.header, &answer.bins, &answer.groups), (expected.header, &expected.bins, &expected.groups));
        sound += (answer.header.status == Status::Ok) as u32;
    }
    Ok(sound)
}

#[test]
fn card_bench_frames_come_back_as_the_model_says() {
    for lanes in [1, 3] {
        let mut bench = bench(Shape { lanes, ..Shape::default() }, Flaw::None, None).unwrap();
        for round in 0..5 {
            assert!(run(&mut bench, element_of(round), round as u64, 12).unwrap() > 0);
            let progress = bench.progress();
            assert!(progress.cycles > 1000 && progress.bytes_in > 1000 && progress.bytes_out > 1000, "{progress:?}");
        }
        let stalls = bench.stalls().unwrap();
        assert_eq!((stalls.stages.len(), stalls.lanes.len()), (7, lanes));
    }
}

#[test]
fn card_bench_random_stalls_change_cycles_and_nothing_else() {
    let cycles = |seed| {
        let mut bench = bench(Shape { lanes: 2, ..Shape::default() }, Flaw::None, seed).unwrap();
        run(&mut bench, Element::U16, 3, 20).unwrap();
        bench.progress().cycles
    };
    let free = cycles(None);
    for seed in 0..10 {
        assert!(cycles(Some(seed)) > free, "seed {seed}");
    }
    assert_eq!(cycles(Some(4)), cycles(Some(4)));
}

#[test]
fn card_bench_card_that_is_wrong_is_told_with_the_reason() {
    let shape = Shape::default();
    let told = |flaw| {
        let mut bench = bench(shape, flaw, Some(1)).unwrap();
        run(&mut bench, Element::U16, 3, 8).unwrap_err().to_string()
    };
    let hang = told(Flaw::HangAfter(2));
    assert!(hang.contains("hangs") && hang.contains("6 frame(s)"), "{hang}");
    let record = told(Flaw::RecordBit);
    assert!(record.contains("CRC"), "{record}");
    let falls = told(Flaw::ValidFalls);
    assert!(falls.contains("m_axis_res: valid fell"), "{falls}");
    let page = told(Flaw::CrossesPage);
    assert!(page.contains("crosses a page"), "{page}");
    let other = bench(shape, Flaw::OtherShape, None).err().unwrap().to_string();
    assert!(other.contains("register capabilities (lanes) says 0x2, not 0x1"), "{other}");
}
