//! `debye inspect`

use super::Outcome;
use super::text::{Table, bytes};
use crate::out::say;
use clap::Args as ClapArgs;
use debye::beside::Beside;
use debye::frame::Payload;
use debye::npy;
use debye::source::anatomy::{Anatomy, Spread, ratio, sequences, take_apart};
use debye::source::{self, SourceError, SourceInfo};
use serde_json::{Value, json};
use std::ops::Range;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
pub struct Args {
    /// HDF5 file.
    file: PathBuf,
    /// Number of the frame, from 0.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    frame: usize,
    /// Data set in the file; searched for when absent.
    #[arg(long, value_name = "PATH")]
    dataset: Option<String>,
    /// List these blocks, for instance 0..10.
    #[arg(long, value_name = "A..B", value_parser = parse_range)]
    blocks: Option<Range<usize>>,
    /// List the LZ4 sequences of these blocks.
    #[arg(long, requires = "blocks")]
    sequences: bool,
    /// Decode the frame and write its pixels.
    #[arg(long, value_name = "OUT.npy")]
    pixels: Option<PathBuf>,
    /// Replace OUT.npy when it exists.
    #[arg(long, requires = "pixels")]
    overwrite: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

fn parse_range(text: &str) -> Result<Range<usize>, String> {
    let wrong = || format!("{text} is not a range like 0..10");
    let (start, end) = text.split_once("..").ok_or_else(wrong)?;
    let start = if start.is_empty() { 0 } else { start.parse().map_err(|_| wrong())? };
    let end = if end.is_empty() { usize::MAX } else { end.parse().map_err(|_| wrong())? };
    if start < end { Ok(start..end) } else { Err(format!("{text} is empty")) }
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let mut source = match source::open(&args.file, args.dataset.as_deref()) {
        Err(SourceError::BeingWritten { .. }) => source::open_following(&args.file, args.dataset.as_deref())?,
        opened => opened?,
    };
    let frames = source.frames();
    if args.frame >= frames {
        let file = args.file.display();
        return Err(format!("there is no frame {}: {file} holds {frames} in all, numbered from 0", args.frame).into());
    }
    let payload = source.read(args.frame)?;
    let info = source.info();
    let count = info.shape[0] * info.shape[1];
    let anatomy = payload.chunk().map(|chunk| take_apart(&chunk, info.element, count));
    let faults = anatomy.as_ref().map_or(0, |anatomy| anatomy.faults.len());
    if args.json {
        say!("{:#}", as_json(&args, info, &payload, anatomy.as_ref()));
    } else {
        print(&args, info, &payload, anatomy.as_ref());
    }
    if faults > 0 {
        if let Some(target) = &args.pixels {
            return Err(format!("{} is not written: frame {} is corrupt", target.display(), args.frame).into());
        }
        return Ok(ExitCode::FAILURE);
    }
    if let Some(target) = &args.pixels {
        let pixels = source::decoded(payload, info.element, count)?;
        Beside::filled(target, args.overwrite, |out| npy::write_pixels(out, &pixels, info.element, info.shape))?
            .commit()?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print(args: &Args, info: &SourceInfo, payload: &Payload, anatomy: Option<&Anatomy>) {
    let size = info.shape[0] * info.shape[1] * info.element.size();
    let stored = payload.len();
    say!("frame {} of {} in {}", args.frame, info.dataset, info.file.display());
    say!("  pixels   {} x {} {} = {}", info.shape[0], info.shape[1], info.dtype, bytes(size as u64));
    let Some(anatomy) = anatomy else {
        say!("  filter   {}: not one bslz4 chunk a frame, so there are no blocks to take apart", info.filter);
        return;
    };
    say!("  chunk    {}, ratio {:.2}", bytes(stored as u64), ratio(size, stored));
    if let Some((total, block)) = anatomy.fields {
        say!("  header   {total} bytes of pixels, blocks of {block} bytes");
    }
    say!("  blocks   {} of {}, tail of {} unshuffled bytes", anatomy.blocks.len(), anatomy.blocks_stated, anatomy.tail);
    if let Some(range) = &args.blocks {
        print_blocks(anatomy, range);
    }
    if let (Some(range), true) = (&args.blocks, args.sequences) {
        print_sequences(&payload.bytes(), anatomy, range);
    }
    if anatomy.blocks.len() > 1 {
        let mut table = Table::new(&["of all blocks", "min", "median", "max"]);
        for (name, spread) in summary(anatomy) {
            if let Some(spread) = spread {
                table.row([name.to_owned(), number(spread.min), number(spread.median), number(spread.max)]);
            }
        }
        say!("");
        table.print();
    }
    if anatomy.faults.is_empty() {
        say!("\nwhole: every length, sequence and the tail fit");
        return;
    }
    say!("\ncorrupt in {} place(s):", anatomy.faults.len());
    for fault in &anatomy.faults {
        say!("  {fault}");
    }
}

fn print_blocks(anatomy: &Anatomy, range: &Range<usize>) {
    if anatomy.blocks.is_empty() {
        return;
    }
    let mut table =
        Table::new(&["block", "byte", "stored", "pixels", "ratio", "sequences", "literals", "longest match", "offset"]);
    for block in anatomy.blocks.iter().filter(|block| range.contains(&block.block)) {
        let mut row = [
            block.block.to_string(),
            block.byte.to_string(),
            block.stored.to_string(),
            block.pixels.to_string(),
            format!("{:.2}", block.ratio),
            block.sequences.to_string(),
            block.literals.to_string(),
            block.longest_match.to_string(),
            block.largest_offset.to_string(),
        ];
        if block.fault.is_some() {
            row[0].push('!');
        }
        table.row(row);
    }
    say!("");
    table.print();
}

fn print_sequences(chunk: &[u8], anatomy: &Anatomy, range: &Range<usize>) {
    if anatomy.blocks.is_empty() {
        return;
    }
    let mut table = Table::new(&["block", "sequence", "byte", "literals", "offset", "match", "made"]);
    for block in anatomy.blocks.iter().filter(|block| range.contains(&block.block)) {
        let mut made = 0;
        for (number, sequence) in sequences(chunk, block).into_iter().enumerate() {
            let (offset, length) = sequence.copy.unwrap_or((0, 0));
            made += sequence.literals + length;
            let last = sequence.copy.is_none();
            table.row([
                block.block.to_string(),
                number.to_string(),
                (block.byte + sequence.at).to_string(),
                sequence.literals.to_string(),
                if last { "-".into() } else { offset.to_string() },
                if last { "-".into() } else { length.to_string() },
                made.to_string(),
            ]);
        }
    }
    say!("");
    table.print();
}

fn summary(anatomy: &Anatomy) -> [(&'static str, Option<Spread>); 5] {
    let of = |value: fn(&debye::source::anatomy::BlockAnatomy) -> f64| Spread::of(anatomy.blocks.iter().map(value));
    [
        ("stored bytes", of(|block| block.stored as f64)),
        ("ratio", of(|block| block.ratio)),
        ("sequences", of(|block| block.sequences as f64)),
        ("literal bytes", of(|block| block.literals as f64)),
        ("longest match", of(|block| block.longest_match as f64)),
    ]
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

fn as_json(args: &Args, info: &SourceInfo, payload: &Payload, anatomy: Option<&Anatomy>) -> Value {
    let chunk = anatomy.map(|anatomy| {
        let chosen =
            anatomy.blocks.iter().filter(|block| args.blocks.as_ref().is_none_or(|range| range.contains(&block.block)));
        let blocks: Vec<Value> = chosen
            .map(|block| {
                let mut value = json!(block);
                if args.sequences {
                    let row = |s: &debye_spec::lz4::Sequence| json!([block.byte + s.at, s.literals, s.copy]);
                    value["sequence_list"] = sequences(&payload.bytes(), block).iter().map(row).collect();
                }
                value
            })
            .collect();
        let summary: serde_json::Map<String, Value> =
            summary(anatomy).into_iter().map(|(name, spread)| (name.replace(' ', "_"), json!(spread))).collect();
        json!({
            "bytes": anatomy.bytes,
            "bytes_stated": anatomy.fields.map(|(total, _)| total),
            "block_bytes": anatomy.fields.map(|(_, block)| block),
            "blocks_stated": anatomy.blocks_stated,
            "tail_bytes": anatomy.tail,
            "blocks": blocks,
            "summary": summary,
            "faults": anatomy.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    });
    json!({
        "file": info.file,
        "dataset": info.dataset,
        "frame": args.frame,
        "shape": info.shape,
        "dtype": info.dtype,
        "filter": info.filter,
        "payload_bytes": payload.len(),
        "chunk": chunk,
    })
}
