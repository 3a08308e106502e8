//! How far a run is, and what it comes to.

use super::{Plan, Row};
use crate::engine::Engine;
use crate::source::FrameSource;
use debye_spec::Status;
use serde::Serialize;
use std::time::Duration;

/// State of a run, told with every finished frame.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Frames finished, failed ones among them.
    pub frames: usize,
    /// Frames that failed.
    pub failed: usize,
    /// Frames known to be done in all; grows while a file is followed.
    pub expected: usize,
    /// Bytes read.
    pub bytes_in: u64,
    /// Time since the start.
    pub elapsed: Duration,
    /// Pixels of a frame.
    pixels: usize,
    /// Bytes of a frame's pixels.
    frame_bytes: usize,
    crc: crc32fast::Hasher,
    input: blake3::Hasher,
}

/// What a run came to; `--json` prints it.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Engine's name.
    pub engine: String,
    /// Frames finished, failed ones among them.
    pub frames: usize,
    /// Frames that failed.
    pub failed: usize,
    /// Frames that were to be done.
    pub expected: usize,
    /// Pixels of all frames.
    pub pixels: u64,
    /// Bytes read (chunks as stored, where they are bslz4).
    pub bytes_in: u64,
    /// Bytes of the pixels that they hold.
    pub bytes_pixels: u64,
    /// Wall time of the run, table building and opening not counted.
    pub seconds: f64,
    /// Frames per second.
    pub frames_per_s: f64,
    /// Pixel bytes per second, in GB (1e9).
    pub pixel_gb_per_s: f64,
    /// CRC-32 of all accumulators ([`debye_spec::Bins::record`]).
    pub result_crc32: u32,
    /// BLAKE3 over the BLAKE3 of each frame's payload, in the order of the frames (zeros where none was read).
    pub input_blake3: String,
    /// Whether the run was stopped before its end.
    pub interrupted: bool,
}

impl Progress {
    pub(super) fn new(plan: &Plan, source: &dyn FrameSource) -> Progress {
        let info = source.info();
        let pixels = info.shape[0] * info.shape[1];
        let mut progress = Progress {
            frames: 0,
            failed: 0,
            expected: 0,
            bytes_in: 0,
            elapsed: Duration::ZERO,
            pixels,
            frame_bytes: pixels * info.element.size(),
            crc: crc32fast::Hasher::new(),
            input: blake3::Hasher::new(),
        };
        progress.expect(plan, source.frames());
        progress
    }

    pub(super) fn expect(&mut self, plan: &Plan, frames: usize) {
        self.expected = plan.frames.end.min(frames).saturating_sub(plan.frames.start);
    }

    pub(super) fn count(&mut self, row: &Row, bytes_in: usize, digest: &[u8; 32], elapsed: Duration) {
        self.frames += 1;
        self.failed += (row.status != Status::Ok) as usize;
        self.bytes_in += bytes_in as u64;
        self.elapsed = elapsed;
        self.input.update(digest);
        let mut record = Vec::with_capacity(debye_spec::Bins::record_bytes(row.bins.len()));
        row.bins.record(|bytes| record.extend_from_slice(bytes));
        self.crc.update(&record);
    }

    pub(super) fn frame_bytes(&self) -> usize {
        self.frame_bytes
    }

    /// Bytes of the pixels of the frames finished.
    pub fn bytes_pixels(&self) -> u64 {
        self.frames as u64 * self.frame_bytes as u64
    }

    pub(super) fn close(self, engine: &dyn Engine, elapsed: Duration, interrupted: bool) -> Summary {
        let seconds = elapsed.as_secs_f64();
        let per_s = |count: f64| if seconds > 0.0 { count / seconds } else { 0.0 };
        Summary {
            engine: engine.name().into(),
            frames: self.frames,
            failed: self.failed,
            expected: self.expected,
            pixels: self.frames as u64 * self.pixels as u64,
            bytes_in: self.bytes_in,
            bytes_pixels: self.bytes_pixels(),
            seconds,
            frames_per_s: per_s(self.frames as f64),
            pixel_gb_per_s: per_s(self.bytes_pixels() as f64 / 1e9),
            result_crc32: self.crc.finalize(),
            input_blake3: self.input.finalize().to_string(),
            interrupted,
        }
    }
}
