//! Where the direct beam meets the detector.

use crate::geometry::{Detector, Geometry};

/// Where the direct beam meets the detector's plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BeamSpot {
    /// Pixels along axis 1 (Y) and 2 (X), from the corner: the centre of the first pixel is (0.5, 0.5).
    pub pixel: [f64; 2],
    /// Distance from the sample, in m.
    pub distance: f64,
}

/// Finds the beam's spot; `None` when the beam runs along the detector's plane or away from it.
pub fn beam_spot(geometry: &Geometry) -> Option<BeamSpot> {
    // The lab frame depends linearly on the pixel: t = origin + d1 * along1 + d2 * along2. Solve t1 = t2 = 0.
    let projector = geometry.projector();
    let origin = projector.lab(0.0, 0.0);
    let direction = |corner: [f64; 3]| -> [f64; 3] { std::array::from_fn(|axis| corner[axis] - origin[axis]) };
    let (along1, along2) = (direction(projector.lab(1.0, 0.0)), direction(projector.lab(0.0, 1.0)));
    let determinant = along1[0] * along2[1] - along2[0] * along1[1];
    let d1 = (along2[0] * origin[1] - along2[1] * origin[0]) / determinant;
    let d2 = (along1[1] * origin[0] - along1[0] * origin[1]) / determinant;
    let distance = origin[2] + d1 * along1[2] + d2 * along2[2];
    let spot = BeamSpot { pixel: [d1, d2], distance };
    (d1.is_finite() && d2.is_finite() && distance > 0.0).then_some(spot)
}

/// A geometry whose beam meets the detector at `pixel` (Y, X), with the PONI distance `distance` (m), rotations (rad)
/// and wavelength (m). `None` as in [`beam_spot`].
pub fn geometry_with_beam_at(
    detector: Detector,
    pixel: [f64; 2],
    distance: f64,
    rotations: [f64; 3],
    wavelength: f64,
) -> Option<Geometry> {
    let [rot1, rot2, rot3] = rotations;
    let wavelength = Some(wavelength);
    let mut geometry = Geometry { detector, distance, poni1: 0.0, poni2: 0.0, rot1, rot2, rot3, wavelength };
    // Moving the PONI by a length moves the spot by as much, so that one step finds it.
    let spot = beam_spot(&geometry)?;
    geometry.poni1 = (pixel[0] - spot.pixel[0]) * geometry.detector.pixel1;
    geometry.poni2 = (pixel[1] - spot.pixel[1]) * geometry.detector.pixel2;
    Some(geometry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geometry_with_beam_at_a_tilt_puts_the_beam_there() {
        let detector = Detector { name: "Detector".into(), pixel1: 75e-6, pixel2: 172e-6, shape: None, orientation: 3 };
        let rotations = [0.3, -0.2, 0.1];
        let geometry = geometry_with_beam_at(detector, [321.5, 12.25], 0.2, rotations, 1e-10).unwrap();
        let spot = beam_spot(&geometry).unwrap();
        assert!((spot.pixel[0] - 321.5).abs() < 1e-9 && (spot.pixel[1] - 12.25).abs() < 1e-9, "{spot:?}");
        assert!((spot.distance - 0.2 / (0.3f64.cos() * 0.2f64.cos())).abs() < 1e-12);
        let [t1, t2, t3] = geometry.projector().lab(spot.pixel[0], spot.pixel[1]);
        assert!(t1.abs() < 1e-12 && t2.abs() < 1e-12 && (t3 - spot.distance).abs() < 1e-12);
    }

    #[test]
    fn beam_spot_of_a_detector_along_the_beam_is_none() {
        let detector = Detector { name: "Detector".into(), pixel1: 1e-4, pixel2: 1e-4, shape: None, orientation: 3 };
        assert_eq!(geometry_with_beam_at(detector, [0.0; 2], 0.2, [0.0, 3.0, 0.0], 1e-10), None);
    }
}
