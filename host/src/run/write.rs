//! The second half of a run, on a thread of its own: outcomes become rows, sinks take them.

use super::feed::Message;
use super::{Plan, Progress, Row, RunError, Sink};
use crate::engine::Outcome;
use crate::pattern::Pattern;
use crate::table::Table;
use crossbeam_channel::Receiver;
use debye_spec::{Bins, Statistics, Status};
use std::time::Instant;

/// See the module.
pub(super) struct Writer<'a, 's> {
    pub table: &'a Table,
    pub plan: &'a Plan,
    pub sinks: &'a mut [&'s mut dyn Sink],
    pub events: &'a mut (dyn FnMut(&Progress, &Row) + Send),
    pub started: Instant,
    pub progress: Progress,
}

impl Writer<'_, '_> {
    /// Takes outcomes until there are no more.
    pub fn take_all(mut self, inbox: Receiver<Message>) -> Result<Progress, RunError> {
        for message in inbox {
            match message {
                Message::There(frames) => self.progress.expect(self.plan, frames),
                Message::Done(outcome) => self.take(outcome)?,
            }
        }
        Ok(self.progress)
    }

    fn take(&mut self, outcome: Outcome) -> Result<(), RunError> {
        let (bytes_in, digest) = (outcome.bytes_in, outcome.payload_digest);
        let row = row_of(outcome, self.table)?;
        for sink in self.sinks.iter_mut() {
            sink.row(&row).map_err(RunError::Sink)?;
        }
        self.progress.count(&row, bytes_in, &digest, self.started.elapsed());
        (self.events)(&self.progress, &row);
        Ok(())
    }
}

fn row_of(outcome: Outcome, table: &Table) -> Result<Row, RunError> {
    let frame = outcome.index;
    Ok(match outcome.result {
        Ok(result) => {
            let pattern = Pattern::of(table, &result).map_err(|error| RunError::Pattern { frame, error })?;
            Row {
                frame,
                status: Status::Ok,
                message: String::new(),
                bins: result.bins,
                statistics: result.statistics,
                pattern,
                kept: outcome.kept,
            }
        }
        Err(error) => Row {
            frame,
            status: error.status,
            message: error.message,
            bins: Bins::new(table.bins()),
            statistics: Statistics::default(),
            pattern: Pattern::failed(table.bins()),
            kept: None,
        },
    })
}
