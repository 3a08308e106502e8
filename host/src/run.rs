//! A run: frames from a source through an engine into sinks, in order.

use crate::pattern::Pattern;
use debye_spec::{Bins, Statistics, Status};

/// One finished frame, as sinks take it; rows come in the order of the frames.
#[derive(Clone, Debug)]
pub struct Row {
    /// Number of the frame in the source.
    pub frame: usize,
    /// What became of it.
    pub status: Status,
    /// Why it failed; empty when it did not.
    pub message: String,
    /// Exact sums; zeros when it failed.
    pub bins: Bins,
    /// Statistics; zeros when it failed.
    pub statistics: Statistics,
    /// The pattern; NaN when it failed.
    pub pattern: Pattern,
}
