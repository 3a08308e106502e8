//! What happened: as the driver counts it, and as the card does.

use super::registers as r;
use super::{Card, CardError};
use crate::transport::{ALL_ONES, Transport};
use debye_spec::registers::{Register, STALLS, stall_offset};
use debye_spec::ring_map::RING_FAULT;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a driver counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Frames handed in.
    pub frames: u64,
    /// Frames of which the card told what became of them.
    pub finished: u64,
    /// Frames whose chunks were copied into pinned memory; the others were read there.
    pub copied: u64,
    /// Bytes of chunks.
    pub bytes_in: u64,
    /// Bytes of results.
    pub bytes_out: u64,
    /// Frames that were handed in again after a reset.
    pub resubmitted: u64,
    /// Soft resets.
    pub resets: u64,
    /// Function-level resets.
    pub function_resets: u64,
    /// Completions of submissions that were over: late, or sent twice.
    pub stale: u64,
    /// Completions that no card writes.
    pub wrong: u64,
    /// Results that do not hold together.
    pub corrupt: u64,
    /// Frames that were not completed in time.
    pub overdue: u64,
    /// Times that the driver slept.
    pub sleeps: u64,
    /// Interrupts that woke it.
    pub interrupts: u64,
    /// Completions that were there though no interrupt came.
    pub interrupts_lost: u64,
}

/// What a card counts, at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Requests dealt to lanes.
    pub frames_accepted: u32,
    /// Results sent.
    pub frames_done: u32,
    /// Reads of the table that failed.
    pub table_faults: u32,
    /// Submissions taken and not completed.
    pub in_flight: u32,
    /// Completions written.
    pub completions: u32,
    /// Interrupts sent.
    pub interrupts: u32,
    /// DMA accesses that failed.
    pub dma_faults: u32,
    /// Address of the first that did.
    pub fault_address: Option<u64>,
    /// Cycles since reset.
    pub cycles: u64,
    /// Bytes read from host memory.
    pub bytes_read: u64,
    /// Bytes written to host memory.
    pub bytes_written: u64,
    /// Submissions waiting in each queue: written and not taken.
    pub queued: Vec<u32>,
    /// Cycles in which stages waited, summed over the lanes.
    pub stalls: BTreeMap<String, u64>,
}

impl Card {
    /// Reads its counters. Nothing is changed: another process may be driving it.
    ///
    /// # Errors
    /// The card is gone.
    pub fn snapshot(&mut self) -> Result<Snapshot, CardError> {
        let (queues, lanes) = (self.rings.queues, self.capabilities.lanes);
        let transport = self.transport();
        let mut read = |register: &Register| transport.read(register.offset);
        // The low half holds the high one.
        let mut long = |low, high| u64::from(read(low)) | u64::from(read(high)) << 32;
        let cycles = long(r::CYCLES_LOW, r::CYCLES_HIGH);
        let bytes_read = 64 * long(r::READ_BEATS_LOW, r::READ_BEATS_HIGH);
        let bytes_written = 64 * long(r::WRITE_BEATS_LOW, r::WRITE_BEATS_HIGH);
        let fault = long(r::FAULT_ADDRESS_LOW, r::FAULT_ADDRESS_HIGH);
        let mut snapshot = Snapshot {
            frames_accepted: read(r::FRAMES_ACCEPTED),
            frames_done: read(r::FRAMES_DONE),
            table_faults: read(r::TABLE_FAULTS),
            in_flight: read(r::IN_FLIGHT),
            completions: read(r::COMPLETIONS),
            interrupts: read(r::INTERRUPTS),
            dma_faults: read(r::DMA_FAULTS),
            fault_address: (RING_FAULT.get(read(r::RING_STATUS)) != 0).then_some(fault),
            cycles,
            bytes_read,
            bytes_written,
            queued: Vec::new(),
            stalls: BTreeMap::new(),
        };
        for queue in 0..queues {
            let tail = transport.read(r::of_queue(queue, r::SUBMISSION_TAIL));
            snapshot.queued.push(tail.wrapping_sub(transport.read(r::of_queue(queue, r::SUBMISSION_HEAD))));
        }
        for (index, (name, _)) in STALLS.iter().enumerate().filter(|(_, (name, _))| *name != "frame_done") {
            let of_lane = |lane| stall_offset(lane, index as u32).map_or(0, |at| count(transport, at));
            snapshot.stalls.insert((*name).to_owned(), (0..lanes).map(of_lane).sum());
        }
        if self.answers() { Ok(snapshot) } else { Err(self.gone()) }
    }
}

/// A counter; a card that has none answers with all ones.
fn count(transport: &mut dyn Transport, offset: u32) -> u64 {
    Some(transport.read(offset)).filter(|&value| value != ALL_ONES).map_or(0, u64::from)
}
