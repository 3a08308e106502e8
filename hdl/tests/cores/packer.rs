//! The packer's results are what `spec` reads, at every rate of its neighbours.

use debye_hdl::base::lint::assert_no_findings;
use debye_hdl::base::pins::{Pins, settle};
use debye_hdl::base::random::Random;
use debye_hdl::base::word::U;
use debye_hdl::crc::CrcStep;
use debye_hdl::packer::Packer;
use debye_spec::crc::Crc32;
use debye_spec::wire::{HEADER_BYTES, ResultHeader, TRAILER_MAGIC};
use debye_spec::{Bins, Statistics, Status};
use rust_hdl::prelude::*;

struct Frame {
    header: ResultHeader,
    bins: Bins,
    groups: Vec<u32>,
}

fn frame(rng: &mut Random, sequence: u32, bins: usize, listed: usize, status: Status) -> Frame {
    let sound = status == Status::Ok;
    let sums = Bins {
        signal: (0..bins).map(|_| rng.draw()).collect(),
        variance: (0..bins).map(|_| rng.draw()).collect(),
        weight: (0..bins).map(|_| rng.draw() as u32).collect(),
    };
    let payload =
        if sound { Bins::record_bytes(bins).next_multiple_of(8) + (4 * listed).next_multiple_of(8) } else { 0 };
    let header = ResultHeader {
        status,
        handle: rng.draw(),
        sequence,
        payload_bytes: payload as u32,
        statistics: Statistics {
            valid: rng.below(1 << 26) as u32,
            invalid: rng.below(1 << 26) as u32,
            sum: rng.below(1 << 48) << 6 | 63,
            max: rng.below(1 << 28) as u32,
            over: rng.below(1 << 26) as u32,
        },
        listed: listed as u32,
        bins: bins as u32,
        cycles: rng.below(1 << 20),
    };
    Frame { header, bins: sums, groups: (0..listed).map(|_| rng.draw() as u32).collect() }
}

fn words(bytes: &[u8]) -> Vec<u64> {
    bytes
        .chunks(8)
        .map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(word)
        })
        .collect()
}

fn record(bins: &Bins) -> Vec<u8> {
    let mut record = Vec::new();
    bins.record(|bytes| record.extend_from_slice(bytes));
    record
}

/// A stream into the design: a beat stays until it is taken; how often there is one is `percent`.
struct Source {
    valid: usize,
    ready: usize,
    data: Vec<usize>,
    beats: Vec<Vec<u64>>,
    sent: usize,
    percent: u64,
    on: bool,
}

impl Source {
    fn new(pins: &impl Pins, name: &str, data: &[&str], beats: Vec<Vec<u64>>, percent: u64) -> Source {
        let port = |field: &str| pins.port(&format!("s_{name}_{field}"));
        let data = data.iter().map(|field| port(field)).collect();
        Source { valid: port("tvalid"), ready: port("tready"), data, beats, sent: 0, percent, on: false }
    }
    fn drive(&mut self, pins: &mut impl Pins, rng: &mut Random) {
        self.on = self.sent < self.beats.len() && (self.on || rng.chance(self.percent, 100));
        pins.set_u64(self.valid, self.on as u64);
        for (k, &port) in self.data.iter().enumerate() {
            pins.set_u64(port, if self.on { self.beats[self.sent][k] } else { 0 });
        }
    }
    /// Before the edge, when all is settled.
    fn step(&mut self, pins: &mut impl Pins) -> bool {
        let taken = self.on && pins.get_u64(self.ready) != 0;
        self.sent += taken as usize;
        self.on &= !taken;
        taken
    }
}

/// Runs frames; gives the words out and the cycles from the first to the last.
fn run(frames: &mut [Frame], seed: u64, percent: [u64; 4]) -> (Vec<Vec<u64>>, u64) {
    let mut rng = Random::new(seed);
    let mut pins = Packer::pins();
    let fields =
        ["tvalid", "handle", "sequence", "bins", "start", "status", "valid", "invalid", "sum", "max", "over", "listed"];
    let sound = |frame: &&Frame| frame.header.status == Status::Ok;
    let rec = frames.iter().filter(sound).flat_map(|frame| {
        let record = words(&record(&frame.bins));
        let last = record.len().wrapping_sub(1);
        record.into_iter().enumerate().map(move |(i, word)| vec![word, (i == last) as u64])
    });
    let mut rec = Source::new(&pins, "rec", &["tdata", "tlast"], rec.collect(), percent[1]);
    let inv = frames.iter().filter(sound).flat_map(|frame| frame.groups.iter().map(|&group| vec![group as u64]));
    let mut inv = Source::new(&pins, "inv", &["tdata"], inv.collect(), percent[2]);
    let end = frames.iter().map(|frame| {
        let (h, s) = (&frame.header, &frame.header.statistics);
        let fields = [h.handle, h.sequence as u64, h.bins as u64, 0, h.status.code() as u64];
        let counts = [s.valid as u64, s.invalid as u64, s.sum, s.max as u64, s.over as u64, h.listed as u64];
        fields.into_iter().chain(counts).collect()
    });
    let mut end = Source::new(&pins, "end", &fields[1..], end.collect(), percent[0]);
    let [reset, now, tvalid, tready, tdata, tlast] =
        ["reset", "now", "m_axis_tvalid", "m_axis_tready", "m_axis_tdata", "m_axis_tlast"].map(|name| pins.port(name));
    pins.set_u64(reset, 1);
    pins.tick();
    pins.set_u64(reset, 0);

    // Near the wrap of 40 bits, so that durations cross it.
    let mut time = (1u64 << 40) - 50;
    let (mut results, mut result, mut held) = (vec![], vec![], None);
    let (mut first, mut idle) = (None, 0);
    while results.len() < frames.len() {
        let fresh = !end.on;
        end.drive(&mut pins, &mut rng);
        if end.on && fresh {
            // The frame began so long ago that its header says what was chosen.
            let cycles = frames[end.sent].header.cycles;
            end.beats[end.sent][3] = time.wrapping_sub(cycles) & ((1 << 40) - 1);
            pins.set_u64(end.data[3], end.beats[end.sent][3]);
        }
        rec.drive(&mut pins, &mut rng);
        inv.drive(&mut pins, &mut rng);
        pins.set_u64(now, time & ((1 << 40) - 1));
        let ready = rng.chance(percent[3], 100);
        pins.set_u64(tready, ready as u64);
        pins.settle();
        end.step(&mut pins);
        rec.step(&mut pins);
        inv.step(&mut pins);
        let out = (pins.get_u64(tvalid) != 0).then(|| (pins.get_u64(tdata), pins.get_u64(tlast)));
        if let Some(held) = held {
            assert_eq!(out, Some(held), "held until taken");
        }
        held = out.filter(|_| !ready);
        if let (Some((word, last)), true) = (out, ready) {
            first.get_or_insert(time);
            idle = 0;
            result.push(word);
            if last != 0 {
                results.push(std::mem::take(&mut result));
            }
        }
        idle += 1;
        assert!(idle < 10_000, "stands still");
        pins.tick();
        time += 1;
    }
    assert_eq!((end.sent, rec.sent, inv.sent), (end.beats.len(), rec.beats.len(), inv.beats.len()), "all was taken");
    (results, time - first.unwrap_or(time))
}

