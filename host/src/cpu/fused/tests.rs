use super::*;
use debye_spec::{Entry, FrameResult, Job, Table, bitshuffle};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng as Random;

/// A chunk as the format has it, whatever its block size.
fn chunk_of(pixels: &[u8], size: usize, block_pixels: usize) -> Vec<u8> {
    let mut chunk = (pixels.len() as u64).to_be_bytes().to_vec();
    chunk.extend(((block_pixels * size) as u32).to_be_bytes());
    let whole = pixels.len() / (8 * size) * 8 * size;
    for block in pixels[..whole].chunks(block_pixels * size) {
        let mut planes = vec![0; block.len()];
        bitshuffle::shuffle(block, &mut planes, size);
        let packed = lz4_flex::block::compress(&planes);
        chunk.extend((packed.len() as u32).to_be_bytes());
        chunk.extend(packed);
    }
    chunk.extend(&pixels[whole..]);
    chunk
}

struct Owned {
    bins: usize,
    masked: Vec<bool>,
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

/// How a table's bins lie: how many there are, and how far apart those of neighbours may be.
#[derive(Clone, Copy)]
struct Lie {
    bins: usize,
    apart: usize,
}

impl Owned {
    fn new(random: &mut Random, pixels: usize, lie: Lie, unit: u64) -> Owned {
        let (mut masked, mut starts, mut entries) = (Vec::new(), vec![0], Vec::new());
        let Lie { bins, apart } = lie;
        // Steps without a pixel that counts.
        let gap = random.random_range(0..pixels);
        let gap = gap..gap + random.random_range(0..=pixels / 2);
        for pixel in 0..pixels {
            masked.push(gap.contains(&pixel) || random.random_range(0..20) == 0);
            let mut bin = (pixel / 3 + random.random_range(0..apart)) % bins;
            let mut left = 64 / unit;
            while !masked[pixel] && left > 0 && bin < bins && random.random_range(0..9) != 0 {
                let weight = 1 + random.random_range(0..left);
                entries.push(Entry::new(bin as u32, (weight * unit) as u8));
                left -= weight;
                bin += 1 + random.random_range(0..2);
            }
            starts.push(entries.len() as u32);
        }
        Owned { bins, masked, starts, entries }
    }

    fn spec(&self) -> Table<'_> {
        Table { bins: self.bins, masked: &self.masked, starts: &self.starts, entries: &self.entries }
    }
}

fn frame(random: &mut Random, pixels: usize, size: usize, kind: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(pixels * size);
    for pixel in 0..pixels {
        let code = match kind {
            0 => 0,
            1 => random.random_range(0..4),
            2 => random.random_range(0..300),
            3 if pixel % 97 == 0 => u64::MAX,
            3 => random.random_range(0..2),
            4 if (pixel / 4096).is_multiple_of(3) => random.random::<u64>(),
            4 => random.random_range(0..7),
            _ => random.random::<u64>(),
        };
        bytes.extend(&code.to_le_bytes()[..size]);
    }
    bytes
}

fn result(sums: &Sums, terms: &Terms, weight: Vec<u32>, expected: &FrameResult) -> FrameResult {
    let (signal, variance) = sums.signal_and_variance(terms);
    let mut made = FrameResult { bins: debye_spec::Bins { signal, variance, weight }, ..expected.clone() };
    made.statistics.sum = sums.sum;
    made.statistics.max = sums.max;
    made.statistics.over = sums.over;
    made.statistics.invalid = sums.invalid.len() as u32;
    made.invalid = sums.invalid.iter().copied().take(debye_spec::bounds::MAX_INVALID_LISTED).collect();
    made
}

/// What the definition makes of a frame.
fn defined(frame: Input<'_>, job: &Job, table: &Table<'_>) -> Result<FrameResult, ChunkError> {
    match frame {
        Input::Chunk(chunk) => debye_spec::frame::integrate(chunk, job, table),
        Input::Pixels(bytes) => Ok(debye_spec::frame::integrate_pixels(bytes, job, table)),
    }
}

