//! The geometry as the table takes it: what was asked for is chosen once, then evaluated pixel by pixel.

use super::request::{BuildError, Request};
use crate::geometry::{Projector, RadialUnit};

/// Evaluates positions in pixels from the detector's corner, or in the lab frame.
pub struct Evaluate {
    projector: Projector,
    unit: RadialUnit,
    wavelength: f64,
    solid_angle: bool,
    polarization: Option<f64>,
    geometry: crate::geometry::Geometry,
}

impl Evaluate {
    /// Checks the geometry's numbers and prepares it.
    pub fn new(request: &Request) -> Result<Evaluate, BuildError> {
        let geometry = &request.geometry;
        let positive = [
            ("distance", geometry.distance, "it must be positive (the detector stands behind the sample, in m)"),
            ("pixel size 1", geometry.detector.pixel1, "it must be positive (in m)"),
            ("pixel size 2", geometry.detector.pixel2, "it must be positive (in m)"),
        ];
        for (name, value, rule) in positive {
            if !(value > 0.0 && value.is_finite()) {
                return Err(BuildError::Geometry { name, value, rule });
            }
        }
        let finite = [
            ("PONI 1", geometry.poni1),
            ("PONI 2", geometry.poni2),
            ("rotation 1", geometry.rot1),
            ("rotation 2", geometry.rot2),
            ("rotation 3", geometry.rot3),
        ];
        for (name, value) in finite {
            if !value.is_finite() {
                return Err(BuildError::Geometry { name, value, rule: "it must be a number" });
            }
        }
        if let Some(value) = geometry.wavelength.filter(|value| !(*value > 0.0 && value.is_finite())) {
            return Err(BuildError::Geometry { name: "wavelength", value, rule: "it must be positive (in m)" });
        }
        let needs = matches!(request.unit, RadialUnit::QPerNm | RadialUnit::QPerA);
        if needs && geometry.wavelength.is_none() {
            return Err(BuildError::NoWavelength(super::unit_name(request.unit)));
        }
        Ok(Evaluate {
            projector: geometry.projector(),
            unit: request.unit,
            wavelength: geometry.wavelength.unwrap_or(f64::NAN),
            solid_angle: request.solid_angle,
            polarization: request.polarization,
            geometry: geometry.clone(),
        })
    }

    pub fn lab(&self, d1: f64, d2: f64) -> [f64; 3] {
        self.projector.lab(d1, d2)
    }

    pub fn radial(&self, t: &[f64; 3]) -> f64 {
        let r = (t[0] * t[0] + t[1] * t[1]).sqrt();
        let tth = r.atan2(t[2]);
        let q = || 4.0e-9 * std::f64::consts::PI / self.wavelength * (tth / 2.0).sin();
        match self.unit {
            RadialUnit::QPerNm => q(),
            RadialUnit::QPerA => q() / 10.0,
            RadialUnit::TwoThetaDeg => tth.to_degrees(),
            RadialUnit::TwoThetaRad => tth,
            RadialUnit::RadiusMm => r * 1000.0,
            RadialUnit::RadiusM => r,
        }
    }

    pub fn chi_degrees(&self, t: &[f64; 3]) -> f64 {
        t[0].atan2(t[1]).to_degrees()
    }

    pub fn solid_angle(&self, d1: f64, d2: f64) -> f64 {
        if !self.solid_angle {
            return 1.0;
        }
        let g = &self.geometry;
        let (p1, p2) = (d1 * g.detector.pixel1 - g.poni1, d2 * g.detector.pixel2 - g.poni2);
        (g.distance / (g.distance * g.distance + p1 * p1 + p2 * p2).sqrt()).powi(3)
    }

    pub fn polarization(&self, d1: f64, d2: f64) -> f64 {
        let Some(f) = self.polarization else { return 1.0 };
        let t = self.lab(d1, d2);
        let r = (t[0] * t[0] + t[1] * t[1]).sqrt();
        let c2 = r.atan2(t[2]).cos().powi(2);
        0.5 * (1.0 + c2 - f * (2.0 * t[0].atan2(t[1])).cos() * (1.0 - c2))
    }
}
