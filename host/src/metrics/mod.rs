//! Numbers of a validation report, each of frames in memory: nothing here reads files or draws.
//!
//! ```text
//! counts        how often each value stands in frames, zeros, invalid pixels
//! entropy       what no lossless coder of a kind can go below
//! correlation   how much a frame is like the next
//! codecs        lossless codecs behind one interface, as HDF5 filters store them
//! lossless      their sizes, rates, and whether the pixels came back
//! errors        two frames compared: largest error, NRMSE
//! planning      which stage saturates first, how many cards, cores and disks it takes
//! card_rates    what a card does, in one place
//! ```
//!
//! What a report carries follows the metrics of LEAPS-INNOV deliverable D7.4 (28 May 2024): ratio, rates, loss.

pub mod card_rates;
pub mod codecs;
pub mod correlation;
pub mod counts;
pub mod entropy;
pub mod errors;
pub mod lossless;
pub mod planning;

use debye_spec::Element;

/// The codes of little-endian pixels, as the valid-pixel rule sees them ([`debye_spec::pixel`]).
pub fn codes(element: Element, pixels: &[u8]) -> Vec<u32> {
    match element.size() {
        1 => pixels.iter().map(|&byte| u32::from(byte)).collect(),
        2 => pixels.as_chunks::<2>().0.iter().map(|&pair| u32::from(u16::from_le_bytes(pair))).collect(),
        _ => pixels.as_chunks::<4>().0.iter().map(|&word| u32::from_le_bytes(word)).collect(),
    }
}

/// A ratio that is always a number: 0 of nothing.
pub fn over(numerator: f64, denominator: f64) -> f64 {
    if denominator > 0.0 { numerator / denominator } else { 0.0 }
}
