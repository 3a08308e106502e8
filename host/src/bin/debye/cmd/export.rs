//! `debye export`

use super::Outcome;
use clap::Args as ClapArgs;
use debye::export::{Choice, export_output};
use debye::nexus::Output;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    /// Output file of `debye integrate`
    output: PathBuf,
    /// Text file to write: .xy (.dat, .txt) or .csv
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Which pattern: a frame's number, `mean` (all integrated frames as one) or `all`
    #[arg(long, value_name = "N|mean|all", default_value = "all", value_parser = parse_choice)]
    frame: Choice,
    /// Replace files that exist
    #[arg(long)]
    overwrite: bool,
}

fn parse_choice(text: &str) -> Result<Choice, String> {
    match text {
        "mean" => Ok(Choice::Mean),
        "all" => Ok(Choice::All),
        number => number.parse().map(Choice::Frame).map_err(|_| "give a frame's number, `mean` or `all`".into()),
    }
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let output = Output::open(&args.output)?;
    // An output of one frame has one pattern: no numbered name is made of it.
    let choice = match (args.frame, output.frames.as_slice()) {
        (Choice::All, &[frame]) => Choice::Frame(frame),
        (choice, _) => choice,
    };
    export_output(&output, &args.out, args.overwrite, choice)?;
    Ok(ExitCode::SUCCESS)
}
