//! `debye sim serial`: the card behind a UART at a pseudo-terminal.

use super::args::SerialArgs;
use crate::cmd::{Outcome, interrupt};
use debye::serial::{DEFAULT_BAUD, SerialAddress};
use debye_sim::designs;
use debye_sim::device::serial::{LineConfig, SerialServer};
use serde_json::json;
use std::io::Write;
use std::process::ExitCode;

/// Runs the command.
pub fn run(args: &SerialArgs) -> Outcome {
    let stop = interrupt::flag()?;
    let pins = designs::serial_card(args.model.into())?;
    let config = LineConfig { divisor: args.divisor, noise: args.noise, seed: args.seed };
    let mut server = SerialServer::new(pins, config)?;
    let address = SerialAddress { path: server.path().into(), baud: DEFAULT_BAUD }.to_string();
    let line = if args.json {
        json!({ "event": "listening", "address": address, "divisor": args.divisor }).to_string()
    } else {
        format!("listening at {address}")
    };
    let mut out = std::io::stdout().lock();
    // Nobody may be listening, which is no reason to stop serving.
    writeln!(out, "{line}").and_then(|()| out.flush()).ok();
    server.run(stop)?;
    Ok(ExitCode::SUCCESS)
}
