//! From a pixel to its place in the lab, and to the angles and weights that follow.
//!
//! pyFAI's conventions as of 2026.9 (`pyFAI/geometry/core.py`: `calc_pos_zyx`, `rotation_matrix`, `cos_incidence`,
//! `polarization`; `pyFAI/detectors/_common.py`: `_reorder_indexes_from_orientation`). An orientation mirrors the
//! pixel's place within the detector and does nothing else. pyFAI from 2023.12 until 2026.9 mirrored t1 and t2 a
//! second time (removed by pyFAI's pull request 2911): for orientations other than 3 those releases report another
//! chi, while 2theta, q, r, solid angle and polarization are the same.

use super::{Geometry, detectors};
use std::sync::Arc;

/// A geometry reduced to numbers: evaluates positions in the lab frame.
#[derive(Clone, Debug)]
pub struct Projector {
    rotation: [[f64; 3]; 3],
    distance: f64,
    poni: [f64; 2],
    axes: [Axis; 2],
}

/// One axis of the detector: from pixels to metres.
#[derive(Clone, Debug)]
struct Axis {
    /// Length of the axis in pixels, where the orientation counts it from its far end. NaN where that is so but the
    /// length is unknown.
    mirrored: Option<f64>,
    scale: Scale,
}

#[derive(Clone, Debug)]
enum Scale {
    /// All pixels have this size.
    Regular(f64),
    /// Edges of the pixels, in m.
    Edges(Arc<[f64]>),
}

impl Axis {
    /// Place of `d`, in m.
    #[inline]
    fn metres(&self, d: f64) -> f64 {
        let d = match self.mirrored {
            None => d,
            Some(length) => length - d,
        };
        match &self.scale {
            Scale::Regular(size) => d * size,
            Scale::Edges(edges) => interpolate(edges, d),
        }
    }

    /// The inverse of [`Axis::metres`].
    fn pixels(&self, metres: f64) -> f64 {
        let d = match &self.scale {
            Scale::Regular(size) => metres / size,
            Scale::Edges(edges) => {
                let last = edges.len().saturating_sub(1);
                let above = edges.partition_point(|edge| *edge <= metres).clamp(1, last.max(1));
                match (edges.get(above - 1), edges.get(above)) {
                    (Some(low), Some(high)) => (above - 1) as f64 + (metres - low) / (high - low),
                    _ => f64::NAN,
                }
            }
        };
        match self.mirrored {
            None => d,
            Some(length) => length - d,
        }
    }
}

/// Linear interpolation between edges; beyond them the outermost pixels go on.
fn interpolate(edges: &[f64], d: f64) -> f64 {
    let index = (d.max(0.0) as usize).min(edges.len().saturating_sub(2));
    match (edges.get(index), edges.get(index + 1)) {
        (Some(low), Some(high)) => low + (high - low) * (d - index as f64),
        _ => f64::NAN,
    }
}

impl Projector {
    pub(super) fn new(geometry: &Geometry) -> Projector {
        let detector = &geometry.detector;
        let (s1, c1) = geometry.rot1.sin_cos();
        let (s2, c2) = geometry.rot2.sin_cos();
        let (s3, c3) = geometry.rot3.sin_cos();
        // R3 R2 R1 written out: rot1 and rot2 left-handed, rot3 right-handed.
        let rotation = [
            [c2 * c3, c3 * s1 * s2 - c1 * s3, -(c1 * c3 * s2 + s1 * s3)],
            [c2 * s3, c1 * c3 + s1 * s2 * s3, -(-c3 * s1 + c1 * s2 * s3)],
            [s2, -c2 * s1, c1 * c2],
        ];
        let [edges1, edges2] = match detectors::edges(detector) {
            Some([edges1, edges2]) => [Some(edges1), Some(edges2)],
            None => [None, None],
        };
        let axis = |axis: usize, mirroring: [u8; 2], size: f64, edges: Option<Arc<[f64]>>| Axis {
            mirrored: mirroring
                .contains(&detector.orientation)
                .then(|| detector.shape.map_or(f64::NAN, |shape| shape[axis] as f64)),
            scale: edges.map_or(Scale::Regular(size), Scale::Edges),
        };
        Projector {
            rotation,
            distance: geometry.distance,
            poni: [geometry.poni1, geometry.poni2],
            axes: [axis(0, [1, 2], detector.pixel1, edges1), axis(1, [1, 4], detector.pixel2, edges2)],
        }
    }

