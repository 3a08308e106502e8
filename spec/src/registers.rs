//! The card's registers: one table, out of which come the gateware's AXI4-Lite slave, the host's accesses and
//! `docs/registers.md`.
//!
//! Registers have 32 bits and stand at consecutive multiples of 4 from offset 0. [`map_hash`] names the table: a host
//! reads it from `map_hash` before it trusts any other register. Behind the registers stands the window of
//! [stall counters](stall_offset), and from 0x8000 on those of the ring engine ([`crate::ring_map`]), which are part of
//! the same map and hash. Everything else answers SLVERR, and so does a write to what can only be read.

use crate::crc::Crc32;
use crate::element::Element;
use crate::ring_map::{MAX_QUEUES, QUEUE_BASE, QUEUE_REGISTERS, QUEUE_STRIDE, RING_REGISTERS};
use crate::wire::element_code;
use alloc::string::String;
use core::fmt::Write;

/// Version of the map: what stands where. Changes of the map that old hosts cannot live with raise it.
pub const MAP_VERSION: u32 = 1;
/// First register: "DBYC" in memory.
pub const IDENTITY: u32 = u32::from_le_bytes(*b"DBYC");

/// Who may do what with a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Writes answer SLVERR.
    Read,
    /// Reads give what was written, in the bits of the fields; other bits are 0.
    ReadWrite,
}

/// Bits of a register with one meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name, unique in its register.
    pub name: &'static str,
    /// Lowest bit.
    pub low: u32,
    /// Number of bits.
    pub bits: u32,
    /// Meaning.
    pub doc: &'static str,
}

impl Field {
    pub(crate) const fn new(name: &'static str, low: u32, bits: u32, doc: &'static str) -> Field {
        Field { name, low, bits, doc }
    }

    /// The field's bits in the register.
    pub const fn mask(&self) -> u32 {
        (u32::MAX >> (32 - self.bits)) << self.low
    }

    /// The field out of a register's value.
    pub const fn get(&self, register: u32) -> u32 {
        (register & self.mask()) >> self.low
    }

    /// A register's value with the field in it; bits that do not fit are dropped.
    pub const fn put(&self, register: u32, value: u32) -> u32 {
        register & !self.mask() | value << self.low & self.mask()
    }
}

/// One register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register {
    /// Name, unique in the map.
    pub name: &'static str,
    /// Byte address.
    pub offset: u32,
    /// Access.
    pub access: Access,
    /// Value after reset; `None` where it depends on the build or on what the card does.
    pub reset: Option<u32>,
    /// Fields from the lowest; none: the whole register is one number.
    pub fields: &'static [Field],
    /// Meaning.
    pub doc: &'static str,
}

impl Register {
    const fn new(
        index: u32,
        name: &'static str,
        access: Access,
        reset: Option<u32>,
        fields: &'static [Field],
        doc: &'static str,
    ) -> Register {
        Register { name, offset: 4 * index, access, reset, fields, doc }
    }

