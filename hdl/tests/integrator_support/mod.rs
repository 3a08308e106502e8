//! A bench around the integrator: streams with random pauses in, what came out, and what should have.

use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Random;
use debye_spec::frame::{Job, integrate_pixels};
use debye_spec::ops::{Op, compile};
use debye_spec::wire::{element_code, invalid_pixels};
use debye_spec::{Element, Entry, Statistics, Status, Table};

/// A table that owns its parts.
#[derive(Clone, Default)]
pub struct OwnTable {
    pub bins: usize,
    pub masked: Vec<bool>,
    pub starts: Vec<u32>,
    pub entries: Vec<Entry>,
}

impl OwnTable {
    pub fn new(bins: usize) -> OwnTable {
        OwnTable { bins, starts: vec![0], ..OwnTable::default() }
    }
    pub fn pixel(&mut self, masked: bool, entries: &[(u32, u8)]) {
        self.masked.push(masked);
        self.entries.extend(entries.iter().map(|&(bin, weight)| Entry::new(bin, weight)));
        self.starts.push(self.entries.len() as u32);
    }
    pub fn table(&self) -> Table<'_> {
        Table { bins: self.bins, masked: &self.masked, starts: &self.starts, entries: &self.entries }
    }
    /// Masked pixels, pixels without bins, near and far bins.
    pub fn nasty(pixels: usize, bins: usize, random: &mut Random) -> OwnTable {
        let mut table = OwnTable::new(bins);
        let far = 1 + random.below(40);
        for _ in 0..pixels {
            let kind = random.below(16);
            let (mut bin, mut left, mut entries) = (random.below(bins as u64), 64, vec![]);
            for _ in 0..if kind < 2 { 0 } else { random.below(7) } {
                let weight = 1 + random.below(left);
                entries.push((bin as u32, weight as u8));
                left -= weight;
                bin += 1 + if random.below(4) == 0 { random.below(far) } else { 0 };
                if left == 0 || bin >= bins as u64 {
                    break;
                }
            }
            table.pixel(kind == 0, &entries);
        }
        table
    }
    /// Rings around a point of a detector `width` pixels wide, pixels split 4 x 4, one bin a pixel.
    pub fn powder(width: usize, height: usize, bins: usize) -> OwnTable {
        let mut table = OwnTable::new(bins);
        let (x0, y0) = (width as f64 * 0.4, height as f64 * 0.55);
        for y in 0..height {
            for x in 0..width {
                let mut weights = std::collections::BTreeMap::new();
                for k in 0..16 {
                    let (dx, dy) = (x as f64 + (k % 4) as f64 / 4.0 - x0, y as f64 + (k / 4) as f64 / 4.0 - y0);
                    let bin = dx.hypot(dy) as u32;
                    if (bin as usize) < bins {
                        *weights.entry(bin).or_insert(0) += 4;
                    }
                }
                let entries: Vec<(u32, u8)> = weights.into_iter().collect();
                let masked = x % 97 == 50;
                table.pixel(masked, if masked { &[] } else { &entries });
            }
        }
        table
    }
    /// Sectors of rings: neighbours in one ring, then a jump.
    pub fn cake(pixels: usize, radial: u32, sectors: u32, random: &mut Random) -> OwnTable {
        let mut table = OwnTable::new((radial * sectors) as usize);
        let mut sector = 0;
        for p in 0..pixels as u32 {
            if random.below(5) == 0 {
                sector = random.below(sectors as u64) as u32;
            }
            let bin = sector * radial + p / 3 % (radial - 1);
            table.pixel(false, &[(bin, 40), (bin + 1, 24)]);
        }
        table
    }
}

/// One frame for the bench.
#[derive(Clone)]
pub struct Frame {
    pub job: Job,
    pub bins: usize,
    pub words: Vec<u64>,
    pub status: u8,
    pub ops: Vec<Op>,
    /// What should come out.
    pub expected: Outcome,
}

/// What came out of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Outcome {
    pub handle: u64,
    pub status: u8,
    pub bins: u64,
    pub statistics: Statistics,
    pub record: Vec<u64>,
    pub invalid: Vec<u32>,
}

impl Frame {
    /// A sound frame.
    pub fn new(table: &OwnTable, job: Job, pixels: &[u8]) -> Frame {
        let view = table.table();
        view.check().expect("sound table");
        let expected = integrate_pixels(pixels, &job, &view);
        let mut record = vec![];
        expected.bins.record(|bytes| record.extend_from_slice(bytes));
        let outcome = Outcome {
            handle: 0,
            status: 0,
            bins: table.bins as u64,
            statistics: expected.statistics,
            record: words(&record),
            invalid: expected.invalid,
        };
        let ops = compile(&view, job.element).expect("table fits");
        Frame { job, bins: table.bins, words: words(pixels), status: 0, ops, expected: outcome }
    }
    /// The frame ends after `words` words with a status.
    pub fn fail(mut self, words: usize, status: Status) -> Frame {
        self.words.resize(words, 0x55aa);
        self.status = status.code();
        let shown = if status == Status::Ok { Status::TableMismatch } else { status };
        self.expected = Outcome { status: shown.code(), bins: self.expected.bins, ..Outcome::default() };
        self
    }
}

