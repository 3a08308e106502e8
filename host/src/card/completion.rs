//! Judging a completion: a pure function over the 64 bytes that stand in the ring. Whatever a card writes there, nothing
//! but a verdict comes of it; the driver touches no place that an entry names, only those that it gave out itself.

use debye_spec::Status;
use debye_spec::chunk::HEADER_BYTES as CHUNK_HEADER_BYTES;
use debye_spec::rings::{Completion, ENTRY_BYTES, Kind, phase};
use debye_spec::wire::{HEADER_BYTES, TRAILER_BYTES};
use thiserror::Error;

/// Bits of a handle that hold the slot; those above hold a serial number that is never used twice, so that a completion
/// of an earlier life is told apart.
pub const SLOT_BITS: u32 = 12;

/// The handle of a slot's life.
pub const fn handle(serial: u64, slot: usize) -> u64 {
    serial << SLOT_BITS | slot as u64 & ((1 << SLOT_BITS) - 1)
}

/// The slot that a handle names; there may be none of that number.
pub const fn slot_of(handle: u64) -> usize {
    (handle & ((1 << SLOT_BITS) - 1)) as usize
}

/// What a submission in flight says of its completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// Handle.
    pub handle: u64,
    /// Sequence number.
    pub sequence: u32,
    /// Kind.
    pub kind: Kind,
    /// Bytes of the job.
    pub job_bytes: u32,
    /// Most bytes that the result may have.
    pub capacity: u32,
    /// Most bytes that a chunk beside the result may have; 0 where none is made.
    pub chunk_capacity: u32,
}

/// Where an entry stands, and what is known there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Queue.
    pub queue: u8,
    /// Free-running number of the entry that is due.
    pub index: u32,
    /// log2 of the ring's entries.
    pub depth_log2: u32,
    /// Free-running number behind the last submission.
    pub submitted: u32,
}

/// A completion that is what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Slot.
    pub slot: usize,
    /// What became of it.
    pub status: Status,
    /// Bytes in the result's memory: no more than its capacity.
    pub result_bytes: u32,
    /// CRC-32 of the record.
    pub crc: u32,
    /// Bytes of the chunk beside the result: no more than its capacity.
    pub chunk_bytes: u32,
    /// Its CRC-32, with its padding.
    pub chunk_crc: u32,
    /// Cycles in the card.
    pub cycles: u64,
    /// Submissions that the card has taken.
    pub taken: u32,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not written yet.
    Nothing,
    /// A completion that is awaited.
    Finished(Finished),
    /// A completion of a submission that is over or was forgotten: late, or sent twice.
    Stale,
    /// Not what a card that works writes.
    Wrong(CompletionFault),
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CompletionFault {
    /// Another number.
    #[error("completion {found} stands where {expected} is due")]
    Index {
        /// In the entry.
        found: u32,
        /// Due.
        expected: u32,
    },
    /// Another queue.
    #[error("a completion of queue {found} stands in the ring of queue {expected}")]
    Queue {
        /// In the entry.
        found: u8,
        /// Due.
        expected: u8,
    },
    /// A status that is not given.
    #[error("a completion has status {0}, which there is not")]
    Status(u8),
    /// A status that only a host gives.
    #[error("a completion has status {0}, which no card gives")]
    HostStatus(u8),
    /// Not as submitted.
    #[error("a completion says {what} {found}, submitted was {expected}")]
    Echo {
        /// Field.
        what: &'static str,
        /// In the entry.
        found: u64,
        /// Submitted.
        expected: u64,
    },
    /// More bytes than there is memory, or fewer than a result has.
    #[error("a completion states a {what} of {found} bytes, {least} to {most} are possible")]
    Length {
        /// Of what.
        what: &'static str,
        /// In the entry.
        found: u32,
        /// Least.
        least: u32,
        /// Most.
        most: u32,
    },
    /// The card cannot have taken that many.
    #[error("a completion says that {found} submissions were taken of {submitted}")]
    Taken {
        /// In the entry.
        found: u32,
        /// There are.
        submitted: u32,
    },
}

