//! The first difference of two traces, and where it is.

use super::trace::{Piece, Trace};
use debye_spec::ops::{SLOTS, pixels_of_op, slot_of_pixel};
use debye_spec::{Element, Status};
use serde::Serialize;
use std::fmt;

/// Boundary between two stages, named after what passes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// What the splitter makes.
    Blocks,
    /// What the LZ4 decoder makes.
    Planes,
    /// What the unshuffle makes.
    Pixels,
    /// Sums of the integrator.
    Bins,
    /// Statistics of the integrator.
    Statistics,
    /// List of invalid pixels of the integrator.
    Invalid,
    /// What the packer makes.
    Result,
}

impl Stage {
    /// The core whose output it is.
    pub fn core(self) -> &'static str {
        match self {
            Stage::Blocks => "splitter",
            Stage::Planes => "lz4",
            Stage::Pixels => "unshuffle",
            Stage::Bins | Stage::Statistics | Stage::Invalid => "integrator",
            Stage::Result => "packer",
        }
    }

    /// The stage that gives a status.
    fn of_status(status: Status) -> Stage {
        match status {
            Status::TokenMissing
            | Status::LiteralLengthTruncated
            | Status::LiteralsTruncated
            | Status::OffsetTruncated
            | Status::OffsetZero
            | Status::OffsetBeforeBlock
            | Status::MatchLengthTruncated
            | Status::OutputOverrun
            | Status::OutputUnderrun => Stage::Planes,
            // What the splitter refuses never reaches the integrator: there, it says that operations do not fit.
            Status::TableMismatch => Stage::Bins,
            _ => Stage::Blocks,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Blocks => "blocks",
            Stage::Planes => "planes",
            Stage::Pixels => "pixels",
            Stage::Bins => "bins",
            Stage::Statistics => "statistics",
            Stage::Invalid => "invalid",
            Stage::Result => "result",
        })
    }
}

/// Where two sides first differ, with what each has there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Boundary.
    pub stage: Stage,
    /// Core that makes what passes there.
    pub core: &'static str,
    /// Frame.
    pub frame: usize,
    /// Block of the frame, where it is one's; the tail counts as the block behind the last.
    pub block: Option<usize>,
    /// Byte of the block, where it is one.
    pub byte: Option<usize>,
    /// Pixel of the frame, where it is one.
    pub pixel: Option<usize>,
    /// Bin, where it is one.
    pub bin: Option<usize>,
    /// Which number, where there are several: `signal`, `variance`, `weight`, `valid`, `status`, `length`, ...
    pub field: Option<&'static str>,
    /// What the first side has.
    pub a: String,
    /// What the second side has.
    pub b: String,
    /// Cycle in which it passed, on a side with a clock.
    pub cycle: Option<u64>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (made by the {}): frame {}", self.stage, self.core, self.frame)?;
        for (name, number) in [("block", self.block), ("byte", self.byte), ("pixel", self.pixel), ("bin", self.bin)] {
            if let Some(number) = number {
                write!(f, ", {name} {number}")?;
            }
        }
        if let Some(field) = self.field {
            write!(f, ", {field}")?;
        }
        write!(f, ": {} against {}", self.a, self.b)?;
        match self.cycle {
            Some(cycle) => write!(f, ", at cycle {cycle}"),
            None => Ok(()),
        }
    }
}

/// How a frame is laid out.
pub(super) struct Layout {
    pub frame: usize,
    pub element: Element,
    /// Bytes of a block's pixels; 0 where the chunk has no sound header.
    pub block_bytes: usize,
}

impl Layout {
    fn at(&self, stage: Stage) -> Difference {
        Difference {
            stage,
            core: stage.core(),
            frame: self.frame,
            block: None,
            byte: None,
            pixel: None,
            bin: None,
            field: None,
            a: String::new(),
            b: String::new(),
            cycle: None,
        }
    }
}

const NOTHING: &str = "nothing";

/// The first difference, from the front.
pub(super) fn first(a: &Trace, b: &Trace, layout: &Layout) -> Option<Difference> {
    let between = || {
        pieces(Stage::Blocks, &a.blocks, &b.blocks, layout)
            .or_else(|| pieces(Stage::Planes, &a.planes, &b.planes, layout))
            .or_else(|| pixels(a, b, layout))
    };
    let tapped = !a.untapped && !b.untapped;
    Some(())
        .filter(|()| tapped)
        .and_then(|()| between())
        .or_else(|| outcome(a, b, layout))
        .or_else(|| bins(a, b, layout))
        .or_else(|| statistics(a, b, layout))
        .or_else(|| invalid(a, b, layout))
        .map(|difference| Difference { cycle: difference.cycle.or(a.cycle).or(b.cycle), ..difference })
}

fn byte_text(byte: Option<&u8>) -> String {
    byte.map_or(NOTHING.into(), |byte| format!("{byte:#04x}"))
}

fn different(a: &[u8], b: &[u8]) -> Option<usize> {
    if a == b {
        return None;
    }
    let common = a.iter().zip(b).position(|(a, b)| a != b);
    Some(common.unwrap_or(a.len().min(b.len())))
}

