//! Arguments of `debye report`.

use super::compare::CompareArgs;
use crate::cmd::arguments::{Frames, count, frames, number};
use crate::cmd::card_args::CardArgs;
use crate::cmd::table_args::{Geometry, Pixels};
use clap::{Arg, Args as ClapArgs, Subcommand, ValueEnum, value_parser};
use debye::lossy::Chain;
use debye::metrics::card_rates::CardRates;
use debye::metrics::codecs::Codec;
use debye::report::PlanningWish;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Measure what compression and reduction of a data set cost, or compare two reports.
#[derive(ClapArgs)]
#[command(allow_negative_numbers = true, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(
    after_help = "REPORT/ then holds report.html (one page that needs nothing else), report.json and report.csv. A run that was \
                        stopped is taken up by the same command.\n\n\
                        Exit code: 0 done; 1 failed, or engines differ, or pixels did not come back (the report tells); 2 wrong usage; \
                        3 done, but frames could not be read; 130 stopped by Ctrl-C."
)]
// A report does without a geometry.
#[command(mut_arg("poni", |_| {
    Arg::new("poni").long("poni").value_name("FILE").value_parser(value_parser!(PathBuf))
        .help("PONI file (pyFAI), any version [default: no geometry, and what needs one is not run]")
        .help_heading("Geometry and bins")
}))]
pub struct Args {
    #[command(subcommand)]
    pub command: Option<Command>,

    #[command(flatten)]
    pub report: ReportArgs,
}

/// What else there is.
#[derive(Subcommand)]
pub enum Command {
    /// Hold a report against an earlier one: exit code 1 where something is worse than may be
    Compare(CompareArgs),
}

/// Arguments of a report.
#[derive(ClapArgs)]
pub struct ReportArgs {
    /// HDF5 file: an Eiger master, a data file, a virtual data set, ...
    #[arg(required = true)]
    input: Option<PathBuf>,

    /// Folder of the report; it is made if it is not there
    #[arg(short, long, value_name = "REPORT", required = true, help_heading = "Output")]
    output: Option<PathBuf>,

    /// Data set in INPUT [default: searched for, /entry/data/data first]
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    pub dataset: Option<String>,

    /// Frames that the report is about: 7, 2..5 (2, 3 and 4), 2.. or ..5
    #[arg(long, value_name = "A..B", value_parser = frames, default_value = "..", hide_default_value = true,
          help_heading = "Input")]
    pub frames: Frames,

    /// Of those, at most so many, evenly spread
    #[arg(long, value_name = "N", value_parser = count::<NonZeroUsize>, default_value = "100", help_heading = "Input")]
    pub most: NonZeroUsize,

    #[command(flatten)]
    pub geometry: Geometry,

    #[command(flatten)]
    pub pixels: Pixels,

    /// Lossless codecs: bslz4, bslz4-liblz4, bszstd, zstd, lz4, gzip; a level follows a colon, as in zstd:9
    #[arg(long, value_name = "CODEC", value_delimiter = ',', default_values_t = Codec::USUAL, hide_default_value = true,
          help_heading = "What is measured")]
    pub codecs: Vec<Codec>,

    /// Lossy operations: threshold:N, sqrt:N, truncate:BITS, bin:FRAMES; joined by +, as in bin:4+sqrt:0.5
    #[arg(long, value_name = "OPERATION", value_delimiter = ',', help_heading = "What is measured")]
    pub lossy: Vec<Chain>,

    /// Techniques that judge lossy operations: powder, saxs, mx, xpcs, imaging, spectroscopy
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "What is measured")]
    pub technique: Vec<String>,

    /// What is acceptable, as in powder.chi2_reduced=0.2; may be given several times
    #[arg(long, value_name = "TECHNIQUE.DELTA=NUMBER", help_heading = "What is measured")]
    pub limit: Vec<String>,

    /// What techniques are told, in a JSON file: peaks, rois, rings, line, ...
    #[arg(long, value_name = "FILE", help_heading = "What is measured")]
    pub settings: Option<PathBuf>,

    /// Seconds from frame to frame [default: the file's frame_time]
    #[arg(long, value_name = "SECONDS", value_parser = number, help_heading = "What is measured")]
    pub frame_time: Option<f64>,

    /// Consecutive frames that lossy operations are tried on
    #[arg(long, value_name = "N", value_parser = count::<NonZeroUsize>, default_value = "32", help_heading = "What is measured")]
    pub lossy_frames: NonZeroUsize,

    /// Engines that are held against each other: cpu, spec, hdl, verilator, card
    #[arg(
        long,
        value_enum,
        value_name = "ENGINE",
        value_delimiter = ',',
        default_value = "spec,cpu",
        hide_possible_values = true,
        help_heading = "What is measured"
    )]
    pub engines: Vec<EngineName>,

    /// Frames that every engine does
    #[arg(long, value_name = "N", value_parser = count::<NonZeroUsize>, default_value = "2", help_heading = "What is measured")]
    pub engine_frames: NonZeroUsize,

    /// Threads [default: as many as the machine offers]
    #[arg(long, value_name = "T", value_parser = count::<NonZeroUsize>, help_heading = "What is measured")]
    pub threads: Option<NonZeroUsize>,

    /// How long each rate is measured
    #[arg(long, value_name = "SECONDS", value_parser = number, default_value = "0.5", help_heading = "What is measured")]
    pub seconds: f64,

    #[command(flatten)]
    pub planning: PlanningArgs,

    #[command(flatten)]
    pub card: CardArgs,

    /// Replace a report that is there
    #[arg(long, help_heading = "Output")]
    pub overwrite: bool,

    /// Print the report as one JSON object
    #[arg(long, help_heading = "Output")]
    pub json: bool,

    /// No progress bar
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,
}

