//! The gateware of a whole card behind the bus: ring engine, core and lanes, with host memory and table memory around.
//!
//! It works in cycles. While a register is accessed the memories hold still, so that host memory is reached in `run`
//! alone.

mod axi;

use super::table_memory::TableMemory;
use super::{Device, HostMemory};
use crate::bench::PATIENCE;
use crate::bench::register_bus::RegisterBus;
use crate::designs::Design;
use crate::model::ModelError;
use axi::{AxiMemory, Backing};
use debye_hdl::base::random::Stalls;
use debye_hdl::base::stream::Sink;
use debye_spec::registers::register;
use debye_spec::ring_map::{MODERATION_CYCLES, MODERATION_UNIT, ring_register};

/// Cycles of reset.
const RESET: u64 = 20;
/// Cycles from a read of host memory to its data: a microsecond at 250 MHz.
const HOST_LATENCY: u64 = 250;
/// Cycles from a read of the table memory to its data.
const TABLE_LATENCY: u64 = 60;
/// Cycles of one call of `run`.
const SLICE: u64 = 512;
/// Cycles without movement after which nothing is on its way in an engine without work.
const QUIET: u64 = 4096;

impl Backing for &dyn HostMemory {
    fn read(&mut self, address: u64, bytes: &mut [u8]) -> bool {
        HostMemory::read(*self, address, bytes).is_ok()
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> bool {
        HostMemory::write(*self, address, bytes).is_ok()
    }
}

impl Backing for TableMemory {
    fn read(&mut self, address: u64, bytes: &mut [u8]) -> bool {
        let held = self.holds(address, bytes.len() as u64);
        if held {
            bytes.copy_from_slice(&TableMemory::read(self, address, bytes.len()));
        }
        held
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> bool {
        let held = self.holds(address, bytes.len() as u64);
        if held {
            TableMemory::write(self, address, bytes);
        }
        held
    }
}

/// See the module.
pub struct GatewareCard {
    pins: Design,
    description: String,
    memory_log2: u32,
    reset: usize,
    registers: RegisterBus,
    host: AxiMemory,
    table: AxiMemory,
    memory: TableMemory,
    vectors: Sink<1>,
    interrupts: Vec<u32>,
    cycle: u64,
    /// When something moved last, or was written.
    moved: u64,
    /// How long an interrupt may be held back, and a lane wait for input.
    moderation: u64,
    watchdog: u64,
    failed: Option<ModelError>,
}

impl GatewareCard {
    /// Resets a card with a table memory of 2^`memory_log2` bytes.
    pub fn new(pins: Design, description: String, memory_log2: u32) -> GatewareCard {
        let still = Stalls::new(None, 0);
        let mut card = GatewareCard {
            reset: pins.port("reset"),
            registers: RegisterBus::new(&*pins, None, 0),
            host: AxiMemory::new(&*pins, "m_axi_host", HOST_LATENCY),
            table: AxiMemory::new(&*pins, "m_axi_mem", TABLE_LATENCY),
            memory: TableMemory::new(memory_log2),
            vectors: Sink::new(&*pins, "m_axis_irq_tvalid", "m_axis_irq_tready", ["m_axis_irq_tdata"], still),
            pins,
            description,
            memory_log2,
            interrupts: vec![],
            cycle: 0,
            moved: 0,
            moderation: 0,
            watchdog: 0,
            failed: None,
        };
        card.reset();
        card
    }

    /// One cycle.
    fn step(&mut self, host: Option<&dyn HostMemory>) -> Result<(), ModelError> {
        let (pins, cycle) = (&mut *self.pins, self.cycle);
        let mut backing = host;
        let mut table = host.map(|_| &mut self.memory);
        self.registers.drive(pins);
        self.host.drive(pins, cycle, backing.as_mut().map(|host| host as &mut dyn Backing));
        self.table.drive(pins, cycle, table.as_mut().map(|table| *table as &mut dyn Backing));
        self.vectors.drive(pins, true);
        pins.settle();

        self.registers.look(pins, cycle)?;
        let mut moved = self.host.look(pins, cycle, backing.as_mut().map(|host| host as &mut dyn Backing))?;
        moved |= self.table.look(pins, cycle, table.map(|table| table as &mut dyn Backing))?;
        if let Some([vector]) = self.vectors.passed(pins, cycle)? {
            self.interrupts.push(vector[0] as u32);
            moved = true;
        }
        if moved {
            self.moved = cycle;
        }
        self.pins.tick();
        self.cycle += 1;
        Ok(())
    }

