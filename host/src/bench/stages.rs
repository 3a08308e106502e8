//! What each stage of a run costs on one thread: processor time a frame, and GB/s of pixels.

use super::{median, processor_time};
use crate::codec::decode::{Buffers, into_pixels};
use crate::cpu::lines::Lines;
use crate::cpu::lz4::{Decoder, OUTPUT_SLACK};
use crate::cpu::sample::Sample;
use crate::cpu::{Kernels, unshuffle};
use crate::engine::FrameJob;
use crate::engine::kernel::Kernel;
use crate::engine::plan::Plan;
use crate::frame::{FrameError, Payload};
use crate::nexus::{About, Closing, NexusError, Writer};
use crate::pattern::{Pattern, PatternError};
use crate::run::Row;
use crate::source::{FrameSource, SourceInfo};
use crate::table::Table;
use debye_spec::bitshuffle::GROUP;
use debye_spec::chunk::{Blocks, ChunkError, ChunkHeader};
use debye_spec::{FrameResult, Job, Status};
use serde::Serialize;
use std::hint::black_box;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};
use thiserror::Error;

/// Fewest times that a stage is timed.
const FEWEST: usize = 3;

/// Times that the planes of a block are turned while they are in cache, so that the clock weighs little.
const TURNS: u32 = 64;

/// Rows that are written at once: as many as a chunk of an output has.
const ROWS: usize = 64;

/// A stage's cost.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    /// Its name.
    pub stage: String,
    /// The kernels, where there are several.
    pub kernels: Option<&'static str>,
    /// Processor time a frame.
    pub seconds: f64,
    /// Pixels a second, in GB (1e9 bytes).
    pub gb_per_s: f64,
}

