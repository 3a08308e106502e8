//! The CPU engine: a pool of threads. Each takes as many waiting frames at once as its kernel can make use of, but leaves
//! the others their share; a frame that comes alone is not kept waiting.

use super::keep::{Keep, Keeper};
use super::kernel::Kernel;
use super::plan::Plan;
use super::shelf::Shelf;
use super::{Engine, EngineError, FrameJob, Outcome};
use crate::codec::encode::EncodeError;
use crate::cpu::Kernels;
use crate::cpu::fused::MOST_TOGETHER;
use crate::frame::Lent;
use crate::table::Table;
use crossbeam_channel::{Receiver, Sender, unbounded};
use debye_spec::Job;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Frames in flight for each thread, whatever their size: one at work, the others ready, so that no thread waits for the
/// reader.
const FEWEST_PER_THREAD: usize = 3;

/// Frames in flight for each thread, for each one that a kernel takes at once: those at work, and those ready.
const SETS_PER_THREAD: usize = 2;

/// Beyond the fewest, no more frames are taken in while those in flight have so many bytes.
const MOST_BYTES: usize = 256 << 20;

/// What a worker sends back: an outcome, or why there is no going on.
type Report = Result<Outcome, String>;

/// See the module.
#[derive(Debug)]
pub struct CpuEngine {
    threads: usize,
    in_flight: usize,
    bytes_in_flight: usize,
    kernels: Kernels,
    keep: Option<Keep>,
    pool: Option<Pool>,
    shelf: Shelf,
}

#[derive(Debug)]
struct Pool {
    jobs: Option<Sender<FrameJob>>,
    reports: Receiver<Report>,
    workers: Vec<JoinHandle<()>>,
}

impl CpuEngine {
    /// An engine of `threads` threads; `None` takes as many as the machine offers.
    pub fn new(threads: Option<NonZeroUsize>) -> CpuEngine {
        let threads = threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
        let (kernels, shelf) = (Kernels::of_process(), Shelf::default());
        CpuEngine { threads, in_flight: 0, bytes_in_flight: 0, kernels, keep: None, pool: None, shelf }
    }

    /// Outcomes come with their frames' chunks, from the next table on.
    pub fn keeping(self, keep: Option<Keep>) -> CpuEngine {
        CpuEngine { keep, ..self }
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.threads
    }

    fn stopped(&self, reason: impl Into<String>) -> EngineError {
        EngineError::Stopped { engine: self.name().into(), reason: reason.into() }
    }
}

impl Pool {
    fn start(
        threads: usize,
        table: &Arc<Table>,
        job: Job,
        kernels: Kernels,
        keep: Option<Keep>,
    ) -> Result<Pool, EncodeError> {
        let keeper = |_| keep.map(|keep| Keeper::new(keep, job.element)).transpose();
        let keepers = (0..threads).map(keeper).collect::<Result<Vec<_>, _>>()?;
        let (jobs, inbox) = unbounded::<FrameJob>();
        let (outbox, reports) = unbounded::<Report>();
        let plan = Arc::new(Plan::new(table.clone(), kernels));
        let workers = keepers
            .into_iter()
            .map(|keeper| {
                let (plan, inbox, outbox) = (plan.clone(), inbox.clone(), outbox.clone());
                std::thread::spawn(move || work(Kernel::new(&plan, job), keeper, threads, &inbox, &outbox))
            })
            .collect();
        Ok(Pool { jobs: Some(jobs), reports, workers })
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.jobs = None;
        for worker in self.workers.drain(..) {
            // A worker that broke has reported it; there is nobody left to tell.
            let _ = worker.join();
        }
    }
}

