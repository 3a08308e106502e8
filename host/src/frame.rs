//! One frame on its way from a source to an engine: its bytes, or why it failed.

use debye_spec::Status;
use thiserror::Error;

/// The bytes of one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// A bslz4 chunk as it is stored, with its 12-byte header.
    Bslz4(Vec<u8>),
    /// Little-endian pixels, decoded on the way (no filter, gzip, plain LZ4, chunks that are not one frame each).
    Pixels(Vec<u8>),
}

impl Payload {
    /// The bytes, whatever they are.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Payload::Bslz4(bytes) | Payload::Pixels(bytes) => bytes,
        }
    }
}

/// Why one frame failed; the next one runs.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct FrameError {
    /// The code for the output.
    pub status: Status,
    /// What was wrong and where.
    pub message: String,
}

impl From<debye_spec::ChunkError> for FrameError {
    fn from(error: debye_spec::ChunkError) -> Self {
        FrameError { status: Status::from(&error), message: error.to_string() }
    }
}
