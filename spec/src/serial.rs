//! The serial link: packets by which a host drives a card of one lane over a UART (8 data bits, no parity, 1 stop bit).
//!
//! ```text
//! [0] magic u32   [4] op u8   [5] number u8   [6] count u16   [8] place u32   [12] CRC-32 u32
//! payload: 8 * count bytes, then their CRC-32 (ops `table` and `push`, and the answer to `pull`; if count is not 0)
//! ```
//!
//! All little-endian; both CRCs are of all bytes of the packet before them. The host sends one command and waits for its
//! answer, which has the command's number and its op with [`ANSWER`] set. What comes while an answer is on its way is
//! dropped. Behind a packet that is not whole or not sound the magic is looked for again. Every command can be sent
//! again when its answer was lost: streams are told apart by how many words went before, so nothing is taken twice.
//!
//! | op | count | place | does | answer: count | place |
//! |---|---|---|---|---|---|
//! | hello | 0 | 0 | tells what the link is | 0 | [`Link`] |
//! | read | register | 0 | reads a register of [`crate::registers`] | register | its value |
//! | write | register | value | writes one | register | value |
//! | table | words, even | first operation | puts operations into the table memory | words | first operation |
//! | push | words | words before these | requests and their chunks ([`crate::wire`]) | room, in words | words taken so far |
//! | pull | most words | words before these | frees all results before, gives those behind | words | words before these |
//!
//! Words have 8 bytes, registers are named by their offset. A push that does not begin where the card stands, or that
//! has no room, is answered and takes nothing. The table's registers hold from the next soft reset on; `table_address` is
//! counted in bytes from the begin of the table memory. A soft reset sets both streams back to 0.

use crate::crc::Crc32;
use crate::wire::{put, word};
use alloc::vec::Vec;

/// Version of the link.
pub const VERSION: u8 = 1;
/// First four bytes of a command: "DBYS".
pub const COMMAND_MAGIC: u32 = u32::from_le_bytes(*b"DBYS");
/// First four bytes of an answer: "DBYA".
pub const ANSWER_MAGIC: u32 = u32::from_le_bytes(*b"DBYA");
/// Bytes before the payload.
pub const HEADER_BYTES: usize = 16;
/// log2 of the words that a packet has at most.
pub const PACKET_LOG2: u32 = 8;
/// Words that a packet has at most.
pub const PACKET_WORDS: usize = 1 << PACKET_LOG2;
/// log2 of the words of the buffers before and behind the lane.
pub const RING_LOG2: u32 = 10;
/// log2 of the operations that the table memory of the emitted card holds.
pub const TABLE_LOG2: u32 = 14;

/// Op: what the link is.
pub const HELLO: u8 = 0;
/// Op: reads a register.
pub const READ: u8 = 1;
/// Op: writes a register.
pub const WRITE: u8 = 2;
/// Op: operations for the table memory.
pub const TABLE: u8 = 3;
/// Op: words for the lane.
pub const PUSH: u8 = 4;
/// Op: words of results.
pub const PULL: u8 = 5;
/// Bit of an answer's op.
pub const ANSWER: u8 = 0x80;
/// Op of an answer that says no; its count is a [`Refusal`].
pub const REFUSED: u8 = 0xff;

/// Why a command was refused: the count of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Refusal {
    /// It did not come whole, or a CRC is wrong; its number is not known.
    Damaged = 1,
    /// No such op, or not so many words.
    Command = 2,
    /// No such register, or it cannot be written; not in the table memory; not in the stream of results.
    Place = 3,
}

impl Refusal {
    /// Out of an answer's count.
    pub const fn from_count(count: u16) -> Option<Refusal> {
        match count {
            1 => Some(Refusal::Damaged),
            2 => Some(Refusal::Command),
            3 => Some(Refusal::Place),
            _ => None,
        }
    }
}

/// What a card says of its link: bits 7..0 version, 15..8 log2 of the operations of the table memory, 23..16 log2 of
/// the words of each buffer, 31..24 log2 of the words of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Version.
    pub version: u8,
    /// log2 of the operations that the table memory holds.
    pub table_log2: u8,
    /// log2 of the words of the buffers.
    pub ring_log2: u8,
    /// log2 of the words of a packet.
    pub packet_log2: u8,
}

impl Link {
    /// The link of a card with 2^`table_log2` operations.
    pub const fn of(table_log2: u32) -> Link {
        Link {
            version: VERSION,
            table_log2: table_log2 as u8,
            ring_log2: RING_LOG2 as u8,
            packet_log2: PACKET_LOG2 as u8,
        }
    }

    /// As the place of an answer.
    pub const fn to_place(self) -> u32 {
        u32::from_le_bytes([self.version, self.table_log2, self.ring_log2, self.packet_log2])
    }

    /// Out of the place of an answer.
    pub const fn from_place(place: u32) -> Link {
        let [version, table_log2, ring_log2, packet_log2] = place.to_le_bytes();
        Link { version, table_log2, ring_log2, packet_log2 }
    }
}

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The host: commands.
    Host,
    /// The card: answers.
    Card,
}

impl Sender {
    const fn magic(self) -> u32 {
        match self {
            Sender::Host => COMMAND_MAGIC,
            Sender::Card => ANSWER_MAGIC,
        }
    }

