//! What stands around a card: host memory behind the fetches, table memory behind AXI, a host that sends requests and
//! takes results. Each side stalls at random, answers late, and checks the rules of its bus.

#![allow(dead_code, reason = "each test uses a part of it")]

pub mod stub;

use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Random;
use debye_spec::registers::register;
use std::collections::VecDeque;

/// How a bench behaves: chances in 16.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub request: u64,
    pub fetch: u64,
    pub data: u64,
    pub address: u64,
    pub read: u64,
    pub result: u64,
    /// Longest latency of a fetch and of a read, in cycles.
    pub latency: u64,
}

impl Pace {
    pub const FAST: Pace = Pace { request: 16, fetch: 16, data: 16, address: 16, read: 16, result: 16, latency: 1 };
    pub const MIXED: Pace = Pace { request: 10, fetch: 9, data: 13, address: 8, read: 13, result: 12, latency: 150 };
}

struct Job {
    ready_at: u64,
    address: u64,
    beats: u64,
}

/// A result as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    pub lane: u64,
    pub words: Vec<u64>,
}

/// A card and its surroundings.
pub struct Bench<P: Pins> {
    pub pins: P,
    pub random: Random,
    pub pace: Pace,
    pub cycle: u64,
    /// Host memory from `host_base`.
    pub host: Vec<u8>,
    pub host_base: u64,
    /// Table memory from `table_base`.
    pub table: Vec<u8>,
    pub table_base: u64,
    /// Table beats that are answered with an error, by address.
    pub bad: Vec<u64>,
    pub requests: VecDeque<[u64; 8]>,
    pub results: Vec<Packet>,
    /// Beats read from the table, and bursts.
    pub table_beats: u64,
    pub bursts: u64,
    pub coming: Vec<u64>,
    /// Chance in 16 of a beat that no lane asked for, when nothing else is sent.
    pub stray: u64,
    fetches: Vec<VecDeque<Job>>,
    reads: Vec<VecDeque<Job>>,
    data: Option<([u64; 8], u64)>,
    beat: Option<([u64; 8], u64, u64, bool)>,
    request_on: bool,
    held_result: Option<[u64; 3]>,
    held_fetch: Option<[u64; 2]>,
    held_ar: Option<[u64; 3]>,
    port: Ports,
}

macro_rules! ports {
    ($($name:ident)*) => {
        #[derive(Clone, Copy)]
        struct Ports { $($name: usize),* }
        impl Ports {
            fn new(pins: &impl Pins) -> Ports {
                Ports { $($name: pins.port(stringify!($name))),* }
            }
        }
    };
}
ports! {
    reset s_axil_awaddr s_axil_awvalid s_axil_awready s_axil_wdata s_axil_wstrb s_axil_wvalid s_axil_wready
    s_axil_bresp s_axil_bvalid s_axil_bready s_axil_araddr s_axil_arvalid s_axil_arready s_axil_rdata s_axil_rresp
    s_axil_rvalid s_axil_rready s_axis_req_tvalid s_axis_req_tready s_axis_req_tdata m_axis_fetch_tvalid
    m_axis_fetch_tready m_axis_fetch_tdata s_axis_data_tvalid s_axis_data_tready s_axis_data_tdata s_axis_data_tdest
    m_axis_res_tvalid m_axis_res_tready m_axis_res_tdata m_axis_res_tlast m_axis_res_tdest m_axi_arid m_axi_araddr
    m_axi_arlen m_axi_arsize m_axi_arburst m_axi_arvalid m_axi_arready m_axi_rid m_axi_rdata m_axi_rresp m_axi_rlast
    m_axi_rvalid m_axi_rready
}

fn beat_at(memory: &[u8], offset: u64) -> [u64; 8] {
    std::array::from_fn(|i| {
        let mut word = [0xa5; 8];
        for (k, byte) in word.iter_mut().enumerate() {
            if let Some(&stored) = memory.get(offset as usize + 8 * i + k) {
                *byte = stored;
            }
        }
        u64::from_le_bytes(word)
    })
}

impl<P: Pins> Bench<P> {
    pub fn new(pins: P, seed: u64, pace: Pace) -> Self {
        let port = Ports::new(&pins);
        let mut bench = Bench {
            pins,
            random: Random::new(seed),
            pace,
            cycle: 0,
            host: vec![],
            host_base: 0x7f00_1234_5000,
            table: vec![],
            table_base: 0x40_0000_0000,
            bad: vec![],
            requests: VecDeque::new(),
            results: vec![],
            table_beats: 0,
            bursts: 0,
            coming: vec![],
            stray: 0,
            fetches: (0..64).map(|_| VecDeque::new()).collect(),
            reads: (0..16).map(|_| VecDeque::new()).collect(),
            data: None,
            beat: None,
            request_on: false,
            held_result: None,
            held_fetch: None,
            held_ar: None,
            port,
        };
        bench.pins.set_u64(port.reset, 1);
        bench.pins.tick();
        bench.pins.tick();
        bench.pins.set_u64(port.reset, 0);
        bench
    }

