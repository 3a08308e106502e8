//! Cards as an engine: one or several, of one kind or not, in one run.
//!
//! Frames go to the card with the most room. A card that dies in the middle either ends the run, or is dropped: what it
//! had and did not finish goes to the other cards, or to the CPU when none is left. Rows and CRC are the same.

mod flow;
mod takeover;

use self::takeover::Takeover;
use super::finish::{Finisher, Refused};
use super::hashing::Hashing;
use super::keep::Keep;
use super::keeping::Keeping;
use super::{Engine, EngineError, FrameJob, Outcome, unfit};
use crate::card::{Card, CardError, Driver, DriverConfig, Tally, fleet};
use crate::frame::Lent;
use crate::table::Table;
use debye_spec::Job;
use debye_spec::card_table::CardTable;
use debye_spec::rings::MAX_JOB_BYTES;
use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// What a dying card means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDeath {
    /// The run fails.
    Fail,
    /// The card is dropped; in the end the CPU does the work, with so many threads.
    Continue(Option<NonZeroUsize>),
}

/// See the module.
pub struct CardEngine {
    cards: Vec<Driver>,
    config: DriverConfig,
    on_death: OnDeath,
    description: String,
    finisher: Option<Finisher>,
    loaded: Option<(Arc<Table>, Job)>,
    hashing: Hashing,
    next_tag: u64,
    flights: BTreeMap<u64, Flight>,
    /// Tags that no card has.
    waiting: VecDeque<u64>,
    /// Takes over from the last card.
    cpu: Option<Takeover>,
    done: VecDeque<Outcome>,
    dropped: Vec<String>,
    /// Frames that cards encoded and integrated in one pass.
    fused: usize,
    keep: Option<Keep>,
    /// Frames on their way to be kept.
    keeping: Option<Keeping>,
    /// Counts of cards that are gone.
    past: Vec<Tally>,
}

/// A frame that has not come back.
struct Flight {
    frame: Arc<FrameJob>,
    /// Its chunk, where it was compressed for the card.
    compressed: Option<Vec<u8>>,
}

impl CardEngine {
    /// An engine on cards that were opened.
    ///
    /// # Errors
    /// A card cannot be started.
    pub fn new(cards: Vec<Card>, config: DriverConfig, on_death: OnDeath) -> Result<CardEngine, CardError> {
        let cards = cards.into_iter().map(|card| Driver::new(card, config)).collect::<Result<Vec<_>, _>>()?;
        let description = cards.iter().map(describe).collect::<Vec<_>>().join("; ");
        Ok(CardEngine {
            cards,
            config,
            on_death,
            description,
            finisher: None,
            loaded: None,
            hashing: Hashing::start(),
            next_tag: 0,
            flights: BTreeMap::new(),
            waiting: VecDeque::new(),
            cpu: None,
            done: VecDeque::new(),
            dropped: Vec::new(),
            fused: 0,
            keep: None,
            keeping: None,
            past: Vec::new(),
        })
    }

    /// Outcomes come with their frames' chunks, from the next table on.
    pub fn keeping(self, keep: Option<Keep>) -> CardEngine {
        CardEngine { keep, ..self }
    }

    /// What was counted, of every card.
    pub fn tallies(&self) -> Vec<Tally> {
        self.past.iter().copied().chain(self.cards.iter().map(Driver::tally)).collect()
    }

    /// Cards that still work.
    pub fn cards(&mut self) -> &mut [Driver] {
        &mut self.cards
    }

    /// Frames that cards refused: the CPU did them.
    pub fn refused(&self) -> &[Refused] {
        self.finisher.as_ref().map_or(&[], |finisher| &finisher.refused)
    }

    /// Frames that were compressed for the cards, because they are not stored as bslz4 chunks.
    pub fn compressed(&self) -> usize {
        self.finisher.as_ref().map_or(0, |finisher| finisher.compressed)
    }

    /// Frames that the cards encoded themselves before they integrated them: pixels, for cards with an encoder.
    pub fn fused(&self) -> usize {
        self.fused
    }

    /// Why cards were dropped.
    pub fn dropped(&self) -> &[String] {
        &self.dropped
    }

    /// A card died: the run fails, or goes on without it.
    fn bury(&mut self, card: usize, error: &CardError) -> Result<(), EngineError> {
        let mut dead = self.cards.remove(card);
        if self.on_death == OnDeath::Fail {
            return Err(EngineError::Stopped { engine: "card".into(), reason: error.to_string() });
        }
        for done in dead.leftovers() {
            // A frame whose answer makes no sense waits again.
            let _ = self.finish(done);
        }
        let unfinished = dead.unfinished();
        let takes_over = if self.cards.is_empty() { "the CPU" } else { "the other cards" };
        let note = format!(
            "{error}; it was dropped, {takes_over} did its {} unfinished frame(s) and the rest",
            unfinished.len()
        );
        tracing::warn!("{note}");
        self.dropped.push(note);
        self.past.push(dead.tally());
        unfinished.into_iter().rev().for_each(|tag| self.waiting.push_front(tag));
        self.replace_cards()
    }

    /// The CPU takes over where no card is left.
    fn replace_cards(&mut self) -> Result<(), EngineError> {
        if self.cards.is_empty()
            && let (OnDeath::Continue(threads), None, Some((table, job))) = (self.on_death, &self.cpu, &self.loaded)
        {
            self.cpu = Some(Takeover::new(threads, table.clone(), *job, self.keep)?);
        }
        Ok(())
    }

