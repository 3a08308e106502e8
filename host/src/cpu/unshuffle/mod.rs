//! Bit-planes to pixels (`bitshuffle.c`, transposition of bits), at each level.
//!
//! A block of n pixels of s bytes has 8 s planes of n / 8 bytes; plane 8 j + k holds bit k of byte j. [`pixels`] makes
//! the pixels; [`row`] stops half-way, at one row of bytes for byte j of all pixels, which is what integration wants:
//! where upper bytes are zero, and in most blocks of a photon-counting frame they are, they need not be made.
//!
//! Planes that are not there hold the same as the last one that is: the decoder of LZ4 does not make what it knows to be so.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;

use super::lines::LINE;
use super::{Kernels, Level};
use crate::cpu::sample::Sample;
use debye_spec::bitshuffle::GROUP;

/// Most planes of a block.
const MOST: usize = 32;

/// Bit-planes, of which the last stands for those that follow.
struct Planes<'a> {
    bytes: &'a [u8],
    /// Bytes of a plane.
    stride: usize,
    /// The last plane that is there.
    last: usize,
    /// Where each begins.
    starts: [usize; MOST],
}

impl<'a> Planes<'a> {
    /// Planes of `pixels` pixels, at least one and at most `most`; `None` without pixels.
    #[inline(always)]
    fn new(bytes: &'a [u8], pixels: usize, most: usize) -> Option<Planes<'a>> {
        let stride = pixels / GROUP;
        if stride == 0 {
            assert!(bytes.is_empty() && pixels == 0, "planes fit the pixels");
            return None;
        }
        let count = bytes.len() / stride;
        let fit = pixels == stride * GROUP && bytes.len() == count * stride && (1..=most).contains(&count);
        assert!(fit, "planes fit the pixels");
        let mut starts = [0; MOST];
        for k in 1..most {
            starts[k] = starts[k - 1] + if k < count { stride } else { 0 };
        }
        Some(Planes { bytes, stride, last: count - 1, starts })
    }
}

/// Turns the bit-planes of a block into its pixels. `planes` holds `pixels.len() * T::SIZE` bytes, or fewer by whole planes; the
/// number of pixels is a multiple of 8.
pub fn pixels<T: Sample>(kernels: Kernels, planes: &[u8], pixels: &mut [T]) {
    let Some(planes) = Planes::new(planes, pixels.len(), 8 * T::SIZE) else { return };
    let done = match kernels.0 {
        // SAFETY: `kernels` exist, so the processor has their instructions; the lengths were compared.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { avx512::pixels(&planes, pixels) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { avx2::pixels(&planes, pixels) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Level::Neon => unsafe { neon::pixels(&planes, pixels) },
        _ => 0,
    };
    portable::pixels(&planes, pixels, done / GROUP);
}

/// Makes the pixels of blocks in memory that is not read soon: past the caches, where that can be.
pub struct PastCaches(Kernels);

impl PastCaches {
    /// `None` where `pixels`, all of the frame's, cannot pass the caches. With some kernels they do, if they begin with a
    /// line of the caches.
    pub fn new<T>(kernels: Kernels, pixels: &[T]) -> Option<PastCaches> {
        (kernels.0 == Level::Avx512 && pixels.as_ptr().addr().is_multiple_of(LINE)).then(|| PastCaches(kernels))
    }

    /// As [`pixels`], of a block.
    pub fn pixels<T: Sample>(&mut self, planes: &[u8], pixels: &mut [T]) {
        #[cfg(target_arch = "x86_64")]
        if pixels.as_ptr().addr().is_multiple_of(LINE) {
            let Some(planes) = Planes::new(planes, pixels.len(), 8 * T::SIZE) else { return };
            // SAFETY: the kernels exist and are these, so the processor has their instructions; lengths and place were
            // compared; the fence is this structure's end.
            let done = unsafe { avx512::pixels_past_caches(&planes, pixels) };
            portable::pixels(&planes, pixels, done / GROUP);
            return;
        }
        self::pixels(self.0, planes, pixels);
    }
}

impl Drop for PastCaches {
    fn drop(&mut self) {
        #[cfg(target_arch = "x86_64")]
        avx512::fence();
    }
}

/// Makes a row of bytes: byte j of each pixel, out of the eight planes of byte j (`planes`, row.len() / 8 bytes each, or those
/// of them that are there). Where `keep` has a bit 0, the byte is 0.
pub fn row(kernels: Kernels, planes: &[u8], keep: &[u8], row: &mut [u8]) {
    assert!(keep.len() * GROUP == row.len(), "the mask fits the row");
    let Some(planes) = Planes::new(planes, row.len(), 8) else { return };
    let done = match kernels.0 {
        // SAFETY: `kernels` exist, so the processor has their instructions; the lengths were compared.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { avx512::row(&planes, keep, row) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { avx2::row(&planes, keep, row) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Level::Neon => unsafe { neon::row(&planes, keep, row) },
        _ => 0,
    };
    portable::row(&planes, keep, row, done / GROUP);
}

#[cfg(test)]
mod tests;
