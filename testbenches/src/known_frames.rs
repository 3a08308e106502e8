//! Frames whose results are known, for runs that go wrong.

use crate::conformance::expected;
use crate::content::{self, Kind};
use crate::lend::lent;
use debye::card::DriverConfig;
use debye::engine::{Engine, EngineError, FrameJob, Outcome};
use debye::frame::Payload;
use debye::table::Table;
use debye_spec::{Element, FrameResult, Job, Status};
use std::sync::Arc;
use std::time::Duration;

/// Different frames; a run takes them in turn.
const DIFFERENT: usize = 8;

/// A driver that loses patience soon.
pub fn config() -> DriverConfig {
    DriverConfig { timeout: Duration::from_millis(1500), nap: Duration::from_millis(5), ..DriverConfig::default() }
}

/// See the module.
pub struct Frames {
    table: Arc<Table>,
    job: Job,
    payloads: Vec<Payload>,
    wanted: Vec<Result<FrameResult, Status>>,
    count: usize,
    submitted: usize,
    /// How often each frame came back.
    came: Vec<u32>,
}

impl Frames {
    /// So many frames of 31 x 37 pixels, one in eight of them damaged.
    pub fn new(count: usize) -> Frames {
        let shape = [31, 37];
        let table = Arc::new(content::table(shape, 30, None, 4, 13));
        let job = Job::new(Element::U16);
        let mut payloads: Vec<Payload> = (0..DIFFERENT as u64)
            .map(|seed| {
                let kind = Kind::ALL[seed as usize % Kind::ALL.len()];
                let pixels = content::frame(kind, Element::U16, shape[0] * shape[1], seed);
                Payload::Bslz4(content::chunk(&pixels, Element::U16, Some(256)))
            })
            .collect();
        if let Payload::Bslz4(chunk) = &mut payloads[5] {
            chunk.truncate(chunk.len() - 9);
        }
        let wanted = payloads.iter().map(|payload| expected(&table, &job, payload)).collect();
        Frames { table, job, payloads, wanted, count, submitted: 0, came: vec![0; count] }
    }

    /// Their table.
    pub fn table(&self) -> Arc<Table> {
        self.table.clone()
    }

    /// Loads it.
    pub fn load(&mut self, engine: &mut dyn Engine) {
        engine.load(self.table.clone(), self.job).expect("the table is taken");
    }

    fn keep(&mut self, outcome: Outcome) {
        self.came[outcome.index] += 1;
        let wanted = &self.wanted[outcome.index % DIFFERENT];
        assert_eq!(&outcome.result.map_err(|error| error.status), wanted, "frame {}", outcome.index);
    }

    /// Hands in the next frame.
    pub fn submit_one(&mut self, engine: &mut dyn Engine) {
        self.try_submit(engine).expect("the engine lives");
    }

    fn try_submit(&mut self, engine: &mut dyn Engine) -> Result<(), EngineError> {
        while engine.room() == 0 {
            if let Some(outcome) = engine.collect(true)? {
                self.keep(outcome);
            }
        }
        let index = self.submitted;
        self.submitted += 1;
        let payload = self.payloads[index % DIFFERENT].clone();
        // Of each sound and of the damaged one, both kinds come.
        let payload = if (index / DIFFERENT).is_multiple_of(2) { lent(engine, payload) } else { payload };
        engine.submit(FrameJob { index, payload })
    }

    fn try_finish(&mut self, engine: &mut dyn Engine) -> Result<(), EngineError> {
        while self.submitted < self.count {
            self.try_submit(engine)?;
        }
        while let Some(outcome) = engine.collect(true)? {
            self.keep(outcome);
        }
        assert!(self.came.iter().all(|&times| times == 1), "every frame comes back once: {:?}", self.came);
        Ok(())
    }

    /// Hands in the rest and takes all out.
    pub fn finish(&mut self, engine: &mut dyn Engine) {
        self.try_finish(engine).expect("the engine lives");
    }

    /// A whole run.
    pub fn run(&mut self, engine: &mut dyn Engine) {
        self.load(engine);
        self.finish(engine);
    }

    /// A whole run that may end early.
    pub fn try_run(&mut self, engine: &mut dyn Engine) -> Result<(), EngineError> {
        self.load(engine);
        self.try_finish(engine)
    }
}
