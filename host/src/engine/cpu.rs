//! The CPU engine: a pool of threads, one frame a thread at a time.

use super::kernel::Kernel;
use super::lookup::Lookup;
use super::{Engine, EngineError, FrameJob, Outcome};
use crate::table::Table;
use crossbeam_channel::{Receiver, Sender, unbounded};
use debye_spec::Job;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Frames in flight for each thread: one at work, the others ready, so that no thread waits for the reader.
const FRAMES_PER_THREAD: usize = 3;

/// What a worker sends back: an outcome, or the number of the frame on which it broke.
type Report = Result<Outcome, usize>;

/// See the module.
#[derive(Debug)]
pub struct CpuEngine {
    threads: usize,
    in_flight: usize,
    pool: Option<Pool>,
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
        CpuEngine { threads, in_flight: 0, pool: None }
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
    fn start(threads: usize, table: &Arc<Table>, job: Job) -> Pool {
        let (jobs, inbox) = unbounded::<FrameJob>();
        let (outbox, reports) = unbounded::<Report>();
        let lookup = Arc::new(Lookup::new(table));
        let workers = (0..threads)
            .map(|_| {
                let (table, lookup) = (table.clone(), lookup.clone());
                let (inbox, outbox) = (inbox.clone(), outbox.clone());
                std::thread::spawn(move || work(Kernel::new(&table, &lookup, job), &inbox, &outbox))
            })
            .collect();
        Pool { jobs: Some(jobs), reports, workers }
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

fn work(mut kernel: Kernel<'_>, inbox: &Receiver<FrameJob>, outbox: &Sender<Report>) {
    for frame in inbox {
        let index = frame.index;
        let report = catch_unwind(AssertUnwindSafe(|| kernel.run(&frame))).map_err(|_| index);
        let broken = report.is_err();
        if outbox.send(report).is_err() || broken {
            return;
        }
    }
}

impl Engine for CpuEngine {
    fn name(&self) -> &str {
        "cpu"
    }

    fn describe(&self) -> String {
        match self.threads {
            1 => "cpu, 1 thread".into(),
            threads => format!("cpu, {threads} threads"),
        }
    }

    fn load(&mut self, table: Arc<Table>, job: Job) -> Result<(), EngineError> {
        table.spec().check()?;
        self.in_flight = 0;
        self.pool = Some(Pool::start(self.threads, &table, job));
        Ok(())
    }

    fn room(&self) -> usize {
        (self.threads * FRAMES_PER_THREAD).saturating_sub(self.in_flight)
    }

    fn submit(&mut self, frame: FrameJob) -> Result<(), EngineError> {
        let jobs = self.pool.as_ref().and_then(|pool| pool.jobs.as_ref()).ok_or(EngineError::NoTable)?;
        jobs.send(frame).map_err(|_| self.stopped("no worker is left"))?;
        self.in_flight += 1;
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
        self.in_flight -= 1;
        report.map(Some).map_err(|frame| self.stopped(format!("a worker broke on frame {frame}; please report this")))
    }
}
