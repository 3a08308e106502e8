//! Arguments of `debye integrate`.

use crate::cmd::arguments::{Frames, count, frames, number};
use crate::cmd::card_args::CardArgs;
use crate::cmd::table_args::{Geometry, Pixels};
use clap::{Args as ClapArgs, ValueEnum};
use debye::engine::keep::Keep;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Integrate frames azimuthally: compressed frames in, exact I(q) out.
#[derive(ClapArgs)]
#[command(allow_negative_numbers = true)]
#[command(after_help = "Exit code: 0 done; 1 failed; 2 wrong usage; 3 done, but frames failed (see --keep-going); \
                        130 stopped by Ctrl-C or SIGTERM (what was done is in the output; with --keep-frames nothing is written).\n\n\
                        Memory: on the CPU at most 32 frames a thread, or 256 MiB of them (3 a thread in any case), and 384 results \
                        are under way, whatever the size of INPUT; with --keep-frames \
                        chunks of some 256 MiB more behind the engine and before the files; the table takes about 30 bytes a pixel.")]
pub struct Args {
    /// HDF5 file: an Eiger master, a data file, a virtual data set, ...
    pub input: PathBuf,

    /// Data set in INPUT [default: searched for, /entry/data/data first]
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    pub dataset: Option<String>,

    /// Frames to do: 7, 2..5 (2, 3 and 4), 2.. or ..5
    #[arg(long, value_name = "A..B", value_parser = frames, default_value = "..", hide_default_value = true,
          help_heading = "Input")]
    pub frames: Frames,

    /// Wait for frames of a file that is still being written (SWMR)
    #[arg(long, help_heading = "Input")]
    pub follow: bool,

    /// With --follow: end when nothing new came for so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = number, default_value_t = 30.0, requires = "follow", help_heading = "Input")]
    pub patience: f64,

    #[command(flatten)]
    pub geometry: Geometry,

    /// Save the table for later runs
    #[arg(long, value_name = "FILE", conflicts_with = "table", help_heading = "Geometry and bins")]
    pub save_table: Option<PathBuf>,

    #[command(flatten)]
    pub pixels: Pixels,

    /// auto, cpu or card: auto takes a card if one is named or found, else the CPU, and says which and why
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto, hide_possible_values = true, help_heading = "Engine")]
    pub engine: EngineChoice,

    /// Threads of the CPU engine [default: as many as the machine offers]
    #[arg(long, value_name = "T", value_parser = count::<NonZeroUsize>, help_heading = "Engine")]
    pub threads: Option<NonZeroUsize>,

    #[command(flatten)]
    pub card: CardArgs,

    #[command(flatten)]
    pub output: Output,
}

/// What is written.
#[derive(ClapArgs)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// NeXus file [default: INPUT's name with _azint.h5, here, unless --export, --plot or --json is given]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Keep the frames too, in the same pass over INPUT: an HDF5 file of bslz4 chunks (filter 32008), one a frame, as
    /// `debye compress` makes them. Cards that encode make the chunks on the way, else the CPU does; chunks that are
    /// bslz4 already are copied. This file and the other one get their names together or not at all
    #[arg(long, value_name = "FILE", conflicts_with = "follow")]
    pub keep_frames: Option<PathBuf>,

    /// With --keep-frames: do not decode each chunk that was made to compare it with the pixels
    #[arg(long, requires = "keep_frames")]
    pub no_verify: bool,

    /// Patterns as .xy or .csv
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,

    /// Plot of the mean pattern as .png or .svg
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,

    /// Mark a calibrant's rings in the plot: CeO2, LaB6, Si, AgBh, ...
    #[arg(long, value_name = "CALIBRANT", requires = "plot")]
    pub rings: Option<String>,

    /// Logarithmic intensity in the plot
    #[arg(long, requires = "plot")]
    pub log: bool,

    /// Replace files that exist
    #[arg(long)]
    pub overwrite: bool,

    /// Frames that fail are fine: exit with 0
    #[arg(long)]
    pub keep_going: bool,

    /// Print one JSON object in place of the summary
    #[arg(long)]
    pub json: bool,

    /// No progress bar
    #[arg(short, long)]
    pub quiet: bool,
}

impl Output {
    /// How chunks are kept, if they are.
    pub fn keep(&self) -> Option<Keep> {
        self.keep_frames.is_some().then_some(Keep { verify: !self.no_verify })
    }
}

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EngineChoice {
    /// The best that is there.
    Auto,
    /// The CPU.
    Cpu,
    /// Cards, and nothing else: a card that dies ends the run.
    Card,
}
