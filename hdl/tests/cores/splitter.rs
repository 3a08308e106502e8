//! The splitter against `spec::chunk`: jobs, blocks, tails, ends and statuses of random and of broken frames.

use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Random;
use debye_hdl::splitter;
use debye_spec::chunk::{Blocks, ChunkError, ChunkHeader};
use debye_spec::wire::{self, Request};
use debye_spec::{Element, Status, ValidRule};

/// Log2 of the largest block of the splitter under test.
const BLOCK: usize = 12;
const MAX_BINS: u32 = 2048;

#[derive(Clone, Copy)]
struct Config {
    table: u32,
    pixels: u32,
    bins: u32,
    watchdog: u32,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
struct Job {
    handle: u64,
    sequence: u32,
    element: u64,
    max_valid: u32,
    threshold: u32,
    bins: u32,
}

#[derive(Debug, PartialEq, Eq, Clone)]
struct Piece {
    kind: u64,
    size: u64,
    esize: u64,
    status: u64,
    data: Vec<u8>,
}

#[derive(Clone)]
struct Frame {
    header: [u8; 64],
    chunk: Vec<u8>,
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// What a frame must become: the definition.
fn expected(frame: &Frame, config: &Config) -> (Job, Vec<Piece>) {
    let h = &frame.header;
    let element = Element::ALL.into_iter().find(|&e| wire::element_code(e) == h[6]);
    let esize = element.map_or(0, |e| e.size().ilog2() as u64);
    let job = Job {
        handle: u64::from_le_bytes(h[8..16].try_into().unwrap()),
        sequence: u32_at(h, 16),
        element: element.map_or(0, |_| h[6] as u64),
        max_valid: ValidRule::new(element.unwrap_or(Element::U8), u32_at(h, 32)).max_valid(),
        threshold: u32_at(h, 36),
        bins: u32_at(h, 28) & 0x7fff,
    };
    let mut pieces = vec![];
    let status = walk(frame, element, config, esize, &mut pieces);
    pieces.push(Piece { kind: 2, size: 0, esize, status: status.code() as u64, data: vec![] });
    (job, pieces)
}

fn walk(frame: &Frame, element: Option<Element>, config: &Config, esize: u64, pieces: &mut Vec<Piece>) -> Status {
    let h = &frame.header;
    let fixed = u32_at(h, 0) == wire::REQUEST_MAGIC && h[4] == wire::VERSION && h[5] == wire::KIND_INTEGRATE;
    let Some(element) =
        element.filter(|_| fixed && h[7] & !wire::REQUEST_PADDED == 0 && h[52..].iter().all(|&b| b == 0))
    else {
        return Status::RequestInvalid;
    };
    if u32_at(h, 28) > MAX_BINS {
        return Status::TooManyBins;
    }
    if u32_at(h, 24) != config.pixels || u32_at(h, 28) != config.bins || u32_at(h, 48) != config.table {
        return Status::TableMismatch;
    }
    let header = match ChunkHeader::read(&frame.chunk, element, config.pixels as usize) {
        Ok(header) => header,
        Err(error) => return Status::from(&error),
    };
    if header.block_bytes.min(header.shuffled_bytes()) > 1 << BLOCK {
        return Status::BlockTooLarge;
    }
    let mut blocks = Blocks::new(&frame.chunk, header);
    let mut all = || -> Result<(), ChunkError> {
        while let Some(block) = blocks.next_block()? {
            let data = frame.chunk[block.data].to_vec();
            pieces.push(Piece { kind: 0, size: block.pixels.len() as u64, esize, status: 0, data });
        }
        let tail = if h[7] == wire::REQUEST_PADDED { blocks.padded_tail()? } else { blocks.tail()? };
        let data = frame.chunk[tail].to_vec();
        if !data.is_empty() {
            pieces.push(Piece { kind: 1, size: data.len() as u64, esize, status: 0, data });
        }
        Ok(())
    };
    all().err().map_or(Status::Ok, |error| Status::from(&error))
}

fn request(rng: &mut Random, element: Element, chunk: &[u8], config: &Config) -> [u8; 64] {
    Request {
        handle: rng.draw(),
        sequence: rng.draw() as u32,
        element,
        chunk_bytes: chunk.len() as u32,
        pixels: config.pixels,
        bins: config.bins,
        max_valid: (rng.draw() as u32) >> rng.index(32),
        threshold: rng.draw() as u32,
        chunk_address: rng.draw(),
        table: config.table,
    }
    .to_bytes()
}

/// A sound chunk whose blocks hold random bytes, 0 to `longest` each.
fn sound(rng: &mut Random, element: Element, pixels: usize, block_bytes: usize, longest: usize) -> Vec<u8> {
    let bytes = pixels * element.size();
    let mut chunk = (bytes as u64).to_be_bytes().to_vec();
    chunk.extend((block_bytes as u32).to_be_bytes());
    let header = ChunkHeader::read(&chunk, element, pixels).unwrap();
    for _ in 0..header.blocks() {
        let length = rng.index(longest + 1);
        chunk.extend((length as u32).to_be_bytes());
        chunk.extend((0..length).map(|_| rng.draw() as u8));
    }
    chunk.extend((header.shuffled_bytes()..bytes).map(|_| rng.draw() as u8));
    chunk
}

fn random_frame(rng: &mut Random, config: &Config, longest: usize) -> Frame {
    let element = Element::ALL[rng.index(5)];
    let unit = 8 * element.size();
    let largest = (1 << BLOCK) / unit;
    let blocks = if rng.chance(1, 3) { 1 + rng.index(3) } else { 1 + rng.index(largest) };
    let mut chunk = sound(rng, element, config.pixels as usize, blocks * unit, longest);
    let mut header = request(rng, element, &chunk, config);
    // By the sequence number, a quarter of them with something behind the chunk's end.
    if header[16].is_multiple_of(4) {
        chunk.resize(chunk.len() + usize::from(header[17] % 100), 0xa7);
        header[7] = wire::REQUEST_PADDED;
        header[20..24].copy_from_slice(&(chunk.len() as u32).to_le_bytes());
    }
    Frame { header, chunk }
}

/// Breaks a frame; many of the ways leave it sound.
fn mutate(rng: &mut Random, frame: &mut Frame) {
    match rng.index(10) {
        0 => frame.chunk.truncate(rng.index(frame.chunk.len() + 1)),
        1 => frame.chunk.truncate(rng.index(30)),
        2 => frame.chunk.extend((0..1 + rng.index(40)).map(|_| rng.draw() as u8)),
        3 => {
            let at = rng.index(frame.header.len());
            frame.header[at] ^= 1 << rng.index(8);
        }
        4 => {
            let at = rng.index(12);
            frame.chunk[at] ^= 1 << rng.index(8);
        }
        5 => {
            let codes = [0, 1, 2, 5, 6, 3, 4, 7, 8, 0x81];
            frame.header[6] = codes[rng.index(codes.len())];
        }
        6 => {
            let sizes = [0u32, 8, 16, 32, 4096, 4104, 8192, 0x2_0000, 0x2_0008, 0x8000_0000, u32::MAX, u32::MAX - 31];
            frame.chunk[8..12].copy_from_slice(&sizes[rng.index(sizes.len())].to_be_bytes());
        }
        7 if frame.chunk.len() >= 16 => {
            let lengths =
                [0, 1, 3, frame.chunk.len() as u32 - 16, frame.chunk.len() as u32 - 15, u32::MAX, 0x8000_0000];
            frame.chunk[12..16].copy_from_slice(&lengths[rng.index(lengths.len())].to_be_bytes());
        }
        8 => {
            let at = rng.index(frame.chunk.len());
            frame.chunk[at] = rng.draw() as u8;
        }
        _ => {}
    }
    let declared = u32_at(&frame.header, 20) as usize;
    if declared != frame.chunk.len() && declared < 100_000 && rng.chance(1, 2) && !frame.chunk.is_empty() {
        // The request's length counts: the chunk follows it.
        frame.chunk.resize(declared, 0x5a);
    } else {
        let bytes = (frame.chunk.len() as u32).to_le_bytes();
        frame.header[20..24].copy_from_slice(&bytes);
    }
}

struct Bench {
    pins: Box<dyn Pins>,
    config: Config,
    cycle: u64,
}

macro_rules! number {
    ($pins:expr, $name:literal) => {{
        let port = $pins.port($name);
        $pins.get_u64(port)
    }};
}

impl Bench {
    fn new() -> Bench {
        let mut pins = splitter::pins::<BLOCK>();
        let reset = pins.port("reset");
        pins.set_u64(reset, 1);
        pins.tick();
        pins.tick();
        pins.set_u64(reset, 0);
        Bench { pins: Box::new(pins), config: Config { table: 0, pixels: 0, bins: 0, watchdog: 0 }, cycle: 0 }
    }

