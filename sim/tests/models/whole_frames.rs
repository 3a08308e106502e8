//! The gateware behind the card's interface: answers are the functional model's, whatever stalls and whatever the chunk.

use crate::support::{Content, element_of, rng};
use debye_sim::designs::Simulator;
use debye_sim::functional::Functional;
use debye_sim::model::{CardModel, Config, Shape};
use debye_sim::models::{ModelKind, card};
use debye_sim::verilator;
use debye_spec::card_table::CardTable;
use debye_spec::{Element, Job, Status};

/// Sends frames of one table, some of them damaged, and holds the answers against the functional model.
fn run(model: &mut dyn CardModel, element: Element, seed: u64, frames: u32) {
    let mut next = rng(seed);
    let mut content = Content::new(element, 2000 + (seed % 9) as usize, 37, seed);
    let table = CardTable::compile(&content.table(), element, 3, model.shape().bins()).unwrap();
    let mut definition = Functional::new(Config { shape: model.shape(), ..Config::default() });
    model.load(&table).unwrap();
    definition.load(&table).unwrap();
    let job = Job { element, max_valid: 200, threshold: 5 };
    let mut expected = Vec::new();
    let mut answered = vec![false; frames as usize];
    for sequence in 0..frames {
        content.repaint(next());
        let damage = if sequence % 2 == 0 { 0 } else { (next() % 4) as usize };
        let chunk = content.chunk([1024, 2048, 8192, 16384][(next() % 4) as usize], damage, &mut next);
        let header = content.request(&job, &chunk, sequence).to_bytes();
        definition.submit(header, chunk.clone()).unwrap();
        expected.push(definition.run(0).unwrap().expect("the model answers at once"));
        model.submit(header, chunk).unwrap();
    }
    while model.in_flight() > 0 {
        let Some(answer) = model.run(10_000).unwrap() else { continue };
        let sequence = answer.header.sequence as usize;
        let expected = &expected[sequence];
        assert!(!std::mem::replace(&mut answered[sequence], true));
        assert_eq!((answer.header.status, &answer.bins), (expected.header.status, &expected.bins), "frame {sequence}");
        assert_eq!(answer.header.handle, expected.header.handle);
        assert_eq!(answer.groups, expected.groups);
        if answer.header.status == Status::Ok {
            assert_eq!(answer.header.statistics, expected.header.statistics);
            assert!(answer.header.cycles > 100);
        }
    }
    assert!(answered.iter().all(|&answered| answered));
    assert_eq!(model.stalls().unwrap().lanes.len(), model.shape().lanes);
}

fn model(simulator: Simulator, lanes: usize, stall_seed: Option<u64>) -> Box<dyn CardModel> {
    let config = Config { shape: Shape { lanes, ..Shape::default() }, stall_seed, ..Config::default() };
    card(ModelKind::Gateware(simulator), config, None).unwrap()
}

#[test]
fn hdl_card_answers_as_the_definition() {
    run(&mut *model(Simulator::Hdl, 1, None), Element::U16, 1, 4);
    run(&mut *model(Simulator::Hdl, 2, Some(3)), Element::U32, 2, 4);
}

#[test]
fn verilator_card_answers_as_the_definition_with_any_stalls() {
    if let Err(error) = verilator::find() {
        eprintln!("skipped: verilator_card_answers_as_the_definition_with_any_stalls: {error}");
        return;
    }
    // Tables and types change on a running card.
    let mut one = model(Simulator::Verilator, 1, None);
    for round in 0..10 {
        run(&mut *one, element_of(round), 10 + round as u64, 10);
    }
    // Half of the frames are sound: 100 of them.
    for seed in 0..20 {
        run(&mut *model(Simulator::Verilator, 1, Some(seed)), element_of(seed as usize), 30 + seed, 10);
    }
}

#[test]
fn hdl_and_verilator_take_the_same_cycles() {
    if let Err(error) = verilator::find() {
        eprintln!("skipped: hdl_and_verilator_take_the_same_cycles: {error}");
        return;
    }
    let cycles = |simulator| {
        let mut model = model(simulator, 1, Some(8));
        run(&mut *model, Element::U16, 5, 3);
        model.progress()
    };
    assert_eq!(cycles(Simulator::Hdl), cycles(Simulator::Verilator));
}

#[test]
fn card_that_is_not_elaborated_is_refused_with_those_that_are() {
    let config = Config { shape: Shape { lanes: 5, ..Shape::default() }, ..Config::default() };
    let refused = card(ModelKind::Gateware(Simulator::Hdl), config, None).err().unwrap().to_string();
    assert!(refused.contains("[1, 2, 4, 8, 12, 24, 48]"), "{refused}");
}
