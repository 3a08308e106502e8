//! `debye plot`

use super::Outcome;
use clap::Args as ClapArgs;
use debye::nexus::Output;
use debye::plot::{self, Choice, PlotRequest};
use debye::simulate::Calibrant;
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
    /// Mark where this calibrant's rings are calculated to stand: CeO2, LaB6, Si, AgBh, Al2O3, Au, Cr2O3
    #[arg(long, value_name = "CALIBRANT", value_parser = parse_calibrant)]
    rings: Option<Calibrant>,
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

fn parse_calibrant(text: &str) -> Result<Calibrant, String> {
    Calibrant::named(text).map_err(|error| error.to_string())
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let output = Output::open(&args.output)?;
    let mut request = PlotRequest::of_output(&output, args.frame, args.log)?;
    if let Some(calibrant) = &args.rings {
        request.mark(calibrant, &output)?;
    }
    plot::draw(&args.out, args.overwrite, &request)?;
    Ok(ExitCode::SUCCESS)
}
