//! `debye integrate`: the main job.

mod args;
mod engine;
mod picture;
mod report;

pub use args::Args;

use super::prepare::{Prepared, prepare};
use super::targets::{self, Named};
use super::{INTERRUPTED, Outcome, SOME_FRAMES_FAILED, command_line, interrupt};
use debye::beside::Beside;
use debye::export::Exporter;
use debye::frames_file::{FramesFile, FramesRequest};
use debye::nexus::{About, Closing, Writer};
use debye::run::{self, Follow, Plan, Sink};
use debye::source;
use debye::table;
use engine::Taken;
use picture::Picture;
use report::{Ran, Report};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let started = SystemTime::now();
    let stop = interrupt::flag()?;
    let mut source = if args.follow {
        source::open_following(&args.input, args.dataset.as_deref())?
    } else {
        source::open(&args.input, args.dataset.as_deref())?
    };
    let info = source.info().clone();
    let frames = if args.follow { args.frames.open() } else { args.frames.within(source.frames())? };
    let output = output_path(&args);
    let named = Named { input: &args.input, geometry: &args.geometry, pixels: &args.pixels };
    let (export, plot) = (args.output.export.as_deref(), args.output.plot.as_deref());
    let keep_frames = args.output.keep_frames.as_deref();
    targets::check(&info, &named, &[output.as_deref(), keep_frames, export, plot, args.save_table.as_deref()])?;
    let patience = Duration::try_from_secs_f64(args.patience).map_err(|_| "--patience must be a time, 0 or more")?;
    let plan = Plan { frames, follow: args.follow.then_some(Follow { patience }) };

    let Prepared { table, job, seconds: table_seconds } = prepare(&args.geometry, &args.pixels, &info)?;
    if let Some(path) = &args.save_table {
        table::save(&table, path, args.output.overwrite)?;
    }
    let Taken { mut engine, reason } = engine::take(&args, &table, job)?;

    let description = engine.describe();
    let command_line = command_line();
    let masks: Vec<PathBuf> = args.pixels.mask.iter().map(PathBuf::from).collect();
    let about = About {
        engine: engine.name(),
        engine_description: &description,
        command_line: &command_line,
        started,
        frames: (!args.follow).then(|| plan.frames.len()),
        poni: args.geometry.poni.as_deref(),
        masks: &masks,
        flat: args.pixels.flat.as_deref().map(Path::new),
        ..About::new(&table, &info, &job)
    };
    let overwrite = args.output.overwrite;
    // A plot is drawn from an output; where none is kept, it is drawn from a passing one.
    let passing = (args.output.plot.is_some() && output.is_none()).then(tempfile::tempdir).transpose()?;
    let written = output.clone().or_else(|| passing.as_ref().map(|folder| folder.path().join("output.h5")));
    let mut writer = written.as_deref().map(|path| Writer::create(path, overwrite, &about)).transpose()?;
    let mut frames_file = keep_frames
        .map(|target| {
            FramesFile::create(&FramesRequest {
                target,
                overwrite,
                source: &*source,
                frames: &plan.frames,
                verified: !args.output.no_verify,
                command_line: &command_line,
            })
        })
        .transpose()?;
    let mut exporter = export.map(|path| Exporter::create(path, overwrite, &about)).transpose()?;
    let picture = plot.map(|path| Picture::plan(&args, path)).transpose()?;

    let mut report = Report::new(&args, &info);
    let summary = {
        let mut sinks: Vec<&mut dyn Sink> = Vec::new();
        sinks.extend(writer.as_mut().map(|sink| sink as &mut dyn Sink));
        sinks.extend(frames_file.as_mut().map(|sink| sink as &mut dyn Sink));
        sinks.extend(exporter.as_mut().map(|sink| sink as &mut dyn Sink));
        run::execute(&mut *source, &mut *engine, &table, &plan, &mut sinks, stop, &mut |progress, row| {
            report.frame(progress, row);
        })?
    };

    if summary.interrupted && frames_file.is_some() {
        report.stopped();
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let mut whole = Vec::new();
    if let Some(writer) = writer {
        whole.push(
            writer.close(&Closing {
                frames_planned: summary.expected,
                frames_done: summary.frames,
                frames_failed: summary.failed,
                interrupted: summary.interrupted,
                ended: SystemTime::now(),
                result_crc32: summary.result_crc32,
                input_blake3: summary.input_blake3.clone(),
                input_blake3_over:
                    "the BLAKE3 of each frame's payload (chunk bytes where they are bslz4, pixels where \
                                not), in the order of the frames"
                        .into(),
            })?,
        );
    }
    let frames_kept = match frames_file.map(FramesFile::close).transpose()? {
        Some((file, kept)) => {
            whole.push(file);
            Some(kept)
        }
        None => None,
    };
    Beside::commit_all(whole)?;
    exporter.map(Exporter::finish).transpose()?;
    match (picture, &written) {
        (Some(picture), Some(_)) if summary.frames == summary.failed => report.not_drawn(picture.target()),
        (Some(picture), Some(written)) => picture.draw(written)?,
        _ => {}
    }
    let ran = Ran {
        engine: &description,
        reason: reason.as_deref(),
        notes: engine.notes(),
        table_seconds,
        frames_kept: frames_kept.as_ref(),
    };
    report.close(&summary, &table, &ran, output.as_deref())?;

    Ok(if summary.interrupted {
        ExitCode::from(INTERRUPTED)
    } else if summary.failed > 0 && !args.output.keep_going {
        ExitCode::from(SOME_FRAMES_FAILED)
    } else {
        ExitCode::SUCCESS
    })
}

/// Where the NeXus file goes, if one is written.
fn output_path(args: &Args) -> Option<PathBuf> {
    let output = &args.output;
    if output.output.is_some() || output.export.is_some() || output.plot.is_some() || output.json {
        return output.output.clone();
    }
    let stem = args.input.file_stem().unwrap_or_default().to_string_lossy();
    Some(PathBuf::from(format!("{stem}_azint.h5")))
}
