//! A card with everything that stands around it: driver, host memory, table memory, taker of results.

use super::PATIENCE;
use super::fetch::ChunkMemory;
use super::memory::{TABLE_ADDRESS, TableMemory};
use super::register_bus::{RegisterBus, Response};
use crate::designs::Design;
use crate::model::{CardModel, Config, ModelError, Progress, Shape, Stalls as LaneStalls};
use debye_hdl::base::random::Stalls;
use debye_hdl::base::stream::{Sink, Source};
use debye_spec::answer::Answer;
use debye_spec::card_table::CardTable;
use debye_spec::registers::{self, ENABLE, SOFT_RESET};
use debye_spec::wire::HEADER_BYTES;
use std::collections::{BTreeMap, VecDeque};

/// Cycles of reset.
const RESET: u64 = 20;
/// Stall counters that count stalls; the last one counts frames.
const STALLS: usize = registers::STALLS.len() - 1;

/// See the module.
pub struct CardBench {
    pins: Design,
    description: String,
    config: Config,
    reset: usize,
    registers: RegisterBus,
    memory: ChunkMemory,
    table: TableMemory,
    requests: Source<1>,
    results: Sink<3>,
    waiting: VecDeque<[u64; 8]>,
    /// Address of the chunk of each request in flight, by handle; handles may repeat.
    flights: BTreeMap<u64, VecDeque<u64>>,
    in_flight: usize,
    /// Results on their way, by lane.
    parts: BTreeMap<u64, Vec<u8>>,
    answers: VecDeque<Answer>,
    cycle: u64,
    moved: u64,
    first: Option<u64>,
    last: u64,
    fetched_before: u64,
    bytes_out: u64,
}

impl CardBench {
    /// Resets a card and asks it whether it is what it should be.
    ///
    /// # Errors
    /// [`ModelError`]: its registers say that it is another card.
    pub fn new(pins: Design, description: String, config: Config) -> Result<CardBench, ModelError> {
        let seed = config.stall_seed;
        let stalls = |stream| Stalls::new(seed, stream);
        let result = ["m_axis_res_tdata", "m_axis_res_tlast", "m_axis_res_tdest"];
        let mut bench = CardBench {
            reset: pins.port("reset"),
            registers: RegisterBus::new(&*pins, seed, 0),
            memory: ChunkMemory::new(&*pins, seed, 8),
            table: TableMemory::new(&*pins, seed, 16),
            requests: Source::new(&*pins, "s_axis_req_tvalid", "s_axis_req_tready", ["s_axis_req_tdata"], stalls(24)),
            results: Sink::new(&*pins, "m_axis_res_tvalid", "m_axis_res_tready", result, stalls(25)),
            pins,
            description,
            config,
            waiting: VecDeque::new(),
            flights: BTreeMap::new(),
            in_flight: 0,
            parts: BTreeMap::new(),
            answers: VecDeque::new(),
            cycle: 0,
            moved: 0,
            first: None,
            last: 0,
            fetched_before: 0,
            bytes_out: 0,
        };
        bench.pins.set_u64(bench.reset, 1);
        (0..RESET).for_each(|_| bench.pins.tick());
        bench.pins.set_u64(bench.reset, 0);
        bench.cycle = RESET;
        bench.identify()?;
        Ok(bench)
    }

    fn identify(&mut self) -> Result<(), ModelError> {
        let shape = self.config.shape;
        let expect = |name: &str, found: u64, expected: u64| match found == expected {
            true => Ok(()),
            false => Err(ModelError::Build(format!("its register {name} says {found:#x}, not {expected:#x}"))),
        };
        expect("identity", self.read("identity")?.into(), registers::IDENTITY.into())?;
        expect("map_version", self.read("map_version")?.into(), registers::MAP_VERSION.into())?;
        expect("map_hash", self.read("map_hash")?.into(), registers::map_hash().into())?;
        let (word, bins) = (self.read("capabilities")?, self.read("max_bins")?);
        let card = registers::Capabilities::from_registers(word, bins);
        expect("capabilities (lanes)", card.lanes.into(), shape.lanes as u64)?;
        expect("capabilities (block_log2)", card.block_log2.into(), shape.block.into())?;
        expect("max_bins", card.max_bins.into(), shape.bins() as u64)
    }

    /// One cycle.
    fn step(&mut self) -> Result<(), ModelError> {
        let (pins, cycle) = (&mut *self.pins, self.cycle);
        let waiting = &mut self.waiting;
        self.registers.drive(pins);
        self.memory.drive(pins, cycle);
        self.table.drive(pins, cycle);
        self.requests.drive(pins, || waiting.pop_front().map(|header| [header]));
        self.results.drive(pins, true);
        pins.settle();

        self.registers.look(pins, cycle)?;
        let fetched = self.memory.look(pins, cycle)?;
        let read = self.table.look(pins, cycle)?;
        let asked = self.requests.passed(pins).is_some();
        if asked {
            self.first.get_or_insert(cycle);
        }
        let result = self.results.passed(pins, cycle)?;
        if fetched || read || asked || result.is_some() {
            self.moved = cycle;
        }
        if let Some([data, last, lane]) = result {
            self.take(data[0], last[0] != 0, lane[0])?;
        }
        self.pins.tick();
        self.cycle += 1;
        Ok(())
    }

