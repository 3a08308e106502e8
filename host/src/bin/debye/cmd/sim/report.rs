//! What a person sees of a simulation: a progress bar, failed frames, a closing summary; or one JSON object.

use super::args::RunArgs;
use crate::cmd::text::{self, bytes};
use crate::out::say;
use debye::engine::finish::Refused;
use debye::engine::sim::{SimEngine, Watch};
use debye::engine::{Engine, EngineError};
use debye::run::{Row, Summary};
use debye::source::SourceInfo;
use debye::table::Table;
use debye_spec::Status;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::{Value, json};
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

/// Failed or refused frames that are told one by one on the screen.
const TOLD: usize = 10;

/// Failed or refused frames that `--json` lists.
const LISTED: usize = 1000;

/// Steps of the bar in a frame: one frame may take minutes.
const STEPS: f64 = 1000.0;

/// Collects and tells.
pub struct Report<'a> {
    args: &'a RunArgs,
    info: &'a SourceInfo,
    bar: ProgressBar,
    failures: Vec<Value>,
    failed: usize,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    version: &'a str,
    input: &'a Path,
    dataset: &'a str,
    #[serde(flatten)]
    summary: &'a Summary,
    #[serde(flatten)]
    rates: &'a Rates,
    stall_seed: Option<u64>,
    stalls: Value,
    table_sha256: String,
    table_seconds: f64,
    frames_compressed: usize,
    frames_refused: usize,
    refused: Vec<Value>,
    failures: &'a [Value],
    vcd: Option<&'a Path>,
}

/// What the simulation came to.
#[derive(Serialize)]
struct Rates {
    model: String,
    lanes: usize,
    cycles: u64,
    clock_mhz: f64,
    chunk_bytes: u64,
    pixel_bytes: u64,
    result_bytes: u64,
    bytes_per_cycle_in: Option<f64>,
    bytes_per_cycle_out: Option<f64>,
    gpixel_per_s: Option<f64>,
}

impl Rates {
    fn of(args: &RunArgs, info: &SourceInfo, engine: &SimEngine, summary: &Summary) -> Rates {
        let progress = engine.progress();
        // Frames that failed or were refused were not integrated by the card.
        let frames = (summary.frames - summary.failed).saturating_sub(engine.refused().len()) as u64;
        let pixels = frames * (info.shape[0] * info.shape[1]) as u64;
        let pixel_bytes = pixels * info.element.size() as u64;
        let per_cycle = |count: u64| (progress.cycles > 0).then(|| count as f64 / progress.cycles as f64);
        Rates {
            model: engine.describe(),
            lanes: engine.shape().lanes,
            cycles: progress.cycles,
            clock_mhz: args.clock_mhz,
            chunk_bytes: progress.bytes_in,
            pixel_bytes,
            result_bytes: progress.bytes_out,
            bytes_per_cycle_in: per_cycle(progress.bytes_in),
            bytes_per_cycle_out: per_cycle(pixel_bytes),
            gpixel_per_s: per_cycle(pixels).map(|pixels| pixels * args.clock_mhz / 1e3),
        }
    }
}

impl<'a> Report<'a> {
    /// A report on `frames` frames of `info`.
    pub fn new(args: &'a RunArgs, info: &'a SourceInfo, frames: usize) -> Report<'a> {
        let bar =
            ProgressBar::with_draw_target(Some(frames as u64 * STEPS as u64), ProgressDrawTarget::stderr_with_hz(10));
        if args.quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template("{wide_bar} {percent} %  {msg}  {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Report { args, info, bar, failures: Vec::new(), failed: 0 }
    }

    /// Says that a model is built while it is.
    pub fn building<T>(&self, build: impl FnOnce() -> T) -> T {
        self.bar.set_message("building the model");
        self.bar.enable_steady_tick(Duration::from_millis(200));
        let built = build();
        self.bar.disable_steady_tick();
        self.bar.set_message("");
        built
    }

    /// Moves the bar within frames.
    pub fn watch(&self) -> Watch {
        let (bar, started) = (self.bar.clone(), Instant::now());
        Box::new(move |beat| {
            let (cycles, seconds) = (beat.progress.cycles as f64, started.elapsed().as_secs_f64().max(1e-9));
            bar.set_position((beat.frames * STEPS) as u64);
            if beat.progress.cycles > 0 {
                bar.set_message(format!("{:.2} Mcycles  {:.0} kcycles/s", cycles / 1e6, cycles / 1e3 / seconds));
            }
        })
    }

    /// A frame is finished.
    pub fn frame(&mut self, row: &Row) {
        if row.status == Status::Ok {
            return;
        }
        self.failed += 1;
        if self.failed <= TOLD {
            self.bar.suspend(|| eprintln!("frame {} failed: {}", row.frame, row.message));
        }
        if self.failures.len() < LISTED {
            self.failures.push(json!({"frame": row.frame, "status": row.status.code(), "message": row.message}));
        }
    }

    /// The run is over.
    pub fn close(
        self,
        engine: &mut SimEngine,
        summary: &Summary,
        table: &Table,
        table_seconds: f64,
    ) -> Result<(), Box<dyn Error>> {
        self.bar.finish_and_clear();
        if self.failed > TOLD {
            eprintln!("... and {} more frames failed", self.failed - TOLD);
        }
        let rates = Rates::of(self.args, self.info, engine, summary);
        if self.args.json {
            return self.print_json(engine, &rates, summary, table, table_seconds);
        }
        tell_refused(engine.refused());
        self.print(engine, &rates, summary, table, table_seconds)?;
        Ok(())
    }

