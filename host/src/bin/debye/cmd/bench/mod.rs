//! `debye bench`: an engine with its rates and latencies, or the CPU's stages and peers.

mod engine;
mod peers;
mod stages;

use super::arguments::{Frames, count, frames, number};
use super::card_args::CardArgs;
use super::table_args::{Geometry, Pixels};
use super::{Outcome, interrupt};
use crate::out::say;
use clap::{Args as ClapArgs, ValueEnum};
use debye::bench::peer::Peer;
use debye::cpu::Kernels;
use debye::frame::Payload;
use debye::source::FrameSource;
use serde_json::json;
use std::error::Error;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Most bytes of frames that are kept in memory.
const MOST_BYTES: usize = 4 << 30;

/// Arguments of the command.
#[derive(ClapArgs)]
#[command(allow_negative_numbers = true)]
#[command(
    after_help = "With --engine: frames are read into memory first, then handed to the engine again and again: what is \
                        measured is the engine with what the host does for it, not the file. With --read the file is part of it, as \
                        in a run: chunks are read to where a card wants them.\n\n\
                        Without: processor time of each stage of the CPU's way on one thread, with each set of kernels. A peer is \
                        a command that times itself on a folder of the same frames and prints, as its last line, a JSON object \
                        with frames and median_s (or seconds), and cpu_median_s if it can; {op}, {set}, {seconds}, {bins}, {split} \
                        and {threads} in it are replaced. `debye bench-contender {op} {set} --seconds {seconds} --bins {bins}` is \
                        one. Rounds are interleaved, compared is processor time, round by round. A peer whose program (or Python \
                        module) is not there is named and left out."
)]
pub struct Args {
    /// HDF5 files, one measurement each
    #[arg(required = true)]
    input: Vec<PathBuf>,

    /// Data set in INPUT [default: searched for, /entry/data/data first]
    #[arg(long, value_name = "PATH", help_heading = "Input")]
    dataset: Option<String>,

    /// Frames to take: 7, 2..5 (2, 3 and 4), 2.. or ..5
    #[arg(long, value_name = "A..B", value_parser = frames, default_value = "..", hide_default_value = true,
          help_heading = "Input")]
    frames: Frames,

    #[command(flatten)]
    geometry: Geometry,

    #[command(flatten)]
    pixels: Pixels,

    /// Measure an engine as a whole: rates, latencies, what the host has to do [default: the CPU's stages]
    #[arg(long, value_enum, help_heading = "Engine")]
    engine: Option<Choice>,

    /// Threads of the CPU engine [default: as many as the machine offers]
    #[arg(long, value_name = "T", value_parser = count::<NonZeroUsize>, requires = "engine", help_heading = "Engine")]
    threads: Option<NonZeroUsize>,

    /// How long to measure: the engine [default: 5], or each stage and each turn of a peer [default: 0.5]
    #[arg(long, value_name = "SECONDS", value_parser = number)]
    seconds: Option<f64>,

    /// Frames under way at most: with 1, latency is that of a frame alone [default: as many as the engine takes]
    #[arg(long, value_name = "N", value_parser = count::<NonZeroUsize>, requires = "engine", help_heading = "Engine")]
    in_flight: Option<NonZeroUsize>,

    /// Read each frame anew from its file
    #[arg(long, requires = "engine", help_heading = "Engine")]
    read: bool,

    #[command(flatten)]
    peers: PeerArgs,

    #[command(flatten)]
    card: CardArgs,

    /// Print one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// Whom to compare with.
#[derive(ClapArgs)]
#[command(next_help_heading = "Peers")]
struct PeerArgs {
    /// A peer and the command that times it, with {op} and {set} in it; may be given several times
    #[arg(long = "peer", value_name = "NAME=COMMAND", conflicts_with_all = ["engine", "table", "unit", "radial_range",
          "azimuth_bins", "azimuth_range", "max_valid", "threshold", "flat", "polarization", "no_solid_angle"])]
    peers: Vec<Peer>,

    /// What is compared
    #[arg(
        long = "op",
        value_enum,
        value_name = "OP",
        value_delimiter = ',',
        default_value = "decode,fused",
        requires = "peers"
    )]
    operations: Vec<Operation>,

    /// Rounds
    #[arg(long, value_name = "N", value_parser = count::<NonZeroUsize>, default_value = "5", requires = "peers")]
    rounds: NonZeroUsize,

    /// A peer that is not done after so long is ended [default: 60 more than 20 x --seconds]
    #[arg(long, value_name = "SECONDS", value_parser = number, requires = "peers")]
    peer_timeout: Option<f64>,
}

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Choice {
    /// The CPU.
    Cpu,
    /// Cards.
    Card,
}

/// What contenders do with each frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Operation {
    /// Chunk to pixels in memory
    Decode,
    /// Pixels to chunk
    Encode,
    /// Chunk to I and sigma
    Fused,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Operation::Decode => "decode",
            Operation::Encode => "encode",
            Operation::Fused => "fused",
        }
    }
}

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    let stop = interrupt::flag()?;
    let seconds = args.seconds.unwrap_or(if args.engine.is_some() { 5.0 } else { 0.5 });
    let time = Duration::try_from_secs_f64(seconds).map_err(|_| "--seconds must be a time, 0 or more")?;
    let (mut measured, mut failed) = (Vec::new(), Vec::new());
    for input in &args.input {
        measured.push(match args.engine {
            Some(choice) => serde_json::to_value(engine::measure(args, choice, input, time, stop)?)?,
            None => {
                let found = stages::measure(args, input, time, stop)?;
                failed.extend(found.failures());
                serde_json::to_value(found)?
            }
        });
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    if args.json {
        let kernels = Kernels::of_process().level().name();
        say!("{:#}", json!({ "version": debye::VERSION, "kernels": kernels, "measured": measured }));
    }
    if stop.load(Ordering::Relaxed) {
        return Ok(ExitCode::from(super::INTERRUPTED));
    }
    match failed.is_empty() {
        true => Ok(ExitCode::SUCCESS),
        false => Err(failed.join("; ").into()),
    }
}

/// The frames that are wanted, as far as memory should hold them; the number of the first with them.
fn payloads(args: &Args, source: &mut dyn FrameSource, most: usize) -> Result<(usize, Vec<Payload>), Box<dyn Error>> {
    let frames = args.frames.within(source.frames())?;
    let first = frames.start;
    let (mut payloads, mut bytes) = (Vec::new(), 0);
    for frame in frames.take(most) {
        let payload = source.read(frame).map_err(|error| format!("frame {frame}: {error}"))?;
        bytes += payload.len();
        payloads.push(payload);
        if bytes > MOST_BYTES {
            break;
        }
    }
    Ok((first, payloads))
}
