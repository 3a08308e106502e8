//! A card's configuration memory: an SPI NOR that holds the FPGA's images, and the two cores that reach it.
//!
//! ```text
//! host -> registers of the SPI core [spi] -> NOR [nor]: golden image | update slot [slot]: guard, image, record
//! host -> registers of the ICAP core [icap] -> configuration logic [configuration]: which image boots
//! ```
//!
//! The cores stand behind the card's registers in the same BAR ([`crate::pci::FLASH_OFFSET`],
//! [`crate::pci::ICAP_OFFSET`]). They are the vendor's in a vendor's shell (AXI Quad SPI, PG153; AXI HWICAP, PG134), or
//! cores that behave like them.

pub mod configuration;
pub mod icap;
pub mod nor;
pub mod slot;
pub mod spi;
