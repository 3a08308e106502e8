//! A run: frames from a source through an engine into sinks, in order.
//!
//! ```text
//! FrameSource::read -> Engine::submit .. Engine::collect -> Order (rows in the frames' order) -> Sink::row
//! ```
//!
//! Memory is bounded by [`WINDOW`] frames' results and the engine's own room, whatever the size of the input.

mod order;
mod progress;

pub use progress::{Progress, Summary};

use crate::engine::{Engine, EngineError, FrameJob, Outcome};
use crate::frame::FrameError;
use crate::pattern::{Pattern, PatternError};
use crate::source::FrameSource;
use crate::table::Table;
use debye_spec::{Bins, Statistics, Status};
use order::Order;
use std::error::Error;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use thiserror::Error;

/// Most frames between the oldest that is not finished and the youngest that was handed in.
pub const WINDOW: usize = 256;

/// How often a file that is still being written is looked at.
const POLL: Duration = Duration::from_millis(100);

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

/// Takes rows: a file, an average, a plot.
pub trait Sink {
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
    events: &mut dyn FnMut(&Progress, &Row),
) -> Result<Summary, RunError> {
    let started = Instant::now();
    let mut progress = Progress::new(plan, source);
    let mut order = Order::new(plan.frames.start);
    let mut next = plan.frames.start;
    let mut fed = started;
    let mut interrupted = false;
    loop {
        // Hand in as much as there is room for; reading overlaps with the engine's work.
        let mut waiting_for_file = false;
        while next < plan.frames.end && engine.room() > 0 && order.span(next) < WINDOW {
            if stop.load(Ordering::Relaxed) {
                interrupted = true;
                break;
            }
            if next >= source.frames() {
                waiting_for_file = plan.follow.is_some();
                break;
            }
            match source.read_into(next, &mut |bytes| engine.lend(bytes)) {
                Ok(payload) => {
                    engine.submit(FrameJob { index: next, payload })?;
                    fed = Instant::now();
                }
                // The extent grew before the chunk was written: it is still to come, unless patience is at its end.
                Err(error) if error.status == Status::Missing && patient(plan, fed) => {
                    waiting_for_file = true;
                    break;
                }
                Err(error) => order.put(Outcome::unread(next, error)),
            }
            next += 1;
        }

        let more = next < plan.frames.end.min(source.frames()) && !interrupted;
        let mut wait = !more || waiting_for_file || engine.room() == 0 || order.span(next) >= WINDOW;
        while let Some(outcome) = engine.collect(wait)? {
            order.put(outcome);
            wait = false;
        }
        while let Some(outcome) = order.take() {
            let bytes_in = outcome.bytes_in;
            let digest = outcome.payload_sha256;
            let row = row_of(outcome, table)?;
            for sink in sinks.iter_mut() {
                sink.row(&row).map_err(RunError::Sink)?;
            }
            progress.count(&row, bytes_in, &digest, started.elapsed());
            events(&progress, &row);
        }

        if order.span(next) > 0 {
            continue;
        }
        if interrupted || next >= plan.frames.end || (!waiting_for_file && next >= source.frames()) {
            break;
        }
        if waiting_for_file {
            if stop.load(Ordering::Relaxed) {
                interrupted = true;
                break;
            }
            std::thread::sleep(POLL);
            // Asked before the file is looked at again: what a writer wrote before it went is then seen.
            let writing = source.being_written();
            source.refresh().map_err(RunError::Follow)?;
            progress.expect(plan, source.frames());
            if next >= source.frames() && !(writing && patient(plan, fed)) {
                break;
            }
        }
    }
    Ok(progress.close(engine, started.elapsed(), interrupted))
}

/// Whether a followed file may still grow: frames came lately enough.
fn patient(plan: &Plan, fed: Instant) -> bool {
    plan.follow.is_some_and(|follow| fed.elapsed() < follow.patience)
}

fn row_of(outcome: Outcome, table: &Table) -> Result<Row, RunError> {
    let frame = outcome.index;
    Ok(match outcome.result {
        Ok(result) => {
            let pattern = Pattern::of(table, &result).map_err(|error| RunError::Pattern { frame, error })?;
            Row {
                frame,
                status: Status::Ok,
                message: String::new(),
                bins: result.bins,
                statistics: result.statistics,
                pattern,
            }
        }
        Err(error) => Row {
            frame,
            status: error.status,
            message: error.message,
            bins: Bins::new(table.bins()),
            statistics: Statistics::default(),
            pattern: Pattern::failed(table.bins()),
        },
    })
}
