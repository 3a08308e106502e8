//! The thread that drives the cards.

use super::{Told, lock};
use crate::card::{CardError, Done, Driver, DriverConfig, EncodeOrder, Reply, fleet};
use crossbeam_channel::{Receiver, Sender};
use debye_spec::Element;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Longest sleep while cards work: somebody may hand in more meanwhile.
const NAP: Duration = Duration::from_millis(1);

/// Pixels that somebody waits with.
pub(super) struct Job {
    pub element: Element,
    pub pixels: Arc<Vec<u8>>,
    pub threshold: u32,
    pub reply: Sender<Answer>,
}

/// What became of them.
pub(super) enum Answer {
    /// A card made this.
    Made(Vec<u8>),
    /// Nobody did.
    Back,
    /// Nobody will.
    Failed(String),
}

/// See the module.
pub(super) struct Worker {
    cards: Vec<Driver>,
    config: DriverConfig,
    /// A card that dies ends the work.
    strict: bool,
    told: Arc<Mutex<Told>>,
    jobs: BTreeMap<u64, Job>,
    /// Tags that no card has.
    waiting: VecDeque<u64>,
    next: u64,
}

impl Worker {
    pub fn new(cards: Vec<Driver>, config: DriverConfig, strict: bool, told: Arc<Mutex<Told>>) -> Worker {
        Worker { cards, config, strict, told, jobs: BTreeMap::new(), waiting: VecDeque::new(), next: 0 }
    }

    /// Works until nobody can hand in any more.
    pub fn run(mut self, inbox: &Receiver<Job>) {
        loop {
            if self.jobs.is_empty() {
                match inbox.recv() {
                    Ok(job) => self.take(job),
                    Err(_) => break,
                }
            }
            inbox.try_iter().for_each(|job| self.take(job));
            self.feed();
            if !self.reap() {
                self.rest();
            }
        }
        let mut told = lock(&self.told);
        told.tallies.extend(self.cards.iter().map(Driver::tally));
    }

    fn take(&mut self, job: Job) {
        self.jobs.insert(self.next, job);
        self.waiting.push_back(self.next);
        self.next += 1;
    }

    fn answer(&mut self, tag: u64, answer: Answer) {
        if let Some(job) = self.jobs.remove(&tag) {
            // Who does not wait any more has stopped.
            let _ = job.reply.send(answer);
        }
    }

    /// Hands waiting pixels to cards; without cards, back.
    fn feed(&mut self) {
        while let Some(&tag) = self.waiting.front() {
            let mut taken = self.cards.is_empty();
            if taken {
                let failed = lock(&self.told).failed.clone();
                self.answer(tag, failed.map_or(Answer::Back, Answer::Failed));
            }
            for card in fleet::by_room(&self.cards) {
                let Some(job) = self.jobs.get(&tag).filter(|_| !taken) else { break };
                let (element, threshold) = (job.element, job.threshold);
                match self.cards[card].submit_encode(&EncodeOrder { tag, element, pixels: &job.pixels, threshold }) {
                    Ok(room) => taken = room,
                    Err(error) => {
                        self.bury(card, &error);
                        break;
                    }
                }
            }
            if taken {
                self.waiting.pop_front();
            } else if !self.cards.is_empty() {
                return;
            }
        }
    }

    /// Takes out what is finished; says whether anything was.
    fn reap(&mut self) -> bool {
        let (mut card, mut any) = (0, false);
        while card < self.cards.len() {
            match self.cards[card].poll() {
                Ok(Some(done)) => {
                    self.keep(done);
                    any = true;
                }
                Ok(None) => card += 1,
                Err(error) => {
                    self.bury(card, &error);
                    any = true;
                }
            }
        }
        any || self.cards.is_empty()
    }

    fn keep(&mut self, done: Done) {
        let answer = match done.reply {
            Reply::Made(chunk) => {
                lock(&self.told).made += 1;
                Answer::Made(chunk)
            }
            Reply::Failed(_) | Reply::Answer(_) | Reply::Fused(..) => {
                lock(&self.told).refused += 1;
                Answer::Back
            }
        };
        self.answer(done.tag, answer);
    }

    /// A card died: what it had waits again, for the others or for whoever handed it in.
    fn bury(&mut self, card: usize, error: &CardError) {
        let mut dead = self.cards.remove(card);
        for done in dead.leftovers() {
            self.keep(done);
        }
        let unfinished = dead.unfinished();
        let mut told = lock(&self.told);
        told.tallies.push(dead.tally());
        if self.strict {
            self.cards.clear();
            told.failed = Some(error.to_string());
        } else {
            let takes_over = if self.cards.is_empty() { "the CPU" } else { "the other cards" };
            let count = unfinished.len();
            let note =
                format!("{error}; it was dropped, {takes_over} did its {count} unfinished chunk(s) and the rest");
            tracing::warn!("{note}");
            told.dropped.push(note);
        }
        drop(told);
        unfinished.into_iter().rev().for_each(|tag| self.waiting.push_front(tag));
        if self.strict {
            // Those that other cards had come to nothing too.
            self.waiting = self.jobs.keys().copied().collect();
        }
    }

    /// Waits until there may be something: also in what is handed in meanwhile.
    fn rest(&mut self) {
        if let Err((card, error)) = fleet::rest(&mut self.cards, &self.config, NAP.min(self.config.nap)) {
            self.bury(card, &error);
        }
    }
}
