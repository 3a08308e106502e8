//! A card of one lane behind a UART (`debye_spec::serial`): for boards without PCIe.
//!
//! ```text
//! Port    the terminal: raw, with a time limit
//! Link    commands and answers: damaged and lost ones are sent again
//! SerialCard   registers, table, requests and results
//! ```

mod address;
mod card;
mod error;
mod link;
mod port;
#[cfg(test)]
mod tests;

pub use address::{DEFAULT_BAUD, ParseSerialError, SerialAddress};
pub use card::SerialCard;
pub use error::SerialError;
pub use link::{Ends, Link};
pub use port::Port;
