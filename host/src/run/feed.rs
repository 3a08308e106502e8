//! The first half of a run: frames out of the source into the engine, outcomes out of the engine in their order.

use super::order::Order;
use super::{Plan, RunError};
use crate::engine::{Engine, FrameJob, Outcome};
use crate::source::FrameSource;
use crossbeam_channel::Sender;
use debye_spec::Status;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often a file that is still being written is looked at.
const POLL: Duration = Duration::from_millis(100);

/// What the writer is told.
pub(super) enum Message {
    /// The next frame is finished.
    Done(Outcome),
    /// So many frames are there now.
    There(usize),
}

/// See the module.
pub(super) struct Feed<'a> {
    pub source: &'a mut dyn FrameSource,
    pub engine: &'a mut dyn Engine,
    pub plan: &'a Plan,
    pub stop: &'a AtomicBool,
    pub outbox: Sender<Message>,
}

impl Feed<'_> {
    /// Does the plan; true when it was interrupted. Ends early, too, when nobody takes what is finished.
    pub fn run(self) -> Result<bool, RunError> {
        let Feed { source, engine, plan, stop, outbox } = self;
        let mut order = Order::new(plan.frames.start);
        let mut next = plan.frames.start;
        let mut fed = Instant::now();
        let mut interrupted = false;
        loop {
            // Hand in as much as there is room for: the engine works meanwhile.
            let mut waiting_for_file = false;
            while next < plan.frames.end && engine.room() > 0 && order.has_room(next) {
                if stop.load(Ordering::Relaxed) {
                    interrupted = true;
                    break;
                }
                if next >= source.frames() {
                    waiting_for_file = plan.follow.is_some();
                    break;
                }
                match source.read_into(next, &mut |bytes| engine.lend(bytes)) {
                    Ok(payload) => {
                        engine.submit(FrameJob { index: next, payload })?;
                        fed = Instant::now();
                    }
                    // The extent grew before the chunk was written: it is still to come, unless patience is at its end.
                    Err(error) if error.status == Status::Missing && patient(plan, fed) => {
                        waiting_for_file = true;
                        break;
                    }
                    Err(error) => order.put(Outcome::unread(next, error)),
                }
                next += 1;
            }

            let more = next < plan.frames.end.min(source.frames()) && !interrupted;
            let mut wait = !more || waiting_for_file || engine.room() == 0 || !order.has_room(next);
            while let Some(outcome) = engine.collect(wait)? {
                order.put(outcome);
                wait = false;
            }
            while let Some(outcome) = order.take() {
                if outbox.send(Message::Done(outcome)).is_err() {
                    return Ok(interrupted);
                }
            }

            if order.span(next) > 0 {
                continue;
            }
            if interrupted || next >= plan.frames.end || (!waiting_for_file && next >= source.frames()) {
                return Ok(interrupted);
            }
            if waiting_for_file {
                if stop.load(Ordering::Relaxed) {
                    return Ok(true);
                }
                std::thread::sleep(POLL);
                // Asked before the file is looked at again: what a writer wrote before it went is then seen.
                let writing = source.being_written();
                source.refresh().map_err(RunError::Follow)?;
                if outbox.send(Message::There(source.frames())).is_err()
                    || (next >= source.frames() && !(writing && patient(plan, fed)))
                {
                    return Ok(interrupted);
                }
            }
        }
    }
}

/// Whether a followed file may still grow: frames came lately enough.
fn patient(plan: &Plan, fed: Instant) -> bool {
    plan.follow.is_some_and(|follow| fed.elapsed() < follow.patience)
}
