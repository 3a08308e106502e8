//! Entries of pixels, from the bins of their sub-pixels: how many fall into each.

use super::rays::OUTSIDE;
use crate::cpu::{Kernels, Level};
use debye_spec::Entry;

/// Bins that a number of 64 bits counts, in a byte each.
const BYTES: u32 = 8;

/// The entries of one row of pixels: how many each pixel has, and all of them.
#[derive(Debug, Default)]
pub struct Row {
    /// One a pixel.
    pub counts: Vec<u32>,
    /// By rising bin within a pixel.
    pub entries: Vec<Entry>,
}

/// The bins of a row's sub-pixels: n rows of n a pixel.
#[derive(Clone, Copy)]
pub struct Bins<'a> {
    /// All of them, row by row.
    pub bins: &'a [u32],
    /// Pixels are cut n x n.
    pub n: usize,
    /// One a pixel.
    pub masked: &'a [bool],
    /// Of a sub-pixel.
    pub weight: u8,
}

impl Row {
    /// A row of so many pixels, without any yet.
    pub fn new(columns: usize) -> Row {
        Row { counts: Vec::with_capacity(columns), entries: Vec::with_capacity(4 * columns) }
    }

    /// Adds all pixels of a row.
    pub fn tally(&mut self, bins: Bins<'_>, kernels: Kernels) {
        match kernels.level() {
            // SAFETY: kernels exist for those levels alone that this processor has.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512(self, bins) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2(self, bins) },
            _ => plain(self, bins),
        }
    }

    /// Adds a pixel of n x n sub-pixels, of which `rows` has the bins.
    #[inline(always)]
    pub fn pixel<const N: usize>(&mut self, rows: &[[u32; N]; N], weight: u8) {
        let before = self.entries.len();
        // Column by column, which vectors do at once.
        let (mut lows, mut highs) = (rows[0], rows[0]);
        for row in rows {
            for ((low, high), &bin) in lows.iter_mut().zip(&mut highs).zip(row) {
                (*low, *high) = (bin.min(*low), bin.max(*high));
            }
        }
        let low = lows.into_iter().fold(OUTSIDE, u32::min);
        let high = highs.into_iter().fold(0, u32::max);
        if high - low < BYTES {
            // A byte is enough: there are 64 sub-pixels at most.
            let mut sums = [0u64; N];
            for row in rows {
                sums.iter_mut().zip(row).for_each(|(sum, bin)| *sum += 1 << (8 * u64::from(bin - low)));
            }
            if low != OUTSIDE {
                let mut counts: u64 = sums.iter().sum();
                for bin in low..=high {
                    let count = counts as u8;
                    if count != 0 {
                        self.entries.push(Entry::new(bin, count * weight));
                    }
                    counts >>= 8;
                }
            }
        } else {
            far(rows.as_flattened(), weight, &mut self.entries);
        }
        self.counts.push((self.entries.len() - before) as u32);
    }

    /// Adds a pixel whose n x n sub-pixels stand one behind the other.
    pub fn square(&mut self, bins: &[u32], n: usize, weight: u8) {
        fn rows<const N: usize>(bins: &[u32]) -> [[u32; N]; N] {
            std::array::from_fn(|i| std::array::from_fn(|j| bins[i * N + j]))
        }
        match n {
            1 => self.pixel(&rows::<1>(bins), weight),
            2 => self.pixel(&rows::<2>(bins), weight),
            4 => self.pixel(&rows::<4>(bins), weight),
            _ => self.pixel(&rows::<8>(bins), weight),
        }
    }

    /// Adds a pixel without entries.
    #[inline(always)]
    pub fn nothing(&mut self) {
        self.counts.push(0);
    }
}

/// Bins that are far apart, or not all within the range.
#[cold]
fn far(bins: &[u32], weight: u8, entries: &mut Vec<Entry>) {
    let mut sorted: Vec<u32> = bins.iter().copied().filter(|&bin| bin != OUTSIDE).collect();
    sorted.sort_unstable();
    entries.extend(sorted.chunk_by(|a, b| a == b).map(|run| Entry::new(run[0], run.len() as u8 * weight)));
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw")]
fn avx512(row: &mut Row, bins: Bins<'_>) {
    plain(row, bins);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2(row: &mut Row, bins: Bins<'_>) {
    plain(row, bins);
}

#[inline(always)]
fn plain(row: &mut Row, bins: Bins<'_>) {
    // Split is 1, 2, 4 or 8.
    match bins.n {
        1 => pixels::<1>(row, bins),
        2 => pixels::<2>(row, bins),
        4 => pixels::<4>(row, bins),
        _ => pixels::<8>(row, bins),
    }
}

#[inline(always)]
fn pixels<const N: usize>(row: &mut Row, Bins { bins, masked, weight, .. }: Bins<'_>) {
    let width = masked.len() * N;
    for (column, &masked) in masked.iter().enumerate() {
        if masked {
            row.nothing();
            continue;
        }
        let mut of_pixel = [[0; N]; N];
        for (k, of_pixel) in of_pixel.iter_mut().enumerate() {
            of_pixel.copy_from_slice(&bins[k * width + column * N..][..N]);
        }
        row.pixel(&of_pixel, weight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn entries_of_any_bins_count_each_sub_pixel_once() {
        let mut random = ChaCha8Rng::seed_from_u64(11);
        for n in [1, 2, 4, 8] {
            let (columns, weight) = (500, (64 / (n * n)) as u8);
            let masked: Vec<bool> = (0..columns).map(|_| random.random_range(0..5) == 0).collect();
            // Pixels of all kinds: one bin, neighbours, bins apart, the range's edge, outside.
            let kinds: Vec<u32> = (0..columns).map(|_| random.random_range(0..5)).collect();
            let bins: Vec<u32> = (0..n * n * columns)
                .map(|k| match kinds[k / n % columns] {
                    0 => 70_000,
                    1 => random.random_range(100..103),
                    2 => random.random_range(100..120),
                    3 if random.random() => OUTSIDE,
                    3 => random.random_range(0..3),
                    _ => OUTSIDE,
                })
                .collect();
            for kernels in Kernels::available() {
                let mut row = Row::new(columns);
                row.tally(Bins { bins: &bins, n, masked: &masked, weight }, kernels);
                let mut made = row.entries.iter();
                for column in 0..columns {
                    let mut of_pixel: Vec<u32> = (0..n * n)
                        .map(|k| bins[(k / n) * columns * n + column * n + k % n])
                        .filter(|&bin| bin != OUTSIDE && !masked[column])
                        .collect();
                    of_pixel.sort_unstable();
                    let wanted: Vec<Entry> = of_pixel
                        .chunk_by(|a, b| a == b)
                        .map(|run| Entry::new(run[0], run.len() as u8 * weight))
                        .collect();
                    let made: Vec<Entry> = made.by_ref().take(row.counts[column] as usize).copied().collect();
                    assert_eq!(made, wanted, "{kernels:?} n {n} column {column}");
                }
                assert!(made.next().is_none());
            }
        }
    }
}
