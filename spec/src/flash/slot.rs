//! What stands where in a slot of the flash.
//!
//! ```text
//! start            start + 4 KiB                                   end - 4 KiB      end
//! | guard (4 KiB)  | image, as the FPGA reads it ...    (erased)   | record (4 KiB) |
//! ```
//!
//! **Guard.** While a slot is being written, the configuration logic must not get as far as its image. The guard is a
//! bitstream of a few words that starts the watchdog and then holds nothing: the FPGA falls back to the golden image
//! (UG570, "Fallback MultiBoot"; the same words stand in XRT's flash tool). It is opened by programming its
//! [`SYNC`](super::configuration::SYNC) word to zeros, which needs no erase: whether that is done, half done or not done,
//! what follows is whole.
//!
//! **Record.** Says which image the slot holds and how far writing it has come: a flag a phase, programmed to zero when
//! the phase is done.

use super::configuration::{BUS_WIDTH, DUMMY, NOOP, SYNC, TIMER_ENABLE, write_one};
use super::nor::SUBSECTOR;
use crate::board::Slot;
use crate::crc::Crc32;

/// Bytes before the image.
pub const GUARD_BYTES: u32 = SUBSECTOR;
/// Bytes behind it.
pub const RECORD_BYTES: u32 = SUBSECTOR;
/// Ticks until the watchdog of the guard bites: 256 bytes at most, far within the guard's 4 KiB.
const PATIENCE: u32 = 2;

/// The guard's words, most significant byte first.
pub const GUARD: [u32; 12] = [
    DUMMY,
    BUS_WIDTH[0],
    BUS_WIDTH[1],
    DUMMY,
    DUMMY,
    SYNC,
    NOOP,
    NOOP,
    write_one(super::configuration::TIMER),
    TIMER_ENABLE | PATIENCE,
    NOOP,
    NOOP,
];
/// Bytes of the guard.
pub const GUARD_IMAGE: usize = 4 * GUARD.len();
/// Where its sync word stands.
pub const GUARD_SYNC: u32 = 20;

/// The guard, as it stands in the memory.
pub fn guard() -> [u8; GUARD_IMAGE] {
    let mut bytes = [0; GUARD_IMAGE];
    for (place, word) in bytes.chunks_exact_mut(4).zip(GUARD) {
        place.copy_from_slice(&word.to_be_bytes());
    }
    bytes
}

impl Slot {
    /// First byte of the image.
    pub const fn image(&self) -> u32 {
        self.start + GUARD_BYTES
    }

    /// First byte of the record.
    pub const fn record(&self) -> u32 {
        self.end() - RECORD_BYTES
    }

    /// Bytes of the largest image.
    pub const fn room(&self) -> u32 {
        self.record() - self.image()
    }
}

/// How far writing a slot has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The record was written: nothing else yet.
    Begun,
    /// All sectors are erased.
    Erased,
    /// All pages are programmed.
    Programmed,
    /// Everything was read back and is right.
    Verified,
    /// The guard is open: the image boots.
    Opened,
}

impl Phase {
    /// All but the first, in their order: the flags of a record.
    pub const FLAGS: [Phase; 4] = [Phase::Erased, Phase::Programmed, Phase::Verified, Phase::Opened];
}

/// Bytes of a record.
pub const RECORD: usize = 128;
/// Where its flags stand.
pub const FLAGS_AT: usize = 112;
/// First bytes of a record.
pub const RECORD_MAGIC: [u8; 8] = *b"DBYSLOT1";
/// Bytes of the name in a record.
pub const NAME_BYTES: usize = 48;

/// What stands in a slot's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Bytes of the image.
    pub length: u32,
    /// CRC-32 of the image.
    pub crc32: u32,
    /// SHA-256 of the image.
    pub sha256: [u8; 32],
    /// Its name, UTF-8, zeros behind it.
    pub name: [u8; NAME_BYTES],
    /// How far it has come.
    pub phase: Phase,
}

