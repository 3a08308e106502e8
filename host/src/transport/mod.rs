//! Ways to a card: its registers, memory that it can reach, its interrupts.
//!
//! ```text
//! Transport   vfio (a card behind the kernel's vfio-pci)   vfio_user (a process)   local (this process)
//! ```
//!
//! A register that reads as all ones where it cannot be says that the card is gone; a card that is gone stays so, and
//! nothing touches it again.

mod access;
mod address;
mod error;
mod events;
pub mod iova;
#[cfg(feature = "sim")]
mod local;
#[cfg(test)]
mod machine;
mod memory;
mod sysfs;
mod user_messages;
mod vfio;
mod vfio_user;

pub use access::memory_lock_limit;
pub use address::{CardAddress, ParseAddressError};
pub use error::TransportError;
pub use events::{Events, wait_any};
#[cfg(feature = "sim")]
pub use local::Local;
pub use memory::{Dma, Pages};
pub use sysfs::{Found, System};
pub use vfio::Vfio;
pub use vfio_user::VfioUser;

use std::os::fd::RawFd;
use std::time::Duration;

/// What a register reads as when nobody answers.
pub const ALL_ONES: u32 = u32::MAX;

/// Vendor, device, subsystem vendor and subsystem of a PCI function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PciIdentity {
    /// Vendor.
    pub vendor: u16,
    /// Device.
    pub device: u16,
    /// Subsystem's vendor.
    pub subsystem_vendor: u16,
    /// Subsystem.
    pub subsystem: u16,
}

/// A way to one card. Registers are those of BAR 0, 32 bits each.
pub trait Transport: Send {
    /// Address, as [`CardAddress`] reads it.
    fn address(&self) -> String;

    /// What its configuration space says that it is.
    fn identity(&self) -> PciIdentity;

    /// Reads a register; [`ALL_ONES`] from a card that is gone.
    fn read(&mut self, offset: u32) -> u32;

    /// Writes a register; without effect on a card that is gone.
    fn write(&mut self, offset: u32, value: u32);

    /// Makes memory of at least `bytes` bytes, zeroed, that the card can reach.
    ///
    /// # Errors
    /// There is no memory, or the card cannot be given it.
    fn map(&mut self, bytes: usize) -> Result<Dma, TransportError>;

    /// Takes memory from the card. It may be freed once this has returned.
    ///
    /// # Errors
    /// The memory is not mapped, or the card is gone.
    fn unmap(&mut self, dma: &Dma) -> Result<(), TransportError>;

    /// Interrupt vectors that can be waited for.
    fn vectors(&self) -> u32;

    /// File descriptors that become readable when an interrupt comes or the card goes: for waiting for several cards.
    fn signals(&self) -> Vec<RawFd>;

    /// Waits for an interrupt of a vector, or until `timeout`; says whether one came since the last call.
    ///
    /// # Errors
    /// The vector does not exist, or the system refuses to wait.
    fn wait(&mut self, vector: u32, timeout: Duration) -> Result<bool, TransportError>;

    /// Function-level reset. The card is then as after power-on, its interrupts and memory are as they were.
    ///
    /// # Errors
    /// The card does not come back.
    fn reset(&mut self) -> Result<(), TransportError>;

    /// Whether the card is known to be gone.
    fn is_gone(&self) -> bool;

    /// Says that the card is gone: found out from what a register holds.
    fn give_up(&mut self);
}

/// Opens a card.
///
/// # Errors
/// [`TransportError`], with what to do about it.
pub fn open(address: &CardAddress) -> Result<Box<dyn Transport>, TransportError> {
    match address {
        CardAddress::Vfio(function) => Ok(Box::new(Vfio::open(function)?)),
        CardAddress::VfioUser(socket) => Ok(Box::new(VfioUser::connect(socket)?)),
        #[cfg(feature = "sim")]
        CardAddress::Sim(kind) => Ok(Box::new(Local::of(*kind, &address.to_string())?)),
    }
}

/// Memory that no card sees, for tests.
#[cfg(test)]
pub(crate) fn test_memory(iova: u64) -> Dma {
    Dma::allocate(1, iova, None).expect("there is memory")
}
