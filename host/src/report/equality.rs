//! Engine against engine, bit for bit: sums, statistics and the CRC-32 of the records.

use super::ReportError;
use super::frames::Picked;
use super::run::{Beat, Setting};
use crate::engine::{Engine, FrameJob};
use crate::frame::{FrameError, Payload};
use crate::source::FrameSource;
use debye_spec::{Bins, FrameResult, frame};
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Makes an engine, or says why there is none.
pub type Maker = Box<dyn Fn() -> Result<Box<dyn Engine>, String>>;

/// A way from chunk to bins.
pub enum Way {
    /// The definition.
    Spec,
    /// An engine.
    Engine(Maker),
}

/// A way by its name.
pub struct Contender {
    /// As it was asked for.
    pub name: String,
    /// How it is had.
    pub way: Way,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Equality {
    /// Frames that all of them did.
    pub frames: Vec<usize>,
    /// Bins.
    pub bins: usize,
    /// The geometry is a stand-in: none was given.
    pub stand_in: bool,
    /// The ways; each is compared with the first that was run.
    pub engines: Vec<EngineFigures>,
}

/// What a way came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EngineFigures {
    /// Its name.
    pub engine: String,
    /// Why it was not run.
    pub not_run: Option<String>,
    /// Frames that failed: the same ones in all, if they are equal.
    pub failed: usize,
    /// CRC-32 of the records of all frames ([`debye_spec::Bins::record`]).
    pub result_crc32: String,
    /// Whether all is as in the first way that was run.
    pub equal: bool,
    /// The first difference.
    pub difference: Option<String>,
    /// What it ran with, and how long.
    pub timing: Took,
}

/// What hangs on the machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Took {
    /// What the way is, in a line: threads and kernels, too.
    pub description: String,
    /// Seconds for all frames.
    pub seconds: f64,
}

impl Equality {
    /// Whether all that were run are equal.
    pub fn all_equal(&self) -> bool {
        self.engines.iter().all(|one| one.equal || one.not_run.is_some())
    }
}

type Results = Vec<Result<FrameResult, FrameError>>;

/// Runs all ways over the first `most` frames.
pub fn measure(
    picked: &mut Picked<'_>,
    setting: &Setting,
    contenders: &[Contender],
    most: usize,
    beat: &Beat<'_>,
) -> Result<Equality, ReportError> {
    let count = picked.frames().min(most);
    let frames = picked.numbers()[..count].to_vec();
    let payloads: Vec<Result<Payload, FrameError>> = (0..count).map(|frame| picked.read(frame)).collect();
    let mut reference: Option<Results> = None;
    let mut engines = Vec::new();
    for (number, Contender { name, way }) in contenders.iter().enumerate() {
        beat.at(number, contenders.len());
        if beat.stop.load(Ordering::Relaxed) {
            return Err(ReportError::Stopped);
        }
        let started = Instant::now();
        let ran = match way {
            Way::Spec => Ok(("the definition".into(), by_definition(setting, &payloads))),
            Way::Engine(make) => make().and_then(|mut engine| {
                let results = by_engine(&mut *engine, setting, &payloads)?;
                Ok((engine.describe(), results))
            }),
        };
        let seconds = started.elapsed().as_secs_f64();
        let figures = |description, not_run| EngineFigures {
            engine: name.clone(),
            not_run,
            failed: 0,
            result_crc32: String::new(),
            equal: false,
            difference: None,
            timing: Took { description, seconds },
        };
        engines.push(match ran {
            Err(why) => figures(String::new(), Some(why)),
            Ok((description, results)) => {
                let mut figures = figures(description, None);
                figures.failed = results.iter().filter(|result| result.is_err()).count();
                figures.result_crc32 = format!("{:08x}", crc(&results, setting.table.bins()));
                figures.difference = reference.as_ref().and_then(|reference| difference(reference, &results, &frames));
                figures.equal = figures.difference.is_none();
                reference.get_or_insert(results);
                figures
            }
        });
    }
    Ok(Equality { frames, bins: setting.table.bins(), stand_in: setting.stand_in, engines })
}

