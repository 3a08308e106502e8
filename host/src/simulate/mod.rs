//! Realistic frames for people without data: a calibrant's powder rings through a geometry, noise and detector
//! faults, written as an Eiger would write them.
//!
//! ```text
//! calibrant -> expected counts -> frames    -> chunks     -> files (master + data)
//! [crystal]    [expected]         [poisson]    [pipeline]    [eiger, dataset]
//! ```

pub mod calibrant;
pub mod crystal;
pub mod error;
pub mod expected;
pub mod frames;
pub mod poisson;

pub use calibrant::{Calibrant, CalibrantError};
pub use error::SimulateError;
pub use expected::Scene;
