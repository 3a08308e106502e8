//! `debye decompress`

use super::Outcome;
use super::compress_args::{Common, Encoding, recode};
use super::compress_engine::Engine;
use clap::Args as ClapArgs;
use debye::recode::Task;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// auto or cpu. Cards, real or simulated, decode only to integrate: they give no pixels back
    #[arg(long, value_enum, default_value_t = Engine::Auto, hide_possible_values = true)]
    engine: Engine,
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    if matches!(args.engine, Engine::Card | Engine::Sim) {
        return Err(
            "a card, real or simulated, decodes only to integrate and gives no pixels back: use --engine cpu".into()
        );
    }
    let said = vec![("engine", "cpu".into())];
    recode(args.common, Task::Decompress, Encoding { said, ..Encoding::default() }, false)
}
