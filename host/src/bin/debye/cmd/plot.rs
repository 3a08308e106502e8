//! `debye plot`

use super::Outcome;
use clap::Args as ClapArgs;
use debye::nexus::Output;
use debye::plot::{self, Choice, PlotRequest};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    /// Output file of `debye integrate`
    output: PathBuf,
    /// Picture to draw: .png or .svg
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Which pattern: a frame's number, or `mean` (all integrated frames as one)
    #[arg(long, value_name = "N|mean", default_value = "mean", value_parser = parse_choice)]
    frame: Choice,
    /// Logarithmic intensities
    #[arg(long)]
    log: bool,
    /// Replace the file if it exists
    #[arg(long)]
    overwrite: bool,
}

fn parse_choice(text: &str) -> Result<Choice, String> {
    match text {
        "mean" => Ok(Choice::Mean),
        number => number.parse().map(Choice::Frame).map_err(|_| "give a frame's number or `mean`".into()),
    }
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let output = Output::open(&args.output)?;
    let request = PlotRequest::of_output(&output, args.frame, args.log)?;
    plot::draw(&args.out, args.overwrite, &request)?;
    Ok(ExitCode::SUCCESS)
}
