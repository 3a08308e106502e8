//! What the encoder makes is LZ4 that keeps LZ4's rules, decodes to its input, and is never longer than it may be.

use debye_spec::encode::{EncodeError, encode, max_chunk_bytes};
use debye_spec::lz4::Sequences;
use debye_spec::lz4_encode::{encode as encode_block, max_block_bytes};
use debye_spec::{ChunkError, Element, chunk, crc::Crc32, lz4};
use proptest::prelude::*;

/// Encodes bit-planes and checks everything that holds for every block.
fn check_block(planes: &[u8], element_size: usize) -> Vec<u8> {
    let mut block = Vec::new();
    encode_block(planes, element_size, &mut block);
    assert!(block.len() <= max_block_bytes(planes.len()), "{} bytes of {}", block.len(), planes.len());

    let mut ours = vec![0xa5; planes.len()];
    lz4::decode(&block, &mut ours).expect("our own decoder reads it");
    assert!(ours == planes, "our own decoder gives other bytes");
    let theirs = ::lz4::block::decompress(&block, Some(planes.len() as i32)).expect("liblz4 reads it");
    assert!(theirs == planes, "liblz4 gives other bytes");

    let mut at = 0;
    for sequence in Sequences::new(&block, planes.len()) {
        let sequence = sequence.expect("a sound sequence");
        at += sequence.literals;
        match sequence.copy {
            Some((_, length)) => {
                assert!(at + 12 <= planes.len(), "a match starts {} bytes before the end", planes.len() - at);
                at += length;
                assert!(at + 5 <= planes.len(), "a match ends {} bytes before the end", planes.len() - at);
            }
            None if at > sequence.literals => assert!(sequence.literals >= 5, "{} last literals", sequence.literals),
            None => {}
        }
    }
    block
}

/// Encodes pixels and decodes them again.
fn check_chunk(pixels: &[u8], element: Element, block_bytes: usize) -> Vec<u8> {
    let mut made = vec![9; 3];
    encode(pixels, element, block_bytes, &mut made).expect("the block size is sound");
    assert!(made.len() <= max_chunk_bytes(element, pixels.len(), block_bytes));
    let (mut back, mut scratch) = (vec![0; pixels.len()], vec![0; pixels.len()]);
    chunk::decode(&made, element, &mut back, &mut scratch).expect("our own decoder reads it");
    assert!(back == pixels, "the decoder gives other pixels");
    let padded = [&made[..], &[0; 5]].concat();
    assert_eq!(
        chunk::decode(&padded, element, &mut back, &mut scratch),
        Err(ChunkError::TrailingBytes { byte: made.len(), extra: 5 })
    );
    back.fill(0x5a);
    assert_eq!(chunk::decode_padded(&padded, element, &mut back, &mut scratch), Ok(made.len()));
    assert!(back == pixels, "what is behind a chunk changes its pixels");
    made
}

#[test]
fn block_every_short_length_of_every_kind_decodes() {
    for size in [1, 2, 4] {
        for length in 0..300 {
            let ramp: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let runs: Vec<u8> = (0..length).map(|i| (i / 9) as u8).collect();
            let lone: Vec<u8> = (0..length).map(|i| if i % 13 == 5 { 1 << (i % 8) } else { 0 }).collect();
            for planes in [vec![0; length], vec![255; length], ramp, runs, lone] {
                check_block(&planes, size);
            }
        }
    }
}

#[test]
fn block_every_pattern_of_two_bytes_decodes() {
    // All blocks of 13 to 17 bytes over {0, 1}: every way in which runs, words and the end rules meet.
    for length in 13..=17 {
        for pattern in 0u32..1 << length {
            let planes: Vec<u8> = (0..length).map(|i| (pattern >> i & 1) as u8).collect();
            let mut block = Vec::new();
            encode_block(&planes, 1, &mut block);
            let mut back = [9; 17];
            lz4::decode(&block, &mut back[..length]).expect("our own decoder reads it");
            assert_eq!(back[..length], planes);
        }
    }
}

#[test]
fn block_without_repeats_meets_the_bound() {
    // A de Bruijn-like walk: no two neighbours and no two bytes a plane apart are equal.
    for length in [15, 16, 269, 270, 271, 524, 525, 526, 8192] {
        let planes: Vec<u8> = (0..length as u32).map(|i| (i * 37 + i / 256 * 11) as u8 | 1).collect();
        let planes: Vec<u8> = planes.iter().enumerate().map(|(i, b)| b ^ ((i & 1) as u8) << 1).collect();
        assert_eq!(check_block(&planes, 4).len(), max_block_bytes(length), "{length} bytes");
    }
}

