//! A card with its configuration memory: a simulated NOR behind the SPI core, the configuration logic that boots out of it,
//! and the card that comes up.

mod card;
mod cells;
mod gateware;
mod icap;
pub mod image;
mod nor;
mod quad_spi;
mod wear;

pub use card::FlashedCard;
pub use cells::Cells;
pub use gateware::GatewareSpi;
pub use nor::{Nor, Operation};
pub use quad_spi::{QuadSpi, SpiCore};
pub use wear::{Stuck, Wear};
