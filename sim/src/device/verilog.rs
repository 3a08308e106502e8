//! The gateware of a whole card as a [`Device`]: its emitted Verilog under Verilator, or Rust-HDL itself, with host
//! memory and interrupts behind its buses.
//!
//! Its clock runs in `run`, as long as something moves on its buses and some time longer, and for the accesses to its
//! registers. Host memory stands still while a register is accessed.

use super::functional::Build;
use super::functional::table_memory::TableMemory;
use super::{Device, DmaFault, HostMemory};
use crate::bench::PATIENCE;
use crate::bench::axi_memory::AxiMemory;
use crate::bench::random::Stalls;
use crate::bench::register_bus::RegisterBus;
use crate::bench::stream::Sink;
use crate::designs::{Design, Simulator, ring_card};
use crate::model::ModelError;
use debye_spec::ring_map::{MODERATION_COUNT, MODERATION_CYCLES, MODERATION_UNIT, ring_register};
use std::sync::{Mutex, PoisonError};

/// Cycles of reset.
const RESET: u64 = 20;
/// Cycles of one call of `run`.
const SLICE: u64 = 2000;
/// Cycles without a movement after which a card has nothing to do: longer than a lane needs to read a frame out.
const QUIET: u64 = 10_000;

/// The table memory as a bus reaches it.
struct Table(Mutex<TableMemory>);

impl HostMemory for Table {
    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), DmaFault> {
        let memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !memory.holds(address, bytes.len() as u64) {
            return Err(DmaFault { address, bytes: bytes.len() });
        }
        bytes.copy_from_slice(&memory.read(address, bytes.len()));
        Ok(())
    }

    fn write(&self, address: u64, bytes: &[u8]) -> Result<(), DmaFault> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !memory.holds(address, bytes.len() as u64) {
            return Err(DmaFault { address, bytes: bytes.len() });
        }
        memory.write(address, bytes);
        Ok(())
    }
}

/// See the module.
pub struct GatewareCard {
    build: Build,
    simulator: Simulator,
    pins: Design,
    reset: usize,
    registers: RegisterBus,
    host: AxiMemory,
    memory: AxiMemory,
    table: Table,
    interrupts: Sink<1>,
    /// Interrupts that came while a register was accessed.
    vectors: Vec<u32>,
    cycle: u64,
    moved: u64,
    moderation: u32,
    /// Why it cannot go on.
    failed: Option<ModelError>,
}

impl GatewareCard {
    /// A card as after power-on. Making it takes a while when it was not made before.
    ///
    /// # Errors
    /// [`ModelError::Build`].
    pub fn new(simulator: Simulator, build: Build) -> Result<GatewareCard, ModelError> {
        if build.flights_log2 != 6 {
            return Err(ModelError::Build(format!("it keeps 2^6 submissions in flight, not 2^{}", build.flights_log2)));
        }
        let pins = ring_card(simulator, &build.shape, build.queues, build.memory_log2)?;
        let mut card = GatewareCard {
            reset: pins.port("reset"),
            registers: RegisterBus::new(&*pins, None, 0),
            host: AxiMemory::new(&*pins, "m_axi_host", None, 0),
            memory: AxiMemory::new(&*pins, "m_axi_mem", None, 0),
            table: Table(Mutex::new(TableMemory::new(build.memory_log2))),
            interrupts: interrupts(&pins),
            vectors: Vec::new(),
            build,
            simulator,
            pins,
            cycle: 0,
            moved: 0,
            moderation: 0,
            failed: None,
        };
        card.reset();
        Ok(card)
    }