    fn print_json(
        &self,
        engine: &mut SimEngine,
        rates: &Rates,
        summary: &Summary,
        table: &Table,
        table_seconds: f64,
    ) -> Result<(), Box<dyn Error>> {
        let json = Json {
            version: debye::VERSION,
            input: &self.info.file,
            dataset: &self.info.dataset,
            summary,
            rates,
            stall_seed: self.args.stall_seed,
            stalls: stalls_json(engine)?,
            table_sha256: table.hash_hex(),
            table_seconds,
            frames_compressed: engine.compressed(),
            frames_refused: engine.refused().len(),
            refused: engine.refused().iter().take(LISTED).map(refused_json).collect(),
            failures: &self.failures,
            vcd: self.args.waves.vcd.as_deref(),
        };
        say!("{}", serde_json::to_string_pretty(&json)?);
        Ok(())
    }

    fn print(
        &self,
        engine: &mut SimEngine,
        rates: &Rates,
        summary: &Summary,
        table: &Table,
        table_seconds: f64,
    ) -> Result<(), Box<dyn Error>> {
        let stopped = if summary.interrupted { ", stopped by Ctrl-C" } else { "" };
        let on_cpu = match engine.refused().len() {
            0 => String::new(),
            count => format!(", {count} of them by the CPU"),
        };
        say!("{} of {} frames integrated{on_cpu}{stopped}", summary.frames - summary.failed, summary.expected);
        let info = self.info;
        say!(
            "  input    {} {}: {} x {} {}, {}",
            info.file.display(),
            info.dataset,
            info.shape[0],
            info.shape[1],
            info.dtype,
            info.filter
        );
        if engine.compressed() > 0 {
            say!("  note     {} frames were compressed for the card: they are not bslz4", engine.compressed());
        }
        say!("  model    {}", rates.model);
        if let (Some(bytes_in), Some(bytes_out), Some(gpixel)) =
            (rates.bytes_per_cycle_in, rates.bytes_per_cycle_out, rates.gpixel_per_s)
        {
            say!("  cycles   {}: {bytes_in:.3} bytes/cycle in, {bytes_out:.3} bytes/cycle out", rates.cycles);
            say!("  rate     {gpixel:.3} Gpixel/s at {} MHz", rates.clock_mhz);
        }
        say!(
            "  bytes    {} of chunks in, {} of pixels, {} of results out",
            bytes(rates.chunk_bytes),
            bytes(rates.pixel_bytes),
            bytes(rates.result_bytes)
        );
        say!("  time     {:.2} s; table {table_seconds:.2} s", summary.seconds);
        say!("  result   crc32 {:08x}, table {}", summary.result_crc32, &table.hash_hex()[..16]);
        if let Some(path) = &self.args.waves.vcd {
            say!("  written  {}", path.display());
        }
        print_stalls(engine, rates.cycles)
    }
}

fn refused_json(refused: &Refused) -> Value {
    json!({"frame": refused.frame, "status": refused.status.code(), "reason": reason(refused.status)})
}

fn reason(status: Status) -> &'static str {
    match status {
        Status::BlockTooLarge => "its blocks are larger than the card's",
        Status::TooManyBins => "the table has more bins than the card's histograms",
        Status::TableMismatch => "the table does not fit the frame",
        Status::RequestInvalid => "the card does not know the request",
        Status::Stalled => "the card's watchdog gave it up",
        _ => "the card could not take it",
    }
}

fn tell_refused(refused: &[Refused]) {
    for Refused { frame, status } in refused.iter().take(TOLD) {
        eprintln!(
            "frame {frame} was refused by the card (status {}: {}): the CPU did it",
            status.code(),
            reason(*status)
        );
    }
    if refused.len() > TOLD {
        eprintln!("... and {} more frames were refused", refused.len() - TOLD);
    }
}

fn stalls_json(engine: &mut SimEngine) -> Result<Value, EngineError> {
    let stalls = engine.stalls()?;
    let of = |stage: usize| stalls.lanes.iter().map(|lane| lane[stage]).collect::<Vec<_>>();
    Ok(stalls.stages.iter().enumerate().map(|(stage, &name)| (name.to_owned(), json!(of(stage)))).collect())
}

/// One row a stage, one column a lane; with many lanes the sum and the extremes.
fn print_stalls(engine: &mut SimEngine, cycles: u64) -> Result<(), Box<dyn Error>> {
    let stalls = engine.stalls()?;
    if stalls.stages.is_empty() {
        return Ok(());
    }
    let share = |count: u64| format!("{count} ({:.2} %)", 100.0 * count as f64 / cycles.max(1) as f64);
    let mut table = text::Table::new(&["cycles in which a lane's stage waits", "least", "mean", "most"]);
    for (stage, &name) in stalls.stages.iter().enumerate() {
        let counts: Vec<u64> = stalls.lanes.iter().map(|lane| lane[stage]).collect();
        let mean = counts.iter().sum::<u64>() / counts.len().max(1) as u64;
        let (least, most) = (counts.iter().min().copied().unwrap_or(0), counts.iter().max().copied().unwrap_or(0));
        table.row([name.to_owned(), share(least), share(mean), share(most)]);
    }
    say!("");
    table.print();
    Ok(())
}
