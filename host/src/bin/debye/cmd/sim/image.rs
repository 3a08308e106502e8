//! `debye sim image`

use crate::cmd::{Outcome, command_line};
use crate::out::say;
use clap::Args as ClapArgs;
use debye::beside::Beside;
use debye::bitstream::{Order, pack};
use debye_sim::device::Device;
use debye_sim::device::flash::image;
use debye_sim::device::functional::{Build, FunctionalCard};
use debye_spec::board::{BOARDS, Board, Family};
use debye_spec::manifest::{Abilities, Kind, RegisterMap, Tool};
use debye_spec::registers::{Capabilities, register};
use debye_spec::ring_map::{EncodeCapabilities, RingCapabilities, ring_register};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Make an image without a design in it, to try flashing on a simulated card.
#[derive(ClapArgs)]
#[command(
    after_help = "Configuration packets, data out of a seed, and their CRC: the configuration logic of `debye card serve \
                        --board` boots it; an FPGA must not be given it."
)]
pub struct ImageArgs {
    /// Board that it is for
    #[arg(long, value_name = "BOARD", value_parser = ultrascale)]
    board: &'static Board,

    /// File to write, NAME.bin; its manifest gets NAME.bin.toml
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// KiB of data
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65536), default_value = "256")]
    kib: u32,

    /// Seed of the data, and what the card's register `build` reads when it runs
    #[arg(long, value_name = "N", default_value = "1")]
    build: u32,

    /// Replace files that exist
    #[arg(long)]
    overwrite: bool,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn ultrascale(name: &str) -> Result<&'static Board, String> {
    let fits = |board: &&Board| board.family == Family::UltraScalePlus;
    BOARDS.iter().filter(fits).find(|board| board.name == name).ok_or_else(|| {
        let names: Vec<_> = BOARDS.iter().filter(fits).map(|board| board.name).collect();
        format!("give one of {}", names.join(", "))
    })
}

/// What a simulated card can do, as its registers say.
fn abilities() -> Abilities {
    let mut card = FunctionalCard::new(Build { encoders: 1, ..Build::default() });
    let mut read =
        |name: &str| register(name).or(ring_register(name)).map_or(u32::MAX, |register| card.read(register.offset));
    let core = Capabilities::from_registers(read("capabilities"), read("max_bins"));
    let rings = RingCapabilities::from_register(read("ring_capabilities"));
    let encode = EncodeCapabilities::from_register(read("encode_capabilities"));
    Abilities::new(&core, Some(&rings), Some(&encode))
}

/// Runs the command.
pub fn run(args: &ImageArgs) -> Outcome {
    let bytes = image::update(args.board, args.build, args.kib as usize * 256, args.build.into());
    Beside::filled(&args.output, args.overwrite, |out| out.write_all(&bytes))?.commit()?;
    let order = Order {
        name: None,
        board: args.board,
        kind: Kind::Card,
        commit: Some(format!("{:08x}", args.build)),
        clock_mhz: Some(250.0),
        rebuild: Some(command_line()),
        registers: Some(RegisterMap::ours()),
        capabilities: Some(abilities()),
        tools: vec![Tool { name: "debye".into(), version: env!("CARGO_PKG_VERSION").into() }],
    };
    let (manifest, about) = pack(&args.output, order, args.overwrite)?;
    let sha256 = manifest.image.sha256;
    if args.json {
        say!(
            "{:#}",
            json!({ "path": args.output, "manifest": about, "bytes": bytes.len(), "sha256": sha256.to_string() })
        );
    } else {
        say!("{} ({} bytes) and {}: no design is in it", args.output.display(), bytes.len(), about.display());
    }
    Ok(ExitCode::SUCCESS)
}
