//! What stands at an offset of the card's registers.

use super::Build;
use debye_spec::registers::{REGISTERS, Register, STALL_STRIDE, STALL_WINDOW, STALLS};
use debye_spec::ring_map::{QUEUE_BASE, QUEUE_REGISTERS, QUEUE_STRIDE, RING_BASE, RING_REGISTERS};

/// A register of the card.
#[derive(Clone, Copy)]
pub enum Place {
    /// Of the core.
    Core(&'static Register),
    /// A lane's counter.
    Stall { lane: usize, index: usize },
    /// Of the ring engine.
    Ring(&'static Register),
    /// Of a queue.
    Queue(usize, &'static Register),
}

/// What stands there; `None` where a card of this build answers SLVERR. The two lowest bits are not looked at.
pub fn place(offset: u32, build: &Build) -> Option<Place> {
    let word = |base: u32| (offset - base) as usize / 4;
    if offset >= QUEUE_BASE {
        let queue = (offset - QUEUE_BASE) / QUEUE_STRIDE;
        let register = QUEUE_REGISTERS.get(word(QUEUE_BASE + queue * QUEUE_STRIDE))?;
        return (queue < build.queues).then_some(Place::Queue(queue as usize, register));
    }
    if offset >= RING_BASE {
        return RING_REGISTERS.get(word(RING_BASE)).map(Place::Ring);
    }
    if offset >= STALL_WINDOW {
        let (lane, index) = ((offset - STALL_WINDOW) / STALL_STRIDE, (offset % STALL_STRIDE) / 4);
        let held = (lane as usize) < build.shape.lanes && (index as usize) < STALLS.len();
        return held.then_some(Place::Stall { lane: lane as usize, index: index as usize });
    }
    REGISTERS.get(word(0)).map(Place::Core)
}
