//! `debye image verify`

use super::super::Outcome;
use crate::out::say;
use clap::Args as ClapArgs;
use debye::bitstream::{BitstreamError, Report};
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
    }
    let Some(manifest) = &report.manifest else {
        return Err(BitstreamError::NoManifest { path: report.path, manifest: report.manifest_path }.into());
    };
    if report.verified() {
        if !args.json {
            let (length, crc32) = (report.digest.length, report.digest.crc32);
            say!(
                "{}: {} for {}, {length} bytes, CRC-32 {crc32}: verified",
                report.path.display(),
                manifest.name,
                manifest.board
            );
        }
        return Ok(ExitCode::SUCCESS);
    }
    for (name, sentence) in report.problems() {
        eprintln!("error: {name}: {sentence}");
    }
    Ok(ExitCode::FAILURE)
}
