//! `debye technique`

use super::arguments::{Frames, frames, number, pair};
use super::frames_args::FramesArgs;
use super::text::Table as TextTable;
use super::{NOT_ACCEPTABLE, Outcome};
use crate::out::say;
use clap::Args as ClapArgs;
use debye::lossy::Chain;
use debye::source::{self, FrameSource};
use debye::stack::Stack;
use debye::technique::{self, Bound, Delta, Limits, Settings, Study, Verdict};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::error::Error;
use std::ops::Range;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    /// powder, saxs, mx, xpcs, imaging or spectroscopy
    #[arg(required_unless_present = "list")]
    name: Option<String>,
    /// Tell which techniques there are, what they need and which limits they hold to
    #[arg(long, conflicts_with = "name")]
    list: bool,
    /// HDF5 file of the frames as they were recorded
    #[arg(long, value_name = "FILE", required_unless_present = "list")]
    original: Option<PathBuf>,
    /// HDF5 file of what became of them
    #[arg(long, value_name = "FILE", required_unless_present_any = ["list", "lossy"])]
    altered: Option<PathBuf>,
    /// Alter the original frames instead: threshold:N, sqrt:N, truncate:BITS, bin:N, joined by +
    #[arg(long, value_name = "STEPS", conflicts_with = "altered")]
    lossy: Option<Chain>,
    /// Each altered frame is the sum of N original ones
    #[arg(long, value_name = "N", default_value_t = 1, requires = "altered", value_parser = clap::value_parser!(u32).range(1..))]
    summed: u32,
    /// Data set in the original's file; searched for when absent
    #[arg(long, value_name = "PATH")]
    dataset: Option<String>,
    /// Data set in the altered frames' file; searched for when absent
    #[arg(long, value_name = "PATH", requires = "altered")]
    altered_dataset: Option<String>,
    /// Frames of the original, such as 0..100; all are held in memory [default: all]
    #[arg(long, value_name = "RANGE", value_parser = frames)]
    frames: Option<Frames>,
    /// Set what is acceptable: TECHNIQUE.DELTA=NUMBER, several times
    #[arg(long, value_name = "LIMIT")]
    limit: Vec<String>,
    /// End with code 4 if a limit is not kept
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    geometry: FramesArgs,
    #[command(flatten)]
    settings: SettingsArgs,
    /// Print one JSON object on standard output, no progress
    #[arg(long)]
    json: bool,
}

/// What the techniques are told.
#[derive(ClapArgs)]
#[command(next_help_heading = "Settings of techniques")]
struct SettingsArgs {
    /// powder: position of a peak in --unit, several times [default: the 8 clearest]
    #[arg(long, value_name = "X", value_parser = number)]
    peak: Vec<f64>,
    /// saxs: range in q of Guinier's line [default: up to q Rg = 1.3]
    #[arg(long, value_name = "A,B", value_parser = pair)]
    guinier: Option<[f64; 2]>,
    /// saxs: range in q of Porod's line [default: the last third]
    #[arg(long, value_name = "A,B", value_parser = pair)]
    porod: Option<[f64; 2]>,
    /// mx: standard deviations by which a spot's pixels stand out
    #[arg(long, value_name = "N", value_parser = number, default_value = "3")]
    spot_sigma: f64,
    /// mx: pixels of a spot, at least
    #[arg(long, value_name = "N", default_value_t = 2)]
    spot_pixels: usize,
    /// xpcs: rings of equal width, where there is a geometry
    #[arg(long, value_name = "N", default_value_t = 4)]
    rings: usize,
    /// xpcs: a rectangle, several times: first row, first column, rows, columns
    #[arg(long, value_name = "R,C,H,W", value_parser = rectangle)]
    roi: Vec<[usize; 4]>,
    /// xpcs: time from frame to frame in s
    #[arg(long, value_name = "S", value_parser = number)]
    frame_time: Option<f64>,
    /// imaging: range of the values [default: the largest of the original]
    #[arg(long, value_name = "COUNTS", value_parser = number)]
    data_range: Option<f64>,
    /// spectroscopy: energy runs down the columns
    #[arg(long)]
    along_rows: bool,
    /// spectroscopy: first pixel of the line and the one behind its last [default: about the maximum]
    #[arg(long, value_name = "A,B", value_parser = line)]
    line: Option<[usize; 2]>,
}

