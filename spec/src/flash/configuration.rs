//! What the configuration logic of an UltraScale+ FPGA does with a bitstream, as far as it decides which image boots.
//!
//! A bitstream is a row of big-endian words. Nothing counts before the sync word; then come packets that write registers
//! (UG570, "Configuration Packets" and "Configuration Registers"). An FPGA starts when it comes to the commands START and
//! DESYNC with no error before them; it gives up at a wrong IDCODE, at a wrong CRC, or when its watchdog bites, which it does in a
//! memory that holds no end. The CRC is CRC-32C over the bits of the data and of the register's number, of all writes since
//! the last reset of it (as Project X-Ray found out for the 7 series; what Vivado writes for UltraScale+ agrees, see the
//! test in `host/src/bitstream`). FPGAs of several dies, whose bitstreams hold others, are not told of here.

/// Filling.
pub const DUMMY: u32 = 0xffff_ffff;
/// By which a memory of several data lines is found; without meaning on one line.
pub const BUS_WIDTH: [u32; 2] = [0x0000_00bb, 0x1122_0044];
/// From here on words count.
pub const SYNC: u32 = 0xaa99_5566;
/// A packet that does nothing.
pub const NOOP: u32 = 0x2000_0000;

/// Register: CRC that must be right here.
pub const CRC: u32 = 0;
/// Register: configuration data.
pub const FDRI: u32 = 2;
/// Register: command.
pub const CMD: u32 = 4;
/// Register: the part that the bitstream is for.
pub const IDCODE: u32 = 12;
/// Register: a number that the design can read, and that says which build it is.
pub const USER: u32 = 13;
/// Register: where to go on after IPROG.
pub const WBSTAR: u32 = 16;
/// Register: watchdog.
pub const TIMER: u32 = 17;
/// In [`TIMER`]: it counts while the FPGA is being configured. The lower 30 bits are how far, in 256 clocks.
pub const TIMER_ENABLE: u32 = 0x4000_0000;
/// Bytes that a memory on four data lines gives in one tick of the watchdog.
const TICK_BYTES: u64 = 256 * 4 / 8;

/// Command: start the design, at the next [`DESYNC`].
pub const START: u32 = 5;
/// Command: reset the CRC.
pub const RCRC: u32 = 7;
/// Command: words count no more until the next sync word.
pub const DESYNC: u32 = 13;
/// Command: configure anew, from [`WBSTAR`].
pub const IPROG: u32 = 15;

/// A packet that writes one word to a register; the word follows.
pub const fn write_one(register: u32) -> u32 {
    0x3000_0001 | register << 13
}

/// A packet that reads one word of a register.
pub const fn read_one(register: u32) -> u32 {
    0x2800_0001 | register << 13
}

/// The CRC after another word was written to a register.
pub const fn crc_step(crc: u32, register: u32, word: u32) -> u32 {
    let mut value = (register as u64) << 32 | word as u64;
    let mut crc = crc as u64;
    let mut i = 0;
    while i < 37 {
        if value & 1 != crc & 1 {
            crc ^= 0x82f6_3b78 << 1;
        }
        value >>= 1;
        crc >>= 1;
        i += 1;
    }
    crc as u32
}

/// What comes of a bitstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// The design starts; the bitstream ends behind so many bytes.
    Started {
        /// Bytes from where reading began to behind the command.
        bytes: usize,
        /// What it wrote to [`USER`].
        user: u32,
    },
    /// It sends the logic to another address.
    Jump {
        /// Byte address in the memory: `WBSTAR`.
        address: u32,
    },
    /// It is for another part.
    WrongPart {
        /// IDCODE of the bitstream.
        found: u32,
    },
    /// Its data is damaged.
    WrongCrc {
        /// As in the bitstream.
        found: u32,
        /// As the data has it.
        expected: u32,
    },
    /// The memory ends, or the watchdog bites, before anything of that.
    NoEnd,
}

/// The version of a part, the highest four bits of its IDCODE, is not compared.
pub const fn same_part(a: u32, b: u32) -> bool {
    a << 4 == b << 4
}

/// A memory that the configuration logic reads.
pub trait Memory {
    /// Bytes.
    fn len(&self) -> usize;

    /// Whether it has none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A byte within it.
    fn byte(&self, at: usize) -> u8;

    /// Where the first sync word stands that lies wholly between two places.
    fn find_sync(&self, from: usize, to: usize) -> Option<usize> {
        (from..to.saturating_sub(3))
            .find(|&at| SYNC.to_be_bytes().into_iter().zip(at..).all(|(byte, at)| self.byte(at) == byte))
    }
}

impl Memory for [u8] {
    fn len(&self) -> usize {
        <[u8]>::len(self)
    }

