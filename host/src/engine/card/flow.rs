//! Frames to cards and back: whoever has room gets the next one.

use super::CardEngine;
use crate::card::{CardError, Chunk, Done, FrameOrder, Reply, fleet};
use crate::engine::keep::{Kept, Maker};
use crate::engine::keeping::Keeping;
use crate::engine::{EngineError, FrameJob, Outcome};
use crate::frame::Payload;
use std::sync::Arc;
use std::time::Duration;

/// Longest sleep while chunks are under way beside the cards.
const NAP: Duration = Duration::from_millis(1);

impl CardEngine {
    /// Hands waiting frames to whoever has room.
    pub(super) fn feed(&mut self) -> Result<(), EngineError> {
        while let Some(&tag) = self.waiting.front() {
            let taken = if self.cards.is_empty() { self.feed_cpu(tag)? } else { self.feed_card(tag)? };
            if !taken {
                return Ok(());
            }
        }
        Ok(())
    }

    fn feed_cpu(&mut self, tag: u64) -> Result<bool, EngineError> {
        let Some(cpu) = self.cpu.as_mut() else { return Err(EngineError::NoTable) };
        if cpu.room() == 0 {
            return Ok(false);
        }
        self.waiting.pop_front();
        if let Some(flight) = self.flights.remove(&tag) {
            cpu.submit(&flight.frame, self.hashing.take(tag, &flight.frame))?;
        }
        Ok(true)
    }

    /// Whether something changed: a card took the frame, or is gone.
    fn feed_card(&mut self, tag: u64) -> Result<bool, EngineError> {
        self.compress(tag)?;
        let (Some(finisher), Some(flight)) = (&self.finisher, self.flights.get(&tag)) else {
            self.waiting.pop_front();
            return Ok(true);
        };
        let chunk = match (&flight.compressed, &flight.frame.payload) {
            (Some(made), _) => Chunk::Bytes(made),
            (None, Payload::Lent(lent)) => Chunk::Lent(lent),
            (None, Payload::Bslz4(bytes)) => Chunk::Bytes(bytes),
            (None, Payload::Pixels(pixels)) => Chunk::Pixels(pixels),
        };
        // What a card lent is for that card, as long as it is there.
        let of = match chunk {
            Chunk::Lent(lent) => self.cards.iter().position(|card| card.lent(lent)),
            Chunk::Bytes(_) | Chunk::Pixels(_) => None,
        };
        let job = finisher.job;
        let order = FrameOrder { tag, chunk, max_valid: job.rule().max_valid(), threshold: job.threshold };
        for card in of.map_or_else(|| fleet::by_room(&self.cards), |card| vec![card]) {
            match self.cards[card].submit(&order) {
                Ok(true) => {
                    self.waiting.pop_front();
                    return Ok(true);
                }
                Ok(false) => {}
                Err(error) => return self.bury(card, &error).map(|()| true),
            }
        }
        Ok(false)
    }

    /// Cards that encode take pixels as they are. Where one does not, all get chunks.
    fn compress(&mut self, tag: u64) -> Result<(), EngineError> {
        let fuses = self.cards.iter().all(|card| card.card_ref().fuses);
        if let (Some(finisher), Some(flight)) = (&mut self.finisher, self.flights.get_mut(&tag))
            && let Payload::Pixels(pixels) = &flight.frame.payload
            && flight.compressed.is_none()
            && !fuses
        {
            let chunk = finisher.compress(pixels).map_err(|error| EngineError::Unfit {
                engine: "card".into(),
                reason: format!("frame {} cannot be compressed for it: {error}", flight.frame.index),
            })?;
            flight.compressed = Some(chunk);
        }
        Ok(())
    }

    /// Takes what is finished out of cards and CPU.
    pub(super) fn reap(&mut self) -> Result<(), EngineError> {
        let mut card = 0;
        while card < self.cards.len() {
            match self.cards[card].poll() {
                Ok(Some(done)) => self.keep(card, done)?,
                Ok(None) => card += 1,
                Err(error) => self.bury(card, &error)?,
            }
        }
        if let Some(cpu) = self.cpu.as_mut() {
            while let Some(outcome) = cpu.collect(false)? {
                self.done.push_back(outcome);
            }
        }
        while self.keep_next(false)? {}
        Ok(())
    }

    /// What a card made of a frame becomes an outcome. A card whose answer makes no sense is one that dies.
    fn keep(&mut self, card: usize, done: Done) -> Result<(), EngineError> {
        if let Err(reason) = self.finish(done) {
            let address = self.cards[card].card_ref().address();
            return self.bury(card, &CardError::GivenUp { address, reason });
        }
        Ok(())
    }

    /// The frame stays in flight when the answer is none.
    pub(super) fn finish(&mut self, done: Done) -> Result<(), String> {
        let (Some(finisher), Some(flight)) = (self.finisher.as_mut(), self.flights.get(&done.tag)) else {
            return Ok(());
        };
        let (answer, made) = match done.reply {
            Reply::Answer(answer) => (Ok(*answer), None),
            Reply::Fused(answer, chunk) => {
                self.fused += 1;
                (Ok(*answer), Some(Kept { chunk: Payload::Bslz4(chunk), maker: Maker::Card }))
            }
            Reply::Failed(status) => (Err(status), None),
            Reply::Made(_) => return Err("it sent a chunk for a frame to integrate".into()),
        };
        let digest = self.hashing.take(done.tag, &flight.frame);
        match finisher.finish(&flight.frame, answer, digest) {
            Ok(outcome) => {
                let keepable = |compressed| self.finisher.as_ref().and_then(|finisher| finisher.to_keep(compressed));
                if let Some(flight) = self.flights.remove(&done.tag) {
                    let made = made.or_else(|| keepable(flight.compressed));
                    self.deliver(outcome, &flight.frame, made);
                }
                Ok(())
            }
            Err(reason) => {
                self.hashing.put(done.tag, digest);
                self.waiting.push_front(done.tag);
                Err(reason)
            }
        }
    }

    /// A frame is finished, but for its chunk if that is to be kept.
    pub(super) fn deliver(&mut self, outcome: Outcome, frame: &Arc<FrameJob>, made: Option<Kept>) {
        match &mut self.keeping {
            Some(keeping) if outcome.result.is_ok() => keeping.begin(outcome, frame.clone(), made),
            _ => self.done.push_back(outcome),
        }
    }

    /// Takes out a frame whose chunk is ready.
    fn keep_next(&mut self, wait: bool) -> Result<bool, EngineError> {
        let Some(keeping) = &mut self.keeping else { return Ok(false) };
        let kept = keeping.take(wait).map_err(|reason| EngineError::Stopped { engine: "card".into(), reason })?;
        let any = kept.is_some();
        self.done.extend(kept);
        Ok(any)
    }

    pub(super) fn keeping_is_idle(&self) -> bool {
        self.keeping.as_ref().is_none_or(Keeping::is_idle)
    }

    /// Waits until there may be something: polls for a bounded time, then sleeps.
    pub(super) fn rest(&mut self) -> Result<(), EngineError> {
        if self.flights.is_empty() && !self.keeping_is_idle() {
            return self.keep_next(true).map(|_| ());
        }
        if self.cards.is_empty() {
            if let Some(cpu) = self.cpu.as_mut() {
                self.done.extend(cpu.collect(true)?);
            }
            return Ok(());
        }
        let nap = if self.keeping_is_idle() { self.config.nap } else { self.config.nap.min(NAP) };
        if let Err((card, error)) = fleet::rest(&mut self.cards, &self.config, nap) {
            self.bury(card, &error)?;
        }
        self.reap()
    }
}
