//! What lies between a card and host memory, or its interrupts: completions and results are seen, and some of them spoilt.

use super::rings::Rings;
use super::{Fault, FaultKind, Wild, mix};
use crate::device::{DmaFault, HostMemory};
use debye_spec::rings::{Completion, ENTRY_BYTES, Kind, phase};
use debye_spec::wire::{HEADER_BYTES, RESULT_MAGIC, TRAILER_BYTES};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// An address that no host maps: it is not canonical.
const NOWHERE: u64 = 0xdead_0000_0000_0000;
/// Where the phase stands in a completion.
const PHASE_AT: usize = ENTRY_BYTES - 4;

/// How much earlier than the rest of a completion its phase appears.
const EARLY: Duration = Duration::from_millis(50);

/// A completion that is kept back.
struct Held {
    queue: u32,
    completion: Completion,
    /// When it is let go; `None`: when the next of its queue comes, or none.
    due: Option<Instant>,
}

/// What a card's faults have come to.
pub struct State {
    faults: Vec<Fault>,
    /// Completion rings.
    pub rings: Rings,
    /// Completions of frames.
    frames: u64,
    /// Frame whose result was spoilt last.
    spoilt: Option<u64>,
    interrupts: u64,
    held: Vec<Held>,
    /// Entries of which the phase is still to come.
    partial: BTreeMap<u64, [u8; ENTRY_BYTES]>,
    /// It hangs until it is reset.
    pub hung: bool,
    /// It is gone from the bus.
    pub removed: bool,
    /// The process is to end.
    pub dies: bool,
}

impl State {
    /// No fault has happened.
    pub fn new(faults: Vec<Fault>) -> State {
        State {
            faults,
            rings: Rings::default(),
            frames: 0,
            spoilt: None,
            interrupts: 0,
            held: vec![],
            partial: BTreeMap::new(),
            hung: false,
            removed: false,
            dies: false,
        }
    }

    /// The card was reset.
    pub fn reset(&mut self) {
        self.rings.clear();
        self.held.clear();
        self.partial.clear();
        self.hung = false;
    }

    /// Whether anything is kept back.
    pub fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// Nothing that the card does reaches the host.
    pub fn cut_off(&self) -> bool {
        self.hung || self.removed || self.dies
    }

