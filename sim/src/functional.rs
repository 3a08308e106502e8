//! The functional model: answers each request with the bytes that the definition gives. It has no clock.

use crate::model::{CardModel, Config, ModelError, Progress, Shape, Stalls};
use debye_spec::answer::Answer;
use debye_spec::bounds::MAX_INVALID_LISTED;
use debye_spec::card_table::CardTable;
use debye_spec::chunk;
use debye_spec::ops::{SLOTS, pixels_of_op, slot_of_pixel};
use debye_spec::rings::element_of_code;
use debye_spec::wire::{self, HEADER_BYTES, ResultHeader};
use debye_spec::{Bins, ChunkHeader, Element, Job, Pixel, Statistics, Status};
use std::collections::VecDeque;

/// See the module.
#[derive(Debug, Default)]
pub struct Functional {
    shape: Shape,
    table: Option<CardTable>,
    waiting: VecDeque<([u8; HEADER_BYTES], Vec<u8>)>,
    progress: Progress,
}

/// What a request asks for, as far as the header could be read.
#[derive(Default)]
struct Asked {
    handle: u64,
    sequence: u32,
    chunk_bytes: u32,
    pixels: u32,
    bins: u32,
    max_valid: u32,
    threshold: u32,
    table: u32,
    /// What is behind the chunk's end counts for nothing.
    padded: bool,
    /// `None`: the header is not one that a card knows.
    element: Option<Element>,
}

impl Asked {
    fn of(header: &[u8; HEADER_BYTES]) -> Asked {
        let word = |at: usize| header[at..].first_chunk().map_or(0, |&word| u32::from_le_bytes(word));
        let known = word(0) == wire::REQUEST_MAGIC && header[4] == wire::VERSION && header[5] == wire::KIND_INTEGRATE;
        let zero = header[7] & !wire::REQUEST_PADDED == 0 && header[52..].iter().all(|&byte| byte == 0);
        let element = element_of_code(header[6]);
        Asked {
            handle: word(8) as u64 | (word(12) as u64) << 32,
            sequence: word(16),
            chunk_bytes: word(20),
            pixels: word(24),
            bins: word(28),
            max_valid: word(32),
            threshold: word(36),
            table: word(48),
            padded: header[7] & wire::REQUEST_PADDED != 0,
            element: element.filter(|_| known && zero),
        }
    }
}

impl Functional {
    /// A model of this shape.
    pub fn new(config: Config) -> Functional {
        Functional { shape: config.shape, ..Functional::default() }
    }

    /// The bytes with which a card answers.
    pub fn answer(shape: &Shape, table: &CardTable, header: &[u8; HEADER_BYTES], chunk: &[u8]) -> Vec<u8> {
        let asked = Asked::of(header);
        let chunk = &chunk[..chunk.len().min(asked.chunk_bytes as usize)];
        let done = refusal(shape, table, &asked).map_or_else(|| integrate(shape, table, &asked, chunk), Err);
        let (status, integral) = match done {
            Ok(integral) => (Status::Ok, integral),
            Err(status) => (status, Integral::default()),
        };
        let header = ResultHeader {
            status,
            handle: asked.handle,
            sequence: asked.sequence,
            payload_bytes: 0,
            statistics: integral.statistics,
            listed: integral.groups.len() as u32,
            bins: asked.bins,
            cycles: 0,
        };
        Answer { header, bins: integral.bins, groups: integral.groups, lane: 0, cycle: 0 }.to_bytes()
    }
}

/// Why a request is refused before its chunk is looked at.
fn refusal(shape: &Shape, table: &CardTable, asked: &Asked) -> Option<Status> {
    let Some(element) = asked.element else { return Some(Status::RequestInvalid) };
    if asked.bins as usize > shape.bins() {
        return Some(Status::TooManyBins);
    }
    // Operations of 8- and 16-bit pixels are the same.
    let same_ops = pixels_of_op(element) == pixels_of_op(table.element);
    let same = asked.pixels == table.pixels && asked.bins == table.bins && asked.table == table.id && same_ops;
    (!same).then_some(Status::TableMismatch)
}

