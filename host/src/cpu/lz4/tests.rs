use super::*;
use proptest::prelude::*;

/// At each level, with much and with nothing behind the block, into as much as is asked for, and with any planes: what was
/// not made is what the last one made holds.
fn check(input: &[u8], size: usize) {
    let mut theirs = vec![0; size];
    let expected = debye_spec::lz4::decode(input, &mut theirs);
    let long = [input, &[0xff; 200]].concat();
    for kernels in Kernels::available() {
        for planes in [1, 8, 16, 32, 3] {
            let plane = size / planes;
            for chunk in [input, &long] {
                let mut ours = vec![0xa5; size + OUTPUT_SLACK];
                let found = Decoder::default().decode(kernels, chunk, 0..input.len(), &mut ours, size, plane);
                assert_eq!(found.map(drop), expected, "{kernels:?}, {planes} planes");
                let Ok(made) = found else { continue };
                assert!(
                    made == size || (made < size && plane > 0 && made > 0 && made % plane == 0),
                    "{kernels:?}: {made}"
                );
                complete(&mut ours[..size], made, plane);
                assert!(ours[..size] == theirs, "{kernels:?}, {planes} planes");
            }
        }
    }
}

fn runs() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec((any::<u8>(), 1usize..900, 1usize..90), 0..if cfg!(miri) { 4 } else { 40 }).prop_map(
        |runs| {
            let mut data = Vec::new();
            for (seed, count, period) in runs {
                data.extend((0..count).map(|i| seed.wrapping_mul((i % period) as u8 + 1)));
            }
            data
        },
    )
}

/// Planes of a block as detectors fill them: some of noise, then all alike, and perhaps a last one that is not, or ends
/// otherwise.
fn planes() -> impl Strategy<Value = (usize, Vec<u8>)> {
    let of_bits = prop_oneof![Just(8usize), Just(16), Just(32)];
    let gaps = proptest::collection::vec((any::<u8>(), 0usize..300), 0..4);
    let plane = prop_oneof![1usize..80, Just(64), Just(128), Just(256), Just(512)];
    (of_bits, plane, 0usize..33, gaps, any::<u64>(), 0usize..6).prop_map(|(bits, plane, noisy, gaps, seed, end)| {
        let mut like = vec![if seed % 8 == 0 { 0xff } else { 0 }; plane];
        for (byte, at) in gaps {
            like[at % plane] = byte;
        }
        let mut data: Vec<u8> = (0..noisy.min(bits) * plane)
            .map(|i| {
                (seed.rotate_left(i as u32 % 64) ^ (seed >> (i / 64 % 64))) as u8 & like[i % plane].wrapping_sub(1)
            })
            .collect();
        while data.len() < bits * plane {
            data.extend(&like);
        }
        let at = data.len() - 1 - (seed as usize % data.len().min(20));
        if end == 0 {
            data[at] ^= 1 << (seed % 8);
        }
        (bits, data)
    })
}

/// What a block of planes leaves to be made at each level; all levels agree.
fn made(input: &[u8], size: usize, planes: usize) -> usize {
    let mut made = Kernels::available().map(|kernels| {
        let mut output = vec![0; size + OUTPUT_SLACK];
        Decoder::default().decode(kernels, input, 0..input.len(), &mut output, size, size / planes).unwrap()
    });
    let first = made.next().unwrap();
    assert!(made.all(|made| made == first));
    first
}

#[test]
fn decode_block_of_zeros_makes_one_plane() {
    let zeros = vec![0; 8192];
    for planes in [8, 16, 32] {
        // One literal, one match, five literals; a hash table's matches reach two bytes back.
        let by_one = [&[0x1f, 0, 1, 0], &[255; 32][..], &[7, 0x50, 0, 0, 0, 0, 0]].concat();
        let by_two = [&[0x2f, 0, 0, 2, 0], &[255; 32][..], &[6, 0x50, 0, 0, 0, 0, 0]].concat();
        for block in [by_one, by_two, lz4_flex::block::compress(&zeros)] {
            check(&block, 8192);
            assert_eq!(made(&block, 8192, planes), 8192 / planes);
        }
    }
}

#[test]
fn decode_planes_that_repeat_a_gap_makes_the_first_of_them() {
    let mut plane = [0; 256];
    plane[77..80].fill(0xff);
    let mut ours = Vec::new();
    let data: Vec<u8> = (0..2048).map(|i| (i * i / 7 + i) as u8).chain(plane.into_iter().cycle().take(6144)).collect();
    debye_spec::lz4_encode::encode(&data, 4, &mut ours);
    for block in [ours, lz4_flex::block::compress(&data)] {
        check(&block, 8192);
        assert!((9 * 256..=10 * 256).contains(&made(&block, 8192, 32)));
        // Of the last literals one is not what the match would make.
        let mut other = block.clone();
        *other.last_mut().unwrap() ^= 4;
        check(&other, 8192);
        assert_eq!(made(&other, 8192, 32), 8192);
        // The match makes more than the block holds, or less.
        check(&block, 8191);
        check(&block, 8193);
    }
}

proptest! {
    #![proptest_config(crate::cpu::cases(1000))]

    #[test]
    fn decode_any_bytes_agrees_with_spec(
        input in proptest::collection::vec(prop_oneof![3 => 0u8..40, 1 => any::<u8>(), 1 => Just(255)], 0..200),
        size in 0usize..400,
    ) {
        check(&input, size);
    }

    #[test]
    fn decode_compressed_runs_gives_them_back(data in runs()) {
        let packed = lz4_flex::block::compress(&data);
        check(&packed, data.len());
        let mut theirs = vec![0; data.len()];
        prop_assert_eq!(debye_spec::lz4::decode(&packed, &mut theirs), Ok(()));
        prop_assert_eq!(theirs, data);
    }

    #[test]
    fn decode_planes_gives_them_back((bits, data) in planes()) {
        let mut ours = Vec::new();
        debye_spec::lz4_encode::encode(&data, bits / 8, &mut ours);
        for packed in [ours, lz4_flex::block::compress(&data)] {
            check(&packed, data.len());
            let mut theirs = vec![0; data.len()];
            prop_assert_eq!(debye_spec::lz4::decode(&packed, &mut theirs), Ok(()));
            prop_assert_eq!(&theirs, &data);
        }
    }

    #[test]
    fn decode_spoiled_runs_agrees_with_spec(
        data in prop_oneof![runs(), planes().prop_map(|(_, data)| data)],
        spoil in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
        longer in -20isize..20,
    ) {
        let mut packed = lz4_flex::block::compress(&data);
        for (at, byte) in spoil {
            let at = at.index(packed.len());
            packed[at] = byte;
        }
        packed.truncate(packed.len() - cut.index(packed.len()) / 8);
        check(&packed, data.len().saturating_add_signed(longer));
    }
}
