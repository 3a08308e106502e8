//! `debye image pack`

use super::super::Outcome;
use super::super::arguments::number;
use crate::out::say;
use clap::Args as ClapArgs;
use debye::bitstream::{Order, Report, pack, read_gateware};
use debye_spec::board::{BOARDS, Board, board};
use debye_spec::manifest::{Kind, Tool};
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    /// Image: .bit, .bin or .mcs.
    file: PathBuf,
    /// Board that it is for.
    #[arg(long, value_name = "NAME", value_parser = board_named)]
    board: &'static Board,
    /// What it is: card (a card of ours), golden (what the board falls back to), backup (read out of a card), jtag (loaded
    /// by a programmer of its own) [default: card, or jtag for a board that Debye does not flash]
    #[arg(long, value_parser = kind_named)]
    kind: Option<Kind>,
    /// What the emitter said of the card in it: hdl/gen/NAME.toml.
    #[arg(long, value_name = "FILE")]
    gateware: Option<PathBuf>,
    /// Clock of the card core.
    #[arg(long, value_name = "MHZ", value_parser = number)]
    clock: Option<f64>,
    /// Commit that it was built from, `-dirty` behind it if the sources were changed.
    #[arg(long, value_name = "HEX")]
    commit: Option<String>,
    /// A program that it was built with, and its version; once for each.
    #[arg(long = "tool", value_name = "NAME=VERSION", value_parser = tool)]
    tools: Vec<Tool>,
    /// Command that builds it anew.
    #[arg(long, value_name = "COMMAND")]
    rebuild: Option<String>,
    /// Name of the image [default: that of the file]
    #[arg(long)]
    name: Option<String>,
    /// Replace a manifest that is there.
    #[arg(long)]
    overwrite: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let gateware = args.gateware.as_deref().map(read_gateware).transpose()?;
    let (registers, capabilities) = match gateware {
        Some(gateware) => (gateware.registers, Some(gateware.capabilities)),
        None => (None, None),
    };
    let usual = if args.board.layout.is_some() { Kind::Card } else { Kind::Jtag };
    let order = Order {
        name: args.name,
        board: args.board,
        kind: args.kind.unwrap_or(usual),
        commit: args.commit,
        clock_mhz: args.clock,
        rebuild: args.rebuild,
        registers,
        capabilities,
        tools: args.tools,
    };
    let (_, written) = pack(&args.file, order, args.overwrite)?;
    let report = Report::of(&written)?;
    if args.json {
        say!("{:#}", report.json());
    } else {
        super::print(&report.lines());
    }
    Ok(ExitCode::SUCCESS)
}

fn board_named(name: &str) -> Result<&'static Board, String> {
    let names = || BOARDS.iter().map(|board| board.name).collect::<Vec<_>>().join(", ");
    board(name).ok_or_else(|| format!("boards: {}", names()))
}

fn kind_named(name: &str) -> Result<Kind, String> {
    let names = || Kind::ALL.map(Kind::name).join(", ");
    Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| format!("kinds: {}", names()))
}

fn tool(text: &str) -> Result<Tool, String> {
    let (name, version) = text.split_once('=').ok_or("NAME=VERSION is needed, such as vivado=2023.2")?;
    Ok(Tool { name: name.trim().into(), version: version.trim().into() })
}
