//! The CPU in place of the last card.

use crate::engine::cpu::CpuEngine;
use crate::engine::keep::Keep;
use crate::engine::{Engine, EngineError, FrameJob, Outcome};
use crate::table::Table;
use debye_spec::Job;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// The CPU's engine. A payload may be in memory that the dead card could write to: its digest must be what it was when
/// it was handed in.
pub(super) struct Takeover {
    cpu: CpuEngine,
    digests: BTreeMap<usize, [u8; 32]>,
}

impl Takeover {
    pub fn new(
        threads: Option<NonZeroUsize>,
        table: Arc<Table>,
        job: Job,
        keep: Option<Keep>,
    ) -> Result<Takeover, EngineError> {
        let mut cpu = CpuEngine::new(threads).keeping(keep);
        cpu.load(table, job)?;
        Ok(Takeover { cpu, digests: BTreeMap::new() })
    }

    pub fn room(&self) -> usize {
        self.cpu.room()
    }

    pub fn is_idle(&self) -> bool {
        self.digests.is_empty()
    }

    pub fn submit(&mut self, frame: &FrameJob, digest: [u8; 32]) -> Result<(), EngineError> {
        self.digests.insert(frame.index, digest);
        self.cpu.submit(FrameJob { index: frame.index, payload: frame.payload.clone() })
    }

    pub fn collect(&mut self, wait: bool) -> Result<Option<Outcome>, EngineError> {
        let Some(outcome) = self.cpu.collect(wait)? else { return Ok(None) };
        match self.digests.remove(&outcome.index) {
            Some(digest) if digest != outcome.payload_digest => {
                let reason =
                    format!("the chunk of frame {} changed after it was read: a card wrote to it", outcome.index);
                Err(EngineError::Stopped { engine: "card".into(), reason })
            }
            _ => Ok(Some(outcome)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Payload;
    use crate::table::{build, tests::request};

    #[test]
    fn takeover_a_payload_that_changed_ends_the_run() {
        let table = Arc::new(build(&request()).unwrap());
        let frame = FrameJob { index: 3, payload: Payload::Pixels(vec![1; table.pixels()]) };
        let mut cpu = Takeover::new(None, table, Job::new(debye_spec::Element::U8), None).unwrap();
        cpu.submit(&frame, frame.payload.digest()).unwrap();
        assert_eq!(cpu.collect(true).unwrap().map(|outcome| outcome.index), Some(3));
        assert!(cpu.is_idle());
        cpu.submit(&frame, [0; 32]).unwrap();
        let error = cpu.collect(true).unwrap_err().to_string();
        assert!(error.contains("frame 3 changed"), "{error}");
    }
}