    /// Waits for the answer to a register access: its data, all ones for SLVERR.
    fn access(&mut self) -> Result<u32, ModelError> {
        let start = self.cycle;
        loop {
            self.step(None)?;
            if let Some(response) = self.registers.take_response() {
                return Ok(if response.code == 0 { response.data } else { u32::MAX });
            }
            if self.cycle - start > PATIENCE {
                return Err(ModelError::Hang { cycle: self.cycle, idle: PATIENCE, frames: 0 });
            }
        }
    }

    /// Accesses a register of a card that has not failed.
    fn accessed(&mut self) -> u32 {
        match self.access() {
            Ok(data) => data,
            Err(error) => {
                self.failed = Some(error);
                u32::MAX
            }
        }
    }

    /// Whether anything may still happen without the host.
    fn works(&mut self) -> bool {
        let idle = self.cycle - self.moved;
        if idle < QUIET + self.moderation || !self.host.is_idle() || !self.table.is_idle() {
            return true;
        }
        let in_flight = ring_register("in_flight").map_or(0, |register| self.read(register.offset));
        in_flight != 0 && idle < PATIENCE.max(2 * self.watchdog)
    }
}

impl Device for GatewareCard {
    fn describe(&self) -> String {
        self.description.clone()
    }

    fn read(&mut self, offset: u32) -> u32 {
        if self.failed.is_some() || offset >= 1 << 16 {
            return u32::MAX;
        }
        self.registers.read(offset & !3);
        self.accessed()
    }

    fn write(&mut self, offset: u32, value: u32) {
        if self.failed.is_some() || offset >= 1 << 16 {
            return;
        }
        if ring_register("moderation").is_some_and(|register| register.offset == offset) {
            self.moderation = MODERATION_UNIT as u64 * MODERATION_CYCLES.get(value) as u64;
        }
        if register("watchdog").is_some_and(|register| register.offset == offset) {
            self.watchdog = value.into();
        }
        self.registers.write(offset & !3, value);
        self.accessed();
        self.moved = self.cycle;
    }

    fn run(&mut self, memory: &dyn HostMemory, interrupt: &mut dyn FnMut(u32)) -> Result<bool, ModelError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        for _ in 0..SLICE {
            self.step(Some(memory))?;
        }
        let works = self.works();
        self.interrupts.drain(..).for_each(interrupt);
        Ok(works)
    }

    fn reset(&mut self) {
        let pins = &*self.pins;
        self.registers = RegisterBus::new(pins, None, 0);
        self.host = AxiMemory::new(pins, "m_axi_host", HOST_LATENCY);
        self.table = AxiMemory::new(pins, "m_axi_mem", TABLE_LATENCY);
        let still = Stalls::new(None, 0);
        self.vectors = Sink::new(pins, "m_axis_irq_tvalid", "m_axis_irq_tready", ["m_axis_irq_tdata"], still);
        self.memory = TableMemory::new(self.memory_log2);
        self.interrupts.clear();
        (self.moderation, self.watchdog, self.failed) = (0, 0, None);
        self.pins.set_u64(self.reset, 1);
        // Nothing is offered to a card in reset, and nothing taken.
        self.registers.drive(&mut *self.pins);
        self.host.drive(&mut *self.pins, self.cycle, None);
        self.table.drive(&mut *self.pins, self.cycle, None);
        self.vectors.drive(&mut *self.pins, false);
        for _ in 0..RESET {
            self.pins.settle();
            self.pins.tick();
            self.cycle += 1;
        }
        self.pins.set_u64(self.reset, 0);
        self.moved = self.cycle;
    }
}
