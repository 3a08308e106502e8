//! Whole lanes for other blocks than those of `hdl/gen`, 1 KiB and 64 KiB, as Verilog under Verilator: their results are
//! the definition's, byte for byte.

use crate::support::{Content, rng};
use debye_hdl::base::pins::{HdlPins, Pins};
use debye_hdl::lane::{self, Lane};
use debye_hdl::tops::roomy;
use debye_sim::bench::lane::LaneBench;
use debye_sim::cosim::verilated;
use debye_sim::functional::Functional;
use debye_sim::model::{Config, Shape};
use debye_sim::verilator::{Options, find};
use debye_spec::card_table::CardTable;
use debye_spec::wire::HEADER_BYTES;
use debye_spec::{Element, Job, Status};

/// A result without what the definition does not define: cycles, and statistics of a frame that failed.
fn defined(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[56..HEADER_BYTES].fill(0);
    if bytes[6] != Status::Ok.code() {
        bytes[24..52].fill(0);
    }
    bytes
}

/// Frames of `pixels` pixels through a lane for blocks of up to 2^BLOCK bytes: blocks of that size, smaller ones, larger
/// ones, and damaged ones.
fn run<const BLOCK: usize>(pixels: usize, element: Element) {
    if let Err(error) = find() {
        println!("skipped: a lane for blocks of 2^{BLOCK} bytes: {error}");
        return;
    }
    let mut next = rng(BLOCK as u64);
    let mut content = Content::new(element, pixels, 90, BLOCK as u64);
    let config =
        Config { shape: Shape { block: BLOCK as u32, ..Shape::default() }, stall_seed: Some(5), ..Config::default() };
    let card = CardTable::compile(&content.table(), element, 3, config.shape.bins()).unwrap();
    let pins: HdlPins<Lane<BLOCK, 8>> = roomy(lane::pins);
    let model = verilated(&pins, "debye_lane", &Options::default()).unwrap_or_else(|error| panic!("{error}"));
    let mut bench = LaneBench::new(Box::new(model) as Box<dyn Pins + Send>, config, &card);
    let job = Job { threshold: 4, ..Job::new(element) };
    let mut statuses = Vec::new();
    for sequence in 0..12 {
        content.repaint(next());
        let (block, damage) = ([1 << BLOCK, 1 << BLOCK, 512, 2 << BLOCK][sequence % 4], sequence % 3 * (sequence / 6));
        let chunk = content.chunk(block, damage, &mut next);
        let header = content.request(&job, &chunk, sequence as u32).to_bytes();
        let expected = Functional::answer(&config.shape, &card, &header, &chunk);
        bench.submit(header, chunk.into());
        let result = loop {
            if let Some(result) = bench.run(100_000).unwrap() {
                break result;
            }
        };
        assert!(defined(&result.bytes) == defined(&expected), "frame {sequence}: {:?}", Status::from_code(expected[6]));
        statuses.push(Status::from_code(expected[6]).expect("the definition gives a status"));
    }
    let count = |status| statuses.iter().filter(|&&found| found == status).count();
    assert!(count(Status::Ok) >= 5 && count(Status::BlockTooLarge) >= 2 && statuses.len() > count(Status::Ok) + 2);
}

#[test]
fn lane_for_blocks_of_1_kib_gives_spec_results() {
    run::<10>(3001, Element::U16);
}

#[test]
fn lane_for_blocks_of_64_kib_gives_spec_results() {
    run::<16>(70_003, Element::U16);
}
