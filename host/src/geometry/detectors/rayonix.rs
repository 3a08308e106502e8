//! Rayonix (`pyFAI/detectors/_rayonix.py`): the pixel size tells the binning, and with it the shape.

use super::{Entry, Pixels};
use crate::geometry::gaps::Gaps;

/// Binning and pixel size in m.
type Sizes = &'static [(usize, f64)];

const X133: Sizes = &[(1, 32e-6), (2, 64e-6), (4, 128e-6), (8, 256e-6)];
const SX165: Sizes = &[(1, 39.5e-6), (2, 79e-6), (3, 118.616e-6), (4, 158e-6), (8, 316e-6)];
const SX200: Sizes = &[(1, 48e-6), (2, 96e-6), (3, 144e-6), (4, 192e-6), (8, 384e-6)];
const MX225: Sizes = &[(1, 36.621e-6), (2, 73.242e-6), (3, 109.971e-6), (4, 146.484e-6), (8, 292.969e-6)];
const MX325: Sizes = &[(1, 39.673e-6), (2, 79.346e-6), (3, 119.135e-6), (4, 158.691e-6), (8, 317.383e-6)];
/// The HS and LX families' chips of 44 um.
const HS44: Sizes = &[
    (1, 44.2708e-6),
    (2, 88.5417e-6),
    (3, 132.8125e-6),
    (4, 177.0833e-6),
    (5, 221.3542e-6),
    (6, 265.625e-6),
    (8, 354.1667e-6),
    (10, 442.7083e-6),
];
/// The HS family's chips of 39 um.
const HS39: Sizes = &[
    (1, 39.0625e-6),
    (2, 78.125e-6),
    (3, 117.1875e-6),
    (4, 156.25e-6),
    (5, 195.3125e-6),
    (6, 234.375e-6),
    (8, 312.5e-6),
    (10, 390.625e-6),
];
const HS15: Sizes = &[
    (1, 15.625e-6),
    (2, 31.25e-6),
    (3, 46.875e-6),
    (4, 62.5e-6),
    (5, 78.125e-6),
    (6, 93.75e-6),
    (8, 125e-6),
    (10, 156.25e-6),
];

const fn rayonix(
    class: &'static str,
    aliases: &'static [&'static str],
    shape: [usize; 2],
    sizes: Sizes,
    usual: f64,
) -> Entry {
    Entry::new(class, aliases, shape, usual).pixels(Pixels::Listed { sizes, usual })
}

#[rustfmt::skip]
pub(super) const TABLE: &[Entry] = &[
    rayonix("Rayonix133", &["Rayonix133", "MAR 133"], [4096, 4096], X133, 64e-6).gaps(Gaps::Circle),
    rayonix("RayonixSx165", &["Rayonix SX165", "MAR 165"], [4096, 4096], SX165, 39.5e-6).gaps(Gaps::Circle),
    rayonix("RayonixSx200", &["Rayonix SX200"], [4096, 4096], SX200, 48e-6),
    rayonix("RayonixLx170", &["Rayonix LX170", "Rayonix LX170-HS"], [1920, 3840], HS44, 44.2708e-6),
    rayonix("RayonixMx170", &["Rayonix MX170", "Rayonix MX170-HS"], [3840, 3840], HS44, 44.2708e-6),
    // The last name is pyFAI's slip for the LX255-HS.
    rayonix("RayonixLx255", &["Rayonix LX255", "Rayonix LX255-HS", "RayonixLX225HS"], [1920, 5760], HS44, 44.2708e-6),
    rayonix("RayonixMx225", &["Rayonix MX225", "MAR 225"], [6144, 6144], MX225, 73.242e-6),
    rayonix("RayonixMx225hs", &["Rayonix MX225HS"], [5760, 5760], HS39, 78.125e-6),
    rayonix("RayonixMx300", &["Rayonix MX300", "MAR 300"], [8192, 8192], MX225, 73.242e-6),
    rayonix("RayonixMx300hs", &["Rayonix MX300HS"], [7680, 7680], HS39, 78.125e-6),
    rayonix("RayonixMx340hs", &["Rayonix MX340HS"], [7680, 7680], HS44, 88.5417e-6),
    rayonix("RayonixSx30hs", &["Rayonix SX30HS"], [1920, 1920], HS15, 15.625e-6),
    rayonix("RayonixSx85hs", &["Rayonix SX85HS"], [1920, 1920], HS44, 44.2708e-6),
    rayonix("RayonixMx425hs", &["Rayonix MX425HS"], [9600, 9600], HS44, 44.2708e-6),
    rayonix("RayonixMx325", &["Rayonix MX325"], [8192, 8192], MX325, 79.346e-6),
];
