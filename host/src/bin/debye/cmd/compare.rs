//! `debye compare`

use super::arguments::{Frames, frames};
use super::card_args::CardArgs;
use super::prepare::{Prepared, prepare};
use super::table_args::{Geometry, Pixels};
use super::targets::{self, Named};
use super::text::bytes;
use super::{INTERRUPTED, Outcome, interrupt};
use crate::out::say;
use clap::Args as ClapArgs;
use debye::beside::Beside;
use debye::card::Card;
use debye::compare::{Compared, Cpu, Definition, Finding, Lane, OnCard, OnSerial, Side, around, compare};
use debye::serial::{ParseSerialError, SerialAddress};
use debye::source::{self, SourceInfo};
use debye::table::Table;
use debye_sim::designs::{self, Simulator};
use debye_sim::model::{Config, Shape};
use debye_sim::waves::Waves;
use debye_spec::Job;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;

/// Hold two ways of integrating against each other, bit for bit, stage by stage.
#[derive(ClapArgs)]
#[command(allow_negative_numbers = true)]
#[command(
    after_help = "Sides: cpu, the host's own decoder and kernel; spec, the definition; hdl, a lane of the gateware in \
                        Rust-HDL; verilator, a lane of the emitted Verilog under Verilator; card, a card (see --card); \
                        serial:/dev/ttyUSB0 or serial:/dev/ttyUSB0@BAUD, a card behind a UART (1000000 baud if left \
                        out). What passes between the stages of a card is not seen.\n\n\
                        Exit code: 0 equal; 1 different (the first difference is told), or failed; 2 wrong usage; \
                        130 stopped by Ctrl-C."
)]
pub struct Args {
    /// HDF5 file: an Eiger master, a data file, a virtual data set, ...
    input: PathBuf,

    /// One side: cpu, spec, hdl, verilator, card, or serial:TERMINAL[@BAUD]; see below
    #[arg(long, value_name = "WAY", default_value = "cpu", help_heading = "Sides")]
    a: Way,

    /// The other side
    #[arg(long, value_name = "WAY", help_heading = "Sides")]
    b: Way,

    /// Stall every stream of a model at random, from this seed
    #[arg(long, value_name = "S", help_heading = "Sides")]
    stall_seed: Option<u64>,

    #[command(flatten)]
    card: CardArgs,

    /// Data set in INPUT [default: searched for, /entry/data/data first]
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    dataset: Option<String>,

    /// Frames to compare: 7, 2..5 (2, 3 and 4), 2.. or ..5
    #[arg(long, value_name = "A..B", value_parser = frames, default_value = "..", hide_default_value = true,
          help_heading = "Input")]
    frames: Frames,

    #[command(flatten)]
    geometry: Geometry,

    #[command(flatten)]
    pixels: Pixels,

    /// Waves of the model around the first difference, as a VCD file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    vcd_around: Option<PathBuf>,

    /// Replace files that exist
    #[arg(long, help_heading = "Output")]
    overwrite: bool,

    /// Print one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,

    /// No progress bar
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,
}

/// A way from chunk to bins.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    /// The host's own decoder and kernel.
    Cpu,
    /// The definition.
    Spec,
    /// A lane of the gateware in Rust-HDL.
    Hdl,
    /// A lane of the emitted Verilog under Verilator.
    Verilator,
    /// A card: see --card.
    Card,
    /// A card behind a UART.
    Serial(SerialAddress),
}

impl FromStr for Way {
    type Err = String;

    fn from_str(text: &str) -> Result<Way, String> {
        match text {
            "cpu" => Ok(Way::Cpu),
            "spec" => Ok(Way::Spec),
            "hdl" => Ok(Way::Hdl),
            "verilator" => Ok(Way::Verilator),
            "card" => Ok(Way::Card),
            _ if text.starts_with("serial") => {
                text.parse().map(Way::Serial).map_err(|error: ParseSerialError| error.to_string())
            }
            _ => Err("give cpu, spec, hdl, verilator, card or serial:TERMINAL[@BAUD]".into()),
        }
    }
}

impl Way {
    fn has_clock(&self) -> bool {
        matches!(self, Way::Hdl | Way::Verilator)
    }
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let stop = interrupt::flag()?;
    let mut source = source::open(&args.input, args.dataset.as_deref())?;
    let info = source.info().clone();
    let frames = args.frames.within(source.frames())?;
    let named = Named { input: &args.input, geometry: &args.geometry, pixels: &args.pixels };
    targets::check(&info, &named, &[args.vcd_around.as_deref()])?;
    if let Some(path) = &args.vcd_around {
        if !args.a.has_clock() && !args.b.has_clock() {
            return Err("--vcd-around needs a side with a clock: hdl or verilator".into());
        }
        drop(Beside::create(path, args.overwrite)?);
    }
    let Prepared { table, job, .. } = prepare(&args.geometry, &args.pixels, &info)?;

