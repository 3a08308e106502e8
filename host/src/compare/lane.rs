//! A lane of the gateware as a side: what its taps recorded, put back into blocks and bytes.

use super::trace::{Piece, Trace};
use super::{CompareError, Side};
use crate::table::Table;
use debye_sim::bench::lane::LaneBench;
use debye_sim::designs::Design;
use debye_sim::model::{Config, ModelError, Shape};
use debye_spec::answer::Answer;
use debye_spec::card_table::{CardTable, TableRefused};
use debye_spec::wire::Request;
use debye_spec::{ChunkHeader, Job, Status};
use std::collections::VecDeque;
use std::sync::Arc;

/// Cycles between two looks at the progress.
const SLICE: u64 = 4096;
/// Kind of a beat that ends a frame (see [`debye_sim::bench::lane::BlockBeat::kind`]).
const END: u8 = 2;
/// The table's number in requests.
const TABLE: u32 = 1;

/// See the module.
pub struct Lane {
    description: String,
    bench: LaneBench,
    shape: Shape,
    job: Job,
    pixels: usize,
    bins: usize,
    sequence: u32,
    waiting: VecDeque<(u32, Arc<[u8]>)>,
}

impl Lane {
    /// A lane behind pins, for a table and a job.
    ///
    /// # Errors
    /// A lane cannot take the table.
    pub fn new(
        pins: Design,
        description: String,
        config: Config,
        table: &Table,
        job: Job,
    ) -> Result<Lane, TableRefused> {
        let card = CardTable::compile(&table.spec(), job.element, TABLE, config.shape.bins())?;
        let bench = LaneBench::new(pins, config, &card);
        let (pixels, bins) = (table.pixels(), table.bins());
        let waiting = VecDeque::new();
        Ok(Lane { description, bench, shape: config.shape, job, pixels, bins, sequence: 0, waiting })
    }

    /// Blocks that the splitter sent, up to the end of the frame.
    fn blocks(&mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut piece = Piece::default();
        while let Some(beat) = self.bench.taps.blocks.pop_front() {
            if beat.kind == END {
                break;
            }
            let count = usize::from(beat.bytes).min(8);
            piece.marks.push((piece.bytes.len() as u32, beat.cycle));
            piece.bytes.extend_from_slice(&beat.data.to_le_bytes()[..count]);
            if beat.last {
                pieces.push(std::mem::take(&mut piece));
            }
        }
        if !piece.marks.is_empty() {
            pieces.push(piece);
        }
        pieces
    }

    /// Pixels up to the end of the frame.
    fn pixel_bytes(&mut self) -> Piece {
        let mut piece = Piece::default();
        while let Some(beat) = self.bench.taps.pixels.pop_front() {
            if beat.end.is_some() {
                break;
            }
            piece.marks.push((piece.bytes.len() as u32, beat.cycle));
            piece.bytes.extend(beat.data.to_le_bytes());
        }
        // The last word of a tail may be partial.
        let whole = self.pixels * self.job.element.size();
        if piece.bytes.len() == whole.next_multiple_of(8) {
            piece.bytes.truncate(whole);
        }
        piece
    }

    /// Planes of the blocks that `pixel_bytes` bytes of pixels were made of.
    fn planes(&mut self, chunk: &[u8], pixel_bytes: usize) -> Vec<Piece> {
        let Ok(header) = ChunkHeader::read(chunk, self.job.element, self.pixels) else { return Vec::new() };
        let mut pieces = Vec::new();
        let mut made = 0;
        for block in 0..header.blocks() {
            if made >= pixel_bytes {
                return pieces;
            }
            let size = header.block_range(block).len();
            // A block's planes are read in turn, 64 elements of each at a time.
            pieces.push(self.words(size, self.job.element.bits()));
            made += size;
        }
        let tail = header.bytes - header.shuffled_bytes();
        if made < pixel_bytes && tail > 0 {
            pieces.push(self.words(tail, 1));
        }
        pieces
    }

    /// `size` bytes that were read as `count` rows of equal length, a word of each row in turn.
    fn words(&mut self, size: usize, count: usize) -> Piece {
        let row = size / count;
        let mut piece = Piece { bytes: vec![0; size], marks: Vec::with_capacity(size.div_ceil(8)) };
        for at in (0..row).step_by(8) {
            for k in 0..count {
                let Some(word) = self.bench.taps.planes.pop_front() else {
                    piece.bytes.truncate(k * row + at);
                    return sorted(piece);
                };
                let (first, length) = (k * row + at, (row - at).min(8));
                piece.bytes[first..first + length].copy_from_slice(&word.data.to_le_bytes()[..length]);
                piece.marks.push((first as u32, word.cycle));
            }
        }
        sorted(piece)
    }

    /// What the lane said in its result.
    fn result(&self, trace: &mut Trace, bytes: &[u8], sequence: u32) {
        let answer = match Answer::read(bytes) {
            Ok(answer) => answer,
            Err(fault) => return trace.fault = Some(fault.to_string()),
        };
        let header = answer.header;
        let named = (header.handle, header.sequence, header.bins as usize);
        if named != (u64::from(sequence), sequence, self.bins) {
            trace.fault = Some(format!("its header names another request: handle, sequence and bins {named:?}"));
            return;
        }
        trace.status = Some(header.status);
        if header.status == Status::Ok {
            trace.statistics = header.statistics;
        }
        (trace.bins, trace.groups) = (answer.bins, answer.groups);
    }
}

fn sorted(mut piece: Piece) -> Piece {
    piece.marks.sort_unstable();
    piece
}

impl Side for Lane {
    fn describe(&self) -> String {
        self.description.clone()
    }

    fn shape(&self) -> Option<Shape> {
        Some(self.shape)
    }

    fn submit(&mut self, chunk: Arc<[u8]>) -> Result<(), CompareError> {
        let sequence = self.sequence;
        let request = Request {
            handle: sequence.into(),
            sequence,
            element: self.job.element,
            chunk_bytes: chunk.len() as u32,
            pixels: self.pixels as u32,
            bins: self.bins as u32,
            max_valid: self.job.rule().max_valid(),
            threshold: self.job.threshold,
            chunk_address: 0,
            table: TABLE,
        };
        self.bench.submit(request.to_bytes(), chunk.clone());
        self.waiting.push_back((sequence, chunk));
        self.sequence += 1;
        Ok(())
    }

    fn next(&mut self, beat: &mut dyn FnMut(u64)) -> Result<Trace, CompareError> {
        let (sequence, chunk) = self.waiting.pop_front().ok_or(CompareError::Idle)?;
        let result = loop {
            match self.bench.run(SLICE) {
                Ok(Some(result)) => break Some(result),
                Ok(None) => beat(self.bench.cycle()),
                // What came so far tells which stage stopped.
                Err(ModelError::Hang { .. }) => break None,
                Err(error) => return Err(error.into()),
            }
        };
        let mut trace = Trace { blocks: self.blocks(), pixels: self.pixel_bytes(), ..Trace::default() };
        trace.planes = self.planes(&chunk, trace.pixels.bytes.len());
        trace.cycle = Some(result.as_ref().map_or(self.bench.cycle(), |result| result.cycle));
        match result {
            Some(result) => self.result(&mut trace, &result.bytes, sequence),
            None => trace.fault = Some("nothing: it hangs".into()),
        }
        Ok(trace)
    }

    fn run_on(&mut self, until: u64) -> Result<(), CompareError> {
        Ok(self.bench.run_on(until)?)
    }
}