/// The status with which a card of this shape refuses a sound chunk; `None` when it takes it. Chunks that are not sound
/// are left to the lanes.
pub fn chunk_refusal(shape: &Shape, element: Element, pixels: usize, chunk: &[u8]) -> Option<Status> {
    let header = ChunkHeader::read(chunk, element, pixels).ok()?;
    (header.block_range(0).len() > shape.block_bytes()).then_some(Status::BlockTooLarge)
}

#[derive(Default)]
struct Integral {
    bins: Bins,
    statistics: Statistics,
    groups: Vec<u32>,
}

fn integrate(shape: &Shape, table: &CardTable, asked: &Asked, chunk: &[u8]) -> Result<Integral, Status> {
    let element = asked.element.ok_or(Status::RequestInvalid)?;
    let count = asked.pixels as usize;
    ChunkHeader::read(chunk, element, count).map_err(|error| Status::from(&error))?;
    if let Some(status) = chunk_refusal(shape, element, count, chunk) {
        return Err(status);
    }
    let mut pixels = vec![0; count * element.size()];
    let mut scratch = vec![0; pixels.len().min(shape.block_bytes())];
    let decoded = if asked.padded {
        chunk::decode_padded(chunk, element, &mut pixels, &mut scratch).map(|_| ())
    } else {
        chunk::decode(chunk, element, &mut pixels, &mut scratch)
    };
    decoded.map_err(|error| Status::from(&error))?;

    let rule = Job { element, max_valid: asked.max_valid, threshold: asked.threshold }.rule();
    let mut integral = Integral { bins: Bins::new(table.bins as usize), ..Integral::default() };
    let per_op = pixels_of_op(element);
    let mut ops = table.ops.iter();
    for (group, first) in (0..count).step_by(per_op).enumerate() {
        let mut values = [None; SLOTS];
        let mut invalid = 0;
        let mut opening = true;
        loop {
            let op = ops.next().ok_or(Status::TableMismatch)?;
            for k in (0..per_op).filter(|k| opening && first + k < count) {
                let s = slot_of_pixel(element, k);
                let pixel = rule.judge(&pixels, first + k, op.slot(s).masked);
                integral.statistics.add(pixel, asked.threshold);
                match pixel {
                    Pixel::Valid(value) => values[s] = Some(value),
                    Pixel::Invalid => invalid |= 1 << s,
                    Pixel::Masked => {}
                }
            }
            op.add(&values, &mut integral.bins);
            opening = false;
            if !op.more() {
                break;
            }
        }
        if invalid != 0 && integral.groups.len() < MAX_INVALID_LISTED {
            integral.groups.push((group as u32) << SLOTS | invalid);
        }
    }
    if ops.next().is_some() {
        return Err(Status::TableMismatch);
    }
    Ok(integral)
}

impl CardModel for Functional {
    fn describe(&self) -> String {
        "spec: the definition, without a clock".into()
    }

    fn shape(&self) -> Shape {
        self.shape
    }

    fn load(&mut self, table: &CardTable) -> Result<(), ModelError> {
        self.table = Some(table.clone());
        self.waiting.clear();
        self.progress = Progress::default();
        Ok(())
    }

    fn in_flight(&self) -> usize {
        self.waiting.len()
    }

    fn submit(&mut self, header: [u8; HEADER_BYTES], chunk: Vec<u8>) -> Result<(), ModelError> {
        if self.table.is_none() {
            return Err(ModelError::NoTable);
        }
        self.waiting.push_back((header, chunk));
        Ok(())
    }

    fn run(&mut self, _cycles: u64) -> Result<Option<Answer>, ModelError> {
        let table = self.table.as_ref().ok_or(ModelError::NoTable)?;
        let Some((header, chunk)) = self.waiting.pop_front() else { return Ok(None) };
        let bytes = Functional::answer(&self.shape, table, &header, &chunk);
        self.progress.bytes_in += chunk.len() as u64;
        self.progress.bytes_out += bytes.len() as u64;
        Answer::read(&bytes).map(Some).map_err(|fault| ModelError::Answer { cycle: 0, fault })
    }

    fn progress(&self) -> Progress {
        self.progress
    }

    fn stalls(&mut self) -> Result<Stalls, ModelError> {
        Ok(Stalls::default())
    }
}
