//! A crystal's powder lines: d-spacings and |F|^2 from the unit cell and its atoms.
//!
//! Reflection conditions and multiplicities are not tabulated: all (h k l) are walked through, those of equal d are
//! added up, and those whose structure factor vanishes drop out.

use std::f64::consts::PI;

/// Atomic form factor f(s) = sum a exp(-b s^2) + c, s = sin(theta)/lambda in 1/A, for neutral atoms: International
/// Tables for Crystallography C (1992), table 6.1.1.4. Anomalous dispersion is left out.
#[derive(Clone, Copy, Debug)]
pub struct FormFactor {
    a: [f64; 4],
    b: [f64; 4],
    c: f64,
}

impl FormFactor {
    /// Electrons that the atom seems to have at sin(theta)/lambda = `s` (1/A).
    pub fn at(&self, s: f64) -> f64 {
        self.c + self.a.iter().zip(&self.b).map(|(a, b)| a * (-b * s * s).exp()).sum::<f64>()
    }
}

macro_rules! form_factors {
    ($($name:ident, $a:expr, $b:expr, $c:expr;)*) => {
        $(pub(super) const $name: FormFactor = FormFactor { a: $a, b: $b, c: $c };)*
    };
}

form_factors! {
    BORON, [2.0545, 1.3326, 1.0979, 0.7068], [23.2185, 1.021, 60.3498, 0.1403], -0.1932;
    OXYGEN, [3.0485, 2.2868, 1.5463, 0.867], [13.2771, 5.7011, 0.3239, 32.9089], 0.2508;
    ALUMINIUM, [6.4202, 1.9002, 1.5936, 1.9646], [3.0387, 0.7426, 31.5472, 85.0886], 1.1151;
    SILICON, [6.2915, 3.0353, 1.9891, 1.541], [2.4386, 32.3337, 0.6785, 81.6937], 1.1407;
    CHROMIUM, [10.6406, 7.3537, 3.324, 1.4922], [6.1038, 0.392, 20.2626, 98.7399], 1.1832;
    LANTHANUM, [20.578, 19.599, 11.3727, 3.28719], [2.94817, 0.244475, 18.7726, 133.124], 2.14678;
    CERIUM, [21.1671, 19.7695, 11.8513, 3.33049], [2.81219, 0.226836, 17.6083, 127.113], 1.86264;
    GOLD, [16.8819, 18.5913, 25.5582, 5.86], [0.4611, 8.6216, 1.4826, 36.3956], 12.0658;
}

/// One atom of the unit cell.
#[derive(Clone, Copy, Debug)]
pub struct Atom {
    /// Its form factor.
    pub form: FormFactor,
    /// Fractional coordinates.
    pub at: [f64; 3],
}

/// A unit cell whose reciprocal metric is cubic or hexagonal, with all its atoms.
#[derive(Clone, Debug)]
pub struct Crystal {
    /// Lattice constant a (= b), in A.
    pub a: f64,
    /// Lattice constant c, in A (equal to a when cubic).
    pub c: f64,
    /// gamma is 120 degrees, not 90.
    pub hexagonal: bool,
    /// Mean isotropic displacement B, in A^2 (Debye-Waller factor exp(-B s^2) on each amplitude).
    pub displacement: f64,
    /// Every atom of the cell.
    pub atoms: Vec<Atom>,
}

/// One line of a powder pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Lattice spacing, in A.
    pub d: f64,
    /// One of the reflections that fall here.
    pub hkl: [i32; 3],
    /// How many reflections fall here (both of a Friedel pair).
    pub multiplicity: u32,
    /// Sum of |F|^2 over them, in electrons squared.
    pub strength: f64,
}

/// Reflections weaker than this share of the strongest are taken for systematically absent.
const ABSENT: f64 = 1e-9;

/// Lines of a cell with this relative distance in d are one.
const SAME_D: f64 = 1e-9;

