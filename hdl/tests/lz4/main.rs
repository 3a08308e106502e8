//! The LZ4 core against `spec::lz4`: every block byte for byte, every fault by its status.

mod bench;
mod data;
mod states;

use bench::{Block, Event, Frame, Stalls, check, expected, some_bytes, status_of};
use data::{Builder, Style, planes, sequences, spoil};
use debye_hdl::base::random::Random;
use debye_hdl::lz4::Lz4;
use debye_spec::lz4::{Sequences, decode};
use states::Watched;
use std::collections::BTreeMap;

/// More blocks with DEBYE_SOAK=factor.
fn soak() -> usize {
    std::env::var("DEBYE_SOAK").ok().and_then(|v| v.parse().ok()).unwrap_or(1)
}

fn stalls(rng: &mut Random) -> Stalls {
    let some = |rng: &mut Random| [0, 0, 10, 50, 90][rng.index(5)];
    Stalls { source: some(rng), ends: some(rng), reads: some(rng), unaligned: rng.chance(50, 100) }
}

fn in_frames(rng: &mut Random, blocks: Vec<Block>) -> Vec<Frame> {
    let mut frames = vec![Frame::default()];
    for block in blocks {
        let esize = block.esize;
        frames.last_mut().unwrap().blocks.push(block);
        if rng.chance(30, 100) {
            let size = rng.index(8) << esize;
            if size > 0 {
                let data = rng.bytes(size);
                frames.last_mut().unwrap().blocks.push(Block { raw: true, size, esize, data });
            }
            frames.push(Frame { status: if rng.chance(20, 100) { 9 } else { 0 }, ..Frame::default() });
        }
    }
    frames
}

#[test]
fn lz4_bit_planes_come_out_as_spec_decodes_them() {
    let mut core = Lz4::<13>::pins();
    let mut rng = Random::new(0x1234_5678_9abc_def1);
    for _ in 0..30 * soak() {
        let blocks = (0..20)
            .map(|_| {
                let bytes =
                    [64, 200, 512, 1024, 2048, 8192][rng.index(6)].min(if rng.chance(90, 100) { 1024 } else { 8192 });
                let (esize, gaps) = (rng.index(3) as u64, rng.chance(30, 100));
                let mean = [0.001, 0.01, 0.1, 1.0, 10.0][rng.index(5)];
                planes(&mut rng, bytes, esize, mean, gaps)
            })
            .collect();
        let (frames, stalls) = (in_frames(&mut rng, blocks), stalls(&mut rng));
        check(&mut core, &frames, stalls, &mut rng);
    }
}

#[test]
fn lz4_hand_built_sequences_come_out_as_spec_decodes_them() {
    let mut core = Lz4::<13>::pins();
    let mut rng = Random::new(0x9e37_79b9_7f4a_7c15);
    let mut offsets = BTreeMap::new();
    for round in 0..60 * soak() {
        let styles = [Style::Small, Style::Border, Style::Far, Style::Torture, Style::Long, Style::Mixed];
        let blocks: Vec<Block> = (0..20)
            .map(|_| {
                let size = if round % 20 == 0 { 8192 - 8 * rng.index(9) } else { 40 + rng.index(1000) };
                sequences(&mut rng, size, styles[round % 6])
            })
            .collect();
        for sequence in blocks.iter().flat_map(|b| Sequences::new(&b.data, b.size)) {
            if let Some((offset, _)) = sequence.unwrap().copy {
                *offsets.entry(offset).or_insert(0) += 1;
            }
        }
        let (frames, stalls) = (in_frames(&mut rng, blocks), stalls(&mut rng));
        check(&mut core, &frames, stalls, &mut rng);
    }
    let covered = offsets.len();
    println!("offsets: {covered} different, {:?}", offsets.range(..18).collect::<Vec<_>>());
    assert!((1..=200).all(|offset| offsets.contains_key(&offset)), "each offset around the window's limits");
}

