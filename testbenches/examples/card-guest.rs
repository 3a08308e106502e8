//! What runs inside a guest, or on a node: the conformance body on the cards that are named, or on all that are bound to
//! vfio-pci. Exit code 0: all passed. `scripts/guest-build` builds it.

use debye::card::{Card, DriverConfig};
use debye::engine::card::{CardEngine, OnDeath};
use debye::transport::{CardAddress, System};
use debye_testbenches::conformance::engine_frames_of_a_shape_equal_the_definition;
use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

/// Small: a guest is emulated.
const SHAPE: [usize; 2] = [19, 23];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut addresses = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<Vec<CardAddress>, _>>()?;
    if addresses.is_empty() {
        addresses.extend(System::default().scan().into_iter().map(|found| CardAddress::Vfio(found.function)));
    }
    if addresses.is_empty() {
        return Err("no card is here".into());
    }
    for address in addresses {
        let started = Instant::now();
        let mut engine = CardEngine::new(vec![Card::open(&address)?], DriverConfig::default(), OnDeath::Fail)?;
        engine_frames_of_a_shape_equal_the_definition(&mut engine, 7, SHAPE);
        println!("{address}: conformance: {:?} in {:.1} s", engine.tallies(), started.elapsed().as_secs_f64());
    }
    Ok(())
}
