//! A run: frames from a source through an engine into sinks, in order.
//!
//! ```text
//! this thread    FrameSource::read -> Engine::submit .. Engine::collect -> Order (outcomes in the frames' order)
//! the writer     -> Pattern -> Sink::row
//! ```
//!
//! The engine computes on threads of its own, so reading, computing and writing overlap. Memory is bounded by the engine's
//! own room for frames, [`WINDOW`] results behind it and [`QUEUE`] before the sinks, whatever the size of the input.

mod feed;
mod order;
mod progress;
#[cfg(test)]
mod tests;
mod write;

pub use progress::{Progress, Summary};

use crate::engine::keep::Kept;
use crate::engine::{Engine, EngineError};
use crate::frame::FrameError;
use crate::pattern::{Pattern, PatternError};
use crate::source::FrameSource;
use crate::table::Table;
use crossbeam_channel::bounded;
use debye_spec::{Bins, Statistics, Status};
use feed::Feed;
use std::error::Error;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};
use thiserror::Error;
use write::Writer;

/// Most frames between the oldest that is not finished and the youngest that was handed in.
pub const WINDOW: usize = 256;

/// Most results that wait for the sinks.
pub const QUEUE: usize = 64;

/// Where chunks are kept: no more frames are handed in while those behind the oldest that is not finished have so many
/// bytes, and those before the sinks are fewer than [`QUEUE`] if their pixels have more.
pub const KEPT_BYTES: usize = 256 << 20;

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
    /// Its chunk, where the engine keeps them; none when it failed.
    pub kept: Option<Kept>,
}

/// Takes rows, on the writer's thread: a file, an average, a plot.
pub trait Sink: Send {
    /// Takes the next row.
    ///
    /// # Errors
    /// Whatever keeps the sink from going on; the run then stops.
    fn row(&mut self, row: &Row) -> Result<(), Box<dyn Error + Send + Sync>>;
}

/// Waiting for frames that are not there yet.
#[derive(Clone, Copy, Debug)]
pub struct Follow {
    /// The run ends when nothing new came for this long.
    pub patience: Duration,
}

/// Which frames, and whether to wait for more.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Frames to do; the end may lie behind what is there only when following.
    pub frames: Range<usize>,
    /// Wait for frames that are still being written.
    pub follow: Option<Follow>,
}

/// What ends a run early. What was done so far is in the sinks.
#[derive(Debug, Error)]
pub enum RunError {
    /// The engine gave up.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A result could not be made a pattern of.
    #[error("frame {frame}: {error}")]
    Pattern {
        /// Frame.
        frame: usize,
        /// Why.
        error: PatternError,
    },
    /// A sink gave up.
    #[error(transparent)]
    Sink(Box<dyn Error + Send + Sync>),
    /// The file that is followed can no longer be read.
    #[error("the file that is followed can no longer be read: {0}")]
    Follow(FrameError),
}

/// Results that may wait for the sinks.
fn queue(engine: &dyn Engine, progress: &Progress) -> usize {
    if engine.keeps() { (KEPT_BYTES / progress.frame_bytes().max(1)).clamp(1, QUEUE) } else { QUEUE }
}

/// Does a plan. The engine must have been loaded with `table`. `events` is told of every finished frame; `stop` ends the
/// run at the next frame (frames in flight are finished first).
///
/// # Errors
/// [`RunError`]; a frame that fails alone is no error but a row with its status.
pub fn execute(
    source: &mut dyn FrameSource,
    engine: &mut dyn Engine,
    table: &Table,
    plan: &Plan,
    sinks: &mut [&mut dyn Sink],
    stop: &AtomicBool,
    events: &mut (dyn FnMut(&Progress, &Row) + Send),
) -> Result<Summary, RunError> {
    let started = Instant::now();
    let progress = Progress::new(plan, source);
    let (outbox, inbox) = bounded(queue(engine, &progress));
    thread::scope(|scope| {
        let writer = scope.spawn(move || Writer { table, plan, sinks, events, started, progress }.take_all(inbox));
        let fed = Feed { source, engine: &mut *engine, plan, stop, outbox }.run();
        // The feed has let go of its end, so the writer comes to its own. Where it failed, the feed stopped for that.
        let progress = writer.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        Ok(progress.close(engine, started.elapsed(), fed?))
    })
}
