//! A memory behind AXI4: reads come back in order, writes become visible in any order before they are answered. Holds
//! the master to the rules: whole bursts of 64-byte beats, no page crossed, valid and data held until ready.

use super::Pace;
use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Random;
use std::collections::{HashMap, VecDeque};

const PAGE: u64 = 4096;

struct Read {
    address: u64,
    beats: u64,
    due: u64,
    id: u64,
    bad: bool,
}

struct Write {
    address: u64,
    beats: Vec<([u8; 64], u64)>,
    due: u64,
    seen: bool,
}

/// See the module. What is not mapped answers with an error.
pub struct Memory {
    pages: HashMap<u64, Box<[u8; PAGE as usize]>>,
    reads: VecDeque<Read>,
    beat: Option<([u8; 64], bool, bool, u64)>,
    addresses: VecDeque<(u64, u64)>,
    coming: Vec<([u8; 64], u64)>,
    data: VecDeque<Vec<([u8; 64], u64)>>,
    writes: VecDeque<Write>,
    answer: Option<bool>,
    ready: [bool; 3],
    held: [Option<Vec<u64>>; 3],
    /// Beats read and written.
    pub beats: [u64; 2],
    /// Bursts read and written.
    pub bursts: [u64; 2],
    /// Most bursts under way.
    pub most: [usize; 2],
    /// Bursts answered with an error.
    pub errors: u64,
    /// Beats of reads with an error, by address, besides those of unmapped pages.
    pub bad: Vec<u64>,
    /// Neither reads nor writes are answered.
    pub stopped: bool,
    one_id: bool,
    port: HashMap<&'static str, usize>,
}

const NAMES: [&str; 29] = [
    "arid", "araddr", "arlen", "arsize", "arburst", "arvalid", "arready", "rid", "rdata", "rresp", "rlast", "rvalid",
    "rready", "awid", "awaddr", "awlen", "awsize", "awburst", "awvalid", "awready", "wdata", "wstrb", "wlast",
    "wvalid", "wready", "bid", "bresp", "bvalid", "bready",
];

impl Memory {
    pub fn new(pins: &impl Pins, prefix: &str, one_id: bool) -> Memory {
        Memory {
            pages: HashMap::new(),
            reads: VecDeque::new(),
            beat: None,
            addresses: VecDeque::new(),
            coming: vec![],
            data: VecDeque::new(),
            writes: VecDeque::new(),
            answer: None,
            ready: [false; 3],
            held: [const { None }; 3],
            beats: [0; 2],
            bursts: [0; 2],
            most: [0; 2],
            errors: 0,
            bad: vec![],
            stopped: false,
            one_id,
            port: NAMES.iter().map(|&name| (name, pins.port(&format!("{prefix}_{name}")))).collect(),
        }
    }

    /// Maps zeros.
    pub fn map(&mut self, address: u64, bytes: u64) {
        for page in address / PAGE..(address + bytes).div_ceil(PAGE) {
            self.pages.entry(page).or_insert_with(|| Box::new([0; PAGE as usize]));
        }
    }

    pub fn unmap(&mut self, address: u64, bytes: u64) {
        for page in address / PAGE..(address + bytes).div_ceil(PAGE) {
            self.pages.remove(&page);
        }
    }

    pub fn put(&mut self, address: u64, bytes: &[u8]) {
        for (at, &byte) in (address..).zip(bytes) {
            self.pages.get_mut(&(at / PAGE)).expect("mapped")[(at % PAGE) as usize] = byte;
        }
    }

    pub fn get(&self, address: u64, bytes: usize) -> Vec<u8> {
        (address..address + bytes as u64).map(|at| self.pages[&(at / PAGE)][(at % PAGE) as usize]).collect()
    }

    fn u64(&self, pins: &mut impl Pins, name: &str) -> u64 {
        pins.get_u64(self.port[name])
    }

    fn wide(&self, pins: &mut impl Pins, name: &str) -> [u8; 64] {
        let (mut limbs, mut bytes) = ([0; 8], [0; 64]);
        pins.get(self.port[name], &mut limbs);
        bytes.chunks_mut(8).zip(limbs).for_each(|(bytes, limb)| bytes.copy_from_slice(&limb.to_le_bytes()));
        bytes
    }

    /// Whether nothing is under way.
    pub fn idle(&self) -> bool {
        self.reads.is_empty() && self.writes.is_empty() && self.addresses.is_empty() && self.data.is_empty()
    }