/// Judges an entry. `awaited` finds what is in flight in a slot.
pub fn judge(entry: &[u8; ENTRY_BYTES], place: &Place, awaited: impl Fn(usize) -> Option<Awaited>) -> Verdict {
    let last = u32::from_le_bytes([entry[60], entry[61], entry[62], entry[63]]);
    if Completion::phase_of(last) != phase(place.index, place.depth_log2) {
        return Verdict::Nothing;
    }
    let completion = Completion::read(entry);
    match check(&completion, place) {
        Err(fault) => Verdict::Wrong(fault),
        Ok(status) => match awaited(slot_of(completion.handle)).filter(|awaited| awaited.handle == completion.handle) {
            None => Verdict::Stale,
            Some(awaited) => match echo(&completion, status, &awaited) {
                Err(fault) => Verdict::Wrong(fault),
                Ok(()) => Verdict::Finished(Finished {
                    slot: slot_of(completion.handle),
                    status,
                    result_bytes: completion.result_bytes,
                    crc: completion.crc,
                    chunk_bytes: completion.chunk_bytes,
                    chunk_crc: completion.chunk_crc,
                    cycles: completion.cycles,
                    taken: completion.submission_head,
                }),
            },
        },
    }
}

/// What can be checked whatever it completes.
fn check(completion: &Completion, place: &Place) -> Result<Status, CompletionFault> {
    if completion.index != place.index {
        return Err(CompletionFault::Index { found: completion.index, expected: place.index });
    }
    if completion.queue != place.queue {
        return Err(CompletionFault::Queue { found: completion.queue, expected: place.queue });
    }
    let left = place.submitted.wrapping_sub(completion.submission_head);
    if left > 1 << place.depth_log2 {
        return Err(CompletionFault::Taken { found: completion.submission_head, submitted: place.submitted });
    }
    match Status::from_code(completion.status) {
        None => Err(CompletionFault::Status(completion.status)),
        Some(status) if status.code() >= Status::Missing.code() => Err(CompletionFault::HostStatus(status.code())),
        Some(status) => Ok(status),
    }
}

