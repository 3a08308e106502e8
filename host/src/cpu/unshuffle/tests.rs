use super::*;
use proptest::prelude::*;

/// `made` of the planes are given, the rest are as the last of them.
fn check<T: Sample>(seed: &[u8], groups: usize, made: usize) {
    let count = groups * GROUP;
    let mut planes: Vec<u8> = (0..count * T::SIZE).map(|i| seed[i % seed.len()].rotate_left(i as u32 % 7)).collect();
    let given = groups * (1 + made % (8 * T::SIZE));
    crate::cpu::lz4::complete(&mut planes, given, groups);
    let mut expected = vec![0; planes.len()];
    debye_spec::bitshuffle::unshuffle(&planes, &mut expected, T::SIZE);
    for kernels in Kernels::available() {
        let mut made = vec![T::default(); count];
        pixels(kernels, &planes[..given], &mut made);
        // At a line of the caches and beside one.
        for beside in 0..2 {
            let mut memory = vec![T::default(); count + 128];
            let line = memory.as_ptr().align_offset(LINE);
            let at = line + beside;
            let Some(mut past_caches) = PastCaches::new(kernels, &memory[line..]) else { continue };
            past_caches.pixels(&planes[..given], &mut memory[at..at + count]);
            drop(past_caches);
            assert!(memory[at..at + count].iter().zip(&made).all(|(a, b)| a.code() == b.code()), "{kernels:?}");
        }
        let ours: Vec<u8> = made.iter().flat_map(|p| p.code().to_le_bytes()[..T::SIZE].to_vec()).collect();
        assert_eq!(ours, expected, "{kernels:?}");
    }
}

proptest! {
    #![proptest_config(crate::cpu::cases(64))]

    #[test]
    fn unshuffle_any_planes_equals_the_definition(
        seed in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0)], 1..67),
        groups in 0usize..if cfg!(miri) { 20 } else { 200 },
        made in 0usize..64,
    ) {
        check::<u8>(&seed, groups, made);
        check::<u16>(&seed, groups, made);
        check::<u32>(&seed, groups, made);
    }

    #[test]
    fn unshuffle_planes_of_small_pixels_and_gaps_equals_the_definition(
        pixels in proptest::collection::vec((any::<u8>(), 0u8..40), 0..if cfg!(miri) { 80 } else { 1600 }),
        one in any::<bool>(),
    ) {
        let count = pixels.len() / GROUP * GROUP;
        let mut codes: Vec<u32> =
            pixels[..count].iter().map(|&(low, kind)| if kind == 0 { u32::MAX } else { u32::from(low) }).collect();
        if let (true, Some(last)) = (one, codes.last_mut()) {
            *last = 1 << 17;
        }
        let elements: Vec<u8> = codes.iter().flat_map(|code| code.to_le_bytes()).collect();
        let mut planes = vec![0; elements.len()];
        debye_spec::bitshuffle::shuffle(&elements, &mut planes, 4);
        for kernels in Kernels::available() {
            // All planes, and without those that are as the ones before them.
            let given = |k: usize| count / GROUP * k..count / GROUP * (k + 1);
            let last = (1..32).rev().find(|&k| planes[given(k)] != planes[given(k - 1)]).unwrap_or(0);
            for planes in [&planes[..], &planes[..given(last).end]] {
                let mut made = vec![0u32; count];
                super::pixels(kernels, planes, &mut made);
                prop_assert_eq!(&made, &codes);
            }
        }
    }

    #[test]
    fn row_any_planes_is_that_byte_of_the_pixels_kept(
        planes in proptest::collection::vec(any::<u8>(), 0..if cfg!(miri) { 160 } else { 1600 }),
        keep in any::<u64>(),
        given in 1usize..=8,
    ) {
        let groups = planes.len() / GROUP;
        let mut planes = planes[..groups * GROUP].to_vec();
        crate::cpu::lz4::complete(&mut planes, groups * given, groups);
        let keep: Vec<u8> = (0..groups).map(|i| keep.rotate_left(i as u32 * 5) as u8).collect();
        let mut expected = vec![0; planes.len()];
        debye_spec::bitshuffle::unshuffle(&planes, &mut expected, 1);
        for (pixel, byte) in expected.iter_mut().enumerate() {
            *byte *= keep[pixel / 8] >> (pixel % 8) & 1;
        }
        for kernels in Kernels::available() {
            let mut made = vec![0; planes.len()];
            row(kernels, &planes[..groups * given], &keep, &mut made);
            prop_assert_eq!(&made, &expected);
        }
    }
}
