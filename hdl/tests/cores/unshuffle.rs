//! The unshuffle with a model of the history's read port against `spec::bitshuffle`.

use debye_hdl::base::pins::{HdlPins, Pins};
use debye_hdl::base::random::Random;
use debye_hdl::unshuffle::{self, Unshuffle};
use debye_spec::bitshuffle;
use std::collections::VecDeque;

/// What is announced: a block (0), a tail (1) or an end (2).
#[derive(Clone)]
struct Piece {
    kind: u64,
    esize: u64,
    status: u64,
    stored: Vec<u8>,
}

fn block(rng: &mut Random, esize: u64, units: usize) -> Piece {
    let stored = (0..(units * 8) << esize).map(|_| rng.draw() as u8).collect();
    Piece { kind: 0, esize, status: 0, stored }
}

fn tail(rng: &mut Random, esize: u64, pixels: usize) -> Piece {
    Piece { kind: 1, esize, status: 0, stored: (0..pixels << esize).map(|_| rng.draw() as u8).collect() }
}

fn end(esize: u64, status: u64) -> Piece {
    Piece { kind: 2, esize, status, stored: vec![] }
}

#[derive(Debug, PartialEq, Eq)]
enum Beat {
    /// Data and how many of its bytes mean something.
    Pixels(u64, usize),
    End(u64),
}

fn expected(pieces: &[Piece]) -> Vec<Beat> {
    let mut beats = vec![];
    for piece in pieces {
        let mut pixels = piece.stored.clone();
        match piece.kind {
            0 => bitshuffle::unshuffle(&piece.stored, &mut pixels, 1 << piece.esize),
            1 => {}
            _ => beats.push(Beat::End(piece.status)),
        }
        for word in pixels.chunks(8) {
            let mut bytes = [0; 8];
            bytes[..word.len()].copy_from_slice(word);
            beats.push(Beat::Pixels(u64::from_le_bytes(bytes), word.len()));
        }
    }
    beats
}

fn reset(pins: &mut HdlPins<Unshuffle>) {
    let port = pins.port("reset");
    pins.set_u64(port, 1);
    pins.tick();
    pins.set_u64(port, 0);
}

/// Runs pieces through and compares; stalls of one in so many at the input and at the output (0: none). Gives the
/// cycle of each beat. `cut`: leaves off after so many beats.
fn run(pins: &mut HdlPins<Unshuffle>, pieces: &[Piece], rng: &mut Random, stalls: [u64; 2], cut: usize) -> Vec<u64> {
    let names = ["s_pl_tvalid", "s_pl_kind", "s_pl_size", "s_pl_esize", "s_pl_status", "rd_data", "m_px_tready"];
    let [valid, kind, size, esize, status, data, ready] = names.map(|name| pins.port(name));
    let names = ["s_pl_tready", "rd_enable", "rd_address", "rd_release", "m_px_tvalid"];
    let [taken, read, address, release, stands] = names.map(|name| pins.port(name));
    let beat_ports = ["m_px_tdata", "m_px_tend", "m_px_tstatus"].map(|name| pins.port(name));
    let want = expected(pieces);
    let halves: Vec<&Piece> = pieces.iter().filter(|piece| piece.kind < 2).collect();
    let (mut at, mut half, mut announced, mut offered) = (0, 0, 0, false);
    let mut reads = VecDeque::from([0u64; 2]);
    let mut cycles = vec![];
    let mut held = None;
    let (mut cycle, mut quiet) = (0, 0);
    while cycles.len() < cut.min(want.len()) || (cut >= want.len() && (at < pieces.len() || quiet < 80)) {
        if !offered && at < pieces.len() {
            // There are two halves: a third block waits until one is read out.
            let waits = pieces[at].kind < 2 && announced - half > 1;
            offered = !waits && (stalls[0] == 0 || rng.chance(1, stalls[0]));
        }
        pins.set_u64(valid, offered as u64);
        let shown = pieces.get(at).filter(|_| offered);
        pins.set_u64(kind, shown.map_or(rng.draw() & 3, |piece| piece.kind));
        pins.set_u64(size, shown.map_or(rng.draw() & 0x1_ffff, |piece| piece.stored.len() as u64));
        pins.set_u64(esize, shown.map_or(rng.draw() & 3, |piece| piece.esize));
        pins.set_u64(status, shown.map_or(rng.draw() & 0xff, |piece| piece.status));
        let takes = stalls[1] == 0 || rng.chance(1, stalls[1]);
        pins.set_u64(ready, takes as u64);
        pins.settle();

        // The read port: data stands three cycles after the address.
        let mut word = rng.draw();
        if pins.get_u64(read) != 0 {
            let piece = halves.get(half).expect("a read has a block");
            for k in 0..8 {
                if let Some(&byte) = piece.stored.get(pins.get_u64(address) as usize + k) {
                    word = word & !(0xff << (8 * k)) | (byte as u64) << (8 * k);
                }
            }
            assert!((pins.get_u64(address) as usize) < piece.stored.len(), "no read begins behind the block");
        }
        reads.push_back(word);
        if pins.get_u64(release) != 0 {
            half += 1;
        }
        if offered && pins.get_u64(taken) != 0 {
            announced += (pieces[at].kind < 2) as usize;
            at += 1;
            offered = false;
        }
        let beat = beat_ports.map(|port| pins.get_u64(port));
        let here = pins.get_u64(stands) != 0;
        if let Some(before) = held {
            assert!(here && beat == before, "a beat that was not taken must stay");
        }
        held = (here && !takes).then_some(beat);
        quiet += 1;
        if here && takes {
            quiet = 0;
            let k = cycles.len();
            let [data, end, status] = beat;
            match want.get(k) {
                Some(&Beat::Pixels(word, bytes)) => {
                    let mask = u64::MAX >> (64 - 8 * bytes);
                    assert_eq!((data & mask, end), (word & mask, 0), "word {k}, cycle {cycle}");
                }
                Some(&Beat::End(code)) => assert_eq!((end, status), (1, code), "end at beat {k}, cycle {cycle}"),
                None => panic!("a beat too many at cycle {cycle}"),
            }
            cycles.push(cycle);
        }
        pins.tick();
        pins.set_u64(data, reads.pop_front().unwrap());
        cycle += 1;
        assert!(cycle < 10_000 + 100 * want.len() as u64 + 1000 * pieces.len() as u64, "it hangs");
    }
    cycles
}