    fn is_idle(&self) -> bool {
        self.flights.is_empty()
            && self.cpu.as_ref().is_none_or(Takeover::is_idle)
            && self.done.is_empty()
            && self.keeping_is_idle()
    }
}

fn describe(driver: &Driver) -> String {
    let card = driver.card_ref();
    let lanes = match card.capabilities.lanes {
        1 => "1 lane".to_owned(),
        lanes => format!("{lanes} lanes"),
    };
    format!("card {}, {lanes}, {} bins, build {:08x}", card.address(), card.capabilities.max_bins, card.build)
}

impl Engine for CardEngine {
    fn name(&self) -> &str {
        "card"
    }

    fn describe(&self) -> String {
        self.description.clone()
    }

    fn load(&mut self, table: Arc<Table>, job: Job) -> Result<(), EngineError> {
        let unable = |reason: String| EngineError::Unfit { engine: "card".into(), reason };
        let capabilities = self.cards.iter().map(|card| card.card_ref().capabilities);
        if !capabilities.clone().all(|card| card.takes(job.element)) {
            return Err(unable(format!("a card was built without {} pixels", job.element.name())));
        }
        let most = capabilities.map(|card| card.max_bins).min().unwrap_or(u32::MAX);
        let block = self.cards.iter().map(|card| card.card_ref().block_bytes()).min().unwrap_or(usize::MAX);
        let finisher = Finisher::new(table.clone(), job, block).map_err(|error| unable(error.to_string()))?;
        let keeping = self.keep.map(|keep| Keeping::start(keep, job.element)).transpose();
        self.keeping = keeping.map_err(|error| unable(format!("its frames cannot be encoded: {error}")))?;
        // Where no card is left there is nothing to compile for.
        let compiled = (!self.cards.is_empty())
            .then(|| CardTable::compile(&table.spec(), job.element, finisher.id, most as usize))
            .transpose()
            .map_err(|refused| unfit("card", refused))?;
        self.finisher = Some(finisher);
        self.loaded = Some((table, job));
        self.flights.clear();
        self.waiting.clear();
        self.done.clear();
        self.cpu = None;
        let mut card = 0;
        while let Some(compiled) = compiled.as_ref().filter(|_| card < self.cards.len()) {
            match self.cards[card].load(compiled.clone()) {
                Ok(()) => card += 1,
                Err(error @ CardError::TableMemory { .. }) => return Err(unable(error.to_string())),
                Err(error) => self.bury(card, &error)?,
            }
        }
        self.replace_cards()
    }

    fn room(&self) -> usize {
        if self.keeping.as_ref().is_some_and(Keeping::is_full) {
            return 0;
        }
        match (self.waiting.is_empty(), &self.cpu) {
            (false, _) => 0,
            (true, Some(cpu)) => cpu.room(),
            (true, None) => self.cards.iter().map(Driver::room).sum(),
        }
    }

    fn lend(&mut self, bytes: usize) -> Option<Arc<dyn Lent>> {
        // A chunk that is kept must not stand where a card can reach it.
        if self.keep.is_some() || bytes == 0 || bytes > MAX_JOB_BYTES as usize || !self.waiting.is_empty() {
            return None;
        }
        let card = *fleet::by_room(&self.cards).first()?;
        self.cards[card].lend(bytes)
    }

    fn submit(&mut self, frame: FrameJob) -> Result<(), EngineError> {
        let finisher = self.finisher.as_mut().ok_or(EngineError::NoTable)?;
        if !finisher.takes(&frame) {
            let outcome = finisher.on_cpu(&frame);
            self.deliver(outcome, &Arc::new(frame), None);
            return Ok(());
        }
        let tag = self.next_tag;
        self.next_tag += 1;
        let frame = Arc::new(frame);
        self.hashing.begin(tag, frame.clone());
        self.flights.insert(tag, Flight { frame, compressed: None });
        self.waiting.push_back(tag);
        self.feed()?;
        while !self.waiting.is_empty() {
            self.rest()?;
            self.feed()?;
        }
        Ok(())
    }

    fn collect(&mut self, wait: bool) -> Result<Option<Outcome>, EngineError> {
        if self.finisher.is_none() {
            return Err(EngineError::NoTable);
        }
        loop {
            if let Some(outcome) = self.done.pop_front() {
                return Ok(Some(outcome));
            }
            if self.is_idle() {
                return Ok(None);
            }
            self.feed()?;
            self.reap()?;
            if self.done.is_empty() {
                if !wait {
                    return Ok(None);
                }
                self.rest()?;
            }
        }
    }

    fn keeps(&self) -> bool {
        self.keep.is_some()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = self.dropped.clone();
        let refused = self.refused();
        if let Some(first) = refused.first() {
            notes.push(format!(
                "{} frame(s) were refused by a card and done by the CPU, the first is frame {} with status {} ({:?})",
                refused.len(),
                first.frame,
                first.status.code(),
                first.status
            ));
        }
        if self.compressed() > 0 {
            notes.push(format!("{} frame(s) were compressed for the card: they are not bslz4", self.compressed()));
        }
        if self.fused > 0 {
            notes.push(format!("{} frame(s) were encoded by the card on the way: they are not bslz4", self.fused));
        }
        if let Some(by_cpu) = self.keeping.as_ref().map(Keeping::by_cpu).filter(|&frames| frames > 0) {
            let made = "encoded by the CPU to be kept: no card encoded them on the way";
            notes.push(format!("{by_cpu} frame(s) were {made}"));
        }
        notes
    }
}
