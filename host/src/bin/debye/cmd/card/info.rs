//! `debye card info`

use crate::cmd::Outcome;
use crate::cmd::text::bytes;
use crate::out::say;
use clap::Args as ClapArgs;
use debye::card::Card;
use debye::transport::CardAddress;
use debye_spec::Element;
use debye_spec::registers::{MAP_VERSION, map_hash};
use debye_spec::rings::{Kind, kind_bit};
use serde_json::json;
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    /// vfio:0000:65:00.0, vfio-user:SOCKET or sim:spec
    #[arg(value_name = "ADDR")]
    card: CardAddress,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    let mut card = Card::open(&args.card)?;
    let snapshot = card.snapshot()?;
    let (core, rings, pci) = (card.capabilities, card.rings, card.identity());
    let elements: Vec<&str> =
        Element::ALL.into_iter().filter(|&element| core.takes(element)).map(Element::name).collect();
    let kinds: Vec<String> = Kind::ALL
        .into_iter()
        .filter(|&kind| rings.kinds & kind_bit(kind) != 0)
        .map(|kind| format!("{kind:?}"))
        .collect();
    let vectors = card.transport().vectors();
    if args.json {
        let object = json!({
            "address": card.address(),
            "pci": format!("{:04x}:{:04x}", pci.vendor, pci.device),
            "subsystem": format!("{:04x}:{:04x}", pci.subsystem_vendor, pci.subsystem),
            "build": format!("{:08x}", card.build),
            "map_version": MAP_VERSION,
            "map_hash": format!("{:08x}", map_hash()),
            "lanes": core.lanes,
            "groups": core.groups,
            "block_bytes": card.block_bytes(),
            "max_bins": core.max_bins,
            "elements": elements,
            "queues": rings.queues,
            "flights": 1u64 << rings.flights_log2,
            "kinds": kinds,
            "encoder_lanes": card.encodes.map_or(0, |encodes| encodes.lanes),
            "encoder_block_bytes": card.encodes.map(|encodes| 1u64 << encodes.block_log2),
            "table_memory": 1u64 << rings.memory_log2,
            "vectors": vectors,
            "counters": snapshot,
        });
        say!("{object:#}");
        return Ok(ExitCode::SUCCESS);
    }
    say!("{}: build {:08x}, register map version {MAP_VERSION} ({:08x})", card.address(), card.build, map_hash());
    say!(
        "  pci      {:04x}:{:04x}, subsystem {:04x}:{:04x}",
        pci.vendor,
        pci.device,
        pci.subsystem_vendor,
        pci.subsystem
    );
    say!(
        "  core     {} lane(s) in {} group(s), blocks to {}, {} bins, {}",
        core.lanes,
        core.groups,
        bytes(card.block_bytes() as u64),
        core.max_bins,
        elements.join(" ")
    );
    say!(
        "  rings    {} queue(s), {} frames in flight, {vectors} interrupt vector(s), {}",
        rings.queues,
        1u64 << rings.flights_log2,
        kinds.join(" ")
    );
    match card.encodes {
        Some(encodes) => {
            say!("  encoder  {} lane(s), blocks of {}", encodes.lanes, bytes(1 << encodes.block_log2));
        }
        None => say!("  encoder  none"),
    }
    say!("  table    {} of memory", bytes(1 << rings.memory_log2));
    say!(
        "  counts   {} frames accepted, {} done, {} completions, {} interrupts, {} DMA faults, {} table faults",
        snapshot.frames_accepted,
        snapshot.frames_done,
        snapshot.completions,
        snapshot.interrupts,
        snapshot.dma_faults,
        snapshot.table_faults
    );
    Ok(ExitCode::SUCCESS)
}
