//! A simulated card as an engine: chunks go through a model of the card, the host does what a card leaves to it.

use super::kernel::Kernel;
use super::lookup::Lookup;
use super::{Engine, EngineError, FrameJob, Outcome};
use crate::codec::encode::Encoder;
use crate::frame::{FrameError, Payload};
use crate::table::Table;
use debye_sim::model::{CardModel, ModelError, Progress, Shape, Stalls};
use debye_spec::answer::Answer;
use debye_spec::card_table::{CardTable, TableRefused};
use debye_spec::wire::{Request, invalid_pixels};
use debye_spec::{FrameResult, Job, Status};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Requests in flight for each lane: one at work, one behind it, two to choose from.
const FRAMES_PER_LANE: usize = 4;

/// Cycles between two looks at the progress.
const SLICE: u64 = 4096;

/// Statuses from here on say that a card could not take a frame (see [`Status`]).
const REFUSALS: u8 = Status::BlockTooLarge as u8;

/// A frame that the card refused and the CPU did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Number of the frame.
    pub frame: usize,
    /// What the card said.
    pub status: Status,
}

/// How far a simulation is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beat {
    /// The model's own counts.
    pub progress: Progress,
    /// Frames of which the bytes went in, with the part of the one that is going in.
    pub frames: f64,
}

/// Told while a model runs.
pub type Watch = Box<dyn FnMut(Beat) + Send>;

/// See the module.
pub struct SimEngine {
    model: Box<dyn CardModel>,
    loaded: Option<Loaded>,
    sequence: u32,
    submitted_bytes: u64,
    flights: BTreeMap<u64, Flight>,
    done: VecDeque<Outcome>,
    refused: Vec<Refused>,
    compressed: usize,
    watch: Watch,
}

struct Loaded {
    table: Arc<Table>,
    lookup: Option<Lookup>,
    job: Job,
    id: u32,
    encoder: Encoder,
}

/// A frame in the card.
struct Flight {
    frame: FrameJob,
    payload_sha256: [u8; 32],
}

impl SimEngine {
    /// An engine on a model; `watch` is told of its progress.
    pub fn new(model: Box<dyn CardModel>, watch: Watch) -> SimEngine {
        SimEngine {
            model,
            loaded: None,
            sequence: 0,
            submitted_bytes: 0,
            flights: BTreeMap::new(),
            done: VecDeque::new(),
            refused: Vec::new(),
            compressed: 0,
            watch,
        }
    }

    /// The card's shape.
    pub fn shape(&self) -> Shape {
        self.model.shape()
    }

    /// How far the model is.
    pub fn progress(&self) -> Progress {
        self.model.progress()
    }

    /// Who waited in the model, and how long.
    ///
    /// # Errors
    /// The model does not answer.
    pub fn stalls(&mut self) -> Result<Stalls, EngineError> {
        self.model.stalls().map_err(stopped)
    }

    /// Frames that the card refused: the CPU did them.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// Frames that were compressed for the card, because they are not stored as bslz4 chunks.
    pub fn compressed(&self) -> usize {
        self.compressed
    }

    /// The frame's outcome on the CPU.
    fn on_cpu(&mut self, frame: FrameJob) -> Result<Outcome, EngineError> {
        let loaded = self.loaded.as_mut().ok_or(EngineError::NoTable)?;
        let lookup = loaded.lookup.get_or_insert_with(|| Lookup::new(&loaded.table));
        Ok(Kernel::new(&loaded.table, lookup, loaded.job).run(frame))
    }

    /// What a frame's answer comes to, with what the card leaves to the host.
    fn outcome(&mut self, answer: Answer) -> Result<Outcome, EngineError> {
        let loaded = self.loaded.as_ref().ok_or(EngineError::NoTable)?;
        let (element, bins) = (loaded.job.element, loaded.table.bins());
        let header = &answer.header;
        let Some(Flight { frame, payload_sha256 }) = self.flights.remove(&header.handle) else {
            return Err(unexpected(format!("it answered a frame of handle {}, which is not in flight", header.handle)));
        };
        let (index, status, bytes_in) = (frame.index, header.status, frame.payload.bytes().len());
        if status.code() >= REFUSALS {
            self.refused.push(Refused { frame: index, status });
            return self.on_cpu(frame);
        }
        if status != Status::Ok {
            // The card says what; the CPU's walk over the chunk says where.
            let message = match self.on_cpu(frame)?.result {
                Err(error) if error.status == status => error.message,
                Err(error) => format!("the card gives status {} ({status:?}); {}", status.code(), error.message),
                Ok(_) => format!("the card gives status {} ({status:?}), the CPU finds no fault", status.code()),
            };
            return Ok(Outcome { index, bytes_in, payload_sha256, result: Err(FrameError { status, message }) });
        }
        if answer.bins.len() != bins {
            return Err(unexpected(format!("it answered frame {index} with {} bins of {bins}", answer.bins.len())));
        }
        let statistics = header.statistics;
        let mut invalid = invalid_pixels(&answer.groups, element);
        if invalid.len() != statistics.invalid as usize {
            // More than a card lists: found on the CPU.
            invalid = match self.on_cpu(frame)?.result {
                Ok(result) => result.invalid,
                Err(error) => return Err(unexpected(format!("frame {index} has a fault that it missed: {error}"))),
            };
        }
        let result = FrameResult { bins: answer.bins, statistics, invalid };
        Ok(Outcome { index, bytes_in, payload_sha256, result: Ok(result) })
    }
}

