//! What a card says that it is in its PCI configuration space.

/// Vendor: that of the FPGA's PCIe block.
pub const VENDOR: u16 = 0x10ee;
/// Device.
pub const DEVICE: u16 = 0xdb1e;
/// Subsystem's vendor.
pub const SUBSYSTEM_VENDOR: u16 = VENDOR;
/// Subsystem: "De".
pub const SUBSYSTEM: u16 = u16::from_be_bytes(*b"De");
/// Class: processing accelerator.
pub const CLASS: u32 = 0x12_00_00;
/// Bytes of BAR 0, in which the registers stand.
pub const REGISTER_BYTES: u64 = 1 << 16;
