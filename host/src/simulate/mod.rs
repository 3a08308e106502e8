//! Realistic frames for people without data: a calibrant's powder rings through a geometry, noise and detector
//! faults, written as an Eiger would write them.
//!
//! ```text
//! calibrant -> expected counts -> frames    -> chunks     -> files (master + data)
//! [crystal]    [expected]         [poisson]    [pipeline]    [eiger, dataset]
//! ```

pub mod beam;
pub mod calibrant;
pub mod crystal;
pub mod dataset;
pub mod eiger;
pub mod error;
pub mod expected;
pub mod frames;
pub mod metadata;
pub mod pipeline;
pub mod poisson;
pub mod run;

pub use calibrant::{Calibrant, CalibrantError};
pub use error::SimulateError;
pub use expected::Scene;
pub use run::{Simulation, Written};
