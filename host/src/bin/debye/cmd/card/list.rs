//! `debye card list`

use crate::cmd::Outcome;
use crate::cmd::text::Table;
use crate::out::say;
use clap::Args as ClapArgs;
use debye::card::Card;
use debye::transport::{CardAddress, Found, System, memory_lock_limit};
use serde_json::json;
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// A card, and whether it can be used.
struct Listed {
    found: Found,
    address: String,
    state: Result<String, String>,
}

fn look(found: Found) -> Listed {
    let address = CardAddress::Vfio(found.function.clone());
    let state = Card::open(&address).map_err(|error| error.to_string()).map(|card| {
        let core = card.capabilities;
        format!("ready: {} lanes, {} bins, build {:08x}", core.lanes, core.max_bins, card.build)
    });
    Listed { found, address: address.to_string(), state }
}

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    let cards: Vec<Listed> = System::default().scan().into_iter().map(look).collect();
    let limit = memory_lock_limit();
    if args.json {
        let cards: Vec<_> = cards
            .iter()
            .map(|card| {
                json!({
                    "address": card.address,
                    "driver": card.found.driver,
                    "iommu_group": card.found.group,
                    "numa_node": card.found.node,
                    "usable": card.state.is_ok(),
                    "state": card.state.as_ref().unwrap_or_else(|error| error),
                })
            })
            .collect();
        say!("{:#}", json!({ "cards": cards, "locked_memory_limit": limit }));
        return Ok(ExitCode::SUCCESS);
    }
    if cards.is_empty() {
        say!("no card is in this machine (a simulated one: `debye card serve --socket SOCKET`)");
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new(&["card", "driver", "group", "node"]);
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".into());
    for card in &cards {
        let node = card.found.node.map_or("-".into(), |node| node.to_string());
        table.row([card.address.clone(), or_none(&card.found.driver), or_none(&card.found.group), node]);
    }
    table.print();
    for card in &cards {
        match &card.state {
            Ok(state) => say!("  {}: {state}", card.address),
            Err(error) => say!("  {}: not usable: {error}", card.address),
        }
    }
    if let Some(limit) = limit {
        say!("  note: this user may lock {limit} bytes of memory; see docs/deployment.md");
    }
    Ok(ExitCode::SUCCESS)
}
