//! One frame on one thread: decode a block, add its pixels to the bins while they are in cache, go on.

use super::lookup::{Lookup, NEIGHBOURS, Word};
use super::plan::Plan;
use super::{FrameJob, Outcome};
use crate::codec::decode::{Buffers, for_each_block, for_each_slice};
use crate::cpu::Kernels;
use crate::cpu::fused::{Fused, Input, Rule};
use crate::cpu::sample::Sample;
use crate::digest::Digest;
use crate::frame::{FrameError, Payload};
use crate::table::Table;
use debye_spec::{Bins, Element, FrameResult, Job, Statistics, Status};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A worker's state: buffers and sums that are reused from frame to frame.
///
/// Frames are integrated by [`Fused`] where the processor has instructions for it, several at once where there are several;
/// on a processor without, and where a chunk's blocks are none that it takes, pixel by pixel.
pub struct Kernel<'a> {
    plan: &'a Plan,
    job: Job,
    unmasked: u32,
    fused: Option<Fused<'a>>,
    sums: Sums,
    buffers: TypedBuffers,
}

/// Buffers for pixels of a type, whatever its sign.
pub(super) enum TypedBuffers {
    U8(Buffers<u8>),
    U16(Buffers<u16>),
    U32(Buffers<u32>),
}

impl TypedBuffers {
    pub fn new(element: Element, kernels: Kernels) -> TypedBuffers {
        match element {
            Element::U8 => TypedBuffers::U8(Buffers::new(kernels)),
            Element::U16 | Element::I16 => TypedBuffers::U16(Buffers::new(kernels)),
            Element::U32 | Element::I32 => TypedBuffers::U32(Buffers::new(kernels)),
        }
    }
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
    /// A worker for a table and a job.
    pub fn new(plan: &'a Plan, job: Job) -> Kernel<'a> {
        let kernels = plan.kernels();
        let buffers = TypedBuffers::new(job.element, kernels);
        let unmasked = plan.table().masked.iter().filter(|masked| !**masked).count() as u32;
        let rule = Rule { valid: job.rule(), threshold: job.threshold };
        let fused = kernels.integrate().then(|| Fused::new(kernels, plan.terms(), rule));
        Kernel { plan, job, unmasked, fused, sums: Sums::default(), buffers }
    }

    /// Most frames that are worth handing over at once.
    pub fn together(&self) -> usize {
        self.fused.as_ref().map_or(1, Fused::lanes)
    }

    /// Integrates one frame.
    pub fn run(&mut self, frame: &FrameJob) -> Outcome {
        let mut result = None;
        self.integrate(&[frame], |_, made| result = Some(made));
        outcome(frame, frame.payload.digest(), result.unwrap_or_else(|| self.integrate_plainly(frame)))
    }

    /// Integrates frames, and hands each one's outcome to `done`, in any order.
    pub fn run_all(&mut self, frames: &[&FrameJob], mut done: impl FnMut(Outcome)) {
        self.integrate(frames, |index, result| done(outcome(frames[index], frames[index].payload.digest(), result)));
    }

    /// Integrates frames, and hands each one's place among them and its result to `done`, in any order.
    pub fn integrate(&mut self, frames: &[&FrameJob], mut done: impl FnMut(usize, Result<FrameResult, FrameError>)) {
        // Frames that are taken together have blocks of one size; in one run all have.
        let mut by_block: BTreeMap<u32, Vec<Taken<'_>>> = BTreeMap::new();
        for (index, &frame) in frames.iter().enumerate() {
            let Some(fused) = &self.fused else {
                done(index, self.integrate_plainly(frame));
                continue;
            };
            let bytes = frame.payload.bytes();
            let taken = Taken { index, is_chunk: !matches!(frame.payload, Payload::Pixels(_)), bytes };
            match fused.takes(taken.input()) {
                Some(block) => by_block.entry(block).or_default().push(taken),
                None => done(index, self.integrate_plainly(frame)),
            }
        }
        let Some(fused) = self.fused.as_mut() else { return };
        let (lanes, plan, unmasked) = (fused.lanes(), self.plan, self.unmasked);
        for group in by_block.values().flat_map(|frames| frames.chunks(lanes)) {
            let inputs: Vec<Input<'_>> = group.iter().map(Taken::input).collect();
            fused.run(&inputs, |lane, made| {
                let made = made.map_err(FrameError::from).map(|sums| {
                    let (signal, variance) = sums.signal_and_variance(plan.terms());
                    let invalid = std::mem::take(&mut sums.invalid);
                    result(plan.table(), unmasked, signal, variance, (sums.sum, sums.max, sums.over), invalid)
                });
                done(group[lane].index, made);
            });
        }
    }

    fn integrate_plainly(&mut self, frame: &FrameJob) -> Result<FrameResult, FrameError> {
        let (table, lookup) = (self.plan.table(), self.plan.lookup());
        self.sums.clear(table.bins());
        let sums = &mut self.sums;
        let integral = Integral { table, lookup, job: &self.job };
        match &mut self.buffers {
            TypedBuffers::U8(buffers) => integral.of(&frame.payload, buffers, sums),
            TypedBuffers::U16(buffers) => integral.of(&frame.payload, buffers, sums),
            TypedBuffers::U32(buffers) => integral.of(&frame.payload, buffers, sums),
        }?;
        let lanes = || sums.bins.chunks_exact(LANES).take(table.bins());
        let signal = lanes().map(|lanes| lanes.iter().map(|sums| sums[0]).sum()).collect();
        let variance = lanes().map(|lanes| lanes.iter().map(|sums| sums[1]).sum()).collect();
        let invalid = std::mem::take(&mut sums.invalid);
        Ok(result(table, self.unmasked, signal, variance, (sums.sum, sums.max, sums.over), invalid))
    }
}

/// A frame that fast kernels take.
struct Taken<'f> {
    /// Its place among those at hand.
    index: usize,
    is_chunk: bool,
    bytes: Cow<'f, [u8]>,
}

