//! What a card does, in one place: the figures of `docs/gateware.md`, measured in simulation in bytes a cycle. The clock is
//! what UltraScale+ cards are aimed at, and stands unconfirmed until one was placed and routed.

use serde::{Deserialize, Serialize};

/// Bytes of pixels a cycle of one lane: twelve of them sustain 87.2 on u16 powder ("Throughput").
const LANE: f64 = 87.2 / 12.0;

/// Bytes of pixels a cycle of one encoder behind rings, whatever is in its frames ("Fused frames").
const ENCODER: f64 = 7.8;

/// The same, each frame integrated too by a lane of its own ("Fused frames").
const FUSED: f64 = 4.55;

/// Lanes of a card.
const LANES: usize = 12;

/// Most encoders that a card can have.
const ENCODERS: usize = 4;

/// MHz.
const CLOCK: f64 = 250.0;

/// GB/s that PCIe Gen3 x16 carries one way: 8 GT/s x 16 lanes x 128/130, less a fifth for headers and credits.
const PCIE: f64 = 12.5;

/// A card as it is planned with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CardRates {
    /// Lanes that decode and integrate.
    pub lanes: usize,
    /// Encoders.
    pub encoders: usize,
    /// Clock in MHz.
    pub clock_mhz: f64,
    /// GB/s from the host to the card.
    pub pcie_gb_per_s: f64,
}

impl Default for CardRates {
    fn default() -> CardRates {
        CardRates { lanes: LANES, encoders: ENCODERS, clock_mhz: CLOCK, pcie_gb_per_s: PCIE }
    }
}

impl CardRates {
    fn gb_per_s(&self, bytes_a_cycle: f64, of: usize) -> f64 {
        bytes_a_cycle * of as f64 * self.clock_mhz / 1e3
    }

    /// GB/s of pixels that chunks are decoded to and integrated.
    pub fn integrate_gb_per_s(&self) -> f64 {
        self.gb_per_s(LANE, self.lanes)
    }

    /// GB/s of pixels that are encoded.
    pub fn encode_gb_per_s(&self) -> f64 {
        self.gb_per_s(ENCODER, self.encoders)
    }

    /// GB/s of pixels that are encoded and integrated in one pass.
    pub fn fused_gb_per_s(&self) -> f64 {
        self.gb_per_s(FUSED, self.encoders.min(self.lanes))
    }
}
