//! The definition's side: everything as `spec` says it.

use super::cpu::walk;
use super::{CompareError, Side, Trace, groups_of};
use crate::table::Table;
use debye_spec::{Job, Pixel, Status, bitshuffle, frame, lz4};
use std::collections::VecDeque;
use std::sync::Arc;

/// See the module.
pub struct Definition {
    table: Arc<Table>,
    job: Job,
    waiting: VecDeque<Arc<[u8]>>,
}

impl Definition {
    /// For a table and a job.
    pub fn new(table: Arc<Table>, job: Job) -> Definition {
        Definition { table, job, waiting: VecDeque::new() }
    }
}

impl Side for Definition {
    fn describe(&self) -> String {
        "spec: the definition".into()
    }

    fn submit(&mut self, chunk: Arc<[u8]>) -> Result<(), CompareError> {
        self.waiting.push_back(chunk);
        Ok(())
    }

    fn next(&mut self, _beat: &mut dyn FnMut(u64)) -> Result<Trace, CompareError> {
        let chunk = self.waiting.pop_front().ok_or(CompareError::Idle)?;
        let table = self.table.spec();
        let size = self.job.element.size();
        let mut trace = walk(&chunk, &self.job, table.pixels(), |data, planes, pixels| {
            if lz4::decode(data, planes).is_err() {
                return false;
            }
            let at = pixels.len();
            pixels.resize(at + planes.len(), 0);
            bitshuffle::unshuffle(planes, &mut pixels[at..], size);
            true
        });
        match frame::integrate(&chunk, &self.job, &table) {
            Ok(result) => {
                trace.status = Some(Status::Ok);
                // A frame's result lists no more pixels than a card lists groups: these are all of them.
                let rule = self.job.rule();
                let judge =
                    |&pixel: &u32| rule.judge(&trace.pixels.bytes, pixel as usize, table.masked[pixel as usize]);
                let invalid: Vec<u32> =
                    (0..table.pixels() as u32).filter(|pixel| judge(pixel) == Pixel::Invalid).collect();
                trace.groups = groups_of(&invalid, self.job.element);
                trace.bins = result.bins;
                trace.statistics = result.statistics;
            }
            Err(error) => trace.status = Some(Status::from(&error)),
        }
        Ok(trace)
    }
}