    /// What is kept, for the reader of `--help` and logs.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    fn of_frame(&self, frame: u64, wanted: impl Fn(FaultKind) -> bool) -> Option<FaultKind> {
        self.faults.iter().find(|fault| wanted(fault.kind) && fault.trigger.fires(frame)).map(|fault| fault.kind)
    }

    /// Whether this interrupt is lost.
    pub fn loses_interrupt(&mut self) -> bool {
        let number = self.interrupts;
        self.interrupts += 1;
        self.of_frame(number, |kind| kind == FaultKind::InterruptLost).is_some()
    }

    /// A completion on its way to the host.
    fn completion(&mut self, queue: u32, bytes: &[u8; ENTRY_BYTES], host: &dyn HostMemory) -> Result<(), DmaFault> {
        let completion = Completion::read(bytes);
        let mut kind = None;
        if [Kind::Integrate, Kind::Encode, Kind::Fuse].map(|kind| kind as u8).contains(&completion.kind) {
            let before =
                |kind| !matches!(kind, FaultKind::CorruptResult | FaultKind::DmaUnmapped | FaultKind::InterruptLost);
            kind = self.of_frame(self.frames, before);
            self.frames += 1;
        }
        let earlier = self.held.iter().position(|held| held.queue == queue && held.due.is_none());
        if let Some(earlier) = earlier.map(|at| self.held.remove(at).completion) {
            let (index, head) = (earlier.index, earlier.submission_head);
            self.write(queue, Completion { index, submission_head: head, ..completion }, host)?;
            let (index, head) = (completion.index, completion.submission_head);
            return self.write(queue, Completion { index, submission_head: head, ..earlier }, host);
        }
        let held = |due| Held { queue, completion, due };
        match kind {
            Some(FaultKind::Die) => self.dies = true,
            Some(FaultKind::Removed) => self.removed = true,
            Some(FaultKind::Hang) => self.hung = true,
            Some(FaultKind::CompletionLost) => {}
            Some(FaultKind::CompletionDelayed(ms)) => {
                self.held.push(held(Some(Instant::now() + Duration::from_millis(ms))));
            }
            Some(FaultKind::CompletionReordered) => self.held.push(held(None)),
            Some(FaultKind::CompletionDuplicated) => {
                self.write(queue, completion, host)?;
                if let Some(ring) = self.rings.get(queue) {
                    ring.shift = ring.shift.wrapping_add(1);
                }
                return self.write(queue, completion, host);
            }
            Some(FaultKind::WildCompletion(wild)) => return self.wild(wild, queue, completion, host),
            _ => return self.write(queue, completion, host),
        }
        Ok(())
    }

    fn wild(&mut self, wild: Wild, queue: u32, completion: Completion, host: &dyn HostMemory) -> Result<(), DmaFault> {
        match wild {
            Wild::Length => self.write(queue, Completion { result_bytes: 0xffff_fff0, ..completion }, host),
            Wild::Handle => {
                let handle = mix(completion.handle, self.frames);
                self.write(queue, Completion { handle, ..completion }, host)
            }
            Wild::Phase => {
                self.write(queue, completion, host)?;
                let Some(ring) = self.rings.get(queue) else { return Ok(()) };
                let next = completion.index.wrapping_add(ring.shift).wrapping_add(1);
                let seen = u32::from(phase(next, ring.depth_log2)).to_le_bytes();
                host.write(ring.entry(next) + PHASE_AT as u64, &seen)
            }
            Wild::Early => {
                self.held.push(Held { queue, completion, due: Some(Instant::now() + EARLY) });
                let Some(ring) = self.rings.get(queue) else { return Ok(()) };
                let index = completion.index.wrapping_add(ring.shift);
                let seen = u32::from(phase(index, ring.depth_log2)).to_le_bytes();
                host.write(ring.entry(index) + PHASE_AT as u64, &seen)
            }
        }
    }

    /// Writes a completion to the entry of its index; the phase last.
    fn write(&mut self, queue: u32, mut completion: Completion, host: &dyn HostMemory) -> Result<(), DmaFault> {
        let Some(ring) = self.rings.get(queue) else { return Ok(()) };
        completion.index = completion.index.wrapping_add(ring.shift);
        let (address, bytes) = (ring.entry(completion.index), completion.to_bytes(ring.depth_log2));
        host.write(address, &bytes[..PHASE_AT])?;
        host.write(address + PHASE_AT as u64, &bytes[PHASE_AT..])
    }

    /// Lets go of completions whose time has come; of those that change places too when there is nothing to change with.
    pub fn release(&mut self, idle: bool, host: &dyn HostMemory) {
        let now = Instant::now();
        let goes = |held: &mut Held| held.due.map_or(idle, |due| due <= now);
        let going: Vec<Held> = self.held.extract_if(.., goes).collect();
        for held in going {
            // The card has long gone on; a ring that is not mapped any more cannot be told of.
            self.write(held.queue, held.completion, host).ok();
        }
    }

    /// Anything but a completion on its way to the host.
    fn other(&mut self, address: u64, bytes: &[u8], host: &dyn HostMemory) -> Result<(), DmaFault> {
        if begins_result(bytes) && self.spoilt != Some(self.frames) {
            let kinds = |kind| matches!(kind, FaultKind::CorruptResult | FaultKind::DmaUnmapped);
            match self.of_frame(self.frames, kinds) {
                Some(FaultKind::DmaUnmapped) => {
                    self.spoilt = Some(self.frames);
                    return host.write(NOWHERE | address & 0xffff_ffff_ffff, bytes);
                }
                Some(_) if bytes.len() > HEADER_BYTES + TRAILER_BYTES => {
                    self.spoilt = Some(self.frames);
                    let mut bytes = bytes.to_vec();
                    bytes[HEADER_BYTES] ^= 1 << (mix(self.frames, 0) % 8);
                    return host.write(address, &bytes);
                }
                _ => {}
            }
        }
        host.write(address, bytes)
    }
}

/// Whether a write is the beginning of a result, or of a chunk in blocks of a size that cards have.
fn begins_result(bytes: &[u8]) -> bool {
    match bytes.first_chunk() {
        Some(&[0, 0, 0, 0, _, _, _, _, a, b, c, d]) => {
            let block = u32::from_be_bytes([a, b, c, d]);
            block.is_power_of_two() && (10..=20).contains(&block.trailing_zeros())
        }
        Some([a, b, c, d, ..]) => u32::from_le_bytes([*a, *b, *c, *d]) == RESULT_MAGIC,
        None => false,
    }
}

/// Host memory as a faulty card reaches it.
pub struct Tap<'a> {
    /// Host memory.
    pub host: &'a dyn HostMemory,
    /// The card's faults.
    pub state: &'a Mutex<State>,
}

/// The state, whoever panicked before.
pub fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl HostMemory for Tap<'_> {
    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), DmaFault> {
        self.host.read(address, bytes)
    }

    fn write(&self, mut address: u64, mut bytes: &[u8]) -> Result<(), DmaFault> {
        let mut state = lock(self.state);
        while !bytes.is_empty() {
            if state.cut_off() {
                return Ok(());
            }
            let Some((queue, inside)) = state.rings.find(address) else {
                return state.other(address, bytes, self.host);
            };
            let (piece, rest) = bytes.split_at((ENTRY_BYTES - inside).min(bytes.len()));
            let start = address - inside as u64;
            let entry = state.partial.entry(start).or_insert([0; ENTRY_BYTES]);
            entry[inside..inside + piece.len()].copy_from_slice(piece);
            if inside + piece.len() == ENTRY_BYTES {
                let entry = state.partial.remove(&start).unwrap_or([0; ENTRY_BYTES]);
                state.completion(queue, &entry, self.host)?;
            }
            (address, bytes) = (address + piece.len() as u64, rest);
        }
        Ok(())
    }
}
