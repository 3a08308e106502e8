//! A simulated card as a driver sees it: a table is loaded, requests go in with their chunks, results come out.

use debye_hdl::base::stream::Broken;
use debye_spec::answer::{Answer, AnswerFault};
use debye_spec::card_table::CardTable;
use debye_spec::wire::HEADER_BYTES;
use thiserror::Error;

/// How a card is elaborated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Lanes.
    pub lanes: usize,
    /// log2 of the bytes of the largest block that a lane decodes.
    pub block: u32,
    /// log2 of an eighth of the bins that a lane's histogram holds.
    pub rows: u32,
}

impl Default for Shape {
    /// One lane, blocks of 8 KiB, 2048 bins.
    fn default() -> Shape {
        Shape { lanes: 1, block: 13, rows: 8 }
    }
}

impl Shape {
    /// Bytes of the largest block.
    pub fn block_bytes(&self) -> usize {
        1 << self.block
    }

    /// Bins of a histogram.
    pub fn bins(&self) -> usize {
        8 << self.rows
    }
}

/// How a model is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Config {
    /// Elaboration.
    pub shape: Shape,
    /// Seed of random stalls on every stream; without one nothing stalls but the design itself.
    pub stall_seed: Option<u64>,
    /// Cycles without input after which a lane gives a frame up; 0: never.
    pub watchdog: u32,
}

/// Why a model cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ModelError {
    /// Requests before a table.
    #[error("no table was loaded into the simulated card")]
    NoTable,
    /// Nothing comes out any more.
    #[error(
        "the simulated card hangs: nothing moved for {idle} cycles, at cycle {cycle} with {frames} frame(s) in flight"
    )]
    Hang {
        /// Cycle at which it was given up.
        cycle: u64,
        /// Cycles in which nothing moved.
        idle: u64,
        /// Frames in flight.
        frames: usize,
    },
    /// What came out is no result.
    #[error("the simulated card sent a result that is none, at cycle {cycle}: {fault}")]
    Answer {
        /// Cycle of its last word.
        cycle: u64,
        /// What is wrong with it.
        fault: AnswerFault,
    },
    /// The card broke a rule of one of its buses.
    #[error("the simulated card broke a rule of its buses at cycle {cycle}: {rule}")]
    Bus {
        /// Cycle.
        cycle: u64,
        /// Which rule.
        rule: String,
    },
    /// The model could not be built.
    #[error("the simulated card could not be built: {0}")]
    Build(String),
    /// A file of waves could not be written.
    #[error("waves could not be written: {0}")]
    Waves(String),
}

impl From<Broken> for ModelError {
    fn from(Broken { cycle, rule }: Broken) -> ModelError {
        ModelError::Bus { cycle, rule }
    }
}

/// How far a model is, since its table was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Cycles from the first request to the last result, or to now; 0 for a model without a clock.
    pub cycles: u64,
    /// Bytes of chunks that went in.
    pub bytes_in: u64,
    /// Bytes of results that came out.
    pub bytes_out: u64,
}

/// Cycles in which stages waited, since the table was loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stalls {
    /// What is counted; nothing for a model without a clock.
    pub stages: Vec<&'static str>,
    /// For each lane, the cycles of each of [`Stalls::stages`].
    pub lanes: Vec<Vec<u64>>,
}

/// A simulated card. Results come in the order in which lanes finish.
pub trait CardModel: Send {
    /// One line: what it is and how wide.
    fn describe(&self) -> String;

    /// Its elaboration.
    fn shape(&self) -> Shape;

    /// Takes a table for all requests that follow; nothing may be in flight.
    ///
    /// # Errors
    /// The card does not answer.
    fn load(&mut self, table: &CardTable) -> Result<(), ModelError>;

    /// Requests that were submitted and not yet answered.
    fn in_flight(&self) -> usize;

    /// Hands in a request with its chunk. The model gives the chunk an address.
    ///
    /// # Errors
    /// No table was loaded.
    fn submit(&mut self, header: [u8; HEADER_BYTES], chunk: Vec<u8>) -> Result<(), ModelError>;

    /// Runs until a result came out, or for so many cycles. A model without a clock answers at once.
    ///
    /// # Errors
    /// The card hangs, or sends what is no result.
    fn run(&mut self, cycles: u64) -> Result<Option<Answer>, ModelError>;

    /// How far it is.
    fn progress(&self) -> Progress;

    /// Who waited, and how long.
    ///
    /// # Errors
    /// The card does not answer.
    fn stalls(&mut self) -> Result<Stalls, ModelError>;
}
