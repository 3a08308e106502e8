//! Which engine a run takes, and why.

use super::args::{Args, EngineChoice};
use crate::cmd::card_args;
use debye::engine::card::{CardEngine, OnDeath};
use debye::engine::cpu::CpuEngine;
use debye::engine::{Engine, EngineError};
use debye::table::Table;
use debye::transport::CardAddress;
use debye_spec::Job;
use std::error::Error;
use std::sync::Arc;

/// An engine with its table, and why it was taken where the user left the choice.
pub struct Taken {
    /// Loaded.
    pub engine: Box<dyn Engine>,
    /// Why.
    pub reason: Option<String>,
}

/// Takes an engine and loads it.
pub fn take(args: &Args, table: &Arc<Table>, job: Job) -> Result<Taken, Box<dyn Error>> {
    let addresses = args.card.addresses();
    match args.engine {
        EngineChoice::Cpu if !args.card.cards.is_empty() => {
            Err("--card names a card, --engine cpu takes none: leave one of them out".into())
        }
        EngineChoice::Cpu => Ok(Taken { engine: cpu(args, table, job)?, reason: None }),
        EngineChoice::Card if addresses.is_empty() => Err("no card is bound to vfio-pci here: name one with --card \
                                                           (`debye card list` shows what keeps a card from being used)"
            .into()),
        EngineChoice::Card => Ok(Taken { engine: cards(args, &addresses, OnDeath::Fail, table, job)?, reason: None }),
        EngineChoice::Auto if addresses.is_empty() => {
            let reason = "no card is bound to vfio-pci and none was named".into();
            Ok(Taken { engine: cpu(args, table, job)?, reason: Some(reason) })
        }
        EngineChoice::Auto => match cards(args, &addresses, OnDeath::Continue(args.threads), table, job) {
            Ok(engine) => {
                let reason = if args.card.cards.is_empty() { "a card was found" } else { "a card was named" };
                Ok(Taken { engine, reason: Some(reason.into()) })
            }
            Err(error) => {
                tracing::warn!("the CPU is taken: {error}");
                Ok(Taken { engine: cpu(args, table, job)?, reason: Some(format!("no card can be used: {error}")) })
            }
        },
    }
}

fn cpu(args: &Args, table: &Arc<Table>, job: Job) -> Result<Box<dyn Engine>, EngineError> {
    let mut engine = CpuEngine::new(args.threads).keeping(args.output.keep());
    engine.load(table.clone(), job)?;
    Ok(Box::new(engine))
}

fn cards(
    args: &Args,
    addresses: &[CardAddress],
    on_death: OnDeath,
    table: &Arc<Table>,
    job: Job,
) -> Result<Box<dyn Engine>, Box<dyn Error>> {
    let engine = CardEngine::new(card_args::open(addresses)?, args.card.config(), on_death)?;
    let mut engine = engine.keeping(args.output.keep());
    engine.load(table.clone(), job)?;
    Ok(Box::new(engine))
}
