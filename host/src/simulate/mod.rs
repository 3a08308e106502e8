//! Realistic frames for people without data: a calibrant's powder rings through a geometry, noise and detector
//! faults, written as an Eiger would write them.
//!
//! ```text
//! calibrant -> expected counts -> frames -> eiger (master + data files of bslz4 chunks)
//! [crystal]    [expected]         [poisson, faults]
//! ```

pub mod calibrant;
pub mod crystal;