impl Record {
    /// Its name.
    pub fn name(&self) -> &str {
        let end = self.name.iter().position(|&byte| byte == 0).unwrap_or(NAME_BYTES);
        core::str::from_utf8(&self.name[..end]).unwrap_or("?")
    }

    /// A name for a record: cut where it is too long.
    pub fn name_bytes(name: &str) -> [u8; NAME_BYTES] {
        let mut bytes = [0; NAME_BYTES];
        let mut end = name.len().min(NAME_BYTES);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        bytes[..end].copy_from_slice(&name.as_bytes()[..end]);
        bytes
    }

    /// The record as it is written first: no phase is done.
    pub fn to_bytes(&self) -> [u8; RECORD] {
        let mut bytes = [0xff; RECORD];
        bytes[..8].copy_from_slice(&RECORD_MAGIC);
        bytes[8..12].copy_from_slice(&self.length.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.crc32.to_le_bytes());
        bytes[16..48].copy_from_slice(&self.sha256);
        bytes[48..96].copy_from_slice(&self.name);
        let mut crc = Crc32::default();
        crc.update(&bytes[..96]);
        bytes[96..100].copy_from_slice(&crc.value().to_le_bytes());
        bytes
    }

    /// Where the flag of a phase stands in the record; [`Phase::Begun`] has none.
    pub fn flag_at(phase: Phase) -> Option<usize> {
        Phase::FLAGS.iter().position(|&of| of == phase).map(|index| FLAGS_AT + index)
    }

    /// Out of memory; `None` when there is no sound record. A flag that is not wholly programmed does not count, nor do
    /// those behind it.
    pub fn read(bytes: &[u8; RECORD]) -> Option<Record> {
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let mut crc = Crc32::default();
        crc.update(&bytes[..96]);
        if bytes[..8] != RECORD_MAGIC || crc.value() != word(96) {
            return None;
        }
        let (mut sha256, mut name) = ([0; 32], [0; NAME_BYTES]);
        sha256.copy_from_slice(&bytes[16..48]);
        name.copy_from_slice(&bytes[48..96]);
        let done = bytes[FLAGS_AT..].iter().zip(Phase::FLAGS).take_while(|(flag, _)| **flag == 0).last();
        let phase = done.map_or(Phase::Begun, |(_, phase)| phase);
        Some(Record { length: word(8), crc32: word(12), sha256, name, phase })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let name = Record::name_bytes("debye-u50-12");
        Record { length: 1 << 20, crc32: 0x1234_5678, sha256: [7; 32], name, phase: Phase::Begun }
    }

    #[test]
    fn record_there_and_back_is_the_same() {
        let bytes = record().to_bytes();
        assert_eq!(Record::read(&bytes), Some(record()));
        assert_eq!(record().name(), "debye-u50-12");
    }

    #[test]
    fn record_flags_count_only_whole_and_in_order() {
        let mut bytes = record().to_bytes();
        bytes[Record::flag_at(Phase::Erased).unwrap()] = 0;
        assert_eq!(Record::read(&bytes).unwrap().phase, Phase::Erased);
        bytes[Record::flag_at(Phase::Programmed).unwrap()] = 0x10;
        bytes[Record::flag_at(Phase::Verified).unwrap()] = 0;
        assert_eq!(Record::read(&bytes).unwrap().phase, Phase::Erased);
    }

    #[test]
    fn record_with_any_byte_changed_is_none() {
        for at in 0..100 {
            let mut bytes = record().to_bytes();
            bytes[at] ^= 1;
            assert_eq!(Record::read(&bytes), None, "byte {at}");
        }
    }

    #[test]
    fn name_too_long_is_cut_between_characters() {
        let long = "é".repeat(40);
        let name = Record { name: Record::name_bytes(&long), ..record() };
        assert_eq!(name.name(), "é".repeat(24));
        let odd = Record { name: Record::name_bytes(&alloc::format!("x{long}")), ..record() };
        assert_eq!(odd.name().len(), 47);
    }
}
