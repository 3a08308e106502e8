//! Expected counts per pixel: rings and background through the geometry.
//!
//! Per unit of solid angle, a powder ring of spacing d has the integrated intensity m |F|^2 / (sin^2 theta cos theta)
//! along 2theta (Lorentz factor of a powder seen by an area detector; Warren, X-ray Diffraction, section 4.4). It is
//! spread over a pseudo-Voigt. Rings and background are both multiplied by the pixel's solid angle and by the
//! polarization factor, in the form that integration divides by.

use super::calibrant::Calibrant;
use super::error::SimulateError;
use crate::geometry::projector::{polarization, two_theta};
use crate::geometry::{Geometry, Projector};
use rayon::prelude::*;
use std::f64::consts::PI;
use std::sync::atomic::{AtomicBool, Ordering};

/// What shines on the detector.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Whose rings.
    pub calibrant: Calibrant,
    /// Mean expected counts of the live pixels.
    pub mean: f64,
    /// Share of these that is background, 0 to 1.
    pub background: f64,
    /// Full width of a ring at half maximum, in degrees of 2theta.
    pub width: f64,
    /// Lorentzian share of a ring's pseudo-Voigt profile, 0 to 1.
    pub lorentzian: f64,
    /// Polarization factor, -1 to 1; 1 is fully horizontal.
    pub polarization: f64,
}

/// Steps of the tabulated profile within one full width at half maximum.
const STEPS_PER_WIDTH: f64 = 32.0;

/// A Lorentzian tail is cut here, in full widths from its centre.
const TAIL_WIDTHS: f64 = 40.0;

impl Scene {
    /// Checks every number.
    ///
    /// # Errors
    /// [`SimulateError::OutOfRange`].
    pub fn check(&self) -> Result<(), SimulateError> {
        let checks = [
            ("the mean count", self.mean, self.mean > 0.0 && self.mean <= 1e8, "above 0 and at most 1e8"),
            ("the background's share", self.background, (0.0..=1.0).contains(&self.background), "from 0 to 1"),
            (
                "the rings' width",
                self.width,
                (0.001..=10.0).contains(&self.width),
                "from 0.001 to 10 degrees of 2theta",
            ),
            ("the Lorentzian share", self.lorentzian, (0.0..=1.0).contains(&self.lorentzian), "from 0 to 1"),
            ("the polarization factor", self.polarization, (-1.0..=1.0).contains(&self.polarization), "from -1 to 1"),
        ];
        for (what, value, fine, must) in checks {
            if !fine {
                return Err(SimulateError::OutOfRange { what, value: value.to_string(), must });
            }
        }
        Ok(())
    }

    /// Ring intensity per solid angle along 2theta, tabulated from 0 to `most` (rad).
    fn ring_profile(&self, wavelength: f64, most: f64) -> Profile {
        let width = self.width.to_radians();
        let step = width / STEPS_PER_WIDTH;
        let mut values = vec![0.0; (most / step).ceil() as usize + 2];
        let d_min = wavelength * 1e10 / (2.0 * (most / 2.0).sin().max(1e-6));
        let reach = if self.lorentzian > 0.0 { TAIL_WIDTHS } else { 4.0 };
        for ring in self.calibrant.rings(d_min * 0.98) {
            let sin_theta = wavelength * 1e10 / (2.0 * ring.d);
            if sin_theta >= 0.9999 {
                continue;
            }
            let theta = sin_theta.asin();
            let area = ring.strength / (sin_theta * sin_theta * theta.cos());
            let first = ((2.0 * theta - reach * width) / step).ceil().max(0.0) as usize;
            let last = ((2.0 * theta + reach * width) / step).floor() as usize;
            for (at, value) in values.iter_mut().enumerate().take(last + 1).skip(first) {
                *value += area * pseudo_voigt(at as f64 * step - 2.0 * theta, width, self.lorentzian);
            }
        }
        Profile { step, values }
    }
}

/// A pseudo-Voigt of area 1 and full width at half maximum `width`.
fn pseudo_voigt(x: f64, width: f64, lorentzian: f64) -> f64 {
    let half = width / 2.0;
    let gauss = (std::f64::consts::LN_2 / PI).sqrt() / half * (-std::f64::consts::LN_2 * (x / half).powi(2)).exp();
    let lorentz = half / (PI * (x * x + half * half));
    lorentzian * lorentz + (1.0 - lorentzian) * gauss
}

/// Diffuse intensity per solid angle, arbitrary scale: air scatter that falls off within some degrees, a glass
/// capillary's halo at 1.6/A, and a flat part (fluorescence, Compton).
fn diffuse(two_theta: f64, wavelength: f64) -> f64 {
    let q = 4.0 * PI / (wavelength * 1e10) * (two_theta / 2.0).sin();
    0.35 + 1.5 * (-two_theta.to_degrees() / 4.0).exp() + 0.5 * (-((q - 1.6) / 0.5).powi(2)).exp()
}

/// A function of 2theta on an even grid from 0.
struct Profile {
    step: f64,
    values: Vec<f64>,
}

