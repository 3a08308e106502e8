//! Bitshuffle with Zstd (`BSHUF_H5_COMPRESS_ZSTD` of `bshuf_h5filter.c`): the layout of bslz4 with a Zstd frame in the place
//! of each LZ4 block.

use super::Coder;
use crate::codec::encode::default_block_elements;
use crate::cpu::sample::{Sample, read_le, write_le};
use crate::cpu::{Kernels, shuffle, unshuffle};
use debye_spec::bitshuffle::GROUP;
use debye_spec::chunk::{HEADER_BYTES, LENGTH_BYTES};
use std::io;
use zstd::bulk::{Compressor, Decompressor};

/// See the module.
pub(super) struct Bszstd<T> {
    kernels: Kernels,
    block_bytes: usize,
    compressor: Compressor<'static>,
    decompressor: Decompressor<'static>,
    planes: Vec<u8>,
    packed: Vec<u8>,
    pixels: Vec<T>,
}

impl<T: Sample> Bszstd<T> {
    /// At a level, in bitshuffle's default blocks.
    pub fn new(level: i32) -> io::Result<Bszstd<T>> {
        let block_bytes = default_block_elements(T::SIZE) * T::SIZE;
        Ok(Bszstd {
            kernels: Kernels::of_process(),
            block_bytes,
            compressor: Compressor::new(level)?,
            decompressor: Decompressor::new()?,
            planes: vec![0; block_bytes],
            packed: vec![0; zstd::zstd_safe::compress_bound(block_bytes)],
            pixels: Vec::new(),
        })
    }
}

impl<T: Sample> Coder for Bszstd<T> {
    fn encode(&mut self, pixels: &[u8], stored: &mut Vec<u8>) -> Result<(), String> {
        let whole = pixels.len() / (GROUP * T::SIZE) * (GROUP * T::SIZE);
        let (shuffled, tail) = pixels.split_at(whole);
        stored.clear();
        stored.extend_from_slice(&(pixels.len() as u64).to_be_bytes());
        stored.extend_from_slice(&(self.block_bytes as u32).to_be_bytes());
        for elements in shuffled.chunks(self.block_bytes) {
            let planes = &mut self.planes[..elements.len()];
            shuffle::planes(self.kernels, elements, planes, T::SIZE);
            let made = self.compressor.compress_to_buffer(planes, &mut self.packed[..]);
            let made = made.map_err(|error| error.to_string())?;
            stored.extend_from_slice(&(made as u32).to_be_bytes());
            stored.extend_from_slice(&self.packed[..made]);
        }
        stored.extend_from_slice(tail);
        Ok(())
    }

    fn decode(&mut self, stored: &[u8], bytes: usize) -> Result<(), String> {
        let cut = || format!("the chunk of {} bytes ends too early", stored.len());
        let (size, rest) = stored.split_first_chunk::<8>().ok_or_else(cut)?;
        let (block, _) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        let (stated, block) = (u64::from_be_bytes(*size), u32::from_be_bytes(*block) as usize);
        if stated != bytes as u64 || block != self.block_bytes {
            return Err(format!(
                "the header states {stated} bytes in blocks of {block}, expected {bytes} in {}",
                self.block_bytes
            ));
        }
        self.pixels.resize(bytes / T::SIZE, T::default());
        let whole = self.pixels.len() / GROUP * GROUP;
        let (shuffled, tail) = self.pixels.split_at_mut(whole);
        let mut at = HEADER_BYTES;
        for pixels in shuffled.chunks_mut(self.block_bytes / T::SIZE) {
            let length = stored.get(at..).and_then(|rest| rest.first_chunk::<LENGTH_BYTES>()).ok_or_else(cut)?;
            at += LENGTH_BYTES;
            let length = u32::from_be_bytes(*length) as usize;
            let data = stored.get(at..at + length).ok_or_else(cut)?;
            at += length;
            let planes = &mut self.planes[..pixels.len() * T::SIZE];
            let made = self.decompressor.decompress_to_buffer(data, planes).map_err(|error| error.to_string())?;
            if made != planes.len() {
                return Err(format!("a block makes {made} bytes, not {}", planes.len()));
            }
            unshuffle::pixels(self.kernels, planes, pixels);
        }
        let raw = stored.get(at..).filter(|rest| rest.len() == tail.len() * T::SIZE).ok_or_else(cut)?;
        read_le(raw, tail);
        Ok(())
    }

    fn decoded(&self, pixels: &mut Vec<u8>) {
        write_le(&self.pixels, pixels);
    }
}
