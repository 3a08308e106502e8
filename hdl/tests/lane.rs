//! Whole frames through the lane, against `spec`.

use debye_hdl::base::pins::Pins;
use debye_hdl::base::stream::{Sink, Source, Stalls, beat};
use debye_hdl::lane;
use debye_spec::crc::Crc32;
use debye_spec::ops::{Op, compile};
use debye_spec::wire::{self, Request, ResultHeader};
use debye_spec::{Element, Entry, FrameResult, Job, Status, Table, bitshuffle, frame};

/// A table in memory.
struct Pieces {
    bins: usize,
    masked: Vec<bool>,
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

impl Pieces {
    fn table(&self) -> Table<'_> {
        Table { bins: self.bins, masked: &self.masked, starts: &self.starts, entries: &self.entries }
    }

    /// Rings around the middle of rows x columns pixels, split 4 x 4; the last column is masked.
    fn rings(rows: usize, columns: usize, bins: usize) -> Pieces {
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

fn compress(pixels: &[u8], element: Element, block_bytes: usize) -> Vec<u8> {
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

fn pixels(count: usize, element: Element, mean: u32, mut x: u64) -> Vec<u8> {
    let mut out = vec![];
    for _ in 0..count {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
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

struct Frame {
    request: Request,
    chunk: Vec<u8>,
    expected: Result<FrameResult, Status>,
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    bytes.chunks(8).map(|part| {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        u64::from_le_bytes(word)
    })
}

/// Runs frames through a lane and checks every result; gives the cycles.
fn run(pieces: &Pieces, element: Element, frames: &[Frame], longest: u32) -> usize {
    let ops = compile(&pieces.table(), element).unwrap();
    let mut lane = lane::pins::<13, 8>();
    for (name, value) in [
        ("table_id", 7),
        ("table_pixels", pieces.masked.len() as u64),
        ("table_bins", pieces.bins as u64),
        ("max_bins", 2048),
    ] {
        let port = lane.port(name);
        lane.set_u64(port, value);
    }
    let reset = lane.port("reset");
    lane.set_u64(reset, 1);
    lane.tick();
    lane.tick();
    lane.set_u64(reset, 0);
    let mut input = Source::new(&lane, "s_axis", &["tdata"], Stalls::random(1, longest));
    let mut table = Source::new(&lane, "s_op", &["tdata"], Stalls::random(2, longest));
    let mut output = Sink::new(&lane, "m_axis", &["tdata", "tlast"], Stalls::random(3, longest));
    for frame in frames {
        input.queue.extend(words(&frame.request.to_bytes()).map(|word| beat(&[word])));
        input.queue.extend(words(&frame.chunk).map(|word| beat(&[word])));
        for &Op(op) in &ops {
            table.queue.push_back(vec![[op as u64, (op >> 64) as u64, 0, 0, 0, 0, 0, 0]]);
        }
    }
    let now = lane.port("now");
    let mut results: Vec<Vec<u8>> = vec![vec![]];
    let mut cycles = 0;
    let limit = 400_000 + 40 * input.queue.len() + 20 * table.queue.len();
    while results.len() <= frames.len() {
        assert!(cycles < limit, "the lane hangs after {} results", results.len() - 1);
        lane.set_u64(now, cycles as u64);
        input.drive(&mut lane);
        table.drive(&mut lane);
        output.drive(&mut lane);
        lane.settle();
        input.sample(&mut lane);
        table.sample(&mut lane);
        output.sample(&mut lane);
        lane.tick();
        cycles += 1;
        for beat in output.beats.drain(..) {
            results.last_mut().unwrap().extend(beat[0][0].to_le_bytes());
            if beat[1][0] != 0 {
                results.push(vec![]);
            }
        }
    }
    assert!(table.queue.is_empty(), "operations are left");
    for (n, (frame, result)) in frames.iter().zip(&results).enumerate() {
        check(n, frame, result, pieces.bins, element);
    }
    cycles
}

fn check(n: usize, frame: &Frame, result: &[u8], bins: usize, element: Element) {
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

fn frames(pieces: &Pieces, element: Element, block_bytes: usize, count: usize, mean: u32, damage: bool) -> Vec<Frame> {
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

#[test]
fn lane_whole_frames_give_spec_results() {
    for element in Element::ALL {
        let pieces = Pieces::rings(61, 83, 50);
        run(&pieces, element, &frames(&pieces, element, 8192, 3, 9, false), 0);
        run(&pieces, element, &frames(&pieces, element, 1024, 3, 300, false), 9);
    }
}

#[test]
fn lane_damaged_frames_have_spec_status_and_the_next_frame_runs() {
    for element in [Element::U8, Element::U16, Element::I32] {
        let pieces = Pieces::rings(31, 43, 33);
        run(&pieces, element, &frames(&pieces, element, 1024, 24, 9, true), 5);
    }
}

#[test]
fn lane_back_to_back_frames_keep_their_rate() {
    let pieces = Pieces::rings(128, 256, 150);
    for element in [Element::U16, Element::U32] {
        let count = 2;
        let few = run(&pieces, element, &frames(&pieces, element, 8192, 1, 9, false), 0);
        let more = run(&pieces, element, &frames(&pieces, element, 8192, 1 + count, 9, false), 0);
        let rate = (count * 128 * 256 * element.size()) as f64 / (more - few) as f64;
        println!("{}: {rate:.2} B/cycle of pixels, back to back", element.name());
    }
}
