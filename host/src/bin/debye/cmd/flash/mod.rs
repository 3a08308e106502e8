//! `debye flash`: images into cards.

mod backup;
mod show;
mod status;
mod verify;
mod write;

use super::Outcome;
use clap::{Args as ClapArgs, Subcommand};
use debye::transport::CardAddress;

/// Write an image into a card's update slot, so that the card comes up with a whole image whatever happens meanwhile.
#[derive(ClapArgs)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true, subcommand_negates_reqs = true,
          after_help = AFTER)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    write: Option<write::WriteArgs>,
}

const AFTER: &str = "\
The slot is read and backed up; its guard is closed, which sends the FPGA to its golden image; sectors are erased, pages \
programmed, everything is read back; then the guard is opened. Nothing outside the slot is touched. If it ends in the \
middle, `debye flash status` says how far it came and `debye flash recover` finishes it.

The exit code is 0 only when the slot holds the image, byte for byte.";

#[derive(Subcommand)]
enum Command {
    /// Write what a card's slot holds into a file that can be flashed again.
    Backup(backup::Args),
    /// Hold what a card's slot holds against an image.
    Verify(verify::Args),
    /// Finish writing an image that ended in the middle.
    Recover(write::WriteArgs),
    /// Tell what a card's slot holds, and what became of the last try to write it.
    Status(status::Args),
}

/// Which card.
#[derive(ClapArgs)]
pub struct Card {
    /// The card: vfio:0000:65:00.0 or vfio-user:SOCKET
    #[arg(long, value_name = "ADDR")]
    card: CardAddress,
    /// Which part of its flash
    #[arg(long, value_enum, default_value_t = Slot::Update)]
    slot: Slot,
    /// Print one JSON object on standard output, no progress
    #[arg(long)]
    json: bool,
}

/// Slots. The golden image is no choice: it is never written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Slot {
    /// What the golden image sends the FPGA to.
    Update,
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    match (args.command, args.write) {
        (Some(Command::Backup(args)), _) => backup::run(&args),
        (Some(Command::Verify(args)), _) => verify::run(&args),
        (Some(Command::Recover(args)), _) => write::run(&args, true),
        (Some(Command::Status(args)), _) => status::run(&args),
        (None, Some(args)) => write::run(&args, false),
        (None, None) => Err("name an image, or one of backup, verify, recover, status".into()),
    }
}
