//! Additions in plain Rust, for levels without instructions of their own for them: compilers make vectors of the lanes.

use super::level::Several;
use super::sums::Narrow;
use crate::cpu::terms::{Runs, SIDE, STEP, TILE, TILES, place};

/// Frames that [`add_batch`] takes.
pub const LANES: usize = 8;

/// Bytes of a step of all lanes, by the tile's place, its row, its column and lane.
type Tiles = [[[[u16; LANES]; SIDE]; SIDE]; TILES];

/// Adds a band to `sums`.
pub fn add_single(band: &[u8], runs: Runs<'_>, sums: Narrow<'_>) {
    match sums {
        Narrow::Lanes(sums) => single(band, runs, |bin, of_bin| {
            sums[bin].0.iter_mut().zip(of_bin).for_each(|(sum, more)| *sum += more);
        }),
        Narrow::Pairs(sums) => single(band, runs, |bin, [a, b, c, d, e, f, g, h]| {
            sums[bin] += u64::from(a + b + c + d) | u64::from(e + f + g + h) << 32;
        }),
    }
}

#[inline(always)]
fn single(band: &[u8], runs: Runs<'_>, mut add: impl FnMut(usize, [u32; 2 * SIDE])) {
    let (whole, mut tiles) = (runs.whole(), [[0; TILE]; TILES]);
    for (run, fours, mut weights) in runs.each() {
        let mut any = 0;
        for row in 0..SIDE {
            let pixels = &band[row * runs.columns() + run.column as usize..][..STEP];
            for (tile, pixels) in pixels.as_chunks::<SIDE>().0.iter().enumerate() {
                tiles[place(tile)][row * SIDE..][..SIDE].copy_from_slice(pixels);
            }
            any |= pixels.iter().fold(0, |all, byte| all | byte);
        }
        if any == 0 {
            continue;
        }
        for (code, mask) in fours.iter().flat_map(|four| four.codes.into_iter().zip(four.masks)) {
            let of_tile = expanded(mask, &mut weights, whole);
            let tile = &tiles[usize::from(code) % TILES];
            let mut products = [0u16; TILE];
            for ((product, &weight), &value) in products.iter_mut().zip(&of_tile).zip(tile) {
                *product = u16::from(value) * u16::from(weight);
            }
            let mut made = [0; 2 * SIDE];
            for (pixel, (&product, &weight)) in products.iter().zip(&of_tile).enumerate() {
                made[pixel % SIDE] += u32::from(product);
                made[SIDE + pixel % SIDE] += u32::from(product) * (whole - u32::from(weight));
            }
            add(run.base as usize + usize::from(code >> 4), made);
        }
    }
}

/// Adds a band of [`LANES`] frames to `sums`: so many signals and so many defects a bin.
pub fn add_batch(bands: Several<'_>, runs: Runs<'_>, sums: &mut [u32]) {
    let (whole, mut tiles) = (runs.whole(), Tiles::default());
    for (run, fours, mut weights) in runs.each() {
        let there = turn(&bands, runs.columns(), run.column as usize, &mut tiles);
        if there == 0 {
            continue;
        }
        for (code, mask) in fours.iter().flat_map(|four| four.codes.into_iter().zip(four.masks)) {
            let of_tile = expanded(mask, &mut weights, whole);
            if bands.sparse && there >> (code & 15) & 1 == 0 {
                continue;
            }
            let bin = run.base as usize + usize::from(code >> 4);
            let (signals, defects) = sums[bin * 2 * LANES..][..2 * LANES].split_at_mut(LANES);
            let rows = of_tile.as_chunks::<SIDE>().0.iter().zip(&tiles[usize::from(code) % TILES]);
            for (weights, pixels) in rows.filter(|(weights, _)| **weights != [0; SIDE]) {
                let weights = weights.map(u16::from);
                // Four products of a byte and at most 64 fit 16 bits.
                add(signals, products(pixels, weights));
                if whole <= 16 {
                    // As do those of a byte and at most 8 x 8.
                    add(defects, products(pixels, weights.map(|u| u * (whole as u16 - u))));
                } else {
                    for (values, u) in pixels.iter().zip(weights.map(u32::from)) {
                        let defect = u * (whole - u);
                        defects.iter_mut().zip(values).for_each(|(sum, &value)| *sum += defect * u32::from(value));
                    }
                }
            }
        }
    }
}

/// The weights of a term's 16 pixels; moves on behind them.
#[inline(always)]
fn expanded(mask: u16, weights: &mut &[u8], whole: u32) -> [u8; TILE] {
    let mut made = [0; TILE];
    if whole == 1 {
        made.iter_mut().enumerate().for_each(|(pixel, weight)| *weight = (mask >> pixel & 1) as u8);
        return made;
    }
    let packed = weights.first_chunk::<TILE>().copied().unwrap_or_default();
    *weights = weights.get(mask.count_ones() as usize..).unwrap_or_default();
    #[cfg(target_arch = "aarch64")]
    {
        made = super::neon::expanded(mask, &packed);
    }
    // Without a branch: which pixels a term has cannot be foretold.
    #[cfg(not(target_arch = "aarch64"))]
    {
        let mut at = 0;
        for (pixel, made) in made.iter_mut().enumerate() {
            let has = mask >> pixel & 1;
            *made = packed[at % TILE] & (has as u8).wrapping_neg();
            at += usize::from(has);
        }
    }
    made
}

#[inline(always)]
fn products(four: &[[u16; LANES]; SIDE], factors: [u16; SIDE]) -> [u16; LANES] {
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

/// A step of all lanes; a bit for each tile, by its place, that is not 0.
#[inline(always)]
fn turn(bands: &Several<'_>, columns: usize, column: usize, tiles: &mut Tiles) -> u16 {
    let mut there = 0;
    for (lane, band) in bands.bytes.chunks(bands.stride).enumerate().take(LANES) {
        for (row, pixels) in (0..SIDE).map(|row| &band[row * columns + column..][..STEP]).enumerate() {
            for (pixel, &byte) in pixels.iter().enumerate() {
                tiles[place(pixel / SIDE)][row][pixel % SIDE][lane] = byte.into();
                there |= u16::from(byte != 0) << place(pixel / SIDE);
            }
        }
    }
    there
}
