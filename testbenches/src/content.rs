//! Seeded content: frames as detectors make them, frames as no detector makes them, and tables for them.

use debye::codec::encode::Encoder;
use debye::geometry::{Detector, Geometry, RadialUnit};
use debye::table::{self, Request, Split, Table};
use debye_spec::Element;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The generator of a seed.
pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// What a frame looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All pixels 0.
    Dark,
    /// Few counts, gaps of the top code: what photon-counting detectors give.
    Sparse,
    /// Values over the whole range of the type.
    Wild,
    /// All pixels at the top code.
    Saturated,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 4] = [Kind::Dark, Kind::Sparse, Kind::Wild, Kind::Saturated];
}

/// Little-endian pixels of a frame.
pub fn frame(kind: Kind, element: Element, pixels: usize, seed: u64) -> Vec<u8> {
    let mut rng = rng(seed);
    let mut bytes = Vec::with_capacity(pixels * element.size());
    for index in 0..pixels {
        let code: u32 = match kind {
            Kind::Dark => 0,
            Kind::Sparse if index % 97 < 5 => u32::MAX,
            Kind::Sparse => (rng.random::<f64>().powi(6) * 9.0) as u32,
            Kind::Wild => rng.next_u32() >> (rng.random::<u32>() % 32),
            Kind::Saturated => u32::MAX,
        };
        bytes.extend_from_slice(&code.to_le_bytes()[..element.size()]);
    }
    bytes
}

/// The bslz4 chunk of a frame, in blocks of `block` pixels (`None`: bitshuffle's default).
pub fn chunk(pixels: &[u8], element: Element, block: Option<usize>) -> Vec<u8> {
    let mut chunk = Vec::new();
    Encoder::new(element, block).expect("a sound block size").encode(pixels, &mut chunk).expect("whole pixels");
    chunk
}

/// A small geometry that is tilted in every way, so that nothing is symmetric.
pub fn geometry(shape: [usize; 2]) -> Geometry {
    Geometry {
        detector: Detector {
            name: "Detector".into(),
            pixel1: 75e-6,
            pixel2: 75e-6,
            shape: Some(shape),
            orientation: 3,
        },
        distance: 0.01 + shape[0] as f64 * 1e-5,
        poni1: 75e-6 * shape[0] as f64 * 0.47,
        poni2: 75e-6 * shape[1] as f64 * 0.55,
        rot1: 0.05,
        rot2: -0.03,
        rot3: 0.2,
        wavelength: Some(1e-10),
    }
}

/// A table of `radial` x `azimuth` bins for `shape`, with one pixel in `masked_every` masked.
pub fn table(shape: [usize; 2], radial: usize, azimuth: Option<usize>, split: u8, masked_every: usize) -> Table {
    let request = Request {
        geometry: geometry(shape),
        shape,
        unit: RadialUnit::QPerA,
        radial_bins: radial,
        caked: azimuth.is_some(),
        azimuth_bins: azimuth,
        radial_range: None,
        azimuth_range: None,
        split: Split::new(split).expect("1, 2, 4 or 8"),
        mask: (0..shape[0] * shape[1]).map(|pixel| pixel % masked_every == masked_every - 1).collect(),
        flat: None,
        solid_angle: true,
        polarization: Some(0.99),
    };
    table::build(&request).expect("the request is sound")
}
