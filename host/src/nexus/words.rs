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
    // Names and quantities are the unit's own; here stands what only outputs say.
    let (azint, units, label) = match unit {
        RadialUnit::QPerNm => ("q_nm^-1", "1/nm", "q (1/nm)"),
        RadialUnit::QPerA => ("q", "1/angstrom", "q (1/Å)"),
        RadialUnit::TwoThetaDeg => ("2th", "degree", "2θ (°)"),
        RadialUnit::TwoThetaRad => ("2th_rad", "radian", "2θ (rad)"),
        RadialUnit::RadiusMm => ("r_mm", "mm", "r (mm)"),
        RadialUnit::RadiusM => ("r_m", "m", "r (m)"),
    };
    AxisWords { pyfai: unit.name(), azint, quantity: unit.standard_name(), units, label }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axis_words_every_unit_has_the_name_that_serde_gives_it() {
        for unit in RadialUnit::ALL {
            assert_eq!(serde_json::to_value(unit).unwrap(), axis_words(unit).pyfai);
        }
    }
}