fn words(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks(8).map(|c| c.iter().rev().fold(0, |word, &byte| word << 8 | byte as u64)).collect()
}

/// Pixels of which most are small, some invalid, some large.
pub fn pixels(element: Element, count: usize, invalid: u64, random: &mut Random) -> Vec<u8> {
    let mut bytes = vec![];
    for _ in 0..count {
        let value = match random.below(64) {
            x if x < invalid => u32::MAX - (random.below(2)) as u32,
            20..24 => random.draw() as u32,
            24..30 => (1 << 28) - 1 - random.below(2) as u32,
            30..32 => random.below(1 << 16) as u32,
            _ => random.below(200) as u32,
        };
        bytes.extend_from_slice(&value.to_le_bytes()[..element.size()]);
    }
    bytes
}

/// An input stream with pauses.
struct Source<T> {
    beats: std::vec::IntoIter<T>,
    now: Option<T>,
    pause: u64,
}

impl<T> Source<T> {
    fn new(beats: Vec<T>, pause: u64) -> Source<T> {
        Source { beats: beats.into_iter(), now: None, pause }
    }
    fn offer(&mut self, random: &mut Random) -> Option<&T> {
        if self.now.is_none() && random.below(64) >= self.pause {
            self.now = self.beats.next();
        }
        self.now.as_ref()
    }
}

/// How often streams pause, in 64ths: pixels, operations, outputs.
#[derive(Clone, Copy)]
pub struct Pauses(pub u64, pub u64, pub u64);

/// The bench.
pub struct Bench<P: Pins> {
    pub pins: P,
    pub cycles: u64,
}

impl<P: Pins> Bench<P> {
    pub fn new(pins: P) -> Bench<P> {
        let mut bench = Bench { pins, cycles: 0 };
        bench.reset();
        bench
    }
    pub fn reset(&mut self) {
        let reset = self.pins.port("reset");
        self.pins.set_u64(reset, 1);
        self.pins.tick();
        self.pins.set_u64(reset, 0);
    }
    fn put(&mut self, name: &str, value: u64) {
        let port = self.pins.port(name);
        self.pins.set_u64(port, value);
    }
    fn get(&mut self, name: &str) -> u64 {
        let port = self.pins.port(name);
        self.pins.get_u64(port)
    }

    /// Runs frames for some cycles, and no further.
    pub fn abandon(&mut self, frames: &[Frame], cycles: u64) {
        self.run(frames, Pauses(0, 0, 0), 1, cycles);
    }

