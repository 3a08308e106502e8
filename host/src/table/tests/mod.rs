//! Tests of tables, and the requests that they and others' tests start from.

mod build;
mod file;

use super::*;
use crate::geometry::Detector;

/// A tilted detector of 40 x 50 pixels whose beam centre is on it.
pub(crate) fn geometry() -> Geometry {
    Geometry {
        detector: Detector { name: "Detector".into(), pixel1: 1e-3, pixel2: 0.8e-3, shape: None, orientation: 3 },
        distance: 0.05,
        poni1: 0.0181,
        poni2: 0.0233,
        rot1: 0.07,
        rot2: -0.05,
        rot3: 0.3,
        wavelength: Some(1.2e-10),
    }
}

/// A 1D request of 100 bins with everything on.
pub(crate) fn request() -> Request {
    let shape = [40, 50];
    let mut mask = vec![false; 2000];
    mask[..55].fill(true);
    mask[777] = true;
    let flat = (0..2000).map(|i| 0.9 + (i * 7919 % 2000) as f64 * 1e-4).collect();
    Request {
        geometry: geometry(),
        shape,
        unit: RadialUnit::QPerA,
        radial_bins: 100,
        caked: false,
        azimuth_bins: None,
        radial_range: None,
        azimuth_range: None,
        split: Split::new(4).unwrap(),
        mask,
        flat: Some(flat),
        solid_angle: true,
        polarization: Some(0.99),
    }
}

/// A 2D request of 8 x 10 pixels: a table file of a few kilobytes.
pub(crate) fn small() -> Request {
    let mut mask = vec![false; 80];
    mask[33] = true;
    Request { shape: [8, 10], radial_bins: 6, caked: true, azimuth_bins: Some(3), mask, flat: None, ..request() }
}
