//! The card of integrating lanes.

use crate::base::pins::HdlPins;
use crate::base::word::{U, W};
use crate::lane::Lane;
use rust_hdl::prelude::*;

crate::card!(
    /// The card core: `LANES` lanes in `GROUPS` groups, for blocks of up to 2^BLOCK bytes and tables of up to 8 * 2^ROWS
    /// bins.
    Card, Lane<BLOCK, ROWS>, [BLOCK ROWS], BLOCK, 8usize << ROWS
);

/// The register `build` of this version: 0x00MMmmpp.
pub fn build() -> u32 {
    let number = |text: &str| text.parse::<u32>().unwrap_or(0) & 0xff;
    number(env!("CARGO_PKG_VERSION_MAJOR")) << 16
        | number(env!("CARGO_PKG_VERSION_MINOR")) << 8
        | number(env!("CARGO_PKG_VERSION_PATCH"))
}

/// A card of any size behind pins. A group reads the table at 16 bytes a cycle.
pub fn pins<const LANES: usize, const GROUPS: usize, const BLOCK: usize, const ROWS: usize>()
-> HdlPins<Card<LANES, GROUPS, BLOCK, ROWS>> {
    Card::pins(build())
}

/// A card with 1 lane.
pub fn pins_1<const BLOCK: usize, const ROWS: usize>() -> HdlPins<Card<1, 1, BLOCK, ROWS>> {
    pins()
}

/// A card with 2 lanes in one group.
pub fn pins_2<const BLOCK: usize, const ROWS: usize>() -> HdlPins<Card<2, 1, BLOCK, ROWS>> {
    pins()
}

/// A card with 4 lanes in one group.
pub fn pins_4<const BLOCK: usize, const ROWS: usize>() -> HdlPins<Card<4, 1, BLOCK, ROWS>> {
    pins()
}

/// A card with 12 lanes in one group.
pub fn pins_12<const BLOCK: usize, const ROWS: usize>() -> HdlPins<Card<12, 1, BLOCK, ROWS>> {
    pins()
}
