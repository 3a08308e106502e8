//! Calibrants by name: where their powder rings stand, and how strong they are.

use super::crystal::{ALUMINIUM, Atom, BORON, CERIUM, CHROMIUM, Crystal, FormFactor, GOLD, LANTHANUM, OXYGEN, SILICON};
use crate::geometry::RadialUnit;
use std::f64::consts::PI;
use thiserror::Error;

/// Names that [`Calibrant::named`] knows, as they are listed to people.
pub const NAMES: [&str; 7] = ["CeO2", "LaB6", "Si", "AgBh", "Al2O3", "Au", "Cr2O3"];

/// Smallest d that [`Calibrant::d_spacings`] goes down to, in A (q = 12.6/A).
const D_MIN: f64 = 0.5;

/// Orders of silver behenate that are listed, as pyFAI does.
const AGBH_ORDERS: u32 = 20;

/// Why there is no such calibrant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CalibrantError {
    /// The name is not known.
    #[error("no calibrant is called {name:?}: the known ones are {}", NAMES.join(", "))]
    Unknown {
        /// The name given.
        name: String,
    },
}

/// One powder ring.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ring {
    /// Lattice spacing, in A.
    pub d: f64,
    /// One of its reflections.
    pub hkl: [i32; 3],
    /// Number of its reflections.
    pub multiplicity: u32,
    /// multiplicity x |F|^2, relative to the strongest ring's 1: geometry (Lorentz factor, polarization, solid
    /// angle) is not in it.
    pub strength: f64,
}

impl Ring {
    /// Where the ring stands for a `wavelength` in m: see [`ring_position`].
    pub fn position(&self, unit: RadialUnit, wavelength: f64, distance: f64) -> Option<f64> {
        ring_position(self.d, unit, wavelength, distance)
    }
}

/// Where the ring of lattice spacing `d` (A) stands on a radial axis of `unit`, for a `wavelength` in m. Radii (mm, m)
/// are those on an untilted detector at `distance` (m). `None` where Bragg's law has no solution (wavelength > 2d), or
/// where a ring that goes backwards has no radius.
pub fn ring_position(d: f64, unit: RadialUnit, wavelength: f64, distance: f64) -> Option<f64> {
    let sin_theta = wavelength * 1e10 / (2.0 * d);
    if !(sin_theta > 0.0 && sin_theta <= 1.0) {
        return None;
    }
    let two_theta = 2.0 * sin_theta.asin();
    let radius = || (two_theta < PI / 2.0).then(|| distance * two_theta.tan());
    match unit {
        RadialUnit::QPerA => Some(2.0 * PI / d),
        RadialUnit::QPerNm => Some(20.0 * PI / d),
        RadialUnit::TwoThetaRad => Some(two_theta),
        RadialUnit::TwoThetaDeg => Some(two_theta.to_degrees()),
        RadialUnit::RadiusM => radius(),
        RadialUnit::RadiusMm => radius().map(|m| m * 1e3),
    }
}

/// What a calibrant's rings follow from.
#[derive(Clone, Debug)]
enum Structure {
    /// A crystal whose lines are computed from its cell.
    Crystal(Crystal),
    /// Layers: only (0 0 n), d = d001 / n, each with the same |F|^2.
    Lamellar {
        /// d of the first order, in A.
        d001: f64,
    },
}

/// A substance whose ring positions are known.
#[derive(Clone, Debug)]
pub struct Calibrant {
    name: &'static str,
    source: &'static str,
    structure: Structure,
}

