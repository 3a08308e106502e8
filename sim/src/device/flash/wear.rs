//! What is not as it should be in a NOR.

use super::cells::Cells;
use super::nor::Operation;
use crate::device::fault::mix;

/// A bit, or several of a byte, that cannot be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// Byte address.
    pub address: u32,
    /// Which bits.
    pub mask: u8,
    /// What they read as.
    pub value: u8,
}

/// What is worn, or set in another way than usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wear {
    /// Bits that cannot be changed.
    pub stuck: Vec<Stuck>,
    /// Numbers of the operations (erases and programs, from 0) that fail.
    pub failing: Vec<usize>,
    /// Status register at power-on: block protection.
    pub status: u8,
    /// Of what a cut of power leaves.
    pub seed: u64,
}

impl Wear {
    /// What a byte reads as.
    pub fn read(&self, address: u32, byte: u8) -> u8 {
        let stuck = self.stuck.iter().filter(|stuck| stuck.address == address);
        stuck.fold(byte, |byte, stuck| (byte & !stuck.mask) | (stuck.value & stuck.mask))
    }

    /// Whether the operation of that number fails.
    pub fn fails(&self, number: usize) -> bool {
        self.failing.contains(&number)
    }

    /// Leaves an operation half done: of the bits that it would have changed some have changed, the more of them the
    /// larger the share of its time that was over. In an erase, cells go through zero on their way to one.
    pub fn half_done(&self, cells: &mut Cells, change: &dyn Fn(usize, u8) -> u8, operation: &Operation, share: f64) {
        for place in 0..operation.bytes {
            let address = operation.address + place;
            let old = cells.get(address);
            let new = change(place as usize, old);
            let number = mix(self.seed ^ operation.begin, u64::from(address));
            // Eight bits, each set with a probability of `share`; 255/256 at most is not sure enough of the end.
            let chosen = if share >= 1.0 {
                0xff
            } else {
                (0..8)
                    .filter(|bit| f64::from((number >> (8 * bit)) as u8) < 256.0 * share)
                    .fold(0, |all, bit| all | 1 << bit)
            };
            let erases = new & !old != 0;
            let half = (old & !chosen) | (new & chosen);
            let through_zero = erases && share < 0.5 && number.rotate_left(7) & 1 == 1;
            cells.set(address, if through_zero { half & !(number >> 13) as u8 } else { half });
        }
    }
}
