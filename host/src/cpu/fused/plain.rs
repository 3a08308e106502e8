//! Additions in plain Rust, for levels without instructions of their own for them: compilers make vectors of the lanes.

use super::level::Several;
use crate::cpu::terms::{GROUP, STEP, Term};

/// Frames that [`add_batch`] takes.
pub const LANES: usize = 8;

/// Bytes of a step of all lanes, by group of four pixels, pixel and lane.
type Fours = [[[u16; LANES]; GROUP]; STEP / GROUP];

/// Adds a row to `sums`: signal in the lower half of a bin, defect in the upper.
pub fn add_single(row: &[u8], terms: &[Term], starts: &[u32], whole: u32, sums: &mut [u64]) {
    for (pixels, ends) in row.as_chunks::<STEP>().0.iter().zip(starts.windows(2)) {
        if pixels.iter().fold(0, |all, byte| all | byte) == 0 {
            continue;
        }
        let groups = pixels.as_chunks::<GROUP>().0;
        for term in &terms[ends[0] as usize..ends[1] as usize] {
            let (mut signal, mut defect) = (0, 0);
            for (&value, weight) in groups[term.group()].iter().zip(term.weights().to_le_bytes()) {
                let product = u32::from(value) * u32::from(weight);
                signal += product;
                defect += product * (whole - u32::from(weight));
            }
            sums[term.bin()] += u64::from(signal) | u64::from(defect) << 32;
        }
    }
}

/// Adds rows of [`LANES`] frames to `sums`: so many signals and so many defects a bin.
pub fn add_batch(rows: Several<'_>, terms: &[Term], starts: &[u32], whole: u32, sums: &mut [u32]) {
    let mut fours = Fours::default();
    for (step, ends) in starts.windows(2).enumerate() {
        if !turn(&rows, step, &mut fours) {
            continue;
        }
        for term in &terms[ends[0] as usize..ends[1] as usize] {
            let (four, weights) = (&fours[term.group()], term.weights().to_le_bytes().map(u16::from));
            let sums = &mut sums[term.bin() * 2 * LANES..][..2 * LANES];
            let (signals, defects) = sums.split_at_mut(LANES);
            // Four products of a byte and at most 64 fit 16 bits.
            add(signals, products(four, weights));
            if whole <= 16 {
                // As do those of a byte and at most 8 x 8.
                add(defects, products(four, weights.map(|u| u * (whole as u16 - u))));
            } else {
                for (values, u) in four.iter().zip(weights.map(u32::from)) {
                    let defect = u * (whole - u);
                    defects.iter_mut().zip(values).for_each(|(sum, &value)| *sum += defect * u32::from(value));
                }
            }
        }
    }
}

#[inline(always)]
fn products(four: &[[u16; LANES]; GROUP], factors: [u16; GROUP]) -> [u16; LANES] {
    let mut made = [0; LANES];
    for (values, factor) in four.iter().zip(factors) {
        made.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
    }
    made
}

#[inline(always)]
fn add(sums: &mut [u32], more: [u16; LANES]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += u32::from(more));
}

/// A step of all lanes; false if all is 0.
#[inline(always)]
fn turn(rows: &Several<'_>, step: usize, fours: &mut Fours) -> bool {
    let mut any = 0;
    for (lane, row) in rows.bytes.chunks(rows.stride).enumerate().take(LANES) {
        let pixels = &row[step * STEP..][..STEP];
        for (pixel, &byte) in pixels.iter().enumerate() {
            fours[pixel / GROUP][pixel % GROUP][lane] = byte.into();
            any |= byte;
        }
    }
    any != 0
}
