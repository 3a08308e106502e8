//! `debye bench-contender`: one operation over frames in memory, for programs that compare.
//!
//! A set is a folder with `meta.json` (`shape`, `dtype`, `nframes`) and `frames.raw` (the pixels, frame after frame). The
//! answer is one line of JSON: frames, seconds a frame (wall and CPU: medians and the best), bytes of all chunks.

use super::Outcome;
use clap::{Args as ClapArgs, ValueEnum};
use debye::codec::encode::{Codec, Encoder};
use debye::cpu::Kernels;
use debye_spec::Element;
use serde::Deserialize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// What is measured.
#[derive(Clone, Copy, ValueEnum)]
pub enum Operation {
    /// Pixels in memory to bslz4 chunks in memory, on one thread.
    Encode,
}

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    /// What to measure.
    operation: Operation,
    /// Folder of the set.
    set: PathBuf,
    /// How long to measure, in seconds; every frame once at least.
    #[arg(long, default_value_t = 1.0, value_name = "S")]
    seconds: f64,
    /// Who makes the LZ4 blocks: debye or liblz4.
    #[arg(long, default_value = "debye", value_parser = super::compress_args::codec)]
    codec: Codec,
}

#[derive(Deserialize)]
struct Meta {
    shape: [usize; 2],
    dtype: String,
    nframes: usize,
}

/// Runs it.
pub fn run(args: &Args) -> Outcome {
    let Operation::Encode = args.operation;
    let meta: Meta = serde_json::from_slice(&std::fs::read(args.set.join("meta.json"))?)?;
    let element = Element::ALL.into_iter().find(|element| element.name() == meta.dtype);
    let element = element.ok_or_else(|| format!("meta.json: {:?} is no pixel type that is encoded", meta.dtype))?;
    let pixels = std::fs::read(args.set.join("frames.raw"))?;
    let bytes = meta.shape[0] * meta.shape[1] * element.size();
    if bytes == 0 || meta.nframes == 0 || pixels.len() < bytes * meta.nframes {
        return Err(format!("frames.raw has {} bytes, not {} frames of {bytes}", pixels.len(), meta.nframes).into());
    }
    let frames: Vec<&[u8]> = pixels.chunks_exact(bytes).take(meta.nframes).collect();

    let mut encoder = Encoder::with_codec(element, None, args.codec)?;
    let mut chunk = Vec::new();
    let mut chunk_bytes = 0;
    for frame in &frames {
        encoder.encode(frame, &mut chunk)?;
        chunk_bytes += chunk.len();
    }
    let (mut wall, mut cpu) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while wall.len() < frames.len() || start.elapsed().as_secs_f64() < args.seconds {
        let (at, used) = (Instant::now(), cpu_time());
        encoder.encode(frames[wall.len() % frames.len()], &mut chunk)?;
        cpu.push((cpu_time() - used).as_secs_f64());
        wall.push(at.elapsed().as_secs_f64());
    }
    let seconds: f64 = wall.iter().sum();
    let best = wall.iter().copied().fold(f64::INFINITY, f64::min);
    println!(
        "{}",
        serde_json::json!({
            "op": "encode",
            "codec": args.codec.name(),
            "kernels": Kernels::chosen()?.level().name(),
            "frames": wall.len(),
            "seconds": seconds,
            "median_s": median(wall),
            "best_s": best,
            "cpu_median_s": median(cpu),
            "frame_bytes": bytes,
            "chunk_bytes": chunk_bytes,
            "ratio": (bytes * frames.len()) as f64 / chunk_bytes as f64,
        })
    );
    Ok(ExitCode::SUCCESS)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// CPU time of this thread.
fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a place for the answer; the clock of the calling thread is always there.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
