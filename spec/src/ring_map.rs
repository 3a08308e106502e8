//! The registers of a card's ring engine: part of the map of [`crate::registers`], behind the same port.
//!
//! A card without rings (a bare core in a test bench) answers SLVERR here. Registers of the engine stand from
//! [`RING_BASE`], those of queue `q` from `QUEUE_BASE + QUEUE_STRIDE * q`.
//!
//! Life of a queue: the host zeroes both rings, writes their addresses, then `queue_config` with `enable`: the card takes
//! all its indices as `start`, which is 0 if nothing else was written. (Where `start` is not 0, no entry of the completion
//! ring may hold the phase that its next index has. Indices are free-running: this is how their wrap is tested.) For each batch of submissions it writes `submission_tail`, for each batch of completions that it
//! took `completion_head`. To sleep it writes `arm` with the index of the next completion that it waits for: the card
//! sends one interrupt, of the vector with the queue's number, as soon as that completion is written (at once if it is),
//! or later as `moderation` says. A queue whose `enable` is cleared takes no more submissions; those taken are completed,
//! and then it can be started again. Depths are taken only while a queue is not enabled.
//!
//! `ring_control.reset` stops everything: the engine waits for the reads and writes that it has under way (an interconnect
//! answers each), forgets all frames, disables the card core, puts the registers of engine and queues to their reset
//! values, and then clears the bit. It always comes back. No completion is written for what was forgotten. The table
//! memory and what the core's registers say of it stay. Until the bit is clear the host writes to no other register of
//! the engine.

use crate::registers::{Access, Field, Register};
use Access::{Read, ReadWrite};

/// First register of the engine.
pub const RING_BASE: u32 = 0x8000;
/// First register of queue 0.
pub const QUEUE_BASE: u32 = 0x9000;
/// Bytes from one queue's registers to the next's.
pub const QUEUE_STRIDE: u32 = 64;
/// Most queues that a card has.
pub const MAX_QUEUES: u32 = 8;
/// Cycles of a unit of `moderation.cycles`.
pub const MODERATION_UNIT: u32 = 16;

/// Takes submissions.
pub const RING_ENABLE: Field = Field::new("enable", 0, 1, "submissions are taken; cleared by a reset");
/// Stops and forgets everything.
pub const RING_RESET: Field =
    Field::new("reset", 1, 1, "writing 1 resets engine and core; 1 until that is done, which needs no help");
/// Work is under way.
pub const RING_BUSY: Field = Field::new("busy", 0, 1, "submissions that were taken and not completed");
/// A DMA access failed.
pub const RING_FAULT: Field =
    Field::new("dma_fault", 1, 1, "a read or write of host memory was answered with an error since the reset");
/// The core has work.
pub const CORE_BUSY: Field = Field::new("core_busy", 2, 1, "lanes have work, of any kind");

/// Queues that the card has.
pub const RING_QUEUES: Field = Field::new("queues", 0, 4, "queues, 1 to 8");
/// Frames that the engine keeps in flight.
pub const RING_FLIGHTS: Field = Field::new("flights_log2", 4, 4, "log2 of the submissions in flight");
/// Kinds of submissions.
pub const RING_KINDS: Field = Field::new("kinds", 8, 16, "bit n: submissions of kind n are taken");
/// Table memory.
pub const RING_MEMORY: Field = Field::new("memory_log2", 24, 6, "log2 of the bytes of the table memory");

/// Encoder lanes.
pub const ENCODE_LANES: Field = Field::new("lanes", 0, 6, "encoder lanes; 0: chunks are not made");
/// Their block.
pub const ENCODE_BLOCK: Field = Field::new("block_log2", 8, 5, "log2 of the bytes of the blocks that they make");

/// Completions until an interrupt.
pub const MODERATION_COUNT: Field =
    Field::new("count", 0, 8, "completions behind the armed one before an interrupt is sent; 0: none");
/// Time until an interrupt.
pub const MODERATION_CYCLES: Field =
    Field::new("time", 8, 16, "longest wait for them, in units of 16 cycles; 0: no wait");

