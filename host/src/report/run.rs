//! The sections in their order, each taken from the journal where an earlier run finished it.

use super::equality::Contender;
use super::frames::Picked;
use super::journal::{self, Journal};
use super::machine::Machine;
use super::model::{LAYOUT, Report, Run, Section};
use super::planning::Wish;
use super::{ReportError, csv, equality, facts, figures, lossless, lossy, page, planning, provenance, reduction};
use crate::beside::Beside;
use crate::geometry::{Detector, Geometry, RadialUnit};
use crate::metrics::codecs::Codec;
use crate::nexus::time::iso8601;
use crate::source::FrameSource;
use crate::table::{self, BuildError, Request, Split, Table};
use debye_spec::Job;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant, SystemTime};

/// What frames are integrated with.
#[derive(Clone)]
pub struct Setting {
    /// The table.
    pub table: Arc<Table>,
    /// Pixel type and rules.
    pub job: Job,
    /// No geometry was given: the table holds bins of a detector that nobody has, so that sums can be made and compared.
    pub stand_in: bool,
}

/// Bins of the stand-in are as wide as these pixels, in m, and a detector of them stands this far away.
const STAND_IN: [f64; 2] = [1e-4, 0.1];

impl Setting {
    /// For frames without a geometry.
    ///
    /// # Errors
    /// The mask has another shape, or no pixel is left.
    pub fn stand_in(
        shape: [usize; 2],
        mask: Vec<bool>,
        (bins, split): (usize, Split),
        job: Job,
    ) -> Result<Setting, BuildError> {
        let [pixel, distance] = STAND_IN;
        let detector =
            Detector { name: "none".into(), pixel1: pixel, pixel2: pixel, shape: Some(shape), orientation: 3 };
        let middle = |pixels: usize| pixels as f64 / 2.0 * pixel;
        let geometry = Geometry {
            detector,
            distance,
            poni1: middle(shape[0]),
            poni2: middle(shape[1]),
            rot1: 0.0,
            rot2: 0.0,
            rot3: 0.0,
            wavelength: None,
        };
        let table = table::build(&Request {
            geometry,
            shape,
            unit: RadialUnit::RadiusMm,
            radial_bins: bins,
            caked: false,
            azimuth_bins: None,
            radial_range: None,
            azimuth_range: None,
            split,
            mask,
            flat: None,
            solid_angle: true,
            polarization: None,
        })?;
        Ok(Setting { table: Arc::new(table), job, stand_in: true })
    }
}

/// What a report is asked for.
pub struct Options {
    /// Folder that it goes to.
    pub folder: PathBuf,
    /// Replace a report that is there.
    pub overwrite: bool,
    /// The command line as it was given.
    pub command_line: String,
    /// Frames of the source.
    pub frames: Vec<usize>,
    /// PONI file, masks, flat field: named by their hashes.
    pub beside: Vec<PathBuf>,
    /// Lossless codecs.
    pub codecs: Vec<Codec>,
    /// Threads.
    pub threads: usize,
    /// How long each rate is measured.
    pub time: Duration,
    /// Lossy operations and techniques.
    pub lossy: lossy::Wish,
    /// Engines.
    pub contenders: Vec<Contender>,
    /// Frames that all engines do.
    pub equality_frames: usize,
    /// Rates to plan for.
    pub planning: Option<Wish>,
}

/// What is told while a report is made.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A section begins.
    Section(&'static str),
    /// An earlier run had finished a section.
    TakenUp(&'static str),
    /// How far a section is, in units of its own.
    Beat {
        /// Units done.
        done: usize,
        /// Units in all.
        of: usize,
    },
}

/// Told how far a section is.
#[derive(Clone, Copy)]
pub struct Beat<'a> {
    /// Ends the run.
    pub stop: &'a AtomicBool,
    tell: &'a (dyn Fn(Event) + Sync),
}

impl Beat<'_> {
    /// So many units of so many are done.
    pub fn at(&self, done: usize, of: usize) {
        (self.tell)(Event::Beat { done, of });
    }
}

/// Pictures of a section, by name, as SVG.
pub type Pictures = BTreeMap<String, String>;

/// Sections on their way into a report.
struct Sections<'a> {
    journal: Journal,
    /// What every section depends on.
    base: String,
    beat: Beat<'a>,
    seconds: BTreeMap<String, f64>,
    taken_up: Vec<String>,
    pictures: Pictures,
}

impl Sections<'_> {
    /// A section: from the journal, or by `work`. `depends` is what it depends on beside the data.
    fn get<T: Serialize + DeserializeOwned>(
        &mut self,
        name: &'static str,
        depends: &str,
        work: impl FnOnce(&Beat<'_>, &mut Pictures) -> Result<T, ReportError>,
    ) -> Result<T, ReportError> {
        let key = journal::key(&[&self.base, name, depends]);
        if let Some((content, entry)) = self.journal.find::<T>(name, &key) {
            (self.beat.tell)(Event::TakenUp(name));
            self.seconds.insert(name.into(), entry.seconds);
            self.taken_up.push(name.into());
            self.pictures.extend(entry.pictures);
            return Ok(content);
        }
        (self.beat.tell)(Event::Section(name));
        let (started, mut pictures) = (Instant::now(), Pictures::new());
        let content = work(&self.beat, &mut pictures)?;
        let seconds = started.elapsed().as_secs_f64();
        self.journal.keep(name, &key, &content, &pictures, seconds)?;
        self.seconds.insert(name.into(), seconds);
        self.pictures.extend(pictures);
        Ok(content)
    }
}

