//! The engines of a report, by name.

use super::args::{EngineName, ReportArgs};
use crate::cmd::card_args;
use debye::engine::card::{CardEngine, OnDeath};
use debye::engine::cpu::CpuEngine;
use debye::report::{Contender, Maker, Way};
use std::error::Error;
use std::num::NonZeroUsize;

/// The ways that were asked for, the definition before all others: they are compared with the first.
pub fn contenders(args: &ReportArgs) -> Result<Vec<Contender>, Box<dyn Error>> {
    let mut names = args.engines.clone();
    names.sort_by_key(|name| *name != EngineName::Spec);
    names.dedup();
    let mut contenders = Vec::new();
    for name in names {
        let (name, way) = match name {
            EngineName::Spec => ("spec", Way::Spec),
            EngineName::Cpu => ("cpu", Way::Engine(cpu(args.threads))),
            EngineName::Card => ("card", Way::Engine(cards(args))),
            EngineName::Hdl => ("hdl", Way::Engine(simulated("hdl")?)),
            EngineName::Verilator => ("verilator", Way::Engine(simulated("verilator")?)),
        };
        contenders.push(Contender { name: name.into(), way });
    }
    Ok(contenders)
}

fn cpu(threads: Option<NonZeroUsize>) -> Maker {
    Box::new(move || Ok(Box::new(CpuEngine::new(threads))))
}

fn cards(args: &ReportArgs) -> Maker {
    let (addresses, config) = (args.card.addresses(), args.card.config());
    Box::new(move || {
        if addresses.is_empty() {
            return Err("no card is bound to vfio-pci here: name one with --card".into());
        }
        let cards = card_args::open(&addresses).map_err(|error| error.to_string())?;
        let engine = CardEngine::new(cards, config, OnDeath::Fail).map_err(|error| error.to_string())?;
        Ok(Box::new(engine))
    })
}

#[cfg(feature = "sim")]
fn simulated(name: &str) -> Result<Maker, Box<dyn Error>> {
    use debye::engine::sim::SimEngine;
    use debye_sim::designs::Simulator;
    use debye_sim::model::Config;
    use debye_sim::models::{self, ModelKind};
    let simulator = if name == "hdl" { Simulator::Hdl } else { Simulator::Verilator };
    Ok(Box::new(move || {
        let model = models::card(ModelKind::Gateware(simulator), Config::default(), None);
        let model = model.map_err(|error| error.to_string())?;
        Ok(Box::new(SimEngine::new(model, Box::new(|_| {}))))
    }))
}

#[cfg(not(feature = "sim"))]
fn simulated(name: &str) -> Result<Maker, Box<dyn Error>> {
    Err(format!("--engines {name}: this program was built without simulated cards (feature `sim`)").into())
}
