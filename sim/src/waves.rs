//! Waves of a window of cycles, as a VCD file.

use std::ops::Range;
use std::path::PathBuf;

/// Which waves to write, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waves {
    /// The file; it is replaced.
    pub path: PathBuf,
    /// Cycles.
    pub cycles: Range<u64>,
}
