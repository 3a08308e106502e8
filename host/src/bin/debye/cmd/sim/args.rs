//! Arguments of `debye sim`, and those that it shares with `debye compare`.

use crate::cmd::arguments::{Frames, count, frames};
use crate::cmd::table_args::{Geometry, Pixels};
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use debye::beside::Beside;
use debye_sim::designs::Simulator;
use debye_sim::model::{Config, Shape};
use debye_sim::models::ModelKind;
use debye_sim::waves::Waves;
use std::error::Error;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;

/// Run frames through a simulated card.
#[derive(ClapArgs)]
#[command(arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

/// What to do with the simulated card.
#[derive(Subcommand)]
pub enum Command {
    /// Run real frames through a model of the card and count cycles.
    Run(Box<RunArgs>),
    /// Make an image without a design in it, to try flashing on a simulated card.
    Image(super::image::ImageArgs),
    /// Serve the card behind a UART at a pseudo-terminal, simulated down to the bits of its line.
    Serial(SerialArgs),
}

/// Run real frames through a model of the card and count cycles.
#[derive(ClapArgs)]
#[command(allow_negative_numbers = true)]
#[command(after_help = "Exit code: 0 done; 1 failed; 2 wrong usage; 3 done, but frames failed (see --keep-going); \
                        130 stopped by Ctrl-C.")]
pub struct RunArgs {
    /// HDF5 file: an Eiger master, a data file, a virtual data set, ...
    pub input: PathBuf,

    /// Data set in INPUT [default: searched for, /entry/data/data first]
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    pub dataset: Option<String>,

    /// Frames to do: 7, 2..5 (2, 3 and 4), 2.. or ..5
    #[arg(long, value_name = "A..B", value_parser = frames, default_value = "..", hide_default_value = true,
          help_heading = "Input")]
    pub frames: Frames,

    #[command(flatten)]
    pub geometry: Geometry,

    #[command(flatten)]
    pub pixels: Pixels,

    /// Which model: the definition, the gateware in Rust-HDL, or its emitted Verilog under Verilator
    #[arg(long, value_enum, default_value_t = Model::Verilator, help_heading = "Card")]
    pub model: Model,

    /// Lanes of the card
    #[arg(long, value_name = "N", value_parser = count::<NonZeroUsize>, default_value = "1", help_heading = "Card")]
    pub lanes: NonZeroUsize,

    /// Stall every bus at random, from this seed
    #[arg(long, value_name = "S", help_heading = "Card")]
    pub stall_seed: Option<u64>,

    /// Clock at which rates are stated, in MHz
    #[arg(long, value_name = "F", value_parser = megahertz, default_value = "250", help_heading = "Card")]
    pub clock_mhz: f64,

    #[command(flatten)]
    pub waves: WaveArgs,

    /// Frames that fail are fine: exit with 0
    #[arg(long, help_heading = "Output")]
    pub keep_going: bool,

    /// Print one JSON object in place of the summary
    #[arg(long, help_heading = "Output")]
    pub json: bool,

    /// No progress bar
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,
}

/// Serve the card behind a UART at a pseudo-terminal, simulated down to the bits of its line.
#[derive(ClapArgs)]
#[command(after_help = "Tells the terminal's name and serves it until SIGTERM or Ctrl-C: `debye compare` takes it as \
                        serial:NAME. The card goes on from one program to the next, as a board does.")]
pub struct SerialArgs {
    /// Which model: the gateware in Rust-HDL, or its emitted Verilog under Verilator
    #[arg(long, value_enum, default_value_t = Clocked::Verilator, help_heading = "Card")]
    pub model: Clocked,

    /// Cycles of a bit; a board has 25
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(4..), default_value = "4",
          help_heading = "Line")]
    pub divisor: u16,

    /// Harm one byte in N on its way, in both directions; 0: none
    #[arg(long, value_name = "N", default_value = "0", help_heading = "Line")]
    pub noise: u64,

    /// Which bytes, and how
    #[arg(long, value_name = "S", default_value = "1", help_heading = "Line")]
    pub seed: u64,

    /// Print JSON objects, one a line
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// A model with a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Clocked {
    /// The gateware in Rust-HDL.
    Hdl,
    /// The emitted Verilog under Verilator.
    Verilator,
}

impl From<Clocked> for Simulator {
    fn from(model: Clocked) -> Simulator {
        match model {
            Clocked::Hdl => Simulator::Hdl,
            Clocked::Verilator => Simulator::Verilator,
        }
    }
}

/// Waves of a model with a clock.
#[derive(ClapArgs)]
#[command(next_help_heading = "Output")]
pub struct WaveArgs {
    /// Waves of all signals as a VCD file
    #[arg(long, value_name = "FILE")]
    pub vcd: Option<PathBuf>,

    /// Cycles of which waves are written
    #[arg(long, value_name = "A..B", value_parser = cycles, requires = "vcd", default_value = "0..2000")]
    pub vcd_cycles: Range<u64>,

    /// Replace files that exist
    #[arg(long)]
    pub overwrite: bool,
}

/// Which model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Model {
    /// The definition; no clock.
    Spec,
    /// The gateware in Rust-HDL.
    Hdl,
    /// The emitted Verilog under Verilator.
    Verilator,
}

impl From<Model> for ModelKind {
    fn from(model: Model) -> ModelKind {
        match model {
            Model::Spec => ModelKind::Spec,
            Model::Hdl => ModelKind::Gateware(Simulator::Hdl),
            Model::Verilator => ModelKind::Gateware(Simulator::Verilator),
        }
    }
}

impl RunArgs {
    /// The card that is asked for.
    pub fn config(&self) -> Config {
        let shape = Shape { lanes: self.lanes.get(), ..Shape::default() };
        Config { shape, stall_seed: self.stall_seed, ..Config::default() }
    }
}

impl WaveArgs {
    /// The waves that are asked for; finds out now whether they can be written.
    pub fn plan(&self, model: Model) -> Result<Option<Waves>, Box<dyn Error>> {
        let Some(path) = &self.vcd else { return Ok(None) };
        if model == Model::Spec {
            return Err("--vcd needs a model with a clock: take --model hdl or --model verilator".into());
        }
        drop(Beside::create(path, self.overwrite)?);
        Ok(Some(Waves::new(path.clone(), self.vcd_cycles.clone())))
    }
}

fn megahertz(text: &str) -> Result<f64, String> {
    let value = text.trim().parse().ok().filter(|value| (1.0..=10_000.0).contains(value));
    value.ok_or_else(|| "a clock of 1 to 10000 MHz is needed".into())
}

fn cycles(text: &str) -> Result<Range<u64>, String> {
    let wrong = || format!("{text:?} is no range of cycles, such as 1000..3000");
    let (start, end) = text.split_once("..").ok_or_else(wrong)?;
    let (start, end) = (start.trim().parse().map_err(|_| wrong())?, end.trim().parse().map_err(|_| wrong())?);
    if start < end { Ok(start..end) } else { Err(format!("the range of cycles {text} is empty")) }
}
