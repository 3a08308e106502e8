//! A card behind a UART as a side: what comes out of it. There are no taps between its stages.

use super::{CompareError, Side, Trace};
use crate::serial::{SerialAddress, SerialCard, SerialError};
use crate::table::Table;
use debye_sim::model::Shape;
use debye_spec::card_table::CardTable;
use debye_spec::wire::Request;
use debye_spec::{Job, Status};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// The table's number in requests.
const TABLE: u32 = 1;

/// See the module.
pub struct OnSerial {
    card: SerialCard,
    address: SerialAddress,
    job: Job,
    pixels: usize,
    bins: usize,
    sequence: u32,
    waiting: VecDeque<u32>,
}

impl OnSerial {
    /// On the card at a terminal, for a table and a job; it is given up when it does nothing for `patience`.
    ///
    /// # Errors
    /// The card does not answer, or does not take them.
    pub fn new(address: &SerialAddress, patience: Duration, table: &Table, job: Job) -> Result<OnSerial, CompareError> {
        let mut card = SerialCard::open(address, patience)?;
        let compiled = CardTable::compile(&table.spec(), job.element, TABLE, card.capabilities.max_bins as usize);
        let compiled = compiled
            .map_err(|refused| SerialError::Capability { path: address.path.clone(), what: refused.to_string() })?;
        card.load(&compiled)?;
        let (pixels, bins) = (table.pixels(), table.bins());
        Ok(OnSerial { card, address: address.clone(), job, pixels, bins, sequence: 0, waiting: VecDeque::new() })
    }
}

impl Side for OnSerial {
    fn describe(&self) -> String {
        let again = match self.card.link().resent {
            0 => String::new(),
            count => format!(", {count} packets sent again"),
        };
        format!("card {}, lanes 1, build {:08x}{again}", self.address, self.card.build)
    }

    fn shape(&self) -> Option<Shape> {
        let core = self.card.capabilities;
        Some(Shape { lanes: 1, block: core.block_log2, rows: (core.max_bins / 8).max(1).ilog2() })
    }

    fn submit(&mut self, chunk: Arc<[u8]>) -> Result<(), CompareError> {
        let request = Request {
            handle: self.sequence.into(),
            sequence: self.sequence,
            element: self.job.element,
            chunk_bytes: chunk.len() as u32,
            pixels: self.pixels as u32,
            bins: self.bins as u32,
            max_valid: self.job.rule().max_valid(),
            threshold: self.job.threshold,
            chunk_address: 0,
            table: TABLE,
        };
        self.card.submit(&request.to_bytes(), &chunk);
        self.waiting.push_back(self.sequence);
        self.sequence += 1;
        Ok(())
    }

    fn next(&mut self, _beat: &mut dyn FnMut(u64)) -> Result<Trace, CompareError> {
        let sequence = self.waiting.pop_front().ok_or(CompareError::Idle)?;
        let answer = loop {
            if let Some(answer) = self.card.work()? {
                break answer;
            }
        };
        let header = answer.header;
        let mut trace = Trace { untapped: true, ..Trace::default() };
        let named = (header.handle, header.sequence, header.bins as usize);
        if named != (u64::from(sequence), sequence, self.bins) {
            trace.fault = Some(format!("its header names another request: handle, sequence and bins {named:?}"));
            return Ok(trace);
        }
        trace.status = Some(header.status);
        if header.status == Status::Ok {
            trace.statistics = header.statistics;
        }
        (trace.bins, trace.groups) = (answer.bins, answer.groups);
        Ok(trace)
    }
}
