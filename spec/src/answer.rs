//! One result of a card, read from its bytes: header, record, invalid groups, trailer.

use crate::wire::{self, HEADER_BYTES, ResultHeader, ResultHeaderError, TRAILER_BYTES, TRAILER_MAGIC};
use crate::{Bins, Status};
use alloc::vec::Vec;
use core::fmt;

/// A result whose lengths and CRC were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Header.
    pub header: ResultHeader,
    /// Sums; none for a frame that failed.
    pub bins: Bins,
    /// Groups in which a pixel was invalid, in the order of the frame.
    pub groups: Vec<u32>,
    /// Lane that sent it; 0 where there is only one.
    pub lane: usize,
    /// Cycle of its last word; 0 for a model without a clock.
    pub cycle: u64,
}

/// Why bytes are no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerFault {
    /// No header.
    Header(ResultHeaderError),
    /// The header does not fit itself.
    Payload {
        /// Bytes stated.
        stated: u32,
        /// Bins stated.
        bins: u32,
        /// Groups stated.
        listed: u32,
        /// Bytes that they make.
        expected: u64,
    },
    /// More or fewer bytes than the header states.
    Length {
        /// Bytes there are.
        have: usize,
        /// Bytes stated.
        expected: usize,
    },
    /// Another trailer.
    Trailer {
        /// What stands there.
        found: u32,
    },
    /// Bytes that are neither header, record nor list, and not zero.
    Padding,
    /// The record was changed on its way.
    Crc {
        /// As computed.
        found: u32,
        /// As stated.
        stated: u32,
    },
}

impl fmt::Display for AnswerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnswerFault::Header(error) => write!(f, "its header is wrong ({error:?})"),
            AnswerFault::Payload { stated, bins, listed, expected } => write!(
                f,
                "its header states a payload of {stated} bytes, {bins} bins and {listed} groups make {expected}"
            ),
            AnswerFault::Length { have, expected } => write!(f, "it has {have} bytes, its header states {expected}"),
            AnswerFault::Trailer { found } => write!(f, "its trailer is {found:#010x}, not \"DBYE\""),
            AnswerFault::Padding => write!(f, "its padding is not zero"),
            AnswerFault::Crc { found, stated } => {
                write!(f, "its record has the CRC {found:#010x}, the trailer states {stated:#010x}")
            }
        }
    }
}

impl core::error::Error for AnswerFault {}

/// Bytes with their padding to whole words of 8.
pub const fn padded(bytes: usize) -> usize {
    bytes.next_multiple_of(8)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |&word| u32::from_le_bytes(word))
}

impl Answer {
    /// Reads a whole result.
    ///
    /// # Errors
    /// [`AnswerFault`].
    pub fn read(bytes: &[u8]) -> Result<Answer, AnswerFault> {
        Answer::read_by(bytes, record_crc)
    }

    /// As [`Answer::read`], by another's CRC-32, which may be faster than the definition.
    ///
    /// # Errors
    /// [`AnswerFault`].
    pub fn read_by(bytes: &[u8], crc: impl FnOnce(&[u8]) -> u32) -> Result<Answer, AnswerFault> {
        let header = ResultHeader::read(bytes).map_err(AnswerFault::Header)?;
        let (bins, listed) =
            if header.status == Status::Ok { (header.bins as usize, header.listed as usize) } else { (0, 0) };
        let (record, list) = (Bins::record_bytes(bins), 4 * listed);
        let payload = padded(record) + padded(list);
        if header.payload_bytes as usize != payload {
            return Err(AnswerFault::Payload {
                stated: header.payload_bytes,
                bins: header.bins,
                listed: header.listed,
                expected: payload as u64,
            });
        }
        let expected = HEADER_BYTES + payload + TRAILER_BYTES;
        if bytes.len() != expected {
            return Err(AnswerFault::Length { have: bytes.len(), expected });
        }
        let trailer = expected - TRAILER_BYTES;
        let magic = u32_at(bytes, trailer + 4);
        if magic != TRAILER_MAGIC {
            return Err(AnswerFault::Trailer { found: magic });
        }
        let list_at = HEADER_BYTES + padded(record);
        let padding =
            bytes[HEADER_BYTES + record..list_at].iter().chain(&bytes[list_at + list..trailer]).chain(&bytes[7..8]);
        if padding.copied().any(|byte| byte != 0) {
            return Err(AnswerFault::Padding);
        }
        let record = &bytes[HEADER_BYTES..HEADER_BYTES + record];
        let (found, stated) = (crc(record), u32_at(bytes, trailer));
        if found != stated {
            return Err(AnswerFault::Crc { found, stated });
        }
        let longs = |bytes: &[u8]| bytes.chunks_exact(8).map(long).collect();
        let words = |bytes: &[u8]| bytes.chunks_exact(4).map(|w| u32_at(w, 0)).collect();
        Ok(Answer {
            header,
            bins: Bins {
                signal: longs(&record[..8 * bins]),
                variance: longs(&record[8 * bins..16 * bins]),
                weight: words(&record[16 * bins..]),
            },
            groups: words(&bytes[list_at..list_at + list]),
            lane: 0,
            cycle: 0,
        })
    }

