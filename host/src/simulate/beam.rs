//! Where the direct beam meets the detector, and geometries made from that.

use super::error::SimulateError;
use crate::geometry::{Detector, Geometry};

/// Where the direct beam meets the detector's plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BeamSpot {
    /// Pixels along axis 1 (Y) and 2 (X), from the corner: the centre of the first pixel is (0.5, 0.5).
    pub pixel: [f64; 2],
    /// Distance from the sample, in m.
    pub distance: f64,
}

/// The beam's path to the detector's plane relative to the distance along its normal: cos(rot1) cos(rot2) is the
/// cosine between them (third row of R3 R2 R1).
fn obliqueness(rot1: f64, rot2: f64) -> Result<f64, SimulateError> {
    let cosine = rot1.cos() * rot2.cos();
    if cosine > 1e-6 { Ok(1.0 / cosine) } else { Err(SimulateError::BeamMisses) }
}

/// Finds the beam's spot.
///
/// # Errors
/// [`SimulateError::BeamMisses`] when the beam runs along the detector's plane or away from it.
pub fn beam_spot(geometry: &Geometry) -> Result<BeamSpot, SimulateError> {
    let distance = geometry.distance * obliqueness(geometry.rot1, geometry.rot2)?;
    let pixel = geometry.projector().beam_centre().ok_or(SimulateError::BeamMisses)?;
    Ok(BeamSpot { pixel, distance })
}

/// A geometry whose beam meets the detector at `pixel` (Y, X), with the PONI distance `distance` (m), rotations (rad)
/// and wavelength (m).
///
/// # Errors
/// [`SimulateError::BeamMisses`]; [`SimulateError::OutOfRange`] for a distance that is not above 0 and finite.
pub fn geometry_with_beam_at(
    detector: Detector,
    pixel: [f64; 2],
    distance: f64,
    rotations: [f64; 3],
    wavelength: f64,
) -> Result<Geometry, SimulateError> {
    for (what, value, fine, must) in [
        ("the distance", distance, distance > 0.0 && distance < 1e4, "above 0 and below 10000 m"),
        ("the beam centre's Y", pixel[0], pixel[0].abs() < 1e7, "within 1e7 pixels"),
        ("the beam centre's X", pixel[1], pixel[1].abs() < 1e7, "within 1e7 pixels"),
    ] {
        if !fine {
            return Err(SimulateError::OutOfRange { what, value: value.to_string(), must });
        }
    }
    let [rot1, rot2, rot3] = rotations;
    let path = distance * obliqueness(rot1, rot2)?;
    let upright = Geometry {
        detector,
        distance,
        poni1: 0.0,
        poni2: 0.0,
        rot1: 0.0,
        rot2: 0.0,
        rot3: 0.0,
        wavelength: Some(wavelength),
    };
    // Upright and with its PONI at the corner, the detector's coordinates are those of the lab; the beam meets the
    // tilted detector's plane at path * (third row of R3 R2 R1) from the PONI.
    let [y, x, _] = upright.projector().lab(pixel[0], pixel[1]);
    let poni1 = y - path * rot2.sin();
    let poni2 = x + path * rot1.sin() * rot2.cos();
    Ok(Geometry { poni1, poni2, rot1, rot2, rot3, ..upright })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::detector::DetectorConfig;

    fn detector(pixel1: f64, pixel2: f64) -> Detector {
        let config = DetectorConfig { pixel1: Some(pixel1), pixel2: Some(pixel2), ..DetectorConfig::default() };
        Detector::configured("Detector", &config).unwrap()
    }

    #[test]
    fn geometry_with_beam_at_a_tilt_puts_the_beam_there() {
        for detector in [detector(75e-6, 172e-6), Detector::named("Jungfrau").unwrap()] {
            let rotations = [0.3, -0.2, 0.1];
            let geometry = geometry_with_beam_at(detector, [321.5, 212.25], 0.2, rotations, 1e-10).unwrap();
            let spot = beam_spot(&geometry).unwrap();
            assert!((spot.pixel[0] - 321.5).abs() < 1e-9 && (spot.pixel[1] - 212.25).abs() < 1e-9, "{spot:?}");
            let [t1, t2, t3] = geometry.projector().lab(spot.pixel[0], spot.pixel[1]);
            assert!(t1.abs() < 1e-12 && t2.abs() < 1e-12 && (t3 - spot.distance).abs() < 1e-12);
        }
    }

    #[test]
    fn geometry_with_beam_at_a_detector_turned_away_is_refused() {
        let outcome = geometry_with_beam_at(detector(1e-4, 1e-4), [0.0; 2], 0.2, [0.0, 3.0, 0.0], 1e-10);
        assert!(matches!(outcome, Err(SimulateError::BeamMisses)));
    }
}
