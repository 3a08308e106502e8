//! Arguments of commands that look at whole frames and can do without a geometry.

use super::arguments::{count, number, pair};
use super::prepare::{self, prepare};
use super::table_args::{Geometry, Pixels};
use clap::Args as ClapArgs;
use debye::geometry::{RadialUnit, poni};
use debye::source::SourceInfo;
use debye::table::{Split, Table};
use std::error::Error;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the detector stands, if that is known, and which pixels count.
#[derive(ClapArgs)]
#[command(next_help_heading = "Geometry and pixels")]
pub struct FramesArgs {
    /// PONI file (pyFAI), any version
    #[arg(long, value_name = "FILE")]
    poni: Option<PathBuf>,
    /// Table saved with `debye integrate --save-table`, instead of --poni
    #[arg(long, value_name = "FILE", conflicts_with_all = ["poni", "wavelength", "unit", "bins", "radial_range",
          "polarization"])]
    table: Option<PathBuf>,
    /// Wavelength in Angstrom, in place of the PONI file's
    #[arg(long, value_name = "A", value_parser = number)]
    wavelength: Option<f64>,
    /// Radial axis: q_A^-1, q_nm^-1, 2th_deg, 2th_rad, r_mm or r_m
    #[arg(long, default_value = "q_A^-1")]
    unit: RadialUnit,
    /// Radial bins
    #[arg(long, value_name = "N", value_parser = count::<NonZeroU32>, default_value = "1000")]
    bins: NonZeroU32,
    /// Radial range in --unit [default: the whole detector]
    #[arg(long, value_name = "A,B", value_parser = pair, allow_hyphen_values = true)]
    radial_range: Option<[f64; 2]>,
    /// Polarization factor, -1 to 1 (0.99 at most synchrotrons) [default: no correction]
    #[arg(long, value_name = "F", value_parser = number, allow_hyphen_values = true)]
    polarization: Option<f64>,
    /// Mask (.npy, .edf, .tif, .h5 or FILE.h5::/path; not zero = masked); may be given several times
    #[arg(long, value_name = "FILE")]
    mask: Vec<String>,
    /// Largest valid value [default: below the type's two top codes, at most 2^28 - 1]
    #[arg(long, value_name = "V")]
    max_valid: Option<u32>,
}

impl FramesArgs {
    /// Whether the detector's place is known.
    pub fn has_geometry(&self) -> bool {
        self.poni.is_some() || self.table.is_some()
    }

    /// The table of the geometry, if there is one.
    pub fn table(&self, info: &SourceInfo) -> Result<Option<Arc<Table>>, Box<dyn Error>> {
        if !self.has_geometry() {
            return Ok(None);
        }
        let geometry = Geometry {
            poni: self.poni.clone(),
            table: self.table.clone(),
            wavelength: self.wavelength,
            unit: self.unit,
            bins: self.bins,
            radial_range: self.radial_range,
            azimuth_bins: None,
            azimuth_range: None,
            split: Split::new(4).ok_or("4 x 4 sub-pixels")?,
        };
        let pixels = Pixels {
            mask: self.mask.clone(),
            no_gap_mask: false,
            max_valid: None,
            threshold: None,
            flat: None,
            polarization: self.polarization,
            no_solid_angle: false,
        };
        Ok(Some(prepare(&geometry, &pixels, info)?.table))
    }

    /// Masked pixels, those of the detector's gaps among them: one a pixel.
    pub fn mask(&self, info: &SourceInfo) -> Result<Vec<bool>, Box<dyn Error>> {
        mask_of(&self.mask, self.poni.as_deref(), info)
    }

    /// The largest value that counts.
    pub fn max_valid(&self, info: &SourceInfo) -> Result<u32, String> {
        prepare::max_valid(self.max_valid, info)
    }
}

/// What masks and the gaps of a PONI file's detector leave out: one a pixel.
pub fn mask_of(masks: &[String], poni: Option<&Path>, info: &SourceInfo) -> Result<Vec<bool>, Box<dyn Error>> {
    let mut mask = prepare::mask(masks, info)?;
    if let Some(path) = poni {
        let detector = poni::read(path)?.detector;
        detector.check_frame(info.shape)?;
        let gaps = detector.gap_mask(info.shape).unwrap_or_default();
        mask.iter_mut().zip(&gaps).for_each(|(mask, gap)| *mask |= gap);
    }
    Ok(mask)
}
