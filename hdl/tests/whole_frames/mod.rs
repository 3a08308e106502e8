//! Frames, tables and what `spec` makes of them, for tests of whole frames.

#![allow(dead_code, reason = "each test uses a part of it")]

use debye_hdl::base::random::Random;
use debye_spec::crc::Crc32;
use debye_spec::wire::{self, Request, ResultHeader};
use debye_spec::{Element, Entry, FrameResult, Job, Status, Table, bitshuffle, frame};

/// A table in memory.
pub struct Pieces {
    pub bins: usize,
    pub masked: Vec<bool>,
    pub starts: Vec<u32>,
    pub entries: Vec<Entry>,
}

impl Pieces {
    pub fn table(&self) -> Table<'_> {
        Table { bins: self.bins, masked: &self.masked, starts: &self.starts, entries: &self.entries }
    }

    /// Rings around the middle of rows x columns pixels, split 4 x 4; the last column is masked.
    pub fn rings(rows: usize, columns: usize, bins: usize) -> Pieces {
        let reach = (rows as f64).hypot(columns as f64) / 2.0;
        let (mut masked, mut starts, mut entries) = (vec![], vec![0], vec![]);
        for pixel in 0..rows * columns {
            let (row, column) = (pixel / columns, pixel % columns);
            masked.push(column + 1 == columns);
            if column + 1 < columns {
                let mut found = [0u8; 64];
                let mut first = usize::MAX;
                let mut seen = vec![];
                for part in 0..16 {
                    let y = row as f64 + (part / 4) as f64 / 4.0 + 0.125 - rows as f64 / 2.0;
                    let x = column as f64 + (part % 4) as f64 / 4.0 + 0.125 - columns as f64 / 2.0;
                    let bin = (y.hypot(x) / reach * bins as f64) as usize;
                    seen.push(bin.min(bins - 1));
                    first = first.min(bin.min(bins - 1));
                }
                for bin in seen {
                    found[bin - first] += 4;
                }
                for (k, &weight) in found.iter().enumerate().filter(|&(_, &weight)| weight != 0) {
                    entries.push(Entry::new((first + k) as u32, weight));
                }
            }
            starts.push(entries.len() as u32);
        }
        Pieces { bins, masked, starts, entries }
    }
}

/// A bslz4 chunk.
pub fn compress(pixels: &[u8], element: Element, block_bytes: usize) -> Vec<u8> {
    let size = element.size();
    let mut chunk = (pixels.len() as u64).to_be_bytes().to_vec();
    chunk.extend((block_bytes as u32).to_be_bytes());
    let whole = pixels.len() / (8 * size) * 8 * size;
    for block in pixels[..whole].chunks(block_bytes) {
        let mut planes = vec![0; block.len()];
        bitshuffle::shuffle(block, &mut planes, size);
        let data = lz4_flex::block::compress(&planes);
        chunk.extend((data.len() as u32).to_be_bytes());
        chunk.extend(data);
    }
    chunk.extend(&pixels[whole..]);
    chunk
}

/// Pixels with few large and few invalid values.
pub fn pixels(count: usize, element: Element, mean: u32, seed: u64) -> Vec<u8> {
    let (mut out, mut random) = (vec![], Random::new(seed));
    for _ in 0..count {
        let x = random.draw();
        let spread = (x >> 40) as u32 % (2 * mean + 1);
        let value = match x >> 20 & 1023 {
            0 => u32::MAX,
            1 => spread << 12,
            _ => spread,
        };
        out.extend(&value.to_le_bytes()[..element.size()]);
    }
    out
}

/// A request with its chunk, and what must come of it.
pub struct Frame {
    pub request: Request,
    pub chunk: Vec<u8>,
    pub expected: Result<FrameResult, Status>,
}

/// Bytes as words, padded with zeros.
pub fn words(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    bytes.chunks(8).map(|part| {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        u64::from_le_bytes(word)
    })
}

/// Holds a result against what must come.
pub fn check(n: usize, frame: &Frame, result: &[u8], bins: usize, element: Element) {
    let header = ResultHeader::read(result).unwrap();
    assert_eq!((header.handle, header.sequence), (frame.request.handle, frame.request.sequence), "frame {n}");
    let payload = &result[wire::HEADER_BYTES..result.len() - wire::TRAILER_BYTES];
    let trailer = &result[result.len() - wire::TRAILER_BYTES..];
    assert_eq!(header.payload_bytes as usize, payload.len(), "frame {n}");
    assert_eq!(trailer[4..], wire::TRAILER_MAGIC.to_le_bytes(), "frame {n}");
    let crc = u32::from_le_bytes([trailer[0], trailer[1], trailer[2], trailer[3]]);
    match &frame.expected {
        Err(status) => {
            assert_eq!(header.status, *status, "frame {n}");
            assert_eq!((payload.len(), crc), (0, 0), "frame {n}");
        }
        Ok(expected) => {
            assert_eq!(header.status, Status::Ok, "frame {n}");
            assert_eq!(header.statistics, expected.statistics, "frame {n}");
            let mut record = vec![];
            expected.bins.record(|bytes| record.extend(bytes));
            let mut sum = Crc32::default();
            sum.update(&record);
            let padded = (bins * 20).next_multiple_of(8);
            assert!(payload[..bins * 20] == record[..], "frame {n}: the record differs");
            assert_eq!(crc, sum.value(), "frame {n}");
            let groups: Vec<u32> = payload[padded..padded + 4 * header.listed as usize]
                .chunks(4)
                .map(|group| u32::from_le_bytes([group[0], group[1], group[2], group[3]]))
                .collect();
            assert_eq!(wire::invalid_pixels(&groups, element), expected.invalid, "frame {n}");
        }
    }
}

/// Frames of random pixels; every other one damaged where `damage` says so.
pub fn frames(
    pieces: &Pieces,
    element: Element,
    block_bytes: usize,
    count: usize,
    mean: u32,
    damage: bool,
) -> Vec<Frame> {
    let job = Job { threshold: 20, ..Job::new(element) };
    (0..count)
        .map(|n| {
            let pixels = pixels(pieces.masked.len(), element, mean, 99 + n as u64);
            let mut chunk = compress(&pixels, element, block_bytes);
            if damage && n % 2 == 1 {
                let at = 8 + (n * 7919) % (chunk.len() - 8);
                if n % 4 == 1 {
                    chunk[at] ^= 1 << (n % 8);
                } else {
                    chunk.truncate(at);
                }
            }
            let expected = frame::integrate(&chunk, &job, &pieces.table()).map_err(|error| Status::from(&error));
            let request = Request {
                handle: 0x1122_3344_5566_0000 + n as u64,
                sequence: n as u32,
                element,
                chunk_bytes: chunk.len() as u32,
                pixels: pieces.masked.len() as u32,
                bins: pieces.bins as u32,
                max_valid: job.max_valid,
                threshold: job.threshold,
                chunk_address: 0,
                table: 7,
            };
            Frame { request, chunk, expected }
        })
        .collect()
}
