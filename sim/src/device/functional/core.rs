//! The card core's registers, and the table as they describe it.

use crate::device::table_memory::TableMemory;
use crate::model::Shape;
use debye_spec::Element;
use debye_spec::card_table::CardTable;
use debye_spec::ops::{OP_BYTES, Op};
use debye_spec::registers::{
    Access, BUSY, CLEAR_COUNTERS, Capabilities, ENABLE, IDENTITY, MAP_VERSION, REGISTER_COUNT, Register, SOFT_RESET,
    STALLS, TABLE_FAULT, map_hash,
};
use debye_spec::wire::element_code;
use std::sync::Arc;

/// Stamp of this model in the register `build`.
const STAMP: u32 = u32::from_le_bytes(*b"SPEC");
/// log2 of the operations that a lane's FIFO holds in the gateware; nothing here depends on it.
const OP_FIFO_LOG2: u32 = 9;

/// See the module.
pub struct Core {
    /// Lanes, blocks, bins.
    pub shape: Shape,
    map_hash: u32,
    values: [u32; REGISTER_COUNT],
    accepted: u32,
    done: u32,
    table_faults: u32,
    cycles_high: u32,
    /// Frames of each lane.
    lanes: Vec<u32>,
    table: Option<(Described, Arc<[Op]>)>,
}

/// Where the registers say that the operations stand, and when that was read.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Described {
    address: u64,
    ops: u32,
    version: u64,
}

fn index(register: &Register) -> usize {
    register.offset as usize / 4
}

impl Core {
    /// As after power-on.
    pub fn new(shape: Shape) -> Core {
        Core {
            shape,
            map_hash: map_hash(),
            values: [0; REGISTER_COUNT],
            accepted: 0,
            done: 0,
            table_faults: 0,
            cycles_high: 0,
            lanes: vec![0; shape.lanes],
            table: None,
        }
    }

    fn value(&self, name: &str) -> u32 {
        debye_spec::registers::register(name).map_or(0, |register| self.values[index(register)])
    }

    /// Whether frames are worked on.
    pub fn enabled(&self) -> bool {
        ENABLE.get(self.value("control")) != 0
    }

    /// Works on no more frames.
    pub fn disable(&mut self) {
        if let Some(control) = debye_spec::registers::register("control") {
            self.values[index(control)] = 0;
        }
    }

    /// A register.
    pub fn read(&mut self, register: &Register, busy: bool, now: u64) -> u32 {
        match register.name {
            "identity" => IDENTITY,
            "map_version" => MAP_VERSION,
            "map_hash" => self.map_hash,
            "build" => STAMP,
            "capabilities" => self.capabilities().to_registers()[0],
            "max_bins" => self.capabilities().to_registers()[1],
            "status" => TABLE_FAULT.put(BUSY.put(0, busy.into()), (self.table_faults != 0).into()),
            "frames_accepted" => self.accepted,
            "frames_done" => self.done,
            "table_faults" => self.table_faults,
            "cycles_low" => {
                self.cycles_high = (now >> 32) as u32;
                now as u32
            }
            "cycles_high" => self.cycles_high,
            _ => self.values[index(register)],
        }
    }

    fn capabilities(&self) -> Capabilities {
        let elements = Element::ALL.into_iter().map(|element| 1 << element_code(element)).sum();
        Capabilities {
            lanes: self.shape.lanes as u32,
            groups: 1,
            block_log2: self.shape.block,
            op_fifo_log2: OP_FIFO_LOG2,
            elements,
            max_bins: self.shape.bins() as u32,
        }
    }

    /// Writes a register.
    pub fn write(&mut self, register: &Register, value: u32) {
        if register.access == Access::Read {
            return;
        }
        let mut value = value & register.mask();
        if register.name == "control" {
            if CLEAR_COUNTERS.get(value) != 0 {
                (self.accepted, self.done, self.table_faults) = (0, 0, 0);
                self.lanes.fill(0);
            }
            // No frame is ever in a lane between two accesses: a reset of the lanes changes nothing.
            value = SOFT_RESET.put(CLEAR_COUNTERS.put(value, 0), 0);
        }
        self.values[index(register)] = value;
    }

    /// A lane's counter: nothing waits without a clock.
    pub fn stall(&self, lane: usize, index: usize) -> u32 {
        if index + 1 == STALLS.len() { self.lanes.get(lane).copied().unwrap_or(0) } else { 0 }
    }

    /// A frame went through a lane.
    pub fn count_frame(&mut self) {
        let lanes = self.lanes.len().max(1);
        if let Some(lane) = self.lanes.get_mut(self.accepted as usize % lanes) {
            *lane = lane.wrapping_add(1);
        }
        self.accepted = self.accepted.wrapping_add(1);
        self.done = self.done.wrapping_add(1);
    }

    /// The table as a frame with pixels of that type finds it. Operations that are not in the memory are as good as none:
    /// no frame matches them.
    pub fn table(&mut self, memory: &TableMemory, element: Element) -> CardTable {
        let address = self.value("table_address_low") as u64 | (self.value("table_address_high") as u64) << 32;
        let described = Described { address: address & !63, ops: self.value("table_ops"), version: memory.version() };
        let ops = match &self.table {
            Some((of, ops)) if *of == described => ops.clone(),
            _ => {
                let ops = self.read_ops(memory, &described);
                self.table = Some((described, ops.clone()));
                ops
            }
        };
        if !memory.holds(described.address, described.ops as u64 * OP_BYTES as u64) {
            self.table_faults = self.table_faults.wrapping_add(1);
        }
        CardTable {
            id: self.value("table_id"),
            element,
            pixels: self.value("table_pixels"),
            bins: self.value("table_bins"),
            ops,
        }
    }

    fn read_ops(&self, memory: &TableMemory, table: &Described) -> Arc<[Op]> {
        let bytes = table.ops as u64 * OP_BYTES as u64;
        if !memory.holds(table.address, bytes) {
            return Arc::new([]);
        }
        let bytes = memory.read(table.address, bytes as usize);
        bytes.as_chunks::<OP_BYTES>().0.iter().map(|&op| Op(u128::from_le_bytes(op))).collect()
    }
}
