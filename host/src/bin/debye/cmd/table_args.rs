//! Arguments of every command that needs a table.

use super::arguments::{count, number, pair};
use clap::Args as ClapArgs;
use debye::geometry::RadialUnit;
use debye::table::Split;
use std::num::NonZeroU32;
use std::path::PathBuf;

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

fn split(text: &str) -> Result<Split, String> {
    text.parse().ok().and_then(Split::new).ok_or_else(|| "1, 2, 4 or 8 are possible".into())
}
