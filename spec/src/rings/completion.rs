//! Completions: entries that a card writes.

use super::ENTRY_BYTES;
use crate::wire::{put, word};

/// An entry of the completion ring: byte offsets in brackets.
///
/// `[0]` handle u64, `[8]` sequence u32, `[12]` status u8, `[13]` kind u8 (as submitted, whatever it was), `[14]` queue
/// u8, `[15]` 0, `[16]` result bytes u32 (written to the submission's memory: header to trailer of a result, or the bytes
/// copied, or those of a chunk without its padding; 0 when nothing was written or a DMA access failed), `[20]` job bytes u32 (as submitted), `[24]` cycles u64
/// (from the submission being taken to this completion), `[32]` crc u32 (that of the result's trailer; of a chunk with its padding; of a copy 0, and
/// with result bytes 0), `[36]` submission head u32 (submissions of the queue taken so far), `[40]` index u32
/// (free-running, of this entry), `[44]` chunk bytes u32 and `[48]` chunk crc u32 (of [`super::Kind::Fuse`]: as result bytes and
/// crc of [`super::Kind::Encode`] tell of a chunk, and 0 when none was made or a DMA access failed; of other kinds 0), `[52]` 8
/// bytes of 0, `[60]` phase u32 (bit 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// As submitted.
    pub handle: u64,
    /// As submitted.
    pub sequence: u32,
    /// What became of it.
    pub status: u8,
    /// Code of its kind, as submitted.
    pub kind: u8,
    /// Queue.
    pub queue: u8,
    /// Bytes written.
    pub result_bytes: u32,
    /// Bytes of the job.
    pub job_bytes: u32,
    /// Cycles in the card.
    pub cycles: u64,
    /// CRC-32 of the record.
    pub crc: u32,
    /// Bytes of the chunk that was made beside a result, without its padding.
    pub chunk_bytes: u32,
    /// CRC-32 of that chunk with its padding.
    pub chunk_crc: u32,
    /// Submissions taken.
    pub submission_head: u32,
    /// Number of this completion.
    pub index: u32,
}

/// The phase that completion `index` has in a ring of so many entries.
pub const fn phase(index: u32, depth_log2: u32) -> bool {
    index >> depth_log2 & 1 == 0
}

impl Completion {
    /// The entry's bytes in a ring of so many entries.
    pub fn to_bytes(&self, depth_log2: u32) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        put(&mut bytes, 0, &self.handle.to_le_bytes());
        put(&mut bytes, 8, &self.sequence.to_le_bytes());
        put(&mut bytes, 12, &[self.status, self.kind, self.queue]);
        put(&mut bytes, 16, &self.result_bytes.to_le_bytes());
        put(&mut bytes, 20, &self.job_bytes.to_le_bytes());
        put(&mut bytes, 24, &self.cycles.to_le_bytes());
        put(&mut bytes, 32, &self.crc.to_le_bytes());
        put(&mut bytes, 36, &self.submission_head.to_le_bytes());
        put(&mut bytes, 40, &self.index.to_le_bytes());
        put(&mut bytes, 44, &self.chunk_bytes.to_le_bytes());
        put(&mut bytes, 48, &self.chunk_crc.to_le_bytes());
        put(&mut bytes, 60, &u32::from(phase(self.index, depth_log2)).to_le_bytes());
        bytes
    }

    /// The entry's fields; all bytes make a completion, and what they say is to be checked by the host.
    pub fn read(bytes: &[u8; ENTRY_BYTES]) -> Completion {
        Completion {
            handle: crate::wire::long(bytes, 0),
            sequence: word(bytes, 8),
            status: bytes[12],
            kind: bytes[13],
            queue: bytes[14],
            result_bytes: word(bytes, 16),
            job_bytes: word(bytes, 20),
            cycles: crate::wire::long(bytes, 24),
            crc: word(bytes, 32),
            chunk_bytes: word(bytes, 44),
            chunk_crc: word(bytes, 48),
            submission_head: word(bytes, 36),
            index: word(bytes, 40),
        }
    }

    /// The phase bit out of an entry's last word.
    pub const fn phase_of(last_word: u32) -> bool {
        last_word & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Status;

    #[test]
    fn completion_written_and_read_is_the_same_and_its_phase_turns_each_lap() {
        let completion = Completion {
            handle: u64::MAX - 1,
            sequence: 7,
            status: Status::Stalled.code(),
            kind: 1,
            queue: 5,
            result_bytes: 72,
            job_bytes: 1000,
            cycles: 1 << 39,
            crc: 0xdead_beef,
            chunk_bytes: 77,
            chunk_crc: 0xfeed_5eed,
            submission_head: 12,
            index: 0xffff_ffff,
        };
        let bytes = completion.to_bytes(2);
        assert_eq!(Completion::read(&bytes), completion);
        assert!(!Completion::phase_of(word(&bytes, 60)));
        // over the wrap at 2^32: the last lap before it is odd, the first after it even
        let phases = [0xffff_fff8, 0xffff_fffc, 0, 3, 4, 8].map(|index: u32| phase(index, 2));
        assert_eq!(phases, [true, false, true, true, false, true]);
    }
}
