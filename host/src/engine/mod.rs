//! Engines: whatever turns chunks into bins. The CPU is one; a card is another.

pub mod card;
pub mod cpu;
pub mod encode;
pub mod finish;
mod hashing;
pub mod keep;
mod keeping;
pub mod kernel;
pub mod lookup;
pub mod plan;
mod shelf;
#[cfg(feature = "sim")]
pub mod sim;

use crate::frame::{FrameError, Lent, Payload};
use crate::table::Table;
use debye_spec::card_table::TableRefused;
use debye_spec::{FrameResult, Job};
use keep::Kept;
use std::sync::Arc;
use thiserror::Error;

/// A frame on its way into an engine.
#[derive(Debug)]
pub struct FrameJob {
    /// Number of the frame; comes back with its outcome.
    pub index: usize,
    /// Its bytes.
    pub payload: Payload,
}

/// What became of a frame. Outcomes come in any order.
#[derive(Debug)]
pub struct Outcome {
    /// Number of the frame.
    pub index: usize,
    /// Bytes of the payload.
    pub bytes_in: usize,
    /// BLAKE3 of the payload.
    pub payload_digest: [u8; 32],
    /// Its sums with **all** its invalid pixels listed, or why it failed.
    pub result: Result<FrameResult, FrameError>,
    /// Its chunk, where the engine keeps them and the frame did not fail.
    pub kept: Option<Kept>,
}

/// Why an engine cannot go on at all.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The table breaks a rule.
    #[error("the table is refused: {0}")]
    Table(#[from] debye_spec::TableError),
    /// The table is sound, but not one that this engine can take.
    #[error("engine {engine} cannot take this table: {reason}")]
    Unfit {
        /// Its name.
        engine: String,
        /// Why.
        reason: String,
    },
    /// No table was loaded.
    #[error("no table was loaded into the engine")]
    NoTable,
    /// A worker is gone.
    #[error("engine {engine} stopped unexpectedly: {reason}")]
    Stopped {
        /// Its name.
        engine: String,
        /// Why.
        reason: String,
    },
}

/// What a table that a card cannot take means.
fn unfit(engine: &str, refused: TableRefused) -> EngineError {
    match refused {
        TableRefused::Rule(error) => EngineError::Table(error),
        other => EngineError::Unfit { engine: engine.into(), reason: other.to_string() },
    }
}

/// An engine. Frames are handed in with [`Engine::submit`] while [`Engine::room`] says so and are taken out
/// with [`Engine::collect`].
pub trait Engine: Send {
    /// Name for people and `--json`: `cpu`, `card`, ...
    fn name(&self) -> &str;

    /// One line: what it is and how wide.
    fn describe(&self) -> String;

    /// Takes a table and a job for all frames that follow.
    ///
    /// # Errors
    /// [`EngineError::Table`] for a table that breaks a rule, [`EngineError::Unfit`] for one beyond the engine.
    fn load(&mut self, table: Arc<Table>, job: Job) -> Result<(), EngineError>;

    /// How many frames may be submitted now without waiting.
    fn room(&self) -> usize;

    /// Memory for the chunk of a frame that is handed in next, if the engine has some to which it need not be copied.
    fn lend(&mut self, _bytes: usize) -> Option<Arc<dyn Lent>> {
        None
    }

    /// Hands in a frame; waits while there is no room.
    ///
    /// # Errors
    /// The engine has no table or is gone.
    fn submit(&mut self, frame: FrameJob) -> Result<(), EngineError>;

    /// Takes out a finished frame. With `wait`, blocks until there is one; `None` when nothing is in flight
    /// (or, without `wait`, when nothing is finished).
    ///
    /// # Errors
    /// The engine is gone.
    fn collect(&mut self, wait: bool) -> Result<Option<Outcome>, EngineError>;

    /// Whether outcomes come with their frames' chunks.
    fn keeps(&self) -> bool {
        false
    }

    /// What a person should know of a run beside its result: frames that a card refused, a card that was dropped.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}
