use super::*;
use proptest::prelude::*;

/// At each level, with much and with nothing behind the block, into exactly as much as is asked for.
fn check(input: &[u8], size: usize) {
    let mut theirs = vec![0; size];
    let expected = debye_spec::lz4::decode(input, &mut theirs);
    let long = [input, &[0xff; 200]].concat();
    for kernels in Kernels::available() {
        for chunk in [input, &long] {
            let mut ours = vec![0; size + OUTPUT_SLACK];
            let made = Decoder::default().decode(kernels, chunk, 0..input.len(), &mut ours, size);
            assert_eq!(made, expected, "{kernels:?}");
            if made.is_ok() {
                assert_eq!(ours[..size], theirs, "{kernels:?}");
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
    fn decode_spoiled_runs_agrees_with_spec(
        data in runs(),
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
