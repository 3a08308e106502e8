//! Two ways from chunk to bins held against each other, bit for bit, at every boundary between stages.
//!
//! ```text
//! chunk -> splitter -> lz4 -> unshuffle -> integrator -> packer
//!              blocks    planes    pixels       bins, statistics, invalid   result
//! ```
//!
//! The first difference is looked for from the front: what a stage gets is compared before what it makes of it, so the
//! stage that is named is the one that is wrong.

mod card;
mod cpu;
mod definition;
mod difference;
mod lane;
mod serial;
mod trace;

pub use card::OnCard;
pub use cpu::Cpu;
pub use definition::Definition;
pub use difference::{Difference, Stage};
pub use lane::Lane;
pub use serial::OnSerial;
pub use trace::{Piece, Trace, groups_of};

use crate::card::CardError;
use crate::codec::encode::{EncodeError, Encoder};
use crate::frame::{FrameError, Payload};
use crate::serial::SerialError;
use crate::source::FrameSource;
use debye_sim::functional::chunk_refusal;
use debye_sim::model::{ModelError, Shape};
use debye_spec::{ChunkHeader, Job, Status};
use serde::Serialize;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use thiserror::Error;

/// Frames that a side has ahead, so that a model works on them back to back.
const AHEAD: usize = 3;

/// Cycles before and behind a difference of which waves are written.
const AROUND: u64 = 200;

/// The cycles around a difference of which waves are written.
pub fn around(cycle: u64) -> Range<u64> {
    cycle.saturating_sub(AROUND)..cycle + AROUND
}

/// One of the two.
pub trait Side {
    /// One line: what it is.
    fn describe(&self) -> String;

    /// The card that it is a lane of: frames beyond its size are refused, not compared. `None`: it takes all.
    fn shape(&self) -> Option<Shape> {
        None
    }

    /// Hands in a frame's chunk.
    ///
    /// # Errors
    /// The side cannot go on.
    fn submit(&mut self, chunk: Arc<[u8]>) -> Result<(), CompareError>;

    /// What it made of the oldest frame that was handed in. `beat` is told the cycle now and then.
    ///
    /// # Errors
    /// The side cannot go on.
    fn next(&mut self, beat: &mut dyn FnMut(u64)) -> Result<Trace, CompareError>;

    /// Runs a clock up to that cycle, whatever comes: for waves behind a difference.
    ///
    /// # Errors
    /// The side cannot go on.
    fn run_on(&mut self, _until: u64) -> Result<(), CompareError> {
        Ok(())
    }
}

/// Why nothing can be said.
#[derive(Debug, Error)]
pub enum CompareError {
    /// A frame could not be read.
    #[error("frame {frame}: {error}")]
    Read {
        /// Frame.
        frame: usize,
        /// Why.
        error: FrameError,
    },
    /// A frame could not be compressed.
    #[error("frame {frame} is not bslz4 and cannot be compressed: {error}")]
    Encode {
        /// Frame.
        frame: usize,
        /// Why.
        error: EncodeError,
    },
    /// A model gave up.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A card cannot do it.
    #[error(transparent)]
    Card(#[from] CardError),
    /// A card behind a UART cannot do it.
    #[error(transparent)]
    Serial(#[from] SerialError),
    /// A side was asked for more than it was given.
    #[error("no frame is in flight")]
    Idle,
}

/// What was compared and found equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Frames that both sides took, failed ones among them.
    pub frames: usize,
    /// Frames that failed in the same way on both sides.
    pub failed: usize,
    /// Frames that were compressed first, because they are not stored as bslz4.
    pub compressed: usize,
    /// Blocks, tails among them.
    pub blocks: usize,
    /// Bytes of LZ4 data and tails between splitter and LZ4 decoder.
    pub block_bytes: u64,
    /// Bytes of bit-planes.
    pub plane_bytes: u64,
    /// Bytes of pixels.
    pub pixel_bytes: u64,
    /// Bins.
    pub bins: u64,
    /// Groups with invalid pixels.
    pub groups: u64,
    /// Frames that a lane refuses for their size, with the status that it gave.
    pub refused: Vec<Refusal>,
}

/// A frame that was not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Frame.
    pub frame: usize,
    /// Status.
    pub status: u8,
}

