//! Blocks: compressed bit-planes, hand-built sequences, broken ones.

use crate::bench::{Block, some_bytes};
use debye_hdl::base::random::Random;
use debye_spec::bitshuffle;

/// Pixels like a powder pattern's: Poisson-like around a slowly changing mean, with gaps of the type's top code.
pub fn pixels(rng: &mut Random, bytes: usize, element: usize, mean: f64, gaps: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes);
    let gap = if gaps { rng.index(bytes / element) } else { usize::MAX };
    for i in 0..bytes / element {
        let here = mean * (1.0 + 3.0 * (-((i % 257) as f64 - 128.0).powi(2) / 200.0).exp());
        // Knuth's way, for means this small.
        let (limit, mut product, mut value) = ((-here).exp(), 1.0, 0u32);
        loop {
            product *= (rng.draw() >> 11) as f64 / (1u64 << 53) as f64;
            if product <= limit {
                break;
            }
            value += 1;
        }
        let value = if i >= gap && i < gap + 100 { u32::MAX } else { value };
        out.extend_from_slice(&value.to_le_bytes()[..element]);
    }
    out
}

/// A block as files hold it.
pub fn planes(rng: &mut Random, bytes: usize, esize: u64, mean: f64, gaps: bool) -> Block {
    let element = 1 << esize;
    let bytes = (bytes / (8 * element)).max(1) * 8 * element;
    let pixels = pixels(rng, bytes, element, mean, gaps);
    let mut planes = vec![0; bytes];
    bitshuffle::shuffle(&pixels, &mut planes, element);
    Block { raw: false, size: bytes, esize, data: lz4_flex::block::compress(&planes) }
}

/// Builds a block sequence by sequence.
#[derive(Default)]
pub struct Builder {
    pub data: Vec<u8>,
    pub size: usize,
}

fn extend(data: &mut Vec<u8>, mut length: usize) {
    while length >= 255 {
        data.push(255);
        length -= 255;
    }
    data.push(length as u8);
}

impl Builder {
    pub fn literals(&mut self, bytes: &[u8], length: usize) {
        let (high, low) = (bytes.len().min(15), length.saturating_sub(4).min(15));
        self.data.push((high << 4 | low) as u8);
        if high == 15 {
            extend(&mut self.data, bytes.len() - 15);
        }
        self.data.extend_from_slice(bytes);
        self.size += bytes.len();
    }
    pub fn sequence(&mut self, bytes: &[u8], offset: usize, length: usize) {
        self.literals(bytes, length);
        self.data.extend_from_slice(&(offset as u16).to_le_bytes());
        if length - 4 >= 15 {
            extend(&mut self.data, length - 19);
        }
        self.size += length;
    }
    pub fn block(mut self, last: &[u8]) -> Block {
        self.literals(last, 0);
        Block { raw: false, size: self.size, esize: 1, data: self.data }
    }
}

/// Where a hand-built block's matches come from.
#[derive(Clone, Copy, Debug)]
pub enum Style {
    /// Offsets 1 to 16.
    Small,
    /// Around the near window's limits.
    Border,
    /// Anywhere.
    Far,
    /// Matches of four bytes without literals.
    Torture,
    /// Lengths around every limit.
    Long,
    /// All of these.
    Mixed,
}

/// Random sequences that fill `size` bytes.
pub fn sequences(rng: &mut Random, size: usize, style: Style) -> Block {
    let mut b = Builder::default();
    let tail = 1 + rng.index(12);
    let mut head = 1 + rng.index(20);
    loop {
        let now = match style {
            Style::Mixed => [Style::Small, Style::Border, Style::Far, Style::Torture, Style::Long][rng.index(5)],
            style => style,
        };
        let literals = std::mem::take(&mut head)
            + match now {
                Style::Torture => 0,
                Style::Long => [0, 14, 15, 16, 269, 270, 271, 525][rng.index(8)],
                _ => rng.index(10) * rng.index(4),
            };
        let length = match now {
            Style::Torture => 4,
            Style::Long => [4, 18, 19, 20, 273, 274, 275, 530, 800][rng.index(9)],
            _ => 4 + rng.index(30) * rng.index(3),
        };
        if b.size + literals + length + tail >= size {
            break;
        }
        let made = b.size + literals;
        let offset = match now {
            Style::Small | Style::Long => 1 + rng.index(16),
            Style::Border => [7, 8, 9, 63, 64, 65, 66, 120, 126, 127, 128, 129, 130, 136, 140, 144, 160][rng.index(17)],
            Style::Far => 1 + rng.index(made),
            _ => 1 + rng.index(made.min(200)),
        };
        b.sequence(&rng.bytes(literals), offset.min(made).max(1), length);
    }
    let rest = rng.bytes(size - b.size);
    b.block(&rest)
}

/// Makes a sound block unsound, more or less likely.
pub fn spoil(rng: &mut Random, block: &mut Block) {
    match rng.index(8) {
        0 => block.data.truncate(rng.index(block.data.len() + 1)),
        1 => block.size = block.size.saturating_sub(1 + rng.index(20)).max(1),
        2 => block.size = (block.size + 1 + rng.index(20)).min(8192),
        3 => block.data.extend_from_slice(&some_bytes(rng, 1, 5)),
        4 => block.data = some_bytes(rng, 0, 60),
        5 => {
            // A length that runs away.
            let at = rng.index(block.data.len());
            let run = vec![255; [3, 40, 300, 700][rng.index(4)]];
            block.data.splice(at..at, run);
        }
        6 => {
            let at = rng.index(block.data.len());
            block.data[at] = [0, 0xff, 0xf0, 0x0f, 0x10][rng.index(5)];
        }
        _ => {
            let at = rng.index(block.data.len());
            block.data[at] ^= 1 << rng.index(8);
        }
    }
}
