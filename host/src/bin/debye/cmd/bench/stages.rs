//! The CPU's stages, and peers on the same frames.

use super::peers::{self, Compared};
use super::{Args, payloads};
use crate::cmd::prepare::{Prepared, prepare};
use crate::cmd::text::Table;
use crate::out::say;
use debye::bench::set::{Content, Set};
use debye::bench::stages::{Stage, Subject};
use debye::codec::encode::Encoder;
use debye::frame::Payload;
use debye::source::{self, decoded};
use serde::Serialize;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Most frames that are measured: one batch of any kernel.
const MOST_FRAMES: usize = 16;

/// What was measured of a file's frames.
#[derive(Serialize)]
pub struct Found {
    input: PathBuf,
    shape: [usize; 2],
    dtype: &'static str,
    frames: usize,
    /// Bytes of pixels by bytes of chunks.
    ratio: f64,
    /// The frames are not bslz4 in the file: they were compressed to be measured.
    compressed: bool,
    bins: usize,
    /// To build the table, once a run, by the clock.
    table_seconds: f64,
    stages: Vec<Stage>,
    operations: Vec<Compared>,
}

impl Found {
    /// What is to be told of peers that failed.
    pub fn failures(&self) -> Vec<String> {
        self.operations.iter().flat_map(Compared::failures).collect()
    }

    fn print(&self) {
        let [rows, columns] = self.shape;
        let stored = if self.compressed { ", compressed to be measured" } else { "" };
        say!(
            "{}: {} frames of {rows} x {columns} {}, ratio {:.2}{stored}; table of {} bins built in {:.2} s",
            self.input.display(),
            self.frames,
            self.dtype,
            self.ratio,
            self.bins,
            self.table_seconds
        );
        let mut table = Table::new(&["stage", "kernels", "ms a frame", "GB/s of pixels"]);
        for stage in &self.stages {
            let kernels = stage.kernels.unwrap_or("").to_owned();
            let figures = [format!("{:.3}", stage.seconds * 1e3), format!("{:.2}", stage.gb_per_s)];
            table.row([stage.stage.clone(), kernels].into_iter().chain(figures));
        }
        table.print();
        self.operations.iter().for_each(Compared::print);
    }
}

/// Measures, and tells.
pub fn measure(args: &Args, input: &Path, time: Duration, stop: &AtomicBool) -> Result<Found, Box<dyn Error>> {
    let mut source = source::open(input, args.dataset.as_deref())?;
    let info = source.info().clone();
    let (first, payloads) = payloads(args, &mut *source, MOST_FRAMES)?;
    let Prepared { table, job, seconds: table_seconds } = prepare(&args.geometry, &args.pixels, &info)?;
    let compressed = payloads.iter().any(|payload| matches!(payload, Payload::Pixels(_)));
    let mut encoder = Encoder::new(info.element, None)?;
    let (mut chunks, mut pixels) = (Vec::new(), Vec::new());
    for payload in payloads {
        let raw = decoded(payload.clone(), info.element, table.pixels())?;
        chunks.push(match payload {
            Payload::Pixels(_) => {
                let mut chunk = Vec::new();
                encoder.encode(&raw, &mut chunk)?;
                chunk
            }
            chunk => chunk.bytes().into_owned(),
        });
        pixels.push(raw);
    }
    let stored: usize = chunks.iter().map(Vec::len).sum();
    let mut subject = Subject { source: &mut *source, first, chunks: &chunks, table: table.clone(), job, time, stop };
    let mut found = Found {
        input: input.into(),
        shape: info.shape,
        dtype: info.dtype,
        frames: chunks.len(),
        ratio: pixels.iter().map(Vec::len).sum::<usize>() as f64 / stored.max(1) as f64,
        compressed,
        bins: table.bins(),
        table_seconds,
        stages: subject.measure()?,
        operations: Vec::new(),
    };
    if !args.peers.peers.is_empty() {
        let folder = tempfile::tempdir()?;
        let name = input.file_stem().unwrap_or_default().to_string_lossy();
        let content = Content {
            name: &name,
            shape: info.shape,
            element: info.element,
            geometry: &table.description.geometry,
            masked: &table.masked,
            chunks: &chunks,
            pixels: &pixels,
        };
        Set::write(folder.path(), &content)?;
        drop((chunks, pixels));
        found.operations = peers::compare(args, folder.path(), time, stop)?;
    }
    if !args.json {
        found.print();
    }
    Ok(found)
}
