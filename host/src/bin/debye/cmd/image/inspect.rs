//! `debye image inspect`

use super::super::Outcome;
use crate::out::say;
use clap::Args as ClapArgs;
use debye::bitstream::Report;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    /// Image (.bit, .bin, .mcs), or its manifest (.toml).
    file: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    let report = Report::of(&args.file)?;
    if args.json {
        say!("{:#}", report.json());
    } else {
        super::print(&report.lines());
    }
    Ok(ExitCode::SUCCESS)
}
