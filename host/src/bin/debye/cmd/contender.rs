//! `debye bench-contender`: one operation on one set of frames, timed frame by frame. The last line on standard output is
//! a JSON object, so that a benchmark can pair it, round by round, with programs that we did not write.
//!
//! What a set is, [`debye::bench::set`] tells; what is printed, [`debye::bench::contract`]. An operation reads what it needs
//! of a set: `encode` does without the table and the chunks.

use super::Outcome;
use super::arguments::{count, number};
use crate::out::say;
use clap::{Args as ClapArgs, ValueEnum};
use debye::bench::set::Set;
use debye::bench::{median, thread_time};
use debye::codec::decode::{Buffers, into_pixels};
use debye::codec::encode::{Codec, Encoder};
use debye::cpu::Kernels;
use debye::cpu::sample::{Sample, write_le};
use debye::engine::FrameJob;
use debye::engine::kernel::Kernel;
use debye::engine::plan::Plan;
use debye::frame::Payload;
use debye::pattern::Pattern;
use debye::table::Split;
use debye_spec::Job;
use serde_json::json;
use std::error::Error;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Arguments of the command.
#[derive(ClapArgs)]
#[command(
    after_help = "The set is a folder with meta.json, geom.poni, mask.u8, frames.raw, chunks.bin and chunks.tsv. \
                        One thread. The last line printed is a JSON object: frames, median_s, best_s, cpu_median_s."
)]
pub struct Args {
    /// What to do with each frame
    #[arg(value_enum)]
    operation: Operation,

    /// Folder of the set
    set: PathBuf,

    /// How long to measure
    #[arg(long, value_name = "SECONDS", value_parser = number, default_value = "0.5")]
    seconds: f64,

    /// Radial bins
    #[arg(long, value_name = "N", value_parser = count::<NonZeroUsize>, default_value = "1000")]
    bins: NonZeroUsize,

    /// Pixel splitting, n x n: 1, 2, 4 or 8
    #[arg(long, value_name = "N", default_value = "4")]
    split: u8,

    /// Frames that are integrated at once; 1 shows the latency of one
    #[arg(long, value_name = "N", value_parser = count::<NonZeroUsize>, default_value = "16")]
    together: NonZeroUsize,

    /// Who makes the LZ4 blocks: debye or liblz4
    #[arg(long, value_name = "CODEC", default_value = "debye", value_parser = super::compress_args::codec)]
    codec: Codec,
}

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Operation {
    /// Chunk to pixels in memory
    Decode,
    /// Pixels to chunk
    Encode,
    /// Chunk to I and sigma
    Fused,
}

/// Bytes of a line of the caches.
const LINE: usize = 64;

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    let seconds = Duration::try_from_secs_f64(args.seconds).map_err(|_| "--seconds must be a time, 0 or more")?;
    let set = Set::read(&args.set)?;
    let mut timer = Timer { seconds, walls: Vec::new(), cpus: Vec::new() };
    let extra = match (args.operation, set.element.size()) {
        (Operation::Decode, 1) => decode::<u8>(&set, &mut timer)?,
        (Operation::Decode, 2) => decode::<u16>(&set, &mut timer)?,
        (Operation::Decode, _) => decode::<u32>(&set, &mut timer)?,
        (Operation::Encode, _) => encode(args, &set, &mut timer)?,
        (Operation::Fused, _) => fused(args, &set, &mut timer)?,
    };
    let mut line = json!({
        "frames": timer.walls.len(),
        "median_s": median(&mut timer.walls),
        "best_s": timer.walls.first(),
        "cpu_median_s": median(&mut timer.cpus),
        "kernels": Kernels::of_process().level().name(),
    });
    if let (Some(line), serde_json::Value::Object(mut extra)) = (line.as_object_mut(), extra) {
        line.append(&mut extra);
    }
    say!("{line}");
    Ok(ExitCode::SUCCESS)
}

/// Seconds of each frame, by the clock and by the processor.
struct Timer {
    seconds: Duration,
    walls: Vec<f64>,
    cpus: Vec<f64>,
}