fn check(seed: u64, element: Element, pixels: usize, block: usize, unit: u64, frames: usize, max_valid: u32) {
    let mut random = Random::seed_from_u64(seed);
    let near = Lie { bins: 1 + pixels / 50, apart: 3 };
    // A step's bins are beyond what one run can hold; with the most, frames are not taken together.
    let lies = [near, Lie { bins: 12_000, apart: 9_000 }, Lie { bins: 40_000, apart: 30_000 }];
    // Miri would take minutes for many bins.
    let lie = lies[random.random_range(0..if cfg!(miri) { 7 } else { 9_usize }).saturating_sub(6)];
    let table = Owned::new(&mut random, pixels, lie, unit);
    table.spec().check().unwrap();
    let job = Job { element, max_valid, threshold: [0, 3, 255, 70_000][random.random_range(0..4)] };
    let rule = Rule { valid: job.rule(), threshold: job.threshold };
    let columns = [random.random_range(1..3 * STEP), random.random_range(1..2 * pixels + 2)][random.random_range(0..2)];
    let terms = Terms::new(table.spec(), columns);
    let (mut raw, mut chunks) = (Vec::new(), Vec::new());
    for _ in 0..frames {
        let kind = random.random_range(0..6);
        let pixels = frame(&mut random, pixels, element.size(), kind);
        let mut chunk = chunk_of(&pixels, element.size(), block);
        match random.random_range(0..12) {
            0 => chunk.truncate(random.random_range(0..chunk.len())),
            1 => {
                let at = random.random_range(12..chunk.len());
                chunk[at] ^= 1 << random.random_range(0..8);
            }
            _ => {}
        }
        raw.push(pixels);
        chunks.push(chunk);
    }
    // Blocks of the size in which pixels are taken may stand beside those.
    let mixed = block == BLOCK;
    let first: Vec<_> = (chunks.iter().zip(&raw).enumerate())
        .map(|(k, (chunk, raw))| if mixed && k % 3 == 0 { Input::Pixels(raw) } else { Input::Chunk(chunk) })
        .collect();
    let second: Vec<_> = raw.iter().map(|raw| Input::Pixels(raw)).collect();
    for (kernels, inputs) in Kernels::available().flat_map(|kernels| [(kernels, &first), (kernels, &second)]) {
        let mut fused = Fused::new(kernels, &terms, rule);
        for lanes in [1, fused.lanes()] {
            for (group, inputs) in inputs.chunks(lanes).enumerate() {
                let mut seen = 0;
                fused.run(inputs, |index, made| {
                    seen += 1;
                    let expected = defined(inputs[index], &job, &table.spec());
                    let what =
                        format!("{kernels:?} seed {seed} {element:?} frame {} of {lanes}", group * lanes + index);
                    match (made, expected) {
                        (Ok(sums), Ok(expected)) => {
                            let made = result(sums, &terms, expected.bins.weight.clone(), &expected);
                            assert!(made == expected, "{what}: {:?} / {:?}", made.statistics, expected.statistics);
                        }
                        (Err(error), Err(expected)) => assert_eq!(error, expected, "{what}"),
                        (made, expected) => panic!("{what}: {:?} / {:?}", made.is_ok(), expected.is_ok()),
                    }
                });
                assert_eq!(seen, inputs.len());
            }
        }
    }
}

#[test]
fn fused_frames_of_every_kind_equal_the_definition() {
    let elements = [Element::U8, Element::U16, Element::I16, Element::U32, Element::I32];
    // Miri takes a thousand times as long.
    let (seeds, most) = if cfg!(miri) { (5, 300) } else { (60, 20_000) };
    for seed in 0..seeds {
        let element = elements[seed as usize % 5];
        let mut random = Random::seed_from_u64(seed + 99);
        let pixels = random.random_range(1..most);
        let block = if seed % 4 == 3 { BLOCK } else { 64 * random.random_range(1..65) };
        let unit = [1, 4, 16, 64][random.random_range(0..4)];
        let max_valid = [element.default_max_valid(), 100, 2][random.random_range(0..3)];
        check(seed, element, pixels, block, unit, random.random_range(1..21), max_valid);
    }
}
