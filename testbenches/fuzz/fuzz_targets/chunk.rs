//! Any bytes as a chunk of any type and size: the block-by-block decoder and the definition agree.
#![no_main]

use debye::codec::decode::{Buffers, for_each_block};
use debye::codec::sample::Sample;
use debye_spec::Element;
use libfuzzer_sys::fuzz_target;

fn check<T: Sample>(chunk: &[u8], element: Element, count: usize) {
    let mut ours = Vec::new();
    let a = for_each_block::<T>(chunk, element, count, &mut Buffers::default(), |first, pixels| {
        assert_eq!(first * T::SIZE, ours.len());
        ours.extend(pixels.iter().flat_map(|pixel| pixel.code().to_le_bytes().into_iter().take(T::SIZE)));
    });
    let mut theirs = vec![0; count * T::SIZE];
    let mut scratch = theirs.clone();
    let b = debye_spec::chunk::decode(chunk, element, &mut theirs, &mut scratch);
    assert_eq!(a, b);
    if a.is_ok() {
        assert_eq!(ours, theirs);
    }
}

fuzz_target!(|input: (u8, u16, Option<u32>, &[u8])| {
    let (kind, count, block, body) = input;
    let element = Element::ALL[kind as usize % 5];
    let count = count as usize % 6000;
    // Most inputs get a sound header, so that what is behind it is reached.
    let mut chunk = Vec::new();
    if let Some(block) = block {
        chunk.extend(((count * element.size()) as u64).to_be_bytes());
        chunk.extend((block % 1100 * 8 * element.size() as u32).to_be_bytes());
    }
    chunk.extend_from_slice(body);
    match element.size() {
        1 => check::<u8>(&chunk, element, count),
        2 => check::<u16>(&chunk, element, count),
        _ => check::<u32>(&chunk, element, count),
    }
});
