//! `debye triage`

mod list;

use super::arguments::{Frames, frames, number};
use super::frames_args::mask_of;
use super::prepare::max_valid;
use super::{INTERRUPTED, Outcome, SOME_FRAMES_FAILED, command_line, interrupt};
use crate::out::say;
use clap::{Args as ClapArgs, ValueEnum};
use debye::beside::Beside;
use debye::geometry::poni;
use debye::nexus::Output;
use debye::source::{self, FrameSource, SourceInfo};
use debye::spots::Rule;
use debye::triage::rings::Rings;
use debye::triage::{self, About, Class, Decision, Features, Measure, Rules, TriageError, decide};
use debye_spec::{Status, ValidRule};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::error::Error;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Spots of a hit when no criterion is given.
const DEFAULT_SPOTS: usize = 15;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    /// HDF5 file of frames
    input: PathBuf,
    /// Where to write the kept frames, as a virtual data set
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Where to write the list: .csv (all frames with what was measured), .json (the same), .txt (numbers of the kept frames)
    /// [default: the output's name with .csv]
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// Data set in the file; searched for when absent
    #[arg(long, value_name = "PATH")]
    dataset: Option<String>,
    /// Frames to look at, such as 0..1000 [default: all]
    #[arg(long, value_name = "RANGE", value_parser = frames)]
    frames: Option<Frames>,
    /// Which frames are kept
    #[arg(long, value_enum, default_value_t = Keep::Hits)]
    keep: Keep,
    /// Replace outputs that exist
    #[arg(long)]
    overwrite: bool,
    /// Print one JSON object on standard output, no progress
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    criteria: Criteria,
    #[command(flatten)]
    pixels: PixelArgs,
}

/// Which frames are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Keep {
    /// Those that meet every criterion.
    Hits,
    /// Those that are lit, and hits.
    Lit,
}

/// What makes a frame lit, and a hit.
#[derive(ClapArgs)]
#[command(next_help_heading = "Criteria (a hit meets all that are given; --spots 15 if none is)")]
struct Criteria {
    /// Mean counts of a pixel above which a frame is lit [default: found from the frames]
    #[arg(long, value_name = "COUNTS", value_parser = number)]
    lit_above: Option<f64>,
    /// A hit has N spots or more
    #[arg(long, value_name = "N")]
    spots: Option<usize>,
    /// Standard deviations by which a spot's pixels stand out
    #[arg(long, value_name = "N", value_parser = number, default_value = "3")]
    spot_sigma: f64,
    /// Pixels of a spot, at least
    #[arg(long, value_name = "N", default_value_t = 2)]
    spot_pixels: usize,
    /// A hit has N pixels or more above --threshold (or above that of --statistics)
    #[arg(long, value_name = "N")]
    pixels: Option<u32>,
    /// Counts that --pixels are above
    #[arg(long, value_name = "V")]
    threshold: Option<u32>,
    /// A hit has N pixels or more that stand out of their ring
    #[arg(long, value_name = "N")]
    outliers: Option<usize>,
    /// Standard deviations by which they stand out
    #[arg(long, value_name = "N", value_parser = number, default_value = "6")]
    outlier_sigma: f64,
    /// Rings of equal width, about the beam with --poni, else about the frame's centre
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rings: u32,
    /// Take the statistics from an output of `debye integrate` (of a card or the CPU) and decode nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["spots", "outliers", "mask", "max_valid", "threshold"])]
    statistics: Option<PathBuf>,
}

