//! What `debye compress` and `debye decompress` share, and arguments of commands that encode.

use super::{INTERRUPTED, Outcome, command_line, interrupt};
use crate::out::say;
use clap::Args as ClapArgs;
use debye::codec::encode::Codec;
use debye::cpu::Kernels;
use debye::recode::{Cards, Note, Progress, RecodeError, Report, Request, Task, run};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::process::ExitCode;

/// Parses a codec's name.
pub fn codec(name: &str) -> Result<Codec, String> {
    [Codec::Debye, Codec::Liblz4]
        .into_iter()
        .find(|codec| codec.name() == name)
        .ok_or_else(|| format!("{name:?} is no codec: give debye or liblz4"))
}

/// Files, threads, and what is told.
#[derive(ClapArgs)]
pub struct Common {
    /// HDF5 file to read
    input: PathBuf,
    /// HDF5 file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Data set to recode (may be given several times) [default: all that can be]
    #[arg(long, value_name = "PATH")]
    dataset: Vec<String>,
    /// Threads that work on chunks [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Do not read the output again to compare it with the input
    #[arg(long, overrides_with = "verify")]
    no_verify: bool,
    /// Read the output again and compare it with the input before it gets its name (the default)
    #[arg(long)]
    verify: bool,
    /// Replace the output if it exists
    #[arg(long)]
    overwrite: bool,
    /// Print one JSON object on standard output, no progress
    #[arg(long)]
    json: bool,
}

/// Who encodes.
#[derive(Default)]
pub struct Encoding {
    /// Cards, before the CPU.
    pub cards: Option<Cards>,
    /// What is told of it, by name.
    pub said: Vec<(&'static str, String)>,
}

/// Runs a job and tells what came of it.
pub fn recode(common: Common, task: Task, encoding: Encoding, remove_source: bool) -> Outcome {
    let Encoding { cards, said } = encoding;
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let request = Request {
        input: common.input,
        output: common.output,
        overwrite: common.overwrite,
        task,
        datasets: common.dataset,
        threads: common.threads.map_or(all, usize::from),
        cards,
        verify: !common.no_verify,
        command_line: command_line(),
    };
    if remove_source && !request.verify {
        return Err("--remove-source needs the comparison that --no-verify leaves out".into());
    }
    let stop = interrupt::flag()?;
    let bar = if common.json { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    bar.set_style(ProgressStyle::with_template("{spinner} {msg} {elapsed}")?);
    let mut show = |at: Progress| {
        let what = if at.verifying { "compared" } else { "done" };
        bar.set_message(format!("{} of pixels {what}, {} stored", HumanBytes(at.done), HumanBytes(at.stored)));
        bar.tick();
    };
    let outcome = run(&request, stop, &mut show);
    bar.finish_and_clear();
    let report = match outcome {
        Err(RecodeError::Interrupted) => {
            eprintln!("{}", RecodeError::Interrupted);
            return Ok(ExitCode::from(INTERRUPTED));
        }
        outcome => outcome?,
    };
    let removed = remove_source && report.left_behind.is_empty();
    let text = if common.json {
        let mut object = serde_json::to_value(&report)?;
        for (name, value) in &said {
            object[*name] = value.as_str().into();
        }
        object["kernels"] = Kernels::of_process().level().name().into();
        object["source_removed"] = removed.into();
        object.to_string()
    } else {
        table(&report, &said)
    };
    if removed {
        std::fs::remove_file(&request.input)
            .map_err(|error| format!("{} cannot be removed: {error}", request.input.display()))?;
    }
    say!("{text}");
    if remove_source && !removed {
        let (input, output) = (request.input.display(), request.output.display());
        return Err(format!("{input} is not removed: {output} is made, but without what was left behind").into());
    }
    Ok(ExitCode::SUCCESS)
}

/// What came of a job, for people.
fn table(report: &Report, said: &[(&str, String)]) -> String {
    let mut lines = Vec::new();
    for (name, value) in said {
        lines.push(format!("{}: {value}", name.replace('_', " ")));
    }
    for note in &report.engine_notes {
        lines.push(format!("note: {note}"));
    }
    for set in &report.datasets {
        let shape: Vec<String> = set.dimensions.iter().map(ToString::to_string).collect();
        lines.push(format!(
            "{}: {} {}, {} -> {}, ratio {:.2}{}",
            set.path,
            shape.join(" x "),
            set.dtype,
            HumanBytes(set.stored_before),
            HumanBytes(set.stored_after),
            set.ratio,
            if set.lossy { ", LOSSY" } else { "" }
        ));
    }
    let mut notes = |what: &str, notes: &[Note]| {
        lines.extend(notes.iter().map(|note| format!("{what} {}: {}", note.path, note.why)));
    };
    notes("kept", &report.kept);
    notes("left behind", &report.left_behind);
    lines.push(format!(
        "{}: {} -> {}, {:.2} GB/s of pixels on {} threads{}",
        report.output.display(),
        HumanBytes(report.input_bytes),
        HumanBytes(report.output_bytes),
        report.pixel_gb_per_s,
        report.threads,
        if report.verified { ", read again and found equal" } else { ", not read again" }
    ));
    lines.join("\n")
}
