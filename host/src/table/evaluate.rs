//! The geometry as the table takes it: checked and chosen once, then evaluated pixel by pixel.

use super::Split;
use super::edges::Axis;
use super::rays::Rays;
use super::request::{BuildError, Request};
use crate::cpu::Kernels;
use crate::geometry::projector::{self, Projector};
use crate::geometry::{Geometry, RadialUnit};

/// Evaluates what a request asks for. Places `d1`, `d2` are in pixels from the detector's corner, as
/// [`Projector::lab`] takes them.
pub struct Evaluate {
    projector: Projector,
    unit: RadialUnit,
    wavelength: Option<f64>,
    solid_angle: bool,
    polarization: Option<f64>,
}

impl Evaluate {
    /// Checks the geometry's numbers and prepares it.
    ///
    /// # Errors
    /// [`BuildError::Geometry`], [`BuildError::NoWavelength`].
    pub fn new(request: &Request) -> Result<Evaluate, BuildError> {
        let mut geometry = request.geometry.clone();
        check(&geometry)?;
        // An orientation that counts from the far end needs the shape; where the detector has none, it is the frames'.
        geometry.detector.shape.get_or_insert(request.shape);
        if request.unit.needs_wavelength() && geometry.wavelength.is_none() {
            return Err(BuildError::NoWavelength(request.unit));
        }
        Ok(Evaluate {
            projector: geometry.projector(),
            unit: request.unit,
            wavelength: geometry.wavelength,
            solid_angle: request.solid_angle,
            polarization: request.polarization,
        })
    }

    /// Position in the lab frame, in m.
    #[inline]
    pub fn lab(&self, d1: f64, d2: f64) -> [f64; 3] {
        self.projector.lab(d1, d2)
    }

    /// Radial bins of whole rows, for frames of `columns`.
    pub fn rays<'a>(&'a self, axis: &'a Axis, columns: usize, split: Split, kernels: Kernels) -> Rays<'a> {
        Rays::new(&self.projector, self.unit, self.wavelength, axis, columns, split, kernels)
    }

    /// Radial value in the request's unit.
    #[inline]
    pub fn radial(&self, t: [f64; 3]) -> f64 {
        self.unit.value(t, self.wavelength)
    }

    /// Azimuth in degrees, -180 to 180.
    #[inline]
    pub fn chi_degrees(&self, t: [f64; 3]) -> f64 {
        projector::chi(t).to_degrees()
    }

    /// What a value at this place is divided by: solid angle x polarization, as far as they were asked for.
    pub fn norm(&self, d1: f64, d2: f64) -> f64 {
        let solid_angle = if self.solid_angle { self.projector.solid_angle(d1, d2) } else { 1.0 };
        let polarization = self.polarization.map_or(1.0, |factor| projector::polarization(factor, self.lab(d1, d2)));
        solid_angle * polarization
    }
}

/// A geometry given as numbers may hold anything, even if a PONI file's were checked as they were read.
fn check(geometry: &Geometry) -> Result<(), BuildError> {
    let positive = [
        ("distance", Some(geometry.distance)),
        ("pixel size 1", Some(geometry.detector.pixel1)),
        ("pixel size 2", Some(geometry.detector.pixel2)),
        ("wavelength", geometry.wavelength),
    ];
    for (name, value) in positive {
        if let Some(value) = value.filter(|value| !(*value > 0.0 && value.is_finite())) {
            return Err(BuildError::Geometry { name, value, rule: "it must be a positive number, in m" });
        }
    }
    let finite = [
        ("PONI 1", geometry.poni1),
        ("PONI 2", geometry.poni2),
        ("rotation 1", geometry.rot1),
        ("rotation 2", geometry.rot2),
        ("rotation 3", geometry.rot3),
    ];
    match finite.into_iter().find(|(_, value)| !value.is_finite()) {
        Some((name, value)) => Err(BuildError::Geometry { name, value, rule: "it must be a finite number" }),
        None => Ok(()),
    }
}
