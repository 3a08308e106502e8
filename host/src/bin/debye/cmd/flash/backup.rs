//! `debye flash backup`

use super::Card;
use super::show::Show;
use super::status::card;
use crate::cmd::{Outcome, interrupt};
use crate::out::say;
use clap::Args as ClapArgs;
use debye::flash::{Backup, Flash, FlashError, Status};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    #[command(flatten)]
    card: Card,
    /// File to write, NAME.bin; its manifest gets NAME.bin.toml
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Replace the files if they exist
    #[arg(long)]
    overwrite: bool,
}

/// A backup as JSON.
pub fn object(backup: &Backup) -> Value {
    json!({
        "path": backup.path,
        "manifest": backup.manifest,
        "bytes": backup.bytes,
        "sha256": backup.sha256.to_string(),
    })
}

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    let stop = interrupt::flag()?;
    let mut flash = Flash::open(&args.card.card)?;
    let status = Status::read(&mut flash)?;
    if status.blank {
        return Err(FlashError::NothingToBackUp.into());
    }
    let mut show = Show::new(args.card.json);
    let read = flash.read_image(&status, stop, &mut |event| show.event(event));
    let seconds = show.close();
    let bytes = read?;
    if bytes.is_empty() {
        return Err(FlashError::NothingToBackUp.into());
    }
    let name = status.record.map_or("unknown".into(), |record| record.name().to_owned());
    let backup = flash.back_up(&args.output, &name, &bytes, args.overwrite)?;
    if args.card.json {
        say!("{:#}", json!({ "card": card(&flash), "backup": object(&backup), "seconds": seconds }));
    } else {
        say!("{} bytes of {name} are in {}", backup.bytes, backup.path.display());
    }
    Ok(ExitCode::SUCCESS)
}
