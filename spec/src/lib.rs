//! The definition of Debye's arithmetic and layouts.
//!
//! Everything here is plain, slow and exact. A lane in gateware, the CPU path and the simulated card are
//! right when they give the same bits as this crate; nothing else defines what the right bits are.
//!
//! ```text
//! chunk bytes -> blocks -> pixels -> bins
//! [chunk]        [lz4]     [bitshuffle, pixel]   [table, bins, statistics]
//! ```
//!
//! [`frame::integrate`] is the whole way in one function; [`encode::encode`] is the way back, pixels to chunk bytes.
//! There is no unsafe code, no panic on any input, and the widths of all sums are proved at compile time in
//! [`bounds`].
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

pub mod answer;
pub mod bins;
pub mod bitshuffle;
pub mod board;
pub mod bounds;
pub mod card_table;
pub mod chunk;
pub mod crc;
pub mod element;
pub mod encode;
pub mod encode_wire;
pub mod flash;
pub mod frame;
pub mod lossy;
pub mod lz4;
pub mod lz4_encode;
#[cfg(feature = "manifest")]
pub mod manifest;
pub mod matches;
pub mod ops;
pub mod pci;
pub mod pixel;
pub mod registers;
pub mod ring_map;
pub mod rings;
pub mod statistics;
pub mod status;
pub mod table;
pub mod wire;

pub use bins::Bins;
pub use chunk::{ChunkError, ChunkHeader};
pub use element::Element;
pub use encode::EncodeError;
pub use frame::{FrameResult, Job};
pub use lz4::Lz4Error;
pub use pixel::{Pixel, ValidRule};
pub use statistics::Statistics;
pub use status::Status;
pub use table::{Entry, Table, TableError};