fn by_definition(setting: &Setting, payloads: &[Result<Payload, FrameError>]) -> Results {
    let table = setting.table.spec();
    let one = |payload: &Result<Payload, FrameError>| match payload {
        Err(error) => Err(error.clone()),
        Ok(Payload::Pixels(pixels)) => Ok(frame::integrate_pixels(pixels, &setting.job, &table)),
        Ok(chunk) => frame::integrate(&chunk.bytes(), &setting.job, &table).map_err(FrameError::from),
    };
    payloads.iter().map(one).collect()
}

fn by_engine(
    engine: &mut dyn Engine,
    setting: &Setting,
    payloads: &[Result<Payload, FrameError>],
) -> Result<Results, String> {
    engine.load(setting.table.clone(), setting.job).map_err(|error| error.to_string())?;
    let mut results: Vec<Option<Result<FrameResult, FrameError>>> = vec![None; payloads.len()];
    let mut take = |engine: &mut dyn Engine, wait: bool| -> Result<bool, String> {
        let Some(outcome) = engine.collect(wait).map_err(|error| error.to_string())? else { return Ok(false) };
        if let Some(place) = results.get_mut(outcome.index) {
            *place = Some(outcome.result);
        }
        Ok(true)
    };
    for (index, payload) in payloads.iter().enumerate() {
        let Ok(payload) = payload else { continue };
        while engine.room() == 0 && take(engine, true)? {}
        engine.submit(FrameJob { index, payload: payload.clone() }).map_err(|error| error.to_string())?;
    }
    while take(engine, true)? {}
    let unread = |(result, payload): (Option<_>, &Result<Payload, FrameError>)| match (result, payload) {
        (Some(result), _) => Ok(result),
        (None, Err(error)) => Ok(Err(error.clone())),
        (None, Ok(_)) => Err("a frame did not come back".to_string()),
    };
    results.into_iter().zip(payloads).map(unread).collect()
}

fn crc(results: &Results, bins: usize) -> u32 {
    let mut hash = crc32fast::Hasher::new();
    for result in results {
        match result {
            Ok(result) => result.bins.record(|bytes| hash.update(bytes)),
            Err(_) => hash.update(&vec![0; Bins::record_bytes(bins)]),
        }
    }
    hash.finalize()
}

/// The first difference in words.
fn difference(a: &Results, b: &Results, frames: &[usize]) -> Option<String> {
    a.iter().zip(b).zip(frames).find_map(|((a, b), frame)| {
        let (a, b) = match (a, b) {
            (Ok(a), Ok(b)) => (a, b),
            (Err(a), Err(b)) if a.status == b.status => return None,
            (a, b) => {
                let said = |one: &Result<FrameResult, FrameError>| match one {
                    Ok(_) => "done".to_string(),
                    Err(error) => error.to_string(),
                };
                return Some(format!("frame {frame}: {} here, {} in the first", said(b), said(a)));
            }
        };
        let place = |a: &[u64], b: &[u64]| a.iter().zip(b).position(|(a, b)| a != b);
        let weight = |bins: &Bins| bins.weight.iter().map(|&weight| u64::from(weight)).collect::<Vec<_>>();
        let sums = [
            ("signal", a.bins.signal.clone(), b.bins.signal.clone()),
            ("variance", a.bins.variance.clone(), b.bins.variance.clone()),
            ("weight", weight(&a.bins), weight(&b.bins)),
        ];
        let of_bins = sums.iter().find_map(|(what, a, b)| {
            let bin = place(a, b)?;
            Some(format!("frame {frame}: {what} of bin {bin} is {} here, {} in the first", b[bin], a[bin]))
        });
        let lengths = a.bins.len() != b.bins.len();
        of_bins
            .or_else(|| {
                lengths.then(|| format!("frame {frame}: {} bins here, {} in the first", b.bins.len(), a.bins.len()))
            })
            .or_else(|| {
                let differ = a.statistics != b.statistics;
                differ.then(|| {
                    format!("frame {frame}: statistics {:?} here, {:?} in the first", b.statistics, a.statistics)
                })
            })
    })
}
