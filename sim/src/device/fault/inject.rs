//! A card with faults around it.

use super::tap::{State, Tap, lock};
use super::{Capability, Fault, FaultKind};
use crate::device::{Device, HostMemory};
use crate::model::ModelError;
use debye_spec::Element;
use debye_spec::registers::{Capabilities, register};
use debye_spec::ring_map::{RING_RESET, RingCapabilities, ring_register};
use debye_spec::rings::{Kind, kind_bit};
use debye_spec::wire::element_code;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

/// See [`super`].
pub struct FaultyCard {
    card: Box<dyn Device>,
    state: Mutex<State>,
    /// Interrupts that wait for completions that are kept back.
    interrupts: Vec<u32>,
    die: Box<dyn FnMut() + Send>,
}

/// Where a register of the engine or the core stands.
fn offset_of(name: &str) -> u32 {
    register(name).or_else(|| ring_register(name)).map_or(u32::MAX, |register| register.offset)
}

/// What a register says of a card that lacks something.
fn lacking(capability: Capability, offset: u32, value: u32) -> u32 {
    let ring = || RingCapabilities::from_register(value);
    match capability {
        Capability::Elements if offset == offset_of("capabilities") => {
            let elements = 1 << element_code(Element::U8);
            Capabilities { elements, ..Capabilities::from_registers(value, 0) }.to_registers()[0]
        }
        Capability::Kinds if offset == offset_of("ring_capabilities") => {
            RingCapabilities { kinds: kind_bit(Kind::Copy), ..ring() }.to_register()
        }
        Capability::Queues if offset == offset_of("ring_capabilities") => {
            RingCapabilities { queues: 0, ..ring() }.to_register()
        }
        _ => value,
    }
}

impl FaultyCard {
    /// A card with these faults. `die` is called when the process is to end.
    pub fn new(card: Box<dyn Device>, faults: Vec<Fault>, die: Box<dyn FnMut() + Send>) -> FaultyCard {
        FaultyCard { card, state: Mutex::new(State::new(faults)), interrupts: vec![], die }
    }

    fn come_back(&mut self) {
        self.interrupts.clear();
        let state = self.state();
        state.reset();
        state.removed = false;
    }

    fn state(&mut self) -> &mut State {
        self.state.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Device for FaultyCard {
    fn describe(&self) -> String {
        let state = lock(&self.state);
        let faults: Vec<String> = state.faults().iter().map(ToString::to_string).collect();
        format!("{}; faults: {}", self.card.describe(), faults.join("; "))
    }

    fn read(&mut self, offset: u32) -> u32 {
        if !self.present() {
            return u32::MAX;
        }
        let shift = self.state().rings.shift_of(offset);
        let value = self.card.read(offset).wrapping_add(shift);
        self.state().faults().iter().fold(value, |value, fault| match fault.kind {
            FaultKind::VersionMismatch if offset == offset_of("map_version") => value.wrapping_add(1),
            FaultKind::VersionMismatch if offset == offset_of("map_hash") => !value,
            FaultKind::CapabilityMissing(capability) => lacking(capability, offset, value),
            _ => value,
        })
    }

    fn write(&mut self, offset: u32, value: u32) {
        if !self.present() {
            return;
        }
        let shift = self.state().rings.shift_of(offset);
        self.card.write(offset, value.wrapping_sub(shift));
        let state = self.state.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        state.rings.look(offset, &mut *self.card);
        if offset == offset_of("ring_control") && RING_RESET.get(value) != 0 {
            state.reset();
            self.interrupts.clear();
        }
    }

    fn run(&mut self, memory: &dyn HostMemory, interrupt: &mut dyn FnMut(u32)) -> Result<bool, ModelError> {
        if self.state().cut_off() {
            return Ok(false);
        }
        let (state, waiting) = (&self.state, &mut self.interrupts);
        let more = self.card.run(&Tap { host: memory, state }, &mut |vector| waiting.push(vector))?;
        let state = self.state.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        if state.dies {
            (self.die)();
        }
        if state.cut_off() {
            self.interrupts.clear();
            return Ok(false);
        }
        state.release(!more, memory);
        if !state.holds() {
            for vector in self.interrupts.drain(..) {
                if !state.loses_interrupt() {
                    interrupt(vector);
                }
            }
        } else if !more {
            // Nothing but the time of a completion is waited for.
            thread::sleep(Duration::from_millis(1));
        }
        Ok(more || state.holds())
    }

    /// A reset brings back a card that hangs. One that was removed comes back too: only a client that is gone can bring
    /// that about, as nothing of the one before reaches it.
    fn reset(&mut self) {
        self.card.reset();
        self.come_back();
    }

    fn power_cycle(&mut self) {
        self.card.power_cycle();
        self.come_back();
    }

    fn subsystem(&self) -> u16 {
        self.card.subsystem()
    }

    fn present(&self) -> bool {
        !lock(&self.state).removed && self.card.present()
    }
}