    /// A word of a result.
    fn take(&mut self, data: u64, last: bool, lane: u64) -> Result<(), ModelError> {
        let cycle = self.cycle;
        if self.parts.keys().any(|&other| other != lane) {
            return Err(ModelError::Bus { cycle, rule: "m_axis_res: results of two lanes are mixed".into() });
        }
        self.parts.entry(lane).or_default().extend(data.to_le_bytes());
        if !last {
            return Ok(());
        }
        let bytes = self.parts.remove(&lane).unwrap_or_default();
        let answer = Answer::read(&bytes).map_err(|fault| ModelError::Answer { cycle, fault })?;
        let chunk = self.flights.get_mut(&answer.header.handle).and_then(VecDeque::pop_front);
        let Some(chunk) = chunk else {
            let rule = format!("m_axis_res: a result of handle {}, which is not in flight", answer.header.handle);
            return Err(ModelError::Bus { cycle, rule });
        };
        self.memory.drop_chunk(chunk);
        self.in_flight -= 1;
        self.bytes_out += bytes.len() as u64;
        self.last = cycle;
        self.answers.push_back(Answer { lane: lane as usize, cycle, ..answer });
        Ok(())
    }

    fn access(&mut self) -> Result<Response, ModelError> {
        let start = self.cycle;
        loop {
            self.step()?;
            if let Some(response) = self.registers.take_response() {
                return Ok(response);
            }
            if self.cycle - start > PATIENCE {
                return Err(self.hang(start));
            }
        }
    }

    fn hang(&self, since: u64) -> ModelError {
        ModelError::Hang { cycle: self.cycle, idle: self.cycle - since, frames: self.in_flight }
    }

    fn checked(&self, what: String, response: Response) -> Result<u32, ModelError> {
        match response.code {
            0 => Ok(response.data),
            code => Err(ModelError::Bus { cycle: self.cycle, rule: format!("{what} is answered with {code}") }),
        }
    }

    fn read_at(&mut self, offset: u32) -> Result<u32, ModelError> {
        self.registers.read(offset);
        let response = self.access()?;
        self.checked(format!("a read of {offset:#x}"), response)
    }

    /// Reads a register by its name.
    fn read(&mut self, name: &str) -> Result<u32, ModelError> {
        let register = registers::register(name).ok_or_else(|| ModelError::Build(format!("no register {name}")))?;
        self.read_at(register.offset)
    }

    /// Writes a register by its name.
    fn write(&mut self, name: &str, value: u32) -> Result<(), ModelError> {
        let register = registers::register(name).ok_or_else(|| ModelError::Build(format!("no register {name}")))?;
        self.registers.write(register.offset, value);
        let response = self.access()?;
        self.checked(format!("a write of {name}"), response).map(|_| ())
    }
}

impl CardModel for CardBench {
    fn describe(&self) -> String {
        self.description.clone()
    }

    fn shape(&self) -> Shape {
        self.config.shape
    }

    fn load(&mut self, table: &CardTable) -> Result<(), ModelError> {
        self.table.put(table.ops.clone());
        self.write("control", SOFT_RESET.put(0, 1))?;
        while SOFT_RESET.get(self.read("control")?) != 0 {}
        self.write("table_address_low", TABLE_ADDRESS as u32)?;
        self.write("table_address_high", (TABLE_ADDRESS >> 32) as u32)?;
        self.write("table_ops", table.ops.len() as u32)?;
        self.write("table_id", table.id)?;
        self.write("table_pixels", table.pixels)?;
        self.write("table_bins", table.bins)?;
        self.write("watchdog", self.config.watchdog)?;
        self.write("control", ENABLE.put(registers::CLEAR_COUNTERS.put(0, 1), 1))?;
        (self.first, self.bytes_out, self.fetched_before) = (None, 0, self.memory.fetched());
        Ok(())
    }

    fn in_flight(&self) -> usize {
        self.in_flight + self.answers.len()
    }

    fn submit(&mut self, mut header: [u8; HEADER_BYTES], chunk: Vec<u8>) -> Result<(), ModelError> {
        if self.table.is_empty() {
            return Err(ModelError::NoTable);
        }
        let address = self.memory.put(chunk);
        header[40..48].copy_from_slice(&address.to_le_bytes());
        let mut words = [0; 8];
        for (word, bytes) in words.iter_mut().zip(header.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        // The handle: a card gives it back whatever it thinks of the rest of the header.
        self.flights.entry(words[1]).or_default().push_back(address);
        self.waiting.push_back(words);
        self.in_flight += 1;
        self.moved = self.cycle;
        Ok(())
    }

    fn run(&mut self, cycles: u64) -> Result<Option<Answer>, ModelError> {
        for _ in 0..cycles {
            if self.in_flight == 0 || !self.answers.is_empty() {
                break;
            }
            self.step()?;
            if self.cycle - self.moved > PATIENCE.max(2 * self.config.watchdog as u64) {
                return Err(self.hang(self.moved));
            }
        }
        Ok(self.answers.pop_front())
    }

    fn progress(&self) -> Progress {
        let now = if self.in_flight > 0 { self.cycle } else { self.last };
        Progress {
            cycles: self.first.map_or(0, |first| (now + 1).saturating_sub(first)),
            bytes_in: self.memory.fetched() - self.fetched_before,
            bytes_out: self.bytes_out,
        }
    }

    fn stalls(&mut self) -> Result<LaneStalls, ModelError> {
        let mut lanes = Vec::new();
        for lane in 0..self.config.shape.lanes as u32 {
            let mut counts = Vec::new();
            for index in 0..STALLS as u32 {
                let offset = registers::stall_offset(lane, index);
                let offset = offset.ok_or_else(|| ModelError::Build(format!("no stall counters of lane {lane}")))?;
                counts.push(self.read_at(offset)?.into());
            }
            lanes.push(counts);
        }
        Ok(LaneStalls { stages: registers::STALLS[..STALLS].iter().map(|(name, _)| *name).collect(), lanes })
    }
}
