//! The simulated card as a device: registers, rings, sockets, faults.

mod faults;
mod flash;
mod gateware;
mod gateware_rings;
mod registers;
mod rings;
mod server;
mod soak;
#[path = "../support/mod.rs"]
mod support;
