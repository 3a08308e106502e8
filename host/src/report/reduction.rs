//! Volumes: what there is before and after, as raw pixels, as chunks, as patterns, with and without the frames kept.

use super::ReportError;
use super::frames::Picked;
use super::lossless::Lossless;
use super::run::{Beat, Setting};
use crate::bench::processor_time;
use crate::engine::cpu::CpuEngine;
use crate::engine::{Engine, FrameJob};
use crate::frame::Payload;
use crate::metrics::over;
use crate::nexus::{About, Closing, Output, Writer};
use crate::plot::{Choice, PlotRequest, svg};
use crate::run::{Plan, Sink, Summary, execute};
use crate::source::FrameSource;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reduction {
    /// Frames that were integrated to know what a pattern takes.
    pub frames: usize,
    /// Those that failed.
    pub failed: usize,
    /// Bins of a pattern.
    pub bins: usize,
    /// The geometry is a stand-in: volumes hold for as many bins, the patterns mean nothing.
    pub stand_in: bool,
    /// Bytes of an output without a frame: axes, geometry, provenance.
    pub output_bytes: u64,
    /// Bytes that each frame adds to it: I, sigma, sums, statistics, as `debye integrate` compresses them.
    pub pattern_bytes: f64,
    /// CRC-32 of the records of all frames.
    pub result_crc32: String,
    /// Volumes of the whole data set.
    pub volumes: Vec<Volume>,
    /// Rates.
    pub timing: Rate,
}

/// A way to keep the data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Volume {
    /// In words.
    pub name: String,
    /// Bytes of it.
    pub bytes: f64,
    /// How many times smaller it is than the pixels.
    pub factor: f64,
    /// How many times smaller it is than what the file stores.
    pub factor_of_stored: f64,
    /// Whether every count can still be had.
    pub frames_kept: bool,
}

/// Decoding and integrating on the CPU, without reading and writing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Threads.
    pub threads: usize,
    /// GB of pixels for each second of processor time.
    pub integrate_gb_per_s_core: f64,
    /// GB of pixels a second by the clock.
    pub integrate_gb_per_s: f64,
    /// Frames a second by the clock.
    pub frames_per_s: f64,
}

/// Integrates, and adds up. `folder` is for passing files.
pub fn measure(
    picked: &mut Picked<'_>,
    setting: &Setting,
    lossless: &Lossless,
    (threads, time): (usize, Duration),
    folder: &Path,
    beat: &Beat<'_>,
    pictures: &mut BTreeMap<String, String>,
) -> Result<Reduction, ReportError> {
    let io = |error| ReportError::Io { path: folder.into(), error };
    let passing = tempfile::tempdir_in(folder).map_err(io)?;
    let (empty, full) = (passing.path().join("empty.h5"), passing.path().join("full.h5"));
    written(picked, setting, threads, &empty, 0, beat)?;
    let count = picked.frames();
    let summary = written(picked, setting, threads, &full, count, beat)?;
    if summary.interrupted {
        return Err(ReportError::Stopped);
    }
    let size = |path: &Path| std::fs::metadata(path).map(|file| file.len()).map_err(io);
    let (empty, of_all) = (size(&empty)?, size(&full)?);
    let pattern_bytes = over(of_all.saturating_sub(empty) as f64, count as f64);
    if !setting.stand_in && summary.failed < summary.frames {
        let drawn = Output::open(&full)
            .map_err(Into::into)
            .and_then(|output| svg(&PlotRequest::of_output(&output, Choice::Mean, false)?));
        pictures.insert("pattern".into(), drawn?);
    }
    Ok(Reduction {
        frames: count,
        failed: summary.failed,
        bins: setting.table.bins(),
        stand_in: setting.stand_in,
        output_bytes: empty,
        pattern_bytes,
        result_crc32: format!("{:08x}", summary.result_crc32),
        volumes: volumes(picked, lossless, empty as f64, pattern_bytes),
        timing: rate(picked, setting, threads, time, beat)?,
    })
}