    /// Place on the detector relative to the point of normal incidence, in m.
    #[inline]
    fn plane(&self, d1: f64, d2: f64) -> [f64; 2] {
        [self.along(0, d1), self.along(1, d2)]
    }

    /// The same along one axis.
    #[inline]
    fn along(&self, axis: usize, d: f64) -> f64 {
        self.axes[axis].metres(d) - self.poni[axis]
    }

    /// Position in the lab frame, in m: (t1, t2, t3), t3 along the beam. `d1` and `d2` count pixels along axis 1
    /// and 2 from the first stored pixel's outer corner: the centre of the first pixel is (0.5, 0.5).
    #[inline]
    pub fn lab(&self, d1: f64, d2: f64) -> [f64; 3] {
        let (down, across, ahead) = (self.down(d1), self.across(d2), self.ahead());
        [0, 1, 2].map(|i| down[i] + across[i] + ahead[i])
    }

    /// What axis 1 gives to a position in the lab: its three parts are added in the order down, across, ahead.
    #[inline]
    pub fn down(&self, d1: f64) -> [f64; 3] {
        let p1 = self.along(0, d1);
        self.rotation.map(|row| row[0] * p1)
    }

    /// What axis 2 gives to it.
    #[inline]
    pub fn across(&self, d2: f64) -> [f64; 3] {
        let p2 = self.along(1, d2);
        self.rotation.map(|row| row[1] * p2)
    }

    /// What the distance gives to it.
    #[inline]
    pub fn ahead(&self) -> [f64; 3] {
        self.rotation.map(|row| row[2] * self.distance)
    }

    /// Solid angle of the pixel at (`d1`, `d2`) relative to one at the point of normal incidence: cos^3 of the angle
    /// of incidence (pyFAI's `diffSolidAngle` of a flat detector).
    #[inline]
    pub fn solid_angle(&self, d1: f64, d2: f64) -> f64 {
        let [p1, p2] = self.plane(d1, d2);
        let cosine = self.distance / (self.distance * self.distance + p1 * p1 + p2 * p2).sqrt();
        cosine * cosine * cosine
    }

    /// Where the direct beam meets the detector's plane, in pixels as [`Projector::lab`] counts them; `None` when the
    /// detector is tilted so far that it does not.
    pub fn beam_centre(&self) -> Option<[f64; 2]> {
        let [r1, r2, r3] = self.rotation[2];
        let scale = self.distance / r3;
        let centre = [self.axes[0].pixels(scale * r1 + self.poni[0]), self.axes[1].pixels(scale * r2 + self.poni[1])];
        (r3 > 0.0 && centre.iter().all(|pixel| pixel.is_finite())).then_some(centre)
    }
}

/// Distance of a lab position from the beam, in m.
#[inline]
pub fn radius(t: [f64; 3]) -> f64 {
    (t[0] * t[0] + t[1] * t[1]).sqrt()
}

/// Scattering angle of a lab position, in rad, 0 to pi.
#[inline]
pub fn two_theta(t: [f64; 3]) -> f64 {
    radius(t).atan2(t[2])
}

/// Azimuth of a lab position, in rad, -pi to pi: 0 along axis 2, pi/2 along axis 1.
#[inline]
pub fn chi(t: [f64; 3]) -> f64 {
    t[0].atan2(t[1])
}

/// Sine of half the scattering angle, without going through the angle: sin^2(theta) = (|t| - t3) / (2 |t|), expanded
/// by |t| + t3 in the forward direction, where the difference would cancel.
#[inline]
pub fn sin_theta(t: [f64; 3]) -> f64 {
    let in_plane = t[0] * t[0] + t[1] * t[1];
    let length = (in_plane + t[2] * t[2]).sqrt();
    // Chosen, not branched: in a loop this becomes vector code.
    let (above, more) = if t[2] >= 0.0 { (in_plane, length + t[2]) } else { (length - t[2], 1.0) };
    let square = above / (2.0 * length * more);
    square.sqrt()
}

