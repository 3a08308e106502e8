//! LZ4 block decode, at each level. Whatever is not sound makes a kernel give up; the definition then decodes the block
//! again and names the fault, so that errors are equal by construction.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod narrow;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod places;
mod portable;
mod tail;

use super::prefetch::will_read;
use super::{Kernels, Level};
use debye_spec::lz4::Lz4Error;
use std::ops::Range;

/// Bytes that a kernel may read behind a block's data.
const INPUT_SLACK: usize = 80;

/// Bytes that a kernel may write behind a block's output.
pub const OUTPUT_SLACK: usize = 128;

/// What the last blocks of a chunk are copied to, so that reading behind them is sound.
#[derive(Debug, Default)]
pub struct Decoder {
    copy: Vec<u8>,
}

impl Decoder {
    /// Decodes the block that stands in `data` of `chunk`, of `size` bytes in planes of `plane`, into `output`, which must
    /// have [`OUTPUT_SLACK`] more.
    ///
    /// Says how many bytes were made. Where they are fewer than `size` they are whole planes, of which the last stands for
    /// all that follow: those hold the same ([`complete`] writes them). What is behind those made is overwritten with
    /// anything. With a single plane of `size` all bytes are made.
    ///
    /// # Errors
    /// Exactly those of [`debye_spec::lz4::decode`]; `output` then holds bytes of no meaning.
    #[inline]
    pub fn decode(
        &mut self,
        kernels: Kernels,
        chunk: &[u8],
        data: Range<usize>,
        output: &mut [u8],
        size: usize,
        plane: usize,
    ) -> Result<usize, Lz4Error> {
        let block = &chunk[data.clone()];
        // The next block's bytes, of which there are about as many: a token cannot be read before the one before it is, so
        // what comes late from memory is waited for again and again.
        let next = data.end + data.len() + data.len() / 4;
        will_read(&chunk[data.end..next.min(chunk.len())]);
        match self.sound(kernels, chunk, &data, output, size, plane) {
            Some(made) => Ok(made),
            None => debye_spec::lz4::decode(block, &mut output[..size]).map(|()| size),
        }
    }

    #[inline]
    fn sound(
        &mut self,
        kernels: Kernels,
        chunk: &[u8],
        data: &Range<usize>,
        output: &mut [u8],
        size: usize,
        plane: usize,
    ) -> Option<usize> {
        let block = &chunk[data.clone()];
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        if kernels.0 != Level::Portable && !block.is_empty() && output.len() >= size + OUTPUT_SLACK {
            let readable = match chunk.get(data.start..data.end + INPUT_SLACK) {
                Some(readable) => readable,
                None => {
                    self.copy.clear();
                    self.copy.extend_from_slice(block);
                    self.copy.resize(block.len() + INPUT_SLACK, 0);
                    &self.copy
                }
            };
            // SAFETY: `kernels` exist, so the processor has their instructions; `readable` has
            // INPUT_SLACK bytes behind the block's, `output` OUTPUT_SLACK behind `size`.
            return unsafe {
                let (input, output) = (readable.as_ptr(), output.as_mut_ptr());
                match kernels.0 {
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx512 => avx512::decode(input, block.len(), output, size, plane),
                    #[cfg(target_arch = "x86_64")]
                    _ => avx2::decode(input, block.len(), output, size, plane),
                    #[cfg(target_arch = "aarch64")]
                    _ => neon::decode(input, block.len(), output, size, plane),
                }
            };
        }
        let _ = kernels;
        portable::decode(block, &mut output[..size], plane)
    }
}

/// Writes the planes, `plane` bytes each, that [`Decoder::decode`] left out of a block: `made` is what it said.
pub fn complete(block: &mut [u8], made: usize, plane: usize) {
    for at in (made..block.len()).step_by(plane.max(1)) {
        block.copy_within(at - plane..at, at);
    }
}

/// Adds extension bytes to a length; false when the input ends within them.
///
/// # Safety
/// The bytes from `from` to `end` can be read; nothing is where `from` is not before `end`.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[inline(always)]
unsafe fn extend(from: &mut *const u8, end: *const u8, length: &mut usize) -> bool {
    while *from < end {
        // SAFETY: `from` is before `end`.
        let byte = unsafe {
            let byte = **from as usize;
            *from = from.add(1);
            byte
        };
        *length += byte;
        if byte != 255 {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests;
