//! Units of the radial axis, named as pyFAI names them (`pyFAI/units.py`).

use super::projector::{radius, sin_theta, two_theta};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Quantity and unit of the radial axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RadialUnit {
    /// Scattering vector in 1/nm.
    #[serde(rename = "q_nm^-1")]
    QPerNm,
    /// Scattering vector in 1/A.
    #[serde(rename = "q_A^-1")]
    QPerA,
    /// Scattering angle in degrees.
    #[serde(rename = "2th_deg")]
    TwoThetaDeg,
    /// Scattering angle in radians.
    #[serde(rename = "2th_rad")]
    TwoThetaRad,
    /// Distance from the beam in mm.
    #[serde(rename = "r_mm")]
    RadiusMm,
    /// Distance from the beam in m.
    #[serde(rename = "r_m")]
    RadiusM,
}

/// A name that is no radial unit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{name:?} is no radial unit: choose one of {}", RadialUnit::NAMES.join(", "))]
pub struct UnitError {
    /// The name.
    pub name: String,
}

impl RadialUnit {
    /// Every unit.
    pub const ALL: [RadialUnit; 6] = [
        RadialUnit::QPerNm,
        RadialUnit::QPerA,
        RadialUnit::TwoThetaDeg,
        RadialUnit::TwoThetaRad,
        RadialUnit::RadiusMm,
        RadialUnit::RadiusM,
    ];

    /// The names, in the order of [`RadialUnit::ALL`].
    pub const NAMES: [&str; 6] = ["q_nm^-1", "q_A^-1", "2th_deg", "2th_rad", "r_mm", "r_m"];

    /// pyFAI's name.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The quantity: `q`, `2theta` or `r`.
    pub fn standard_name(self) -> &'static str {
        match self {
            RadialUnit::QPerNm | RadialUnit::QPerA => "q",
            RadialUnit::TwoThetaDeg | RadialUnit::TwoThetaRad => "2theta",
            RadialUnit::RadiusMm | RadialUnit::RadiusM => "r",
        }
    }

    /// Whether the unit has no meaning without a wavelength.
    pub fn needs_wavelength(self) -> bool {
        matches!(self, RadialUnit::QPerNm | RadialUnit::QPerA)
    }

    /// Value at a position in the lab frame ([`super::Projector::lab`], in m), for a wavelength in m.
    ///
    /// q = 4 pi sin(theta) / wavelength (`pyFAI/geometry/core.py`, `qFunction`). Without a wavelength q is NaN: ask
    /// [`RadialUnit::needs_wavelength`] first.
    #[inline]
    pub fn value(self, t: [f64; 3], wavelength: Option<f64>) -> f64 {
        match self {
            RadialUnit::QPerNm => q_per_nm(t, wavelength),
            RadialUnit::QPerA => q_per_nm(t, wavelength) * 0.1,
            RadialUnit::TwoThetaDeg => two_theta(t) * (180.0 / PI),
            RadialUnit::TwoThetaRad => two_theta(t),
            RadialUnit::RadiusMm => radius(t) * 1e3,
            RadialUnit::RadiusM => radius(t),
        }
    }
}

#[inline]
fn q_per_nm(t: [f64; 3], wavelength: Option<f64>) -> f64 {
    4.0e-9 * PI / wavelength.unwrap_or(f64::NAN) * sin_theta(t)
}

impl fmt::Display for RadialUnit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for RadialUnit {
    type Err = UnitError;

    fn from_str(name: &str) -> Result<RadialUnit, UnitError> {
        Self::ALL.into_iter().find(|unit| unit.name() == name).ok_or_else(|| UnitError { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_every_name_reads_back_and_serialises_as_itself() {
        for unit in RadialUnit::ALL {
            assert_eq!(unit.to_string().parse(), Ok(unit));
            assert_eq!(serde_json::to_string(&unit).unwrap(), format!("{:?}", unit.name()));
        }
    }

    #[test]
    fn unit_unknown_name_is_refused_with_the_list() {
        let error = "q_m^-1".parse::<RadialUnit>().unwrap_err().to_string();
        assert_eq!(error, "\"q_m^-1\" is no radial unit: choose one of q_nm^-1, q_A^-1, 2th_deg, 2th_rad, r_mm, r_m");
    }

    #[test]
    fn unit_values_of_a_ray_at_45_degrees_are_the_known_ones() {
        // 2theta = 45 degrees, wavelength 1 A: q = 4 pi sin(22.5 degrees) = 4.80894184... 1/A.
        let (t, wavelength) = ([0.0, 0.2, 0.2], Some(1e-10));
        let value = |unit: RadialUnit| unit.value(t, wavelength);
        assert!((value(RadialUnit::QPerA) - 4.808_941_839_074_77).abs() < 1e-12, "{}", value(RadialUnit::QPerA));
        assert!((value(RadialUnit::QPerNm) - 48.089_418_390_747_7).abs() < 1e-11);
        assert!((value(RadialUnit::TwoThetaDeg) - 45.0).abs() < 1e-13);
        assert!((value(RadialUnit::TwoThetaRad) - PI / 4.0).abs() < 1e-15);
        assert_eq!(value(RadialUnit::RadiusM), 0.2);
        assert_eq!(value(RadialUnit::RadiusMm), 200.0);
    }

    #[test]
    fn unit_q_without_a_wavelength_is_nan() {
        assert!(RadialUnit::QPerA.value([0.0, 0.1, 0.2], None).is_nan());
        assert!(RadialUnit::ALL.iter().filter(|unit| unit.needs_wavelength()).count() == 2);
    }
}
