//! Seeded frames, tables and chunks. The encoder here is small and plain: literals, runs, and matches of any offset.
#![allow(dead_code)]

pub mod frames;
pub mod fused;
pub mod in_process;
pub mod rings;
pub mod vfio_client;

use debye_hdl::base::random::Random;
use debye_spec::wire::Request;
use debye_spec::{Element, Entry, Job, Table, bitshuffle};

/// Random numbers.
pub fn rng(seed: u64) -> impl FnMut() -> u64 {
    let mut random = Random::new(seed);
    move || random.draw()
}

/// Each element type in turn.
pub fn element_of(round: usize) -> Element {
    Element::ALL[round % Element::ALL.len()]
}

/// A frame with a table for it.
pub struct Content {
    pub element: Element,
    pub pixels: usize,
    pub bins: u32,
    pub frame: Vec<u8>,
    masked: Vec<bool>,
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

impl Content {
    /// A table of `bins` bins with masked pixels and pixels of up to 6 bins, and a frame of few counts with some top
    /// codes.
    pub fn new(element: Element, pixels: usize, bins: u32, seed: u64) -> Content {
        let mut next = rng(seed);
        let (mut masked, mut starts, mut entries) = (vec![], vec![0], vec![]);
        for _ in 0..pixels {
            let kind = next() % 16;
            masked.push(kind == 0);
            let mut bin = (next() % bins as u64) as u32;
            let mut left = 64;
            for _ in 0..if kind < 2 { 0 } else { next() % 7 } {
                let weight = 1 + next() % left;
                entries.push(Entry::new(bin, weight as u8));
                left -= weight;
                bin += 1 + if next().is_multiple_of(8) { (next() % 20) as u32 } else { 0 };
                if left == 0 || bin >= bins {
                    break;
                }
            }
            starts.push(entries.len() as u32);
        }
        let mut content = Content { element, pixels, bins, frame: vec![], masked, starts, entries };
        content.repaint(seed + 1);
        content
    }

    /// Another frame for the same table.
    pub fn repaint(&mut self, seed: u64) {
        let mut next = rng(seed);
        self.frame.clear();
        for _ in 0..self.pixels {
            let value = match next() % 32 {
                0 => u64::from(u32::MAX),
                1..5 => next() % 300,
                _ => next() % 3,
            };
            self.frame.extend_from_slice(&value.to_le_bytes()[..self.element.size()]);
        }
    }

    /// The table.
    pub fn table(&self) -> Table<'_> {
        Table { bins: self.bins as usize, masked: &self.masked, starts: &self.starts, entries: &self.entries }
    }

    /// The frame's chunk in blocks of `block` bytes; `damage` 1: cut, 2: a bit changed, 3: bytes too many.
    pub fn chunk(&self, block: usize, damage: usize, next: &mut impl FnMut() -> u64) -> Vec<u8> {
        let mut chunk = (self.frame.len() as u64).to_be_bytes().to_vec();
        chunk.extend((block as u32).to_be_bytes());
        let shuffled = self.pixels / 8 * 8 * self.element.size();
        for pixels in self.frame[..shuffled].chunks(block) {
            let mut planes = vec![0; pixels.len()];
            bitshuffle::shuffle(pixels, &mut planes, self.element.size());
            let data = compress(&planes);
            chunk.extend((data.len() as u32).to_be_bytes());
            chunk.extend(data);
        }
        chunk.extend(&self.frame[shuffled..]);
        match damage {
            1 => chunk.truncate((next() % chunk.len() as u64) as usize),
            2 => {
                let at = (next() % chunk.len() as u64) as usize;
                chunk[at] ^= 1 << (next() % 8);
            }
            3 => chunk.push(0),
            _ => {}
        }
        chunk
    }

    /// A request for a chunk, of table 3.
    pub fn request(&self, job: &Job, chunk: &[u8], sequence: u32) -> Request {
        Request {
            handle: 0xfeed_0000_0000_0000 | sequence as u64,
            sequence,
            element: job.element,
            chunk_bytes: chunk.len() as u32,
            pixels: self.pixels as u32,
            bins: self.bins,
            max_valid: job.rule().max_valid(),
            threshold: job.threshold,
            chunk_address: 0,
            table: 3,
        }
    }
}

/// LZ4 block of `data`: a greedy search over the last 64 offsets.
pub fn compress(data: &[u8]) -> Vec<u8> {
    let (mut out, mut at, mut pending) = (vec![], 0, 0);
    let end = data.len().saturating_sub(12);
    while at < end {
        let length = |offset: usize| (at..data.len() - 5).take_while(|&i| data[i] == data[i - offset]).count();
        let best = (1..=at.min(64)).map(|offset| (length(offset), offset)).max_by_key(|&(length, _)| length);
        match best.filter(|&(length, _)| length >= 4) {
            Some((length, offset)) => {
                sequence(&mut out, &data[pending..at], Some((offset, length)));
                at += length;
                pending = at;
            }
            None => at += 1,
        }
    }
    sequence(&mut out, &data[pending..], None);
    out
}

fn sequence(out: &mut Vec<u8>, literals: &[u8], copy: Option<(usize, usize)>) {
    let matched = copy.map_or(0, |(_, length)| length - 4);
    out.push((literals.len().min(15) << 4 | matched.min(15)) as u8);
    let extend = |out: &mut Vec<u8>, length: usize| {
        if let Some(mut rest) = length.checked_sub(15) {
            while rest >= 255 {
                out.push(255);
                rest -= 255;
            }
            out.push(rest as u8);
        }
    };
    extend(out, literals.len());
    out.extend_from_slice(literals);
    if let Some((offset, _)) = copy {
        out.extend((offset as u16).to_le_bytes());
        extend(out, matched);
    }
}
