//! The CPU's side: the host's own decoder, unshuffle and kernel, stage by stage.

use super::{CompareError, Side, Trace, groups_of, trace::Piece};
use crate::cpu::lz4::{self, Decoder, OUTPUT_SLACK};
use crate::cpu::sample::Sample;
use crate::cpu::{Kernels, unshuffle};
use crate::engine::FrameJob;
use crate::engine::kernel::Kernel;
use crate::engine::plan::Plan;
use crate::frame::Payload;
use crate::table::Table;
use debye_spec::bitshuffle::GROUP;
use debye_spec::chunk::Blocks;
use debye_spec::{ChunkHeader, Job, Status};
use std::collections::VecDeque;
use std::sync::Arc;

/// See the module.
pub struct Cpu {
    plan: Plan,
    job: Job,
    waiting: VecDeque<Arc<[u8]>>,
}

impl Cpu {
    /// For a table and a job.
    pub fn new(table: Arc<Table>, job: Job) -> Cpu {
        Cpu { plan: Plan::new(table, Kernels::of_process()), job, waiting: VecDeque::new() }
    }
}

/// Walks over the framing and fills a trace's blocks; `decode` makes planes and pixels of a block's data, or tells that
/// it is not sound.
pub(super) fn walk(
    chunk: &[u8],
    job: &Job,
    pixels: usize,
    mut decode: impl FnMut(&[u8], &mut [u8], &mut Vec<u8>) -> bool,
) -> Trace {
    let mut trace = Trace::default();
    let Ok(header) = ChunkHeader::read(chunk, job.element, pixels) else { return trace };
    let mut blocks = Blocks::new(chunk, header);
    let mut sound = true;
    loop {
        match blocks.next_block() {
            Ok(Some(block)) => {
                let data = &chunk[block.data.clone()];
                trace.blocks.push(Piece::of(data));
                let mut planes = vec![0; block.pixels.len()];
                // Behind the first fault, framing goes on and decoding does not.
                sound = sound && decode(data, &mut planes, &mut trace.pixels.bytes);
                if sound {
                    trace.planes.push(Piece::of(planes));
                }
            }
            Ok(None) => break,
            Err(_) => return trace,
        }
    }
    let tail = blocks.tail().map(|tail| &chunk[tail]).unwrap_or_default();
    if !tail.is_empty() {
        trace.blocks.push(Piece::of(tail));
        if sound {
            trace.planes.push(Piece::of(tail));
            trace.pixels.bytes.extend_from_slice(tail);
        }
    }
    trace
}

fn decode<T: Sample>(data: &[u8], planes: &mut [u8], made: &mut Vec<u8>) -> bool {
    let kernels = Kernels::of_process();
    let mut pixels = vec![T::default(); planes.len() / T::SIZE];
    let mut output = vec![0; planes.len() + OUTPUT_SLACK];
    let plane = pixels.len() / GROUP;
    let decoded = Decoder::default().decode(kernels, data, 0..data.len(), &mut output, planes.len(), plane);
    let Ok(bytes) = decoded else { return false };
    unshuffle::pixels(kernels, &output[..bytes], &mut pixels);
    planes.copy_from_slice(&output[..planes.len()]);
    lz4::complete(planes, bytes, plane);
    made.extend(pixels.iter().flat_map(|pixel| pixel.code().to_le_bytes().into_iter().take(T::SIZE)));
    true
}

impl Side for Cpu {
    fn describe(&self) -> String {
        "cpu: the host's decoder and kernel".into()
    }

    fn submit(&mut self, chunk: Arc<[u8]>) -> Result<(), CompareError> {
        self.waiting.push_back(chunk);
        Ok(())
    }

    fn next(&mut self, _beat: &mut dyn FnMut(u64)) -> Result<Trace, CompareError> {
        let chunk = self.waiting.pop_front().ok_or(CompareError::Idle)?;
        let (element, pixels) = (self.job.element, self.plan.table().pixels());
        let decode = match element.size() {
            1 => decode::<u8>,
            2 => decode::<u16>,
            _ => decode::<u32>,
        };
        let mut trace = walk(&chunk, &self.job, pixels, decode);
        let frame = FrameJob { index: 0, payload: Payload::Bslz4(chunk.to_vec()) };
        match Kernel::new(&self.plan, self.job).run(&frame).result {
            Ok(result) => {
                trace.status = Some(Status::Ok);
                trace.groups = groups_of(&result.invalid, element);
                trace.bins = result.bins;
                trace.statistics = result.statistics;
            }
            Err(error) => trace.status = Some(error.status),
        }
        Ok(trace)
    }
}
