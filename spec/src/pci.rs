//! What a card says that it is in its PCI configuration space, and what stands in its BARs.
//!
//! Debye has no vendor id of its own. 1af4:10f0 to 1af4:10ff are given by their owner to whoever experiments, without
//! registration (QEMU, `docs/specs/pci-ids.rst`); no driver of Linux claims them. A card that leaves the laboratory needs an
//! id from whoever makes it. What says for certain that a function is this card is its register `identity`.

/// Vendor.
pub const VENDOR: u16 = 0x1af4;
/// Device.
pub const DEVICE: u16 = 0x10f0;
/// Subsystem's vendor.
pub const SUBSYSTEM_VENDOR: u16 = VENDOR;
/// Subsystem.
pub const SUBSYSTEM: u16 = 0x10f1;
/// Revision.
pub const REVISION: u8 = 1;
/// Class: processing accelerator.
pub const CLASS: u32 = 0x12_00_00;
/// BAR in which the registers stand.
pub const REGISTER_BAR: u32 = 0;
/// Bytes of that BAR: the card's registers, then the cores around its configuration memory, 64 KiB each.
pub const REGISTER_BYTES: u64 = 1 << 18;
/// Where the SPI core of the flash stands in it ([`crate::flash::spi`]).
pub const FLASH_OFFSET: u32 = 1 << 16;
/// Where the core before the configuration logic stands in it ([`crate::flash::icap`]).
pub const ICAP_OFFSET: u32 = 2 << 16;
/// BAR in which the MSI-X table and its pending bits stand.
pub const MSIX_BAR: u32 = 4;
/// Bytes of that BAR.
pub const MSIX_BYTES: u64 = 0x1000;
/// Where the pending bits stand in it; the table stands at 0.
pub const MSIX_PENDING_OFFSET: u32 = 0x800;
