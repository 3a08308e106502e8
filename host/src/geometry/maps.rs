//! What every pixel of a detector sees, as whole images: computed in parallel, written as HDF5 data sets.

use super::projector::sin_theta;
use super::{DetectorError, Geometry, Projector, RadialUnit, chi, polarization, poni, radius, two_theta};
use crate::beside::{Beside, BesideError};
use crate::put;
use hdf5_metno as hdf5;
use rayon::prelude::*;
use serde::Serialize;
use std::path::Path;
use thiserror::Error;

/// One image of the detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Map {
    /// Scattering angle in rad.
    TwoTheta,
    /// Scattering vector in 1/nm.
    Q,
    /// Azimuth in rad, -pi to pi.
    Chi,
    /// Distance from the beam in m.
    R,
    /// Solid angle relative to a pixel at the point of normal incidence.
    SolidAngle,
    /// Polarization correction.
    Polarization,
    /// The detector's own gaps: 1 = masked.
    Mask,
}

/// Why maps could not be written.
#[derive(Debug, Error)]
pub enum MapsError {
    /// The shape does not fit, or cannot be.
    #[error(transparent)]
    Detector(#[from] DetectorError),
    /// q is asked for, but no wavelength is known.
    #[error("q needs a wavelength, which the geometry lacks: give one, or leave out q")]
    NoWavelength,
    /// The polarization is asked for, but no factor is given.
    #[error("the map of polarization needs a factor, -1 to 1")]
    NoFactor,
    /// No degree of polarization.
    #[error("the polarization factor is {0}: it must be -1 to 1")]
    Factor(f64),
    /// The output cannot be made.
    #[error(transparent)]
    Beside(#[from] BesideError),
    /// HDF5 failed.
    #[error("cannot write {file}: {}", crate::hdf5_words::reason(error))]
    Hdf5 {
        /// The output.
        file: String,
        /// What HDF5 said.
        error: hdf5::Error,
    },
}

/// A geometry with the shape of its frames.
#[derive(Clone, Debug)]
pub struct Maps {
    geometry: Geometry,
    projector: Projector,
    shape: [usize; 2],
    factor: Option<f64>,
}

impl Map {
    /// Every map.
    pub const ALL: [Map; 7] = [Map::TwoTheta, Map::Q, Map::Chi, Map::R, Map::SolidAngle, Map::Polarization, Map::Mask];

    /// Name of its data set.
    pub fn name(self) -> &'static str {
        match self {
            Map::TwoTheta => "two_theta",
            Map::Q => "q",
            Map::Chi => "chi",
            Map::R => "r",
            Map::SolidAngle => "solid_angle",
            Map::Polarization => "polarization",
            Map::Mask => "mask",
        }
    }

    /// Its NeXus unit; empty for a plain number.
    pub fn units(self) -> &'static str {
        match self {
            Map::TwoTheta | Map::Chi => "rad",
            Map::Q => "1/nm",
            Map::R => "m",
            Map::SolidAngle | Map::Polarization | Map::Mask => "",
        }
    }
}

impl Maps {
    /// Maps of frames of `shape` (rows, columns), with the polarization of `factor` (-1 to 1) if there is one.
    ///
    /// # Errors
    /// The geometry's detector has another shape, or the factor cannot be.
    pub fn new(geometry: &Geometry, shape: [usize; 2], factor: Option<f64>) -> Result<Maps, MapsError> {
        geometry.detector.check_frame(shape)?;
        if let Some(factor) = factor.filter(|factor| !(-1.0..=1.0).contains(factor)) {
            return Err(MapsError::Factor(factor));
        }
        Ok(Maps { geometry: geometry.clone(), projector: geometry.projector(), shape, factor })
    }

    /// Whether the geometry tells enough for this map.
    ///
    /// # Errors
    /// It lacks the wavelength for q, or the factor for the polarization.
    pub fn can(&self, map: Map) -> Result<(), MapsError> {
        match map {
            Map::Q if self.geometry.wavelength.is_none() => Err(MapsError::NoWavelength),
            Map::Polarization if self.factor.is_none() => Err(MapsError::NoFactor),
            _ => Ok(()),
        }
    }