/// What a comparison came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The first difference, if there is one.
    pub difference: Option<Difference>,
    /// What was found equal before.
    pub compared: Compared,
    /// Whether it was stopped before the end.
    pub interrupted: bool,
}

/// How far a comparison is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Frames compared.
    pub frames: usize,
    /// Cycle of the side that has a clock.
    pub cycle: u64,
}

/// A frame on its way.
struct Waiting {
    frame: usize,
    chunk: Arc<[u8]>,
}

/// Compares two sides over frames of `source`, up to the first difference.
///
/// # Errors
/// [`CompareError`]: frames cannot be read, or a side cannot go on. A difference is no error.
pub fn compare(
    source: &mut dyn FrameSource,
    frames: Range<usize>,
    job: &Job,
    sides: [&mut dyn Side; 2],
    stop: &AtomicBool,
    events: &mut dyn FnMut(Beat),
) -> Result<Finding, CompareError> {
    let [a, b] = sides;
    let pixels = source.info().shape.iter().product();
    let shape = a.shape().into_iter().chain(b.shape()).min_by_key(Shape::block_bytes);
    let mut finding = Finding::default();
    let mut waiting: std::collections::VecDeque<Waiting> = Default::default();
    let mut next = frames.start;
    loop {
        while next < frames.end && waiting.len() < AHEAD && !finding.interrupted {
            if stop.load(Ordering::Relaxed) {
                finding.interrupted = true;
                break;
            }
            let chunk: Arc<[u8]> = chunk_of(source, next, job, &mut finding.compared)?.into();
            a.submit(chunk.clone())?;
            b.submit(chunk.clone())?;
            waiting.push_back(Waiting { frame: next, chunk });
            next += 1;
        }
        let Some(Waiting { frame, chunk }) = waiting.pop_front() else { return Ok(finding) };
        let done = frame - frames.start;
        let mut beat = |cycle| events(Beat { frames: done, cycle });
        let (of_a, of_b) = (a.next(&mut beat)?, b.next(&mut beat)?);
        let refusal = shape.and_then(|shape| chunk_refusal(&shape, job.element, pixels, &chunk));
        if let Some(status) = refusal.filter(|_| of_a.status == refusal || of_b.status == refusal) {
            finding.compared.refused.push(Refusal { frame, status: status.code() });
            continue;
        }
        let block_bytes = ChunkHeader::read(&chunk, job.element, pixels).map_or(0, |header| header.block_bytes);
        let layout = difference::Layout { frame, element: job.element, block_bytes };
        finding.difference = difference::first(&of_a, &of_b, &layout);
        if finding.difference.is_some() {
            return Ok(finding);
        }
        finding.compared.count(&of_a, !of_b.untapped);
        events(Beat { frames: done + 1, cycle: of_a.cycle.or(of_b.cycle).unwrap_or(0) });
    }
}

/// The frame's chunk; pixels that are stored in another way are compressed.
fn chunk_of(
    source: &mut dyn FrameSource,
    frame: usize,
    job: &Job,
    compared: &mut Compared,
) -> Result<Vec<u8>, CompareError> {
    match source.read(frame).map_err(|error| CompareError::Read { frame, error })? {
        Payload::Bslz4(chunk) => Ok(chunk),
        lent @ Payload::Lent(_) => Ok(lent.bytes().into_owned()),
        Payload::Pixels(pixels) => {
            compared.compressed += 1;
            let mut chunk = Vec::new();
            Encoder::new(job.element, None)
                .and_then(|mut encoder| encoder.encode(&pixels, &mut chunk))
                .map_err(|error| CompareError::Encode { frame, error })?;
            Ok(chunk)
        }
    }
}

impl Compared {
    fn count(&mut self, trace: &Trace, tapped: bool) {
        let bytes = |pieces: &[Piece]| pieces.iter().map(|piece| piece.bytes.len() as u64).sum::<u64>();
        self.frames += 1;
        self.failed += (trace.status != Some(Status::Ok)) as usize;
        if tapped {
            self.blocks += trace.blocks.len();
            self.block_bytes += bytes(&trace.blocks);
            self.plane_bytes += bytes(&trace.planes);
            self.pixel_bytes += trace.pixels.bytes.len() as u64;
        }
        self.bins += trace.bins.len() as u64;
        self.groups += trace.groups.len() as u64;
    }
}
