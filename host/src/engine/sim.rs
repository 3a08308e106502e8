//! A simulated card as an engine: chunks go through a model of the card, the host does what a card leaves to it.

use super::finish::{Finisher, Refused};
use super::{Engine, EngineError, FrameJob, Outcome, unfit};
use crate::frame::Payload;
use crate::table::Table;
use debye_sim::model::{CardModel, ModelError, Progress, Shape, Stalls};
use debye_spec::answer::Answer;
use debye_spec::card_table::CardTable;
use debye_spec::wire::Request;
use debye_spec::{Job, Status};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Requests in flight for each lane: one at work, one behind it, two to choose from.
const FRAMES_PER_LANE: usize = 4;

/// Cycles between two looks at the progress.
const SLICE: u64 = 4096;

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
    finisher: Option<Finisher>,
    sequence: u32,
    submitted_bytes: u64,
    flights: BTreeMap<u64, FrameJob>,
    done: VecDeque<Outcome>,
    watch: Watch,
}

impl SimEngine {
    /// An engine on a model; `watch` is told of its progress.
    pub fn new(model: Box<dyn CardModel>, watch: Watch) -> SimEngine {
        SimEngine {
            model,
            finisher: None,
            sequence: 0,
            submitted_bytes: 0,
            flights: BTreeMap::new(),
            done: VecDeque::new(),
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
        self.finisher.as_ref().map_or(&[], |finisher| &finisher.refused)
    }

    /// Frames that were compressed for the card, because they are not stored as bslz4 chunks.
    pub fn compressed(&self) -> usize {
        self.finisher.as_ref().map_or(0, |finisher| finisher.compressed)
    }

    /// What a frame's answer comes to, with what the card leaves to the host.
    fn outcome(&mut self, answer: Answer) -> Result<Outcome, EngineError> {
        let finisher = self.finisher.as_mut().ok_or(EngineError::NoTable)?;
        let (handle, status) = (answer.header.handle, answer.header.status);
        let Some(frame) = self.flights.remove(&handle) else {
            return Err(unexpected(format!("it answered a frame of handle {handle}, which is not in flight")));
        };
        let answer = if status == Status::Ok { Ok(answer) } else { Err(status) };
        finisher.finish(&frame, answer, frame.payload.digest()).map_err(unexpected)
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
        let spec = table.clone();
        let finisher = Finisher::new(table, job, shape.block_bytes()).map_err(|error| unexpected(error.to_string()))?;
        let card = CardTable::compile(&spec.spec(), job.element, finisher.id, shape.bins());
        self.model.load(&card.map_err(|refused| unfit("sim", refused))?).map_err(stopped)?;
        (self.sequence, self.submitted_bytes) = (0, 0);
        self.flights.clear();
        self.done.clear();
        self.finisher = Some(finisher);
        Ok(())
    }

    fn room(&self) -> usize {
        (self.model.shape().lanes * FRAMES_PER_LANE).saturating_sub(self.flights.len() + self.done.len())
    }

    fn submit(&mut self, frame: FrameJob) -> Result<(), EngineError> {
        let finisher = self.finisher.as_mut().ok_or(EngineError::NoTable)?;
        if !finisher.takes(&frame) {
            self.done.push_back(finisher.on_cpu(&frame));
            return Ok(());
        }
        let chunk = match &frame.payload {
            Payload::Pixels(pixels) => finisher.compress(pixels).map_err(|error| unexpected(error.to_string()))?,
            stored => stored.bytes().into_owned(),
        };
        let job = finisher.job;
        let handle = u64::from(self.sequence);
        let request = Request {
            handle,
            sequence: self.sequence,
            element: job.element,
            chunk_bytes: chunk.len() as u32,
            pixels: finisher.table().pixels() as u32,
            bins: finisher.table().bins() as u32,
            max_valid: job.rule().max_valid(),
            threshold: job.threshold,
            chunk_address: 0,
            table: finisher.id,
        };
        self.submitted_bytes += chunk.len() as u64;
        self.model.submit(request.to_bytes(), chunk).map_err(stopped)?;
        self.flights.insert(handle, frame);
        self.sequence = self.sequence.wrapping_add(1);
        Ok(())
    }

    fn collect(&mut self, wait: bool) -> Result<Option<Outcome>, EngineError> {
        if self.finisher.is_none() {
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
