//! One frame on its way from a source to an engine: its bytes, or why it failed.

use crate::sha256;
use debye_spec::Status;
use sha2::{Digest, Sha256};
use std::any::Any;
use std::borrow::Cow;
use std::fmt::Debug;
use std::fs::File;
use std::io;
use std::sync::Arc;
use thiserror::Error;

/// Memory of an engine's for one chunk, so that a source reads it where the engine wants it. A card may reach its own at any
/// time: such bytes are copied in and out, never borrowed.
pub trait Lent: Any + Debug + Send + Sync {
    /// Bytes of the chunk.
    fn bytes(&self) -> usize;

    /// Fills it with a file's bytes from `from` on.
    ///
    /// # Errors
    /// The file cannot be read, or ends before.
    fn fill(&self, file: &File, from: u64) -> io::Result<()>;

    /// Copies its bytes from `at` on out; callers ask for no more than there are.
    fn read(&self, at: usize, bytes: &mut [u8]);

    /// The bytes where they stand, once they are there, if nothing outside this process can reach them.
    fn as_slice(&self) -> Option<&[u8]> {
        None
    }
}

/// Gives memory for a chunk of so many bytes; `None`: take memory of your own.
pub type Lender<'a> = dyn FnMut(usize) -> Option<Arc<dyn Lent>> + 'a;

/// The bytes of one frame.
#[derive(Clone, Debug)]
pub enum Payload {
    /// A bslz4 chunk as it is stored, with its 12-byte header.
    Bslz4(Vec<u8>),
    /// The same, in memory that an engine lent.
    Lent(Arc<dyn Lent>),
    /// Little-endian pixels, decoded on the way (no filter, gzip, plain LZ4, chunks that are not one frame each).
    Pixels(Vec<u8>),
}

impl Payload {
    /// How many bytes there are.
    pub fn len(&self) -> usize {
        match self {
            Payload::Bslz4(bytes) | Payload::Pixels(bytes) => bytes.len(),
            Payload::Lent(lent) => lent.bytes(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes, whatever they are; copied where they are in memory that others reach.
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Payload::Bslz4(bytes) | Payload::Pixels(bytes) => Cow::Borrowed(bytes),
            Payload::Lent(lent) => lent.as_slice().map_or_else(
                || {
                    let mut bytes = vec![0; lent.bytes()];
                    lent.read(0, &mut bytes);
                    Cow::Owned(bytes)
                },
                Cow::Borrowed,
            ),
        }
    }

    /// The bytes, if they are in memory that only this process reaches.
    fn as_slice(&self) -> Option<&[u8]> {
        match self {
            Payload::Bslz4(bytes) | Payload::Pixels(bytes) => Some(bytes),
            Payload::Lent(lent) => lent.as_slice(),
        }
    }

    /// The bslz4 chunk, if it is one.
    pub fn chunk(&self) -> Option<Cow<'_, [u8]>> {
        (!matches!(self, Payload::Pixels(_))).then(|| self.bytes())
    }

    /// SHA-256 of the bytes.
    pub fn sha256(&self) -> [u8; 32] {
        match self {
            Payload::Bslz4(bytes) | Payload::Pixels(bytes) => Sha256::digest(bytes).into(),
            Payload::Lent(lent) => {
                lent.as_slice().map_or_else(|| sha256_of_lent(&**lent), |b| Sha256::digest(b).into())
            }
        }
    }

    /// [`Payload::sha256`] of each, in little more than half the time.
    pub fn sha256_of_all(payloads: &[&Payload]) -> Vec<sha256::Digest> {
        let own = payloads.iter().filter_map(|payload| payload.as_slice());
        let mut digests = sha256::of_all(&own.collect::<Vec<_>>()).into_iter();
        let each = payloads.iter().map(|payload| match payload.as_slice() {
            None => Some(payload.sha256()),
            Some(_) => digests.next(),
        });
        each.flatten().collect()
    }
}

fn sha256_of_lent(lent: &dyn Lent) -> [u8; 32] {
    // Through a piece that stays in the nearest cache.
    let (mut hash, mut piece) = (Sha256::new(), [0; 8192]);
    for at in (0..lent.bytes()).step_by(piece.len()) {
        let piece = &mut piece[..(lent.bytes() - at).min(8192)];
        lent.read(at, piece);
        hash.update(piece);
    }
    hash.finalize().into()
}

/// By what they are and their bytes, wherever those stand.
impl PartialEq for Payload {
    fn eq(&self, other: &Payload) -> bool {
        let pixels = |payload: &Payload| matches!(payload, Payload::Pixels(_));
        pixels(self) == pixels(other) && self.bytes() == other.bytes()
    }
}

impl Eq for Payload {}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Memory(Vec<u8>);

    impl Lent for Memory {
        fn bytes(&self) -> usize {
            self.0.len()
        }

        fn fill(&self, _: &File, _: u64) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn read(&self, at: usize, bytes: &mut [u8]) {
            bytes.copy_from_slice(&self.0[at..at + bytes.len()]);
        }
    }

    #[test]
    fn digests_of_payloads_of_all_kinds_come_in_their_order() {
        let bytes = |seed: usize| (0..seed * 1000).map(|k| (k * k / 7 + seed) as u8).collect::<Vec<u8>>();
        let payload = |seed| match seed % 3 {
            0 => Payload::Lent(Arc::new(Memory(bytes(seed)))),
            1 => Payload::Bslz4(bytes(seed)),
            _ => Payload::Pixels(bytes(seed)),
        };
        let payloads: Vec<Payload> = (0..12).map(payload).collect();
        let digests = Payload::sha256_of_all(&payloads.iter().collect::<Vec<_>>());
        let expected: Vec<_> = (0..12).map(|seed| sha256::Digest::from(Sha256::digest(bytes(seed)))).collect();
        assert_eq!(digests, expected);
    }
}
