//! Taking out: completions, and the results that they stand for.

use super::completion::{Finished, Verdict};
use super::driver::{Done, Flight, Reply};
use super::encode::{Stated, chunk_of};
use super::window::{self, View, Window};
use super::{CardError, Driver};
use crate::frame::Lent;
use debye_spec::Status;
use debye_spec::answer::Answer;
use debye_spec::rings::{Submission, chunk_place};
use std::time::Instant;

impl Driver {
    /// Takes out a frame that is over, if there is one. Looks after the card: times out, resets, hands in again.
    ///
    /// # Errors
    /// The card is gone or was given up; [`Driver::unfinished`] says which frames it had.
    pub fn poll(&mut self) -> Result<Option<Done>, CardError> {
        if self.ready.is_empty() && self.in_flight() > 0 {
            self.look()?;
        }
        Ok(self.ready.pop_front())
    }

    /// Looks at all rings once.
    pub(super) fn look(&mut self) -> Result<(), CardError> {
        self.show();
        let mut found = 0;
        for queue in 0..self.queues.len() {
            // No more than a ring's worth: a card that writes without end cannot keep us here.
            for _ in 0..self.slots.len().max(4) {
                let slots = &self.slots;
                let awaited = |slot: usize| {
                    let flight = slots.get(slot)?.as_ref()?;
                    Some(flight.awaited).filter(|_| flight.queue == queue)
                };
                match self.queues[queue].next(awaited) {
                    Verdict::Nothing => break,
                    Verdict::Stale => self.tally.stale += 1,
                    Verdict::Wrong(fault) => {
                        self.tally.wrong += 1;
                        return self.recover(&fault.to_string());
                    }
                    Verdict::Finished(finished) => {
                        if let Err(reason) = self.finish(&finished) {
                            self.tally.corrupt += 1;
                            return self.recover(&reason);
                        }
                    }
                }
                found += 1;
                self.queues[queue].tell(self.card.transport(), false);
            }
            self.queues[queue].tell(self.card.transport(), true);
        }
        if found > 0 {
            if self.slept && !self.woken {
                self.tally.interrupts_lost += 1;
            }
            self.slept = false;
            return Ok(());
        }
        self.watch()
    }

    /// Lets whoever asks see the card's counters.
    fn show(&mut self) {
        if let Some(stream) = self.window.as_mut().and_then(Window::asked)
            && let Ok(snapshot) = self.card.snapshot()
        {
            let view = View { lanes: self.card.capabilities.lanes, snapshot, process: std::process::id() };
            window::tell(stream, &view);
        }
    }

    /// A slot is over. What the card wrote is copied out, then looked at.
    fn finish(&mut self, finished: &Finished) -> Result<(), String> {
        let Some(flight) = &self.slots[finished.slot] else { return Ok(()) };
        let reply = match (flight.tag, finished.status) {
            (Some(_), Status::Ok) => Some(self.reply(finished, flight)?),
            (Some(_), status) => Some(Reply::Failed(status)),
            (None, status) => {
                self.job_status = Some(status);
                None
            }
        };
        let (tag, latency) = (flight.tag, flight.first.elapsed());
        self.vacate(finished.slot);
        self.progress = Instant::now();
        if let (Some(tag), Some(reply)) = (tag, reply) {
            self.tally.finished += 1;
            self.tally.bytes_out += u64::from(finished.result_bytes) + u64::from(finished.chunk_bytes);
            self.recoveries = 0;
            self.ready.push_back(Done { tag, reply, latency, cycles: finished.cycles });
        }
        Ok(())
    }

    /// What a submission that went well came to.
    fn reply(&self, finished: &Finished, flight: &Flight) -> Result<Reply, String> {
        Ok(match (&flight.submission, &flight.made) {
            (Submission::Encode(job), Some(piece)) => {
                let stated = Stated { at: 0, bytes: finished.result_bytes, crc: finished.crc };
                Reply::Made(chunk_of(piece, &stated, job.request.bytes(), job.block_log2)?)
            }
            (Submission::Fuse(job), Some(piece)) => {
                let mut result = vec![0; finished.result_bytes as usize];
                piece.read(0, &mut result);
                let at = chunk_place(job.request.bins) as usize;
                let stated = Stated { at, bytes: finished.chunk_bytes, crc: finished.chunk_crc };
                let chunk = chunk_of(piece, &stated, job.request.chunk_bytes, job.block_log2)?;
                Reply::Fused(Box::new(answer(&result, finished, flight)?), chunk)
            }
            _ => {
                let results = self.results.as_ref().ok_or("a result without memory for it")?;
                let result = results.to_vec(finished.slot * self.result_stride, finished.result_bytes as usize);
                Reply::Answer(Box::new(answer(&result, finished, flight)?))
            }
        })
    }
}

/// A result that says of itself what its completion does.
fn answer(bytes: &[u8], finished: &Finished, flight: &Flight) -> Result<Answer, String> {
    let answer = Answer::read_by(bytes, crc32fast::hash).map_err(|fault| format!("a result is none: {fault}"))?;
    let header = &answer.header;
    let trailer = bytes.last_chunk::<8>().map_or(0, |t| u32::from_le_bytes([t[0], t[1], t[2], t[3]]));
    if (header.handle, header.sequence) != (flight.awaited.handle, flight.awaited.sequence) {
        return Err(format!("a result of handle {:#x} stands where that of another is due", header.handle));
    }
    if header.status != Status::Ok || trailer != finished.crc {
        return Err("a completion says that a frame is sound, its result says otherwise".into());
    }
    Ok(answer)
}