    /// The bits that mean something.
    pub const fn mask(&self) -> u32 {
        let (mut mask, mut i) = (0, 0);
        while i < self.fields.len() {
            mask |= self.fields[i].mask();
            i += 1;
        }
        if self.fields.is_empty() { u32::MAX } else { mask }
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

use Access::{Read, ReadWrite};

/// Enables the dispatcher: requests are taken only while it is set.
pub const ENABLE: Field = Field::new("enable", 0, 1, "requests are taken; clear it to drain the lanes");
/// Soft reset.
pub const SOFT_RESET: Field =
    Field::new("soft_reset", 1, 1, "writing 1 resets lanes, dispatcher and table reader for 16 cycles; 1 meanwhile");
/// Clears the counters.
pub const CLEAR_COUNTERS: Field =
    Field::new("clear_counters", 2, 1, "writing 1 clears frame, fault and stall counters (not the cycles); reads as 0");
/// The card has work.
pub const BUSY: Field = Field::new("busy", 0, 1, "requests, frames or results are on their way");
/// A table read failed.
pub const TABLE_FAULT: Field =
    Field::new("table_fault", 8, 1, "a read of the table was answered with an error since the counters were cleared");

const CAPABILITY_FIELDS: [Field; 5] = [
    Field::new("lanes", 0, 6, "lanes"),
    Field::new("groups", 8, 3, "groups of lanes that share a read of the table"),
    Field::new("block_log2", 12, 5, "log2 of the bytes of the largest LZ4 block"),
    Field::new("op_fifo_log2", 20, 4, "log2 of the operations that a lane's FIFO holds"),
    Field::new("elements", 24, 8, "pixel types: bit n for element code n of a request"),
];

/// Number of registers.
pub const REGISTER_COUNT: usize = 20;

/// All registers, in the order of their offsets.
pub const REGISTERS: [Register; REGISTER_COUNT] = [
    Register::new(0, "identity", Read, Some(IDENTITY), &[], "\"DBYC\", first letter in the lowest byte"),
    Register::new(1, "map_version", Read, Some(MAP_VERSION), &[], "version of this map"),
    Register::new(2, "map_hash", Read, None, &[], "CRC-32 of this map's canonical text"),
    Register::new(3, "build", Read, None, &[], "stamp of the build"),
    Register::new(4, "capabilities", Read, None, &CAPABILITY_FIELDS, "what the card was built with"),
    Register::new(5, "max_bins", Read, None, &[], "bins that a lane's histograms hold"),
    Register::new(6, "control", ReadWrite, Some(0), &[ENABLE, SOFT_RESET, CLEAR_COUNTERS], "control"),
    Register::new(7, "status", Read, None, &[BUSY, TABLE_FAULT], "state"),
    Register::new(8, "table_address_low", ReadWrite, Some(0), &[], "address of the table's operations, bits 31..0"),
    Register::new(9, "table_address_high", ReadWrite, Some(0), &[], "address of the table's operations, bits 63..32"),
    Register::new(10, "table_ops", ReadWrite, Some(0), &[], "operations of the table, of 16 bytes each"),
    Register::new(11, "table_id", ReadWrite, Some(0), &[], "number that requests name the table by"),
    Register::new(
        12,
        "table_pixels",
        ReadWrite,
        Some(0),
        &[Field::new("pixels", 0, 26, "pixels")],
        "pixels of the table's frames",
    ),
    Register::new(13, "table_bins", ReadWrite, Some(0), &[Field::new("bins", 0, 15, "bins")], "bins of the table"),
    Register::new(
        14,
        "watchdog",
        ReadWrite,
        Some(0),
        &[],
        "cycles without input inside a frame after which it ends as stalled; 0: never",
    ),
    Register::new(15, "frames_accepted", Read, Some(0), &[], "requests dealt to lanes"),
    Register::new(16, "frames_done", Read, Some(0), &[], "results sent, failed frames too"),
    Register::new(17, "table_faults", Read, Some(0), &[], "reads of the table that were answered with an error"),
    Register::new(
        18,
        "cycles_low",
        Read,
        None,
        &[],
        "cycles since reset, bits 31..0; reading holds the rest in cycles_high",
    ),
    Register::new(19, "cycles_high", Read, None, &[], "bits 63..32 at the time of the last read of cycles_low"),
];

/// Byte address of the window of stall counters.
pub const STALL_WINDOW: u32 = 0x1000;
/// Bytes from one lane's stall counters to the next's.
pub const STALL_STRIDE: u32 = 32;
/// Most lanes that a card has.
pub const MAX_LANES: u32 = 48;

/// A lane's counters, in the order of their index: cycles in which the condition held.
pub const STALLS: [(&str, &str); 8] = [
    ("splitter_starved", "inside a frame, no input"),
    ("lz4_starved", "the LZ4 decoder wants input and there is none"),
    ("lz4_blocked", "the LZ4 decoder has no free half of its history"),
    ("unshuffle_blocked", "the unshuffle's pixels are not taken"),
    ("op_starved", "pixels wait for operations of the table"),
    ("px_starved", "operations of the table wait for pixels"),
    ("integrator_blocked", "a frame's end waits for the read-out of the frame before"),
    ("frame_done", "not a stall: frames that the lane has finished"),
];

/// Byte address of a lane's stall counter; `None` where the window has none. Lanes that a card does not have answer
/// SLVERR.
pub const fn stall_offset(lane: u32, index: u32) -> Option<u32> {
    if lane < MAX_LANES && index < STALLS.len() as u32 {
        Some(STALL_WINDOW + STALL_STRIDE * lane + 4 * index)
    } else {
        None
    }
}

/// The register of that name.
pub fn register(name: &str) -> Option<&'static Register> {
    REGISTERS.iter().find(|register| register.name == name)
}

/// The map as text: what the hash is over. Meanings are not in it.
pub fn canonical_text() -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = (|| {
        writeln!(text, "version {MAP_VERSION}")?;
        for register in REGISTERS.iter().chain(&RING_REGISTERS).chain(&QUEUE_REGISTERS) {
            let access = match register.access {
                Read => "r",
                ReadWrite => "rw",
            };
            write!(text, "{} {:#06x} {access} ", register.name, register.offset)?;
            match register.reset {
                Some(reset) => writeln!(text, "{reset:#010x}")?,
                None => writeln!(text, "-")?,
            }
            for field in register.fields {
                writeln!(text, " {} {} {}", field.name, field.low, field.bits)?;
            }
        }
        writeln!(text, "stalls {STALL_WINDOW:#06x} {STALL_STRIDE} {MAX_LANES}")?;
        writeln!(text, "queues {QUEUE_BASE:#06x} {QUEUE_STRIDE} {MAX_QUEUES}")?;
        STALLS.iter().try_for_each(|(name, _)| writeln!(text, " {name}"))
    })();
    text
}

