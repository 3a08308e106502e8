//! The core before the configuration logic (`debye_spec::flash::icap`), and as much of that logic as can be asked.

use debye_spec::flash::configuration::{CMD, DESYNC, IDCODE, IPROG, SYNC, WBSTAR};
use debye_spec::flash::icap as map;
use std::collections::VecDeque;

/// Words that the write FIFO holds.
const ROOM: usize = 64;

/// See the module.
#[derive(Default)]
pub struct Icap {
    writes: VecDeque<u32>,
    reads: VecDeque<u32>,
    size: u32,
    synced: bool,
    /// The register that the words which follow are for, and how many follow.
    packet: (u32, u32),
    /// The register that was asked for.
    asked: Option<u32>,
    address: u32,
}

impl Icap {
    /// Reads a register; all ones where there is none.
    pub fn read(&mut self, offset: u32) -> u32 {
        match offset {
            map::READ_FIFO => self.reads.pop_front().unwrap_or(0),
            map::SIZE => self.size,
            map::CONTROL | map::WRITE_FIFO => 0,
            map::STATUS => map::STATUS_DONE | map::STATUS_EOS,
            map::WRITE_VACANCY => (ROOM - self.writes.len()) as u32,
            map::READ_OCCUPANCY => self.reads.len() as u32,
            _ => u32::MAX,
        }
    }

    /// Writes a register of a part with that IDCODE. Says from which address it is to boot, if that was asked for.
    pub fn write(&mut self, offset: u32, value: u32, idcode: u32) -> Option<u32> {
        match offset {
            map::WRITE_FIFO if self.writes.len() < ROOM => self.writes.push_back(value),
            map::SIZE => self.size = value & 0xfff,
            map::CONTROL if value & (map::CONTROL_RESET | map::CONTROL_FIFO_CLEAR) != 0 => *self = Icap::default(),
            map::CONTROL if value & map::CONTROL_WRITE != 0 => {
                let words = std::mem::take(&mut self.writes);
                return words.into_iter().fold(None, |boots, word| self.word(word).or(boots));
            }
            map::CONTROL if value & map::CONTROL_READ != 0 => {
                let answer = if self.asked.take() == Some(IDCODE) { idcode } else { 0 };
                self.reads.extend((0..self.size).map(|_| answer));
            }
            _ => {}
        }
        None
    }

    fn word(&mut self, word: u32) -> Option<u32> {
        if !self.synced {
            self.synced = word == SYNC;
            return None;
        }
        let (register, left) = self.packet;
        if left == 0 {
            let (register, count) = (word >> 13 & 0x1f, word & 0x7ff);
            match (word >> 29, word >> 27 & 3) {
                (1, 2) => self.packet = (register, count),
                (1, 1) => self.asked = Some(register),
                _ => {}
            }
            return None;
        }
        self.packet.1 -= 1;
        match (register, word) {
            (WBSTAR, _) => self.address = word,
            (CMD, DESYNC) => self.synced = false,
            (CMD, IPROG) => return Some(self.address),
            _ => {}
        }
        None
    }
}