/// log2 of the submission ring's entries.
pub const QUEUE_SUBMISSION_LOG2: Field = Field::new("submission_log2", 0, 4, "log2 of the submission ring's entries");
/// log2 of the completion ring's entries.
pub const QUEUE_COMPLETION_LOG2: Field = Field::new("completion_log2", 4, 4, "log2 of the completion ring's entries");
/// The queue is used.
pub const QUEUE_ENABLE: Field = Field::new("enable", 8, 1, "0 to 1 starts the queue with all indices as in `start`");
/// The depths are out of range.
pub const QUEUE_REFUSED: Field =
    Field::new("refused", 9, 1, "reads as 1 when `enable` was refused: a depth is not 2 to 12; writes have no effect");

const fn at(
    index: u32,
    name: &'static str,
    access: Access,
    reset: Option<u32>,
    fields: &'static [Field],
    doc: &'static str,
) -> Register {
    Register { name, offset: RING_BASE + 4 * index, access, reset, fields, doc }
}

const fn of_queue(
    index: u32,
    name: &'static str,
    access: Access,
    fields: &'static [Field],
    doc: &'static str,
) -> Register {
    Register { name, offset: QUEUE_BASE + 4 * index, access, reset: Some(0), fields, doc }
}

/// Number of the engine's registers.
pub const RING_REGISTER_COUNT: usize = 15;

/// The engine's registers, in the order of their offsets.
pub const RING_REGISTERS: [Register; RING_REGISTER_COUNT] = [
    at(
        0,
        "ring_capabilities",
        Read,
        None,
        &[RING_QUEUES, RING_FLIGHTS, RING_KINDS, RING_MEMORY],
        "what the ring engine was built with",
    ),
    at(1, "ring_control", ReadWrite, Some(0), &[RING_ENABLE, RING_RESET], "control"),
    at(2, "ring_status", Read, Some(0), &[RING_BUSY, RING_FAULT, CORE_BUSY], "state"),
    at(3, "moderation", ReadWrite, Some(0), &[MODERATION_COUNT, MODERATION_CYCLES], "when an interrupt is sent"),
    at(4, "fault_address_low", Read, Some(0), &[], "address of the first DMA access that failed, bits 31..0"),
    at(5, "fault_address_high", Read, Some(0), &[], "bits 63..32"),
    at(6, "dma_faults", Read, Some(0), &[], "bursts that were answered with an error"),
    at(7, "in_flight", Read, Some(0), &[], "submissions taken and not completed"),
    at(8, "completions", Read, Some(0), &[], "completions written, of all queues"),
    at(9, "interrupts", Read, Some(0), &[], "interrupts sent, of all queues"),
    at(10, "read_beats_low", Read, Some(0), &[], "beats of 64 bytes read from host memory; reading holds the rest"),
    at(11, "read_beats_high", Read, Some(0), &[], "bits 63..32 at the time of the last read of read_beats_low"),
    at(12, "write_beats_low", Read, Some(0), &[], "beats of 64 bytes written to host memory; reading holds the rest"),
    at(13, "write_beats_high", Read, Some(0), &[], "bits 63..32 at the time of the last read of write_beats_low"),
    at(14, "encode_capabilities", Read, None, &[ENCODE_LANES, ENCODE_BLOCK], "what the encoder was built with"),
];

/// Number of a queue's registers.
pub const QUEUE_REGISTER_COUNT: usize = 11;

/// The registers of queue 0, in the order of their offsets; those of queue `q` stand `q * QUEUE_STRIDE` behind them.
pub const QUEUE_REGISTERS: [Register; QUEUE_REGISTER_COUNT] = [
    of_queue(0, "submission_low", ReadWrite, &[], "address of the submission ring, a multiple of 4096, bits 31..0"),
    of_queue(1, "submission_high", ReadWrite, &[], "bits 63..32"),
    of_queue(2, "completion_low", ReadWrite, &[], "address of the completion ring, a multiple of 4096, bits 31..0"),
    of_queue(3, "completion_high", ReadWrite, &[], "bits 63..32"),
    of_queue(
        4,
        "queue_config",
        ReadWrite,
        &[QUEUE_SUBMISSION_LOG2, QUEUE_COMPLETION_LOG2, QUEUE_ENABLE, QUEUE_REFUSED],
        "depths, from 2 to 12, and state",
    ),
    of_queue(5, "submission_tail", ReadWrite, &[], "doorbell: index behind the last submission"),
    of_queue(6, "completion_head", ReadWrite, &[], "doorbell: index behind the last completion that the host took"),
    of_queue(7, "arm", ReadWrite, &[], "writing asks for one interrupt when the completion of this index is written"),
    of_queue(8, "submission_head", Read, &[], "submissions taken"),
    of_queue(9, "completion_tail", Read, &[], "completions written"),
    of_queue(10, "start", ReadWrite, &[], "all indices of the queue when it starts"),
];

