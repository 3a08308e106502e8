//! Units of the radial axis, named as pyFAI names them.

use serde::{Deserialize, Serialize};

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