/// CRC-32 of [`canonical_text`].
pub fn map_hash() -> u32 {
    let mut crc = Crc32::default();
    crc.update(canonical_text().as_bytes());
    crc.value()
}

/// What a card was built with: the registers `capabilities` and `max_bins`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Lanes, 1 to [`MAX_LANES`].
    pub lanes: u32,
    /// Groups of lanes that share a read of the table.
    pub groups: u32,
    /// log2 of the bytes of the largest LZ4 block.
    pub block_log2: u32,
    /// log2 of the operations that a lane's FIFO holds.
    pub op_fifo_log2: u32,
    /// Bit n: the card takes the pixel type with code n in a request.
    pub elements: u32,
    /// Bins that a lane's histograms hold.
    pub max_bins: u32,
}

impl Capabilities {
    /// The values of `capabilities` and `max_bins`.
    pub const fn to_registers(&self) -> [u32; 2] {
        let values = [self.lanes, self.groups, self.block_log2, self.op_fifo_log2, self.elements];
        let (mut word, mut i) = (0, 0);
        while i < values.len() {
            word = CAPABILITY_FIELDS[i].put(word, values[i]);
            i += 1;
        }
        [word, self.max_bins]
    }

    /// Out of the values of `capabilities` and `max_bins`.
    pub const fn from_registers(capabilities: u32, max_bins: u32) -> Capabilities {
        let [lanes, groups, block, fifo, elements] = &CAPABILITY_FIELDS;
        Capabilities {
            lanes: lanes.get(capabilities),
            groups: groups.get(capabilities),
            block_log2: block.get(capabilities),
            op_fifo_log2: fifo.get(capabilities),
            elements: elements.get(capabilities),
            max_bins,
        }
    }

    /// Whether the card takes pixels of that type.
    pub const fn takes(&self, element: Element) -> bool {
        self.elements >> element_code(element) & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_offsets_are_dense_and_names_unique() {
        for (i, register) in REGISTERS.iter().enumerate() {
            assert_eq!(register.offset, 4 * i as u32, "{}", register.name);
            assert_eq!(REGISTERS.iter().filter(|other| other.name == register.name).count(), 1, "{}", register.name);
            let mut used = 0;
            for field in register.fields {
                assert!(field.bits >= 1 && field.low + field.bits <= 32, "{}", field.name);
                assert_eq!(used & field.mask(), 0, "{} overlaps", field.name);
                assert_eq!(register.field(field.name), Some(field));
                used |= field.mask();
            }
            assert_eq!(register.reset.unwrap_or(0) & !register.mask(), 0, "{}", register.name);
        }
        assert!(4 * REGISTER_COUNT as u32 <= STALL_WINDOW);
    }

    #[test]
    fn field_put_then_get_gives_what_fits() {
        let field = Field::new("x", 28, 4, "");
        assert_eq!(field.put(0x1234_5678, 0xab), 0xb234_5678);
        assert_eq!(field.get(0xb234_5678), 0xb);
        assert_eq!(Field::new("whole", 0, 32, "").mask(), u32::MAX);
    }

    #[test]
    fn capabilities_there_and_back_are_the_same() {
        let card =
            Capabilities { lanes: 48, groups: 4, block_log2: 16, op_fifo_log2: 9, elements: 0x67, max_bins: 2048 };
        let [capabilities, max_bins] = card.to_registers();
        assert_eq!(Capabilities::from_registers(capabilities, max_bins), card);
        assert!(Element::ALL.into_iter().all(|element| card.takes(element)));
        assert!(!Capabilities { elements: 2, ..card }.takes(Element::I16));
    }

    #[test]
    fn stall_offset_outside_the_window_is_none() {
        assert_eq!(stall_offset(0, 0), Some(0x1000));
        assert_eq!(stall_offset(47, 7), Some(0x1000 + 47 * 32 + 28));
        assert_eq!((stall_offset(48, 0), stall_offset(0, 8)), (None, None));
    }

    /// Whoever changes the map sees it here; a change that old hosts cannot live with raises [`MAP_VERSION`] too.
    #[test]
    fn map_hash_is_the_one_of_this_version() {
        assert_eq!(map_hash(), 0xf380_ddff, "{:#010x}", map_hash());
    }
}
