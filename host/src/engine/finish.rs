//! What every card leaves to its host, simulated or real: frames that are not bslz4 are compressed for it, invalid pixels
//! beyond its list are found, frames that it refuses are done.

use super::keep::{Kept, Maker};
use super::kernel::Kernel;
use super::plan::Plan;
use super::{FrameJob, Outcome};
use crate::codec::encode::{Codec, EncodeError, Encoder};
use crate::cpu::Kernels;
use crate::frame::{FrameError, Payload};
use crate::table::Table;
use debye_spec::answer::Answer;
use debye_spec::rings::{MAX_JOB_BYTES, chunk_room};
use debye_spec::wire::invalid_pixels;
use debye_spec::{FrameResult, Job, Status};
use std::sync::Arc;

/// Statuses from here on say that a card could not take a frame (see [`Status`]).
const REFUSALS: u8 = Status::BlockTooLarge as u8;

/// Bytes of the blocks in which frames are compressed for a card, if its own are not smaller.
const BLOCK_BYTES: usize = 8192;

/// A frame that the card refused and the CPU did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Number of the frame.
    pub frame: usize,
    /// What the card said.
    pub status: Status,
}

/// See the module.
pub struct Finisher {
    table: Arc<Table>,
    plan: Option<Plan>,
    /// Job of all frames.
    pub job: Job,
    /// Number by which requests name the table.
    pub id: u32,
    encoder: Encoder,
    /// Frames that a card refused.
    pub refused: Vec<Refused>,
    /// Frames that were compressed.
    pub compressed: usize,
}

impl Finisher {
    /// For a card that takes blocks of so many bytes.
    ///
    /// # Errors
    /// Its blocks are smaller than any that there are.
    pub fn new(table: Arc<Table>, job: Job, block_bytes: usize) -> Result<Finisher, EncodeError> {
        let id = u32::from_le_bytes([table.hash[0], table.hash[1], table.hash[2], table.hash[3]]);
        let block = block_bytes.min(BLOCK_BYTES) / job.element.size();
        let encoder = Encoder::with_codec(job.element, Some(block), Codec::Debye)?;
        Ok(Finisher { table, plan: None, job, id, encoder, refused: Vec::new(), compressed: 0 })
    }

    /// The table.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Whether a frame is something for a card: a chunk, or the table's pixels, of no more bytes than a card takes.
    pub fn takes(&self, frame: &FrameJob) -> bool {
        const MOST: usize = MAX_JOB_BYTES as usize;
        match &frame.payload {
            Payload::Bslz4(_) | Payload::Lent(_) => frame.payload.len() <= MOST,
            Payload::Pixels(bytes) => {
                let whole = bytes.len() == self.table.pixels() * self.job.element.size();
                whole && bytes.len() <= MOST && chunk_room(bytes.len() as u32) as usize <= MOST
            }
        }
    }

    /// Compresses pixels for a card.
    ///
    /// # Errors
    /// They cannot be.
    pub fn compress(&mut self, pixels: &[u8]) -> Result<Vec<u8>, EncodeError> {
        let mut chunk = Vec::new();
        self.encoder.encode(pixels, &mut chunk)?;
        self.compressed += 1;
        Ok(chunk)
    }

    /// What was compressed for a card, as a chunk to keep: those have blocks of the default size.
    pub fn to_keep(&self, compressed: Option<Vec<u8>>) -> Option<Kept> {
        let chunk = compressed.filter(|_| self.encoder.block_bytes() == BLOCK_BYTES)?;
        Some(Kept { chunk: Payload::Bslz4(chunk), maker: Maker::Cpu })
    }

    /// The frame's outcome on the CPU.
    pub fn on_cpu(&mut self, frame: &FrameJob) -> Outcome {
        let plan = self.plan.get_or_insert_with(|| Plan::new(self.table.clone(), Kernels::of_process()));
        Kernel::new(plan, self.job).run(frame)
    }

    /// What a card's answer comes to: its result, or the status with which the frame failed. `payload_digest` is the
    /// payload's, which whoever waits for a card may have computed meanwhile.
    ///
    /// # Errors
    /// The answer is not one to this frame: what is wrong with it.
    pub fn finish(
        &mut self,
        frame: &FrameJob,
        answer: Result<Answer, Status>,
        payload_digest: [u8; 32],
    ) -> Result<Outcome, String> {
        let index = frame.index;
        let result = match answer {
            Err(status) if status.code() >= REFUSALS => {
                let outcome = self.on_cpu(frame);
                if outcome.payload_digest != payload_digest {
                    return Err(format!("the chunk of frame {index} changed after it was read: a card wrote to it"));
                }
                self.refused.push(Refused { frame: index, status });
                return Ok(outcome);
            }
            Err(status) => {
                // The card says what; the CPU's walk over the chunk says where.
                let message = match self.on_cpu(frame).result {
                    Err(error) if error.status == status => error.message,
                    Err(error) => format!("the card gives status {} ({status:?}); {}", status.code(), error.message),
                    Ok(_) => format!("the card gives status {} ({status:?}), the CPU finds no fault", status.code()),
                };
                Err(FrameError { status, message })
            }
            Ok(answer) => Ok(self.whole(frame, answer)?),
        };
        Ok(Outcome { index, bytes_in: frame.payload.len(), payload_digest, result, kept: None })
    }

    /// The result with all its invalid pixels.
    fn whole(&mut self, frame: &FrameJob, answer: Answer) -> Result<FrameResult, String> {
        let (index, bins) = (frame.index, self.table.bins());
        if answer.bins.len() != bins {
            return Err(format!("it answered frame {index} with {} bins of {bins}", answer.bins.len()));
        }
        let statistics = answer.header.statistics;
        let mut invalid = invalid_pixels(&answer.groups, self.job.element);
        if invalid.len() != statistics.invalid as usize {
            // More than a card lists.
            invalid = match self.on_cpu(frame).result {
                Ok(result) => result.invalid,
                Err(error) => return Err(format!("frame {index} has a fault that it missed: {error}")),
            };
        }
        Ok(FrameResult { bins: answer.bins, statistics, invalid })
    }
}