    /// One cycle. Without host memory at hand its bus stands still.
    fn step(&mut self, memory: Option<&dyn HostMemory>) -> Result<(), ModelError> {
        let (pins, cycle) = (&mut *self.pins, self.cycle);
        self.registers.drive(pins);
        self.host.drive(pins, memory);
        self.memory.drive(pins, Some(&self.table));
        self.interrupts.drive(pins, true);
        pins.settle();
        self.registers.look(pins, cycle)?;
        let host = self.host.look(pins, cycle)?;
        let table = self.memory.look(pins, cycle)?;
        let interrupt = self.interrupts.passed(pins, cycle)?;
        if let Some([vector]) = interrupt {
            self.vectors.push(vector[0] as u32);
        }
        if host || table || interrupt.is_some() {
            self.moved = cycle;
        }
        pins.tick();
        self.cycle += 1;
        Ok(())
    }

    /// Runs until the access to a register is answered; nothing if it was refused, or never was.
    fn access(&mut self) -> Option<u32> {
        self.moved = self.cycle;
        for _ in 0..PATIENCE {
            if let Err(error) = self.step(None) {
                self.failed.get_or_insert(error);
                return None;
            }
            if let Some(response) = self.registers.take_response() {
                return (response.code == 0).then_some(response.data);
            }
        }
        self.failed.get_or_insert(ModelError::Hang { cycle: self.cycle, idle: PATIENCE, frames: 0 });
        None
    }

    /// Cycles without a movement after which nothing more will come: an interrupt may be held back.
    fn patience(&self) -> u64 {
        let held = match MODERATION_COUNT.get(self.moderation) {
            0 => 0,
            _ => MODERATION_UNIT * MODERATION_CYCLES.get(self.moderation),
        };
        QUIET + held as u64
    }
}

fn interrupts(pins: &Design) -> Sink<1> {
    Sink::new(&**pins, "m_axis_irq_tvalid", "m_axis_irq_tready", ["m_axis_irq_tdata"], Stalls::new(None, 0))
}

impl Device for GatewareCard {
    fn describe(&self) -> String {
        let Build { shape, queues, memory_log2, .. } = self.build;
        format!(
            "{}; lanes {}, blocks of {} bytes, bins {}, queues {queues}, table memory {} MiB",
            self.simulator.name(),
            shape.lanes,
            shape.block_bytes(),
            shape.bins(),
            (1u64 << memory_log2) >> 20,
        )
    }

    fn read(&mut self, offset: u32) -> u32 {
        if self.failed.is_some() || offset >= 1 << 16 {
            return u32::MAX;
        }
        self.registers.read(offset);
        self.access().unwrap_or(u32::MAX)
    }

    fn write(&mut self, offset: u32, value: u32) {
        if self.failed.is_some() || offset >= 1 << 16 {
            return;
        }
        if ring_register("moderation").is_some_and(|register| register.offset == offset) {
            self.moderation = value;
        }
        self.registers.write(offset, value);
        self.access();
    }

    fn run(&mut self, memory: &dyn HostMemory, interrupt: &mut dyn FnMut(u32)) -> Result<bool, ModelError> {
        for _ in 0..SLICE {
            if let Some(error) = &self.failed {
                return Err(error.clone());
            }
            if self.cycle - self.moved > self.patience() {
                break;
            }
            if let Err(error) = self.step(Some(memory)) {
                self.failed = Some(error);
            }
        }
        self.vectors.drain(..).for_each(interrupt);
        Ok(self.cycle - self.moved <= self.patience())
    }

    fn reset(&mut self) {
        let pins = &mut *self.pins;
        self.registers = RegisterBus::new(pins, None, 0);
        self.host = AxiMemory::new(pins, "m_axi_host", None, 0);
        self.memory = AxiMemory::new(pins, "m_axi_mem", None, 0);
        self.table = Table(Mutex::new(TableMemory::new(self.build.memory_log2)));
        pins.set_u64(self.reset, 1);
        (0..RESET).for_each(|_| pins.tick());
        pins.set_u64(self.reset, 0);
        self.interrupts = interrupts(&self.pins);
        self.vectors.clear();
        (self.cycle, self.moved, self.moderation, self.failed) = (self.cycle + RESET, self.cycle, 0, None);
    }
}
