//! `debye card`

mod info;
mod list;
mod monitor;
mod reset;
#[cfg(feature = "sim")]
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
    /// List the cards of this machine, and what keeps them from being used.
    List(list::Args),
    /// Tell what a card is and what it was built with.
    Info(info::Args),
    /// Reset a card.
    Reset(reset::Args),
    /// Watch a card's rates, stalls and queues.
    Monitor(monitor::Args),
    /// Serve a simulated card as a PCI function over vfio-user.
    #[cfg(feature = "sim")]
    Serve(serve::Args),
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    match args.command {
        Command::List(args) => list::run(&args),
        Command::Info(args) => info::run(&args),
        Command::Reset(args) => reset::run(&args),
        Command::Monitor(args) => monitor::run(&args),
        #[cfg(feature = "sim")]
        Command::Serve(args) => serve::run(&args),
    }
}
