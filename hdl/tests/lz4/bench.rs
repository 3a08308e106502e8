//! Drives the LZ4 core: a source of blocks and a consumer that reads the halves, both with stalls.

use debye_hdl::base::pins::Pins;
use debye_hdl::base::random::Random;
use debye_spec::lz4;
use debye_spec::{ChunkError, Lz4Error, Status};
use std::collections::VecDeque;

/// Fewer than `n` bytes, but `least` or more.
pub fn some_bytes(rng: &mut Random, least: usize, n: usize) -> Vec<u8> {
    let count = least + rng.index(n - least);
    rng.bytes(count)
}

#[derive(Clone, Debug)]
pub struct Block {
    pub raw: bool,
    pub size: usize,
    pub esize: u64,
    pub data: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub blocks: Vec<Block>,
    pub status: u8,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    Block { kind: u64, esize: u64, bytes: Vec<u8> },
    End { status: u64 },
}

/// The status of a fault in a block.
pub fn status_of(error: Lz4Error) -> u64 {
    Status::from(&ChunkError::Block { block: 0, byte: 0, error }).code() as u64
}

/// What `spec` makes of the frames. With a status of the card's own (32 and above: the watchdog gave the frame up) a last
/// block that ends too early does so for that reason.
pub fn expected(frames: &[Frame]) -> Vec<Event> {
    let mut events = Vec::new();
    for frame in frames {
        let mut status = frame.status as u64;
        for (n, block) in frame.blocks.iter().enumerate() {
            let mut bytes = vec![0; block.size];
            if block.raw {
                bytes.copy_from_slice(&block.data);
            } else if let Err(error) = lz4::decode(&block.data, &mut bytes) {
                let (fault, is_last) = (status_of(error), n + 1 == frame.blocks.len());
                let cut = is_last && frame.status >= 32 && ![20, 21, 23].contains(&fault);
                status = if cut { status } else { fault };
                break;
            }
            events.push(Event::Block { kind: block.raw as u64, esize: block.esize, bytes });
        }
        events.push(Event::End { status });
    }
    events
}

struct Beat {
    data: u64,
    bytes: u64,
    last: bool,
    kind: u64,
    size: u64,
    esize: u64,
    status: u64,
}

fn beats(frames: &[Frame], rng: &mut Random) -> VecDeque<Beat> {
    let mut beats = VecDeque::new();
    for frame in frames {
        for block in &frame.blocks {
            let (kind, size, esize) = (block.raw as u64, block.size as u64, block.esize);
            let count = block.data.len().div_ceil(8).max(1);
            for i in 0..count {
                // Bytes that do not count hold anything.
                let mut word = rng.draw().to_le_bytes();
                let piece = &block.data[(8 * i).min(block.data.len())..(8 * i + 8).min(block.data.len())];
                word[..piece.len()].copy_from_slice(piece);
                let (data, bytes, last) = (u64::from_le_bytes(word), piece.len() as u64, i + 1 == count);
                beats.push_back(Beat { data, bytes, last, kind, size, esize, status: rng.draw() & 255 });
            }
        }
        let status = frame.status as u64;
        let (data, size, esize) = (rng.draw(), rng.draw() & 0x1ffff, rng.draw() & 3);
        beats.push_back(Beat { data, bytes: 0, last: true, kind: 2, size, esize, status });
    }
    beats
}

/// How often, in percent of the cycles, a side stalls; `unaligned` reads start anywhere.
#[derive(Clone, Copy, Default)]
pub struct Stalls {
    pub source: u64,
    pub ends: u64,
    pub reads: u64,
    pub unaligned: bool,
}

struct Reading {
    kind: u64,
    esize: u64,
    bytes: Vec<u8>,
    addresses: VecDeque<usize>,
}

