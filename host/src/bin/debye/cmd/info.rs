//! `debye info`

use super::Outcome;
use super::text::bytes;
use crate::out::say;
use clap::Args as ClapArgs;
use debye::source::anatomy::ratio;
use debye::source::{self, Candidate, FrameSource, SourceError};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    /// HDF5 file.
    file: PathBuf,
    /// Data set in the file; searched for when absent.
    #[arg(long, value_name = "PATH")]
    dataset: Option<String>,
    /// Keep looking while the file is written: one line whenever there are more frames.
    #[arg(long)]
    follow: bool,
    /// Print one JSON object (with --follow: one a line).
    #[arg(long)]
    json: bool,
}

/// How often a file that is being written is looked at.
const PAUSE: Duration = Duration::from_millis(200);

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    if args.follow {
        return follow(&args);
    }
    // A file that is being written may be looked at, too: then without its list of other data sets.
    let (source, others) = match source::open(&args.file, args.dataset.as_deref()) {
        Ok(source) => (source, source::candidates(&args.file)?),
        Err(SourceError::BeingWritten { .. }) => {
            (source::open_following(&args.file, args.dataset.as_deref())?, Vec::new())
        }
        Err(error) => return Err(error.into()),
    };
    let others: Vec<Candidate> = others.into_iter().filter(|one| one.path != source.info().dataset).collect();
    if args.json {
        say!("{:#}", as_json(&*source, &others));
    } else {
        print(&*source, &others);
    }
    Ok(ExitCode::SUCCESS)
}

fn follow(args: &Args) -> Outcome {
    let mut source = source::open_following(&args.file, args.dataset.as_deref())?;
    let mut said = None;
    loop {
        // Asked before the count: what a writer wrote before it closed the file is then seen.
        let more = source.being_written();
        let frames = source.refresh()?;
        if said != Some(frames) {
            said = Some(frames);
            let mut out = std::io::stdout().lock();
            if args.json {
                writeln!(out, "{}", json!({ "frames": frames, "being_written": more }))?;
            } else {
                writeln!(out, "{frames} frames")?;
            }
            out.flush()?;
        }
        if !more {
            return Ok(ExitCode::SUCCESS);
        }
        std::thread::sleep(PAUSE);
    }
}

fn pixel_bytes(source: &dyn FrameSource) -> usize {
    let info = source.info();
    source.frames().saturating_mul(info.shape[0] * info.shape[1] * info.element.size())
}

fn print(source: &dyn FrameSource, others: &[Candidate]) {
    let (info, storage) = (source.info(), source.storage());
    let joined = |sizes: &[usize]| sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ");
    let pixels = pixel_bytes(source);
    let line = |name: &str, value: String| say!("{name:<11}{value}");
    line("file", info.file.display().to_string());
    for file in info.files.iter().filter(|&file| *file != info.file) {
        line("", file.display().to_string());
    }
    line("data set", info.dataset.clone());
    line("shape", joined(&info.dimensions));
    line("frames", source.frames().to_string());
    line("frame", format!("{} rows x {} columns of {}", info.shape[0], info.shape[1], info.dtype));
    line("filter", info.filter.clone());
    line("chunk", storage.chunk.as_deref().map_or("none".into(), joined));
    if let Some(block) = storage.block_bytes {
        line("block", format!("{block} bytes = {} pixels", block as usize / info.element.size()));
    }
    line("pixels", bytes(pixels as u64));
    line(
        "stored",
        format!("{}, ratio {:.2}", bytes(storage.stored_bytes), ratio(pixels, storage.stored_bytes as usize)),
    );
    if source.being_written() {
        line("state", "a writer has it open: more frames may come".into());
    }
    for (number, other) in others.iter().enumerate() {
        line(if number == 0 { "others" } else { "" }, other.describe());
    }
}

fn as_json(source: &dyn FrameSource, others: &[Candidate]) -> serde_json::Value {
    let (info, storage) = (source.info(), source.storage());
    let pixels = pixel_bytes(source);
    json!({
        "file": info.file,
        "files": info.files,
        "dataset": info.dataset,
        "dimensions": info.dimensions,
        "frames": source.frames(),
        "shape": info.shape,
        "dtype": info.dtype,
        "filter": info.filter,
        "chunk": storage.chunk,
        "block_bytes": storage.block_bytes,
        "bytes_pixels": pixels,
        "bytes_stored": storage.stored_bytes,
        "ratio": ratio(pixels, storage.stored_bytes as usize),
        "being_written": source.being_written(),
        "others": others,
    })
}