impl Profile {
    fn at(&self, two_theta: f64) -> f64 {
        let x = two_theta / self.step;
        let i = x as usize;
        match self.values.get(i..i + 2) {
            Some(&[low, high]) => low + (high - low) * (x - i as f64),
            _ => 0.0,
        }
    }
}

/// 2theta of every pixel's centre in a row, and its solid angle x polarization factor.
fn row_of_factors(projector: &Projector, row: usize, columns: usize, factor: f64) -> Vec<(f64, f64)> {
    let pixel = |column: usize| {
        let (d1, d2) = (row as f64 + 0.5, column as f64 + 0.5);
        let lab = projector.lab(d1, d2);
        (two_theta(lab), projector.solid_angle(d1, d2) * polarization(factor, lab))
    };
    (0..columns).map(pixel).collect()
}

/// Expected counts of every pixel of a frame of `shape` (rows, columns), row after row; their mean over the pixels
/// that `gaps` leaves live (false) is `scene.mean`. Gap pixels have a value too. Runs on rayon's current pool; the
/// result does not depend on how many threads that has. Setting `stop` ends it early.
///
/// # Errors
/// A number of the scene out of range, no wavelength, no live pixel, a mask of another shape, no ring on the detector,
/// [`SimulateError::Interrupted`].
pub fn expected_counts(
    geometry: &Geometry,
    shape: [usize; 2],
    gaps: &[bool],
    scene: &Scene,
    stop: &AtomicBool,
) -> Result<Vec<f32>, SimulateError> {
    scene.check()?;
    let [rows, columns] = shape;
    if gaps.len() != rows.saturating_mul(columns) {
        return Err(SimulateError::GapShape { have: gaps.len(), need: rows.saturating_mul(columns) });
    }
    let live = gaps.iter().filter(|gap| !**gap).count() as f64;
    if live == 0.0 {
        return Err(SimulateError::NoLivePixel);
    }
    let wavelength = geometry.wavelength.ok_or(SimulateError::NoWavelength)?;
    if !(wavelength > 1e-13 && wavelength < 1e-7) {
        let value = format!("{wavelength} m");
        return Err(SimulateError::OutOfRange { what: "the wavelength", value, must: "from 1e-13 to 1e-7 m" });
    }
    let projector = geometry.projector();
    // Once stopped, rows are empty: every pass then ends soon, and nothing of it is used.
    let stopped = || stop.load(Ordering::Relaxed);
    let interrupted = || if stopped() { Err(SimulateError::Interrupted { done: 0 }) } else { Ok(()) };
    let factors = |row| match stopped() {
        true => Vec::new(),
        false => row_of_factors(&projector, row, columns, scene.polarization),
    };
    let reach = |row: usize| {
        factors(row).iter().fold((f64::MAX, 0.0_f64), |(low, high), &(tth, _)| (low.min(tth), high.max(tth)))
    };
    let (nearest, farthest) =
        (0..rows).into_par_iter().map(reach).reduce(|| (f64::MAX, 0.0), |x, y| (x.0.min(y.0), x.1.max(y.1)));
    interrupted()?;
    let rings = scene.ring_profile(wavelength, farthest);

    // Rings and background are scaled apart: the share that is background then holds on every detector.
    let parts_of_row = |row: usize| -> Vec<(f64, f64)> {
        let parts = |(tth, factor): (f64, f64)| (rings.at(tth) * factor, diffuse(tth, wavelength) * factor);
        factors(row).into_iter().map(parts).collect()
    };
    let sums_of_rows: Vec<(f64, f64)> = (0..rows)
        .into_par_iter()
        .map(|row| {
            let parts = parts_of_row(row);
            let live = parts.iter().zip(&gaps[row * columns..]).filter(|(_, gap)| !**gap);
            live.fold((0.0, 0.0), |sum, (part, _)| (sum.0 + part.0, sum.1 + part.1))
        })
        .collect();
    interrupted()?;
    // Summed in the order of the rows: the same for any number of threads.
    let (ring_sum, diffuse_sum) = sums_of_rows.iter().fold((0.0, 0.0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
    let ring_share = 1.0 - scene.background;
    let d = |tth: f64| wavelength * 1e10 / (2.0 * (tth / 2.0).sin());
    // A far ring's tail alone must not be scaled up to fill the detector.
    let ring_seen = || scene.calibrant.rings(d(farthest)).iter().any(|ring| ring.d <= d(nearest));
    if ring_share > 0.0 && !(ring_sum > 0.0 && ring_seen()) {
        let calibrant = scene.calibrant.name();
        return Err(SimulateError::NoRing { calibrant, d_min: d(farthest), d_max: d(nearest) });
    }
    let ring_scale = if ring_share > 0.0 { scene.mean * ring_share * live / ring_sum } else { 0.0 };
    let diffuse_scale = scene.mean * scene.background * live / diffuse_sum;

    let mut counts = vec![0.0_f32; rows * columns];
    counts.par_chunks_mut(columns.max(1)).enumerate().for_each(|(row, counts)| {
        for (count, (ring, diffuse)) in counts.iter_mut().zip(parts_of_row(row)) {
            *count = (ring * ring_scale + diffuse * diffuse_scale) as f32;
        }
    });
    interrupted()?;
    Ok(counts)
}
