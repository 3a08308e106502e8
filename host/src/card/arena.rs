//! Pinned memory for chunks: pieces of any size out of a few large buffers.

use crate::frame::Lent;
use crate::transport::Dma;
use debye_spec::rings::ALIGNMENT;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Buffers of which each knows its free ranges: start and bytes, apart from each other.
type Free = Mutex<Vec<BTreeMap<usize, usize>>>;

/// See the module.
#[derive(Debug, Default)]
pub struct Arena {
    buffers: Vec<Dma>,
    free: Arc<Free>,
}

/// A piece that is taken, until it is dropped.
#[derive(Debug)]
pub struct Piece {
    free: Arc<Free>,
    buffer: usize,
    dma: Dma,
    at: usize,
    /// As taken from the buffer, and as asked for.
    taken: usize,
    bytes: usize,
}

fn lock(free: &Free) -> MutexGuard<'_, Vec<BTreeMap<usize, usize>>> {
    // Whoever panics does so between two changes, not within one.
    free.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Arena {
    /// Adds a buffer.
    pub fn add(&mut self, dma: Dma) {
        lock(&self.free).push(BTreeMap::from([(0, dma.bytes())]));
        self.buffers.push(dma);
    }

    /// Bytes of all buffers.
    pub fn bytes(&self) -> usize {
        self.buffers.iter().map(Dma::bytes).sum()
    }

    /// The buffers.
    pub fn buffers(&self) -> impl Iterator<Item = &Dma> {
        self.buffers.iter()
    }

    /// Takes a piece: the first that fits.
    pub fn take(&self, bytes: usize) -> Option<Piece> {
        let taken = bytes.max(1).checked_next_multiple_of(ALIGNMENT as usize)?;
        let mut free = lock(&self.free);
        let (buffer, at) = free.iter_mut().enumerate().find_map(|(number, free)| {
            let (&at, &have) = free.iter().find(|&(_, &have)| have >= taken)?;
            free.remove(&at);
            if have > taken {
                free.insert(at + taken, have - taken);
            }
            Some((number, at))
        })?;
        let (free, dma) = (self.free.clone(), self.buffers[buffer].clone());
        Some(Piece { free, buffer, dma, at, taken, bytes })
    }

    /// Whether a piece is of this arena.
    pub fn owns(&self, piece: &Piece) -> bool {
        Arc::ptr_eq(&self.free, &piece.free)
    }
}

impl Piece {
    /// Where the card sees it.
    pub fn iova(&self) -> u64 {
        self.dma.iova() + self.at as u64
    }

    /// Copies bytes in; no more than it has.
    pub fn write(&self, bytes: &[u8]) {
        self.write_at(0, bytes);
    }

    /// Copies bytes in from a place on; no more than it has.
    pub fn write_at(&self, at: usize, bytes: &[u8]) {
        let most = self.taken.saturating_sub(at);
        self.dma.write(self.at + at, &bytes[..bytes.len().min(most)]);
    }
}

impl Lent for Piece {
    fn bytes(&self) -> usize {
        self.bytes
    }

    fn fill(&self, file: &File, from: u64) -> io::Result<()> {
        self.dma.fill_from(self.at, self.bytes, file, from)
    }

    fn read(&self, at: usize, bytes: &mut [u8]) {
        assert!(at.checked_add(bytes.len()).is_some_and(|end| end <= self.bytes), "bytes beyond the chunk");
        self.dma.read(self.at + at, bytes);
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let mut free = lock(&self.free);
        let free = &mut free[self.buffer];
        let (mut at, mut bytes) = (self.at, self.taken);
        if let Some(behind) = free.remove(&(at + bytes)) {
            bytes += behind;
        }
        if let Some((&before, &have)) = free.range(..at).next_back()
            && before + have == at
        {
            (at, bytes) = (before, have + bytes);
        }
        free.insert(at, bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn arena() -> Arena {
        let mut arena = Arena::default();
        arena.add(crate::transport::test_memory(1 << 32));
        arena.add(crate::transport::test_memory(1 << 33));
        arena
    }

    fn first(piece: &Piece) -> u8 {
        let mut byte = [0];
        piece.read(0, &mut byte);
        byte[0]
    }

    proptest! {
        #[test]
        fn pieces_are_apart_and_all_memory_comes_back(sizes in prop::collection::vec(1usize..300_000, 1..60), order: u64) {
            let arena = arena();
            let mut live: Vec<(Piece, u8)> = Vec::new();
            for (n, &size) in sizes.iter().enumerate() {
                match arena.take(size) {
                    Some(piece) => {
                        piece.write(&vec![n as u8; size]);
                        prop_assert_eq!(piece.bytes(), size);
                        live.push((piece, n as u8));
                    }
                    None => prop_assert!(!live.is_empty()),
                }
                if order >> (n % 64) & 1 != 0 && !live.is_empty() {
                    let (piece, mark) = live.swap_remove(n % live.len());
                    prop_assert_eq!(first(&piece), mark);
                }
            }
            for (piece, mark) in live {
                prop_assert_eq!(first(&piece), mark);
            }
            let whole: Vec<usize> = arena.buffers().map(Dma::bytes).collect();
            let all: Vec<_> = whole.into_iter().map(|bytes| arena.take(bytes)).collect();
            prop_assert!(all.iter().all(Option::is_some));
        }
    }

    #[test]
    fn piece_of_another_arena_is_told_apart() {
        let (one, other) = (arena(), arena());
        let piece = one.take(1).unwrap();
        assert!(one.owns(&piece) && !other.owns(&piece));
    }
}
