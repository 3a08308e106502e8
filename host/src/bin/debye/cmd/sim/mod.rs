//! `debye sim`: frames through a simulated card.

mod args;
mod image;
mod report;

pub use args::Args;

use super::prepare::{Prepared, prepare};
use super::targets::{self, Named};
use super::{INTERRUPTED, Outcome, SOME_FRAMES_FAILED, interrupt};
use args::{Command, RunArgs};
use debye::engine::Engine;
use debye::engine::sim::SimEngine;
use debye::run::{self, Plan};
use debye::source;
use debye_sim::models;
use debye_sim::waves::Waves;
use report::Report;
use std::process::ExitCode;

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    match args.command {
        Command::Run(args) => run_frames(&args),
        Command::Image(args) => image::run(&args),
    }
}

fn run_frames(args: &RunArgs) -> Outcome {
    let stop = interrupt::flag()?;
    let mut source = source::open(&args.input, args.dataset.as_deref())?;
    let info = source.info().clone();
    let frames = args.frames.within(source.frames())?;
    let named = Named { input: &args.input, geometry: &args.geometry, pixels: &args.pixels };
    targets::check(&info, &named, &[args.waves.vcd.as_deref()])?;
    let waves = args.waves.plan(args.model)?;
    let Prepared { table, job, seconds: table_seconds } = prepare(&args.geometry, &args.pixels, &info)?;

    let mut report = Report::new(args, &info, frames.len());
    let model = report.building(|| models::card(args.model.into(), args.config(), waves.as_ref()))?;
    let mut engine = SimEngine::new(model, report.watch());
    engine.load(table.clone(), job)?;
    let plan = Plan { frames, follow: None };
    let summary = run::execute(&mut *source, &mut engine, &table, &plan, &mut [], stop, &mut |_, row| {
        report.frame(row);
    })?;
    let kept_going = summary.failed == 0 || args.keep_going;
    report.close(&mut engine, &summary, &table, table_seconds)?;
    // The file is whole once the model is gone.
    drop(engine);
    if let Some(failure) = waves.as_ref().and_then(Waves::failure) {
        return Err(format!("the waves are not whole: {failure}").into());
    }
    Ok(if summary.interrupted {
        ExitCode::from(INTERRUPTED)
    } else if kept_going {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(SOME_FRAMES_FAILED)
    })
}