    /// Words of payload behind a header.
    const fn payload_words(self, op: u8, count: u16) -> usize {
        let carries = match self {
            Sender::Host => op == TABLE || op == PUSH,
            Sender::Card => op == PULL | ANSWER,
        };
        if carries && count as usize <= PACKET_WORDS { count as usize } else { 0 }
    }
}

/// A packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// What it asks for, or answers.
    pub op: u8,
    /// Number of the command.
    pub number: u8,
    /// See the module.
    pub count: u16,
    /// See the module.
    pub place: u32,
    /// Payload, whole words.
    pub payload: Vec<u8>,
}

impl Packet {
    /// Its bytes.
    pub fn to_bytes(&self, sender: Sender) -> Vec<u8> {
        let mut header = [0; HEADER_BYTES];
        put(&mut header, 0, &sender.magic().to_le_bytes());
        put(&mut header, 4, &[self.op, self.number]);
        put(&mut header, 6, &self.count.to_le_bytes());
        put(&mut header, 8, &self.place.to_le_bytes());
        let crc = crc(&header[..HEADER_BYTES - 4]);
        put(&mut header, 12, &crc.to_le_bytes());
        let mut bytes = header.to_vec();
        if !self.payload.is_empty() {
            bytes.extend_from_slice(&self.payload);
            let crc = self::crc(&bytes);
            bytes.extend_from_slice(&crc.to_le_bytes());
        }
        bytes
    }
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc32::default();
    crc.update(bytes);
    crc.value()
}

/// A packet that is not sound: a CRC is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

/// Finds packets in a stream of bytes.
#[derive(Clone, Debug)]
pub struct Reader {
    sender: Sender,
    bytes: Vec<u8>,
}

impl Reader {
    /// For packets of that sender.
    pub fn new(sender: Sender) -> Reader {
        Reader { sender, bytes: Vec::new() }
    }

    /// Forgets the packet that has begun: it took too long.
    pub fn forget(&mut self) {
        self.bytes.clear();
    }

    /// Whether a packet has begun.
    pub fn inside(&self) -> bool {
        self.bytes.len() >= 4
    }

    /// Takes a byte; gives the packet that it is the last one of.
    pub fn feed(&mut self, byte: u8) -> Option<Result<Packet, Damaged>> {
        self.bytes.push(byte);
        let have = self.bytes.len();
        if have <= 4 {
            // The last four bytes that came.
            if have == 4 && word(&self.bytes, 0) != self.sender.magic() {
                self.bytes.remove(0);
            }
            return None;
        }
        if have < HEADER_BYTES {
            return None;
        }
        if have == HEADER_BYTES && word(&self.bytes, 12) != crc(&self.bytes[..12]) {
            self.bytes.clear();
            return Some(Err(Damaged));
        }
        let (op, number) = (self.bytes[4], self.bytes[5]);
        let (count, place) = (u16::from_le_bytes([self.bytes[6], self.bytes[7]]), word(&self.bytes, 8));
        let payload = 8 * self.sender.payload_words(op, count);
        let whole = HEADER_BYTES + if payload > 0 { payload + 4 } else { 0 };
        if have < whole {
            return None;
        }
        let sound = payload == 0 || word(&self.bytes, whole - 4) == crc(&self.bytes[..whole - 4]);
        let payload = self.bytes[HEADER_BYTES..HEADER_BYTES + payload].to_vec();
        self.bytes.clear();
        Some(if sound { Ok(Packet { op, number, count, place, payload }) } else { Err(Damaged) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn push(words: usize) -> Packet {
        let payload = (0..8 * words).map(|i| (i * 29 + 3) as u8).collect();
        Packet { op: PUSH, number: 7, count: words as u16, place: 0x0102_0304, payload }
    }

    fn read(bytes: &[u8]) -> Vec<Result<Packet, Damaged>> {
        let mut reader = Reader::new(Sender::Host);
        bytes.iter().filter_map(|&byte| reader.feed(byte)).collect()
    }

    #[test]
    fn packets_behind_noise_are_found() {
        let hello = Packet { op: HELLO, number: 1, count: 0, place: 0, payload: vec![] };
        let mut bytes = b"DBYDBDBY".to_vec();
        bytes.extend(push(3).to_bytes(Sender::Host));
        bytes.extend(hello.to_bytes(Sender::Host));
        bytes.extend(push(PACKET_WORDS).to_bytes(Sender::Host));
        assert_eq!(read(&bytes), [Ok(push(3)), Ok(hello), Ok(push(PACKET_WORDS))]);
    }

    #[test]
    fn packet_any_bit_changed_is_not_taken() {
        let bytes = push(2).to_bytes(Sender::Host);
        for bit in 0..8 * bytes.len() {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            // And the next one is found, unless the first was taken for a longer one, which ends by its time.
            assert!(read(&changed).iter().all(|packet| packet == &Err(Damaged)), "bit {bit}");
        }
    }

    #[test]
    fn link_there_and_back_is_the_same() {
        let link = Link::of(TABLE_LOG2);
        assert_eq!(Link::from_place(link.to_place()), link);
        assert_eq!(link.to_place(), 0x080a_0e01);
    }
}