/// Runs frames through the core; what came out, and the cycles from the first beat in to the last event.
pub fn run<P: Pins>(core: &mut P, frames: &[Frame], stalls: Stalls, rng: &mut Random) -> (Vec<Event>, u64) {
    let p = |name: &str| core.port(name);
    let [valid, data, bytes, last, kind, size, esize, status] =
        ["tvalid", "tdata", "tbytes", "tlast", "kind", "size", "esize", "status"].map(|n| p(&format!("s_blk_{n}")));
    let [pl_valid, pl_ready, pl_kind, pl_size, pl_esize, pl_status] =
        ["tvalid", "tready", "kind", "size", "esize", "status"].map(|n| p(&format!("m_pl_{n}")));
    let [rd_enable, rd_address, rd_data, rd_release] =
        ["enable", "address", "data", "release"].map(|n| p(&format!("rd_{n}")));
    let (reset, ready) = (p("reset"), p("s_blk_tready"));
    core.set_u64(reset, 1);
    for port in [valid, pl_ready, rd_enable, rd_release] {
        core.set_u64(port, 0);
    }
    core.tick();
    core.tick();
    core.set_u64(reset, 0);

    let total = expected(frames).len();
    let allowed = 20_000
        + 40 * frames.iter().flat_map(|f| &f.blocks).map(|b| b.size + b.data.len() + 100).sum::<usize>() as u64
        + 1000 * frames.len() as u64;
    let mut beats = beats(frames, rng);
    let mut events: Vec<Option<Event>> = Vec::new();
    let mut reading: VecDeque<(usize, Reading)> = VecDeque::new();
    let mut done = 0;
    // Reads on their way: when they come, for which reading, which byte.
    let mut coming: VecDeque<(u64, usize, usize)> = VecDeque::new();
    let mut complete: VecDeque<(usize, Reading)> = VecDeque::new();
    let (mut offered, mut cycle, mut taken) = (false, 0u64, None);
    while done < total {
        assert!(cycle < allowed, "hangs: {done} of {total} events after {cycle} cycles");
        // The source holds a beat that it offered.
        offered = !beats.is_empty() && (offered || !rng.chance(stalls.source, 100));
        core.set_u64(valid, offered as u64);
        if let Some(beat) = beats.front().filter(|_| offered) {
            for (port, value) in [
                (data, beat.data),
                (bytes, beat.bytes),
                (last, beat.last as u64),
                (kind, beat.kind),
                (size, beat.size),
                (esize, beat.esize),
                (status, beat.status),
            ] {
                core.set_u64(port, value);
            }
        }
        let takes = !rng.chance(stalls.ends, 100);
        core.set_u64(pl_ready, takes as u64);
        let (mut enable, mut release) = (false, false);
        let front = reading.front_mut().map(|(index, front)| {
            if !rng.chance(stalls.reads, 100) {
                if let Some(address) = front.addresses.pop_front() {
                    enable = true;
                    core.set_u64(rd_address, address as u64);
                    coming.push_back((cycle + 3, *index, address));
                }
                release = front.addresses.is_empty();
            }
        });
        if front.is_some() && release {
            complete.extend(reading.pop_front());
        }
        core.set_u64(rd_enable, enable as u64);
        core.set_u64(rd_release, release as u64);
        core.settle();
        if offered && core.get_u64(ready) == 1 {
            beats.pop_front();
            offered = false;
            taken.get_or_insert(cycle);
        }
        while let Some(&(_, index, address)) = coming.front().filter(|read| read.0 == cycle) {
            coming.pop_front();
            let word = core.get_u64(rd_data).to_le_bytes();
            let all = complete.iter_mut().chain(reading.iter_mut());
            if let Some((_, target)) = all.into_iter().find(|(at, _)| *at == index) {
                for (i, byte) in word.into_iter().enumerate() {
                    if let Some(place) = target.bytes.get_mut(address + i) {
                        *place = byte;
                    }
                }
            }
        }
        while complete.front().is_some_and(|(index, _)| !coming.iter().any(|read| read.1 == *index)) {
            if let Some((index, r)) = complete.pop_front() {
                events[index] = Some(Event::Block { kind: r.kind, esize: r.esize, bytes: r.bytes });
                done += 1;
            }
        }
        if takes && core.get_u64(pl_valid) == 1 {
            let (kind, size, esize) = (core.get_u64(pl_kind), core.get_u64(pl_size) as usize, core.get_u64(pl_esize));
            if kind == 2 {
                events.push(Some(Event::End { status: core.get_u64(pl_status) }));
                done += 1;
            } else {
                let start = if stalls.unaligned { rng.index(8) } else { 0 };
                let mut addresses: VecDeque<usize> = (start..size).step_by(8).collect();
                if start > 0 {
                    addresses.push_back(0);
                }
                reading.push_back((events.len(), Reading { kind, esize, bytes: vec![0xcc; size], addresses }));
                events.push(None);
            }
        }
        core.tick();
        cycle += 1;
    }
    (events.into_iter().flatten().collect(), cycle - taken.unwrap_or(0))
}

/// Runs frames and compares with `spec`; the cycles they took.
pub fn check<P: Pins>(core: &mut P, frames: &[Frame], stalls: Stalls, rng: &mut Random) -> u64 {
    let (events, cycles) = run(core, frames, stalls, rng);
    let expected = expected(frames);
    for (i, (got, want)) in events.iter().zip(&expected).enumerate() {
        if let (Event::Block { bytes: got, .. }, Event::Block { bytes: want, .. }) = (got, want) {
            let first = got.iter().zip(want).position(|(a, b)| a != b);
            assert_eq!(first, None, "event {i}: first wrong byte of {}", want.len());
        }
        assert_eq!(got, want, "event {i}");
    }
    assert_eq!(events.len(), expected.len());
    cycles
}
