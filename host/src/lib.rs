//! Debye: from bitshuffle-LZ4 detector frames to exact azimuthal patterns.
//!
//! ```text
//! source -> engine -> run -> nexus, export, plot
//!           ^ table <- geometry, image (masks, flat field)
//! ```
//!
//! The arithmetic is [`debye_spec`]'s; every engine gives its bits. See `ARCHITECTURE.md`.
#![warn(missing_docs)]

pub mod bench;
pub mod beside;
pub mod bitstream;
pub mod card;
pub mod codec;
#[cfg(feature = "sim")]
pub mod compare;
pub mod cpu;
pub mod digest;
pub mod engine;
pub mod export;
pub mod flash;
pub mod frame;
pub mod frames_file;
pub mod geometry;
mod hdf5_handle;
mod hdf5_words;
pub mod image;
pub mod lossy;
pub mod metrics;
pub mod nexus;
pub mod npy;
pub mod pattern;
pub mod plot;
mod put;
pub mod recode;
pub mod report;
pub mod run;
pub mod serial;
pub mod simulate;
pub mod source;
pub mod spots;
pub mod stack;
pub mod table;
pub mod technique;
pub mod transport;
pub mod triage;

/// Version of this build, as written into outputs.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