/// Which pixels count.
#[derive(ClapArgs)]
#[command(next_help_heading = "Geometry and pixels")]
struct PixelArgs {
    /// PONI file (pyFAI): its detector's gaps are masked, and rings are about its beam
    #[arg(long, value_name = "FILE")]
    poni: Option<PathBuf>,
    /// Mask (.npy, .edf, .tif, .h5 or FILE.h5::/path; not zero = masked); may be given several times
    #[arg(long, value_name = "FILE")]
    mask: Vec<String>,
    /// Largest valid value [default: below the type's two top codes, at most 2^28 - 1]
    #[arg(long, value_name = "V")]
    max_valid: Option<u32>,
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let criteria = &args.criteria;
    if criteria.pixels.is_some() && criteria.threshold.is_none() && criteria.statistics.is_none() {
        return Err("--pixels needs --threshold: pixels above which value?".into());
    }
    if !(criteria.spot_sigma > 0.0 && criteria.outlier_sigma > 0.0) {
        return Err("--spot-sigma and --outlier-sigma are above 0".into());
    }
    let mut source = source::open(&args.input, args.dataset.as_deref())?;
    let list = args.list.clone().unwrap_or_else(|| args.output.with_extension("csv"));
    check_targets(source.info(), &args, &list)?;
    let format = list::Format::of(&list)?;
    let frames = args.frames.map_or(Ok(0..source.frames()), |frames| frames.within(source.frames()))?;
    // Both names are taken before any work is done.
    let list_file = Beside::create(&list, args.overwrite)?;
    Beside::create(&args.output, args.overwrite)?;
    let rules = rules(&args)?;
    let features = match &criteria.statistics {
        Some(path) => from_output(path, source.info(), frames)?,
        None => match measured(&mut *source, &args, &rules, frames) {
            Err(error) if matches!(error.downcast_ref(), Some(TriageError::Interrupted { .. })) => {
                eprintln!("{error}");
                return Ok(ExitCode::from(INTERRUPTED));
            }
            outcome => outcome?,
        },
    };
    let decision = decide(&rules, &features);
    let keep = |class: Class| class == Class::Hit || (args.keep == Keep::Lit && class == Class::Lit);
    let kept: Vec<usize> = (0..features.len()).filter(|&at| keep(decision.classes[at])).collect();
    list::write(list_file.path(), format, &features, &decision, &kept)
        .map_err(|error| format!("cannot write {}: {error}", list.display()))?;
    let command_line = command_line();
    let text = serde_json::to_string(&described(&args, &rules))?;
    let about =
        About { features: &features, decision: &decision, kept: &kept, rules: &text, command_line: &command_line };
    triage::write(&args.output, args.overwrite, &*source, &about)?;
    list_file.commit()?;
    tell(&args, &list, &rules, &features, &decision, &kept);
    let failed = features.iter().any(|one| one.failed.is_some());
    Ok(if failed { ExitCode::from(SOME_FRAMES_FAILED) } else { ExitCode::SUCCESS })
}

fn check_targets(info: &SourceInfo, args: &Args, list: &Path) -> Result<(), String> {
    let same = |a: &Path, b: &Path| a == b || a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b));
    let read = || info.files.iter().chain(&args.criteria.statistics).chain(&args.pixels.poni);
    for target in [args.output.as_path(), list] {
        if read().any(|file| same(file, target)) {
            return Err(format!("{} is read by this run: give the output another name", target.display()));
        }
    }
    match same(&args.output, list) {
        true => Err(format!("{} is the name of two outputs: give each its own", list.display())),
        false => Ok(()),
    }
}

fn rules(args: &Args) -> Result<Rules, String> {
    let criteria = &args.criteria;
    let named = criteria.spots.is_some() || criteria.pixels.is_some() || criteria.outliers.is_some();
    let by_default = !named && args.keep == Keep::Hits;
    if by_default && criteria.statistics.is_some() {
        return Err("statistics tell no spots: give --pixels, or --keep lit".into());
    }
    Ok(Rules {
        lit_above: criteria.lit_above,
        pixels: criteria.pixels,
        spots: criteria.spots.or(by_default.then_some(DEFAULT_SPOTS)),
        outliers: criteria.outliers,
    })
}

/// The rules with what they rest on.
fn described(args: &Args, rules: &Rules) -> serde_json::Value {
    let criteria = &args.criteria;
    json!({
        "keep": if args.keep == Keep::Hits { "hits" } else { "lit" },
        "lit_above": rules.lit_above,
        "spots": rules.spots,
        "spot_sigma": criteria.spot_sigma,
        "spot_pixels": criteria.spot_pixels,
        "pixels": rules.pixels,
        "threshold": criteria.threshold,
        "outliers": rules.outliers,
        "outlier_sigma": criteria.outlier_sigma,
        "rings": criteria.rings,
        "statistics": criteria.statistics,
    })
}