/// Makes a report of frames of `source` and writes it. What is finished when it is stopped is kept in the folder.
///
/// # Errors
/// [`ReportError`].
pub fn run(
    source: &mut dyn FrameSource,
    setting: &Setting,
    options: &Options,
    stop: &AtomicBool,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<Report, ReportError> {
    let started = SystemTime::now();
    let folder = &options.folder;
    let targets = ["report.html", "report.json", "report.csv"].map(|name| folder.join(name));
    if !options.overwrite && targets.iter().any(|target| target.exists()) {
        return Err(ReportError::Exists(folder.clone()));
    }
    fs::create_dir_all(folder).map_err(|error| ReportError::Io { path: folder.clone(), error })?;

    let beat = Beat { stop, tell };
    let mut picked = Picked::new(source, options.frames.clone());
    tell(Event::Section("hash"));
    let files = hashes(&picked.info().files.clone(), &beat)?;
    let beside = hashes(&options.beside, &beat)?;
    let hashed = files.iter().chain(&beside).map(|file| file.sha256.as_str()).collect::<Vec<_>>().join(" ");
    let base = journal::key(&[
        crate::VERSION,
        &LAYOUT.to_string(),
        &hashed,
        &picked.info().dataset,
        &format!("{:?}", options.frames),
        &setting.table.hash_hex(),
        &format!("{:?} {}", setting.job, setting.stand_in),
    ]);
    let mut sections = Sections {
        journal: Journal::open(folder),
        base,
        beat,
        seconds: BTreeMap::new(),
        taken_up: Vec::new(),
        pictures: Pictures::new(),
    };
    let mut provenance = provenance::gather(&picked, setting, files, beside);

    let facts = sections.get("facts", "", |beat, pictures| facts::gather(&mut picked, setting, beat, pictures))?;
    provenance.pixels_sha256.clone_from(&facts.pixels_sha256);
    provenance.failed.clone_from(&facts.failed);

    let (threads, time) = (options.threads, options.time);
    let depends = format!("{:?} {threads} {time:?}", options.codecs);
    let lossless = sections
        .get("lossless", &depends, |beat, _| lossless::measure(&mut picked, &options.codecs, threads, time, beat))?;

    let wish = &options.lossy;
    let lossy = sections
        .get("lossy", &wish.key(), |beat, _| lossy::measure(&mut picked, setting, wish, &provenance.fields, beat))?;

    let depends = format!("{depends} {threads}");
    let reduction = sections.get("reduction", &depends, |beat, pictures| {
        reduction::measure(&mut picked, setting, &lossless, (threads, time), folder, beat, pictures)
    })?;

    let names: Vec<&str> = options.contenders.iter().map(|contender| contender.name.as_str()).collect();
    let depends = format!("{names:?} {}", options.equality_frames);
    let equality = sections.get("equality", &depends, |beat, _| {
        equality::measure(&mut picked, setting, &options.contenders, options.equality_frames, beat)
    })?;

    let planning = match &options.planning {
        None => Section::NotRun {
            why: "no detector's rate was given: --detector-rate says how many frames a second".into(),
        },
        Some(wish) => match planning::plan(wish, &lossless, &reduction) {
            Some(planning) => Section::Done(planning),
            None => Section::NotRun { why: "no codec was measured that chunks could be planned with".into() },
        },
    };
    let Sections { journal, seconds, taken_up, pictures, .. } = sections;
    let run = Run {
        started: iso8601(started),
        ended: iso8601(SystemTime::now()),
        command_line: options.command_line.clone(),
        machine: Machine::here(),
        seconds,
        taken_up,
    };
    let report = Report {
        debye_report: LAYOUT,
        run,
        provenance,
        facts: Section::Done(facts),
        lossless: Section::Done(lossless),
        lossy,
        reduction: Section::Done(reduction),
        equality: Section::Done(equality),
        planning,
    };
    write(&report, &pictures, &targets)?;
    journal.close()?;
    Ok(report)
}

/// Hashes of files.
fn hashes(files: &[PathBuf], beat: &Beat<'_>) -> Result<Vec<provenance::FileFact>, ReportError> {
    let sizes: Vec<u64> = files.iter().map(|file| fs::metadata(file).map_or(0, |file| file.len())).collect();
    // In MiB, so that it fits any `usize`.
    let of = (sizes.iter().sum::<u64>() >> 20) as usize;
    let mut before = 0;
    let hash = |(path, size): (&PathBuf, &u64)| {
        let fact = provenance::file_fact(path, beat.stop, &mut |bytes| beat.at(((before + bytes) >> 20) as usize, of));
        before += size;
        fact
    };
    files.iter().zip(&sizes).map(hash).collect()
}

/// Writes the three files.
fn write(report: &Report, pictures: &Pictures, [html, json, table]: &[PathBuf; 3]) -> Result<(), ReportError> {
    let wrong = |error: serde_json::Error| ReportError::Io { path: json.clone(), error: error.into() };
    let mut text = serde_json::to_string_pretty(report).map_err(wrong)?;
    text.push('\n');
    put(html, &page(report, pictures)?)?;
    put(table, &csv(&figures(report)))?;
    // The last one: where it is, the report is whole.
    put(json, &text)
}

fn put(path: &Path, text: &str) -> Result<(), ReportError> {
    Ok(Beside::filled(path, true, |out| out.write_all(text.as_bytes()))?.commit()?)
}
