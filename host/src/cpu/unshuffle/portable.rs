//! 64 pixels at a time, by butterflies on 64-bit words (Warren, Hacker's Delight, 7-3).

use super::Planes;
use crate::cpu::sample::Sample;
use debye_spec::bitshuffle::GROUP;

/// Pixels that one step makes.
const STEP: usize = 64;

/// Makes the pixels from group `done` on.
pub fn pixels<T: Sample>(planes: &Planes<'_>, pixels: &mut [T], done: usize) {
    let mut bytes = [[0u8; STEP]; 4];
    for (index, step) in pixels[done * GROUP..].chunks_mut(STEP).enumerate() {
        let at = done + index * (STEP / GROUP);
        for (j, bytes) in bytes.iter_mut().enumerate().take(T::SIZE) {
            transpose(std::array::from_fn(|k| word(planes.bytes, planes.starts[8 * j + k] + at, step.len())), bytes);
        }
        if let Some(step) = step.first_chunk_mut() {
            T::assemble(&bytes, step);
        } else {
            let mut made = [T::default(); STEP];
            T::assemble(&bytes, &mut made);
            step.copy_from_slice(&made[..step.len()]);
        }
    }
}

/// Makes a row's bytes from group `done` on.
pub fn row(planes: &Planes<'_>, keep: &[u8], row: &mut [u8], done: usize) {
    for (index, step) in row[done * GROUP..].chunks_mut(STEP).enumerate() {
        let at = done + index * (STEP / GROUP);
        let keep = word(keep, at, step.len());
        let rows = std::array::from_fn(|k| word(planes.bytes, planes.starts[k] + at, step.len()) & keep);
        if let Some(step) = step.first_chunk_mut() {
            transpose(rows, step);
        } else {
            let mut made = [0; STEP];
            transpose(rows, &mut made);
            step.copy_from_slice(&made[..step.len()]);
        }
    }
}

/// The bits of up to 64 pixels.
#[inline(always)]
fn word(plane: &[u8], at: usize, pixels: usize) -> u64 {
    if pixels == STEP {
        return plane[at..].first_chunk().copied().map(u64::from_le_bytes).unwrap_or_default();
    }
    plane[at..at + pixels / GROUP].iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// Row k holds bit k of 64 pixels; `bytes[i]` becomes the byte of pixel i.
#[inline(always)]
fn transpose(mut rows: [u64; 8], bytes: &mut [u8; STEP]) {
    if rows.iter().fold(0, |all, row| all | row) == 0 {
        bytes.fill(0);
        return;
    }
    // Bits: in each column of bytes, row k bit i becomes row i bit k.
    exchange::<4, 4>(&mut rows, 0x0f0f_0f0f_0f0f_0f0f);
    exchange::<2, 2>(&mut rows, 0x3333_3333_3333_3333);
    exchange::<1, 1>(&mut rows, 0x5555_5555_5555_5555);
    // Bytes: row i byte g (pixel 8g + i) becomes row g byte i.
    exchange::<4, 32>(&mut rows, 0x0000_0000_ffff_ffff);
    exchange::<2, 16>(&mut rows, 0x0000_ffff_0000_ffff);
    exchange::<1, 8>(&mut rows, 0x00ff_00ff_00ff_00ff);
    for (bytes, row) in bytes.chunks_exact_mut(8).zip(rows) {
        bytes.copy_from_slice(&row.to_le_bytes());
    }
}

/// Exchanges, between rows `DISTANCE` apart, what stands `SHIFT` bits above the mask in one and under it in the other.
#[inline(always)]
fn exchange<const DISTANCE: usize, const SHIFT: u32>(rows: &mut [u64; 8], mask: u64) {
    for low in (0..8).filter(|row| row & DISTANCE == 0) {
        let high = low + DISTANCE;
        let swap = ((rows[low] >> SHIFT) ^ rows[high]) & mask;
        rows[high] ^= swap;
        rows[low] ^= swap << SHIFT;
    }
}