#[test]
fn block_of_zeros_is_one_match() {
    assert_eq!(check_block(&[0; 8192], 2), [&[0x1f, 0, 1, 0][..], &[255; 32], &[7], &[0x50, 0, 0, 0, 0, 0]].concat());
}

#[test]
fn block_longer_than_offsets_reach_keeps_to_them() {
    let mut planes = vec![0; 200_000];
    planes[0] = 1;
    planes[60_000] = 7;
    for at in (60_000..200_000).step_by(1009) {
        planes[at] = (at % 251) as u8 | 1;
    }
    for size in [1, 2, 4] {
        check_block(&planes, size);
    }
}

#[test]
fn chunk_every_short_length_decodes() {
    for element in Element::ALL {
        for pixels in 0..150 {
            for block in [8, 16, 64, 1024] {
                let bytes: Vec<u8> = (0..pixels * element.size()).map(|i| (i * i / 7 % 5) as u8).collect();
                check_chunk(&bytes, element, block * element.size());
            }
        }
    }
}

#[test]
fn chunk_block_sizes_that_cannot_be_are_refused() {
    let mut chunk = vec![1];
    for block_bytes in [0, 8, 24, 2] {
        let refused = encode(&[0; 32], Element::U16, block_bytes, &mut chunk);
        assert_eq!(refused, Err(EncodeError::BlockUneven { block_bytes, unit: 16 }));
    }
    let block_bytes = 0x7e00_0010;
    assert_eq!(encode(&[], Element::U16, block_bytes, &mut chunk), Err(EncodeError::BlockTooLarge { block_bytes }));
    let uneven = encode(&[0; 3], Element::U16, 8192, &mut chunk);
    assert_eq!(uneven, Err(EncodeError::PixelsUneven { bytes: 3, size: 2 }));
    assert_eq!(chunk, []);
}

#[test]
fn chunk_of_known_pixels_has_known_bytes() {
    // The encoder is frozen: gateware, CPU and definition give these bytes. A change here is a change of all of them.
    let crcs = Element::ALL.map(|element| {
        let mut state = 1u32;
        let pixels: Vec<u8> = (0..10_003u32)
            .flat_map(|pixel| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Few counts, a gap in every row, and some hot pixels.
                let count =
                    if pixel % 257 > 250 { u32::MAX } else { (state >> 24) / 120 + (state >> 16) / 65_000 * 999 };
                count.to_le_bytes()[..element.size()].to_vec()
            })
            .collect();
        let chunk = check_chunk(&pixels, element, 8192);
        let mut crc = Crc32::default();
        crc.update(&chunk);
        (chunk.len(), crc.value())
    });
    let [u8, u16, u32] = [(3615, 2_570_079_688), (4234, 2_413_966_044), (4977, 2_980_409_902)];
    assert_eq!(crcs, [u8, u16, u32, u16, u32]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn block_of_runs_decodes(
        runs in prop::collection::vec((prop_oneof![3 => Just(0u8), 1 => any::<u8>()], 1usize..60), 0..200),
        plane in 1usize..40,
        size in prop::sample::select(vec![1usize, 2, 4]),
    ) {
        let mut planes: Vec<u8> = runs.iter().flat_map(|&(byte, count)| std::iter::repeat_n(byte, count)).collect();
        // Some planes equal the one before, but for a few bytes.
        planes.resize(planes.len().max(1), 0);
        let plane = 8 * plane;
        let whole: Vec<u8> = (0..8 * size * plane)
            .map(|i| planes[(i % plane) % planes.len()] ^ u8::from(planes[i % planes.len()] == 3))
            .collect();
        check_block(&planes, size);
        check_block(&whole, size);
    }

    #[test]
    fn block_of_any_bytes_decodes(
        planes in prop::collection::vec(prop_oneof![2 => Just(0u8), 2 => 0u8..4, 1 => any::<u8>()], 0..3000),
        size in prop::sample::select(vec![1usize, 2, 4]),
    ) {
        check_block(&planes, size);
    }

    #[test]
    fn chunk_of_any_pixels_decodes(
        element in prop::sample::select(Element::ALL.to_vec()),
        groups in prop::sample::select(vec![1usize, 2, 9, 64, 128, 512]),
        counts in prop::collection::vec(prop_oneof![8 => 0u32..4, 1 => any::<u32>(), 1 => Just(u32::MAX)], 0..5000),
    ) {
        let pixels: Vec<u8> =
            counts.iter().flat_map(|count| count.to_le_bytes()[..element.size()].to_vec()).collect();
        check_chunk(&pixels, element, 8 * groups * element.size());
    }
}