/// Polarization correction at a lab position for the factor f = (I_h - I_v) / (I_h + I_v), -1 to 1:
/// P = 1/2 (1 + cos^2 2theta - f cos 2chi (1 - cos^2 2theta)) (`pyFAI/geometry/core.py`, `polarization`).
///
/// In coordinates, cos 2theta = t3 / |t| and cos 2chi sin^2 2theta = (t2^2 - t1^2) / |t|^2.
#[inline]
pub fn polarization(factor: f64, t: [f64; 3]) -> f64 {
    let [s1, s2, s3] = t.map(|component| component * component);
    0.5 * (1.0 + (s3 - factor * (s2 - s1)) / (s1 + s2 + s3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Detector, DetectorConfig};

    fn tilted(orientation: u8) -> Geometry {
        let config = DetectorConfig { orientation: Some(orientation), ..Default::default() };
        Geometry {
            detector: Detector::configured("Pilatus 100k", &config).unwrap(),
            distance: 0.2,
            poni1: 0.011,
            poni2: 0.03,
            rot1: 0.3,
            rot2: -0.2,
            rot3: 0.5,
            wavelength: Some(1e-10),
        }
    }

    /// The numbers are pyFAI 2026.9's for the pixel in row 10, column 20.
    #[test]
    fn projector_of_each_orientation_gives_pyfais_numbers() {
        #[rustfmt::skip]
        let expected = [
            (1, [-0.0027886357916212783, 0.12051435072818004, 0.1685890571151844], 0.6207436286663269,
             -0.023135321431296627, 0.8986452382567175, 0.6787728572076853),
            (2, [0.036298911826682136, 0.058359282301700934, 0.19080711360279295], 0.34572518341019637,
             0.5564321619313624, 0.9590465876762787, 0.9197341558575121),
            (3, [0.010558158112881487, 0.04429704445739584, 0.19675288933482754], 0.2274425497064733,
             0.23398335500948086, 0.9712540910041053, 0.9541578513530024),
            (4, [-0.028529389505421936, 0.10645211288387493, 0.174534832847219], 0.5632190574694276,
             -0.2618487479778901, 0.9095935194108088, 0.7463845273830729),
        ];
        let close = |ours: f64, theirs: f64| assert!((ours - theirs).abs() <= 1e-14 * theirs.abs().max(0.01), "{ours}");
        for (orientation, t, angle, azimuth, solid_angle, factor) in expected {
            let projector = tilted(orientation).projector();
            let ours = projector.lab(10.5, 20.5);
            ours.into_iter().zip(t).for_each(|(ours, theirs)| close(ours, theirs));
            close(two_theta(ours), angle);
            close(chi(ours), azimuth);
            close(2.0 * sin_theta(ours).asin(), angle);
            close(projector.solid_angle(10.5, 20.5), solid_angle);
            close(polarization(0.9, ours), factor);
        }
    }

    #[test]
    fn projector_at_the_beam_centre_has_no_scattering_angle() {
        for orientation in 1..=4 {
            let mut geometry = tilted(orientation);
            for name in ["Pilatus 100k", "Jungfrau 500k"] {
                let config = DetectorConfig { orientation: Some(orientation), ..Default::default() };
                geometry.detector = Detector::configured(name, &config).unwrap();
                let projector = geometry.projector();
                let [d1, d2] = projector.beam_centre().unwrap();
                assert!(two_theta(projector.lab(d1, d2)) < 1e-14, "{name}, orientation {orientation}");
            }
        }
    }

    #[test]
    fn projector_tilted_beyond_a_right_angle_has_no_beam_centre() {
        let mut geometry = tilted(3);
        geometry.rot1 = 2.0;
        assert_eq!(geometry.projector().beam_centre(), None);
    }

    #[test]
    fn projector_mirrored_without_a_shape_gives_nan_rather_than_a_wrong_place() {
        let mut geometry = tilted(1);
        geometry.detector.shape = None;
        assert!(geometry.projector().lab(0.5, 0.5).iter().all(|component| component.is_nan()));
    }

    #[test]
    fn sin_theta_is_exact_from_tiny_angles_to_backscattering() {
        for angle in [1e-9, 1e-4, 0.3, 1.5, 1.6, 3.0, 3.13] {
            let (sine, cosine) = f64::sin_cos(angle);
            let ours = sin_theta([0.0, 0.7 * sine, 0.7 * cosine]);
            assert!((ours / (0.5 * angle).sin() - 1.0).abs() < 1e-15, "{angle}: {ours}");
        }
    }

    #[test]
    fn polarization_vanishes_at_right_angles_in_the_plane_of_linear_polarization() {
        assert_eq!(polarization(1.0, [0.0, 0.3, 0.0]), 0.0);
        assert_eq!(polarization(1.0, [0.3, 0.0, 0.0]), 1.0);
        assert_eq!(polarization(0.0, [0.0, 0.3, 0.0]), 0.5);
    }
}