/// Byte address of a register of a queue.
pub const fn queue_offset(queue: u32, register: &Register) -> u32 {
    register.offset + QUEUE_STRIDE * queue
}

/// The engine's or queue 0's register of that name.
pub fn ring_register(name: &str) -> Option<&'static Register> {
    RING_REGISTERS.iter().chain(&QUEUE_REGISTERS).find(|register| register.name == name)
}

/// What a ring engine was built with: the register `ring_capabilities`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingCapabilities {
    /// Queues, 1 to [`MAX_QUEUES`].
    pub queues: u32,
    /// log2 of the submissions in flight.
    pub flights_log2: u32,
    /// Bit n: kind n is taken ([`crate::rings::kind_bit`]).
    pub kinds: u32,
    /// log2 of the bytes of the table memory.
    pub memory_log2: u32,
}

impl RingCapabilities {
    /// The register's value.
    pub const fn to_register(&self) -> u32 {
        let word = RING_QUEUES.put(0, self.queues);
        let word = RING_FLIGHTS.put(word, self.flights_log2);
        RING_MEMORY.put(RING_KINDS.put(word, self.kinds), self.memory_log2)
    }

    /// Out of the register's value.
    pub const fn from_register(word: u32) -> RingCapabilities {
        RingCapabilities {
            queues: RING_QUEUES.get(word),
            flights_log2: RING_FLIGHTS.get(word),
            kinds: RING_KINDS.get(word),
            memory_log2: RING_MEMORY.get(word),
        }
    }
}

/// How a card encodes: the register `encode_capabilities`, which is 0 in a card that does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct EncodeCapabilities {
    /// Lanes.
    pub lanes: u32,
    /// log2 of the bytes of the blocks that they make, 10 or more.
    pub block_log2: u32,
}

impl EncodeCapabilities {
    /// The register's value.
    pub const fn to_register(&self) -> u32 {
        ENCODE_BLOCK.put(ENCODE_LANES.put(0, self.lanes), self.block_log2)
    }

    /// Out of the register's value.
    pub const fn from_register(word: u32) -> EncodeCapabilities {
        EncodeCapabilities { lanes: ENCODE_LANES.get(word), block_log2: ENCODE_BLOCK.get(word) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ring_registers_are_dense_unique_and_their_fields_apart() {
        let all = RING_REGISTERS.iter().chain(&QUEUE_REGISTERS).chain(&crate::registers::REGISTERS);
        for (i, register) in RING_REGISTERS.iter().enumerate() {
            assert_eq!(register.offset, RING_BASE + 4 * i as u32, "{}", register.name);
        }
        for (i, register) in QUEUE_REGISTERS.iter().enumerate() {
            assert_eq!(register.offset, QUEUE_BASE + 4 * i as u32, "{}", register.name);
        }
        for register in all.clone() {
            assert_eq!(all.clone().filter(|other| other.name == register.name).count(), 1, "{}", register.name);
            let mut used = 0;
            for field in register.fields {
                assert_eq!(used & field.mask(), 0, "{} overlaps", field.name);
                used |= field.mask();
            }
        }
        assert!(4 * QUEUE_REGISTER_COUNT as u32 <= QUEUE_STRIDE);
        assert_eq!(queue_offset(2, ring_register("arm").unwrap()), 0x909c);
    }

    #[test]
    fn ring_capabilities_there_and_back_are_the_same() {
        let card = RingCapabilities { queues: 8, flights_log2: 6, kinds: 0b1110, memory_log2: 33 };
        assert_eq!(RingCapabilities::from_register(card.to_register()), card);
        let encoder = EncodeCapabilities { lanes: 48, block_log2: 15 };
        assert_eq!(EncodeCapabilities::from_register(encoder.to_register()), encoder);
    }
}