fn work(
    mut kernel: Kernel<'_>,
    mut keeper: Option<Keeper>,
    threads: usize,
    inbox: &Receiver<FrameJob>,
    outbox: &Sender<Report>,
) {
    while let Ok(first) = inbox.recv() {
        let mut frames = vec![first];
        let share = inbox.len().div_ceil(threads).min(kernel.together() - 1);
        frames.extend(inbox.try_iter().take(share));
        let mut gone = false;
        let done = catch_unwind(AssertUnwindSafe(|| {
            kernel.run_all(&frames.iter().collect::<Vec<_>>(), |outcome| {
                let report = match &mut keeper {
                    Some(keeper) => kept(keeper, &frames, outcome),
                    None => Ok(outcome),
                };
                gone |= report.is_err() | outbox.send(report).is_err();
            });
        }));
        if done.is_err() {
            // Nobody waits for more after this.
            let _ = outbox.send(Err(format!("a worker broke on frame {}; please report this", frames[0].index)));
            return;
        }
        if gone {
            return;
        }
    }
}

/// The outcome with its frame's chunk. The frame was integrated just now: small ones are still in the caches.
fn kept(keeper: &mut Keeper, frames: &[FrameJob], mut outcome: Outcome) -> Report {
    if outcome.result.is_ok()
        && let Some(frame) = frames.iter().find(|frame| frame.index == outcome.index)
    {
        outcome.kept = Some(keeper.keep(frame, None).map_err(|error| error.to_string())?);
    }
    Ok(outcome)
}

impl Engine for CpuEngine {
    fn name(&self) -> &str {
        "cpu"
    }

    fn describe(&self) -> String {
        let level = self.kernels.level();
        match self.threads {
            1 => format!("cpu, 1 thread, {level}"),
            threads => format!("cpu, {threads} threads, {level}"),
        }
    }

    fn load(&mut self, table: Arc<Table>, job: Job) -> Result<(), EngineError> {
        table.spec().check()?;
        (self.in_flight, self.bytes_in_flight) = (0, 0);
        let pool = Pool::start(self.threads, &table, job, self.kernels, self.keep);
        self.pool = Some(pool.map_err(|error| EngineError::Unfit {
            engine: self.name().into(),
            reason: format!("its frames cannot be encoded: {error}"),
        })?);
        Ok(())
    }

    fn room(&self) -> usize {
        let fewest = (self.threads * FEWEST_PER_THREAD).saturating_sub(self.in_flight);
        let most = (self.threads * SETS_PER_THREAD * MOST_TOGETHER).saturating_sub(self.in_flight);
        let mean_bytes = self.bytes_in_flight / self.in_flight.max(1);
        let fitting = MOST_BYTES.saturating_sub(self.bytes_in_flight) / mean_bytes.max(1);
        most.min(fitting).max(fewest)
    }

    fn keeps(&self) -> bool {
        self.keep.is_some()
    }

    fn lend(&mut self, bytes: usize) -> Option<Arc<dyn Lent>> {
        Some(self.shelf.lend(bytes))
    }

    fn submit(&mut self, frame: FrameJob) -> Result<(), EngineError> {
        let jobs = self.pool.as_ref().and_then(|pool| pool.jobs.as_ref()).ok_or(EngineError::NoTable)?;
        let bytes = frame.payload.len();
        jobs.send(frame).map_err(|_| self.stopped("no worker is left"))?;
        self.in_flight += 1;
        self.bytes_in_flight += bytes;
        Ok(())
    }

    fn collect(&mut self, wait: bool) -> Result<Option<Outcome>, EngineError> {
        let pool = self.pool.as_ref().ok_or(EngineError::NoTable)?;
        if self.in_flight == 0 {
            return Ok(None);
        }
        let report = if wait {
            pool.reports.recv().map_err(|_| self.stopped("no worker is left"))?
        } else {
            match pool.reports.try_recv() {
                Ok(report) => report,
                Err(crossbeam_channel::TryRecvError::Empty) => return Ok(None),
                Err(_) => return Err(self.stopped("no worker is left")),
            }
        };
        let outcome = report.map_err(|reason| self.stopped(reason))?;
        self.in_flight -= 1;
        self.bytes_in_flight = self.bytes_in_flight.saturating_sub(outcome.bytes_in);
        Ok(Some(outcome))
    }
}
