//! What a person sees: a progress bar, failed frames, a closing summary; or one JSON object.

use super::args::Args;
use crate::out::say;
use debye::cpu::Kernels;
use debye::frames_file::FramesReport;
use debye::run::{Progress, Row, Summary};
use debye::source::SourceInfo;
use debye::table::Table;
use debye_spec::Status;
use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::io;
use std::path::Path;

/// Failed frames that are told one by one on the screen; the output has them all.
const TOLD: usize = 10;

/// Failed frames that `--json` lists.
const LISTED: usize = 1000;

/// Collects and tells.
pub struct Report<'a> {
    args: &'a Args,
    info: &'a SourceInfo,
    bar: ProgressBar,
    failures: Vec<Failure>,
    failed: usize,
    drawn: bool,
}

#[derive(Serialize)]
struct Failure {
    frame: usize,
    status: u8,
    message: String,
}

/// What ran.
pub struct Ran<'a> {
    /// The engine, in a line.
    pub engine: &'a str,
    /// Why it was taken.
    pub reason: Option<&'a str>,
    /// What is to be known of it.
    pub notes: Vec<String>,
    /// Time for the table.
    pub table_seconds: f64,
    /// The frames that were kept.
    pub frames_kept: Option<&'a FramesReport>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Json<'a> {
    version: &'a str,
    input: &'a Path,
    dataset: &'a str,
    #[serde(flatten)]
    summary: &'a Summary,
    engine_description: &'a str,
    kernels: &'static str,
    engine_reason: Option<&'a str>,
    engine_notes: &'a [String],
    table_sha256: String,
    table_seconds: f64,
    output: Option<&'a Path>,
    frames_file: Option<&'a FramesReport>,
    failures: &'a [Failure],
}

impl<'a> Report<'a> {
    /// A report on frames of `info`.
    pub fn new(args: &'a Args, info: &'a SourceInfo) -> Report<'a> {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        if args.output.quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} frames  {msg}  {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Report { args, info, bar, failures: Vec::new(), failed: 0, drawn: true }
    }

    /// A frame is finished.
    pub fn frame(&mut self, progress: &Progress, row: &Row) {
        if row.status != Status::Ok {
            self.failed += 1;
            if self.failed <= TOLD {
                self.bar.suspend(|| eprintln!("frame {} failed: {}", row.frame, row.message));
            }
            if self.failures.len() < LISTED {
                let (status, message) = (row.status.code(), row.message.clone());
                self.failures.push(Failure { frame: row.frame, status, message });
            }
        }
        let seconds = progress.elapsed.as_secs_f64().max(1e-9);
        let failed = if self.failed > 0 { format!("  {} failed", self.failed) } else { String::new() };
        self.bar.set_length(progress.expected as u64);
        self.bar.set_position(progress.frames as u64);
        self.bar.set_message(format!(
            "{:.0} frames/s  {:.2} GB/s{failed}",
            progress.frames as f64 / seconds,
            progress.bytes_pixels() as f64 / 1e9 / seconds
        ));
    }

    /// There is no pattern to draw.
    pub fn not_drawn(&mut self, target: &Path) {
        self.drawn = false;
        self.bar.suspend(|| eprintln!("{} is not drawn: no frame was integrated", target.display()));
    }

    /// The run was stopped, and wrote nothing because what it writes is whole or not there.
    pub fn stopped(self) {
        self.bar.finish_and_clear();
        eprintln!("stopped: nothing was written (with --keep-frames both files are whole or not there)");
    }

    /// The run is over.
    pub fn close(self, summary: &Summary, table: &Table, ran: &Ran<'_>, output: Option<&Path>) -> io::Result<()> {
        let Ran { engine, reason, notes, table_seconds, frames_kept } = ran;
        self.bar.finish_and_clear();
        if self.args.output.json {
            let json = Json {
                version: debye::VERSION,
                input: &self.info.file,
                dataset: &self.info.dataset,
                summary,
                engine_description: engine,
                kernels: Kernels::of_process().level().name(),
                engine_reason: *reason,
                engine_notes: notes,
                table_sha256: table.hash_hex(),
                table_seconds: *table_seconds,
                output,
                frames_file: *frames_kept,
                failures: &self.failures,
            };
            say!("{}", serde_json::to_string_pretty(&json)?);
            return Ok(());
        }
        if self.failed > TOLD {
            eprintln!("... and {} more frames failed", self.failed - TOLD);
        }
        let stopped = if summary.interrupted { ", stopped by Ctrl-C" } else { "" };
        say!("{} of {} frames integrated{stopped}", summary.frames - summary.failed, summary.expected);
        say!(
            "  input    {} {}: {} x {} {}, {}",
            self.info.file.display(),
            self.info.dataset,
            self.info.shape[0],
            self.info.shape[1],
            self.info.dtype,
            self.info.filter
        );
        match reason {
            Some(reason) => say!("  engine   {engine} (auto: {reason})"),
            None => say!("  engine   {engine}"),
        }
        for note in notes {
            say!("  note     {note}");
        }
        say!(
            "  time     {:.2} s: {:.1} frames/s, {:.2} GB/s of pixels ({} in, {} of pixels); table {table_seconds:.2} s",
            summary.seconds,
            summary.frames_per_s,
            summary.pixel_gb_per_s,
            HumanBytes(summary.bytes_in),
            HumanBytes(summary.bytes_pixels),
        );
        say!("  result   crc32 {:08x}, table {}", summary.result_crc32, &table.hash_hex()[..16]);
        if let Some(kept) = frames_kept {
            tell_kept(kept);
        }
        let plot = self.args.output.plot.as_deref().filter(|_| self.drawn);
        let kept = frames_kept.map(|kept| kept.path.as_path());
        let written = [output, kept, self.args.output.export.as_deref(), plot];
        for path in written.into_iter().flatten() {
            say!("  written  {}", path.display());
        }
        Ok(())
    }
}

fn tell_kept(kept: &FramesReport) {
    let counted = [
        (kept.made_by_card, "encoded by a card"),
        (kept.made_by_cpu, "encoded by the CPU"),
        (kept.as_stored, "copied as stored"),
        (kept.failed, "failed and left out"),
    ];
    let told: Vec<String> =
        counted.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let compared = match (kept.made_by_card + kept.made_by_cpu, kept.verified) {
        (0, _) => "",
        (_, true) => "; what was encoded was compared with the pixels",
        (_, false) => "; nothing was compared",
    };
    say!(
        "  frames   {} in {}, ratio {:.2}: {}{compared}",
        kept.dataset,
        HumanBytes(kept.bytes),
        kept.ratio,
        told.join(", ")
    );
    for note in &kept.left_behind {
        say!("  note     {} was left behind: {}", note.path, note.why);
    }
}
