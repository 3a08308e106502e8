//! Pixels that are not compressed, to rows of bytes: one row a byte of the pixels, with masked pixels as 0.

use crate::cpu::terms::STEP;

/// Splits a block of pixels of `rows.len()` bytes into rows of whole steps; `keep` has a bit a pixel. Says how many bytes of
/// the pixels are not 0 everywhere. Plain Rust, which compilers turn into whatever instructions they are told of.
#[inline(always)]
pub fn split(pixels: &[u8], keep: &[u8], rows: &mut [&mut [u8]]) -> usize {
    match rows {
        [a] => of::<1>(pixels, keep, [a]),
        [a, b] => of::<2>(pixels, keep, [a, b]),
        [a, b, c, d] => of::<4>(pixels, keep, [a, b, c, d]),
        _ => unreachable!("pixels of 1, 2 or 4 bytes"),
    }
}

#[inline(always)]
fn of<const SIZE: usize>(pixels: &[u8], keep: &[u8], mut rows: [&mut [u8]; SIZE]) -> usize {
    let mut all = [[0; STEP]; SIZE];
    let (pixels, rest) = pixels.as_chunks::<SIZE>().0.as_chunks::<STEP>();
    let (keep, keep_rest) = keep.as_chunks::<{ STEP / 8 }>();
    for (step, (pixels, keep)) in pixels.iter().zip(keep).enumerate() {
        step_of(step, pixels, u64::from_le_bytes(*keep), &mut rows, &mut all);
    }
    if !rest.is_empty() {
        let (mut pixels, mut bits) = ([[0; SIZE]; STEP], [0; STEP / 8]);
        pixels[..rest.len()].copy_from_slice(rest);
        bits[..keep_rest.len()].copy_from_slice(keep_rest);
        step_of(keep.len(), &pixels, u64::from_le_bytes(bits), &mut rows, &mut all);
    }
    all.iter().rposition(|bytes| bytes.iter().fold(0, |all, byte| all | byte) != 0).map_or(0, |byte| byte + 1)
}

#[inline(always)]
fn step_of<const SIZE: usize>(
    step: usize,
    pixels: &[[u8; SIZE]; STEP],
    keep: u64,
    rows: &mut [&mut [u8]; SIZE],
    all: &mut [[u8; STEP]; SIZE],
) {
    for (byte, (row, all)) in rows.iter_mut().zip(all).enumerate() {
        let Some(row) = row.get_mut(step * STEP..).and_then(<[u8]>::first_chunk_mut::<STEP>) else { return };
        for (to, pixel) in row.iter_mut().zip(pixels) {
            *to = pixel[byte];
        }
        // Most steps have no masked pixel.
        if keep != u64::MAX {
            for (k, to) in row.iter_mut().enumerate() {
                *to &= (((keep >> k) & 1) as u8).wrapping_neg();
            }
        }
        for (all, byte) in all.iter_mut().zip(row) {
            *all |= *byte;
        }
    }
}
