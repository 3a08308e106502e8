//! What runs inside a small guest: the self-test and the conformance body on the cards that are named, or on all that
//! are bound to vfio-pci. Exit code 0: all passed.
//!
//! ```sh
//! RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --target x86_64-unknown-linux-gnu \
//!     -p debye-testbenches --example card-guest
//! ```

use debye::card::{Card, DriverConfig, selftest};
use debye::engine::card::{CardEngine, OnDeath};
use debye::transport::{CardAddress, scan};
use debye_testbenches::conformance::engine_any_frames_equal_the_definition;
use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

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
        addresses.extend(scan().into_iter().map(|found| CardAddress::Vfio(found.function)));
    }
    if addresses.is_empty() {
        return Err("no card is here".into());
    }
    for address in addresses {
        for step in selftest::run(Card::open(&address)?, DriverConfig::default())? {
            println!("{address}: {}: {}", step.name, step.detail);
            if let Some(cause) = step.likely_cause {
                return Err(format!("{address}: {} failed; likely: {cause}", step.name).into());
            }
        }
        let started = Instant::now();
        let mut engine = CardEngine::new(vec![Card::open(&address)?], DriverConfig::default(), OnDeath::Fail)?;
        engine_any_frames_equal_the_definition(&mut engine, 7);
        println!("{address}: conformance: {:?} in {:.1} s", engine.tallies(), started.elapsed().as_secs_f64());
    }
    Ok(())
}
