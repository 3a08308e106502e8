//! A card of one lane behind a UART: for boards without PCIe, such as those with an ECP5.
//!
//! ```text
//! rxd -> UartRx -> PacketReceiver --> Intake (1024 words) ------> lane -> Outlet (1024 words) --+
//!                       |             Operations (2^TABLE) -----> lane                          |
//!                       +-----------> Registers                                                 |
//! txd <- UartTx <- PacketSender <----- answers <------------------------------------------------+
//! ```
//!
//! Requests, results and registers are those of any card; the packets around them stand in `debye_spec::serial`.

mod card;
pub mod memory;
pub mod receive;
pub mod send;
pub mod shell;
pub mod streams;
pub mod uart;

pub use card::SerialCard;
pub use shell::SerialShell;