    /// Sets this cycle's inputs.
    pub fn drive(&mut self, pins: &mut impl Pins, random: &mut Random, pace: Pace, cycle: u64) {
        if self.beat.is_none()
            && !self.stopped
            && let Some(read) = self.reads.front_mut().filter(|read| read.due <= cycle)
            && random.chance(pace.read, 64)
        {
            let (page, at) = (read.address / PAGE, (read.address % PAGE) as usize);
            let bad = self.bad.contains(&read.address) || !self.pages.contains_key(&page);
            let mut bytes = [0xa5; 64];
            if let Some(page) = self.pages.get(&page) {
                bytes.copy_from_slice(&page[at..at + 64]);
            }
            (read.address, read.beats) = (read.address + 64, read.beats - 1);
            self.beat = Some((bytes, bad, read.beats == 0, read.id));
            self.beats[0] += 1;
            read.bad |= bad;
            if read.beats == 0 {
                self.errors += read.bad as u64;
                self.reads.pop_front();
            }
        }
        pins.set_u64(self.port["rvalid"], self.beat.is_some() as u64);
        if let Some((bytes, bad, last, id)) = &self.beat {
            let limbs: [u64; 8] =
                std::array::from_fn(|k| u64::from_le_bytes(bytes[8 * k..8 * k + 8].try_into().expect("8 bytes")));
            pins.set(self.port["rdata"], &limbs);
            pins.set_u64(self.port["rresp"], if *bad { 2 } else { 0 });
            pins.set_u64(self.port["rlast"], *last as u64);
            pins.set_u64(self.port["rid"], *id);
        }
        // Some write becomes visible.
        if !self.stopped && !self.writes.is_empty() && random.chance(pace.ready, 64) {
            let pick = random.below(self.writes.len() as u64) as usize;
            self.show(pick);
        }
        if self.answer.is_none()
            && !self.stopped
            && self.writes.front().is_some_and(|write| write.due <= cycle)
            && random.chance(pace.ready, 64)
        {
            self.show(0);
            let bad = self.writes.pop_front().is_some_and(|write| !self.pages.contains_key(&(write.address / PAGE)));
            self.errors += bad as u64;
            self.answer = Some(bad);
        }
        pins.set_u64(self.port["bvalid"], self.answer.is_some() as u64);
        pins.set_u64(self.port["bresp"], if self.answer == Some(true) { 2 } else { 0 });
        self.ready = [pace.ready, pace.ready, pace.write].map(|chance| !self.stopped && random.chance(chance, 64));
        for (ready, name) in self.ready.into_iter().zip(["arready", "awready", "wready"]) {
            pins.set_u64(self.port[name], ready as u64);
        }
    }

    fn show(&mut self, pick: usize) {
        let Some(write) = self.writes.get_mut(pick) else { return };
        if !std::mem::replace(&mut write.seen, true)
            && let Some(page) = self.pages.get_mut(&(write.address / PAGE))
        {
            let start = (write.address % PAGE) as usize;
            for (k, (bytes, strobe)) in write.beats.iter().enumerate() {
                for (n, &byte) in bytes.iter().enumerate().filter(|(n, _)| strobe >> n & 1 != 0) {
                    page[start + 64 * k + n] = byte;
                }
            }
        }
    }

    fn held(&mut self, which: usize, valid: bool, beat: Vec<u64>) -> bool {
        if let Some(held) = &self.held[which] {
            assert!(valid && *held == beat, "channel {which}: valid and data are held until ready");
        }
        self.held[which] = (valid && !self.ready[which]).then_some(beat);
        valid && self.ready[which]
    }

    /// Takes this cycle's handshakes.
    pub fn look(&mut self, pins: &mut impl Pins, random: &mut Random, pace: Pace, cycle: u64) {
        if self.beat.is_some() && self.u64(pins, "rready") == 1 {
            self.beat = None;
        }
        if self.answer.is_some() && self.u64(pins, "bready") == 1 {
            self.answer = None;
        }
        let late = |random: &mut Random| cycle + pace.latency + random.below(pace.jitter + 1);
        for (which, side) in ["ar", "aw"].into_iter().enumerate() {
            let [id, address, length, size, burst, valid] = ["id", "addr", "len", "size", "burst", "valid"]
                .map(|name| pins.get_u64(self.port[format!("{side}{name}").as_str()]));
            if self.held(which, valid == 1, vec![id, address, length, size, burst]) {
                assert_eq!((size, burst), (6, 1), "whole beats, rising");
                assert!(address % 64 == 0 && address % PAGE + 64 * (length + 1) <= PAGE, "{address:#x} + {length}");
                assert!(!self.one_id || id == 0);
                self.bursts[which] += 1;
                if which == 0 {
                    let due = late(random);
                    self.reads.push_back(Read { address, beats: length + 1, due, id, bad: false });
                    self.most[0] = self.most[0].max(self.reads.len());
                } else {
                    self.addresses.push_back((address, length + 1));
                }
            }
        }
        let valid = self.u64(pins, "wvalid") == 1;
        let data = self.wide(pins, "wdata");
        let [strobe, last] = ["wstrb", "wlast"].map(|name| self.u64(pins, name));
        let mut beat: Vec<u64> = data.chunks(8).map(|b| u64::from_le_bytes(b.try_into().expect("8"))).collect();
        beat.extend([strobe, last]);
        if self.held(2, valid, beat) {
            self.beats[1] += 1;
            self.coming.push((data, strobe));
            if last == 1 {
                self.data.push_back(std::mem::take(&mut self.coming));
            }
        }
        while !self.addresses.is_empty() && !self.data.is_empty() {
            let (address, length) = self.addresses.pop_front().expect("one");
            let beats = self.data.pop_front().expect("one");
            assert_eq!(beats.len() as u64, length, "wlast comes with the last beat");
            self.writes.push_back(Write { address, beats, due: late(random), seen: false });
            self.most[1] = self.most[1].max(self.writes.len());
        }
    }
}
