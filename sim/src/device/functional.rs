//! The whole card as a functional model: registers, rings, table memory, DMA, and the definition in place of the lanes.
//!
//! It has no clock. Where the contract speaks of cycles it counts the beats that moved, and when there is nothing else to
//! do, the time for which an interrupt is held back is over at once. One submission is finished in each call of `run`, in
//! the order in which they were taken.

mod bus;
mod core;
mod map;
mod queue;
mod work;

use super::table_memory::TableMemory;
use super::{Device, HostMemory};
use crate::model::{ModelError, Shape};
use bus::Bus;
use core::Core;
use debye_spec::Status;
use debye_spec::ring_map::{self, EncodeCapabilities, RingCapabilities};
use debye_spec::rings::{Completion, ENTRY_BYTES, Kind, RawSubmission, Submission, kind_bit};
use map::Place;
use queue::Queue;
use std::collections::VecDeque;
use work::Outcome;

/// What a card is built with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Build {
    /// Lanes, blocks, bins.
    pub shape: Shape,
    /// Queues, 1 to 8.
    pub queues: u32,
    /// log2 of the submissions in flight.
    pub flights_log2: u32,
    /// log2 of the bytes of the table memory.
    pub memory_log2: u32,
    /// Encoder lanes; they make blocks of the size of the largest that lanes decode.
    pub encoders: u32,
}

impl Build {
    /// Whether it takes submissions of that kind.
    pub fn takes(&self, kind: Kind) -> bool {
        !matches!(kind, Kind::Encode | Kind::Fuse) || self.encoders > 0
    }

    /// What it says of its encoder.
    pub fn encodes(&self) -> EncodeCapabilities {
        let block_log2 = if self.encoders > 0 { self.shape.block } else { 0 };
        EncodeCapabilities { lanes: self.encoders, block_log2 }
    }
}

impl Default for Build {
    /// One lane, one queue, 64 submissions in flight, 256 MiB of table memory, no encoder.
    fn default() -> Build {
        Build { shape: Shape::default(), queues: 1, flights_log2: 6, memory_log2: 28, encoders: 0 }
    }
}

/// A submission that was taken and not completed.
struct Flight {
    queue: usize,
    raw: RawSubmission,
    /// Why it is not worked on.
    refused: Option<Status>,
    taken: u64,
}

/// See the module.
pub struct FunctionalCard {
    build: Build,
    core: Core,
    bus: Bus,
    memory: TableMemory,
    queues: Vec<Queue>,
    flights: VecDeque<Flight>,
    /// Whose turn it is to take a submission.
    turn: usize,
    enable: bool,
    moderation: u32,
    completions: u32,
    interrupts: u32,
    /// Beats that moved, and time that was skipped.
    clock: u64,
}

impl FunctionalCard {
    /// A card as after power-on.
    pub fn new(build: Build) -> FunctionalCard {
        FunctionalCard {
            build,
            core: Core::new(build.shape),
            bus: Bus::default(),
            memory: TableMemory::new(build.memory_log2),
            queues: (0..build.queues).map(|_| Queue::default()).collect(),
            flights: VecDeque::new(),
            turn: 0,
            enable: false,
            moderation: 0,
            completions: 0,
            interrupts: 0,
            clock: 0,
        }
    }

    /// What `ring_control.reset` does. Accesses to memory are never under way here, so that it is done at once.
    fn reset_engine(&mut self) {
        self.flights.clear();
        self.queues.fill_with(Queue::default);
        self.bus = Bus::default();
        (self.enable, self.moderation, self.completions, self.interrupts) = (false, 0, 0, 0);
        self.core.disable();
    }

