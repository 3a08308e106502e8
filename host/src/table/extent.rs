//! The radial extent of a detector: the smallest and largest value of all sub-pixel centres.
//!
//! The places with a scattering angle of at most c, for c up to 90 degrees, are a cone, which cuts the detector's plane
//! in a convex figure. On a rectangle before the sample, the angle is therefore largest in a corner; and along any
//! row it falls, then rises, so that a row's smallest value is found by bisection. Every radial unit rises with the
//! angle, and the radius (whose figures are cylinders) behaves in the same way. Where a part of the detector stands
//! behind the sample, every sub-pixel is looked at.

use super::Split;
use super::evaluate::Evaluate;
use super::request::BuildError;
use rayon::prelude::*;

/// Sub-pixels on both sides of a row's smallest value that are looked at as well: neighbours may be equal but for
/// rounding, and the extent must hold them all.
const MARGIN: usize = 4;

/// A detector's sub-pixels, counted along both axes.
struct Grid<'a> {
    evaluate: &'a Evaluate,
    split: Split,
    rows: usize,
    columns: usize,
}

/// Smallest and largest radial value of all sub-pixel centres of a detector of `shape` (not empty).
///
/// # Errors
/// [`BuildError::NotFinite`], as far as places were looked at.
pub(super) fn extent(evaluate: &Evaluate, shape: [usize; 2], split: Split) -> Result<[f64; 2], BuildError> {
    let grid = Grid { evaluate, split, rows: shape[0] * split.n(), columns: shape[1] * split.n() };
    let corners = grid.corners();
    let before = corners.iter().all(|&(row, column)| grid.lab(row, column)[2] > 0.0);
    if before { grid.by_bisection(corners) } else { grid.by_scan() }
}

impl Grid<'_> {
    fn corners(&self) -> [(usize, usize); 4] {
        let (bottom, right) = (self.rows - 1, self.columns - 1);
        [(0, 0), (0, right), (bottom, 0), (bottom, right)]
    }

    fn lab(&self, row: usize, column: usize) -> [f64; 3] {
        self.evaluate.lab(self.split.centre(row), self.split.centre(column))
    }

    fn value(&self, row: usize, column: usize) -> Result<f64, BuildError> {
        let value = self.evaluate.radial(self.lab(row, column));
        let n = self.split.n();
        let wrong = BuildError::NotFinite { what: "radial value", row: row / n, column: column / n };
        if value.is_finite() { Ok(value) } else { Err(wrong) }
    }

    fn by_bisection(&self, corners: [(usize, usize); 4]) -> Result<[f64; 2], BuildError> {
        let mut hi = f64::NEG_INFINITY;
        for (row, column) in corners {
            hi = hi.max(self.value(row, column)?);
        }
        let lows: Vec<Result<f64, BuildError>> = (0..self.rows).into_par_iter().map(|row| self.lowest(row)).collect();
        lows.into_iter().try_fold([hi, hi], |[lo, hi], row| Ok([lo.min(row?), hi]))
    }

    /// The smallest value of a row along which values fall, then rise.
    fn lowest(&self, row: usize) -> Result<f64, BuildError> {
        let (mut from, mut to) = (0, self.columns - 1);
        while to - from > 2 * MARGIN {
            let middle = from + (to - from) / 2;
            // The margin keeps what equals the smallest value but for rounding.
            if self.value(row, middle)? < self.value(row, middle + 1)? {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        let (from, to) = (from.saturating_sub(MARGIN), (to + MARGIN).min(self.columns - 1));
        (from..=to).try_fold(f64::INFINITY, |lo, column| Ok(lo.min(self.value(row, column)?)))
    }

    fn by_scan(&self) -> Result<[f64; 2], BuildError> {
        let none = [f64::INFINITY, f64::NEG_INFINITY];
        // Rows are collected in their order, so that an error is the first row's for any number of threads.
        let extents: Vec<Result<[f64; 2], BuildError>> = (0..self.rows)
            .into_par_iter()
            .map(|row| {
                (0..self.columns).try_fold(none, |[lo, hi], column| {
                    let value = self.value(row, column)?;
                    Ok([lo.min(value), hi.max(value)])
                })
            })
            .collect();
        extents.into_iter().try_fold(none, |[lo, hi], row| {
            let row = row?;
            Ok([lo.min(row[0]), hi.max(row[1])])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::RadialUnit;
    use crate::table::{Request, tests::request};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn both(request: &Request) -> [[f64; 2]; 2] {
        let evaluate = Evaluate::new(request).unwrap();
        let n = request.split.n();
        let grid = Grid {
            evaluate: &evaluate,
            split: request.split,
            rows: request.shape[0] * n,
            columns: request.shape[1] * n,
        };
        [extent(&evaluate, request.shape, request.split).unwrap(), grid.by_scan().unwrap()]
    }

    #[test]
    fn extent_of_random_geometries_equals_a_scan_to_the_bit() {
        let mut random = ChaCha8Rng::seed_from_u64(9);
        for _ in 0..150 {
            let mut request = request();
            request.shape = [random.random_range(1..40), random.random_range(1..50)];
            request.split = Split::new([1, 2, 4, 8][random.random_range(0..4)]).unwrap();
            let g = &mut request.geometry;
            (g.poni1, g.poni2) = (random.random_range(-0.05..0.1), random.random_range(-0.05..0.1));
            (g.rot1, g.rot2) = (random.random_range(-1.4..1.4), random.random_range(-1.4..1.4));
            (g.rot3, g.distance) = (random.random_range(-3.0..3.0), random.random_range(0.001..1.0));
            g.detector.orientation = random.random_range(1..5);
            for unit in RadialUnit::ALL {
                let [fast, scan] = both(&Request { unit, ..request.clone() });
                assert_eq!(fast, scan, "{request:?} in {unit}");
            }
        }
    }

    #[test]
    fn extent_of_symmetric_geometries_equals_a_scan_to_the_bit() {
        // The beam on a pixel's corner, edge or centre, or beside the detector: many values equal but for rounding.
        for (d1, d2) in
            [(20.0, 25.0), (20.5, 25.0), (20.5, 25.5), (0.0, 25.0), (-30.0, 25.0), (20.25, 24.75), (20.0, 90.0)]
        {
            for n in [1, 2, 4, 8] {
                for distance in [0.01, 0.1, 1.7, 20.0] {
                    let mut request = Request { split: Split::new(n).unwrap(), ..request() };
                    let g = &mut request.geometry;
                    (g.rot1, g.rot2, g.rot3, g.distance) = (0.0, 0.0, 0.0, distance);
                    (g.poni1, g.poni2) = (d1 * g.detector.pixel1, d2 * g.detector.pixel2);
                    for unit in RadialUnit::ALL {
                        let [fast, scan] = both(&Request { unit, ..request.clone() });
                        assert_eq!(fast, scan, "beam at {d1}, {d2}; n {n}, distance {distance}, {unit}");
                    }
                }
            }
        }
    }
}
