//! Where a card's completion rings stand, as its registers say: how completions are told from other writes.

use crate::device::Device;
use debye_spec::ring_map::{
    MAX_QUEUES, QUEUE_BASE, QUEUE_COMPLETION_LOG2, QUEUE_ENABLE, QUEUE_REGISTERS, QUEUE_STRIDE, queue_offset,
    ring_register,
};
use debye_spec::rings::ENTRY_BYTES;
use std::collections::BTreeMap;

/// A completion ring.
#[derive(Clone, Copy)]
pub struct Ring {
    base: u64,
    /// log2 of its entries.
    pub depth_log2: u32,
    /// Entries that the host sees and the card did not write: they move all that come behind.
    pub shift: u32,
}

impl Ring {
    /// Where the entry of an index stands.
    pub fn entry(&self, index: u32) -> u64 {
        self.base + ENTRY_BYTES as u64 * (index & ((1 << self.depth_log2) - 1)) as u64
    }

    fn bytes(&self) -> u64 {
        (ENTRY_BYTES as u64) << self.depth_log2
    }
}

/// The rings of all queues that were started.
#[derive(Default)]
pub struct Rings {
    rings: BTreeMap<u32, Ring>,
}

/// The queue's register at an offset.
fn of_queue(offset: u32) -> Option<(u32, &'static str)> {
    let inside = offset.checked_sub(QUEUE_BASE).filter(|inside| *inside < QUEUE_STRIDE * MAX_QUEUES)?;
    let register = QUEUE_REGISTERS.get((inside % QUEUE_STRIDE) as usize / 4)?;
    Some((inside / QUEUE_STRIDE, register.name))
}

impl Rings {
    /// Forgets all.
    pub fn clear(&mut self) {
        self.rings.clear();
    }

    /// A queue's ring.
    pub fn get(&mut self, queue: u32) -> Option<&mut Ring> {
        self.rings.get_mut(&queue)
    }

    /// A register that counts completions as the host counts them, from the card's count or back.
    pub fn shift_of(&self, offset: u32) -> u32 {
        match of_queue(offset) {
            Some((queue, "completion_head" | "completion_tail" | "arm")) => {
                self.rings.get(&queue).map_or(0, |ring| ring.shift)
            }
            _ => 0,
        }
    }

    /// Looks at the queue whose register was written.
    pub fn look(&mut self, offset: u32, card: &mut dyn Device) {
        let Some((queue, "queue_config")) = of_queue(offset) else { return };
        let mut read = |name| ring_register(name).map_or(0, |register| card.read(queue_offset(queue, register)));
        let config = read("queue_config");
        if QUEUE_ENABLE.get(config) == 0 || config == u32::MAX {
            return;
        }
        let base = read("completion_low") as u64 | (read("completion_high") as u64) << 32;
        let depth_log2 = QUEUE_COMPLETION_LOG2.get(config);
        self.rings.insert(queue, Ring { base: base & !4095, depth_log2, shift: 0 });
    }

    /// The ring in which an address lies: queue, and bytes from the beginning of the entry.
    pub fn find(&self, address: u64) -> Option<(u32, usize)> {
        let holds = |ring: &Ring| address.checked_sub(ring.base).filter(|&inside| inside < ring.bytes());
        let (&queue, inside) = self.rings.iter().find_map(|(queue, ring)| Some((queue, holds(ring)?)))?;
        Some((queue, inside as usize % ENTRY_BYTES))
    }
}
