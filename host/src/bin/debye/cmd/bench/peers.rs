//! Debye's own contenders and peers, in turn on a set of frames.

use super::{Args, Operation};
use crate::cmd::text::Table;
use crate::out::say;
use debye::bench::peer::{Order, Peer, PeerError};
use debye::bench::rounds::{Ratio, interleaved, seconds};
use debye::bench::set::Set;
use debye::cpu::{FORCE, Kernels};
use serde::Serialize;
use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What an operation came to.
#[derive(Serialize)]
pub struct Compared {
    operation: &'static str,
    rounds: usize,
    contenders: Vec<Figure>,
}

/// A contender's figure.
#[derive(Serialize)]
struct Figure {
    name: String,
    /// Its kernels, where it is debye.
    kernels: Option<&'static str>,
    /// Median of the rounds, a frame; processor time where it tells that.
    seconds: Option<f64>,
    gb_per_s: Option<f64>,
    /// How many times longer it takes than each of debye's contenders.
    ratios: Vec<Against>,
    /// Why there is no figure: `not installed: ...`, or how it failed.
    skipped: Option<String>,
    failed: Option<String>,
}

#[derive(Serialize)]
struct Against {
    debye: String,
    #[serde(flatten)]
    ratio: Ratio,
}

/// A command with its place among the kernels.
struct Contender {
    peer: Peer,
    kernels: Option<&'static str>,
}

impl Compared {
    /// What is to be told of peers that failed.
    pub fn failures(&self) -> Vec<String> {
        let failed = |figure: &Figure| {
            figure.failed.as_ref().map(|why| format!("{} did not {}: {why}", figure.name, self.operation))
        };
        self.contenders.iter().filter_map(failed).collect()
    }

    /// A table for people.
    pub fn print(&self) {
        say!("{}, one thread, {} rounds", self.operation, self.rounds);
        let mut table =
            Table::new(&["contender", "ms a frame", "GB/s of pixels", "its time / debye's", "spread", "of"]);
        for figure in &self.contenders {
            let told = |value: Option<f64>, digits: usize| value.map_or_else(String::new, |v| format!("{v:.digits$}"));
            let row = |against: Option<&Against>| {
                let ratio = against.map(|against| against.ratio);
                let spread = ratio.map_or_else(String::new, |r| format!("{:.2} .. {:.2}", r.least, r.most));
                let of = against.map_or_else(String::new, |against| against.debye.clone());
                let [ms, gb] = [told(figure.seconds.map(|s| s * 1e3), 3), told(figure.gb_per_s, 2)];
                [figure.name.clone(), ms, gb, told(ratio.map(|ratio| ratio.median), 2), spread, of]
            };
            match figure.ratios.as_slice() {
                [] => table.row(row(None)),
                all => all.iter().for_each(|against| table.row(row(Some(against)))),
            }
        }
        table.print();
        for figure in &self.contenders {
            if let Some(why) = &figure.skipped {
                say!("  skipped  {}: {why}", figure.name);
            }
        }
    }
}

/// Runs them.
pub fn compare(args: &Args, folder: &Path, time: Duration, stop: &AtomicBool) -> Result<Vec<Compared>, Box<dyn Error>> {
    let set = Set::read(folder)?;
    let bytes = (set.pixels() * set.element.size()) as f64;
    let patience = match args.peers.peer_timeout {
        Some(seconds) => {
            Duration::try_from_secs_f64(seconds).map_err(|_| "--peer-timeout must be a time, 0 or more")?
        }
        None => Duration::from_secs(60) + 20 * time,
    };
    let mut compared = Vec::new();
    for &operation in &args.peers.operations {
        let contenders = contenders(args, operation)?;
        let order = Order {
            operation: operation.name(),
            set: folder.to_string_lossy().into_owned(),
            seconds: time.as_secs_f64(),
            bins: args.geometry.bins.get(),
            split: args.geometry.split.n(),
            patience,
        };
        let rounds = args.peers.rounds.get();
        let answers = interleaved(contenders.len(), rounds, |number| {
            let Contender { peer, kernels } = &contenders[number];
            let environment: Vec<(&str, &str)> = kernels.iter().map(|&kernels| (FORCE, kernels)).collect();
            peer.run(&order, &environment, stop)
        });
        if stop.load(Ordering::Relaxed) {
            return Err(PeerError::Stopped.into());
        }
        let ours = || contenders.iter().zip(&answers).filter(|(contender, _)| contender.kernels.is_some());
        let figures = contenders.iter().zip(&answers).map(|(contender, answer)| {
            let told = answer.as_ref().ok().map(|answers| seconds(answers));
            let against = |(own, theirs): (&Contender, &Result<_, _>)| {
                let (own_answers, answers): (&Vec<_>, &Vec<_>) = (theirs.as_ref().ok()?, answer.as_ref().ok()?);
                Some(Against { debye: own.peer.name.clone(), ratio: Ratio::of(own_answers, answers)? })
            };
            let ratios = if contender.kernels.is_some() { Vec::new() } else { ours().filter_map(against).collect() };
            let why = answer.as_ref().err();
            Figure {
                name: contender.peer.name.clone(),
                kernels: contender.kernels,
                seconds: told,
                gb_per_s: told.map(|seconds| bytes / 1e9 / seconds),
                ratios,
                skipped: why.filter(|why| why.is_absence()).map(ToString::to_string),
                failed: why.filter(|why| !why.is_absence()).map(ToString::to_string),
            }
        });
        compared.push(Compared { operation: operation.name(), rounds, contenders: figures.collect() });
    }
    Ok(compared)
}

/// Debye with each set of kernels, then the peers.
fn contenders(args: &Args, operation: Operation) -> Result<Vec<Contender>, Box<dyn Error>> {
    let program = std::env::current_exe()?.to_string_lossy().into_owned();
    let mut contenders = Vec::new();
    let mut kernels: Vec<Kernels> = Kernels::available().collect();
    kernels.reverse();
    for kernels in kernels {
        let level = kernels.level().name();
        let several = operation == Operation::Fused && kernels.integrate();
        for together in if several { &["16", "1"][..] } else { &["1"] } {
            let name = match (several, *together) {
                (true, "1") => format!("debye {level}, one frame"),
                _ => format!("debye {level}"),
            };
            let words = ["bench-contender", "{op}", "{set}", "--seconds", "{seconds}", "--bins", "{bins}"];
            let more = ["--split", "{split}", "--together", together];
            let words = words.iter().chain(&more).map(|&word| word.to_owned());
            let peer = Peer::new(name, std::iter::once(program.clone()).chain(words).collect());
            contenders.push(Contender { peer, kernels: Some(level) });
        }
    }
    contenders.extend(args.peers.peers.iter().map(|peer| Contender { peer: peer.clone(), kernels: None }));
    Ok(contenders)
}