fn check(frames: &[Frame], results: &[Vec<u64>]) {
    for (frame, result) in frames.iter().zip(results) {
        let bytes: Vec<u8> = result.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(ResultHeader::read(&bytes), Ok(frame.header));
        assert_eq!(bytes[7], 0);
        let (payload, trailer) = bytes[HEADER_BYTES..].split_at(bytes.len() - HEADER_BYTES - 8);
        let (mut crc, mut expected) = (Crc32::default(), vec![]);
        if frame.header.status == Status::Ok {
            let record = record(&frame.bins);
            crc.update(&record);
            expected = record;
            expected.resize(expected.len().next_multiple_of(8), 0);
            expected.extend(frame.groups.iter().flat_map(|group| group.to_le_bytes()));
            expected.resize(expected.len().next_multiple_of(8), 0);
        }
        assert!(payload == expected, "payload of frame {}", frame.header.sequence);
        assert_eq!(payload.len(), frame.header.payload_bytes as usize);
        assert_eq!(trailer[..4], crc.value().to_le_bytes(), "CRC of frame {}", frame.header.sequence);
        assert_eq!(trailer[4..], TRAILER_MAGIC.to_le_bytes());
    }
}

#[test]
fn packer_random_frames_and_stalls_give_what_spec_reads() {
    for seed in 1..=12 {
        let mut rng = Random::new(seed << 32 | 0x9e37_79b9);
        let mut frames: Vec<Frame> = (0..40)
            .map(|sequence| {
                let (bins, listed) = (rng.index(40), [0, 0, 1, 2, rng.index(30)][rng.index(5)]);
                let status = if rng.chance(1, 3) { Status::ALL[rng.index(28)] } else { Status::Ok };
                frame(&mut rng, sequence, bins, listed, status)
            })
            .collect();
        let percent = [0; 4].map(|_| [100, 90, 50, 10][rng.index(4)]);
        let (results, _) = run(&mut frames, seed, percent);
        check(&frames, &results);
    }
}

#[test]
fn packer_largest_list_and_most_bins_are_counted_right() {
    let mut rng = Random::new(99);
    let mut frames =
        [(2048, 1024), (2047, 1023), (32767, 0), (1, 1)].map(|(b, l)| frame(&mut rng, b as u32, b, l, Status::Ok));
    let (results, _) = run(&mut frames, 5, [100; 4]);
    check(&frames, &results);
}

#[test]
fn packer_without_stalls_gives_a_word_in_two_cycles_over_frame_borders() {
    let mut rng = Random::new(7);
    let mut frames: Vec<Frame> = (0..20)
        .map(|n| frame(&mut rng, n, n as usize % 7, 0, if n % 5 == 3 { Status::Stalled } else { Status::Ok }))
        .collect();
    let (results, cycles) = run(&mut frames, 3, [100; 4]);
    check(&frames, &results);
    // And a cycle more where a CRC must be complete; the last word is there with its second half.
    let crcs = frames.iter().filter(|frame| frame.header.status == Status::Ok && frame.header.bins > 0).count() as u64;
    let words = results.iter().map(|result| result.len() as u64).sum::<u64>();
    assert!((2 * words - 1..=2 * words - 1 + crcs).contains(&cycles), "{cycles} cycles for {words} words");
}

#[test]
fn crc_step_random_words_equals_the_definition() {
    let mut step = CrcStep::default();
    step.connect_all();
    let mut rng = Random::new(1);
    for _ in 0..200 {
        let (mut crc, mut register) = (Crc32::default(), 0xffff_ffff);
        for _ in 0..20 {
            let word = rng.draw() as u32;
            crc.update(&word.to_le_bytes());
            (step.state.next, step.data.next) = (U(register), U(word as u64));
            settle(&mut step);
            register = step.stepped.val().0;
            assert_eq!(register, !crc.value() as u64);
        }
    }
}

#[test]
fn packer_means_the_same_in_verilog() {
    assert_no_findings(&*Packer::pins().design);
}
