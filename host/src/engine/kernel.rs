//! One frame on one thread: decode a block, add its pixels to the bins while they are in cache, go on.

use super::lookup::{Lookup, NEIGHBOURS, Word};
use super::{FrameJob, Outcome};
use crate::codec::decode::{Buffers, for_each_block, for_each_slice};
use crate::codec::sample::Sample;
use crate::frame::{FrameError, Payload};
use crate::table::Table;
use debye_spec::{Bins, Element, FrameResult, Job, Statistics, Status};

/// A worker's state: buffers and sums that are reused from frame to frame.
pub struct Kernel<'a> {
    table: &'a Table,
    lookup: &'a Lookup,
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

/// Accumulators of a bin that are used in turn, so that pixels in a row that add to the same bin do not wait for each
/// other.
const LANES: usize = 2;

/// Sums of the frame at work. Signal and variance of a bin stand side by side: they are always touched together. Bin b
/// has the elements from `b * LANES` on; behind the table's bins there are some that only ever get zeros.
#[derive(Default)]
struct Sums {
    bins: Vec<[u64; 2]>,
    sum: u64,
    max: u32,
    over: u32,
    invalid: Vec<u32>,
}

impl<'a> Kernel<'a> {
    /// A worker for `table`, its `lookup`, and `job`.
    pub fn new(table: &'a Table, lookup: &'a Lookup, job: Job) -> Kernel<'a> {
        let buffers = match job.element {
            Element::U8 => TypedBuffers::U8(Buffers::default()),
            Element::U16 | Element::I16 => TypedBuffers::U16(Buffers::default()),
            Element::U32 | Element::I32 => TypedBuffers::U32(Buffers::default()),
        };
        let unmasked = table.masked.iter().filter(|masked| !**masked).count() as u32;
        Kernel { table, lookup, job, unmasked, sums: Sums::default(), buffers }
    }

    /// Integrates one frame.
    pub fn run(&mut self, frame: &FrameJob) -> Outcome {
        let (bytes_in, payload_sha256) = (frame.payload.len(), frame.payload.sha256());
        self.sums.clear(self.table.bins());
        let (lookup, sums) = (self.lookup, &mut self.sums);
        let integral = Integral { table: self.table, lookup, job: &self.job };
        let done = match &mut self.buffers {
            TypedBuffers::U8(buffers) => integral.of(&frame.payload, buffers, sums),
            TypedBuffers::U16(buffers) => integral.of(&frame.payload, buffers, sums),
            TypedBuffers::U32(buffers) => integral.of(&frame.payload, buffers, sums),
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
        let lanes = || sums.bins.chunks_exact(LANES).take(self.table.bins());
        let bins = Bins {
            signal: lanes().map(|lanes| lanes.iter().map(|sums| sums[0]).sum()).collect(),
            variance: lanes().map(|lanes| lanes.iter().map(|sums| sums[1]).sum()).collect(),
            weight,
        };
        FrameResult { bins, statistics, invalid }
    }
}

impl Sums {
    fn clear(&mut self, bins: usize) {
        self.bins.clear();
        self.bins.resize((bins + NEIGHBOURS) * LANES, [0; 2]);
        (self.sum, self.max, self.over) = (0, 0, 0);
        self.invalid.clear();
    }

    fn count(&mut self, sum: u64, max: u32, over: u32) {
        self.sum += sum;
        self.max = self.max.max(max);
        self.over += over;
    }
}

/// What is the same for all frames.
struct Integral<'a> {
    table: &'a Table,
    lookup: &'a Lookup,
    job: &'a Job,
}

impl Integral<'_> {
    fn of<T: Sample>(&self, payload: &Payload, buffers: &mut Buffers<T>, sums: &mut Sums) -> Result<(), FrameError> {
        let count = self.table.pixels();
        let add = |first: usize, pixels: &[T]| self.add(first, pixels, sums);
        match payload {
            Payload::Bslz4(_) | Payload::Lent(_) => {
                Ok(for_each_block(&payload.bytes(), self.job.element, count, buffers, add)?)
            }
            Payload::Pixels(bytes) => {
                let expected = count * T::SIZE;
                if bytes.len() != expected {
                    let message = format!("frame of {} bytes, the table's has {expected}", bytes.len());
                    return Err(FrameError { status: Status::SizeMismatch, message });
                }
                for_each_slice(bytes, buffers, add);
                Ok(())
            }
        }
    }

    /// Adds the pixels from index `first` on. Pixels of value 0 are added like others: to find them would cost a branch
    /// that cannot be foretold.
    fn add<T: Sample>(&self, first: usize, pixels: &[T], sums: &mut Sums) {
        let (max_valid, threshold) = (self.job.rule().max_valid(), self.job.threshold);
        // Locals stay in registers; fields would be stored after every pixel.
        let (mut sum, mut max, mut over) = (0, 0, 0);
        for (i, (pixel, word)) in pixels.iter().zip(self.lookup.words(first, pixels.len())).enumerate() {
            let code = pixel.code();
            if code > max_valid || !word.is_plain() {
                self.add_odd(first + i, code, *word, sums);
                continue;
            }
            add_plain(*word, code, i % LANES, &mut sums.bins);
            sum += u64::from(code);
            max = max.max(code);
            over += u32::from(code > threshold);
        }
        sums.count(sum, max, over);
    }

    /// A pixel that is masked, invalid, or adds to bins that do not fit a word.
    #[cold]
    fn add_odd(&self, pixel: usize, code: u32, word: Word, sums: &mut Sums) {
        if word.is_masked() {
            return;
        }
        if code > self.job.rule().max_valid() {
            sums.invalid.push(pixel as u32);
            return;
        }
        for entry in self.table.spec().entries_of(pixel) {
            add_weighted(&mut sums.bins[entry.bin() as usize * LANES], u64::from(entry.weight()), code);
        }
        sums.count(u64::from(code), code, u32::from(code > self.job.threshold));
    }
}

#[inline(always)]
fn add_plain(word: Word, code: u32, lane: usize, bins: &mut [[u64; 2]]) {
    let at = word.bin() * LANES + lane;
    let weights = word.weights();
    if let Some(bins) = bins.get_mut(at..=at + (NEIGHBOURS - 1) * LANES) {
        add_weighted(&mut bins[0], weights[0], code);
        add_weighted(&mut bins[LANES], weights[1], code);
        if word.is_wide() {
            add_weighted(&mut bins[2 * LANES], weights[2], code);
            add_weighted(&mut bins[3 * LANES], weights[3], code);
        }
    }
}

#[inline(always)]
fn add_weighted(bin: &mut [u64; 2], weight: u64, code: u32) {
    let weighted = weight * u64::from(code);
    bin[0] += weighted;
    bin[1] += weight * weighted;
}
