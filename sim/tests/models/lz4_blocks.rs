//! Ten thousand blocks through the LZ4 core's Verilog: liblz4 (fast and HC), lz4_flex, sequences by hand, broken ones;
//! and the rates of blocks that were made to be slow.

use crate::bench::{Block, Frame, Stalls, check, some_bytes};
use crate::data::{Builder, Style, pixels, sequences, spoil};
use debye_hdl::base::random::Random;
use debye_hdl::lz4::Lz4;
use debye_sim::cosim::verilated;
use debye_sim::verilator::{Options, VerilatorModel, find};
use debye_spec::bitshuffle;
use debye_spec::lz4::{Sequences, decode};
use lz4::block::CompressionMode;
use std::collections::BTreeMap;

fn core(test: &str) -> Option<VerilatorModel> {
    if let Err(error) = find() {
        println!("skipped: {test}: {error}");
        return None;
    }
    Some(verilated(&Lz4::<13>::pins(), "debye_lz4", &Options::default()).unwrap_or_else(|error| panic!("{error}")))
}

/// Bit-planes as a file holds them, by one of three encoders.
fn compressed(rng: &mut Random, encoder: usize) -> Block {
    let esize = rng.index(3) as u64;
    let unit = 8usize << esize;
    let most = if rng.chance(5, 100) { 8192 } else { 1024 };
    let size = if rng.chance(30, 100) { most } else { unit * (1 + rng.index(most / unit)) };
    let (mean, gaps) = ([0.001, 0.01, 0.1, 1.0, 10.0][rng.index(5)], rng.chance(30, 100) && size > 2048);
    let plain = pixels(rng, size, 1 << esize, mean, gaps);
    let mut planes = vec![0; size];
    bitshuffle::shuffle(&plain, &mut planes, 1 << esize);
    let data = match encoder {
        0 => lz4::block::compress(&planes, Some(CompressionMode::DEFAULT), false).unwrap(),
        1 => {
            let level = 3 + rng.index(10) as i32;
            lz4::block::compress(&planes, Some(CompressionMode::HIGHCOMPRESSION(level)), false).unwrap()
        }
        _ => lz4_flex::block::compress(&planes),
    };
    Block { raw: false, size, esize, data }
}

/// What blocks made the core do: states of the parser, offsets, classes of lengths.
#[derive(Default)]
struct Coverage(BTreeMap<String, usize>);

impl Coverage {
    fn add(&mut self, block: &Block) {
        let mut count = |what: String| *self.0.entry(what).or_insert(0) += 1;
        if block.raw {
            return count("raw tail".into());
        }
        if let Err(error) = decode(&block.data, &mut vec![0; block.size]) {
            return count(format!("fault: {:?}", error.fault));
        }
        for sequence in Sequences::new(&block.data, block.size).flatten() {
            count("state: token".into());
            let class = |length: usize, limits: &[usize]| limits.iter().filter(|&&limit| length >= limit).count();
            let literals = class(sequence.literals, &[1, 8, 9, 15, 270]);
            count(format!("literals: {}", ["0", "1 to 7", "8", "9 to 14", "15 to 269", "270 and more"][literals]));
            if sequence.literals > 0 {
                count("state: literals".into());
            }
            if sequence.literals >= 15 {
                count("state: more literals".into());
            }
            let Some((offset, length)) = sequence.copy else {
                count("state: end".into());
                continue;
            };
            let offset = match offset {
                1..=16 => format!("{offset:02}"),
                17..64 => "17 to 63".into(),
                64..128 => "64 to 127".into(),
                _ => "128 and more".into(),
            };
            count(format!("offset: {offset}"));
            let copy = class(length, &[5, 8, 9, 19, 274]);
            count(format!("match: {}", ["4", "5 to 7", "8", "9 to 18", "19 to 273", "274 and more"][copy]));
            count(format!("state: offset {}", if length < 19 { "and next token" } else { "alone" }));
            if length >= 19 {
                count("state: more match".into());
            }
        }
    }
}

