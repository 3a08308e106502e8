//! Bodies of the fuzz targets. The targets in `testbenches/fuzz` feed them what libFuzzer finds; `tests/fuzz_corpus.rs`
//! feeds them what it found, so that every interesting case stays a test.

// Named, so that they are found from the fuzz targets' crate too, which takes this file by its path.
#[path = "fuzz/bitstream.rs"]
mod bitstream;
#[path = "fuzz/completion.rs"]
mod completion;

pub use bitstream::{bitstream, manifest};
pub use completion::completion;

use arbitrary::{Arbitrary, Unstructured};
use debye::codec::decode::{Buffers, for_each_block, into_pixels};
use debye::cpu::Kernels;
use debye::cpu::encode::BlockEncoder;
use debye::cpu::lz4::{self, Decoder, OUTPUT_SLACK};
use debye::cpu::sample::Sample;
use debye::geometry::poni;
use debye_spec::chunk::Blocks;
use debye_spec::encode::max_chunk_bytes;
use debye_spec::{ChunkHeader, Element};
use sha2::{Digest, Sha256};

/// A target: its name, and the body that takes whatever bytes there are.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 8] = [
    ("lz4_block", lz4_block),
    ("chunk", chunk),
    ("poni", poni_file),
    ("table_file", table_file),
    ("completion", completion),
    ("encode", encode),
    ("bitstream", bitstream),
    ("manifest", manifest),
];

/// Bytes as (size of the output, LZ4 block): the decoder at each level and the definition agree, on the bytes or on the
/// fault, whatever planes the decoder may leave out.
pub fn lz4_block(data: &[u8]) {
    let Ok((size, block)) = <(u16, &[u8])>::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let size = size as usize;
    let mut theirs = vec![0; size];
    let expected = debye_spec::lz4::decode(block, &mut theirs);
    // Inside a chunk, and at its very end, where there is nothing behind the block to be read.
    let long = [block, &[0xff; 200]].concat();
    for kernels in Kernels::available() {
        for (chunk, planes) in [(block, 1), (&long, 1), (block, 8), (&long, 16), (block, 32)] {
            let mut ours = vec![0; size + OUTPUT_SLACK];
            let plane = size / planes;
            let found = Decoder::default().decode(kernels, chunk, 0..block.len(), &mut ours, size, plane);
            assert_eq!(found.map(drop), expected, "{kernels:?}");
            if let Ok(made) = found {
                lz4::complete(&mut ours[..size], made, plane);
                assert_eq!(ours[..size], theirs, "{kernels:?}, {planes} planes");
            }
        }
    }
}

/// Bytes as (type, pixels, block size or none, chunk): the block-by-block decoder and the definition agree. With a block
/// size the chunk gets a sound header, so that what is behind it is reached.
pub fn chunk(data: &[u8]) {
    type Input<'a> = (u8, u16, Option<u32>, &'a [u8]);
    let Ok((kind, count, block, body)) = Input::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let element = Element::ALL[kind as usize % Element::ALL.len()];
    let count = count as usize % 6000;
    let mut chunk = Vec::new();
    if let Some(block) = block {
        chunk.extend(((count * element.size()) as u64).to_be_bytes());
        chunk.extend((block % 1100 * 8 * element.size() as u32).to_be_bytes());
    }
    chunk.extend_from_slice(body);
    match element.size() {
        1 => decode_both::<u8>(&chunk, element, count),
        2 => decode_both::<u16>(&chunk, element, count),
        _ => decode_both::<u32>(&chunk, element, count),
    }
}

fn decode_both<T: Sample>(chunk: &[u8], element: Element, count: usize) {
    let mut theirs = vec![0; count * T::SIZE];
    let mut scratch = theirs.clone();
    let expected = debye_spec::chunk::decode(chunk, element, &mut theirs, &mut scratch);
    let bytes_of = |pixels: &[T]| -> Vec<u8> {
        pixels.iter().flat_map(|pixel| pixel.code().to_le_bytes().into_iter().take(T::SIZE)).collect()
    };
    for kernels in Kernels::available() {
        let mut ours = Vec::new();
        let mut buffers = Buffers::new(kernels);
        let found = for_each_block::<T>(chunk, element, count, &mut buffers, |first, pixels| {
            assert_eq!(first * T::SIZE, ours.len());
            ours.extend(bytes_of(pixels));
        });
        assert_eq!(found, expected, "{kernels:?}");
        let mut whole = vec![T::default(); count];
        assert_eq!(into_pixels(chunk, element, &mut whole, &mut buffers), expected, "{kernels:?}");
        if found.is_ok() {
            assert_eq!(ours, theirs, "{kernels:?}");
            assert_eq!(bytes_of(&whole), theirs, "{kernels:?}");
        }
    }
}

/// Bytes as (type, 8 x elements of a block, pixels): every level of the encoder makes the definition's chunk, it is no
/// longer than it may be, and it decodes to the pixels.
pub fn encode(data: &[u8]) {
    let Ok((kind, groups, pixels)) = <(u8, u8, &[u8])>::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let element = Element::ALL[kind as usize % Element::ALL.len()];
    let size = element.size();
    let pixels = &pixels[..pixels.len() / size * size];
    let block_bytes = (1 + groups as usize) * 8 * size;
    let mut defined = Vec::new();
    debye_spec::encode::encode(pixels, element, block_bytes, &mut defined).expect("the block size is sound");
    assert!(defined.len() <= max_chunk_bytes(element, pixels.len(), block_bytes));
    let mut made = Vec::new();
    for kernels in Kernels::available() {
        let mut encoder = BlockEncoder::new(kernels);
        let mut blocks =
            Blocks::new(&defined, ChunkHeader::read(&defined, element, pixels.len() / size).expect("ours"));
        while let Some(block) = blocks.next_block().expect("ours") {
            made.clear();
            encoder.encode(&pixels[block.pixels], size, &mut made);
            assert_eq!(made, defined[block.data]);
        }
    }
    let (mut back, mut scratch) = (vec![0; pixels.len()], vec![0; pixels.len()]);
    debye_spec::chunk::decode(&defined, element, &mut back, &mut scratch).expect("what we make decodes");
    assert_eq!(back, pixels);
}

/// Bytes as the text of a PONI file: an error, or a geometry that is sound and survives being written and read again.
pub fn poni_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(geometry) = poni::parse(text, "fuzz.poni") {
        assert!(geometry.distance > 0.0 && geometry.distance.is_finite());
        assert!(geometry.detector.pixel1 > 0.0 && geometry.detector.pixel2 > 0.0);
        let again = poni::parse(&poni::format(&geometry), "again.poni").expect("what we write we read");
        assert_eq!(geometry, again);
    }
}

/// Bytes as (put the hash right?, table file): an error, or a table that passes every check. With the hash put right,
/// what is behind it is reached.
pub fn table_file(data: &[u8]) {
    let Ok((sound, body)) = <(bool, &[u8])>::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let mut bytes = body.to_vec();
    if sound {
        bytes.extend_from_slice(&Sha256::digest(body));
    }
    if let Ok(table) = debye::table::parse(&bytes, "fuzz.table") {
        table.spec().check().expect("a table that was taken is sound");
    }
}