    let bar = bar(frames.len(), args.quiet);
    let mut hold = |waves: Option<&Waves>| -> Result<([String; 2], Finding), Box<dyn Error>> {
        let mut a = side(&args.a, &args, &table, job, waves.filter(|_| args.a.has_clock()))?;
        let mut b = side(&args.b, &args, &table, job, waves.filter(|_| !args.a.has_clock()))?;
        let finding = compare(&mut *source, frames.clone(), &job, [&mut *a, &mut *b], stop, &mut |beat| {
            bar.set_position(beat.frames as u64);
            if beat.cycle > 0 {
                bar.set_message(format!("{:.2} Mcycles", beat.cycle as f64 / 1e6));
            }
        })?;
        if let Some(waves) = waves {
            [&mut a, &mut b].into_iter().try_for_each(|side| side.run_on(waves.cycles.end))?;
        }
        Ok(([a.describe(), b.describe()], finding))
    };
    let (sides, finding) = hold(None)?;
    let cycle = finding.difference.as_ref().and_then(|difference| difference.cycle);
    let waves = args.vcd_around.clone().zip(cycle).map(|(path, cycle)| Waves::new(path, around(cycle)));
    if let Some(waves) = &waves {
        // A model does the same thing again.
        hold(Some(waves))?;
    }
    bar.finish_and_clear();
    if let Some(failure) = waves.as_ref().and_then(Waves::failure) {
        return Err(format!("{}: {failure}", args.vcd_around.unwrap_or_default().display()).into());
    }
    let Compared { frames: compared, refused, .. } = &finding.compared;
    if *compared == 0 && !refused.is_empty() && finding.difference.is_none() {
        let most = Shape::default().block_bytes();
        return Err(
            format!("nothing was compared: the blocks of all frames are larger than a lane's {most} bytes").into()
        );
    }

    if args.json {
        say!("{:#}", as_json(&args, &info, &table, &sides, &finding));
    } else {
        print(&info, &sides, &finding);
        if let Some(waves) = &waves {
            say!("  written  {}: cycles {}..{}", waves.path.display(), waves.cycles.start, waves.cycles.end);
        }
    }
    Ok(match (&finding.difference, finding.interrupted) {
        (Some(_), _) => ExitCode::FAILURE,
        (None, true) => ExitCode::from(INTERRUPTED),
        (None, false) => ExitCode::SUCCESS,
    })
}

fn side(
    way: &Way,
    args: &Args,
    table: &Arc<Table>,
    job: Job,
    waves: Option<&Waves>,
) -> Result<Box<dyn Side>, Box<dyn Error>> {
    let simulator = match way {
        Way::Cpu => return Ok(Box::new(Cpu::new(table.clone(), job))),
        Way::Spec => return Ok(Box::new(Definition::new(table.clone(), job))),
        Way::Card => {
            let address = args.card.addresses().into_iter().next();
            let address = address.ok_or("no card is bound to vfio-pci here: name one with --card")?;
            return Ok(Box::new(OnCard::new(Card::open(&address)?, args.card.config(), table, job)?));
        }
        Way::Serial(address) => {
            return Ok(Box::new(OnSerial::new(address, args.card.card_timeout, table, job)?));
        }
        Way::Hdl => Simulator::Hdl,
        Way::Verilator => Simulator::Verilator,
    };
    let config = Config { stall_seed: args.stall_seed, ..Config::default() };
    let pins = designs::lane(simulator, &config, waves, None)?;
    let stalls = args.stall_seed.map_or(String::new(), |seed| format!(", stalls from seed {seed}"));
    let description = format!("{}, one lane{stalls}", simulator.name());
    Ok(Box::new(Lane::new(pins, description, config, table, job)?))
}

fn bar(frames: usize, quiet: bool) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(frames as u64), ProgressDrawTarget::stderr_with_hz(10));
    if quiet {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} frames  {msg}  {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn print(info: &SourceInfo, [a, b]: &[String; 2], finding: &Finding) {
    let Finding { difference, compared, interrupted } = finding;
    let stopped = if *interrupted { ", stopped by Ctrl-C" } else { "" };
    match difference {
        Some(difference) => say!("different in {difference}"),
        None => say!("equal in {} frame(s){stopped}", compared.frames),
    }
    say!(
        "  input    {} {}: {} x {} {}, {}",
        info.file.display(),
        info.dataset,
        info.shape[0],
        info.shape[1],
        info.dtype,
        info.filter
    );
    say!("  a        {a}");
    say!("  b        {b}");
    let Compared { blocks, bins, groups, .. } = compared;
    let before = if difference.is_some() { " before, in whole frames" } else { "" };
    if *blocks == 0 {
        say!("  equal    {bins} bins, {groups} groups with invalid pixels{before}; between stages nothing is seen");
    } else {
        say!(
            "  equal    {blocks} blocks ({} of LZ4 data, {} of planes, {} of pixels), {bins} bins, {groups} groups with \
         invalid pixels{before}",
            bytes(compared.block_bytes),
            bytes(compared.plane_bytes),
            bytes(compared.pixel_bytes),
        );
    }
    if compared.failed > 0 {
        say!("  note     {} frame(s) failed, in the same way on both sides", compared.failed);
    }
    if compared.compressed > 0 {
        say!("  note     {} frame(s) were compressed first: they are not bslz4", compared.compressed);
    }
    if !compared.refused.is_empty() {
        say!("  note     {} frame(s) were not compared: a lane's blocks are too small", compared.refused.len());
    }
}

fn as_json(args: &Args, info: &SourceInfo, table: &Table, [a, b]: &[String; 2], finding: &Finding) -> Value {
    json!({
        "version": debye::VERSION,
        "input": info.file,
        "dataset": info.dataset,
        "table_sha256": table.hash_hex(),
        "a": a,
        "b": b,
        "stall_seed": args.stall_seed,
        "equal": finding.difference.is_none(),
        "difference": finding.difference,
        "compared": finding.compared,
        "interrupted": finding.interrupted,
    })
}
