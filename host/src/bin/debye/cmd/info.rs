//! `debye info`

use super::Outcome;
use clap::Args as ClapArgs;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: Args) -> Outcome {
    Err("not built yet".into())
}
