//! Pinned memory for chunks: pieces of any size out of a few large buffers.

use crate::transport::Dma;
use debye_spec::rings::ALIGNMENT;
use std::collections::BTreeMap;

/// A piece that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    buffer: usize,
    at: usize,
    bytes: usize,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Arena {
    buffers: Vec<Buffer>,
}

#[derive(Debug)]
struct Buffer {
    dma: Dma,
    /// Free ranges: start and bytes, apart from each other.
    free: BTreeMap<usize, usize>,
}

impl Arena {
    /// Adds a buffer.
    pub fn add(&mut self, dma: Dma) {
        let free = BTreeMap::from([(0, dma.bytes())]);
        self.buffers.push(Buffer { dma, free });
    }

    /// Bytes of all buffers.
    pub fn bytes(&self) -> usize {
        self.buffers.iter().map(|buffer| buffer.dma.bytes()).sum()
    }

    /// The buffers.
    pub fn buffers(&self) -> impl Iterator<Item = &Dma> {
        self.buffers.iter().map(|buffer| &buffer.dma)
    }

    /// Takes a piece: the first that fits.
    pub fn take(&mut self, bytes: usize) -> Option<Piece> {
        let bytes = bytes.max(1).checked_next_multiple_of(ALIGNMENT as usize)?;
        self.buffers.iter_mut().enumerate().find_map(|(number, buffer)| {
            let (&at, &have) = buffer.free.iter().find(|&(_, &have)| have >= bytes)?;
            buffer.free.remove(&at);
            if have > bytes {
                buffer.free.insert(at + bytes, have - bytes);
            }
            Some(Piece { buffer: number, at, bytes })
        })
    }

    /// Gives a piece back.
    pub fn give_back(&mut self, piece: Piece) {
        let free = &mut self.buffers[piece.buffer].free;
        let (mut at, mut bytes) = (piece.at, piece.bytes);
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

    /// Where the card sees a piece.
    pub fn iova(&self, piece: Piece) -> u64 {
        self.buffers[piece.buffer].dma.iova() + piece.at as u64
    }

    /// Copies bytes into a piece; no more than it has.
    pub fn write(&self, piece: Piece, bytes: &[u8]) {
        let bytes = &bytes[..bytes.len().min(piece.bytes)];
        self.buffers[piece.buffer].dma.write(piece.at, bytes);
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

    proptest! {
        #[test]
        fn pieces_are_apart_and_all_memory_comes_back(sizes in prop::collection::vec(1usize..300_000, 1..60), order: u64) {
            let mut arena = arena();
            let mut live: Vec<(Piece, u8)> = Vec::new();
            for (n, &size) in sizes.iter().enumerate() {
                match arena.take(size) {
                    Some(piece) => {
                        arena.write(piece, &vec![n as u8; size]);
                        live.push((piece, n as u8));
                    }
                    None => prop_assert!(!live.is_empty()),
                }
                if order >> (n % 64) & 1 != 0 && !live.is_empty() {
                    let (piece, mark) = live.swap_remove(n % live.len());
                    prop_assert_eq!(arena.buffers[piece.buffer].dma.to_vec(piece.at, 1), [mark]);
                    arena.give_back(piece);
                }
            }
            for (piece, mark) in live {
                prop_assert_eq!(arena.buffers[piece.buffer].dma.to_vec(piece.at, 1), [mark]);
                arena.give_back(piece);
            }
            let whole: Vec<usize> = arena.buffers().map(Dma::bytes).collect();
            for bytes in whole {
                prop_assert!(arena.take(bytes).is_some());
            }
        }
    }
}
