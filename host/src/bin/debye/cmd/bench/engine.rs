//! An engine as a whole: rates, latencies, what the host has to do.

use super::{Args, Choice, payloads};
use crate::cmd::card_args;
use crate::cmd::prepare::{Prepared, prepare};
use crate::out::say;
use debye::bench::processor_time;
use debye::engine::card::{CardEngine, OnDeath};
use debye::engine::cpu::CpuEngine;
use debye::engine::{Engine, EngineError, FrameJob};
use debye::frame::Payload;
use debye::source;
use serde::Serialize;
use std::error::Error;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What was measured.
#[derive(Serialize)]
pub struct Measured {
    input: PathBuf,
    engine: String,
    frames: usize,
    failed: usize,
    seconds: f64,
    frames_per_s: f64,
    /// Bytes handed in.
    gb_in_per_s: f64,
    /// Bytes of the records that came back.
    gb_out_per_s: f64,
    gb_pixels_per_s: f64,
    /// From a frame's submission to its outcome.
    latency_us: Latency,
    /// Processor time of this process for each second: 1 is a core.
    host_cores: f64,
    /// Processor time of this process for each frame.
    host_us_per_frame: f64,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Latency {
    least: f64,
    p50: f64,
    p90: f64,
    p99: f64,
    most: f64,
}

fn engine(args: &Args, choice: Choice) -> Result<Box<dyn Engine>, Box<dyn Error>> {
    match choice {
        Choice::Cpu if !args.card.cards.is_empty() => Err("--card names a card, --engine cpu takes none".into()),
        Choice::Cpu => Ok(Box::new(CpuEngine::new(args.threads))),
        Choice::Card => {
            let addresses = args.card.addresses();
            if addresses.is_empty() {
                return Err("no card is bound to vfio-pci here: name one with --card".into());
            }
            let cards = card_args::open(&addresses)?;
            Ok(Box::new(CardEngine::new(cards, args.card.config(), OnDeath::Fail)?))
        }
    }
}

/// Measures an engine on the frames of a file, and tells.
pub fn measure(
    args: &Args,
    choice: Choice,
    input: &Path,
    time: Duration,
    stop: &AtomicBool,
) -> Result<Measured, Box<dyn Error>> {
    let mut source = source::open(input, args.dataset.as_deref())?;
    let info = source.info().clone();
    let unread = |frame| move |error| format!("frame {frame}: {error}");
    let (first, payloads) = payloads(args, &mut *source, usize::MAX)?;
    let Prepared { table, job, .. } = prepare(&args.geometry, &args.pixels, &info)?;
    let mut engine = engine(args, choice)?;
    engine.load(table.clone(), job)?;

    let most = args.in_flight.map_or(usize::MAX, NonZeroUsize::get);
    let mut bench =
        Bench { engine: &mut *engine, most, submitted: Vec::new(), latencies: Vec::new(), bytes_in: 0, failed: 0 };
    let (started, cpu_before) = (Instant::now(), processor_time());
    // Every frame at least once.
    while (started.elapsed() < time || bench.submitted.len() < payloads.len()) && !stop.load(Ordering::Relaxed) {
        let number = bench.submitted.len() % payloads.len();
        bench.make_room()?;
        let payload = if args.read {
            let frame = first + number;
            source.read_into(frame, &mut |bytes| bench.engine.lend(bytes)).map_err(unread(frame))?
        } else {
            payloads[number].clone()
        };
        bench.submit(payload)?;
    }
    while bench.collect(true)? {}
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), processor_time() - cpu_before);
    let Bench { mut latencies, bytes_in, failed, .. } = bench;
    latencies.sort();
    let done = latencies.len();
    let record = debye_spec::Bins::record_bytes(table.bins());
    let per_s = |bytes: usize| bytes as f64 / 1e9 / seconds;
    let measured = Measured {
        input: input.into(),
        engine: engine.describe(),
        frames: done,
        failed,
        seconds,
        frames_per_s: done as f64 / seconds,
        gb_in_per_s: per_s(bytes_in),
        gb_out_per_s: per_s((done - failed) * record),
        gb_pixels_per_s: per_s(done * table.pixels() * job.element.size()),
        latency_us: Latency::of(&latencies),
        host_cores: cpu.as_secs_f64() / seconds,
        host_us_per_frame: cpu.as_secs_f64() * 1e6 / done.max(1) as f64,
        notes: engine.notes(),
    };
    if !args.json {
        print(&measured);
    }
    Ok(measured)
}

/// A run over an engine, with the time of each frame.
struct Bench<'a> {
    engine: &'a mut dyn Engine,
    /// Frames under way.
    most: usize,
    submitted: Vec<Instant>,
    latencies: Vec<Duration>,
    bytes_in: usize,
    failed: usize,
}

impl Bench<'_> {
    fn make_room(&mut self) -> Result<(), EngineError> {
        while self.engine.room() == 0 || self.submitted.len() - self.latencies.len() >= self.most {
            self.collect(true)?;
        }
        Ok(())
    }

    fn submit(&mut self, payload: Payload) -> Result<(), EngineError> {
        let index = self.submitted.len();
        self.submitted.push(Instant::now());
        self.engine.submit(FrameJob { index, payload })?;
        while self.collect(false)? {}
        Ok(())
    }

    /// Whether a frame came back.
    fn collect(&mut self, wait: bool) -> Result<bool, EngineError> {
        let Some(outcome) = self.engine.collect(wait)? else { return Ok(false) };
        self.latencies.extend(self.submitted.get(outcome.index).map(Instant::elapsed));
        self.bytes_in += outcome.bytes_in;
        self.failed += usize::from(outcome.result.is_err());
        Ok(true)
    }
}

impl Latency {
    fn of(sorted: &[Duration]) -> Latency {
        let at = |part: f64| {
            let place = ((sorted.len() as f64 * part).ceil() as usize).saturating_sub(1);
            sorted.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e6)
        };
        Latency { least: at(0.0), p50: at(0.5), p90: at(0.9), p99: at(0.99), most: at(1.0) }
    }
}

fn print(measured: &Measured) {
    let Measured { latency_us: latency, .. } = measured;
    say!("{}: {:.1} frames/s", measured.input.display(), measured.frames_per_s);
    say!("  engine   {}", measured.engine);
    say!("  frames   {} in {:.2} s, {} failed", measured.frames, measured.seconds, measured.failed);
    say!(
        "  rates    {:.3} GB/s in, {:.3} GB/s of pixels, {:.4} GB/s of records out",
        measured.gb_in_per_s,
        measured.gb_pixels_per_s,
        measured.gb_out_per_s
    );
    say!(
        "  latency  least {:.0} us, median {:.0}, 90 % {:.0}, 99 % {:.0}, most {:.0}",
        latency.least,
        latency.p50,
        latency.p90,
        latency.p99,
        latency.most
    );
    say!("  host     {:.2} cores, {:.0} us a frame", measured.host_cores, measured.host_us_per_frame);
    for note in &measured.notes {
        say!("  note     {note}");
    }
}