impl Calibrant {
    /// The calibrant of that name, upper or lower case.
    ///
    /// # Errors
    /// [`CalibrantError::Unknown`], which lists the known ones.
    pub fn named(name: &str) -> Result<Calibrant, CalibrantError> {
        let known = NAMES.iter().find(|known| known.eq_ignore_ascii_case(name.trim()));
        let (source, structure) = match known.copied() {
            Some("CeO2") => ("NIST SRM 674b: a = 5.411651 A, Fm-3m", Structure::Crystal(ceria())),
            Some("LaB6") => ("NIST SRM 660c: a = 4.156826 A, Pm-3m", Structure::Crystal(lanthanum_hexaboride())),
            Some("Si") => ("NIST SRM 640e: a = 5.431179 A, Fd-3m", Structure::Crystal(silicon())),
            Some("AgBh") => (
                "silver behenate, d001 = 58.380 A: Huang et al., J. Appl. Cryst. 26 (1993) 180; doi:10.1107/S0021889899012388",
                Structure::Lamellar { d001: 58.380 },
            ),
            Some("Al2O3") => (
                "NIST SRM 676a (2015): a = 4.759355 A, c = 12.99231 A, R-3c",
                Structure::Crystal(corundum(4.759355, 12.99231, ALUMINIUM, 0.352_19, 0.306_33)),
            ),
            Some("Au") => (
                "gold, a = 4.0782 A, Fm-3m: Maeland & Flanagan, Can. J. Phys. 42 (1964) 2364",
                Structure::Crystal(gold()),
            ),
            Some("Cr2O3") => (
                "NIST SRM 674b: a = 4.958979 A, c = 13.59592 A, R-3c",
                Structure::Crystal(corundum(4.958979, 13.59592, CHROMIUM, 0.347_5, 0.305_8)),
            ),
            _ => return Err(CalibrantError::Unknown { name: name.into() }),
        };
        Ok(Calibrant { name: known.copied().unwrap_or_default(), source, structure })
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Where its lattice constants come from.
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// The rings with d >= `d_min` (A), falling d. Their strengths are computed: form factors of neutral atoms, one
    /// mean Debye-Waller factor; good for a plausible picture, not for quantitative phase analysis. Silver behenate's
    /// orders are given one |F|^2 each.
    ///
    /// `d_min` below 0.2 A is taken as 0.2 A: beyond, every radius is covered by rings.
    pub fn rings(&self, d_min: f64) -> Vec<Ring> {
        let d_min = if d_min > 0.2 { d_min } else { 0.2 };
        let mut rings: Vec<Ring> = match &self.structure {
            Structure::Crystal(crystal) => crystal
                .lines(d_min)
                .into_iter()
                .map(|line| Ring { d: line.d, hkl: line.hkl, multiplicity: line.multiplicity, strength: line.strength })
                .collect(),
            &Structure::Lamellar { d001 } => (1..=AGBH_ORDERS)
                .map(|n| Ring { d: d001 / f64::from(n), hkl: [0, 0, n as i32], multiplicity: 2, strength: 1.0 })
                .filter(|ring| ring.d >= d_min)
                .collect(),
        };
        let strongest = rings.iter().map(|ring| ring.strength).fold(0.0, f64::max);
        for ring in &mut rings {
            ring.strength /= strongest;
        }
        rings
    }

    /// The d-spacings down to 0.5 A, in A, falling.
    pub fn d_spacings(&self) -> Vec<f64> {
        self.rings(D_MIN).iter().map(|ring| ring.d).collect()
    }

    /// The rings' positions on a radial axis, rising, down to d = 0.5 A or as far as Bragg's law goes: see
    /// [`ring_position`].
    pub fn ring_positions(&self, unit: RadialUnit, wavelength: f64, distance: f64) -> Vec<f64> {
        self.d_spacings().into_iter().filter_map(|d| ring_position(d, unit, wavelength, distance)).collect()
    }
}

const FACE_CENTRES: [[f64; 3]; 4] = [[0.0; 3], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]];

/// Every atom of `basis`, moved by every lattice centring.
fn centred(basis: &[(FormFactor, [f64; 3])], centres: &[[f64; 3]]) -> Vec<Atom> {
    let moved = |&(form, at): &(FormFactor, [f64; 3])| {
        centres.iter().map(move |by| Atom { form, at: std::array::from_fn(|axis| at[axis] + by[axis]) })
    };
    basis.iter().flat_map(moved).collect()
}

fn cubic(a: f64, displacement: f64, atoms: Vec<Atom>) -> Crystal {
    Crystal { a, c: a, hexagonal: false, displacement, atoms }
}

/// Fluorite structure.
fn ceria() -> Crystal {
    let basis = [(CERIUM, [0.0; 3]), (OXYGEN, [0.25; 3]), (OXYGEN, [0.75; 3])];
    cubic(5.411651, 0.3, centred(&basis, &FACE_CENTRES))
}

/// Boron octahedra around the cell's centre, 6f (x 1/2 1/2) with x = 0.1993.
fn lanthanum_hexaboride() -> Crystal {
    let mut atoms = vec![Atom { form: LANTHANUM, at: [0.0; 3] }];
    for axis in 0..3 {
        for x in [0.1993, 1.0 - 0.1993] {
            let mut at = [0.5; 3];
            at[axis] = x;
            atoms.push(Atom { form: BORON, at });
        }
    }
    cubic(4.156826, 0.4, atoms)
}

/// Diamond structure.
fn silicon() -> Crystal {
    cubic(5.431179, 0.5, centred(&[(SILICON, [0.0; 3]), (SILICON, [0.25; 3])], &FACE_CENTRES))
}

fn gold() -> Crystal {
    cubic(4.0782, 0.6, centred(&[(GOLD, [0.0; 3])], &FACE_CENTRES))
}