fn measured(
    source: &mut dyn FrameSource,
    args: &Args,
    rules: &Rules,
    frames: Range<usize>,
) -> Result<Vec<Features>, Box<dyn Error>> {
    let (info, criteria) = (source.info().clone(), &args.criteria);
    let mask = mask_of(&args.pixels.mask, args.pixels.poni.as_deref(), &info)?;
    let rule = ValidRule::new(info.element, max_valid(args.pixels.max_valid, &info)?);
    let outliers = match (rules.outliers, &args.pixels.poni) {
        (None, _) => None,
        (Some(_), Some(path)) => {
            Some(Rings::of_geometry(&poni::read(path)?, info.shape, &mask, criteria.rings as usize))
        }
        (Some(_), None) => Some(Rings::of_frame(info.shape, &mask, criteria.rings as usize)),
    };
    let measure = Measure {
        shape: info.shape,
        threshold: criteria.threshold.unwrap_or(u32::MAX),
        spots: rules.spots.map(|_| Rule { sigma: criteria.spot_sigma, pixels: criteria.spot_pixels }),
        outliers: outliers.map(|rings| (rings, criteria.outlier_sigma)),
    };
    let bar = if args.json { ProgressBar::hidden() } else { ProgressBar::new(frames.len() as u64) };
    bar.set_style(ProgressStyle::with_template("{bar:32} {pos}/{len} frames  {per_sec}  {eta} left")?);
    let stop = interrupt::flag()?;
    let outcome = triage::measure(source, frames, rule, &mask, &measure, stop, |done| bar.set_position(done as u64));
    bar.finish_and_clear();
    Ok(outcome?)
}

/// Features by the statistics of an output of `debye integrate`.
fn from_output(path: &Path, info: &SourceInfo, frames: Range<usize>) -> Result<Vec<Features>, Box<dyn Error>> {
    let output = Output::open(path)?;
    if output.description.shape != info.shape || output.dataset != info.dataset {
        return Err(format!(
            "{} was made of {} in {}, not of {} in {}",
            path.display(),
            output.dataset,
            output.input,
            info.dataset,
            info.file.display()
        )
        .into());
    }
    let rows = output.statistics()?;
    let all = output.frames.iter().zip(&output.status).zip(&rows).map(|((&frame, &status), row)| {
        let features = triage::from_statistics(frame as usize, row);
        let failed = (status != Status::Ok.code()).then(|| format!("status {status} in {}", path.display()));
        Features { failed, ..features }
    });
    let features: Vec<Features> = all.filter(|one| frames.contains(&one.frame)).collect();
    match features.is_empty() {
        true => Err(format!("{} holds none of the frames {frames:?}", path.display()).into()),
        false => Ok(features),
    }
}

fn tell(args: &Args, list: &Path, rules: &Rules, features: &[Features], decision: &Decision, kept: &[usize]) {
    let count = |class: Class| decision.classes.iter().filter(|&&one| one == class).count();
    if args.json {
        let object = json!({
            "frames": features.len(),
            "dark": count(Class::Dark),
            "lit": count(Class::Lit),
            "hits": count(Class::Hit),
            "failed": count(Class::Failed),
            "kept": kept.iter().map(|&at| features[at].frame).collect::<Vec<_>>(),
            "lit_above": decision.lit_above,
            "lit_above_given": decision.lit_above_given,
            "rules": described(args, rules),
            "output": args.output,
            "list": list,
        });
        say!("{object}");
        return;
    }
    say!(
        "{} frames: {} hits, {} others lit, {} dark, {} failed",
        features.len(),
        count(Class::Hit),
        count(Class::Lit),
        count(Class::Dark),
        count(Class::Failed)
    );
    let how = if decision.lit_above_given { "given" } else { "found" };
    say!("lit above {:.4} counts a pixel ({how})", decision.lit_above);
    say!("{} kept: {}", kept.len(), args.output.display());
    say!("list: {}", list.display());
}
