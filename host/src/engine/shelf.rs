//! Memory for chunks that is used again and again: what a frame was read into serves a later one, so a run takes memory
//! from the system for as many frames as are under way, once.

use crate::frame::Lent;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Buffers that nobody uses now. The one that came back last is taken first: it may still be in cache.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    free: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// Room for a chunk; its buffer goes back where it came from.
#[derive(Debug)]
struct Tray {
    shelf: Shelf,
    bytes: usize,
    /// At least `bytes` long once it is there.
    filled: OnceLock<Vec<u8>>,
}

impl Shelf {
    /// Room for a chunk of so many bytes.
    pub fn lend(&self, bytes: usize) -> Arc<dyn Lent> {
        Arc::new(Tray { shelf: self.clone(), bytes, filled: OnceLock::new() })
    }

    fn take(&self) -> Vec<u8> {
        // Whoever panics does so before or after a change, not within one.
        self.free.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn put(&self, buffer: Vec<u8>) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}

impl Lent for Tray {
    fn bytes(&self) -> usize {
        self.bytes
    }

    fn fill(&self, file: &File, from: u64) -> io::Result<()> {
        let mut buffer = self.shelf.take();
        if buffer.len() < self.bytes {
            // Taken anew, not copied; zeros from the system cost nothing before they are written over.
            buffer = vec![0; self.bytes];
        }
        let read = file.read_exact_at(&mut buffer[..self.bytes], from);
        match (read, self.filled.get()) {
            (Ok(()), None) => self.filled.set(buffer).map_err(|_| io::ErrorKind::AlreadyExists.into()),
            (read, _) => {
                self.shelf.put(buffer);
                read.and(Err(io::ErrorKind::AlreadyExists.into()))
            }
        }
    }

    fn read(&self, at: usize, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.as_slice().unwrap_or_default()[at..at + bytes.len()]);
    }

    fn as_slice(&self) -> Option<&[u8]> {
        self.filled.get().map(|buffer| &buffer[..self.bytes])
    }
}

impl Drop for Tray {
    fn drop(&mut self) {
        if let Some(buffer) = self.filled.take() {
            self.shelf.put(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Payload;
    use std::io::Write;

    #[test]
    fn chunks_of_many_sizes_are_whole_and_share_few_buffers() {
        let content: Vec<u8> = (0..100_000_u64).map(|k| (k * k / 7) as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&content).unwrap();
        let shelf = Shelf::default();
        for round in 0..50 {
            let payloads: Vec<(usize, usize, Payload)> = (0..4)
                .map(|k| {
                    let (at, bytes) = (round * 7 + k * 1000, (round * 997 + k * 31) % 5000);
                    let lent = shelf.lend(bytes);
                    lent.fill(&file, at as u64).unwrap();
                    (at, bytes, Payload::Lent(lent))
                })
                .collect();
            for (at, bytes, payload) in &payloads {
                assert_eq!(&*payload.bytes(), &content[*at..at + bytes]);
                assert_eq!(payload.digest(), Payload::Bslz4(content[*at..at + bytes].into()).digest());
            }
        }
        assert_eq!(shelf.free.lock().unwrap().len(), 4);
    }

    #[test]
    fn chunk_that_cannot_be_read_or_is_filled_twice_is_an_error_and_loses_no_buffer() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[1, 2, 3]).unwrap();
        let shelf = Shelf::default();
        let lent = shelf.lend(4);
        assert!(lent.fill(&file, 0).is_err());
        assert!(lent.as_slice().is_none());
        let lent = shelf.lend(2);
        lent.fill(&file, 1).unwrap();
        assert!(lent.fill(&file, 0).is_err());
        assert_eq!(lent.as_slice(), Some(&[2, 3][..]));
        drop(lent);
        assert_eq!(shelf.free.lock().unwrap().len(), 2);
    }
}