#[test]
fn lz4_ten_thousand_blocks_come_out_of_the_verilog_as_spec_decodes_them() {
    let Some(mut core) = core("ten thousand blocks") else { return };
    let mut rng = Random::new(0x0010_0000_0001);
    let (mut coverage, mut blocks, mut bytes) = (Coverage::default(), [0; 5], 0);
    while blocks.iter().sum::<usize>() < 11_000 {
        let mut frames = vec![];
        for _ in 0..10 {
            let mut frame = Frame::default();
            for _ in 0..5 {
                let kind = [0, 0, 0, 1, 1, 1, 2, 3, 3, 4][rng.index(10)];
                let mut block = match kind {
                    0..3 => compressed(&mut rng, kind),
                    _ => {
                        let styles =
                            [Style::Small, Style::Border, Style::Far, Style::Torture, Style::Long, Style::Mixed];
                        let most = if rng.chance(5, 100) { 4000 } else { 600 };
                        let size = 30 + rng.index(most);
                        let style = styles[rng.index(6)];
                        sequences(&mut rng, size, style)
                    }
                };
                if kind == 4 && rng.chance(5, 100) {
                    // Ends within the length of a match, which chance seldom does.
                    block.data = [&[0x1f, 7, 1, 0][..], &vec![255; rng.index(20)]].concat();
                } else if kind == 4 {
                    spoil(&mut rng, &mut block);
                }
                coverage.add(&block);
                blocks[kind] += 1;
                bytes += block.size;
                frame.blocks.push(block);
            }
            if rng.chance(30, 100) {
                let data = some_bytes(&mut rng, 1, 8);
                let block = Block { raw: true, size: data.len(), esize: 0, data };
                coverage.add(&block);
                frame.blocks.push(block);
            }
            frames.push(frame);
        }
        let some = |rng: &mut Random| [0, 0, 10, 50][rng.index(4)];
        let unaligned = rng.chance(50, 100);
        let stalls = Stalls { source: some(&mut rng), ends: some(&mut rng), reads: some(&mut rng), unaligned };
        check(&mut core, &frames, stalls, &mut rng);
    }
    println!(
        "blocks: {} liblz4, {} liblz4 HC, {} lz4_flex, {} by hand, {} spoiled; {bytes} bytes",
        blocks[0], blocks[1], blocks[2], blocks[3], blocks[4]
    );
    for (what, count) in &coverage.0 {
        println!("{count:9} {what}");
    }
    let wanted = ["token", "literals", "more literals", "offset and next token", "offset alone", "more match", "end"]
        .map(|state| format!("state: {state}"))
        .into_iter()
        .chain((1..=16).map(|offset| format!("offset: {offset:02}")))
        .chain(["17 to 63", "64 to 127", "128 and more"].map(|offset| format!("offset: {offset}")))
        .chain(["0", "1 to 7", "8", "9 to 14", "15 to 269", "270 and more"].map(|length| format!("literals: {length}")))
        .chain(["4", "5 to 7", "8", "9 to 18", "19 to 273", "274 and more"].map(|length| format!("match: {length}")))
        .chain(
            [
                "TokenMissing",
                "LiteralLengthTruncated",
                "LiteralsTruncated",
                "OffsetTruncated",
                "OffsetZero",
                "OffsetBeforeBlock",
                "MatchLengthTruncated",
                "OutputOverrun",
                "OutputUnderrun",
            ]
            .map(|fault| format!("fault: {fault}")),
        )
        .chain(["raw tail".to_string()]);
    for what in wanted {
        assert!(coverage.0.contains_key(&what), "never met: {what}");
    }
}

/// An 8 KiB block of sequences of so many literals and matches of lengths and offsets in turn.
fn pattern(rng: &mut Random, literals: &[usize], offsets: &[usize], lengths: &[usize]) -> Block {
    let mut b = Builder::default();
    for i in 0.. {
        let count = literals[i % literals.len()] + if i == 0 { 16 } else { 0 };
        let length = lengths[i % lengths.len()];
        if b.size + count + length + 8 > 8192 {
            break;
        }
        let bytes = rng.bytes(count);
        b.sequence(&bytes, offsets[i % offsets.len()], length);
    }
    let rest = rng.bytes(8192 - b.size);
    b.block(&rest)
}

#[test]
fn lz4_adversarial_blocks_keep_their_rates() {
    let Some(mut core) = core("adversarial blocks") else { return };
    let mut rng = Random::new(0xadbe_ef01);
    const SMALL: &[usize] = &[1, 2, 3, 4, 5, 6, 7];
    // What is copied takes a cycle for each eight bytes begun, literals and matches apart: the third figure is the
    // rate that comes of it.
    type Case = (&'static str, &'static [usize], &'static [usize], &'static [usize], f64);
    let cases: [Case; 11] = [
        ("offsets 1 to 7, matches of 4", &[0], SMALL, &[4], 4.0),
        ("offsets 1 to 7, matches of 4 to 8", &[0], SMALL, &[4, 5, 6, 7, 8], 6.0),
        ("offsets 1 to 7, matches of 9", &[0], SMALL, &[9], 4.5),
        ("1 literal, matches of 4", &[1], &[9], &[4], 2.5),
        ("1 literal, matches of 9", &[1], SMALL, &[9], 10.0 / 3.0),
        ("3 literals, matches of 5", &[3], &[64], &[5], 4.0),
        ("incompressible", &[8100], &[1], &[4], 8.0),
        ("literals of 15, matches of 4", &[15], &[200], &[4], 19.0 / 4.0),
        ("matches of 19", &[0], &[3], &[19], 19.0 / 3.0),
        ("matches of 274", &[0], &[5], &[274], 274.0 / 35.0),
        ("literals of 270, matches of 274", &[270], &[300], &[274], 544.0 / 70.0),
    ];
    for (name, literals, offsets, lengths, ideal) in cases {
        let blocks: Vec<Block> = (0..12)
            .map(|_| {
                let offsets: Vec<usize> = offsets.iter().map(|&offset| offset.min(16.max(literals[0]))).collect();
                pattern(&mut rng, literals, &offsets, lengths)
            })
            .collect();
        let bytes: usize = blocks.iter().map(|block| block.size).sum();
        let offered: usize = blocks.iter().map(|block| block.data.len()).sum();
        let cycles = check(&mut core, &[Frame { blocks, status: 0 }], Stalls::default(), &mut rng);
        // What the last block needs to be read out is not the decoder's.
        let rate = bytes as f64 / (cycles - 8192 / 8) as f64;
        println!("{rate:5.2} bytes a cycle, {ideal:.2} at best, {offered:6} bytes in: {name}");
        assert!(rate > 0.93 * ideal, "{name}: {rate} of {ideal}");
    }
}
