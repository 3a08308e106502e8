//! Names of radial axes: for NeXus, for other programs, and for people.

use crate::geometry::RadialUnit;

/// What a radial unit is called, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AxisWords {
    /// pyFAI's name (`q_A^-1`).
    pub pyfai: &'static str,
    /// azint's name where it has one (`q` in 1/A, `2th` in degrees), else pyFAI's. GSAS-II reads nothing but `2th`.
    pub azint: &'static str,
    /// Quantity, as NXazint1d enumerates it (`q`, `2theta`); `r` has no name there.
    pub quantity: &'static str,
    /// Unit, as UDUNITS knows it.
    pub units: &'static str,
    /// Label of an axis (`q (1/Å)`).
    pub label: &'static str,
}

/// The words for a unit.
pub fn axis_words(unit: RadialUnit) -> AxisWords {
    let words = |pyfai, azint, quantity, units, label| AxisWords { pyfai, azint, quantity, units, label };
    match unit {
        RadialUnit::QPerNm => words("q_nm^-1", "q_nm^-1", "q", "1/nm", "q (1/nm)"),
        RadialUnit::QPerA => words("q_A^-1", "q", "q", "1/angstrom", "q (1/Å)"),
        RadialUnit::TwoThetaDeg => words("2th_deg", "2th", "2theta", "degree", "2θ (°)"),
        RadialUnit::TwoThetaRad => words("2th_rad", "2th_rad", "2theta", "radian", "2θ (rad)"),
        RadialUnit::RadiusMm => words("r_mm", "r_mm", "r", "mm", "r (mm)"),
        RadialUnit::RadiusM => words("r_m", "r_m", "r", "m", "r (m)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axis_words_every_unit_has_the_name_that_serde_gives_it() {
        let units = [
            RadialUnit::QPerNm,
            RadialUnit::QPerA,
            RadialUnit::TwoThetaDeg,
            RadialUnit::TwoThetaRad,
            RadialUnit::RadiusMm,
            RadialUnit::RadiusM,
        ];
        for unit in units {
            assert_eq!(serde_json::to_value(unit).unwrap(), axis_words(unit).pyfai);
        }
    }
}
