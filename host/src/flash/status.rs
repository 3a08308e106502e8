//! What a slot holds, and what became of the last try to write it.

use super::nor::Nor;
use super::{Flash, FlashError};
use debye_spec::flash::configuration::SYNC;
use debye_spec::flash::slot::{self, GUARD_BYTES, GUARD_SYNC, Phase, RECORD, Record};
use serde::Serialize;

/// State of a guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// It sends the FPGA back to its golden image.
    Closed,
    /// It lets the FPGA through to the image.
    Open,
    /// There is none: the slot was never written by Debye, or power went while the guard was being closed.
    None,
}

impl Guard {
    /// Out of the first bytes of a slot.
    pub fn of(bytes: &[u8]) -> Guard {
        let guard = slot::guard();
        let (sync, rest) = (GUARD_SYNC as usize, GUARD_SYNC as usize + 4);
        let Some(bytes) = bytes.get(..guard.len()) else { return Guard::None };
        let same = bytes[..sync] == guard[..sync] && bytes[rest..] == guard[rest..];
        match &bytes[sync..rest] {
            word if same && *word == SYNC.to_be_bytes() => Guard::Closed,
            // Half programmed is no sync word any more either.
            _ if same => Guard::Open,
            _ => Guard::None,
        }
    }
}

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Of its guard.
    pub guard: Guard,
    /// Of its record.
    pub record: Option<Record>,
    /// Whether anything but erased bytes stands where an image begins.
    pub blank: bool,
    /// Status register of the memory.
    pub status: u8,
    /// Flag status register of the memory.
    pub flags: u8,
}

impl Status {
    /// Reads it.
    ///
    /// # Errors
    /// The memory's.
    pub fn read(flash: &mut Flash) -> Result<Status, FlashError> {
        let slot = flash.slot;
        let mut nor = flash.nor()?;
        let mut head = vec![0; 2 * GUARD_BYTES as usize];
        nor.read(slot.start, &mut head, |_| Ok(()))?;
        let record = read_record(&mut nor, slot.record())?;
        let (status, flags) = nor.registers()?;
        let blank = head[GUARD_BYTES as usize..].iter().all(|&byte| byte == 0xff);
        Ok(Status { guard: Guard::of(&head), record, blank, status, flags })
    }

    /// Whether the slot was written to the end.
    pub fn is_whole(&self) -> bool {
        self.guard != Guard::Closed && self.record.is_some_and(|record| record.phase >= Phase::Verified)
    }

    /// Which image comes up when power does, as far as the slot says it.
    pub fn comes_up(&self) -> &'static str {
        match (self.guard, self.record, self.blank) {
            (Guard::Closed, ..) => "golden",
            (_, Some(record), _) if record.phase >= Phase::Verified => "update",
            (_, _, true) => "golden",
            // What others wrote there: it may be whole or not.
            _ => "unknown",
        }
    }

    /// What happened, and what there is to do, in a sentence each.
    pub fn tells(&self) -> (String, &'static str) {
        let Some(record) = self.record else {
            return match (self.guard, self.blank) {
                (Guard::Closed, _) => (
                    "writing the slot ended before its record was written".into(),
                    "`debye flash recover IMAGE` writes it",
                ),
                (_, true) => ("the slot is empty".into(), "`debye flash IMAGE` writes it"),
                _ => (
                    "the slot holds something that Debye did not write".into(),
                    "`debye flash IMAGE` backs it up and writes it",
                ),
            };
        };
        let name = record.name();
        let happened = match record.phase {
            Phase::Begun => format!("writing {name} ended while the slot was being erased"),
            Phase::Erased => format!("writing {name} ended while it was being programmed"),
            Phase::Programmed => format!("writing {name} ended while it was being verified"),
            Phase::Verified if self.guard == Guard::Closed => {
                format!("{name} was written and verified, and the guard not opened")
            }
            Phase::Verified | Phase::Opened if self.guard == Guard::Closed => {
                format!("{name} was written; then a new image was begun, and the guard closed")
            }
            Phase::Verified | Phase::Opened => format!("{name} was written, verified and opened"),
        };
        let next = if self.is_whole() { "nothing" } else { "`debye flash recover IMAGE` finishes it" };
        (happened, next)
    }
}

/// The record at an address.
pub(super) fn read_record(nor: &mut Nor<'_>, address: u32) -> Result<Option<Record>, FlashError> {
    let mut bytes = [0; RECORD];
    nor.read(address, &mut bytes, |_| Ok(()))?;
    Ok(Record::read(&bytes))
}
