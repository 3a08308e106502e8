//! Why a card cannot be used, or used any longer.

use crate::transport::TransportError;
use debye_spec::Status;
use thiserror::Error;

/// See the module.
#[derive(Debug, Error)]
pub enum CardError {
    /// The way to it.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Something else answers there.
    #[error("{address} is no Debye card: its identity register holds {found:#010x}, a card's {expected:#010x}")]
    Identity {
        /// Card.
        address: String,
        /// Register.
        found: u32,
        /// As it should be.
        expected: u32,
    },
    /// Gateware of another age.
    #[error(
        "the card {address} has version {found} of the register map, this program knows {expected}: {}",
        if found > expected { "take a newer debye" } else { "load newer gateware into the card" }
    )]
    MapVersion {
        /// Card.
        address: String,
        /// Register.
        found: u32,
        /// Ours.
        expected: u32,
    },
    /// Gateware of another build.
    #[error(
        "the register map of card {address} has the hash {found:#010x}, this program's {expected:#010x}: gateware and \
         debye are not of the same release; load the gateware of this release, or take the debye of the card's"
    )]
    MapHash {
        /// Card.
        address: String,
        /// Register.
        found: u32,
        /// Ours.
        expected: u32,
    },
    /// It cannot do what is needed.
    #[error("the card {address} lacks what this program needs: {what}")]
    Capability {
        /// Card.
        address: String,
        /// What.
        what: String,
    },
    /// The table is larger than its memory.
    #[error(
        "the table takes {needed} bytes, the table memory of card {address} has {have}: take fewer pixels or a coarser split"
    )]
    TableMemory {
        /// Card.
        address: String,
        /// Bytes of the table.
        needed: u64,
        /// Bytes that there are.
        have: u64,
    },
    /// A job of the driver's own failed.
    #[error("the card {address} could not {what}: status {} ({status:?})", status.code())]
    Job {
        /// Card.
        address: String,
        /// What.
        what: &'static str,
        /// What the card says.
        status: Status,
    },
    /// It does not do its work, and resets did not help.
    #[error("the card {address} was given up: {reason}")]
    GivenUp {
        /// Card.
        address: String,
        /// Why.
        reason: String,
    },
    /// It went away.
    #[error("the card {address} is gone: {reason}")]
    Gone {
        /// Card.
        address: String,
        /// How that was found out.
        reason: String,
    },
    /// A driver was asked for what it was not made ready for.
    #[error("no table was loaded into the card {address}")]
    NoTable {
        /// Card.
        address: String,
    },
}
