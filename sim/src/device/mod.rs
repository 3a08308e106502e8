//! A card as the bus sees it: 32-bit registers (`debye_spec::registers`, `debye_spec::ring_map`), DMA into host memory,
//! interrupts. What is inside is a model; who drives it is a PCI function served over a socket, or a test.

pub mod fault;
pub mod flash;
pub mod functional;
pub mod gateware;
pub mod models;
pub mod server;
mod table_memory;

use crate::model::ModelError;
use thiserror::Error;

/// Why a card's access to host memory was answered with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the card's access to {bytes} bytes at IOVA {address:#x} is not in mapped memory")]
pub struct DmaFault {
    /// First byte of the access.
    pub address: u64,
    /// Its bytes.
    pub bytes: usize,
}

/// Host memory as a card reaches it: by IOVA, through what the host has mapped. An access that touches an unmapped byte
/// fails as a whole and changes nothing.
pub trait HostMemory: Send + Sync {
    /// Reads.
    ///
    /// # Errors
    /// [`DmaFault`].
    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), DmaFault>;

    /// Writes. Bytes of one call may become visible in any order; calls become visible one after the other.
    ///
    /// # Errors
    /// [`DmaFault`].
    fn write(&self, address: u64, bytes: &[u8]) -> Result<(), DmaFault>;
}

/// A card. It works only in [`Device::run`].
pub trait Device: Send {
    /// One line: what it is and how wide.
    fn describe(&self) -> String;

    /// Reads a register; all ones where the map holds none.
    fn read(&mut self, offset: u32) -> u32;

    /// Writes a register; without effect where the map holds none.
    fn write(&mut self, offset: u32, value: u32);

    /// Works for a while: as long as it has something to do, but not so long that a register access has to wait for more
    /// than some milliseconds. `interrupt` is called with the vectors that the card sends. Says whether there is more to
    /// do without anything from the host.
    ///
    /// # Errors
    /// The model itself failed (never because of what a host wrote).
    fn run(&mut self, memory: &dyn HostMemory, interrupt: &mut dyn FnMut(u32)) -> Result<bool, ModelError>;

    /// Function-level reset.
    fn reset(&mut self);

    /// Power goes and comes again.
    fn power_cycle(&mut self) {
        self.reset();
    }

    /// Subsystem in its configuration space: which board it is.
    fn subsystem(&self) -> u16 {
        debye_spec::pci::SUBSYSTEM
    }

    /// Whether it still answers on its bus. A card that does not reads as all ones, its configuration space too, until
    /// [`Device::reset`].
    fn present(&self) -> bool {
        true
    }
}
