//! Frames from chunks that are not one frame each: several frames a chunk, part of a frame, chunks over the edge.

use super::stored::Stored;
use crate::frame::FrameError;
use std::collections::VecDeque;
use std::sync::Arc;

/// Bytes of decoded chunks that are kept, besides the one in use.
const CACHE_BYTES: usize = 256 << 20;

/// The chunks decoded last, by the offset of their first element.
#[derive(Debug, Default)]
pub(super) struct Cache {
    chunks: VecDeque<(Vec<u64>, Arc<Vec<u8>>)>,
    bytes: usize,
}

impl Cache {
    fn get(&self, offset: &[u64]) -> Option<Arc<Vec<u8>>> {
        self.chunks.iter().find(|(at, _)| at == offset).map(|(_, chunk)| chunk.clone())
    }

    fn put(&mut self, offset: Vec<u64>, chunk: Arc<Vec<u8>>) {
        self.bytes += chunk.len();
        self.chunks.push_back((offset, chunk));
        while self.bytes > CACHE_BYTES && self.chunks.len() > 1 {
            if let Some((_, oldest)) = self.chunks.pop_front() {
                self.bytes -= oldest.len();
            }
        }
    }

    /// Forgets everything (the file has changed).
    pub fn clear(&mut self) {
        *self = Cache::default();
    }
}

impl Stored {
    /// The pixels of the frame at `start` (its last two entries are 0), from all chunks that hold a part of it.
    pub(super) fn assemble(&mut self, start: &[u64], chunk: &[usize]) -> Result<Vec<u8>, FrameError> {
        let leading = chunk.len() - 2;
        let (rows, columns) = (chunk[leading], chunk[leading + 1]);
        let size = self.element.size();
        let mut pixels = vec![0; self.frame_bytes()];

        let mut offset: Vec<u64> = start.to_vec();
        let mut inside = 0;
        for ((at, &start), &n) in offset.iter_mut().zip(start).zip(chunk).take(leading) {
            let within = start % n as u64;
            *at = start - within;
            inside = inside * n + within as usize;
        }
        for top in (0..self.shape[0]).step_by(rows) {
            for left in (0..self.shape[1]).step_by(columns) {
                offset[leading] = top as u64;
                offset[leading + 1] = left as u64;
                let decoded = self.decoded_chunk(&offset, chunk)?;
                let wide = columns.min(self.shape[1] - left) * size;
                for row in 0..rows.min(self.shape[0] - top) {
                    let from = (inside * rows + row) * columns * size;
                    let to = ((top + row) * self.shape[1] + left) * size;
                    pixels[to..to + wide].copy_from_slice(&decoded[from..from + wide]);
                }
            }
        }
        Ok(pixels)
    }

    fn decoded_chunk(&mut self, offset: &[u64], chunk: &[usize]) -> Result<Arc<Vec<u8>>, FrameError> {
        if let Some(decoded) = self.cache.get(offset) {
            return Ok(decoded);
        }
        let (stored, mask) = self.fetch(offset)?.ok_or_else(|| self.absent(offset))?;
        let size = chunk.iter().product::<usize>() * self.element.size();
        let decoded = Arc::new(self.decode(stored, mask, size)?);
        // A chunk of one frame's depth is not needed again.
        if chunk[..chunk.len() - 2].iter().any(|&n| n > 1) {
            self.cache.put(offset.to_vec(), decoded.clone());
        }
        Ok(decoded)
    }
}
