//! `debye decompress`

use super::Outcome;
use super::compress_args::{Common, recode};
use clap::Args as ClapArgs;
use debye::recode::Task;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    #[command(flatten)]
    common: Common,
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    recode(args.common, Task::Decompress, &[], false)
}