    /// Puts bytes into host memory at the next multiple of 64, or of 4096 plus `at`; returns their address.
    pub fn store(&mut self, bytes: &[u8]) -> u64 {
        let offset = self.host.len().next_multiple_of(64) + 64 * self.random.below(70) as usize;
        self.host.resize(offset, 0x5a);
        self.host.extend_from_slice(bytes);
        self.host_base + offset as u64
    }

    /// Writes a register.
    pub fn write(&mut self, name: &str, value: u32) {
        let port = self.port;
        self.pins.set_u64(port.s_axil_awaddr, register(name).expect("a register").offset as u64);
        self.pins.set_u64(port.s_axil_wdata, value as u64);
        self.pins.set_u64(port.s_axil_wstrb, 15);
        self.pins.set_u64(port.s_axil_bready, 1);
        let (mut address, mut data) = (true, true);
        loop {
            self.pins.set_u64(port.s_axil_awvalid, address as u64);
            self.pins.set_u64(port.s_axil_wvalid, data as u64);
            self.pins.settle();
            let took_address = self.pins.get_u64(port.s_axil_awready) == 1;
            let took_data = self.pins.get_u64(port.s_axil_wready) == 1;
            let answered = self.pins.get_u64(port.s_axil_bvalid) == 1;
            let response = self.pins.get_u64(port.s_axil_bresp);
            self.step();
            address &= !took_address;
            data &= !took_data;
            if answered {
                assert_eq!(response, 0, "{name}");
                break;
            }
        }
    }

    /// Reads a register or a stall counter.
    pub fn read_at(&mut self, offset: u32) -> u32 {
        let port = self.port;
        self.pins.set_u64(port.s_axil_araddr, offset as u64);
        self.pins.set_u64(port.s_axil_rready, 1);
        let mut address = true;
        loop {
            self.pins.set_u64(port.s_axil_arvalid, address as u64);
            self.pins.settle();
            let took = self.pins.get_u64(port.s_axil_arready) == 1;
            let answered = self.pins.get_u64(port.s_axil_rvalid) == 1;
            let (value, response) = (self.pins.get_u64(port.s_axil_rdata), self.pins.get_u64(port.s_axil_rresp));
            self.step();
            address &= !took;
            if answered {
                assert_eq!(response, 0, "{offset:#x}");
                return value as u32;
            }
        }
    }

    /// Reads a register.
    pub fn read(&mut self, name: &str) -> u32 {
        self.read_at(register(name).expect("a register").offset)
    }

    /// Says where the table stands and takes requests.
    pub fn enable(&mut self, table_ops: u32) {
        let address = self.table_base;
        self.write("table_address_low", address as u32);
        self.write("table_address_high", (address >> 32) as u32);
        self.write("table_ops", table_ops);
        self.write("control", 1);
    }

    /// One cycle of everything.
    pub fn step(&mut self) {
        let (port, pace) = (self.port, self.pace);

        // Drive.
        self.request_on |= self.random.chance(pace.request, 16);
        self.request_on &= !self.requests.is_empty();
        self.pins.set_u64(port.s_axis_req_tvalid, self.request_on as u64);
        self.pins.set(port.s_axis_req_tdata, &self.requests.front().copied().unwrap_or_default());
        if self.data.is_none() && self.random.chance(pace.data, 16) {
            self.data = self.next_data();
            if self.data.is_none() && self.random.chance(self.stray, 16) {
                self.data = self.stray_data();
            }
        }
        self.pins.set_u64(port.s_axis_data_tvalid, self.data.is_some() as u64);
        let (beat, lane) = self.data.unwrap_or_default();
        self.pins.set(port.s_axis_data_tdata, &beat);
        self.pins.set_u64(port.s_axis_data_tdest, lane);
        if self.beat.is_none() && self.random.chance(pace.read, 16) {
            self.beat = self.next_read();
        }
        self.pins.set_u64(port.m_axi_rvalid, self.beat.is_some() as u64);
        let (beat, id, response, last) = self.beat.unwrap_or_default();
        self.pins.set(port.m_axi_rdata, &beat);
        self.pins.set_u64(port.m_axi_rid, id);
        self.pins.set_u64(port.m_axi_rresp, response);
        self.pins.set_u64(port.m_axi_rlast, last as u64);
        let ready = [pace.fetch, pace.address, pace.result].map(|chance| self.random.chance(chance, 16));
        self.pins.set_u64(port.m_axis_fetch_tready, ready[0] as u64);
        self.pins.set_u64(port.m_axi_arready, ready[1] as u64);
        self.pins.set_u64(port.m_axis_res_tready, ready[2] as u64);
        self.pins.settle();

        // Take.
        if self.request_on && self.pins.get_u64(port.s_axis_req_tready) == 1 {
            self.requests.pop_front();
            self.request_on = false;
        }
        if self.data.is_some() && self.pins.get_u64(port.s_axis_data_tready) == 1 {
            self.data = None;
        }
        if self.beat.is_some() && self.pins.get_u64(port.m_axi_rready) == 1 {
            self.beat = None;
        }
        self.take_fetch(ready[0]);
        self.take_address(ready[1]);
        self.take_result(ready[2]);
        self.pins.tick();
        self.cycle += 1;
    }