    /// The bytes of a result, as a card sends them. `header.payload_bytes` is made, not taken.
    pub fn to_bytes(&self) -> Vec<u8> {
        let header = &self.header;
        let (mut record, mut list) = (Vec::new(), Vec::new());
        if header.status == Status::Ok {
            self.bins.record(|bytes| record.extend_from_slice(bytes));
            list.extend(self.groups.iter().flat_map(|group| group.to_le_bytes()));
        }
        let crc = record_crc(&record);
        record.resize(padded(record.len()), 0);
        list.resize(padded(list.len()), 0);
        let mut bytes = Vec::with_capacity(HEADER_BYTES + record.len() + list.len() + TRAILER_BYTES);
        let statistics = &header.statistics;
        bytes.extend(wire::RESULT_MAGIC.to_le_bytes());
        bytes.extend([wire::VERSION, wire::KIND_INTEGRATE, header.status.code(), 0]);
        bytes.extend(header.handle.to_le_bytes());
        bytes.extend(header.sequence.to_le_bytes());
        bytes.extend(((record.len() + list.len()) as u32).to_le_bytes());
        bytes.extend(statistics.valid.to_le_bytes());
        bytes.extend(statistics.invalid.to_le_bytes());
        bytes.extend(statistics.sum.to_le_bytes());
        bytes.extend(statistics.max.to_le_bytes());
        bytes.extend(statistics.over.to_le_bytes());
        bytes.extend(header.listed.to_le_bytes());
        bytes.extend(header.bins.to_le_bytes());
        bytes.extend(header.cycles.to_le_bytes());
        bytes.extend(record);
        bytes.extend(list);
        bytes.extend(crc.to_le_bytes());
        bytes.extend(TRAILER_MAGIC.to_le_bytes());
        bytes
    }
}

fn long(bytes: &[u8]) -> u64 {
    u32_at(bytes, 0) as u64 | (u32_at(bytes, 4) as u64) << 32
}

/// The trailer's CRC: of the record (of no bytes it is 0).
fn record_crc(record: &[u8]) -> u32 {
    let mut crc = crate::crc::Crc32::default();
    crc.update(record);
    crc.value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Statistics;
    use alloc::vec;

    fn sample() -> Answer {
        Answer {
            header: ResultHeader {
                status: Status::Ok,
                handle: 0x0123_4567_89ab_cdef,
                sequence: 7,
                payload_bytes: 3 * 20 + 4 + 8,
                statistics: Statistics { valid: 5, invalid: 1, sum: 1 << 40, max: 9, over: 2 },
                listed: 1,
                bins: 3,
                cycles: 99,
            },
            bins: Bins { signal: vec![1, 2, 3], variance: vec![4, 5, u64::MAX], weight: vec![6, 7, 8] },
            groups: vec![0x33],
            lane: 0,
            cycle: 0,
        }
    }

    #[test]
    fn answer_written_and_read_is_the_same() {
        assert_eq!(Answer::read(&sample().to_bytes()), Ok(sample()));
    }

    #[test]
    fn answer_any_bit_of_record_or_trailer_changed_is_found() {
        let bytes = sample().to_bytes();
        let list = HEADER_BYTES + 64;
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let found = Answer::read(&changed);
            let told = found.is_err() || found != Ok(sample());
            assert!(told, "bit {bit}");
            if bit >= HEADER_BYTES * 8 && !(list * 8..list * 8 + 32).contains(&bit) {
                assert!(found.is_err(), "bit {bit}");
            }
        }
    }
}