impl Taken<'_> {
    fn input(&self) -> Input<'_> {
        if self.is_chunk { Input::Chunk(&self.bytes) } else { Input::Pixels(&self.bytes) }
    }
}

/// A frame's outcome from its result.
fn outcome(frame: &FrameJob, payload_digest: Digest, result: Result<FrameResult, FrameError>) -> Outcome {
    Outcome { index: frame.index, bytes_in: frame.payload.len(), payload_digest, result, kept: None }
}

/// A frame's result from its sums: (sum, max, over) are those of all valid pixels.
fn result(
    table: &Table,
    unmasked: u32,
    signal: Vec<u64>,
    variance: Vec<u64>,
    (sum, max, over): (u64, u32, u32),
    invalid: Vec<u32>,
) -> FrameResult {
    // What the valid pixels weigh is what all weigh less what the invalid ones do: pixels of value 0, which are
    // most of a photon-counting frame, need no look at the table.
    let mut weight = table.full_weight.clone();
    let spec = table.spec();
    for &pixel in &invalid {
        for entry in spec.entries_of(pixel as usize) {
            let weight = &mut weight[entry.bin() as usize];
            *weight = weight.wrapping_sub(entry.weight());
        }
    }
    let count = invalid.len() as u32;
    let statistics = Statistics { valid: unmasked - count, invalid: count, sum, max, over };
    FrameResult { bins: Bins { signal, variance, weight }, statistics, invalid }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::encode::Encoder;
    use crate::table::{Request, Split, build, tests::request};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use std::sync::Arc;

    #[test]
    fn frames_of_all_kinds_at_once_equal_the_definition_with_every_splitting() {
        let mut random = ChaCha8Rng::seed_from_u64(6);
        let job = Job::new(Element::U16);
        let mut encoder = Encoder::new(job.element, None).unwrap();
        for split in [1, 2, 4, 8] {
            let table = build(&Request { split: Split::new(split).unwrap(), ..request() }).unwrap();
            let table = Arc::new(table);
            let (mut raw, mut frames) = (Vec::new(), Vec::new());
            for index in 0..37 {
                let pixels: Vec<u8> = (0..table.pixels())
                    .flat_map(|_| random.random_range(0..[3_u16, 700, 65_535][index % 3]).to_le_bytes())
                    .collect();
                let mut chunk = Vec::new();
                encoder.encode(&pixels, &mut chunk).unwrap();
                let payload = if index % 2 == 0 { Payload::Pixels(pixels.clone()) } else { Payload::Bslz4(chunk) };
                raw.push(pixels);
                frames.push(FrameJob { index, payload });
            }
            frames.push(FrameJob { index: 37, payload: Payload::Pixels(vec![0; 5]) });
            for kernels in Kernels::available() {
                let plan = Plan::new(table.clone(), kernels);
                let mut seen = vec![0; frames.len()];
                Kernel::new(&plan, job).run_all(&frames.iter().collect::<Vec<_>>(), |outcome| {
                    seen[outcome.index] += 1;
                    assert_eq!(outcome.payload_digest, frames[outcome.index].payload.digest());
                    match raw.get(outcome.index) {
                        Some(pixels) => {
                            let expected = debye_spec::frame::integrate_pixels(pixels, &job, &table.spec());
                            let made = outcome.result.unwrap();
                            assert!(made == expected, "{kernels:?} split {split} frame {}", outcome.index);
                        }
                        None => assert_eq!(outcome.result.unwrap_err().status, Status::SizeMismatch),
                    }
                });
                assert!(seen.iter().all(|&seen| seen == 1), "{kernels:?}: {seen:?}");
            }
        }
    }
}