/// Why stages cannot be measured.
#[derive(Debug, Error)]
pub enum StageError {
    /// A frame cannot be read or integrated.
    #[error("frame {frame}: {error}")]
    Frame {
        /// Its place among those measured.
        frame: usize,
        /// Why.
        error: FrameError,
    },
    /// A chunk is corrupt.
    #[error(transparent)]
    Chunk(#[from] ChunkError),
    /// A result makes no pattern.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The output cannot be written.
    #[error(transparent)]
    Nexus(#[from] NexusError),
    /// There is no folder for it.
    #[error("there is no folder for passing files: {0}")]
    Folder(#[from] io::Error),
    /// Ctrl-C.
    #[error("stopped")]
    Stopped,
}

/// What is measured.
pub struct Subject<'a> {
    /// Where frames come from.
    pub source: &'a mut dyn FrameSource,
    /// The first frame of the source that is read; as many follow as there are chunks.
    pub first: usize,
    /// Their bslz4 chunks, at least one.
    pub chunks: &'a [Vec<u8>],
    /// The table.
    pub table: Arc<Table>,
    /// Pixel type and rules.
    pub job: Job,
    /// How long each stage is measured.
    pub time: Duration,
    /// Ends the measurement.
    pub stop: &'a AtomicBool,
}

impl Subject<'_> {
    /// Measures all stages, in the order of a run.
    ///
    /// # Errors
    /// [`StageError`].
    pub fn measure(&mut self) -> Result<Vec<Stage>, StageError> {
        let info = self.source.info().clone();
        let mut stages = vec![self.read()?, self.hash()?];
        for kernels in Kernels::available() {
            stages.extend(match self.job.element.size() {
                1 => self.decode::<u8>(kernels)?,
                2 => self.decode::<u16>(kernels)?,
                _ => self.decode::<u32>(kernels)?,
            });
        }
        let mut results = Vec::new();
        for kernels in Kernels::available() {
            stages.extend(self.fuse(kernels, &mut results)?);
        }
        stages.extend(self.write(&info, &results)?);
        Ok(stages)
    }

    /// Times `step`, which does `frames` frames, with the numbers below `steps`, again and again.
    fn time<E: Into<StageError>>(
        &self,
        stage: impl Into<String>,
        kernels: Option<Kernels>,
        steps: usize,
        frames: usize,
        mut step: impl FnMut(usize) -> Result<Duration, E>,
    ) -> Result<Stage, StageError> {
        let (started, mut times) = (Instant::now(), Vec::new());
        for number in (0..steps.max(1)).cycle() {
            if self.stop.load(Ordering::Relaxed) {
                return Err(StageError::Stopped);
            }
            times.push(step(number).map_err(Into::into)?.as_secs_f64() / frames as f64);
            if started.elapsed() > self.time && times.len() >= FEWEST {
                break;
            }
        }
        let seconds = median(&mut times);
        let bytes = (self.table.pixels() * self.job.element.size()) as f64;
        let kernels = kernels.map(|kernels| kernels.level().name());
        Ok(Stage { stage: stage.into(), kernels, seconds, gb_per_s: bytes / 1e9 / seconds.max(1e-12) })
    }

    fn read(&mut self) -> Result<Stage, StageError> {
        let (first, count) = (self.first, self.chunks.len());
        let mut reads = Vec::new();
        let started = Instant::now();
        while reads.len() < count.max(FEWEST) || started.elapsed() < self.time {
            let frame = reads.len() % count;
            // Letting go of the frame's memory belongs to it.
            let spent = timed(|| self.source.read(first + frame).map(drop));
            reads.push(spent.map_err(|error| StageError::Frame { frame, error })?);
        }
        let count = reads.len();
        self.time("read", None, count, 1, |number| Ok::<_, StageError>(reads[number]))
    }

    fn hash(&self) -> Result<Stage, StageError> {
        self.time("digest", None, self.chunks.len(), 1, |number| {
            timed(|| {
                black_box(blake3::hash(&self.chunks[number]));
                Ok::<_, StageError>(())
            })
        })
    }

    fn decode<T: Sample>(&self, kernels: Kernels) -> Result<[Stage; 3], StageError> {
        let (element, count) = (self.job.element, self.table.pixels());
        let headers: Result<Vec<_>, _> =
            self.chunks.iter().map(|chunk| ChunkHeader::read(chunk, element, count)).collect();
        let headers = headers?;
        let largest = headers.iter().map(|header| header.block_bytes).max().unwrap_or(0);
        let mut planes = Lines::zeros(largest + OUTPUT_SLACK);
        let mut pixels = vec![T::default(); largest / T::SIZE];
        let (mut decoder, mut buffers) = (Decoder::default(), Buffers::<T>::new(kernels));
        let frames = self.chunks.len();
        let mut walk = |frame: usize, each: &mut dyn FnMut(&[u8], usize)| -> Result<(), ChunkError> {
            let chunk = &self.chunks[frame];
            let mut blocks = Blocks::new(chunk, headers[frame]);
            while let Some(block) = blocks.next_block()? {
                let (at, size) = (block.data.start, block.pixels.len());
                let pixels = size / T::SIZE;
                let made = decoder
                    .decode(kernels, chunk, block.data, &mut planes, size, pixels / GROUP)
                    .map_err(|error| ChunkError::Block { block: block.index, byte: at, error })?;
                each(&planes[..made], pixels);
            }
            Ok(())
        };
        let lz4 = self.time("lz4", Some(kernels), frames, 1, |frame| timed(|| walk(frame, &mut |_, _| {})))?;
        let turned = self.time("unshuffle", Some(kernels), frames, 1, |frame| {
            let mut spent = Duration::ZERO;
            let each = &mut |planes: &[u8], count: usize| {
                let before = processor_time();
                for _ in 0..TURNS {
                    unshuffle::pixels(kernels, black_box(planes), &mut pixels[..count]);
                }
                spent += processor_time() - before;
            };
            walk(frame, each).map(|()| spent / TURNS)
        })?;
        let mut all = vec![T::default(); count];
        let decode = self.time("decode to memory", Some(kernels), frames, 1, |frame| {
            timed(|| into_pixels(&self.chunks[frame], element, black_box(&mut all), &mut buffers))
        })?;
        Ok([lz4, turned, decode])
    }

    /// Integration, one frame and as many as the kernels take at once; the results of all frames go into `results`.
    fn fuse(&self, kernels: Kernels, results: &mut Vec<FrameResult>) -> Result<Vec<Stage>, StageError> {
        let plan = Plan::new(self.table.clone(), kernels);
        let mut kernel = Kernel::new(&plan, self.job);
        let jobs: Vec<FrameJob> = (self.chunks.iter().enumerate())
            .map(|(index, chunk)| FrameJob { index, payload: Payload::Bslz4(chunk.clone()) })
            .collect();
        let mut stages = Vec::new();
        let mut together = vec![1, kernel.together().min(jobs.len())];
        together.dedup();
        for together in together {
            let groups: Vec<Vec<&FrameJob>> = jobs.chunks_exact(together).map(|group| group.iter().collect()).collect();
            let name = match together {
                1 => "integrate, 1 frame".into(),
                several => format!("integrate, {several} frames"),
            };
            stages.push(self.time(name, Some(kernels), groups.len(), together, |group| {
                results.clear();
                let mut failed = None;
                let spent = timed(|| {
                    kernel.integrate(&groups[group], |frame, made| match made {
                        Ok(result) => results.push(result),
                        Err(error) => failed = Some(StageError::Frame { frame: groups[group][frame].index, error }),
                    });
                    Ok::<_, StageError>(())
                });
                failed.map_or(spent, Err)
            })?);
        }
        Ok(stages)
    }

    /// From sums to patterns, and patterns into an output.
    fn write(&self, info: &SourceInfo, results: &[FrameResult]) -> Result<[Stage; 2], StageError> {
        let mut pattern = Pattern::default();
        let normalise = self.time("normalise", None, results.len(), 1, |number| {
            timed(|| {
                pattern = Pattern::of(&self.table, &results[number])?;
                Ok::<_, StageError>(())
            })
        })?;
        let rows: Vec<Row> = (results.iter().cycle().take(ROWS).enumerate())
            .map(|(frame, result)| {
                let pattern = Pattern::of(&self.table, result)?;
                let (bins, statistics) = (result.bins.clone(), result.statistics);
                Ok(Row { frame, status: Status::Ok, message: String::new(), bins, statistics, pattern, kept: None })
            })
            .collect::<Result<_, PatternError>>()?;
        let folder = tempfile::tempdir()?;
        let about = About { frames: Some(ROWS), ..About::new(&self.table, info, &self.job) };
        let closing = Closing {
            frames_planned: ROWS,
            frames_done: ROWS,
            frames_failed: 0,
            interrupted: false,
            ended: SystemTime::now(),
            result_crc32: 0,
            input_blake3: String::new(),
            input_blake3_over: String::new(),
        };
        let target = folder.path().join("output.h5");
        let write = self.time("write", None, 1, ROWS, |_| {
            let mut writer = Writer::create(&target, true, &about)?;
            timed(|| {
                rows.iter().try_for_each(|row| writer.append(row))?;
                writer.finish(&closing)
            })
        })?;
        Ok([normalise, write])
    }
}

/// Processor time of `step`.
fn timed<E>(step: impl FnOnce() -> Result<(), E>) -> Result<Duration, E> {
    let before = processor_time();
    step().map(|()| processor_time() - before)
}
