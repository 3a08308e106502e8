//! `debye flash verify`

use super::Card;
use super::show::Show;
use super::status::card;
use crate::cmd::{Outcome, interrupt};
use crate::out::say;
use clap::Args as ClapArgs;
use debye::bitstream::Image;
use debye::flash::Flash;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    /// The image, or its manifest
    image: PathBuf,
    #[command(flatten)]
    card: Card,
}

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    let image = Image::open(&args.image)?;
    let stop = interrupt::flag()?;
    let mut flash = Flash::open(&args.card.card)?;
    flash.takes(&image.manifest, image.bytes.len(), true)?;
    let mut show = Show::new(args.card.json);
    let verified = flash.verify(&image.bytes, stop, &mut |event| show.event(event));
    let seconds = show.close();
    verified?;
    if args.card.json {
        let object = json!({ "card": card(&flash), "verified": true, "bytes": image.bytes.len(), "seconds": seconds });
        say!("{object:#}");
    } else {
        say!("the slot of {} holds {}: {} bytes are the same", flash.address(), image.manifest.name, image.bytes.len());
    }
    Ok(ExitCode::SUCCESS)
}