    fn next_data(&mut self) -> Option<([u64; 8], u64)> {
        let (now, first) = (self.cycle, self.random.below(64) as usize);
        let lane =
            (0..64).map(|k| (first + k) % 64).find(|&l| self.fetches[l].front().is_some_and(|j| j.ready_at <= now))?;
        let job = self.fetches[lane].front_mut()?;
        let beat = beat_at(&self.host, job.address - self.host_base);
        job.address += 64;
        job.beats -= 1;
        if job.beats == 0 {
            self.fetches[lane].pop_front();
        }
        Some((beat, lane as u64))
    }

    /// A beat for a lane that is not there, or waits for nothing.
    fn stray_data(&mut self) -> Option<([u64; 8], u64)> {
        let lane = self.random.below(256);
        let waits = self.fetches.get(lane as usize).is_some_and(|jobs| !jobs.is_empty());
        (lane >= 3 && !waits).then(|| (std::array::from_fn(|_| self.random.draw()), lane))
    }

    fn next_read(&mut self) -> Option<([u64; 8], u64, u64, bool)> {
        let (now, first) = (self.cycle, self.random.below(16) as usize);
        let id =
            (0..16).map(|k| (first + k) % 16).find(|&i| self.reads[i].front().is_some_and(|j| j.ready_at <= now))?;
        let job = self.reads[id].front_mut()?;
        let bad = self.bad.contains(&job.address);
        let beat = beat_at(&self.table, job.address - self.table_base);
        job.address += 64;
        job.beats -= 1;
        let last = job.beats == 0;
        if last {
            self.reads[id].pop_front();
        }
        self.table_beats += 1;
        Some((beat, id as u64, if bad { 2 } else { 0 }, last))
    }

    fn take_fetch(&mut self, ready: bool) {
        let mut fetch = [0; 2];
        let valid = self.pins.get_u64(self.port.m_axis_fetch_tvalid) == 1;
        self.pins.get(self.port.m_axis_fetch_tdata, &mut fetch);
        if let Some(held) = self.held_fetch {
            assert!(valid && held == fetch, "a fetch is held until it is taken");
        }
        self.held_fetch = (valid && !ready).then_some(fetch);
        if valid && ready {
            let (address, bytes, lane) = (fetch[0], fetch[1] & 0xffff, fetch[1] >> 16);
            assert!(bytes > 0 && address % 64 == 0 && address % 4096 + bytes <= 4096, "{address:#x} + {bytes}");
            let beats = bytes.div_ceil(64);
            let ready_at = self.cycle + 1 + self.random.below(self.pace.latency);
            self.fetches[lane as usize].push_back(Job { ready_at, address, beats });
        }
    }

    fn take_address(&mut self, ready: bool) {
        let port = self.port;
        let valid = self.pins.get_u64(port.m_axi_arvalid) == 1;
        let [address, beats, id] =
            [port.m_axi_araddr, port.m_axi_arlen, port.m_axi_arid].map(|port| self.pins.get_u64(port));
        if let Some(held) = self.held_ar {
            assert!(valid && held == [address, beats, id], "a read is held until it is taken");
        }
        self.held_ar = (valid && !ready).then_some([address, beats, id]);
        if valid && ready {
            assert_eq!((self.pins.get_u64(port.m_axi_arsize), self.pins.get_u64(port.m_axi_arburst)), (6, 1));
            let beats = beats + 1;
            assert!(address % 64 == 0 && address % 4096 + 64 * beats <= 4096, "{address:#x}, {beats} beats");
            let end = self.table_base + (self.table.len() as u64).next_multiple_of(64);
            assert!(address >= self.table_base & !63 && address + 64 * beats <= end, "{address:#x} is not the table's");
            self.bursts += 1;
            let ready_at = self.cycle + 1 + self.random.below(self.pace.latency);
            self.reads[id as usize].push_back(Job { ready_at, address, beats });
        }
    }

    fn take_result(&mut self, ready: bool) {
        let port = self.port;
        let valid = self.pins.get_u64(port.m_axis_res_tvalid) == 1;
        let [word, last, lane] =
            [port.m_axis_res_tdata, port.m_axis_res_tlast, port.m_axis_res_tdest].map(|port| self.pins.get_u64(port));
        if let Some(held) = self.held_result {
            assert!(valid && held == [word, last, lane], "a result's word is held until it is taken");
        }
        self.held_result = (valid && !ready).then_some([word, last, lane]);
        if valid && ready {
            self.coming.push(word);
            if last == 1 {
                self.results.push(Packet { lane, words: std::mem::take(&mut self.coming) });
            }
        }
    }

    /// Runs until there are that many results.
    pub fn run_until(&mut self, results: usize, cycles: u64) {
        let end = self.cycle + cycles;
        while self.results.len() < results {
            assert!(self.cycle < end, "{} of {results} results in {cycles} cycles", self.results.len());
            self.step();
        }
    }
}
