//! The command `debye`.

mod cmd;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Azimuthal integration of bitshuffle-LZ4 detector frames, exact to the bit.
#[derive(Parser)]
#[command(version, about, max_term_width = 110, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome: cmd::Outcome = match cli.command {};
    #[allow(unreachable_code)]
    outcome.unwrap_or_else(|failure| cmd::report(&failure))
}