    /// The values of a map, row by row; 0 and 1 for the mask. NaN where [`Maps::can`] says no.
    pub fn values(&self, map: Map) -> Vec<f64> {
        let factor = self.factor.unwrap_or(f64::NAN);
        let wavelength = self.geometry.wavelength;
        match map {
            Map::TwoTheta => self.each(|d1, d2| two_theta(self.projector.lab(d1, d2))),
            Map::Q => self.each(|d1, d2| RadialUnit::QPerNm.value(self.projector.lab(d1, d2), wavelength)),
            Map::Chi => self.each(|d1, d2| chi(self.projector.lab(d1, d2))),
            Map::R => self.each(|d1, d2| radius(self.projector.lab(d1, d2))),
            Map::SolidAngle => self.each(|d1, d2| self.projector.solid_angle(d1, d2)),
            Map::Polarization => self.each(|d1, d2| polarization(factor, self.projector.lab(d1, d2))),
            Map::Mask => self.mask().into_iter().map(f64::from).collect(),
        }
    }

    /// The detector's gaps, row by row: 1 = masked.
    pub fn mask(&self) -> Vec<u8> {
        match self.geometry.detector.gap_mask(self.shape) {
            Some(mask) => mask.into_iter().map(u8::from).collect(),
            None => vec![0; self.shape[0] * self.shape[1]],
        }
    }

    /// Smallest and largest scattering angle at the pixels' centres, in rad.
    pub fn two_theta_range(&self) -> [f64; 2] {
        // sin(theta) rises with the angle and is quicker to compute.
        const NOTHING: [f64; 2] = [f64::INFINITY, f64::NEG_INFINITY];
        let both = |a: [f64; 2], b: [f64; 2]| [a[0].min(b[0]), a[1].max(b[1])];
        let row_range = |row: usize| {
            (0..self.shape[1]).fold(NOTHING, |range, column| {
                let sine = sin_theta(self.projector.lab(row as f64 + 0.5, column as f64 + 0.5));
                both(range, [sine, sine])
            })
        };
        let sines = (0..self.shape[0]).into_par_iter().map(row_range).reduce(|| NOTHING, both);
        sines.map(|sine| 2.0 * sine.min(1.0).asin())
    }

    fn each(&self, value: impl Fn(f64, f64) -> f64 + Sync) -> Vec<f64> {
        let mut values = vec![0.0; self.shape[0] * self.shape[1]];
        values.par_chunks_mut(self.shape[1].max(1)).enumerate().for_each(|(row, line)| {
            for (column, cell) in line.iter_mut().enumerate() {
                *cell = value(row as f64 + 0.5, column as f64 + 0.5);
            }
        });
        values
    }

    /// Writes maps as data sets of one HDF5 file: float64, `mask` uint8, one row of pixels after the other. The
    /// geometry stands in the file as the attribute `poni`, the text of a PONI file.
    ///
    /// # Errors
    /// As [`Maps::can`], or the file cannot be written.
    pub fn write(&self, path: &Path, maps: &[Map], overwrite: bool) -> Result<(), MapsError> {
        maps.iter().try_for_each(|map| self.can(*map))?;
        let beside = Beside::create(path, overwrite)?;
        self.fill(beside.path(), maps).map_err(|error| MapsError::Hdf5 { file: path.display().to_string(), error })?;
        Ok(beside.commit()?)
    }

    fn fill(&self, path: &Path, maps: &[Map]) -> hdf5::Result<()> {
        let file = hdf5::File::create(path)?;
        put::text_attribute(&file, "creator", &format!("debye {}", crate::VERSION))?;
        put::text_attribute(&file, "poni", &poni::format(&self.geometry))?;
        for map in maps {
            let dataset = if *map == Map::Mask {
                let dataset = file.new_dataset::<u8>().shape(self.shape).create(map.name())?;
                dataset.write_raw(self.mask().as_slice())?;
                dataset
            } else {
                let dataset = file.new_dataset::<f64>().shape(self.shape).create(map.name())?;
                dataset.write_raw(self.values(*map).as_slice())?;
                dataset
            };
            put::text_attribute(&dataset, "interpretation", "image")?;
            put::text_attribute(&dataset, "units", map.units())?;
            if let (Map::Polarization, Some(factor)) = (map, self.factor) {
                put::numbers_attribute(&dataset, "factor", &[factor])?;
            }
        }
        file.close()
    }
}