impl Timer {
    /// Runs `step`, which does `frames` frames, with 0, 1, 2 and so on below `steps`, again and again.
    fn time(&mut self, steps: usize, frames: usize, mut step: impl FnMut(usize)) {
        let started = Instant::now();
        for index in (0..steps).cycle() {
            let (wall, cpu) = (Instant::now(), thread_time());
            step(index);
            self.cpus.push((thread_time() - cpu).as_secs_f64() / frames as f64);
            self.walls.push(wall.elapsed().as_secs_f64() / frames as f64);
            if started.elapsed() > self.seconds && self.walls.len() >= steps.min(5) {
                return;
            }
        }
    }
}

fn decode<T: Sample>(set: &Set, timer: &mut Timer) -> Result<serde_json::Value, Box<dyn Error>> {
    // Pixels begin with a line of the caches: so they are decoded fastest.
    let mut memory = vec![T::default(); set.pixels() + LINE / T::SIZE];
    let pixels = memory.as_ptr().align_offset(LINE);
    let pixels = &mut memory[pixels..][..set.pixels()];
    let mut buffers = Buffers::<T>::default();
    let mut check = crc32fast::Hasher::new();
    let chunks = set.chunks()?;
    let mut bytes = Vec::new();
    for chunk in &chunks {
        into_pixels(chunk, set.element, pixels, &mut buffers)?;
        bytes.clear();
        write_le(pixels, &mut bytes);
        check.update(&bytes);
    }
    let mut failed = None;
    timer.time(chunks.len(), 1, |index| {
        failed = into_pixels(&chunks[index], set.element, pixels, &mut buffers).err();
    });
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(json!({ "check": format!("{:08x}", check.finalize()) })),
    }
}

fn encode(args: &Args, set: &Set, timer: &mut Timer) -> Result<serde_json::Value, Box<dyn Error>> {
    let raw = set.raw()?;
    let frames: Vec<&[u8]> = raw.chunks_exact(set.pixels() * set.element.size()).collect();
    let mut encoder = Encoder::with_codec(set.element, Some(set.block / set.element.size()), args.codec)?;
    let (mut chunk, mut bytes) = (Vec::new(), 0);
    for frame in &frames {
        chunk.clear();
        encoder.encode(frame, &mut chunk)?;
        bytes += chunk.len();
    }
    let mut failed = None;
    timer.time(frames.len(), 1, |index| {
        chunk.clear();
        failed = encoder.encode(frames[index], &mut chunk).err();
    });
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(json!({ "chunk_bytes": bytes, "ratio": raw.len() as f64 / bytes as f64 })),
    }
}

fn fused(args: &Args, set: &Set, timer: &mut Timer) -> Result<serde_json::Value, Box<dyn Error>> {
    let table = Arc::new(set.table(args.bins.get(), Split::try_from(args.split)?)?);
    let plan = Plan::new(table.clone(), Kernels::of_process());
    let mut kernel = Kernel::new(&plan, Job::new(set.element));
    let frames: Vec<FrameJob> = (set.chunks()?.into_iter().enumerate())
        .map(|(index, chunk)| FrameJob { index, payload: Payload::Bslz4(chunk) })
        .collect();
    let together = args.together.get().min(kernel.together()).min(frames.len());
    // Whole groups alone: a rest would be slower a frame, and no figure of either.
    let groups: Vec<Vec<&FrameJob>> = frames.chunks_exact(together).map(|group| group.iter().collect()).collect();
    let (mut sum, mut failed) = (None, None);
    timer.time(groups.len(), together, |index| {
        kernel.integrate(&groups[index], |frame, result| match result {
            Ok(result) => match Pattern::of(&table, &result) {
                Ok(pattern) if groups[index][frame].index == 0 => {
                    sum = Some(pattern.intensity.iter().filter(|value| value.is_finite()).sum::<f64>());
                }
                Ok(_) => {}
                Err(error) => failed = Some(error.to_string()),
            },
            Err(error) => failed = Some(error.to_string()),
        });
    });
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(json!({ "sum_I": sum, "together": together })),
    }
}