/// Corundum structure in hexagonal axes: metal on 12c (0 0 z), oxygen on 18e (x 0 1/4).
fn corundum(a: f64, c: f64, metal: FormFactor, z: f64, x: f64) -> Crystal {
    let centres = [[0.0; 3], [2.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0], [1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0]];
    let basis = [
        (metal, [0.0, 0.0, z]),
        (metal, [0.0, 0.0, 0.5 - z]),
        (metal, [0.0, 0.0, -z]),
        (metal, [0.0, 0.0, 0.5 + z]),
        (OXYGEN, [x, 0.0, 0.25]),
        (OXYGEN, [0.0, x, 0.25]),
        (OXYGEN, [-x, -x, 0.25]),
        (OXYGEN, [-x, 0.0, 0.75]),
        (OXYGEN, [0.0, -x, 0.75]),
        (OXYGEN, [x, x, 0.75]),
    ];
    Crystal { a, c, hexagonal: true, displacement: 0.3, atoms: centred(&basis, &centres) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_unknown_lists_the_known() {
        let error = Calibrant::named("CeO3").unwrap_err().to_string();
        assert_eq!(error, "no calibrant is called \"CeO3\": the known ones are CeO2, LaB6, Si, AgBh, Al2O3, Au, Cr2O3");
    }

    #[test]
    fn named_every_listed_name_is_known() {
        for name in NAMES {
            let calibrant = Calibrant::named(&name.to_lowercase()).unwrap();
            assert_eq!(calibrant.name(), name);
            let d = calibrant.d_spacings();
            assert!(d.len() >= 10 && d.is_sorted_by(|x, y| x > y), "{name}: {d:?}");
        }
    }

    /// pyFAI's `resources/calibration/*.D`: d, multiplicity and intensity (where it has one) of the first lines.
    #[test]
    fn rings_agree_with_pyfai_resources() {
        let first = |name: &str| {
            let rings = Calibrant::named(name).unwrap().rings(0.7);
            rings.iter().take(6).map(|ring| (ring.d, ring.multiplicity)).collect::<Vec<_>>()
        };
        let expected: [(&str, &[(f64, u32)]); 5] = [
            ("CeO2", &[(3.12441816, 8), (2.70582550, 6), (1.91330756, 12), (1.63167417, 24), (1.56220908, 8)]),
            ("LaB6", &[(4.156826, 6), (2.93931985, 12), (2.39994461, 8), (2.078413, 6), (1.8589891, 24)]),
            ("Si", &[(3.13569266, 8), (1.92021175, 12), (1.63756208, 24), (1.35779475, 6), (1.24599792, 24)]),
            ("AgBh", &[(58.38, 2), (29.19, 2), (19.46, 2), (14.595, 2), (11.676, 2)]),
            ("Al2O3", &[(3.48029442, 6), (2.55113926, 6), (2.37967750, 6), (2.165385, 2), (2.08556784, 12)]),
        ];
        for (name, rings) in expected {
            for ((d, multiplicity), &(d_pyfai, multiplicity_pyfai)) in first(name).into_iter().zip(rings) {
                assert!((d - d_pyfai).abs() < 1e-6, "{name}: {d} {d_pyfai}");
                assert_eq!(multiplicity, multiplicity_pyfai, "{name} {d}");
            }
        }
    }

    #[test]
    fn rings_of_ceria_have_the_literature_intensities() {
        // pyFAI's CeO2.D (powder diffractometer, Cu K alpha): multiply by the Lorentz-polarization factor to compare.
        let literature = [100.0, 27.73, 48.63, 35.71, 6.31, 5.98, 11.84, 7.15, 10.51];
        let rings = Calibrant::named("CeO2").unwrap().rings(1.1);
        let lorentz = |d: f64| {
            let theta = (1.540593 / (2.0 * d)).asin();
            (1.0 + (2.0 * theta).cos().powi(2)) / (theta.sin().powi(2) * theta.cos())
        };
        let ours: Vec<f64> = rings.iter().map(|ring| ring.strength * lorentz(ring.d)).collect();
        for (ring, (ours, literature)) in ours.iter().map(|v| v / ours[0] * 100.0).zip(literature).enumerate() {
            // Form factors and one displacement for all atoms are rough: the weak far rings come out too strong.
            let bound = if ring < 4 { 0.25 } else { 0.6 };
            assert!((ours / literature - 1.0).abs() < bound, "ring {ring}: {ours} {literature}");
        }
    }

    #[test]
    fn ring_position_units_agree_with_each_other() {
        let (wavelength, distance, d) = (0.5e-10, 0.15, 3.12441816);
        let at = |unit| ring_position(d, unit, wavelength, distance).unwrap();
        let two_theta = at(RadialUnit::TwoThetaRad);
        assert!((two_theta - 2.0 * (0.5_f64 / (2.0 * d)).asin()).abs() < 1e-15);
        assert!((at(RadialUnit::TwoThetaDeg) - two_theta.to_degrees()).abs() < 1e-12);
        let q = 4.0 * PI / 0.5 * (two_theta / 2.0).sin();
        assert!((at(RadialUnit::QPerA) - q).abs() < 1e-12 && (at(RadialUnit::QPerNm) - 10.0 * q).abs() < 1e-11);
        assert!((at(RadialUnit::RadiusMm) - 150.0 * two_theta.tan()).abs() < 1e-9);
        assert_eq!(ring_position(0.24, RadialUnit::TwoThetaRad, wavelength, distance), None);
        assert_eq!(ring_position(0.26, RadialUnit::RadiusM, wavelength, distance), None);
    }
}
