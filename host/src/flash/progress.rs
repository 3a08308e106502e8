//! What flashing tells while it goes on.

use serde::Serialize;

/// Phases, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// What the slot holds is read.
    Read,
    /// And written to the backup.
    Backup,
    /// The guard is closed, the record is written.
    Guard,
    /// Sectors are erased.
    Erase,
    /// Pages are programmed.
    Program,
    /// All is read back and compared.
    Verify,
    /// The guard is opened.
    Open,
}

impl Phase {
    /// As it is told.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Read => "read",
            Phase::Backup => "backup",
            Phase::Guard => "guard",
            Phase::Erase => "erase",
            Phase::Program => "program",
            Phase::Verify => "verify",
            Phase::Open => "open",
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A phase begins, of so many bytes.
    Begins(Phase, u64),
    /// So many of them are done.
    Done(u64),
}