fn pieces(stage: Stage, a: &[Piece], b: &[Piece], layout: &Layout) -> Option<Difference> {
    for block in 0..a.len().max(b.len()) {
        let (Some(of_a), Some(of_b)) = (a.get(block), b.get(block)) else {
            let bytes = |piece: Option<&Piece>| piece.map_or(NOTHING.into(), |p| format!("{} bytes", p.bytes.len()));
            let last = a.last().and_then(|piece| piece.marks.last()).or(b.last().and_then(|piece| piece.marks.last()));
            return Some(Difference {
                block: Some(block),
                a: bytes(a.get(block)),
                b: bytes(b.get(block)),
                cycle: last.map(|&(_, cycle)| cycle),
                ..layout.at(stage)
            });
        };
        if let Some(byte) = different(&of_a.bytes, &of_b.bytes) {
            return Some(Difference {
                block: Some(block),
                byte: Some(byte),
                a: byte_text(of_a.bytes.get(byte)),
                b: byte_text(of_b.bytes.get(byte)),
                cycle: of_a.cycle_of(byte).or(of_b.cycle_of(byte)),
                ..layout.at(stage)
            });
        }
    }
    None
}

fn pixels(a: &Trace, b: &Trace, layout: &Layout) -> Option<Difference> {
    let (of_a, of_b) = (&a.pixels, &b.pixels);
    let byte = different(&of_a.bytes, &of_b.bytes)?;
    let size = layout.element.size();
    let pixel = byte / size;
    let value = |piece: &Piece| {
        let bytes = piece.bytes.get(pixel * size..(pixel + 1) * size)?;
        Some(bytes.iter().rev().fold(0u32, |code, &byte| code << 8 | byte as u32))
    };
    let text = |piece: &Piece| value(piece).map_or(NOTHING.into(), |code| code.to_string());
    Some(Difference {
        block: byte.checked_div(layout.block_bytes),
        pixel: Some(pixel),
        a: text(of_a),
        b: text(of_b),
        cycle: of_a.cycle_of(byte).or(of_b.cycle_of(byte)),
        ..layout.at(Stage::Pixels)
    })
}

/// Status of the frame, and whether its result is one.
fn outcome(a: &Trace, b: &Trace, layout: &Layout) -> Option<Difference> {
    if a.fault != b.fault {
        let text = |trace: &Trace| trace.fault.clone().unwrap_or("a sound result".into());
        return Some(Difference { a: text(a), b: text(b), ..layout.at(Stage::Result) });
    }
    if a.status == b.status {
        return None;
    }
    let text = |status: Option<Status>| status.map_or(NOTHING.into(), |s| format!("status {} ({s:?})", s.code()));
    // The side that finds a fault earlier in the pipeline tells the stage.
    let stage = match (a.status, b.status) {
        (Some(a), Some(b)) => {
            let faults = [a, b].into_iter().filter(|&status| status != Status::Ok).map(Stage::of_status);
            faults.min_by_key(|&stage| stage as u8).unwrap_or(Stage::Result)
        }
        _ => Stage::Result,
    };
    Some(Difference { field: Some("status"), a: text(a.status), b: text(b.status), ..layout.at(stage) })
}

fn bins(a: &Trace, b: &Trace, layout: &Layout) -> Option<Difference> {
    let (of_a, of_b) = (&a.bins, &b.bins);
    let text = |value: Option<u64>| value.map_or(NOTHING.into(), |value| value.to_string());
    for bin in 0..of_a.len().max(of_b.len()) {
        let weight = |weights: &[u32]| weights.get(bin).copied().map(u64::from);
        for (field, a, b) in [
            ("signal", of_a.signal.get(bin).copied(), of_b.signal.get(bin).copied()),
            ("variance", of_a.variance.get(bin).copied(), of_b.variance.get(bin).copied()),
            ("weight", weight(&of_a.weight), weight(&of_b.weight)),
        ] {
            if a != b {
                let (a, b) = (text(a), text(b));
                return Some(Difference { bin: Some(bin), field: Some(field), a, b, ..layout.at(Stage::Bins) });
            }
        }
    }
    None
}

fn statistics(a: &Trace, b: &Trace, layout: &Layout) -> Option<Difference> {
    let (a, b) = (&a.statistics, &b.statistics);
    let fields = [
        ("valid", u64::from(a.valid), u64::from(b.valid)),
        ("invalid", u64::from(a.invalid), u64::from(b.invalid)),
        ("sum", a.sum, b.sum),
        ("max", u64::from(a.max), u64::from(b.max)),
        ("over", u64::from(a.over), u64::from(b.over)),
    ];
    let (field, a, b) = fields.into_iter().find(|(_, a, b)| a != b)?;
    Some(Difference { field: Some(field), a: a.to_string(), b: b.to_string(), ..layout.at(Stage::Statistics) })
}

fn invalid(a: &Trace, b: &Trace, layout: &Layout) -> Option<Difference> {
    let count = a.groups.len().max(b.groups.len());
    let at = (0..count).find(|&at| a.groups.get(at) != b.groups.get(at))?;
    // The first pixel that one lists and the other does not.
    let pixels = |groups: &[u32]| -> Vec<usize> {
        let group = groups.get(at).copied().unwrap_or(0);
        let per_op = pixels_of_op(layout.element);
        let listed = (0..per_op).filter(|&k| group >> slot_of_pixel(layout.element, k) & 1 != 0);
        listed.map(|k| (group >> SLOTS) as usize * per_op + k).collect()
    };
    let (of_a, of_b) = (pixels(&a.groups), pixels(&b.groups));
    let alone = |pixels: &[usize], others: &[usize]| pixels.iter().find(|pixel| !others.contains(pixel)).copied();
    let pixel = alone(&of_a, &of_b).into_iter().chain(alone(&of_b, &of_a)).min();
    let text = |pixels: &[usize]| {
        let listed = pixel.is_some_and(|pixel| pixels.contains(&pixel));
        if listed { "listed as invalid" } else { "not listed" }.to_owned()
    };
    Some(Difference { pixel, a: text(&of_a), b: text(&of_b), ..layout.at(Stage::Invalid) })
}
