//! A card's side: what comes out of it. There are no taps between its stages.

use super::{CompareError, Side, Trace};
use crate::card::{Card, CardError, Chunk, Done, Driver, DriverConfig, FrameOrder, Reply};
use crate::table::Table;
use debye_sim::model::Shape;
use debye_spec::card_table::CardTable;
use debye_spec::{Job, Status};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// See the module.
pub struct OnCard {
    driver: Driver,
    job: Job,
    next_tag: u64,
    waiting: VecDeque<u64>,
    done: BTreeMap<u64, Done>,
}

impl OnCard {
    /// On a card, for a table and a job.
    ///
    /// # Errors
    /// The card does not take them.
    pub fn new(card: Card, config: DriverConfig, table: &Table, job: Job) -> Result<OnCard, CompareError> {
        let lacks = |what: String| CompareError::Card(CardError::Capability { address: card.address(), what });
        if !card.capabilities.takes(job.element) {
            return Err(lacks(format!("{} pixels", job.element.name())));
        }
        let compiled = CardTable::compile(&table.spec(), job.element, 1, card.capabilities.max_bins as usize);
        let compiled = compiled.map_err(|refused| lacks(refused.to_string()))?;
        let mut driver = Driver::new(card, config)?;
        driver.load(compiled)?;
        Ok(OnCard { driver, job, next_tag: 0, waiting: VecDeque::new(), done: BTreeMap::new() })
    }

    fn look(&mut self) -> Result<(), CompareError> {
        while let Some(done) = self.driver.poll()? {
            self.done.insert(done.tag, done);
        }
        Ok(())
    }
}

impl Side for OnCard {
    fn describe(&self) -> String {
        let card = self.driver.card_ref();
        format!("card {}, lanes {}, build {:08x}", card.address(), card.capabilities.lanes, card.build)
    }

    fn shape(&self) -> Option<Shape> {
        let core = self.driver.card_ref().capabilities;
        let rows = (core.max_bins / 8).max(1).ilog2();
        Some(Shape { lanes: core.lanes as usize, block: core.block_log2, rows })
    }

    fn submit(&mut self, chunk: Arc<[u8]>) -> Result<(), CompareError> {
        let (max_valid, threshold) = (self.job.rule().max_valid(), self.job.threshold);
        let order = FrameOrder { tag: self.next_tag, chunk: Chunk::Bytes(&chunk), max_valid, threshold };
        while !self.driver.submit(&order)? {
            self.look()?;
            self.driver.wait()?;
        }
        self.waiting.push_back(self.next_tag);
        self.next_tag += 1;
        Ok(())
    }

    fn next(&mut self, _beat: &mut dyn FnMut(u64)) -> Result<Trace, CompareError> {
        let tag = self.waiting.pop_front().ok_or(CompareError::Idle)?;
        let done = loop {
            self.look()?;
            match self.done.remove(&tag) {
                Some(done) => break done,
                None => self.driver.wait()?,
            }
        };
        let trace = Trace { untapped: true, ..Trace::default() };
        Ok(match done.reply {
            Reply::Failed(status) => Trace { status: Some(status), ..trace },
            // Never: nothing is handed in to be encoded.
            Reply::Made(_) | Reply::Fused(..) => trace,
            Reply::Answer(answer) => Trace {
                status: Some(Status::Ok),
                bins: answer.bins,
                statistics: answer.header.statistics,
                groups: answer.groups,
                ..trace
            },
        })
    }
}