/// What must be as it was submitted.
fn echo(completion: &Completion, status: Status, awaited: &Awaited) -> Result<(), CompletionFault> {
    let same = |what, found: u64, expected: u64| match found == expected {
        true => Ok(()),
        false => Err(CompletionFault::Echo { what, found, expected }),
    };
    same("sequence", completion.sequence.into(), awaited.sequence.into())?;
    same("kind", completion.kind.into(), (awaited.kind as u8).into())?;
    same("job bytes", completion.job_bytes.into(), awaited.job_bytes.into())?;
    let least = match (status, awaited.kind) {
        (Status::Ok, Kind::Integrate | Kind::Fuse) => (HEADER_BYTES + TRAILER_BYTES) as u32,
        (Status::Ok, Kind::Encode) => CHUNK_HEADER_BYTES as u32,
        (Status::Ok, Kind::Copy | Kind::Upload) => awaited.job_bytes,
        _ => 0,
    };
    let chunk_least = if (status, awaited.kind) == (Status::Ok, Kind::Fuse) { CHUNK_HEADER_BYTES as u32 } else { 0 };
    let within = |what, found, least, most| match (least..=most).contains(&found) {
        true => Ok(()),
        false => Err(CompletionFault::Length { what, found, least, most }),
    };
    within("result", completion.result_bytes, least, awaited.capacity)?;
    within("chunk", completion.chunk_bytes, chunk_least, awaited.chunk_capacity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLACE: Place = Place { queue: 2, index: 0xffff_fffe, depth_log2: 3, submitted: 5 };

    fn awaited() -> Awaited {
        Awaited {
            handle: handle(9, 3),
            sequence: 77,
            kind: Kind::Integrate,
            job_bytes: 1000,
            capacity: 4096,
            chunk_capacity: 0,
        }
    }

    fn completion() -> Completion {
        Completion {
            handle: handle(9, 3),
            sequence: 77,
            status: 0,
            kind: 1,
            queue: 2,
            result_bytes: 4096,
            job_bytes: 1000,
            cycles: 5,
            crc: 6,
            chunk_bytes: 0,
            chunk_crc: 0,
            submission_head: 3,
            index: 0xffff_fffe,
        }
    }

    fn judged(completion: &Completion) -> Verdict {
        judge(&completion.to_bytes(3), &PLACE, |slot| Some(awaited()).filter(|_| slot == 3))
    }

    #[test]
    fn completion_that_is_awaited_is_finished_over_the_wrap_of_indices() {
        let finished = Finished {
            slot: 3,
            status: Status::Ok,
            result_bytes: 4096,
            crc: 6,
            chunk_bytes: 0,
            chunk_crc: 0,
            cycles: 5,
            taken: 3,
        };
        assert_eq!(judged(&completion()), Verdict::Finished(finished));
        let place = Place { index: 0, ..PLACE };
        let entry = Completion { index: 0, ..completion() }.to_bytes(3);
        assert!(matches!(judge(&entry, &place, |_| Some(awaited())), Verdict::Finished(_)));
        // The same place a lap before: the inverse phase.
        assert_eq!(judge(&entry, &PLACE, |_| Some(awaited())), Verdict::Nothing);
        assert_eq!(judge(&[0; ENTRY_BYTES], &place, |_| Some(awaited())), Verdict::Nothing);
    }

    #[test]
    fn completion_of_another_life_is_stale() {
        for handle in [handle(8, 3), handle(9, 4), handle(10, 3), u64::MAX] {
            assert_eq!(judged(&Completion { handle, ..completion() }), Verdict::Stale);
        }
    }

    #[test]
    fn completion_wild_in_any_field_is_wrong() {
        use CompletionFault::*;
        type Change = fn(&mut Completion);
        let cases: [(Change, CompletionFault); 12] = [
            (|c| c.index ^= 8 << 1, Index { found: 0xffff_ffee, expected: 0xffff_fffe }),
            (|c| c.queue = 255, Queue { found: 255, expected: 2 }),
            (|c| c.status = 99, Status(99)),
            (|c| c.status = 64, HostStatus(64)),
            (|c| c.sequence = 78, Echo { what: "sequence", found: 78, expected: 77 }),
            (|c| c.kind = 3, Echo { what: "kind", found: 3, expected: 1 }),
            (|c| c.job_bytes = 0, Echo { what: "job bytes", found: 0, expected: 1000 }),
            (|c| c.result_bytes = u32::MAX, Length { what: "result", found: u32::MAX, least: 72, most: 4096 }),
            (|c| c.result_bytes = 71, Length { what: "result", found: 71, least: 72, most: 4096 }),
            (|c| c.chunk_bytes = 1, Length { what: "chunk", found: 1, least: 0, most: 0 }),
            (|c| c.submission_head = 6, Taken { found: 6, submitted: 5 }),
            (|c| c.submission_head = 0xffff_fff0, Taken { found: 0xffff_fff0, submitted: 5 }),
        ];
        for (change, fault) in cases {
            let mut wild = completion();
            change(&mut wild);
            assert_eq!(judged(&wild), Verdict::Wrong(fault));
        }
        let failed = Completion { status: debye_spec::Status::DmaFault.code(), result_bytes: 0, ..completion() };
        assert!(matches!(judged(&failed), Verdict::Finished(_)));
    }

    #[test]
    fn completion_of_a_fused_job_has_a_chunk_that_fits() {
        let fused = Awaited { kind: Kind::Fuse, chunk_capacity: 500, ..awaited() };
        let judged = |chunk_bytes, status| {
            let completion = Completion { kind: Kind::Fuse as u8, chunk_bytes, chunk_crc: 8, status, ..completion() };
            judge(&completion.to_bytes(3), &PLACE, |_| Some(fused))
        };
        for wild in [0, 11, 501, u32::MAX] {
            let fault = CompletionFault::Length { what: "chunk", found: wild, least: 12, most: 500 };
            assert_eq!(judged(wild, 0), Verdict::Wrong(fault));
        }
        for (sound, status) in [(12, 0), (500, 0), (0, 17), (500, 17)] {
            assert!(
                matches!(judged(sound, status), Verdict::Finished(found) if (found.chunk_bytes, found.chunk_crc) == (sound, 8))
            );
        }
    }

    proptest! {
        #[test]
        fn judge_any_bytes_never_names_memory_that_was_not_given(bytes in prop::collection::vec(any::<u8>(), ENTRY_BYTES), index: u32, kept in 0usize..ENTRY_BYTES) {
            let mut entry = completion().to_bytes(3);
            entry[kept..].copy_from_slice(&bytes[kept..]);
            let place = Place { index, ..PLACE };
            for place in [place, PLACE] {
                if let Verdict::Finished(finished) = judge(&entry, &place, |slot| Some(awaited()).filter(|_| slot == 3)) {
                    prop_assert!(finished.slot == 3 && finished.result_bytes <= 4096);
                }
            }
        }
    }
}
