use super::*;
use debye_spec::{Entry, FrameResult, Job, Table, bitshuffle};

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

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

impl Owned {
    fn new(random: &mut Random, pixels: usize, bins: usize, unit: u64) -> Owned {
        let (mut masked, mut starts, mut entries) = (Vec::new(), vec![0], Vec::new());
        for pixel in 0..pixels {
            masked.push(random.below(20) == 0);
            let mut bin = (pixel / 3 + random.below(3) as usize) % bins;
            let mut left = 64 / unit;
            while !masked[pixel] && left > 0 && bin < bins && random.below(9) != 0 {
                let weight = 1 + random.below(left);
                entries.push(Entry::new(bin as u32, (weight * unit) as u8));
                left -= weight;
                bin += 1 + random.below(2) as usize;
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
            1 => random.below(4),
            2 => random.below(300),
            3 if pixel % 97 == 0 => u64::MAX,
            3 => random.below(2),
            4 if (pixel / 4096).is_multiple_of(3) => random.next(),
            4 => random.below(7),
            _ => random.next(),
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

fn check(seed: u64, element: Element, pixels: usize, block: usize, unit: u64, frames: usize, max_valid: u32) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
    let table = Owned::new(&mut random, pixels, 1 + pixels / 50, unit);
    table.spec().check().unwrap();
    let job = Job { element, max_valid, threshold: [0, 3, 255, 70_000][random.below(4) as usize] };
    let rule = Rule { valid: job.rule(), threshold: job.threshold };
    let terms = Terms::new(table.spec());
    let mut chunks = Vec::new();
    for _ in 0..frames {
        let kind = random.below(6);
        let mut chunk = chunk_of(&frame(&mut random, pixels, element.size(), kind), element.size(), block);
        match random.below(12) {
            0 => chunk.truncate(random.below(chunk.len() as u64) as usize),
            1 => {
                let at = 12 + random.below(chunk.len() as u64 - 12) as usize;
                chunk[at] ^= 1 << random.below(8);
            }
            _ => {}
        }
        chunks.push(chunk);
    }
    for kernels in Kernels::available() {
        let Some(mut fused) = Fused::new(kernels, &terms, rule) else { continue };
        for lanes in [1, fused.lanes()] {
            for (group, chunks) in chunks.chunks(lanes).enumerate() {
                let chunks: Vec<&[u8]> = chunks.iter().map(|chunk| &chunk[..]).collect();
                let mut seen = 0;
                fused.run(&chunks, |index, made| {
                    seen += 1;
                    let expected = debye_spec::frame::integrate(chunks[index], &job, &table.spec());
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
                assert_eq!(seen, chunks.len());
            }
        }
    }
}

#[test]
fn fused_frames_of_every_kind_equal_the_definition() {
    let elements = [Element::U8, Element::U16, Element::I16, Element::U32, Element::I32];
    for seed in 0..60 {
        let element = elements[seed as usize % 5];
        let mut random = Random(seed + 99);
        let pixels = 1 + random.below(20_000) as usize;
        let block = 64 * (1 + random.below(64) as usize);
        let unit = [1, 4, 16, 64][random.below(4) as usize];
        let max_valid = [element.default_max_valid(), 100, 2][random.below(3) as usize];
        check(seed, element, pixels, block, unit, 1 + random.below(20) as usize, max_valid);
    }
}