    fn configure(&mut self, config: Config) {
        let values = [
            ("table_id", config.table),
            ("table_pixels", config.pixels),
            ("table_bins", config.bins),
            ("max_bins", MAX_BINS),
            ("watchdog", config.watchdog),
        ];
        for (name, value) in values {
            let port = self.pins.port(name);
            self.pins.set_u64(port, value as u64);
        }
        self.config = config;
    }

    /// Runs words through; a stall of `one in` each side (0: none). Ends when as many ends came as frames went in.
    /// `pause`: from which word on nothing comes for so many cycles.
    fn run(&mut self, words: &[u64], frames: usize, rng: &mut Random, stalls: [u64; 3], pause: (usize, u64)) -> Output {
        let names = ["s_axis_tvalid", "s_axis_tdata", "m_job_tready", "m_blk_tready", "now"];
        let [valid, data, job_ready, ready, now] = names.map(|name| self.pins.port(name));
        let names = ["s_axis_tready", "m_job_tvalid", "m_blk_tvalid"];
        let [taken, job_valid, block_valid] = names.map(|name| self.pins.port(name));
        let names =
            ["m_blk_tdata", "m_blk_tbytes", "m_blk_tlast", "m_blk_kind", "m_blk_size", "m_blk_esize", "m_blk_status"];
        let beat_ports = names.map(|name| self.pins.port(name));
        let mut output = Output::default();
        let (mut at, mut ends, mut offered, mut held) = (0, 0, false, None);
        let mut open: Option<Piece> = None;
        let begun = self.cycle;
        let mut paused = 0;
        while ends < frames || at < words.len() || output.jobs.len() < frames {
            let stall = |rng: &mut Random, n: u64| n != 0 && !rng.chance(1, n);
            if at == pause.0 && paused < pause.1 {
                paused += 1;
                offered = false;
            } else if !offered {
                offered = at < words.len() && !(stalls[0] != 0 && rng.chance(1, stalls[0]));
            }
            let takes_job = !stall(rng, stalls[1]);
            let takes = stalls[2] == 0 || !rng.chance(1, stalls[2]);
            self.pins.set_u64(valid, offered as u64);
            self.pins.set_u64(data, if offered { words[at] } else { rng.draw() });
            self.pins.set_u64(job_ready, takes_job as u64);
            self.pins.set_u64(ready, takes as u64);
            self.pins.set_u64(now, self.cycle);
            self.pins.settle();
            if self.pins.get_u64(job_valid) != 0 && takes_job {
                output.jobs.push(Job {
                    handle: number!(self.pins, "m_job_handle"),
                    sequence: number!(self.pins, "m_job_sequence") as u32,
                    element: number!(self.pins, "m_job_element"),
                    max_valid: number!(self.pins, "m_job_max_valid") as u32,
                    threshold: number!(self.pins, "m_job_threshold") as u32,
                    bins: number!(self.pins, "m_job_bins") as u32,
                });
                output.starts.push(number!(self.pins, "m_job_start"));
            }
            let beat = beat_ports.map(|port| self.pins.get_u64(port));
            let stands = self.pins.get_u64(block_valid) != 0;
            if let Some(before) = held {
                assert!(stands && beat == before, "a beat that was not taken must stay");
            }
            held = (stands && !takes).then_some(beat);
            if stands && takes {
                let [data, bytes, last, kind, size, esize, status] = beat;
                if kind == 2 {
                    assert!(open.is_none(), "an end comes between blocks");
                    assert_eq!((bytes, last), (0, 1), "an end is one beat without bytes");
                    output.pieces.push(Piece { kind, size: 0, esize, status, data: vec![] });
                    ends += 1;
                } else {
                    assert!(bytes <= 8 && (last == 1 || bytes == 8), "only a last beat is partial");
                    let piece = open.get_or_insert(Piece { kind, size, esize, status, data: vec![] });
                    assert_eq!((kind, size, esize, status), (piece.kind, piece.size, piece.esize, piece.status));
                    piece.data.extend(&data.to_le_bytes()[..bytes as usize]);
                    if last == 1 {
                        output.pieces.extend(open.take());
                    }
                    output.beats.push(self.cycle);
                }
            }
            if offered && self.pins.get_u64(taken) != 0 {
                output.taken.push(self.cycle);
                at += 1;
                offered = false;
            }
            self.pins.tick();
            self.cycle += 1;
            assert!(self.cycle - begun < 20_000 + 40 * words.len() as u64 + pause.1, "it hangs");
        }
        output
    }
}

#[derive(Default)]
struct Output {
    jobs: Vec<Job>,
    starts: Vec<u64>,
    pieces: Vec<Piece>,
    /// Cycles of data beats and of input words.
    beats: Vec<u64>,
    taken: Vec<u64>,
}

fn words(frame: &Frame) -> Vec<u64> {
    let mut bytes = frame.header.to_vec();
    bytes.extend(&frame.chunk);
    bytes.resize(bytes.len().next_multiple_of(8), 0xee);
    bytes.as_chunks::<8>().0.iter().map(|&word| u64::from_le_bytes(word)).collect()
}

/// Runs frames back to back and compares everything.
fn check(bench: &mut Bench, frames: &[Frame], rng: &mut Random, stalls: [u64; 3]) -> Output {
    let all: Vec<u64> = frames.iter().flat_map(words).collect();
    let output = bench.run(&all, frames.len(), rng, stalls, (usize::MAX, 0));
    let (mut jobs, mut pieces) = (vec![], vec![]);
    for frame in frames {
        let (job, of_frame) = expected(frame, &bench.config);
        jobs.push(job);
        pieces.extend(of_frame);
    }
    for (k, (have, want)) in output.pieces.iter().zip(&pieces).enumerate() {
        assert_eq!(have, want, "piece {k}");
    }
    assert_eq!(output.pieces.len(), pieces.len());
    assert_eq!(output.jobs, jobs);
    let mut at = 0;
    for (frame, &start) in frames.iter().zip(&output.starts) {
        assert_eq!(start, output.taken[at], "a job starts with its first word");
        at += words(frame).len();
    }
    output
}

fn soak() -> usize {
    std::env::var("DEBYE_SOAK").ok().map_or(1, |n| n.parse().unwrap_or(20))
}

fn random_config(rng: &mut Random) -> Config {
    let pixels = match rng.index(4) {
        0 => rng.index(40),
        1 => 8 * rng.index(300),
        _ => rng.index(12_000),
    };
    Config {
        table: rng.draw() as u32,
        pixels: pixels as u32,
        bins: 1 + rng.index(MAX_BINS as usize) as u32,
        watchdog: 0,
    }
}

#[test]
fn splitter_sound_frames_come_out_as_spec_has_them() {
    let mut rng = Random::new(0x5eed_0001);
    let mut bench = Bench::new();
    for round in 0..60 * soak() {
        let config = random_config(&mut rng);
        bench.configure(config);
        let longest = [0, 3, 20, 200][rng.index(4)];
        let frames: Vec<_> = (0..4).map(|_| random_frame(&mut rng, &config, longest)).collect();
        let stalls = [[0, 0, 0], [3, 4, 3], [2, 30, 0], [0, 9, 2]][round % 4];
        let output = check(&mut bench, &frames, &mut rng, stalls);
        assert!(output.pieces.iter().filter(|p| p.kind == 2).all(|p| p.status == 0 || p.status == 32));
    }
}

#[test]
fn splitter_broken_frames_end_in_spec_status_and_the_next_is_right() {
    let mut rng = Random::new(0x5eed_0002);
    let mut bench = Bench::new();
    let mut seen = std::collections::BTreeMap::new();
    for round in 0..200 * soak() {
        let config = random_config(&mut rng);
        bench.configure(config);
        let mut frames: Vec<_> = (0..8).map(|_| random_frame(&mut rng, &config, 40)).collect();
        for frame in frames.iter_mut().step_by(2) {
            mutate(&mut rng, frame);
        }
        let stalls = [[0, 0, 0], [3, 4, 3], [2, 30, 0], [0, 9, 2]][round % 4];
        for piece in check(&mut bench, &frames, &mut rng, stalls).pieces {
            if piece.kind == 2 {
                *seen.entry(piece.status).or_insert(0) += 1;
            }
        }
    }
    for status in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 32, 33, 34, 35] {
        assert!(seen.contains_key(&status), "status {status} never came: {seen:?}");
    }
}

#[test]
fn splitter_truncated_at_each_byte_ends_as_spec_says() {
    let mut rng = Random::new(0x5eed_0003);
    let mut bench = Bench::new();
    for element in Element::ALL {
        let config = Config { table: 7, pixels: 77, bins: 100, watchdog: 0 };
        bench.configure(config);
        let chunk = sound(&mut rng, element, 77, 32 * element.size(), 20);
        let frames: Vec<_> = (0..=chunk.len())
            .map(|length| {
                let chunk = chunk[..length].to_vec();
                Frame { header: request(&mut rng, element, &chunk, &config), chunk }
            })
            .collect();
        check(&mut bench, &frames, &mut rng, [0, 0, 0]);
        check(&mut bench, &frames, &mut rng, [2, 2, 2]);
    }
}

#[test]
fn splitter_unstalled_loses_two_cycles_a_block() {
    let mut rng = Random::new(0x5eed_0004);
    let mut bench = Bench::new();
    let config = Config { table: 7, pixels: 40_000, bins: 100, watchdog: 0 };
    bench.configure(config);
    let mut chunk = sound(&mut rng, Element::U16, 0, 4096, 0);
    chunk[..8].copy_from_slice(&80_000u64.to_be_bytes());
    let lengths: Vec<usize> = (0..20).map(|_| 4096 + rng.index(30)).collect();
    for &length in &lengths {
        chunk.extend((length as u32).to_be_bytes());
        chunk.extend((0..length).map(|_| rng.draw() as u8));
    }
    let frame = Frame { header: request(&mut rng, Element::U16, &chunk, &config), chunk };
    let output = check(&mut bench, &[frame], &mut rng, [0, 0, 0]);
    let mut at = 0;
    for &length in &lengths {
        let beats = length.div_ceil(8);
        let cycles = output.beats[at + beats - 1] - output.beats[at] + 1;
        assert_eq!(cycles, beats as u64, "no bubble within a block");
        at += beats;
        if at < output.beats.len() {
            assert!(output.beats[at] - output.beats[at - 1] <= 3, "two cycles lost between blocks");
        }
    }
}

#[test]
fn splitter_stalled_frame_ends_and_what_comes_late_is_drained() {
    let mut rng = Random::new(0x5eed_0005);
    let mut bench = Bench::new();
    let config = Config { table: 7, pixels: 900, bins: 100, watchdog: 50 };
    bench.configure(config);
    let mut aborted = 0;
    for _ in 0..40 {
        let frames: Vec<_> = (0..2).map(|_| random_frame(&mut rng, &config, 300)).collect();
        let all: Vec<u64> = frames.iter().flat_map(words).collect();
        let chunk_words = words(&frames[0]).len() - 8;
        let pause = (8 + rng.index(chunk_words), 100 + rng.draw() % 100);
        let output = bench.run(&all, 2, &mut rng, [0, 0, 0], pause);
        let ends: Vec<u64> = output.pieces.iter().filter(|p| p.kind == 2).map(|p| p.status).collect();
        assert_eq!(ends, [Status::Stalled.code() as u64, 0]);
        let next = output.pieces.iter().position(|p| p.kind == 2).unwrap() + 1;
        assert_eq!(output.pieces[next..], expected(&frames[1], &config).1);
        let (before, want) = (&output.pieces[..next - 1], expected(&frames[0], &config).1);
        for (k, (have, want)) in before.iter().zip(&want).enumerate() {
            let cut = have.data.len() < want.data.len();
            assert!(!cut || k + 1 == before.len(), "only the last piece is cut");
            aborted += cut as usize;
            let want = Piece { data: want.data[..have.data.len()].to_vec(), ..want.clone() };
            assert_eq!(have, &want, "piece {k}");
        }
    }
    assert!(aborted > 5, "stalls within blocks: {aborted}");
    // A pause shorter than the watchdog does nothing.
    let frame = random_frame(&mut rng, &config, 300);
    let output = bench.run(&words(&frame), 1, &mut rng, [0, 0, 0], (12, 45));
    assert_eq!(output.pieces, expected(&frame, &config).1);
}
