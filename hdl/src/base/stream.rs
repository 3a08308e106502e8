//! Drivers of AXI4-Stream ports for benches: a source and a sink with random stalls, over [`Pins`].
//!
//! In each cycle: `drive` all sources and sinks, `settle` the design, `sample` them all, `tick`. A source keeps valid and
//! data until ready, as the protocol wants; a sink's ready comes and goes as it likes.

use super::pins::Pins;
use std::collections::VecDeque;

/// A seeded generator of stalls in runs: idle for some cycles, busy for some.
#[derive(Clone, Debug)]
pub struct Stalls {
    state: u64,
    left: u32,
    stalled: bool,
    longest: u32,
}

impl Stalls {
    /// Never stalls.
    pub fn none() -> Stalls {
        Stalls { state: 0, left: 0, stalled: false, longest: 0 }
    }

    /// Stalls about half of the time in runs of 1 to `longest` cycles; `longest` 0 never stalls.
    pub fn random(seed: u64, longest: u32) -> Stalls {
        Stalls { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, left: 0, stalled: false, longest }
    }

    /// Whether this cycle is stalled.
    pub fn next_cycle(&mut self) -> bool {
        if self.longest == 0 {
            return false;
        }
        if self.left == 0 {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            self.left = 1 + (self.state >> 33) as u32 % self.longest;
            self.stalled = self.state >> 20 & 1 != 0;
        }
        self.left -= 1;
        self.stalled
    }
}

/// One beat: a value for each data port, 64-bit limbs.
pub type Beat = Vec<[u64; 8]>;

/// A beat of ports of up to 64 bits.
pub fn beat(values: &[u64]) -> Beat {
    values.iter().map(|&value| [value, 0, 0, 0, 0, 0, 0, 0]).collect()
}

struct Wires {
    valid: usize,
    ready: usize,
    data: Vec<(usize, usize)>,
}

impl Wires {
    /// `prefix_tvalid`, `prefix_tready` and the ports `prefix_<name>` of `data`.
    fn new(pins: &dyn Pins, prefix: &str, data: &[&str]) -> Wires {
        let data = data.iter().map(|name| pins.port(&format!("{prefix}_{name}")));
        Wires {
            data: data.map(|port| (port, pins.ports()[port].width.div_ceil(64))).collect(),
            valid: pins.port(&format!("{prefix}_tvalid")),
            ready: pins.port(&format!("{prefix}_tready")),
        }
    }
}

/// Feeds beats into an input stream.
pub struct Source {
    wires: Wires,
    stalls: Stalls,
    offered: bool,
    /// Beats to come.
    pub queue: VecDeque<Beat>,
    /// Beats that were taken.
    pub taken: usize,
}

impl Source {
    /// A source for `prefix_tvalid`, `prefix_tready` and the data ports `prefix_<name>`.
    pub fn new(pins: &dyn Pins, prefix: &str, data: &[&str], stalls: Stalls) -> Source {
        let wires = Wires::new(pins, prefix, data);
        Source { wires, stalls, offered: false, queue: VecDeque::new(), taken: 0 }
    }

    /// Sets the ports for this cycle.
    pub fn drive(&mut self, pins: &mut dyn Pins) {
        let stalled = self.stalls.next_cycle();
        self.offered = (self.offered || !stalled) && !self.queue.is_empty();
        pins.set_u64(self.wires.valid, self.offered as u64);
        if let Some(beat) = self.queue.front().filter(|_| self.offered) {
            for (&(port, limbs), value) in self.wires.data.iter().zip(beat) {
                pins.set(port, &value[..limbs]);
            }
        }
    }

    /// Looks, before the edge, whether the beat is taken at it.
    pub fn sample(&mut self, pins: &mut dyn Pins) {
        if self.offered && pins.get_u64(self.wires.ready) != 0 {
            self.queue.pop_front();
            self.taken += 1;
            self.offered = false;
        }
    }
}

/// Takes beats from an output stream and checks that they are held until they are taken.
pub struct Sink {
    wires: Wires,
    stalls: Stalls,
    ready: bool,
    held: Option<Beat>,
    /// Beats that came.
    pub beats: Vec<Beat>,
}

impl Sink {
    /// A sink for `prefix_tvalid`, `prefix_tready` and the data ports `prefix_<name>`.
    pub fn new(pins: &dyn Pins, prefix: &str, data: &[&str], stalls: Stalls) -> Sink {
        Sink { wires: Wires::new(pins, prefix, data), stalls, ready: false, held: None, beats: Vec::new() }
    }

    /// Sets the port for this cycle.
    pub fn drive(&mut self, pins: &mut dyn Pins) {
        self.ready = !self.stalls.next_cycle();
        pins.set_u64(self.wires.ready, self.ready as u64);
    }

    /// Takes a beat before the edge.
    ///
    /// # Panics
    /// When the design takes back or changes a beat that it offered: a fault of the design.
    pub fn sample(&mut self, pins: &mut dyn Pins) {
        if pins.get_u64(self.wires.valid) == 0 {
            assert!(self.held.is_none(), "a beat was taken back before it was ready");
            return;
        }
        let mut beat = Beat::new();
        for &(port, limbs) in &self.wires.data {
            let mut value = [0; 8];
            pins.get(port, &mut value[..limbs]);
            beat.push(value);
        }
        if let Some(held) = &self.held {
            assert_eq!(held, &beat, "a beat changed before it was taken");
        }
        self.held = None;
        if self.ready {
            self.beats.push(beat);
        } else {
            self.held = Some(beat);
        }
    }
}
