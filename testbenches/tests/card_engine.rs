//! The card engine over a simulated card in this process.

use debye::card::{Card, DriverConfig};
use debye::engine::card::{CardEngine, OnDeath};
use debye::transport::Local;
use debye_sim::device::functional::{Build, FunctionalCard};
use debye_sim::model::Shape;
use debye_testbenches::conformance::engine_any_frames_equal_the_definition;

fn card(build: Build) -> Card {
    let device = Box::new(FunctionalCard::new(build));
    Card::new(Box::new(Local::new(device, "sim:spec").expect("event descriptors"))).expect("a card")
}

#[test]
fn card_in_process_equals_the_definition() {
    let mut engine = CardEngine::new(vec![card(Build::default())], DriverConfig::default(), OnDeath::Fail).unwrap();
    engine_any_frames_equal_the_definition(&mut engine, 1);
    println!("{:?}", engine.tallies());
}

#[test]
fn cards_of_several_queues_and_shallow_rings_equal_the_definition() {
    let shape = Shape { lanes: 3, ..Shape::default() };
    let build = Build { shape, queues: 4, flights_log2: 3, ..Build::default() };
    let config = DriverConfig { queues: 8, depth_log2: Some(2), ..DriverConfig::default() };
    let mut engine = CardEngine::new(vec![card(build), card(Build::default())], config, OnDeath::Fail).unwrap();
    engine_any_frames_equal_the_definition(&mut engine, 2);
    println!("{:?}", engine.tallies());
}
