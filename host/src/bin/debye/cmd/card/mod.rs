//! `debye card`

mod serve;

use super::Outcome;
use clap::{Args as ClapArgs, Subcommand};

/// Cards.
#[derive(ClapArgs)]
#[command(arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a simulated card as a PCI function over vfio-user.
    Serve(serve::Args),
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    match args.command {
        Command::Serve(args) => serve::run(&args),
    }
}