    fn ring_read(&mut self, name: &str) -> u32 {
        match name {
            "ring_capabilities" => {
                let kinds = Kind::ALL.into_iter().filter(|&kind| self.build.takes(kind)).map(kind_bit).sum();
                let Build { queues, flights_log2, memory_log2, .. } = self.build;
                RingCapabilities { queues, flights_log2, kinds, memory_log2 }.to_register()
            }
            "ring_control" => ring_map::RING_ENABLE.put(0, self.enable.into()),
            "ring_status" => {
                let word = ring_map::RING_BUSY.put(0, (!self.flights.is_empty()).into());
                let word = ring_map::RING_FAULT.put(word, self.bus.faulted().into());
                ring_map::CORE_BUSY.put(word, self.lanes_busy().into())
            }
            "encode_capabilities" => self.build.encodes().to_register(),
            "moderation" => self.moderation,
            "in_flight" => self.flights.len() as u32,
            "completions" => self.completions,
            "interrupts" => self.interrupts,
            name => self.bus.register(name),
        }
    }

    fn ring_write(&mut self, name: &str, value: u32) {
        match name {
            "ring_control" if ring_map::RING_RESET.get(value) != 0 => self.reset_engine(),
            "ring_control" => self.enable = ring_map::RING_ENABLE.get(value) != 0,
            "moderation" => self.moderation = value & ring_map::RING_REGISTERS[3].mask(),
            _ => {}
        }
    }

    fn has(&self, kind: Kind) -> bool {
        self.flights.iter().any(|flight| flight.raw.kind() == Some(kind) && flight.refused.is_none())
    }

    /// Work for lanes of any kind.
    fn lanes_busy(&self) -> bool {
        [Kind::Integrate, Kind::Encode, Kind::Fuse].into_iter().any(|kind| self.has(kind))
    }

    /// Why an entry is not worked on.
    fn refusal(&self, bytes: &[u8; ENTRY_BYTES]) -> Option<Status> {
        let raw = RawSubmission { bytes: *bytes };
        let foreign = match raw.kind() {
            Some(Kind::Encode | Kind::Fuse) => u32::from(raw.block_log2()) != self.build.encodes().block_log2,
            Some(kind) => !self.build.takes(kind),
            None => true,
        };
        if foreign { Some(Status::RequestInvalid) } else { Submission::read(bytes).err() }
    }

    fn can_take(&self, queue: usize) -> bool {
        self.enable && self.flights.len() < 1 << self.build.flights_log2 && self.queues[queue].can_take()
    }

    /// The flight that can be worked on.
    fn ready(&self) -> Option<usize> {
        let waits = |flight: &Flight| {
            let of_the_core = matches!(flight.raw.kind(), Some(Kind::Integrate | Kind::Fuse));
            of_the_core && flight.refused.is_none() && !self.core.enabled()
        };
        self.flights.iter().position(|flight| !waits(flight))
    }

    /// Takes a submission from each queue in turn, as long as there are any and there is room.
    fn take(&mut self, host: &dyn HostMemory) {
        let count = self.queues.len();
        while let Some(queue) = (0..count).map(|k| (self.turn + k) % count).find(|&queue| self.can_take(queue)) {
            self.turn = (queue + 1) % count;
            let address = self.queues[queue].take();
            let mut bytes = [0; ENTRY_BYTES];
            let refused = match self.bus.read(host, address, &mut bytes) {
                Ok(()) => self.refusal(&bytes),
                Err(_) => Some(Status::DmaFault),
            };
            self.flights.push_back(Flight { queue, raw: RawSubmission { bytes }, refused, taken: self.now() });
        }
    }

    fn now(&self) -> u64 {
        self.clock + self.bus.beats()
    }

    fn work(&mut self, raw: &RawSubmission, host: &dyn HostMemory) -> Outcome {
        let done = match raw.kind() {
            Some(Kind::Integrate) => work::integrate(&mut self.core, &self.memory, &mut self.bus, raw, host),
            Some(Kind::Upload) => work::upload(&mut self.memory, &mut self.bus, raw, host),
            Some(Kind::Copy) => work::copy(&mut self.bus, raw, host),
            Some(Kind::Encode) => work::encode(&mut self.bus, raw, self.build.shape.block_bytes(), host),
            Some(Kind::Fuse) => work::fuse(&mut self.core, &self.memory, &mut self.bus, raw, host),
            None => Ok(Outcome::refused(Status::RequestInvalid)),
        };
        done.unwrap_or(Outcome::refused(Status::DmaFault))
    }

