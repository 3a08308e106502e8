//! Chunks of the frames that cards integrate, on threads of their own: those that were made on the way are compared with
//! the pixels, of the others they are made.

use super::keep::{Keep, Keeper, Kept, Maker};
use super::{FrameJob, Outcome};
use crate::codec::encode::EncodeError;
use crossbeam_channel::{Receiver, Sender, TryRecvError, unbounded};
use debye_spec::Element;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Frames under way for each thread: one at work, two ready.
const PER_THREAD: usize = 3;

/// Most threads: those that a card's link of 16 GB/s keeps busy with what they decode.
const MOST: usize = 8;

type Report = Result<Outcome, String>;

struct Job {
    outcome: Outcome,
    frame: Arc<FrameJob>,
    made: Option<Kept>,
}

/// See the module.
pub struct Keeping {
    jobs: Option<Sender<Job>>,
    reports: Receiver<Report>,
    workers: Vec<JoinHandle<()>>,
    under_way: usize,
    by_cpu: usize,
}

impl Keeping {
    /// As many threads as the machine offers, within limits.
    ///
    /// # Errors
    /// As [`Keeper::new`].
    pub fn start(keep: Keep, element: Element) -> Result<Keeping, EncodeError> {
        let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get().min(MOST));
        let keepers = (0..threads).map(|_| Keeper::new(keep, element)).collect::<Result<Vec<_>, _>>()?;
        let (jobs, inbox) = unbounded();
        let (outbox, reports) = unbounded();
        let workers = keepers.into_iter().map(|keeper| {
            let (inbox, outbox) = (inbox.clone(), outbox.clone());
            std::thread::spawn(move || work(keeper, &inbox, &outbox))
        });
        let workers = workers.collect();
        Ok(Keeping { jobs: Some(jobs), reports, workers, under_way: 0, by_cpu: 0 })
    }

    /// Whether so many frames are under way that no more should come.
    pub fn is_full(&self) -> bool {
        self.under_way >= PER_THREAD * self.workers.len()
    }

    /// Whether nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.under_way == 0
    }

    /// Frames that came as pixels and that no card encoded.
    pub fn by_cpu(&self) -> usize {
        self.by_cpu
    }

    /// Begins with an outcome; `made` is the chunk that was made of the frame on the way.
    pub fn begin(&mut self, outcome: Outcome, frame: Arc<FrameJob>, made: Option<Kept>) {
        if let Some(jobs) = &self.jobs {
            self.under_way += 1;
            // Workers end only when this end is dropped.
            let _ = jobs.send(Job { outcome, frame, made });
        }
    }

    /// An outcome with its chunk, if one is ready; with `wait`, when one is.
    ///
    /// # Errors
    /// A frame cannot be kept: why.
    pub fn take(&mut self, wait: bool) -> Result<Option<Outcome>, String> {
        if self.is_idle() {
            return Ok(None);
        }
        let lost = || "the threads that keep chunks are gone; please report this".to_owned();
        let report = match wait {
            true => self.reports.recv().map_err(|_| lost())?,
            false => match self.reports.try_recv() {
                Ok(report) => report,
                Err(TryRecvError::Empty) => return Ok(None),
                Err(TryRecvError::Disconnected) => return Err(lost()),
            },
        };
        self.under_way -= 1;
        let outcome = report?;
        self.by_cpu += usize::from(outcome.kept.as_ref().is_some_and(|kept| kept.maker == Maker::Cpu));
        Ok(Some(outcome))
    }
}

fn work(mut keeper: Keeper, inbox: &Receiver<Job>, outbox: &Sender<Report>) {
    for Job { mut outcome, frame, made } in inbox {
        let kept = catch_unwind(AssertUnwindSafe(|| keeper.keep(&frame, made)));
        // The frame's memory may be what others wait for.
        drop(frame);
        let report = match kept {
            Ok(Ok(kept)) => {
                outcome.kept = Some(kept);
                Ok(outcome)
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("a thread broke on the chunk of frame {}; please report this", outcome.index)),
        };
        if outbox.send(report).is_err() {
            return;
        }
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        self.jobs = None;
        for worker in self.workers.drain(..) {
            // One that broke has nobody left to tell.
            let _ = worker.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Payload;
    use debye_spec::{Bins, FrameResult, Statistics};

    fn begin(keeping: &mut Keeping, index: usize, made: Option<Kept>) {
        let frame = FrameJob { index, payload: Payload::Pixels(vec![index as u8; 1000]) };
        let result = FrameResult { bins: Bins::new(1), statistics: Statistics::default(), invalid: Vec::new() };
        let outcome = Outcome { index, bytes_in: 1000, payload_digest: [0; 32], result: Ok(result), kept: None };
        keeping.begin(outcome, Arc::new(frame), made);
    }

    fn by_card(chunk: Vec<u8>) -> Kept {
        Kept { chunk: Payload::Bslz4(chunk), maker: Maker::Card }
    }

    fn chunk(value: u8) -> Vec<u8> {
        let mut chunk = Vec::new();
        debye_spec::encode::encode(&[value; 1000], Element::U8, 8192, &mut chunk).unwrap();
        chunk
    }

    #[test]
    fn frames_come_back_with_their_chunks_and_a_wrong_one_ends_it() {
        let mut keeping = Keeping::start(Keep { verify: true }, Element::U8).unwrap();
        assert_eq!(keeping.take(true).unwrap().map(|outcome| outcome.index), None);
        for index in 0..40 {
            begin(&mut keeping, index, (index % 4 == 0).then(|| by_card(chunk(index as u8))));
        }
        assert!(keeping.is_full());
        for _ in 0..40 {
            let outcome = keeping.take(true).unwrap().unwrap();
            let kept = outcome.kept.unwrap();
            assert_eq!(kept.chunk, Payload::Bslz4(chunk(outcome.index as u8)));
            assert_eq!(kept.maker == Maker::Card, outcome.index.is_multiple_of(4));
        }
        assert!(keeping.is_idle() && keeping.by_cpu() == 30);
        begin(&mut keeping, 7, Some(by_card(chunk(8))));
        let error = keeping.take(true).unwrap_err();
        assert!(error.contains("a card made of frame 7 decodes to other pixels"), "{error}");
    }
}