    fn byte(&self, at: usize) -> u8 {
        self[at]
    }
}

/// What the configuration logic of a part with that IDCODE does with a memory, from a place on.
///
/// `fallback`: the logic has come here after a failure, and does not follow jumps (UG570: IPROG is ignored then).
/// `timer` is the watchdog, in bytes that can still be read until it bites; `None` while it does not count.
pub fn load<M: Memory + ?Sized>(
    memory: &M,
    begin: usize,
    idcode: u32,
    fallback: bool,
    timer: &mut Option<u64>,
) -> Loaded {
    let patience = usize::try_from(timer.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let to = begin.saturating_add(patience).min(memory.len());
    let Some(start) = memory.find_sync(begin, to) else { return Loaded::NoEnd };
    let mut at = start;
    let mut next = |timer: &mut Option<u64>, count: u64| {
        *timer = timer.map(|left| left.saturating_sub(count));
        if at + 4 > memory.len() || *timer == Some(0) {
            return None;
        }
        let word = [0, 1, 2, 3].map(|i| memory.byte(at + i));
        at += 4;
        Some((u32::from_be_bytes(word), at - begin))
    };
    next(timer, (start - begin) as u64 + 4);
    let (mut crc, mut register, mut address, mut user, mut starts) = (0, 0, 0, 0, false);
    while let Some((packet, _)) = next(timer, 4) {
        // A packet of type 1 names a register and up to 2047 words, one of type 2 goes on with more words of it.
        let count = match packet >> 29 {
            1 => {
                register = packet >> 13 & 0x1f;
                packet & 0x7ff
            }
            2 => packet & 0x7ff_ffff,
            _ => continue,
        };
        let writes = packet >> 27 & 3 == 2;
        if !writes {
            continue;
        }
        for _ in 0..count {
            let Some((word, behind)) = next(timer, 4) else { return Loaded::NoEnd };
            match (register, word) {
                (CRC, found) if found != crc => return Loaded::WrongCrc { found, expected: crc },
                (CRC, _) => crc = 0,
                (CMD, RCRC) => crc = 0,
                _ => crc = crc_step(crc, register, word),
            }
            match (register, word) {
                (IDCODE, found) if !same_part(found, idcode) => return Loaded::WrongPart { found },
                (USER, word) => user = word,
                (WBSTAR, word) => address = word,
                (TIMER, word) if word & TIMER_ENABLE != 0 => {
                    *timer = Some(u64::from(word & (TIMER_ENABLE - 1)) * TICK_BYTES);
                }
                (TIMER, _) => *timer = None,
                (CMD, IPROG) if !fallback => return Loaded::Jump { address },
                (CMD, START) => starts = true,
                (CMD, DESYNC) if starts => return Loaded::Started { bytes: behind, user },
                (CMD, DESYNC) => return Loaded::NoEnd,
                _ => {}
            }
        }
    }
    Loaded::NoEnd
}

/// Which image an FPGA has come up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boot {
    /// The one to which the golden image sends it: its first byte, and its bytes up to the start.
    Update {
        /// First byte of what was read.
        address: u32,
        /// Bytes up to the start.
        bytes: usize,
        /// Its build ([`USER`]).
        user: u32,
    },
    /// The golden image, without a try at another.
    Golden {
        /// Its build.
        user: u32,
    },
    /// The golden image, after another failed.
    Fallback {
        /// Why.
        failed: Loaded,
        /// The golden image's build.
        user: u32,
    },
    /// None: the card is a brick.
    Dead,
}

/// What an FPGA does when power comes, with the memory's bytes: the golden image at 0 sends it to the update; if that
/// fails, it comes back, which it can only if the watchdog was started or the failure is one that it sees.
pub fn boot<M: Memory + ?Sized>(memory: &M, idcode: u32) -> Boot {
    let mut timer = None;
    match load(memory, 0, idcode, false, &mut timer) {
        Loaded::Jump { address } => boot_from(memory, idcode, address, timer),
        Loaded::Started { user, .. } => Boot::Golden { user },
        _ => Boot::Dead,
    }
}

