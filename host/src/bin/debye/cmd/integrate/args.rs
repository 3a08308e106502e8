//! Arguments of `debye integrate`.

use crate::cmd::arguments::{Frames, count, frames, number, pair};
use clap::{Args as ClapArgs, ValueEnum};
use debye::geometry::RadialUnit;
use debye::table::Split;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

/// Integrate frames azimuthally: compressed frames in, exact I(q) out.
#[derive(ClapArgs)]
#[command(allow_negative_numbers = true)]
#[command(after_help = "Exit code: 0 done; 1 failed; 2 wrong usage; 3 done, but frames failed (see --keep-going); \
                        130 stopped by Ctrl-C or SIGTERM (what was done is in the output).")]
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

    #[command(flatten)]
    pub pixels: Pixels,

    /// auto or cpu: auto takes the best that is there and says which
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto, hide_possible_values = true, help_heading = "Engine")]
    pub engine: EngineChoice,

    /// Threads of the CPU engine [default: as many as the machine offers]
    #[arg(long, value_name = "T", value_parser = count::<NonZeroUsize>, help_heading = "Engine")]
    pub threads: Option<NonZeroUsize>,

    #[command(flatten)]
    pub output: Output,
}

/// Where the detector stands and how its pixels become bins.
#[derive(ClapArgs)]
#[command(next_help_heading = "Geometry and bins")]
pub struct Geometry {
    /// PONI file (pyFAI), any version
    #[arg(long, value_name = "FILE", required_unless_present = "table")]
    pub poni: Option<PathBuf>,

    /// Table saved with --save-table, instead of building one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["poni", "wavelength", "unit", "bins", "radial_range",
          "azimuth_bins", "azimuth_range", "split", "mask", "no_gap_mask", "flat", "polarization", "no_solid_angle"])]
    pub table: Option<PathBuf>,

    /// Save the table for later runs
    #[arg(long, value_name = "FILE", conflicts_with = "table")]
    pub save_table: Option<PathBuf>,

    /// Wavelength in Angstrom, in place of the PONI file's
    #[arg(long, value_name = "A", value_parser = number)]
    pub wavelength: Option<f64>,

    /// Radial axis: q_A^-1, q_nm^-1, 2th_deg, 2th_rad, r_mm or r_m
    #[arg(long, default_value = "q_A^-1")]
    pub unit: RadialUnit,

    /// Radial bins
    #[arg(long, value_name = "N", value_parser = count::<NonZeroU32>, default_value = "1000")]
    pub bins: NonZeroU32,

    /// Radial range in --unit [default: the whole detector]
    #[arg(long, value_name = "A,B", value_parser = pair, allow_hyphen_values = true)]
    pub radial_range: Option<[f64; 2]>,

    /// Azimuthal bins: makes 2D patterns
    #[arg(long, value_name = "K", value_parser = count::<NonZeroU32>)]
    pub azimuth_bins: Option<NonZeroU32>,

    /// Azimuthal range in degrees; may wrap, as 170,190 does [default: the whole circle]
    #[arg(long, value_name = "A,B", value_parser = pair, allow_hyphen_values = true)]
    pub azimuth_range: Option<[f64; 2]>,

    /// Cut each pixel into N x N sub-pixels: 1, 2, 4 or 8
    #[arg(long, value_name = "N", default_value = "4", value_parser = split)]
    pub split: Split,
}

/// Which pixels count, and what they are normalised by.
#[derive(ClapArgs)]
#[command(next_help_heading = "Pixels and normalisation")]
pub struct Pixels {
    /// Mask (.npy, .edf, .tif, .h5 or FILE.h5::/path; not zero = masked); may be given several times
    #[arg(long, value_name = "FILE")]
    pub mask: Vec<String>,

    /// Do not mask the gaps between the detector's modules
    #[arg(long)]
    pub no_gap_mask: bool,

    /// Largest valid value [default: below the type's two top codes, at most 2^28 - 1]
    #[arg(long, value_name = "V")]
    pub max_valid: Option<u32>,

    /// Count valid pixels above this value in the statistics
    #[arg(long, value_name = "V")]
    pub threshold: Option<u32>,

    /// Flat field, in the formats of --mask
    #[arg(long, value_name = "FILE")]
    pub flat: Option<String>,

    /// Polarization factor, -1 to 1 (0.99 at most synchrotrons) [default: no correction]
    #[arg(long, value_name = "F", value_parser = number, allow_hyphen_values = true)]
    pub polarization: Option<f64>,

    /// Leave the solid angle out
    #[arg(long)]
    pub no_solid_angle: bool,
}

/// What is written.
#[derive(ClapArgs)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// NeXus file [default: INPUT's name with _azint.h5, here, unless --export, --plot or --json is given]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

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

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EngineChoice {
    /// The best that is there.
    Auto,
    /// The CPU.
    Cpu,
}

fn split(text: &str) -> Result<Split, String> {
    text.parse().ok().and_then(Split::new).ok_or_else(|| "1, 2, 4 or 8 are possible".into())
}
