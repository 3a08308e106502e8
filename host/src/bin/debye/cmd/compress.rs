//! `debye compress`

use super::Outcome;
use super::card_args::CardArgs;
use super::compress_args::{Common, Encoding, codec, recode};
use super::compress_engine::{self, Engine};
use clap::Args as ClapArgs;
use debye::codec::encode::Codec;
use debye::image;
use debye::lossy::step;
use debye::recode::{Lossy, Task, Threshold};
use debye_spec::lossy::Step;
use std::path::Path;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// auto, cpu, card or sim: auto takes a card that encodes if one is named or found, else the CPU, and says which and
    /// why; sim is a simulated card in this process. A card does a threshold that is one
    /// number too; other lossy steps are the CPU's
    #[arg(long, value_enum, default_value_t = Engine::Auto, hide_possible_values = true)]
    engine: Engine,
    #[cfg(feature = "sim")]
    /// With --engine sim: the definition behind a card's rings, or the gateware's emitted Verilog under Verilator
    #[arg(long, value_enum, default_value_t = compress_engine::Model::Spec)]
    model: compress_engine::Model,
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
    #[arg(
        long,
        value_name = "N|FILE",
        allow_negative_numbers = true,
        help_heading = "Lossy steps, recorded in the output"
    )]
    threshold: Option<String>,
    /// LOSSY: counts in steps of N sqrt(I), N in sixteenths (0.0625 to 64); invalid codes are never touched
    #[arg(long, value_name = "N", value_parser = step, help_heading = "Lossy steps, recorded in the output")]
    quantise: Option<Step>,
    #[command(flatten)]
    card: CardArgs,
}

fn threshold(text: &str) -> Result<Threshold, Box<dyn std::error::Error>> {
    if let Ok(value) = text.parse() {
        return Ok(Threshold::Global(value));
    }
    if text.parse::<f64>().is_ok() && !Path::new(text).exists() {
        return Err(format!("{text} is no threshold: give a whole number from 0 to {}, or a file", u32::MAX).into());
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
    #[cfg(feature = "sim")]
    let model = args.model;
    #[cfg(not(feature = "sim"))]
    let model = compress_engine::Model;
    let taken = compress_engine::take(args.engine, &args.card, model, args.codec)?;
    let threshold = args.threshold.as_deref().map(threshold).transpose()?.unwrap_or_default();
    let task = Task::Compress {
        codec: args.codec,
        block: args.block,
        frame_chunks: args.frame_chunks,
        recompress: args.recompress,
        lossy: Lossy { threshold, step: args.quantise },
    };
    let encoding = Encoding {
        cards: taken.cards,
        said: vec![("engine", taken.name.into()), ("engine_reason", taken.reason), ("codec", args.codec.name().into())],
    };
    recode(args.common, task, encoding, args.remove_source)
}