    fn complete(&mut self, flight: &Flight, outcome: &Outcome, host: &dyn HostMemory) {
        let cycles = self.now() - flight.taken;
        let queue = &mut self.queues[flight.queue];
        let (address, index) = queue.complete();
        let completion = Completion {
            handle: flight.raw.handle(),
            sequence: flight.raw.sequence(),
            status: outcome.status,
            kind: flight.raw.bytes[5],
            queue: flight.queue as u8,
            result_bytes: outcome.bytes,
            job_bytes: flight.raw.job_bytes(),
            cycles,
            crc: outcome.crc,
            chunk_bytes: outcome.chunk_bytes,
            chunk_crc: outcome.chunk_crc,
            submission_head: queue.submission_head,
            index,
        };
        let bytes = completion.to_bytes(queue.completion_log2);
        // The phase last: bytes of one write may become visible in any order. An entry that cannot be written is lost, as
        // the fault registers tell.
        let (entry, phase) = bytes.split_at(ENTRY_BYTES - 4);
        if self.bus.write(host, address, entry).is_ok() {
            self.bus.write(host, address.wrapping_add(entry.len() as u64), phase).ok();
        }
        self.completions = self.completions.wrapping_add(1);
        let now = self.now();
        self.queues[flight.queue].written(now);
    }

    /// Sends the interrupts that are due; all that are held back when there is nothing else to wait for.
    fn send(&mut self, idle: bool, interrupt: &mut dyn FnMut(u32)) {
        for vector in 0..self.queues.len() {
            let Some(due) = self.queues[vector].due(self.moderation) else { continue };
            let now = self.now();
            if due > now && !idle {
                continue;
            }
            self.clock += due.saturating_sub(now);
            self.queues[vector].disarm();
            self.interrupts = self.interrupts.wrapping_add(1);
            interrupt(vector as u32);
        }
    }
}

impl Device for FunctionalCard {
    fn describe(&self) -> String {
        let Build { shape, queues, memory_log2, encoders, .. } = self.build;
        let encodes = if encoders > 0 { format!(", encoder lanes {encoders}") } else { String::new() };
        format!(
            "spec: the definition behind rings, without a clock; lanes {}, blocks of {} bytes, bins {}, queues {queues}, \
             table memory {} MiB{encodes}",
            shape.lanes,
            shape.block_bytes(),
            shape.bins(),
            (1u64 << memory_log2) >> 20,
        )
    }

    fn read(&mut self, offset: u32) -> u32 {
        match map::place(offset, &self.build) {
            Some(Place::Core(register)) => {
                let (busy, now) = (self.has(Kind::Integrate) || self.has(Kind::Fuse), self.now());
                self.core.read(register, busy, now)
            }
            Some(Place::Stall { lane, index }) => self.core.stall(lane, index),
            Some(Place::Ring(register)) => self.ring_read(register.name),
            Some(Place::Queue(queue, register)) => self.queues[queue].read(register.name),
            None => u32::MAX,
        }
    }

    fn write(&mut self, offset: u32, value: u32) {
        match map::place(offset, &self.build) {
            Some(Place::Core(register)) => self.core.write(register, value),
            Some(Place::Ring(register)) => self.ring_write(register.name, value),
            Some(Place::Queue(queue, register)) => {
                let now = self.now();
                self.queues[queue].write(register.name, value, now);
            }
            Some(Place::Stall { .. }) | None => {}
        }
    }

    fn run(&mut self, memory: &dyn HostMemory, interrupt: &mut dyn FnMut(u32)) -> Result<bool, ModelError> {
        self.take(memory);
        if let Some(flight) = self.ready().and_then(|at| self.flights.remove(at)) {
            let outcome = match flight.refused {
                Some(status) => Outcome::refused(status),
                None => self.work(&flight.raw, memory),
            };
            self.complete(&flight, &outcome, memory);
        }
        let more = self.ready().is_some() || (0..self.queues.len()).any(|queue| self.can_take(queue));
        self.send(!more, interrupt);
        Ok(more)
    }

    fn reset(&mut self) {
        *self = FunctionalCard::new(self.build);
    }
}

#[cfg(test)]
mod tests;
