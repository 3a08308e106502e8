//! Which instructions integrate.

use super::plain;
use super::rows::{Limits, look_at_step};
use super::split::split;
use super::sums::{Narrow, Sums};
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512};
use crate::cpu::terms::{Runs, SIDE, STEP};
use crate::cpu::{Kernels, Level};

/// Bands of several frames: that of frame f begins `f * stride` bytes behind the first.
#[derive(Clone, Copy)]
pub struct Several<'a> {
    /// From the first pixel of the first band on.
    pub bytes: &'a [u8],
    /// Bytes from one frame's band to the next.
    pub stride: usize,
    /// Whether most tiles are 0 in all frames: to ask for each costs less than to add it.
    pub sparse: bool,
}

/// What a row holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Sum of the bytes.
    pub sum: u64,
    /// The largest.
    pub max: u32,
    /// How many are above the threshold.
    pub over: u32,
}

/// Kernels that integrate.
#[derive(Clone, Copy, Debug)]
pub struct Instructions(Kernels);

impl Instructions {
    /// Those of `kernels`.
    pub fn of(kernels: Kernels) -> Instructions {
        Instructions(kernels)
    }

    /// The kernels.
    pub fn kernels(self) -> Kernels {
        self.0
    }

    /// Frames that one pass takes.
    pub fn lanes(self) -> usize {
        match self.0.level() {
            Level::Avx512 => 16,
            Level::Avx2 => 8,
            _ => plain::LANES,
        }
    }

    /// Whether an unmasked pixel has a bit in these planes: `planes` is a whole number of planes of `keep`'s length.
    pub fn any(self, planes: &[u8], keep: &[u8]) -> bool {
        match self.0.level() {
            // SAFETY: the kernels exist, so the processor has their instructions.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512::any(planes, keep) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2::any(planes, keep) },
            _ => planes.chunks_exact(keep.len()).any(|plane| plane.iter().zip(keep).any(|(a, b)| a & b != 0)),
        }
    }

    /// Splits pixels into rows of bytes; see [`split()`].
    pub fn split(self, pixels: &[u8], keep: &[u8], rows: &mut [&mut [u8]]) -> usize {
        match self.0.level() {
            // SAFETY: as in `any`.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512::split(pixels, keep, rows) },
            // SAFETY: as in `any`.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2::split(pixels, keep, rows) },
            _ => split(pixels, keep, rows),
        }
    }

    /// Looks through a row of whole steps.
    pub fn look(self, row: &[u8], threshold: u8) -> Seen {
        match self.0.level() {
            // SAFETY: as in `any`.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512::look(row, threshold) },
            // SAFETY: as in `any`.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2::look(row, threshold) },
            _ => Seen {
                sum: row.iter().map(|&byte| u64::from(byte)).sum(),
                max: row.iter().copied().max().unwrap_or(0).into(),
                over: row.iter().filter(|&&byte| byte > threshold).count() as u32,
            },
        }
    }

    /// Finds invalid pixels, sets them to 0, and looks through the others; `rows` has one row a byte, of whole steps.
    pub fn look_at_pixels(self, rows: &mut [&mut [u8]], limits: Limits, sums: &mut Sums) {
        match self.0.level() {
            // SAFETY: as in `any`.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512::look_at_pixels(rows, limits, sums) },
            // SAFETY: as in `any`.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2::look_at_pixels(rows, limits, sums) },
            _ => (0..rows[0].len() / STEP).for_each(|step| look_at_step(rows, step, limits, sums)),
        }
    }

    /// Adds a band of one frame, whose first pixel is its first row's, to `sums`, one a bin.
    pub fn add_single(self, band: &[u8], runs: Runs<'_>, sums: Narrow<'_>) {
        check(band.len(), runs);
        assert_eq!(sums.bins(), runs.bins(), "sums of all bins");
        match self.0.level() {
            // SAFETY: as in `any`; the band has whole steps, and bins are below the table's number of them.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512::add_single(band, runs, sums) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2::add_single(band, runs, sums) },
            _ => plain::add_single(band, runs, sums),
        }
    }

    /// Adds a band of as many frames as there are lanes.
    pub fn add_batch(self, bands: Several<'_>, runs: Runs<'_>, sums: &mut [u32]) {
        check(bands.bytes.len().saturating_sub((self.lanes() - 1) * bands.stride), runs);
        assert!(sums.len() >= 2 * self.lanes() * runs.bins(), "sums of all bins and lanes");
        match self.0.level() {
            // SAFETY: as in `add_single`, for the bands of all lanes; `sums` has two for each lane a bin.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512::add_batch(bands, runs, sums) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2::add_batch(bands, runs, sums) },
            _ => plain::add_batch(bands, runs, sums),
        }
    }
}

/// Whether the last row can be read in whole steps.
fn check(bytes: usize, runs: Runs<'_>) {
    let needed = (SIDE - 1) * runs.columns() + runs.columns().next_multiple_of(STEP);
    assert!(bytes >= needed, "a band of {bytes} bytes, {needed} are read");
}
