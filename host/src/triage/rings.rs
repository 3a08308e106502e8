//! Robust statistics of rings: how many pixels stand out of those at their own angle.
//!
//! Of each ring the median m and the median absolute deviation are taken, which a few bright pixels do not move (a mean and
//! a standard deviation they do). A pixel stands out if it is more than N s above m, with
//!
//! ```text
//! s = max(1.4826 MAD, sqrt(m), 1)
//! ```
//!
//! 1.4826 makes a standard deviation of a Gaussian's MAD; counts never vary by less than sqrt(m); and where most pixels of a
//! ring are 0, one count is no event.

use crate::geometry::{Geometry, RadialUnit};
use crate::stack::INVALID;

/// Standard deviation of a Gaussian over its MAD.
const OF_MAD: f64 = 1.4826;

/// The pixels of a frame, ring by ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rings {
    pixels: Vec<Vec<usize>>,
}

impl Rings {
    /// Rings of equal width in r about the beam, from the geometry; masked pixels belong to none.
    pub fn of_geometry(geometry: &Geometry, shape: [usize; 2], mask: &[bool], rings: usize) -> Rings {
        let projector = geometry.projector();
        Rings::by(shape, mask, rings, |row, column| {
            RadialUnit::TwoThetaRad.value(projector.lab(row + 0.5, column + 0.5), None)
        })
    }

    /// Rings of equal width about the frame's centre, for a detector whose place is not known.
    pub fn of_frame(shape: [usize; 2], mask: &[bool], rings: usize) -> Rings {
        let centre = shape.map(|length| 0.5 * length as f64);
        Rings::by(shape, mask, rings, |row, column| (row + 0.5 - centre[0]).hypot(column + 0.5 - centre[1]))
    }

    fn by([rows, columns]: [usize; 2], mask: &[bool], rings: usize, radius: impl Fn(f64, f64) -> f64) -> Rings {
        let free = |pixel: &usize| !mask.get(*pixel).copied().unwrap_or(false);
        let at = |pixel: usize| radius((pixel / columns) as f64, (pixel % columns) as f64);
        let radii: Vec<(usize, f64)> = (0..rows * columns).filter(free).map(|pixel| (pixel, at(pixel))).collect();
        let radii: Vec<(usize, f64)> = radii.into_iter().filter(|(_, radius)| radius.is_finite()).collect();
        let ends = radii.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[a, b], &(_, r)| [a.min(r), b.max(r)]);
        let rings = rings.max(1);
        let mut pixels = vec![Vec::new(); rings];
        for (pixel, radius) in radii {
            let ring = (radius - ends[0]) / (ends[1] - ends[0]).max(f64::MIN_POSITIVE) * rings as f64;
            pixels[(ring as usize).min(rings - 1)].push(pixel);
        }
        pixels.retain(|ring| !ring.is_empty());
        Rings { pixels }
    }

    /// How many valid pixels stand out of their ring by more than `sigma` standard deviations.
    pub fn outliers(&self, values: &[u32], sigma: f64) -> usize {
        let mut ring: Vec<u32> = Vec::new();
        let mut deviations: Vec<f64> = Vec::new();
        let mut outliers = 0;
        for pixels in &self.pixels {
            ring.clear();
            ring.extend(pixels.iter().filter_map(|&pixel| values.get(pixel)).filter(|&&value| value != INVALID));
            let Some(median) = median(&mut ring, u32::cmp).map(f64::from) else { continue };
            deviations.clear();
            deviations.extend(ring.iter().map(|&value| (f64::from(value) - median).abs()));
            let mad = self::median(&mut deviations, f64::total_cmp).unwrap_or(0.0);
            let limit = median + sigma * (OF_MAD * mad).max(median.sqrt()).max(1.0);
            outliers += ring.iter().filter(|&&value| f64::from(value) > limit).count();
        }
        outliers
    }
}

/// The element in the middle, the upper one of two; the order of the others changes.
fn median<T: Copy>(values: &mut [T], order: impl FnMut(&T, &T) -> std::cmp::Ordering) -> Option<T> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, order).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outliers_are_counted_ring_by_ring() {
        // The innermost of the rings is bright, the others are faint: what is common within stands out without.
        let shape = [40, 40];
        let rings = Rings::of_frame(shape, &[], 4);
        let radius = |pixel: usize| ((pixel / 40) as f64 + 0.5 - 20.0).hypot((pixel % 40) as f64 + 0.5 - 20.0);
        let mut values: Vec<u32> = (0..1600).map(|pixel| if radius(pixel) < 7.4 { 100 } else { 2 }).collect();
        assert_eq!(rings.outliers(&values, 5.0), 0);
        values[0] = 100;
        values[1] = INVALID;
        values[820] = 130;
        assert_eq!(rings.outliers(&values, 5.0), 1);
        values[820] = 151;
        assert_eq!(rings.outliers(&values, 5.0), 2);
    }

    #[test]
    fn outliers_of_masked_and_empty_frames_are_none() {
        let mask = vec![true; 100];
        assert_eq!(Rings::of_frame([10, 10], &mask, 3).outliers(&[9; 100], 1.0), 0);
        assert_eq!(Rings::of_frame([10, 10], &[], 3).outliers(&[INVALID; 100], 1.0), 0);
    }
}