/// The same after it was sent to an address, with the watchdog as it is then.
pub fn boot_from<M: Memory + ?Sized>(memory: &M, idcode: u32, address: u32, mut timer: Option<u64>) -> Boot {
    let failed = match load(memory, address as usize, idcode, false, &mut timer) {
        Loaded::Started { bytes, user } => return Boot::Update { address, bytes, user },
        Loaded::NoEnd if timer.is_none() => return Boot::Dead,
        failed => failed,
    };
    match load(memory, 0, idcode, true, &mut None) {
        Loaded::Started { user, .. } => Boot::Fallback { failed, user },
        _ => Boot::Dead,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flash::slot;
    use alloc::vec::Vec;

    const PART: u32 = 0x14b3_7093;

    fn bytes(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    /// A bitstream with data, as a tool writes it.
    fn bitstream(idcode: u32, data: &[u32]) -> Vec<u8> {
        let mut words = [DUMMY; 8].to_vec();
        words.extend([SYNC, NOOP, write_one(CMD), RCRC, write_one(IDCODE), idcode]);
        words.extend([write_one(FDRI) - 1, 2 << 29 | 2 << 27 | data.len() as u32]);
        words.extend(data);
        let crc = data.iter().fold(crc_step(0, IDCODE, idcode), |crc, &word| crc_step(crc, FDRI, word));
        let end = crc_step(0, CMD, START);
        words.extend([write_one(CRC), crc, write_one(CMD), START, NOOP, write_one(CRC), end, write_one(CMD), DESYNC]);
        bytes(&words)
    }

    fn golden(update: u32) -> Vec<u8> {
        let head =
            [SYNC, write_one(TIMER), TIMER_ENABLE | 1 << 20, write_one(WBSTAR), update, write_one(CMD), IPROG, NOOP];
        let mut image = bytes(&head);
        image.extend(bitstream(PART, &[1, 2, 3]).split_off(36));
        image
    }

    fn memory(update: &[u8]) -> Vec<u8> {
        let mut memory = golden(4096);
        memory.resize(4096, 0xff);
        memory.extend(update);
        memory.resize(16384, 0xff);
        memory
    }

    #[test]
    fn load_of_a_sound_bitstream_starts_and_of_a_damaged_one_does_not() {
        let sound = bitstream(PART, &[0xdead_beef, 7]);
        assert!(matches!(load(sound.as_slice(), 0, PART, false, &mut None), Loaded::Started { .. }));
        let data = sound.len() - 4 * 11;
        for bit in 0..64 {
            let mut damaged = sound.clone();
            damaged[data + bit / 8] ^= 1 << (bit % 8);
            assert!(
                matches!(load(damaged.as_slice(), 0, PART, false, &mut None), Loaded::WrongCrc { .. }),
                "bit {bit}"
            );
        }
        assert_eq!(load(sound.as_slice(), 0, PART ^ 0x1000, false, &mut None), Loaded::WrongPart { found: PART });
        // A part's version does not matter.
        assert!(matches!(load(sound.as_slice(), 0, PART ^ 1 << 30, false, &mut None), Loaded::Started { .. }));
    }

    #[test]
    fn load_of_any_beginning_ends_without_an_end() {
        let sound = bitstream(PART, &[1, 2, 3]);
        let Loaded::Started { bytes, .. } = load(sound.as_slice(), 0, PART, false, &mut None) else {
            panic!("it is sound")
        };
        for length in 0..bytes {
            assert_eq!(load(&sound[..length], 0, PART, false, &mut None), Loaded::NoEnd, "{length} bytes");
        }
    }

    #[test]
    fn boot_follows_a_sound_update_and_comes_back_from_others() {
        let sound = bitstream(PART, &[1, 2, 3]);
        assert!(matches!(boot(memory(&sound).as_slice(), PART), Boot::Update { address: 4096, .. }));
        let fails = |update: &[u8]| match boot(memory(update).as_slice(), PART) {
            Boot::Fallback { failed, .. } => failed,
            other => panic!("{other:?}"),
        };
        assert!(matches!(fails(&bitstream(PART ^ 0x1000, &[1])), Loaded::WrongPart { .. }));
        assert_eq!(fails(&[]), Loaded::NoEnd);
        let mut damaged = sound.clone();
        damaged[64] ^= 1;
        assert!(matches!(fails(&damaged), Loaded::WrongCrc { .. }));
        assert_eq!(boot([0xff; 64].as_slice(), PART), Boot::Dead);
    }

    #[test]
    fn boot_with_a_guard_falls_back_and_with_an_open_one_goes_on() {
        let mut update = slot::guard().to_vec();
        update.resize(slot::GUARD_BYTES as usize, 0xff);
        update.extend(bitstream(PART, &[1, 2, 3]));
        // The watchdog bites before the image behind the guard is reached.
        let closed = boot(memory(&update).as_slice(), PART);
        assert_eq!(closed, Boot::Fallback { failed: Loaded::NoEnd, user: 0 });
        let at = slot::GUARD_SYNC as usize;
        assert_eq!(update[at..at + 4], SYNC.to_be_bytes());
        update[at..at + 4].fill(0);
        assert!(matches!(boot(memory(&update).as_slice(), PART), Boot::Update { .. }));
    }
}
