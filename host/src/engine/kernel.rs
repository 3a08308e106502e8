//! One frame on one thread: decode a block, add its pixels to the bins while they are in cache, go on.

use super::{FrameJob, Outcome};
use crate::codec::decode::{Buffers, for_each_block, for_each_slice};
use crate::codec::sample::Sample;
use crate::frame::{FrameError, Payload};
use crate::table::Table;
use debye_spec::{Bins, Element, FrameResult, Job, Statistics, Status};
use sha2::{Digest, Sha256};

/// A worker's state: buffers and sums that are reused from frame to frame.
pub struct Kernel<'a> {
    table: &'a Table,
    job: Job,
    unmasked: u32,
    sums: Sums,
    buffers: TypedBuffers,
}

enum TypedBuffers {
    U8(Buffers<u8>),
    U16(Buffers<u16>),
    U32(Buffers<u32>),
}

/// Sums of the frame at work. Signal and variance of a bin stand side by side: they are always touched together.
#[derive(Default)]
struct Sums {
    bins: Vec<[u64; 2]>,
    sum: u64,
    max: u32,
    over: u32,
    invalid: Vec<u32>,
}

impl<'a> Kernel<'a> {
    /// A worker for `table` and `job`.
    pub fn new(table: &'a Table, job: Job) -> Kernel<'a> {
        let buffers = match job.element {
            Element::U8 => TypedBuffers::U8(Buffers::default()),
            Element::U16 | Element::I16 => TypedBuffers::U16(Buffers::default()),
            Element::U32 | Element::I32 => TypedBuffers::U32(Buffers::default()),
        };
        let unmasked = table.masked.iter().filter(|masked| !**masked).count() as u32;
        Kernel { table, job, unmasked, sums: Sums::default(), buffers }
    }

    /// Integrates one frame.
    pub fn run(&mut self, frame: FrameJob) -> Outcome {
        let bytes_in = frame.payload.bytes().len();
        let payload_sha256 = Sha256::digest(frame.payload.bytes()).into();
        self.sums.clear(self.table.bins());
        let (table, job, sums) = (self.table, &self.job, &mut self.sums);
        let done = match &mut self.buffers {
            TypedBuffers::U8(buffers) => integrate(&frame.payload, table, job, buffers, sums),
            TypedBuffers::U16(buffers) => integrate(&frame.payload, table, job, buffers, sums),
            TypedBuffers::U32(buffers) => integrate(&frame.payload, table, job, buffers, sums),
        };
        Outcome { index: frame.index, bytes_in, payload_sha256, result: done.map(|()| self.result()) }
    }

    fn result(&mut self) -> FrameResult {
        let sums = &mut self.sums;
        let invalid = std::mem::take(&mut sums.invalid);
        // What the valid pixels weigh is what all weigh less what the invalid ones do: pixels of value 0, which are
        // most of a photon-counting frame, need no look at the table.
        let mut weight = self.table.full_weight.clone();
        let spec = self.table.spec();
        for &pixel in &invalid {
            for entry in spec.entries_of(pixel as usize) {
                let weight = &mut weight[entry.bin() as usize];
                *weight = weight.wrapping_sub(entry.weight());
            }
        }
        let statistics = Statistics {
            valid: self.unmasked - invalid.len() as u32,
            invalid: invalid.len() as u32,
            sum: sums.sum,
            max: sums.max,
            over: sums.over,
        };
        let bins = Bins {
            signal: sums.bins.iter().map(|bin| bin[0]).collect(),
            variance: sums.bins.iter().map(|bin| bin[1]).collect(),
            weight,
        };
        FrameResult { bins, statistics, invalid }
    }
}

impl Sums {
    fn clear(&mut self, bins: usize) {
        self.bins.clear();
        self.bins.resize(bins, [0; 2]);
        (self.sum, self.max, self.over) = (0, 0, 0);
        self.invalid.clear();
    }

    /// Adds the pixels from index `first` on.
    fn add<T: Sample>(&mut self, table: &Table, rule_max: u32, threshold: u32, first: usize, pixels: &[T]) {
        let masked = &table.masked[first..first + pixels.len()];
        let starts = &table.starts[first..=first + pixels.len()];
        // Locals stay in registers; fields would be stored after every pixel.
        let (mut sum, mut max, mut over) = (self.sum, self.max, self.over);
        let bins = self.bins.as_mut_slice();
        for (i, ((pixel, masked), range)) in pixels.iter().zip(masked).zip(starts.windows(2)).enumerate() {
            let code = pixel.code();
            if code == 0 || *masked {
                continue;
            }
            if code > rule_max {
                self.invalid.push((first + i) as u32);
                continue;
            }
            let value = code as u64;
            sum += value;
            max = max.max(code);
            over += (code > threshold) as u32;
            for entry in &table.entries[range[0] as usize..range[1] as usize] {
                let weighted = entry.weight() as u64 * value;
                let bin = &mut bins[entry.bin() as usize];
                bin[0] += weighted;
                bin[1] += entry.weight() as u64 * weighted;
            }
        }
        (self.sum, self.max, self.over) = (sum, max, over);
    }
}

fn integrate<T: Sample>(
    payload: &Payload,
    table: &Table,
    job: &Job,
    buffers: &mut Buffers<T>,
    sums: &mut Sums,
) -> Result<(), FrameError> {
    let max_valid = job.rule().max_valid();
    let add = |first: usize, pixels: &[T]| sums.add(table, max_valid, job.threshold, first, pixels);
    match payload {
        Payload::Bslz4(chunk) => Ok(for_each_block(chunk, job.element, table.pixels(), buffers, add)?),
        Payload::Pixels(bytes) => {
            let expected = table.pixels() * T::SIZE;
            if bytes.len() != expected {
                let message = format!("frame of {} bytes, the table's has {expected}", bytes.len());
                return Err(FrameError { status: Status::SizeMismatch, message });
            }
            for_each_slice(bytes, buffers, add);
            Ok(())
        }
    }
}