fn whole<const N: usize>(text: &str) -> Result<[usize; N], String> {
    let parsed = text.split(',').map(|part| part.trim().parse::<usize>());
    let values = parsed.collect::<Result<Vec<usize>, _>>().ok().and_then(|values| values.try_into().ok());
    values.ok_or_else(|| format!("{N} whole numbers with commas between them are needed"))
}

fn rectangle(text: &str) -> Result<[usize; 4], String> {
    whole(text)
}

fn line(text: &str) -> Result<[usize; 2], String> {
    whole(text)
}

impl SettingsArgs {
    fn settings(self) -> Settings {
        Settings {
            peaks: self.peak,
            guinier: self.guinier,
            porod: self.porod,
            spot_sigma: self.spot_sigma,
            spot_pixels: self.spot_pixels,
            rings: self.rings,
            rois: self.roi,
            data_range: self.data_range,
            along_rows: self.along_rows,
            line: self.line,
            ..Settings::default()
        }
    }
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let mut limits = Limits::default();
    args.limit.iter().try_for_each(|text| limits.set(text))?;
    if args.list {
        list(args.json, &limits);
        return Ok(ExitCode::SUCCESS);
    }
    let (Some(name), Some(path)) = (&args.name, &args.original) else {
        return Err("name a technique and --original".into());
    };
    let technique = technique::named(name)?;
    let frame_time = args.settings.frame_time;
    if frame_time.is_some_and(|time| time <= 0.0) {
        return Err("--frame-time is above 0".into());
    }
    let settings = args.settings.settings();
    let mut source = source::open(path, args.dataset.as_deref())?;
    let info = source.info().clone();
    let frames = args.frames.map_or(Ok(0..source.frames()), |frames| frames.within(source.frames()))?;
    let mask = args.geometry.mask(&info)?;
    let table = args.geometry.table(&info)?;
    let max_valid = args.geometry.max_valid(&info)?;
    let bar = if args.json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    bar.set_style(ProgressStyle::with_template("{bar:32} {pos}/{len} frames read  {eta} left")?);
    let original = read(&mut *source, frames.clone(), max_valid, &mask, &bar)?;
    let altered = match (&args.lossy, &args.altered) {
        (Some(steps), _) => steps.apply(&original, max_valid)?,
        (None, Some(path)) => {
            let mut other = source::open(path, args.altered_dataset.as_deref())?;
            let range = altered_frames(frames, args.summed, other.frames())?;
            let max_valid = args.geometry.max_valid(other.info())?;
            let stack = read(&mut *other, range, max_valid, &mask, &bar)?;
            summed(stack, original.frames().len(), args.summed)?
        }
        (None, None) => return Err("give --altered or --lossy".into()),
    };
    bar.finish_and_clear();
    let study = Study {
        original: &original,
        altered: &altered,
        table: table.as_deref(),
        frame_time,
        limits: &limits,
        settings: &settings,
    };
    let verdict = technique::judge(technique, &study)?;
    let acceptable = verdict.acceptable();
    if args.json {
        let mut object = serde_json::to_value(&verdict)?;
        object["acceptable"] = acceptable.into();
        say!("{object:#}");
    } else {
        print(&verdict);
    }
    Ok(if args.check && !acceptable { ExitCode::from(NOT_ACCEPTABLE) } else { ExitCode::SUCCESS })
}