fn stopped(error: ModelError) -> EngineError {
    EngineError::Stopped { engine: "sim".into(), reason: error.to_string() }
}

fn unexpected(what: String) -> EngineError {
    EngineError::Stopped { engine: "sim".into(), reason: format!("the simulated card is wrong: {what}") }
}

impl Engine for SimEngine {
    fn name(&self) -> &str {
        "sim"
    }

    fn describe(&self) -> String {
        self.model.describe()
    }

    fn load(&mut self, table: Arc<Table>, job: Job) -> Result<(), EngineError> {
        let shape = self.model.shape();
        let id = u32::from_le_bytes([table.hash[0], table.hash[1], table.hash[2], table.hash[3]]);
        let card =
            CardTable::compile(&table.spec(), job.element, id, shape.bins()).map_err(|refused| match refused {
                TableRefused::Rule(error) => EngineError::Table(error),
                other => EngineError::Unfit { engine: "sim".into(), reason: other.to_string() },
            })?;
        self.model.load(&card).map_err(stopped)?;
        let elements = (shape.block_bytes() / job.element.size()).min(8192 / job.element.size());
        let encoder = Encoder::new(job.element, Some(elements)).map_err(|error| unexpected(error.to_string()))?;
        (self.sequence, self.submitted_bytes) = (0, 0);
        self.flights.clear();
        self.done.clear();
        self.refused.clear();
        self.compressed = 0;
        self.loaded = Some(Loaded { table, lookup: None, job, id, encoder });
        Ok(())
    }

    fn room(&self) -> usize {
        (self.model.shape().lanes * FRAMES_PER_LANE).saturating_sub(self.flights.len() + self.done.len())
    }

    fn submit(&mut self, frame: FrameJob) -> Result<(), EngineError> {
        let loaded = self.loaded.as_mut().ok_or(EngineError::NoTable)?;
        let (job, pixels) = (loaded.job, loaded.table.pixels());
        let chunk = match &frame.payload {
            Payload::Bslz4(chunk) => chunk.clone(),
            Payload::Pixels(bytes) if bytes.len() == pixels * job.element.size() => {
                let mut chunk = Vec::new();
                loaded.encoder.encode(bytes, &mut chunk).map_err(|error| unexpected(error.to_string()))?;
                self.compressed += 1;
                chunk
            }
            Payload::Pixels(_) => {
                let outcome = self.on_cpu(frame)?;
                self.done.push_back(outcome);
                return Ok(());
            }
        };
        let handle = u64::from(self.sequence);
        let request = Request {
            handle,
            sequence: self.sequence,
            element: job.element,
            chunk_bytes: chunk.len() as u32,
            pixels: pixels as u32,
            bins: loaded.table.bins() as u32,
            max_valid: job.rule().max_valid(),
            threshold: job.threshold,
            chunk_address: 0,
            table: loaded.id,
        };
        self.submitted_bytes += chunk.len() as u64;
        self.model.submit(request.to_bytes(), chunk).map_err(stopped)?;
        let payload_sha256 = Sha256::digest(frame.payload.bytes()).into();
        self.flights.insert(handle, Flight { frame, payload_sha256 });
        self.sequence = self.sequence.wrapping_add(1);
        Ok(())
    }

    fn collect(&mut self, wait: bool) -> Result<Option<Outcome>, EngineError> {
        if self.loaded.is_none() {
            return Err(EngineError::NoTable);
        }
        if let Some(outcome) = self.done.pop_front() {
            return Ok(Some(outcome));
        }
        while wait && !self.flights.is_empty() {
            let answer = self.model.run(SLICE).map_err(stopped)?;
            let progress = self.model.progress();
            let done = progress.bytes_in as f64 / self.submitted_bytes.max(1) as f64;
            (self.watch)(Beat { progress, frames: f64::from(self.sequence) * done });
            if let Some(answer) = answer {
                return self.outcome(answer).map(Some);
            }
        }
        Ok(None)
    }
}
