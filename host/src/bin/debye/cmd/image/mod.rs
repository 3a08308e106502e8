//! `debye image`

mod inspect;
mod pack;
mod verify;

use super::Outcome;
use crate::out::say;
use clap::{Args as ClapArgs, Subcommand};

/// Images for FPGAs.
#[derive(ClapArgs)]
#[command(arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the manifest of an image beside it: what it is for, what is in it, what made it.
    Pack(pack::Args),
    /// Tell all that there is to say of an image, with or without a manifest.
    Inspect(inspect::Args),
    /// Hold an image against its manifest and its board; fails by the name of what does not match.
    Verify(verify::Args),
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    match args.command {
        Command::Pack(args) => pack::run(args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Verify(args) => verify::run(&args),
    }
}

/// Prints names and values.
fn print(lines: &[(&str, String)]) {
    for (name, value) in lines {
        say!("{name:<10}{value}");
    }
}
