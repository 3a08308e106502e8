//! Radial bins of a row of sub-pixels, in loops that become vector code.
//!
//! A position in the lab is a sum of what axis 1, axis 2 and the distance give ([`Projector::down`] and its fellows); the
//! second stands once for all rows. Square roots and quotients of vectors are those of single numbers to the last bit
//! (IEEE 754), so every set of instructions finds the same bins.

use super::Split;
use super::edges::Axis;
use crate::cpu::{Kernels, Level};
use crate::geometry::RadialUnit;
use crate::geometry::projector::Projector;

/// No bin: the sub-pixel is outside the range, or its radial value is not finite.
pub const OUTSIDE: u32 = u32::MAX;

/// What all rows have in common.
pub struct Rays<'a> {
    projector: &'a Projector,
    unit: RadialUnit,
    wavelength: Option<f64>,
    axis: &'a Axis,
    kernels: Kernels,
    /// The part of axis 2 of every sub-column.
    across: [Vec<f64>; 3],
    ahead: [f64; 3],
}

impl<'a> Rays<'a> {
    /// Rays to rows of `columns` pixels.
    pub fn new(
        projector: &'a Projector,
        unit: RadialUnit,
        wavelength: Option<f64>,
        axis: &'a Axis,
        columns: usize,
        split: Split,
        kernels: Kernels,
    ) -> Rays<'a> {
        let parts: Vec<[f64; 3]> = (0..columns * split.n()).map(|l| projector.across(split.centre(l))).collect();
        let across = [0, 1, 2].map(|i| parts.iter().map(|part| part[i]).collect());
        Rays { projector, unit, wavelength, axis, kernels, across, ahead: projector.ahead() }
    }

    /// Bins of the sub-pixels of a row whose centres lie at `d1`; `values` is for their radial values. `false` where one
    /// of these is not finite.
    pub fn bins(&self, d1: f64, values: &mut Vec<f64>, bins: &mut [u32]) -> bool {
        values.resize(bins.len(), 0.0);
        let row = Row {
            down: self.projector.down(d1),
            across: [&self.across[0], &self.across[1], &self.across[2]],
            ahead: self.ahead,
            unit: self.unit,
            wavelength: self.wavelength,
            axis: self.axis,
        };
        match self.kernels.level() {
            // SAFETY: kernels exist for those levels alone that this processor has.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512(&row, values, bins) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2(&row, values, bins) },
            _ => plain(&row, values, bins),
        }
    }
}

struct Row<'a> {
    down: [f64; 3],
    across: [&'a [f64]; 3],
    ahead: [f64; 3],
    unit: RadialUnit,
    wavelength: Option<f64>,
    axis: &'a Axis,
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn avx512(row: &Row, values: &mut [f64], bins: &mut [u32]) -> bool {
    plain(row, values, bins)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2(row: &Row, values: &mut [f64], bins: &mut [u32]) -> bool {
    plain(row, values, bins)
}

#[inline(always)]
fn plain(row: &Row, values: &mut [f64], bins: &mut [u32]) -> bool {
    // One loop a unit: what is asked within a loop keeps it from becoming vector code.
    match row.unit {
        RadialUnit::QPerNm => fill(row, values, |t| RadialUnit::QPerNm.value(t, row.wavelength)),
        RadialUnit::QPerA => fill(row, values, |t| RadialUnit::QPerA.value(t, row.wavelength)),
        RadialUnit::RadiusMm => fill(row, values, |t| RadialUnit::RadiusMm.value(t, None)),
        RadialUnit::RadiusM => fill(row, values, |t| RadialUnit::RadiusM.value(t, None)),
        unit => fill(row, values, |t| unit.value(t, row.wavelength)),
    }
    if !values.iter().fold(true, |all, value| all & value.is_finite()) {
        return false;
    }
    row.axis.guess(values, bins);
    for (bin, &value) in bins.iter_mut().zip(values.iter()) {
        if !row.axis.holds(*bin, value) {
            *bin = row.axis.bin(value).map_or(OUTSIDE, |bin| bin as u32);
        }
    }
    true
}

#[inline(always)]
fn fill(row: &Row, values: &mut [f64], value: impl Fn([f64; 3]) -> f64) {
    let [x, y, z] = row.across.map(|across| &across[..values.len()]);
    for (i, out) in values.iter_mut().enumerate() {
        let at = |axis: usize, across: f64| row.down[axis] + across + row.ahead[axis];
        *out = value([at(0, x[i]), at(1, y[i]), at(2, z[i])]);
    }
}