#[test]
fn lz4_each_offset_and_phase_repeats_its_pattern() {
    let mut core = Lz4::<13>::pins();
    let mut rng = Random::new(77);
    let mut blocks = Vec::new();
    for offset in (1..=20).chain(60..70).chain(118..146) {
        for length in [4, 5, 7, 8, 9, 15, 16, 17, 23, 24, 25, 40, 67] {
            let mut b = Builder::default();
            let literals = offset + rng.index(9);
            b.sequence(&rng.bytes(literals), offset, length);
            b.sequence(&[], offset, 4 + rng.index(8));
            b.sequence(&rng.bytes(1), offset, length);
            let last = some_bytes(&mut rng, 1, 6);
            blocks.push(b.block(&last));
        }
    }
    check(&mut core, &[Frame { blocks, status: 0 }], Stalls::default(), &mut rng);
}

#[test]
fn lz4_faults_have_the_status_of_spec_and_the_next_frame_decodes() {
    let mut core = Lz4::<13>::pins();
    let mut rng = Random::new(0xfeed_beef);
    let mut seen = BTreeMap::new();
    let mut stalled = [0; 2];
    for _ in 0..60 * soak() {
        let mut frames = Vec::new();
        for _ in 0..20 {
            let mut frame = Frame { status: [0, 0, 6, 9, 36, 36][rng.index(6)], ..Frame::default() };
            for _ in 0..1 + rng.index(3) {
                let size = 20 + rng.index(300);
                let mut block = sequences(&mut rng, size, Style::Mixed);
                if rng.chance(60, 100) {
                    spoil(&mut rng, &mut block);
                    let result = decode(&block.data, &mut vec![0; block.size]);
                    *seen.entry(result.map_or_else(status_of, |()| 0)).or_insert(0) += 1;
                }
                frame.blocks.push(block);
            }
            let faulty = frame.blocks.iter().any(|block| decode(&block.data, &mut vec![0; block.size]).is_err());
            if frame.status == 36 && faulty {
                let hidden = expected(std::slice::from_ref(&frame)).contains(&Event::End { status: 36 });
                stalled[usize::from(hidden)] += 1;
            }
            frames.push(frame);
        }
        frames.push(Frame { blocks: vec![sequences(&mut rng, 200, Style::Mixed)], status: 0 });
        let stalls = stalls(&mut rng);
        check(&mut core, &frames, stalls, &mut rng);
    }
    println!("statuses of spoiled blocks: {seen:?}");
    assert!((16..=24).all(|status| seen.contains_key(&status)), "each fault");
    println!("frames given up after an LZ4 fault: {}, within the block that it cut: {}", stalled[0], stalled[1]);
    assert!(stalled.iter().all(|&frames| frames > 20), "faults before and because");
}

#[test]
fn lz4_parser_takes_every_step_between_its_states() {
    let mut core = Watched::new();
    let mut rng = Random::new(0x57a7e5);
    for round in 0..12 {
        let styles = [Style::Small, Style::Border, Style::Far, Style::Torture, Style::Long, Style::Mixed];
        let mut blocks: Vec<Block> = (0..12)
            .map(|_| {
                let size = 40 + rng.index(600);
                sequences(&mut rng, size, styles[round % 6])
            })
            .collect();
        blocks.extend([0, 1, 2].map(|esize| planes(&mut rng, 1024, esize, 0.1, false)));
        let (frames, stalls) = (in_frames(&mut rng, blocks), stalls(&mut rng));
        check(&mut core, &frames, stalls, &mut rng);
    }
    for ([from, to], count) in &core.steps {
        println!("{count:7} {from} -> {to}");
    }
    // An offset takes the next token along; what has a length to be continued stays where it is while it is.
    for step in [
        ["in_token", "in_more_literals"],
        ["in_token", "in_literals"],
        ["in_token", "in_offset"],
        ["in_more_literals", "in_more_literals"],
        ["in_more_literals", "in_literals"],
        ["in_literals", "in_literals"],
        ["in_literals", "in_offset"],
        ["in_offset", "in_more_literals"],
        ["in_offset", "in_literals"],
        ["in_offset", "in_offset"],
        ["in_offset", "in_more_match"],
        ["in_more_match", "in_more_match"],
        ["in_more_match", "in_token"],
    ] {
        assert!(core.steps.contains_key(&step), "never taken: {step:?}");
    }
}

