//! What can be wrong between a program and a card, and what to do about it.

use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// See the module. Sentences name the step that helps.
#[derive(Debug, Error)]
pub enum TransportError {
    /// No such PCI function.
    #[error("there is no PCI device {address}: `debye card list` and `lspci -D` show what there is")]
    NoDevice {
        /// Function.
        address: String,
    },
    /// Something else is there, which had better be left alone.
    #[error(
        "{address} is no Debye card: it is {vendor:04x}:{device:04x}, a card's are {:04x}:{:04x}; `debye card list` shows \
         the cards of this machine",
        debye_spec::pci::VENDOR,
        debye_spec::pci::DEVICE
    )]
    Other {
        /// Function.
        address: String,
        /// Its vendor.
        vendor: u16,
        /// Its device.
        device: u16,
    },
    /// Another driver has it.
    #[error("{address} is bound to {driver}, not to vfio-pci: bind it with `scripts/bind-vfio {address}`")]
    NotBound {
        /// Function.
        address: String,
        /// The driver.
        driver: String,
    },
    /// No driver has it.
    #[error("{address} is not bound to vfio-pci: bind it with `scripts/bind-vfio {address}`")]
    Unbound {
        /// Function.
        address: String,
    },
    /// The system has no IOMMU, or it is off.
    #[error(
        "{address} is in no IOMMU group: switch the IOMMU on in the firmware (VT-d or AMD-Vi) and start the kernel with \
         intel_iommu=on or amd_iommu=on"
    )]
    NoIommu {
        /// Function.
        address: String,
    },
    /// The kernel's part is not loaded.
    #[error("{path} does not exist: load the kernel's driver with `modprobe vfio-pci`", path = .path.display())]
    NoVfio {
        /// Device file.
        path: PathBuf,
    },
    /// The user may not.
    #[error(
        "{path} may not be opened by this user: join the group that owns it, or install the udev rule of \
         docs/deployment.md",
        path = .path.display()
    )]
    Permission {
        /// Device file or socket.
        path: PathBuf,
    },
    /// Somebody else has the card.
    #[error("{path} is in use: another process drives this card (or one of its IOMMU group)", path = .path.display())]
    Busy {
        /// Device file or socket.
        path: PathBuf,
    },
    /// The group has devices with other drivers.
    #[error("IOMMU group {group} of {address} is not viable: every device of the group must be bound to vfio-pci")]
    NotViable {
        /// Function.
        address: String,
        /// Group.
        group: String,
    },
    /// Too little memory may be locked.
    #[error(
        "{wanted} bytes more of locked memory are needed, {locked} are in use and the limit is {limit}: raise it with \
         `ulimit -l unlimited` or LimitMEMLOCK=infinity (docs/deployment.md)"
    )]
    LockedMemory {
        /// Bytes asked for.
        wanted: usize,
        /// Bytes locked by this process so far.
        locked: usize,
        /// Limit.
        limit: u64,
    },
    /// No memory.
    #[error("{bytes} bytes for the card could not be had: {error}")]
    Memory {
        /// Bytes.
        bytes: usize,
        /// Why.
        error: io::Error,
    },
    /// No room among the card's addresses.
    #[error("there is no room for {bytes} bytes more among the addresses that the card can reach")]
    Addresses {
        /// Bytes.
        bytes: usize,
    },
    /// Memory that is not the card's.
    #[error("the memory at IOVA {iova:#x} is not mapped for this card")]
    NotMapped {
        /// Its address.
        iova: u64,
    },
    /// No such vector.
    #[error("the card has no interrupt vector {vector} (it has {vectors})")]
    Vector {
        /// Asked for.
        vector: u32,
        /// There are.
        vectors: u32,
    },
    /// A register BAR that is none.
    #[error("BAR 0 of {address} has {bytes} bytes, a card's registers take {needed}: this is not a Debye card")]
    Bar {
        /// Card.
        address: String,
        /// Its size.
        bytes: u64,
        /// What is needed.
        needed: u64,
    },
    /// The card went away.
    #[error("the card {address} is gone: it does not answer any more ({reason})")]
    Gone {
        /// Card.
        address: String,
        /// How it was found out.
        reason: String,
    },
    /// Nobody listens.
    #[error("no card is served at {path}: {error} (`debye card serve --socket {path}` starts one)", path = .path.display())]
    Connect {
        /// Socket.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The other side of the socket is not what it should be.
    #[error("the card served at {path} breaks the protocol: {what}", path = .path.display())]
    Protocol {
        /// Socket.
        path: PathBuf,
        /// What came.
        what: String,
    },
    /// The system refused something.
    #[error("{what} of the card {address} failed: {error}")]
    System {
        /// Card.
        address: String,
        /// What.
        what: &'static str,
        /// Why.
        error: io::Error,
    },
}
