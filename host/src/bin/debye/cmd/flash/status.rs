//! `debye flash status`

use super::Card;
use crate::cmd::Outcome;
use crate::out::say;
use clap::Args as ClapArgs;
use debye::flash::{Flash, Guard, Status};
use debye_spec::manifest::Sha256;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
#[command(after_help = "The exit code is 0 when the slot was written to the end, 1 otherwise.")]
pub struct Args {
    #[command(flatten)]
    card: Card,
}

/// What a card is, as JSON.
pub fn card(flash: &Flash) -> Value {
    json!({
        "address": flash.address(),
        "board": flash.board.name,
        "idcode": flash.idcode.map(|idcode| format!("{idcode:#010x}")),
        "build": format!("{:#010x}", flash.build),
        "flash": flash.part.name,
        "slot": { "start": flash.slot.start, "bytes": flash.slot.bytes, "room": flash.slot.room() },
    })
}

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    let mut flash = Flash::open(&args.card.card)?;
    let status = Status::read(&mut flash)?;
    let (happened, next) = status.tells();
    if args.card.json {
        let record = status.record.map(|record| {
            json!({
                "name": record.name(),
                "length": record.length,
                "crc32": format!("{:#010x}", record.crc32),
                "sha256": Sha256(record.sha256).to_string(),
                "phase": format!("{:?}", record.phase).to_lowercase(),
            })
        });
        let object = json!({
            "card": card(&flash),
            "guard": status.guard,
            "record": record,
            "whole": status.is_whole(),
            "comes_up": status.comes_up(),
            "status_register": status.status,
            "flag_status_register": status.flags,
            "happened": happened,
            "next": next,
        });
        say!("{object:#}");
    } else {
        let part = flash.idcode.map_or("not asked for".into(), |idcode| format!("{idcode:#010x}"));
        say!("card      {} ({}, IDCODE {part}), runs build {:#010x}", flash.address(), flash.board.title, flash.build);
        let (start, end) = (flash.slot.start, flash.slot.end());
        say!("flash     {}, slot {start:#010x} to {end:#010x}", flash.part.name);
        let guard = match status.guard {
            Guard::Closed => "closed: the FPGA goes back to its golden image",
            Guard::Open => "open: the FPGA goes on to the image",
            Guard::None => "none",
        };
        say!("guard     {guard}");
        if let Some(record) = status.record {
            say!("image     {}, {} bytes, SHA-256 {}", record.name(), record.length, Sha256(record.sha256));
        }
        say!("happened  {happened}");
        say!("comes up  {}", status.comes_up());
        say!("to do     {next}");
    }
    Ok(if status.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