fn read(
    source: &mut dyn FrameSource,
    frames: Range<usize>,
    max_valid: u32,
    mask: &[bool],
    bar: &ProgressBar,
) -> Result<Stack, Box<dyn Error>> {
    let shape = source.info().shape;
    if mask.len() != shape[0] * shape[1] {
        let [rows, columns] = shape;
        return Err(
            format!("the altered frames have {rows} x {columns} pixels, the original ones {}", mask.len()).into()
        );
    }
    bar.set_length(frames.len() as u64);
    Ok(Stack::read(source, frames, max_valid, mask, |done| bar.set_position(done as u64))?)
}

/// The altered frames that hold `frames` of the original.
fn altered_frames(frames: Range<usize>, summed: u32, there: usize) -> Result<Range<usize>, String> {
    let summed = summed as usize;
    if !frames.start.is_multiple_of(summed) {
        return Err(format!(
            "--frames begins at {}: with --summed {summed} it begins at a multiple of that",
            frames.start
        ));
    }
    let range = frames.start / summed..frames.end.div_ceil(summed);
    match range.end <= there {
        true => Ok(range),
        false => Err(format!(
            "{} original frames need {} altered ones, there are {there}: give --frames, or --summed if they were added up",
            frames.len(),
            range.end
        )),
    }
}

fn summed(stack: Stack, originals: usize, summed: u32) -> Result<Stack, Box<dyn Error>> {
    let held = |frame: usize| (originals - frame * summed as usize).min(summed as usize) as u32;
    let exposures = (0..stack.frames().len()).map(held).collect();
    Ok(stack.holding(exposures)?)
}

fn list(as_json: bool, limits: &Limits) {
    let limit = |technique: &str, name: &str| limits.of(technique, name);
    if as_json {
        let all: Vec<_> = technique::ALL
            .iter()
            .map(|one| {
                let needs = one.needs();
                let known = one.limits().iter().map(|known| {
                    json!({ "name": known.name, "bound": known.bound, "limit": limit(one.name(), known.name) })
                });
                json!({
                    "name": one.name(), "title": one.title(), "does": one.describe(), "limits": known.collect::<Vec<_>>(),
                    "needs": { "geometry": needs.geometry, "q": needs.q, "frames": needs.frames },
                })
            })
            .collect();
        say!("{:#}", json!(all));
        return;
    }
    for one in technique::ALL {
        let needs = one.needs();
        let geometry = if needs.geometry { ", a geometry" } else { "" };
        say!("{}: {} (needs {} frames or more{geometry})", one.name(), one.describe(), needs.frames);
        for known in one.limits() {
            let side = if known.bound == Bound::AtMost { "<=" } else { ">=" };
            let name = format!("{}.{}", one.name(), known.name);
            match limit(one.name(), known.name) {
                Some(limit) => say!("  {name:<38} {side} {:<8.4} {}", limit.value, limit.source),
                None => say!("  {name:<38} {side} -        set by the user alone"),
            }
        }
    }
}

fn print(verdict: &Verdict) {
    say!("{}", verdict.title);
    for (name, value) in &verdict.settings {
        say!("  {name}: {value}");
    }
    let mut table = TextTable::new(&["delta", "value", "unit", "limit", ""]);
    for delta in &verdict.deltas {
        table.row(cells(delta));
    }
    table.print();
    for note in &verdict.notes {
        say!("note: {note}");
    }
    let limited = verdict.deltas.iter().filter(|delta| delta.limit.is_some()).count();
    let word = if verdict.acceptable() { "acceptable" } else { "NOT acceptable" };
    say!("{word}, by {limited} limits");
}

fn cells(delta: &Delta) -> Vec<String> {
    let limit = delta.limit.as_ref().map(|limit| {
        let side = if limit.bound == Bound::AtMost { "<=" } else { ">=" };
        format!("{side} {:.4}", limit.value)
    });
    let kept = match delta.acceptable {
        Some(true) => "ok",
        Some(false) => "NOT KEPT",
        None => "",
    };
    let value = delta.value.map_or("none".into(), |value| format!("{value:.6}"));
    vec![delta.name.clone(), value, delta.unit.clone(), limit.unwrap_or_default(), kept.into()]
}
