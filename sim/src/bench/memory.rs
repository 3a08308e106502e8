//! The card's memory for the table's operations, as an AXI4 slave that is only read.

use crate::model::ModelError;
use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Stalls;
use debye_hdl::base::stream::{LIMBS, Sink, Source, word};
use debye_spec::ops::{OP_BYTES, Op};
use std::collections::VecDeque;
use std::sync::Arc;

/// Where the operations stand.
pub const TABLE_ADDRESS: u64 = 0x1_2340_0000;
/// Cycles from a read's address to its first data: what DDR takes behind an interconnect.
const LATENCY: u64 = 60;
/// Operations of a beat of 64 bytes.
const OPS: u64 = 64 / OP_BYTES as u64;
/// A burst never crosses one of these.
const PAGE: u64 = 4096;
/// Bursts that are kept until they are answered.
const BURSTS: usize = 16;

struct Burst {
    id: u64,
    address: u64,
    left: u64,
    due: u64,
}

/// See the module.
pub struct TableMemory {
    ops: Arc<[Op]>,
    bursts: VecDeque<Burst>,
    addresses: Sink<5>,
    data: Source<4>,
    random: Stalls,
}

impl TableMemory {
    /// On the ports `m_axi_ar*` and `m_axi_r*`.
    pub fn new<P: Pins + ?Sized>(pins: &P, seed: Option<u64>, first_stream: u64) -> TableMemory {
        let stalls = |stream| Stalls::new(seed, first_stream + stream);
        let address = ["m_axi_arid", "m_axi_araddr", "m_axi_arlen", "m_axi_arsize", "m_axi_arburst"];
        let data = ["m_axi_rid", "m_axi_rdata", "m_axi_rresp", "m_axi_rlast"];
        TableMemory {
            ops: Arc::new([]),
            bursts: VecDeque::new(),
            addresses: Sink::new(pins, "m_axi_arvalid", "m_axi_arready", address, stalls(0)),
            data: Source::new(pins, "m_axi_rvalid", "m_axi_rready", data, stalls(1)),
            random: stalls(2),
        }
    }

    /// Puts a table into the memory.
    pub fn put(&mut self, ops: Arc<[Op]>) {
        self.ops = ops;
    }

    /// Whether there is no table in it.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// Before the clock.
    pub fn drive<P: Pins + ?Sized>(&mut self, pins: &mut P, cycle: u64) {
        self.addresses.drive(pins, self.bursts.len() < BURSTS);
        let TableMemory { ops, bursts, .. } = self;
        self.data.drive(pins, || {
            let burst = bursts.front_mut().filter(|burst| burst.due <= cycle)?;
            let first = (burst.address - TABLE_ADDRESS) / OP_BYTES as u64;
            let mut limbs = [0; LIMBS];
            for k in 0..OPS {
                let op = ops.get((first + k) as usize).map_or(0, |op| op.0);
                (limbs[2 * k as usize], limbs[2 * k as usize + 1]) = (op as u64, (op >> 64) as u64);
            }
            let beat = [word(burst.id), limbs, word(0), word((burst.left == 1) as u64)];
            (burst.address, burst.left) = (burst.address + 64, burst.left - 1);
            if burst.left == 0 {
                bursts.pop_front();
            }
            Some(beat)
        });
    }

    /// After the design has settled; whether anything moved.
    ///
    /// # Errors
    /// [`ModelError::Bus`].
    pub fn look<P: Pins + ?Sized>(&mut self, pins: &mut P, cycle: u64) -> Result<bool, ModelError> {
        let sent = self.data.passed(pins).is_some();
        let Some([id, address, length, size, burst]) = self.addresses.passed(pins, cycle)? else { return Ok(sent) };
        let (address, beats) = (address[0], length[0] + 1);
        let broken = |rule: String| Err(ModelError::Bus { cycle, rule });
        if size[0] != 6 || burst[0] != 1 || address % 64 != 0 {
            return broken(format!("m_axi: not a burst of whole beats (size {}, burst {})", size[0], burst[0]));
        }
        if address % PAGE + 64 * beats > PAGE {
            return broken(format!("m_axi: a burst of {beats} beats at {address:#x} crosses a page"));
        }
        let end = TABLE_ADDRESS + (self.ops.len() as u64).div_ceil(OPS) * 64;
        if address < TABLE_ADDRESS || address + 64 * beats > end {
            return broken(format!("m_axi: a burst of {beats} beats at {address:#x} is not in the table"));
        }
        let due = cycle + LATENCY + self.random.below(LATENCY);
        self.bursts.push_back(Burst { id: id[0], address, left: beats, due });
        Ok(true)
    }
}
