//! `debye selftest`

use super::Outcome;
use super::card_args::CardArgs;
use crate::out::say;
use clap::Args as ClapArgs;
use debye::card::{Card, CardError, selftest};
use serde_json::json;
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
#[command(
    after_help = "Exit code: 0 every step passed; 1 a step failed, or a card cannot be used. The card must not be \
                        in use: what it was doing is forgotten."
)]
pub struct Args {
    #[command(flatten)]
    card: CardArgs,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    let addresses = args.card.addresses();
    if addresses.is_empty() {
        return Err("no card is bound to vfio-pci here: name one with --card, or see `debye card list`".into());
    }
    let (mut passed, mut told) = (true, Vec::new());
    for address in addresses {
        let result: Result<_, CardError> =
            Card::open(&address).and_then(|card| selftest::run(card, args.card.config()));
        let good = matches!(&result, Ok(steps) if steps.iter().all(selftest::Step::passed));
        passed &= good;
        if args.json {
            let steps = result.as_ref().ok();
            let error = result.as_ref().err().map(ToString::to_string);
            told.push(json!({ "address": address.to_string(), "passed": good, "steps": steps, "error": error }));
            continue;
        }
        say!("{address}: {}", if good { "passed" } else { "FAILED" });
        match result {
            Ok(steps) => {
                for step in steps {
                    let state = if step.passed() { "ok" } else { "FAILED" };
                    say!("  {:<10} {state}: {}", step.name, step.detail);
                    if let Some(cause) = step.likely_cause {
                        say!("  {:<10} likely: {cause}", "");
                    }
                }
            }
            Err(error) => say!("  {error}"),
        }
    }
    if args.json {
        say!("{:#}", json!({ "passed": passed, "cards": told }));
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
