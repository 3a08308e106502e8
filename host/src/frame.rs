//! One frame on its way from a source to an engine: its bytes, or why it failed.

use crate::digest::Digest;
use debye_spec::Status;
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

    /// The bslz4 chunk, if it is one.
    pub fn chunk(&self) -> Option<Cow<'_, [u8]>> {
        (!matches!(self, Payload::Pixels(_))).then(|| self.bytes())
    }

    /// BLAKE3 of the bytes.
    pub fn digest(&self) -> Digest {
        let digest = |bytes: &[u8]| blake3::hash(bytes).into();
        match self {
            Payload::Bslz4(bytes) | Payload::Pixels(bytes) => digest(bytes),
            Payload::Lent(lent) => lent.as_slice().map_or_else(|| digest_of_lent(&**lent), digest),
        }
    }
}

fn digest_of_lent(lent: &dyn Lent) -> Digest {
    // Through a piece that stays in the nearest cache.
    let (mut hash, mut piece) = (blake3::Hasher::new(), [0; 8192]);
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
    fn digest_of_lent_bytes_is_that_of_the_same_bytes_elsewhere() {
        for bytes in [0, 1, 1024, 8191, 8192, 8193, 50_000] {
            let bytes: Vec<u8> = (0..bytes).map(|k: usize| (k * k / 7) as u8).collect();
            let expected = Digest::from(blake3::hash(&bytes));
            assert_eq!(Payload::Lent(Arc::new(Memory(bytes.clone()))).digest(), expected);
            assert_eq!(Payload::Bslz4(bytes.clone()).digest(), expected);
            assert_eq!(Payload::Pixels(bytes).digest(), expected);
        }
    }
}