    /// Runs frames until all have come out, or `limit` cycles have passed.
    fn run(&mut self, frames: &[Frame], pauses: Pauses, seed: u64, limit: u64) -> Vec<Outcome> {
        let mut random = Random::new(seed);
        let mut beats = vec![];
        for frame in frames {
            beats.extend(frame.words.iter().map(|&word| (word, 0, 0)));
            beats.push((0xdead_beef, 1, frame.status as u64));
        }
        let mut px = Source::new(beats, pauses.0);
        let mut op = Source::new(frames.iter().flat_map(|frame| &frame.ops).map(|op| op.0).collect(), pauses.1);
        let mut job = Source::new(frames.iter().enumerate().collect(), pauses.0);
        let p = ["s_px_tvalid", "s_px_tdata", "s_px_tend", "s_px_tstatus", "s_px_tready"].map(|n| self.pins.port(n));
        let o = ["s_op_tvalid", "s_op_tdata", "s_op_tready"].map(|n| self.pins.port(n));
        let j = ["s_job_tvalid", "s_job_tready"].map(|n| self.pins.port(n));
        let e = ["m_end_tready", "m_end_tvalid"].map(|n| self.pins.port(n));
        let r = ["m_rec_tready", "m_rec_tvalid", "m_rec_tdata", "m_rec_tlast"].map(|n| self.pins.port(n));
        let i = ["m_inv_tready", "m_inv_tvalid", "m_inv_tdata"].map(|n| self.pins.port(n));
        let mut outcomes: Vec<Outcome> = vec![];
        let mut groups: Vec<Vec<u32>> = vec![];
        let (mut listed, mut complete) = (0, 0);
        self.cycles = 0;
        while complete < frames.len() {
            if self.cycles == limit {
                break;
            }
            match px.offer(&mut random) {
                Some(&(data, end, status)) => {
                    for (port, value) in p.iter().zip([1, data, end, status]) {
                        self.pins.set_u64(*port, value);
                    }
                }
                None => self.pins.set_u64(p[0], 0),
            }
            match op.offer(&mut random) {
                Some(&op) => {
                    self.pins.set_u64(o[0], 1);
                    self.pins.set(o[1], &[op as u64, (op >> 64) as u64]);
                }
                None => self.pins.set_u64(o[0], 0),
            }
            let offered = job.offer(&mut random).copied();
            self.pins.set_u64(j[0], offered.is_some() as u64);
            if let Some((number, frame)) = offered {
                self.put("s_job_handle", number as u64 | 0xabcd << 48);
                self.put("s_job_sequence", number as u64 * 3);
                self.put("s_job_element", element_code(frame.job.element) as u64);
                self.put("s_job_max_valid", frame.job.rule().max_valid() as u64);
                self.put("s_job_threshold", frame.job.threshold as u64);
                self.put("s_job_bins", frame.bins as u64);
                self.put("s_job_start", number as u64 * 5);
            }
            for port in [e[0], r[0], i[0]] {
                let ready = random.below(64) >= pauses.2;
                self.pins.set_u64(port, ready as u64);
            }
            self.pins.settle();
            if self.pins.get_u64(p[4]) == 1 && px.now.is_some() {
                px.now = None;
            }
            if self.pins.get_u64(o[2]) == 1 && op.now.is_some() {
                op.now = None;
            }
            if self.pins.get_u64(j[1]) == 1 && job.now.is_some() {
                job.now = None;
            }
            let taken = |pins: &mut P, ready: usize, valid: usize| pins.get_u64(ready) == 1 && pins.get_u64(valid) == 1;
            if taken(&mut self.pins, e[0], e[1]) {
                let number = outcomes.len();
                assert_eq!(complete, number, "the frame before is not out yet");
                assert_eq!(self.get("m_end_sequence"), number as u64 * 3);
                assert_eq!(self.get("m_end_start"), number as u64 * 5);
                let outcome = Outcome {
                    handle: self.get("m_end_handle") ^ 0xabcd << 48,
                    status: self.get("m_end_status") as u8,
                    bins: self.get("m_end_bins"),
                    statistics: Statistics {
                        valid: self.get("m_end_valid") as u32,
                        invalid: self.get("m_end_invalid") as u32,
                        sum: self.get("m_end_sum"),
                        max: self.get("m_end_max") as u32,
                        over: self.get("m_end_over") as u32,
                    },
                    ..Outcome::default()
                };
                listed = self.get("m_end_listed") as usize;
                if outcome.status != 0 {
                    assert_eq!(listed, 0);
                    complete += 1;
                }
                outcomes.push(outcome);
                groups.push(vec![]);
            }
            let at = outcomes.len();
            let open = at > complete;
            if taken(&mut self.pins, r[0], r[1]) {
                assert!(open, "a record without a frame");
                outcomes[at - 1].record.push(self.pins.get_u64(r[2]));
                let whole = outcomes[at - 1].record.len() == frames[at - 1].bins * 2 + frames[at - 1].bins.div_ceil(2);
                assert_eq!(self.pins.get_u64(r[3]) == 1, whole, "last word");
            }
            if taken(&mut self.pins, i[0], i[1]) {
                assert!(open, "a list without a frame");
                groups[at - 1].push(self.pins.get_u64(i[2]) as u32);
            }
            if open {
                let whole = frames[at - 1].bins * 2 + frames[at - 1].bins.div_ceil(2);
                assert!(groups[at - 1].len() <= listed);
                if outcomes[at - 1].record.len() == whole && groups[at - 1].len() == listed {
                    outcomes[at - 1].invalid = invalid_pixels(&groups[at - 1], frames[at - 1].job.element);
                    complete += 1;
                }
            }
            self.pins.tick();
            self.cycles += 1;
        }
        outcomes
    }

    /// Runs frames and compares what comes out with what should.
    pub fn check(&mut self, frames: &[Frame], pauses: Pauses, seed: u64) {
        let total: usize = frames.iter().map(|frame| frame.words.len() + frame.ops.len() + 20_000).sum();
        let got = self.run(frames, pauses, seed, total as u64 * 16);
        assert_eq!(got.len(), frames.len(), "hung");
        for (number, (got, frame)) in got.into_iter().zip(frames).enumerate() {
            let mut got = got;
            assert_eq!(got.handle, number as u64);
            got.handle = 0;
            if got.status != 0 {
                got.statistics = Statistics::default();
            }
            assert_eq!(got.status, frame.expected.status, "frame {number}");
            assert_eq!(got.statistics, frame.expected.statistics, "frame {number}");
            assert_eq!(got.invalid, frame.expected.invalid, "frame {number}");
            for (at, (a, b)) in got.record.iter().zip(&frame.expected.record).enumerate() {
                assert_eq!(a, b, "frame {number}, word {at} of {} bins", frame.bins);
            }
            assert_eq!(got, frame.expected, "frame {number}");
        }
    }
}
