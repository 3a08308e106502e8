//! `debye report`: what compression and reduction of a data set cost, on one page.

mod args;
mod compare;
mod engines;

pub use args::Args;

use super::prepare::{self, Prepared};
use super::targets::{self, Named};
use super::text::Table;
use super::{INTERRUPTED, Outcome, SOME_FRAMES_FAILED, command_line, interrupt};
use crate::out::say;
use args::{Command, ReportArgs};
use debye::report::{self, Event, LossyWish, Options, Report, ReportError, Setting};
use debye::source::{self, SourceInfo};
use debye::technique::{self, Limits, Settings};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::error::Error;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    match args.command {
        Some(Command::Compare(args)) => compare::run(&args),
        None => make(&args.report),
    }
}

fn make(args: &ReportArgs) -> Outcome {
    let stop = interrupt::flag()?;
    let (input, output) = args.paths()?;
    let time = Duration::try_from_secs_f64(args.seconds).map_err(|_| "--seconds must be a time, 0 or more")?;
    let mut source = source::open(input, args.dataset.as_deref())?;
    let info = source.info().clone();
    let named = Named { input, geometry: &args.geometry, pixels: &args.pixels };
    let written = ["report.html", "report.json", "report.csv"].map(|name| output.join(name));
    targets::check(&info, &named, &written.each_ref().map(|path| Some(path.as_path())))?;
    let frames = args.frames.within(source.frames())?;
    let lossy = lossy(args)?;
    let contenders = engines::contenders(args)?;
    let setting = setting(args, &info)?;
    let threads = args.threads.or(std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let files = args.geometry.poni.iter().chain(&args.geometry.table).cloned();
    let specs = args.pixels.mask.iter().chain(&args.pixels.flat);
    let options = Options {
        folder: output.clone(),
        overwrite: args.overwrite,
        command_line: command_line(),
        frames: report::chosen(frames, args.most.get()),
        beside: files.chain(specs.map(|spec| PathBuf::from(spec.split("::").next().unwrap_or(spec)))).collect(),
        codecs: args.codecs.clone(),
        threads,
        time,
        lossy,
        contenders,
        equality_frames: args.engine_frames.get(),
        planning: args.planning.wish(),
    };
    let bar = bar(args.quiet || args.json)?;
    let tell = |event: Event| match event {
        Event::Section(name) => {
            bar.set_length(0);
            bar.set_position(0);
            bar.set_message(name);
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Event::TakenUp(name) => bar.println(format!("{name}: taken up from the run before")),
        Event::Beat { done, of } => {
            bar.set_length(of as u64);
            bar.set_position(done as u64);
        }
    };
    let made = report::run(&mut *source, &setting, &options, stop, &tell);
    bar.finish_and_clear();
    let report = match made {
        Err(ReportError::Stopped) => {
            eprintln!("{}", ReportError::Stopped);
            return Ok(ExitCode::from(INTERRUPTED));
        }
        made => made?,
    };
    if args.json {
        say!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print(&report);
        say!("written {}", written[0].display());
    }
    let lossless = report.lossless.done().is_none_or(|found| found.codecs.iter().all(|codec| codec.lossless));
    let equal = report.equality.done().is_none_or(|found| found.all_equal());
    match (lossless, equal) {
        (true, true) if report.provenance.failed.is_empty() => Ok(ExitCode::SUCCESS),
        (true, true) => Ok(ExitCode::from(SOME_FRAMES_FAILED)),
        (false, _) => Err("pixels did not come back from a codec: the report tells which".into()),
        (true, false) => Err("engines differ: the report tells where".into()),
    }
}

/// The table of the geometry, or of a stand-in.
fn setting(args: &ReportArgs, info: &SourceInfo) -> Result<Setting, Box<dyn Error>> {
    if args.geometry.poni.is_some() || args.geometry.table.is_some() {
        let Prepared { table, job, .. } = prepare::prepare(&args.geometry, &args.pixels, info)?;
        return Ok(Setting { table, job, stand_in: false });
    }
    let job = prepare::job(&args.pixels, info)?;
    let mask = prepare::mask(&args.pixels.mask, info)?;
    Ok(Setting::stand_in(info.shape, mask, (args.geometry.bins.get() as usize, args.geometry.split), job)?)
}

fn lossy(args: &ReportArgs) -> Result<LossyWish, Box<dyn Error>> {
    let mut limits = Limits::default();
    args.limit.iter().try_for_each(|text| limits.set(text))?;
    let settings = match &args.settings {
        None => Settings::default(),
        Some(path) => {
            let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
            let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
            serde_json::from_str(&text).map_err(|error| failed(&error))?
        }
    };
    let techniques = args.technique.iter().map(|name| technique::named(name)).collect::<Result<Vec<_>, _>>()?;
    if args.lossy.is_empty() && !techniques.is_empty() {
        return Err("--technique judges lossy operations: name some with --lossy, such as --lossy sqrt:0.5".into());
    }
    if let Some(time) = args.frame_time.filter(|time| *time <= 0.0) {
        return Err(format!("--frame-time {time} is not possible: it is above 0").into());
    }
    Ok(LossyWish {
        operations: args.lossy.clone(),
        techniques,
        limits,
        settings,
        frame_time: args.frame_time,
        frames: args.lossy_frames.get(),
    })
}

fn bar(hidden: bool) -> Result<ProgressBar, Box<dyn Error>> {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10));
    if hidden {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    bar.set_style(ProgressStyle::with_template("{spinner} {msg:12} {wide_bar} {pos}/{len}  {elapsed}")?);
    Ok(bar)
}

/// What there is to know at a glance.
fn print(report: &Report) {
    let provenance = &report.provenance;
    say!(
        "{} {}: {} of {} frames",
        provenance.input,
        provenance.dataset,
        provenance.frames.len(),
        provenance.frames_in_all
    );
    if let Some(facts) = report.facts.done() {
        let counts = &facts.counts;
        let bounds = facts.bounds.named().map(|(name, bits)| format!("{name} {bits:.3}"));
        say!(
            "  facts    mean {:.4}, {:.2} % zeros, {} invalid, {} masked",
            counts.mean,
            counts.zero_fraction * 100.0,
            counts.invalid,
            counts.masked
        );
        say!("  bounds   bit a pixel, knowing {}", bounds.join(", "));
    }
    if let Some(lossless) = report.lossless.done() {
        let mut table = Table::new(&["codec", "ratio", "bit a pixel", "encode GB/s", "decode GB/s", "came back"]);
        for codec in &lossless.codecs {
            let figures = [
                codec.ratio,
                codec.bits_per_pixel,
                codec.timing.encode_gb_per_s_core,
                codec.timing.decode_gb_per_s_core,
            ];
            let figures = figures.map(|figure| format!("{figure:.3}"));
            let back = if codec.lossless { "yes" } else { "NO" };
            table.row([codec.codec.clone()].into_iter().chain(figures).chain([back.into()]));
        }
        table.print();
    }
    if let Some(lossy) = report.lossy.done() {
        let mut table = Table::new(&["operation", "ratio", "max error", "NRMSE", "verdict"]);
        for one in &lossy.operations {
            let verdict = match one.acceptable {
                Some(true) => "acceptable",
                Some(false) => "not acceptable",
                None => "not judged",
            };
            let [ratio, most, nrmse] =
                [one.ratio, one.errors.max_abs, one.errors.nrmse].map(|value| format!("{value:.4}"));
            table.row([one.operation.clone(), ratio, most, nrmse, verdict.into()]);
        }
        table.print();
    }
    if let Some(equality) = report.equality.done() {
        for engine in &equality.engines {
            let said = match (&engine.not_run, &engine.difference) {
                (Some(why), _) => format!("not run: {why}"),
                (None, Some(difference)) => format!("DIFFERENT: {difference}"),
                (None, None) => format!("equal, CRC-32 {}", engine.result_crc32),
            };
            say!("  engine   {}: {said}", engine.engine);
        }
    }
    if let Some(planning) = report.planning.done() {
        for path in &planning.timing.paths {
            say!("  plan     {}: {:.0} frames/s, first {}", path.name, path.most_frames_per_s, path.first);
        }
    }
}