fn soak() -> usize {
    std::env::var("DEBYE_SOAK").ok().map_or(1, |n| n.parse().unwrap_or(20))
}

/// Frames of random element sizes, blocks, tails, statuses.
fn random_frames(rng: &mut Random, frames: usize) -> Vec<Piece> {
    let mut pieces = vec![];
    let mut esize = rng.index(3) as u64;
    for _ in 0..frames {
        if rng.chance(1, 2) {
            esize = rng.index(3) as u64;
        }
        for _ in 0..rng.index(4) {
            let units = if rng.chance(1, 2) { 1 + rng.index(40) } else { 8 * (1 + rng.index(8)) };
            pieces.push(block(rng, esize, units));
        }
        if rng.chance(1, 2) {
            let pixels = 1 + rng.index(7);
            pieces.push(tail(rng, esize, pixels));
        }
        let status = if rng.chance(1, 3) { rng.draw() & 0xff } else { 0 };
        pieces.push(end(esize, status));
    }
    pieces
}

#[test]
fn unshuffle_random_frames_come_out_as_spec_has_them() {
    let mut rng = Random::new(0xb17_0001);
    let mut pins = unshuffle::pins();
    reset(&mut pins);
    for round in 0..80 * soak() {
        let pieces = random_frames(&mut rng, 12);
        let stalls = [[0, 0], [0, 2], [20, 0], [3, 5], [100, 2]][round % 5];
        run(&mut pins, &pieces, &mut rng, stalls, usize::MAX);
    }
}

#[test]
fn unshuffle_blocks_of_every_size_come_out_as_spec_has_them() {
    let mut rng = Random::new(0xb17_0002);
    let mut pins = unshuffle::pins();
    reset(&mut pins);
    for esize in 0..3 {
        let mut pieces: Vec<_> = (1..=40).map(|units| block(&mut rng, esize, units)).collect();
        pieces.extend((1..8).map(|pixels| tail(&mut rng, esize, pixels)));
        for bytes in [1 << 13, 1 << 16, (1 << 16) - (8 << esize)] {
            pieces.push(block(&mut rng, esize, bytes / (8 << esize)));
        }
        pieces.push(end(esize, 0));
        run(&mut pins, &pieces, &mut rng, [0, 0], usize::MAX);
    }
}

#[test]
fn unshuffle_unstalled_makes_a_word_a_cycle_over_blocks_and_frames() {
    let mut rng = Random::new(0xb17_0003);
    let mut pins = unshuffle::pins();
    reset(&mut pins);
    let mut pieces = vec![];
    for frame in 0..12 {
        let esize = [0, 0, 1, 1, 2, 2, 0, 2, 1, 0, 1, 2][frame as usize];
        for _ in 0..3 {
            pieces.push(block(&mut rng, esize, 8192 / (8 << esize)));
        }
        pieces.push(end(esize, frame));
    }
    let cycles = run(&mut pins, &pieces, &mut rng, [0, 0], usize::MAX);
    assert_eq!(cycles.len(), 12 * (3 * 1024 + 1));
    assert_eq!(cycles[cycles.len() - 1] - cycles[0], cycles.len() as u64 - 1, "no bubble");
}

#[test]
fn unshuffle_reset_within_a_block_leaves_nothing_behind() {
    let mut rng = Random::new(0xb17_0004);
    let mut pins = unshuffle::pins();
    reset(&mut pins);
    for _ in 0..20 {
        let pieces = random_frames(&mut rng, 4);
        let cut = rng.index(60);
        run(&mut pins, &pieces, &mut rng, [0, 3], cut);
        reset(&mut pins);
        let pieces = random_frames(&mut rng, 2);
        run(&mut pins, &pieces, &mut rng, [0, 0], usize::MAX);
    }
}
