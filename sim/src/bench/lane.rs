//! A single lane with requests, table operations and results around it, and its taps recorded: what passed between its
//! stages, and in which cycle.

use super::PATIENCE;
use crate::designs::Design;
use crate::model::{Config, ModelError, Stalls as LaneStalls};
use debye_hdl::base::random::Stalls;
use debye_hdl::base::stream::{LIMBS, Sink, Source, word};
use debye_spec::card_table::CardTable;
use debye_spec::ops::Op;
use debye_spec::registers;
use debye_spec::wire::HEADER_BYTES;
use std::collections::VecDeque;
use std::sync::Arc;

/// Cycles of reset.
const RESET: u64 = 20;
/// What stands behind a chunk in its last word: nobody may rely on zeros there.
const FILLER: u8 = 0xa5;
/// Stall conditions; the last of the registers' counts frames.
const STALLS: usize = registers::STALLS.len() - 1;

/// A beat from splitter to LZ4 decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockBeat {
    /// Cycle.
    pub cycle: u64,
    /// First byte in bits 7..0.
    pub data: u64,
    /// Bytes that count.
    pub bytes: u8,
    /// Last beat of a block.
    pub last: bool,
    /// 0: LZ4 block, 1: raw tail, 2: end of the frame.
    pub kind: u8,
}

/// A word of bit-planes, as the unshuffle reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaneWord {
    /// Cycle.
    pub cycle: u64,
    /// First byte in bits 7..0.
    pub data: u64,
}

/// A beat from unshuffle to integrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelBeat {
    /// Cycle.
    pub cycle: u64,
    /// First byte in bits 7..0.
    pub data: u64,
    /// Status, when it is the end of a frame.
    pub end: Option<u8>,
}

/// What passed between the stages and was not taken yet.
#[derive(Clone, Debug, Default)]
pub struct Taps {
    /// Splitter to LZ4 decoder.
    pub blocks: VecDeque<BlockBeat>,
    /// LZ4 decoder to unshuffle.
    pub planes: VecDeque<PlaneWord>,
    /// Unshuffle to integrator.
    pub pixels: VecDeque<PixelBeat>,
}

/// A result as it came out of the lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawResult {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Cycle of its last word.
    pub cycle: u64,
}

struct Ports {
    stall: usize,
    now: usize,
    blocks: [usize; 5],
    planes: [usize; 2],
    pixels: [usize; 4],
}

/// Words of a request and its chunk.
struct Sending {
    bytes: Arc<[u8]>,
    header: [u8; HEADER_BYTES],
    at: usize,
}

/// See the module.
pub struct LaneBench {
    pins: Design,
    config: Config,
    ports: Ports,
    requests: Source<1>,
    operations: Source<1>,
    results: Sink<2>,
    waiting: VecDeque<Sending>,
    in_flight: usize,
    ops: Arc<[Op]>,
    op: usize,
    result: Vec<u8>,
    done: VecDeque<RawResult>,
    /// What passed between the stages.
    pub taps: Taps,
    cycle: u64,
    moved: u64,
    waits: [u64; STALLS],
}

impl LaneBench {
    /// Resets a lane and gives it a table.
    pub fn new(pins: Design, config: Config, table: &CardTable) -> LaneBench {
        let stalls = |stream| Stalls::new(config.stall_seed, stream);
        let result = ["m_axis_tdata", "m_axis_tlast"];
        let port = |name: &str| pins.port(name);
        let ports = Ports {
            stall: port("stall"),
            now: port("now"),
            blocks: ["tvalid", "tdata", "tbytes", "tlast", "kind"].map(|name| port(&format!("tap_blk_{name}"))),
            planes: [port("tap_pl_tvalid"), port("tap_pl_tdata")],
            pixels: ["tvalid", "tdata", "tend", "tstatus"].map(|name| port(&format!("tap_px_{name}"))),
        };
        let settings = [
            ("table_id", table.id),
            ("table_pixels", table.pixels),
            ("table_bins", table.bins),
            ("max_bins", config.shape.bins() as u32),
            ("watchdog", config.watchdog),
        ]
        .map(|(name, value)| (port(name), value));
        let reset = port("reset");
        let mut bench = LaneBench {
            ports,
            requests: Source::new(&*pins, "s_axis_tvalid", "s_axis_tready", ["s_axis_tdata"], stalls(0)),
            operations: Source::new(&*pins, "s_op_tvalid", "s_op_tready", ["s_op_tdata"], stalls(1)),
            results: Sink::new(&*pins, "m_axis_tvalid", "m_axis_tready", result, stalls(2)),
            pins,
            config,
            waiting: VecDeque::new(),
            in_flight: 0,
            ops: table.ops.clone(),
            op: 0,
            result: Vec::new(),
            done: VecDeque::new(),
            taps: Taps::default(),
            cycle: RESET,
            moved: RESET,
            waits: [0; STALLS],
        };
        for (port, value) in settings {
            bench.pins.set_u64(port, value.into());
        }
        bench.pins.set_u64(reset, 1);
        (0..RESET).for_each(|_| bench.pins.tick());
        bench.pins.set_u64(reset, 0);
        bench
    }