#[test]
fn lz4_two_faults_in_one_block_give_the_first() {
    let cases: &[(&[u8], usize)] = &[
        (&[], 4),
        (&[0x00], 0),
        (&[0x00], 1),
        (&[0xf0], 40),
        (&[0xf0, 255], 400),
        (&[0x40, 1, 2], 4),
        (&[0x40, 1, 2], 3),
        (&[0x80, 1, 2], 8),
        (&[0xf0, 1, 2], 16),
        (&[0xf0, 1, 2], 15),
        (&[0x10, 1, 1], 8),
        (&[0x10, 1, 0, 0], 8),
        (&[0x10, 1, 2, 0], 8),
        (&[0x1f, 1, 1, 0], 80),
        (&[0x1f, 1, 0, 0], 80),
        (&[0x1f, 1, 2, 0], 80),
        (&[0x1f, 1, 1, 0, 255], 4),
        (&[0x1f, 1, 1, 0, 5], 4),
        (&[0x1f, 1, 1, 0, 0], 20),
        (&[0x30, 1, 2, 3], 2),
        (&[0x10, 1, 1, 0], 4),
        (&[0x10, 1, 0, 0], 4),
        (&[0x10, 1, 2, 0], 4),
        (&[0x10, 1, 1, 0], 5),
        (&[0x20, 1, 2], 4),
        (&[0x10, 1, 1, 0, 0x00], 5),
        (&[0x10, 1, 1, 0, 0x00], 6),
        (&[0x10, 1, 1, 0, 0x10, 7], 6),
        (&[0x10, 1, 1, 0, 0x10, 7], 5),
        (&[0x10, 1, 1, 0, 0x10], 6),
    ];
    let mut core = Lz4::<13>::pins();
    let mut rng = Random::new(3);
    let frames: Vec<Frame> = cases
        .iter()
        .map(|&(data, size)| Frame {
            blocks: vec![Block { raw: false, size, esize: 2, data: data.to_vec() }],
            status: 7,
        })
        .collect();
    for percent in [0, 50] {
        let stalls = Stalls { source: percent, ends: percent, reads: percent, unaligned: false };
        check(&mut core, &frames, stalls, &mut rng);
    }
    assert!(expected(&frames).len() > frames.len());
}

#[test]
fn lz4_other_block_sizes_decode() {
    let mut rng = Random::new(5);
    let blocks: Vec<Block> = (0..6).map(|_| sequences(&mut rng, 1024, Style::Far)).collect();
    check(&mut Lz4::<10>::pins(), &[Frame { blocks, status: 0 }], Stalls::default(), &mut rng);
    let mut blocks: Vec<Block> = (0..3).map(|_| sequences(&mut rng, 65536, Style::Far)).collect();
    blocks.push(Block { raw: false, size: 65536, esize: 0, data: lz4_flex::block::compress(&vec![0; 65536]) });
    check(&mut Lz4::<16>::pins(), &[Frame { blocks, status: 0 }], Stalls::default(), &mut rng);
}

#[test]
fn lz4_powder_blocks_take_few_cycles() {
    let mut core = Lz4::<13>::pins();
    let mut rng = Random::new(11);
    for (esize, mean) in [(1, 0.05), (1, 1.0), (1, 10.0), (2, 0.05), (2, 1.0), (2, 10.0)] {
        let blocks: Vec<Block> = (0..12).map(|_| planes(&mut rng, 8192, esize, mean, false)).collect();
        let bytes = 8192 * blocks.len();
        let (mut ideal, mut offered) = (0, 0);
        for block in &blocks {
            offered += block.data.len();
            for sequence in Sequences::new(&block.data, block.size) {
                let sequence = sequence.unwrap();
                ideal += sequence.literals.div_ceil(8) + sequence.copy.map_or(0, |(_, length)| length.div_ceil(8));
            }
        }
        let cycles = check(&mut core, &[Frame { blocks, status: 0 }], Stalls::default(), &mut rng);
        // What the last block needs to be read out is not the decoder's.
        let cycles = cycles - 8192 / 8;
        let (rate, best) = (bytes as f64 / cycles as f64, bytes as f64 / ideal as f64);
        let ratio = bytes as f64 / offered as f64;
        println!("u{} mean {mean}: ratio {ratio:.1}, {rate:.2} bytes a cycle, {best:.2} at best", 8 << esize);
        assert!(rate > 0.98 * best - 0.05, "{rate} of {best}");
    }
}