impl ReportArgs {
    /// Input and folder: they are there where a report is made.
    pub fn paths(&self) -> Result<(&PathBuf, &PathBuf), String> {
        self.input.as_ref().zip(self.output.as_ref()).ok_or_else(|| "INPUT and --output are needed".into())
    }
}

/// An engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// The host's own decoder and kernels
    Cpu,
    /// The definition
    Spec,
    /// A simulated card: the gateware in Rust-HDL
    Hdl,
    /// A simulated card: the emitted Verilog under Verilator
    Verilator,
    /// Cards: see --card
    Card,
}

/// What to plan for.
#[derive(ClapArgs)]
#[command(next_help_heading = "Rate planning")]
pub struct PlanningArgs {
    /// Frames a second of the detector; without it nothing is planned
    #[arg(long, value_name = "HZ", value_parser = positive)]
    detector_rate: Option<f64>,

    /// Gbit/s of a network link
    #[arg(long, value_name = "GBPS", value_parser = positive, default_value = "100")]
    link_gbps: f64,

    /// Gbit/s that a disk writes
    #[arg(long, value_name = "GBPS", value_parser = positive, default_value = "40")]
    disk_gbps: f64,

    /// Network links that there are
    #[arg(long, value_name = "N", value_parser = count::<NonZeroUsize>, default_value = "1")]
    plan_links: NonZeroUsize,

    /// Disks that there are
    #[arg(long, value_name = "N", value_parser = count::<NonZeroUsize>, default_value = "1")]
    plan_disks: NonZeroUsize,

    /// Cores that there are [default: those of this machine]
    #[arg(long, value_name = "N", value_parser = count::<NonZeroUsize>)]
    plan_cores: Option<NonZeroUsize>,

    /// Cards that there are
    #[arg(long, value_name = "N", value_parser = count::<NonZeroUsize>, default_value = "1")]
    plan_cards: NonZeroUsize,

    /// Lanes of a card
    #[arg(long, value_name = "N", value_parser = count::<NonZeroUsize>, default_value_t = lanes())]
    card_lanes: NonZeroUsize,

    /// Encoders of a card
    #[arg(long, value_name = "N", value_parser = count::<NonZeroUsize>, default_value_t = encoders())]
    card_encoders: NonZeroUsize,

    /// Clock of a card in MHz
    #[arg(long, value_name = "F", value_parser = positive, default_value_t = CardRates::default().clock_mhz)]
    card_clock_mhz: f64,

    /// Gbit/s from the host to a card
    #[arg(long, value_name = "GBPS", value_parser = positive, default_value_t = CardRates::default().pcie_gb_per_s * 8.0)]
    card_pcie_gbps: f64,
}

fn lanes() -> NonZeroUsize {
    NonZeroUsize::new(CardRates::default().lanes).unwrap_or(NonZeroUsize::MIN)
}

fn encoders() -> NonZeroUsize {
    NonZeroUsize::new(CardRates::default().encoders).unwrap_or(NonZeroUsize::MIN)
}

fn positive(text: &str) -> Result<f64, String> {
    number(text).ok().filter(|number| *number > 0.0).ok_or_else(|| "a number above 0 is needed".into())
}

impl PlanningArgs {
    /// What to plan for, if anything.
    pub fn wish(&self) -> Option<PlanningWish> {
        let here = std::thread::available_parallelism().map_or(1, usize::from);
        Some(PlanningWish {
            detector_rate: self.detector_rate?,
            link_gbps: self.link_gbps,
            disk_gbps: self.disk_gbps,
            links: self.plan_links.get(),
            disks: self.plan_disks.get(),
            cores: self.plan_cores.map_or(here, NonZeroUsize::get),
            cards: self.plan_cards.get(),
            card: CardRates {
                lanes: self.card_lanes.get(),
                encoders: self.card_encoders.get(),
                clock_mhz: self.card_clock_mhz,
                pcie_gb_per_s: self.card_pcie_gbps / 8.0,
            },
        })
    }
}
