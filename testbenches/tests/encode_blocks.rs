//! The encoder against its definition, liblz4 and all decoders: a few thousand generated blocks of every element size and
//! length, and with DEBYE_SOAK set 100,000; real frames; sizes against liblz4's.

use debye::codec::encode::{Codec, Encoder};
use debye::cpu::Kernels;
use debye::cpu::encode::BlockEncoder;
use debye::cpu::lz4::{self, Decoder, OUTPUT_SLACK};
use debye::simulate::frames::FrameMaker;
use debye::source::{decoded, open};
use debye_spec::lz4_encode::max_block_bytes;
use debye_spec::{Element, bitshuffle, chunk, lz4_encode};
use debye_testbenches::content::rng;
use debye_testbenches::data::real;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

/// Elements of a block of some kind: what detectors give, and what none does.
fn elements(kind: usize, count: usize, size: usize, rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mean = [0.01, 0.1, 1.0, 10.0][rng.random_range(0..4)];
    let period = rng.random_range(1..600);
    let bits = rng.random_range(0..32);
    let bytes = (0..count).flat_map(|i| {
        let code: u32 = match kind {
            0 => 0,
            1 => u32::MAX,
            2 => rng.next_u32(),
            3 => i as u32,
            4 => (-mean * (1.0 - rng.random::<f64>()).ln()) as u32,
            5 if i % period < 3 => u32::MAX,
            5 => (-mean * (1.0 - rng.random::<f64>()).ln()) as u32,
            6 => u32::from(rng.random_range(0..200) == 0) << bits,
            7 => rng.next_u32() >> bits,
            _ => (i / period) as u32,
        };
        code.to_le_bytes().into_iter().take(size)
    });
    bytes.collect()
}

/// Every level makes the definition's block, and every decoder makes the planes of it.
fn check(elements: &[u8], size: usize, encoders: &mut [BlockEncoder]) {
    let mut planes = vec![0; elements.len()];
    bitshuffle::shuffle(elements, &mut planes, size);
    let mut block = Vec::new();
    lz4_encode::encode(&planes, size, &mut block);
    assert!(block.len() <= max_block_bytes(planes.len()));
    for encoder in encoders {
        let mut ours = Vec::new();
        encoder.encode(elements, size, &mut ours);
        assert!(ours == block, "{encoder:?} differs: {} bytes of {size}", elements.len());
    }
    let mut back = vec![0xa5; planes.len()];
    debye_spec::lz4::decode(&block, &mut back).expect("the definition decodes it");
    assert!(back == planes);
    for kernels in Kernels::available() {
        let mut back = vec![0xa5; planes.len() + OUTPUT_SLACK];
        let plane = planes.len() / (8 * size);
        let decoded = Decoder::default().decode(kernels, &block, 0..block.len(), &mut back, planes.len(), plane);
        let made = decoded.expect("the CPU's decoder decodes it");
        lz4::complete(&mut back[..planes.len()], made, plane);
        assert!(back[..planes.len()] == planes, "{kernels:?}");
    }
    let theirs = ::lz4::block::decompress(&block, Some(planes.len() as i32)).expect("liblz4 decodes it");
    assert!(theirs == planes);
}

#[test]
fn encode_generated_blocks_are_the_definitions_and_decode() {
    let soak = std::env::var_os("DEBYE_SOAK").is_some();
    let blocks = if soak { 100_000 } else { 3_000 };
    let mut rng = rng(5);
    let mut encoders: Vec<BlockEncoder> = Kernels::available().map(BlockEncoder::new).collect();
    let mut bytes = 0;
    for number in 0..blocks {
        let size = [1, 2, 4][number % 3];
        let most = 8192 / size / 8;
        let groups = match number / 3 % 4 {
            0 => most,
            1 => rng.random_range(0..=most),
            2 => rng.random_range(0..20),
            _ => rng.random_range(0..=2 * most),
        };
        let elements = elements(number / 12 % 9, groups * 8, size, &mut rng);
        check(&elements, size, &mut encoders);
        bytes += elements.len();
    }
    eprintln!("{blocks} blocks, {bytes} bytes, {} levels", encoders.len());
}

/// The chunk of a frame, checked against the definition; with liblz4's length.
fn sizes(pixels: &[u8], element: Element) -> (usize, usize) {
    let mut made = [Codec::Debye, Codec::Liblz4].map(|codec| {
        let mut chunk = Vec::new();
        Encoder::with_codec(element, None, codec).unwrap().encode(pixels, &mut chunk).unwrap();
        let (mut back, mut scratch) = (vec![0; pixels.len()], vec![0; pixels.len()]);
        chunk::decode(&chunk, element, &mut back, &mut scratch).unwrap();
        assert!(back == pixels, "{} gives other pixels", codec.name());
        chunk
    });
    let mut defined = Vec::new();
    debye_spec::encode::encode(pixels, element, 8192, &mut defined).unwrap();
    assert!(made[0] == defined, "the CPU's chunk is not the definition's");
    (std::mem::take(&mut made[0]).len(), made[1].len())
}

#[test]
fn encode_powder_frames_are_as_small_as_liblz4s() {
    // Counts that fall off over a row, as they do towards the edge of a detector; gaps in a second set.
    for element in [Element::U8, Element::U16, Element::U32] {
        for mean in [0.3f32, 3.0, 30.0] {
            // Rows of an Eiger2 16M and its gaps.
            let (rows, columns) = (32, 4148);
            let expected: Vec<f32> =
                (0..rows * columns).map(|i| mean * (1.7 - (i % columns) as f32 / 3000.0)).collect();
            let mut pixels = Vec::new();
            FrameMaker::new(element, expected, vec![], 7).unwrap().draw(0, &mut pixels);
            let (ours, theirs) = sizes(&pixels, element);
            assert!(ours as f64 <= 1.04 * theirs as f64, "{element:?} mean {mean}: {ours} against {theirs} bytes");

            let size = element.size();
            for (i, pixel) in pixels.chunks_exact_mut(size).enumerate() {
                if i / columns < 3 || i % columns % 1040 >= 1028 {
                    pixel.fill(0xff);
                }
            }
            let (ours, theirs) = sizes(&pixels, element);
            // Bytes have eight planes only: what repeats from plane to plane is less.
            let most = if size == 1 { 1.04 * theirs as f64 } else { theirs as f64 };
            assert!((ours as f64) < most, "{element:?} mean {mean} with gaps: {ours} against {theirs} bytes");
        }
    }
}

#[test]
fn encode_real_frames_are_as_small_as_liblz4s() {
    let test = "encode_real_frames_are_as_small_as_liblz4s";
    for file in ["eiger4m_protein_u32_bslz4.h5", "ceria_p2m.h5"] {
        let Some(path) = real(test, file) else { continue };
        let mut source = open(&path, None).expect("a real file opens");
        let (element, shape) = (source.info().element, source.info().shape);
        let payload = source.read(0).expect("its first frame is there");
        let stored = payload.chunk().map(|chunk| chunk.into_owned());
        let pixels = decoded(payload, element, shape[0] * shape[1]).expect("it decodes");
        let (ours, theirs) = sizes(&pixels, element);
        assert!(ours < theirs, "{file}: {ours} against {theirs} bytes");
        if let Some(stored) = stored {
            // The detector's own writer uses liblz4: its bytes come again.
            let mut again = Vec::new();
            Encoder::new(element, None).unwrap().encode(&pixels, &mut again).unwrap();
            assert!(again == stored, "{file}: --codec liblz4 gives other bytes than the detector's writer");
        }
    }
}