impl Crystal {
    /// 1/d^2 of a reflection, in 1/A^2.
    fn inverse_d_squared(&self, [h, k, l]: [f64; 3]) -> f64 {
        let basal = if self.hexagonal { 4.0 / 3.0 * (h * h + h * k + k * k) } else { h * h + k * k };
        basal / (self.a * self.a) + l * l / (self.c * self.c)
    }

    /// |F|^2 of a reflection, in electrons squared.
    fn structure_factor_squared(&self, [h, k, l]: [f64; 3]) -> f64 {
        let s = 0.5 * self.inverse_d_squared([h, k, l]).sqrt();
        let (mut re, mut im) = (0.0, 0.0);
        for atom in &self.atoms {
            let (sin, cos) = (2.0 * PI * (h * atom.at[0] + k * atom.at[1] + l * atom.at[2])).sin_cos();
            let f = atom.form.at(s);
            re += f * cos;
            im += f * sin;
        }
        (re * re + im * im) * (-2.0 * self.displacement * s * s).exp()
    }

    /// All lines with d >= `d_min` (A, must be positive), falling d.
    pub fn lines(&self, d_min: f64) -> Vec<Line> {
        let limit = 1.0 / (d_min * d_min);
        // Along a (hexagonal too) no index can exceed 2a / (sqrt(3) d); 1.2 a / d bounds both systems.
        let (most_a, most_c) = ((1.2 * self.a / d_min) as i32, (self.c / d_min) as i32);
        let mut found = Vec::new();
        for h in -most_a..=most_a {
            for k in -most_a..=most_a {
                for l in -most_c..=most_c {
                    let hkl = [h, k, l];
                    let real = hkl.map(f64::from);
                    let inverse = self.inverse_d_squared(real);
                    if hkl != [0; 3] && inverse <= limit * (1.0 + SAME_D) {
                        found.push((inverse, hkl, self.structure_factor_squared(real)));
                    }
                }
            }
        }
        let strongest = found.iter().map(|reflection| reflection.2).fold(0.0, f64::max);
        found.retain(|reflection| reflection.2 > ABSENT * strongest);
        // Of reflections with one d, the greatest (h k l) names the line: (1 1 1), not (-1 -1 -1).
        found.sort_by(|x, y| x.0.total_cmp(&y.0).then(y.1.cmp(&x.1)));
        let mut lines: Vec<Line> = Vec::new();
        for (inverse, hkl, strength) in found {
            let d = inverse.sqrt().recip();
            match lines.last_mut() {
                Some(last) if (last.d - d).abs() <= SAME_D * d => {
                    last.multiplicity += 1;
                    last.strength += strength;
                    last.hkl = last.hkl.max(hkl);
                }
                _ => lines.push(Line { d, hkl, multiplicity: 1, strength }),
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_factor_forward_is_the_atomic_number() {
        let all = [
            (BORON, 5.0),
            (OXYGEN, 8.0),
            (ALUMINIUM, 13.0),
            (SILICON, 14.0),
            (CHROMIUM, 24.0),
            (LANTHANUM, 57.0),
            (CERIUM, 58.0),
            (GOLD, 79.0),
        ];
        for (form, electrons) in all {
            assert!((form.at(0.0) - electrons).abs() < 0.05, "{electrons}: {}", form.at(0.0));
        }
    }

    #[test]
    fn lines_of_a_face_centred_cell_have_unmixed_indices() {
        let at = [[0.0; 3], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]];
        let atoms = at.map(|at| Atom { form: GOLD, at }).to_vec();
        let lines = Crystal { a: 4.0, c: 4.0, hexagonal: false, displacement: 0.0, atoms }.lines(1.0);
        let expected =
            [([1, 1, 1], 8), ([2, 0, 0], 6), ([2, 2, 0], 12), ([3, 1, 1], 24), ([2, 2, 2], 8), ([4, 0, 0], 6)];
        assert_eq!(lines.iter().map(|line| (line.hkl, line.multiplicity)).collect::<Vec<_>>(), expected);
        // All four atoms scatter in phase.
        let f = GOLD.at(0.5 / lines[0].d);
        assert!((lines[0].strength / (8.0 * 16.0 * f * f) - 1.0).abs() < 1e-12);
    }
}