    /// Hands in a request with its chunk.
    pub fn submit(&mut self, header: [u8; HEADER_BYTES], chunk: Arc<[u8]>) {
        self.waiting.push_back(Sending { bytes: chunk, header, at: 0 });
        self.in_flight += 1;
        self.moved = self.cycle;
    }

    /// The cycle that comes next.
    pub fn cycle(&self) -> u64 {
        self.cycle
    }

    /// Requests without a result.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Runs until a result came out, or for so many cycles.
    ///
    /// # Errors
    /// The lane hangs, or breaks a rule of its buses.
    pub fn run(&mut self, cycles: u64) -> Result<Option<RawResult>, ModelError> {
        for _ in 0..cycles {
            if self.in_flight == 0 || !self.done.is_empty() {
                break;
            }
            self.step()?;
            let idle = self.cycle - self.moved;
            if idle > PATIENCE.max(2 * self.config.watchdog as u64) {
                return Err(ModelError::Hang { cycle: self.cycle, idle, frames: self.in_flight });
            }
        }
        let result = self.done.pop_front();
        self.in_flight -= result.is_some() as usize;
        Ok(result)
    }

    /// Runs on, whatever comes out: for waves.
    ///
    /// # Errors
    /// The lane breaks a rule of its buses.
    pub fn run_on(&mut self, until: u64) -> Result<(), ModelError> {
        while self.cycle < until {
            self.step()?;
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), ModelError> {
        let (pins, cycle) = (&mut *self.pins, self.cycle);
        let LaneBench { waiting, ops, op, .. } = self;
        self.requests.drive(pins, || next_word(waiting).map(|data| [word(data)]));
        self.operations.drive(pins, || {
            let next = ops.get(*op)?;
            *op = (*op + 1) % ops.len();
            let mut limbs = [0; LIMBS];
            (limbs[0], limbs[1]) = (next.0 as u64, (next.0 >> 64) as u64);
            Some([limbs])
        });
        self.results.drive(pins, true);
        pins.set_u64(self.ports.now, cycle & ((1 << 40) - 1));
        pins.settle();

        let asked = self.requests.passed(pins).is_some();
        self.operations.passed(pins);
        let result = self.results.passed(pins, cycle)?;
        let tapped = self.tap();
        if asked || result.is_some() || tapped {
            self.moved = cycle;
        }
        if let Some([data, last]) = result {
            self.result.extend(data[0].to_le_bytes());
            if last[0] != 0 {
                self.done.push_back(RawResult { bytes: std::mem::take(&mut self.result), cycle });
            }
        }
        self.pins.tick();
        self.cycle += 1;
        Ok(())
    }

    /// Records what passes at this clock; whether anything did.
    fn tap(&mut self) -> bool {
        let (pins, ports, cycle) = (&mut *self.pins, &self.ports, self.cycle);
        let waits = pins.get_u64(ports.stall);
        for (k, count) in self.waits.iter_mut().enumerate() {
            *count += waits >> k & 1;
        }
        let [valid, data, bytes, last, kind] = ports.blocks;
        let blocks = pins.get_u64(valid) != 0;
        if blocks {
            self.taps.blocks.push_back(BlockBeat {
                cycle,
                data: pins.get_u64(data),
                bytes: pins.get_u64(bytes) as u8,
                last: pins.get_u64(last) != 0,
                kind: pins.get_u64(kind) as u8,
            });
        }
        let [valid, data] = ports.planes;
        let planes = pins.get_u64(valid) != 0;
        if planes {
            self.taps.planes.push_back(PlaneWord { cycle, data: pins.get_u64(data) });
        }
        let [valid, data, end, status] = ports.pixels;
        let pixels = pins.get_u64(valid) != 0;
        if pixels {
            let end = (pins.get_u64(end) != 0).then(|| pins.get_u64(status) as u8);
            self.taps.pixels.push_back(PixelBeat { cycle, data: pins.get_u64(data), end });
        }
        blocks || planes || pixels
    }

    /// Who waited, and how long.
    pub fn stalls(&self) -> LaneStalls {
        let stages = registers::STALLS[..STALLS].iter().map(|(name, _)| *name).collect();
        LaneStalls { stages, lanes: vec![self.waits.to_vec()] }
    }
}

fn next_word(waiting: &mut VecDeque<Sending>) -> Option<u64> {
    let sending = waiting.front_mut()?;
    let mut bytes = [FILLER; 8];
    let rest = match sending.at.checked_sub(HEADER_BYTES) {
        None => &sending.header[sending.at..],
        Some(at) => sending.bytes.get(at..).unwrap_or_default(),
    };
    let count = rest.len().min(8);
    bytes[..count].copy_from_slice(&rest[..count]);
    sending.at += 8;
    if sending.at >= HEADER_BYTES + sending.bytes.len() {
        waiting.pop_front();
    }
    Some(u64::from_le_bytes(bytes))
}