/// Writes an output of the first `count` frames.
fn written(
    picked: &mut Picked<'_>,
    setting: &Setting,
    threads: usize,
    path: &Path,
    count: usize,
    beat: &Beat<'_>,
) -> Result<Summary, ReportError> {
    let failed = |error: String| ReportError::Io { path: path.into(), error: std::io::Error::other(error) };
    let mut engine = CpuEngine::new(NonZeroUsize::new(threads));
    engine.load(setting.table.clone(), setting.job).map_err(|error| failed(error.to_string()))?;
    let info = picked.info().clone();
    // Chunks of both outputs are made for all frames.
    let about = About { frames: Some(picked.frames()), ..About::new(&setting.table, &info, &setting.job) };
    let mut writer = Writer::create(path, true, &about).map_err(|error| failed(error.to_string()))?;
    let plan = Plan { frames: 0..count, follow: None };
    let sinks: &mut [&mut dyn Sink] = &mut [&mut writer];
    let tell = |progress: &crate::run::Progress, _: &crate::run::Row| beat.at(progress.frames, count);
    let summary = execute(picked, &mut engine, &setting.table, &plan, sinks, beat.stop, &mut { tell });
    let summary = summary.map_err(|error| failed(error.to_string()))?;
    let closing = Closing {
        frames_planned: count,
        frames_done: summary.frames,
        frames_failed: summary.failed,
        interrupted: summary.interrupted,
        ended: SystemTime::UNIX_EPOCH,
        result_crc32: summary.result_crc32,
        input_blake3: summary.input_blake3.clone(),
        input_blake3_over: String::new(),
    };
    writer.finish(&closing).map_err(|error| failed(error.to_string()))?;
    Ok(summary)
}

/// Frames again and again through the engine.
fn rate(
    picked: &mut Picked<'_>,
    setting: &Setting,
    threads: usize,
    time: Duration,
    beat: &Beat<'_>,
) -> Result<Rate, ReportError> {
    const MOST_BYTES: usize = 256 << 20;
    let (mut payloads, mut held): (Vec<Payload>, usize) = (Vec::new(), 0);
    for frame in 0..picked.frames() {
        if held > MOST_BYTES {
            break;
        }
        let Ok(payload) = picked.read(frame) else { continue };
        held += payload.len();
        payloads.push(payload);
    }
    let mut engine = CpuEngine::new(NonZeroUsize::new(threads));
    let failed = |error: crate::engine::EngineError| ReportError::Io {
        path: picked.info().file.clone(),
        error: std::io::Error::other(error),
    };
    engine.load(setting.table.clone(), setting.job).map_err(failed)?;
    let (started, before, mut done) = (Instant::now(), processor_time(), 0usize);
    while !payloads.is_empty() && (started.elapsed() < time || done < payloads.len()) {
        if beat.stop.load(Ordering::Relaxed) {
            return Err(ReportError::Stopped);
        }
        while engine.room() == 0 {
            engine.collect(true).map_err(failed)?;
        }
        let payload = payloads[done % payloads.len()].clone();
        engine.submit(FrameJob { index: done, payload }).map_err(failed)?;
        done += 1;
    }
    while engine.collect(true).map_err(failed)?.is_some() {}
    let (wall, cpu) = (started.elapsed().as_secs_f64(), (processor_time() - before).as_secs_f64());
    let gigabytes = (done * setting.table.pixels() * setting.job.element.size()) as f64 / 1e9;
    Ok(Rate {
        threads,
        integrate_gb_per_s_core: over(gigabytes, cpu),
        integrate_gb_per_s: over(gigabytes, wall),
        frames_per_s: over(done as f64, wall),
    })
}

/// Ways to keep the data set.
fn volumes(picked: &Picked<'_>, lossless: &Lossless, output: f64, pattern: f64) -> Vec<Volume> {
    let stored = &lossless.stored;
    let pixels = stored.pixel_bytes as f64;
    let patterns = output + pattern * picked.of_source() as f64;
    let mut volumes = Vec::new();
    let mut add = |name: String, bytes: f64, frames_kept: bool| {
        let (factor, factor_of_stored) = (over(pixels, bytes), over(stored.stored_bytes as f64, bytes));
        volumes.push(Volume { name, bytes, factor, factor_of_stored, frames_kept });
    };
    add("pixels, not compressed".into(), pixels, true);
    add(format!("as the file stores them ({})", stored.filter), stored.stored_bytes as f64, true);
    for figures in &lossless.codecs {
        add(figures.codec.clone(), over(pixels, figures.ratio), true);
    }
    if let Some(best) = lossless.best() {
        add(format!("{} and patterns", best.codec), over(pixels, best.ratio) + patterns, true);
    }
    add("patterns alone".into(), patterns, false);
    volumes
}
