//! `debye card reset`

use crate::cmd::Outcome;
use crate::out::say;
use clap::Args as ClapArgs;
use debye::card::Card;
use debye::transport::CardAddress;
use serde_json::json;
use std::process::ExitCode;
use std::time::Instant;

/// Arguments of the command.
#[derive(ClapArgs)]
#[command(after_help = "A function-level reset: the card is then as after power-on, its table is lost.")]
pub struct Args {
    /// vfio:0000:65:00.0, vfio-user:SOCKET or sim:spec
    #[arg(value_name = "ADDR")]
    card: CardAddress,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    let mut card = Card::open(&args.card)?;
    let started = Instant::now();
    card.reset()?;
    let seconds = started.elapsed().as_secs_f64();
    if args.json {
        say!("{:#}", json!({ "address": card.address(), "reset": true, "seconds": seconds }));
    } else {
        say!("{} was reset in {:.1} ms", card.address(), 1e3 * seconds);
    }
    Ok(ExitCode::SUCCESS)
}
