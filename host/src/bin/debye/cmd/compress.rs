//! `debye compress`

use super::Outcome;
use super::compress_args::{Common, codec, recode};
use clap::{Args as ClapArgs, ValueEnum};
use debye::codec::encode::Codec;
use debye::image;
use debye::recode::{Lossy, Task, Threshold};
use debye_spec::lossy::{MAX_SIXTEENTHS, SIXTEENTHS, Step};

/// Who encodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// What there is: now the CPU
    Auto,
    /// This machine's CPU
    Cpu,
    /// A card
    Card,
    /// A simulated card
    Sim,
}

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// Who encodes
    #[arg(long, value_enum, default_value_t = Engine::Auto)]
    engine: Engine,
    /// Who looks for matches: debye (fast, and what a card makes) or liblz4 (byte for byte what the bitshuffle package makes)
    #[arg(long, default_value = "debye", value_parser = codec)]
    codec: Codec,
    /// Pixels of a block, a multiple of 8 [default: 8192 bytes of them]
    #[arg(long, value_name = "N")]
    block: Option<usize>,
    /// One frame a chunk, whatever the chunks of the input are
    #[arg(long)]
    frame_chunks: bool,
    /// Encode data sets again that are bslz4 already
    #[arg(long)]
    recompress: bool,
    /// Remove the input once the output was read again and compared
    #[arg(long)]
    remove_source: bool,
    /// LOSSY: counts below N become 0; or a file (.npy, .edf, .tif, .h5) with a number for each pixel
    #[arg(long, value_name = "N|FILE", help_heading = "Lossy steps, recorded in the output")]
    threshold: Option<String>,
    /// LOSSY: counts in steps of N sqrt(I), N in sixteenths (0.0625 to 64); invalid codes are never touched
    #[arg(long, value_name = "N", value_parser = step, help_heading = "Lossy steps, recorded in the output")]
    quantise: Option<Step>,
}

fn step(text: &str) -> Result<Step, String> {
    let sigmas: f64 = text.parse().map_err(|_| format!("{text:?} is not a number"))?;
    let sixteenths = sigmas * f64::from(SIXTEENTHS);
    let most = MAX_SIXTEENTHS / SIXTEENTHS;
    let whole = sixteenths == sixteenths.round() && (1.0..=f64::from(MAX_SIXTEENTHS)).contains(&sixteenths);
    whole
        .then(|| Step::new(sixteenths as u32))
        .flatten()
        .ok_or_else(|| format!("{text} is no multiple of 1/16 between 1/16 and {most}: give 0.5 or 1, for example"))
}

fn threshold(text: &str) -> Result<Threshold, Box<dyn std::error::Error>> {
    if let Ok(value) = text.parse() {
        return Ok(Threshold::Global(value));
    }
    let image = image::read(text)?;
    let values = image
        .values
        .iter()
        .map(|&value| {
            let whole = value == value.trunc() && (0.0..=f64::from(u32::MAX)).contains(&value);
            whole.then_some(value as u32).ok_or_else(|| format!("{text}: {value} is no threshold: give whole counts"))
        })
        .collect::<Result<_, _>>()?;
    Ok(Threshold::PerPixel { values, shape: image.shape, source: image.source })
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let engine = match args.engine {
        Engine::Cpu => "cpu",
        Engine::Auto => "cpu (no card encodes yet)",
        Engine::Card | Engine::Sim => {
            let name = if args.engine == Engine::Card { "card" } else { "sim" };
            let why = "cards do not encode yet, real or simulated: use --engine cpu, which makes the bytes that a card will make";
            return Err(format!("--engine {name}: {why}").into());
        }
    };
    let threshold = args.threshold.as_deref().map(threshold).transpose()?.unwrap_or_default();
    let task = Task::Compress {
        codec: args.codec,
        block: args.block,
        frame_chunks: args.frame_chunks,
        recompress: args.recompress,
        lossy: Lossy { threshold, step: args.quantise },
    };
    recode(args.common, task, &[("engine", engine), ("codec", args.codec.name())], args.remove_source)
}
