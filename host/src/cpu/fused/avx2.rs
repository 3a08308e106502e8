//! What is seen in rows, 32 bytes at a time; and the additions.

mod add;

pub use add::{add_batch, add_single, pairs_of};

use super::level::Seen;
use super::rows::{Limits, look_at_step};
use super::split as plain;
use super::sums::Sums;
use crate::cpu::terms::STEP;
use std::arch::x86_64::*;

const HALF: usize = 32;

/// Whether an unmasked pixel has a bit in these planes.
#[target_feature(enable = "avx2")]
pub unsafe fn any(planes: &[u8], keep: &[u8]) -> bool {
    let stride = keep.len();
    let whole = stride / HALF * HALF;
    for at in (0..whole).step_by(HALF) {
        // SAFETY: 32 bytes from `at` on are in each plane, which are as long as `keep`.
        let load = |from: &[u8]| unsafe { _mm256_loadu_si256(from.as_ptr().add(at).cast()) };
        let mut column = _mm256_setzero_si256();
        for plane in planes.chunks_exact(stride) {
            column = _mm256_or_si256(column, load(plane));
        }
        if _mm256_testz_si256(column, load(keep)) == 0 {
            return true;
        }
    }
    let rest = |plane: &[u8]| plane[whole..].iter().zip(&keep[whole..]).any(|(plane, keep)| plane & keep != 0);
    planes.chunks_exact(stride).any(rest)
}

/// [`plain::split`] in these instructions.
#[target_feature(enable = "avx2")]
pub unsafe fn split(pixels: &[u8], keep: &[u8], rows: &mut [&mut [u8]]) -> usize {
    plain::split(pixels, keep, rows)
}

/// Looks through a row of whole steps.
#[target_feature(enable = "avx2")]
pub unsafe fn look(row: &[u8], threshold: u8) -> Seen {
    let zero = _mm256_setzero_si256();
    let (mut sum, mut max, mut under) = (zero, zero, 0);
    let threshold = _mm256_set1_epi8(threshold as i8);
    for bytes in row.chunks_exact(HALF) {
        // SAFETY: 32 bytes.
        let bytes = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) };
        sum = _mm256_add_epi64(sum, _mm256_sad_epu8(bytes, zero));
        max = _mm256_max_epu8(max, bytes);
        let at_most = _mm256_cmpeq_epi8(_mm256_max_epu8(bytes, threshold), threshold);
        under += (_mm256_movemask_epi8(at_most) as u32).count_ones();
    }
    let (mut most, mut parts) = ([0u8; HALF], [0u64; 4]);
    // SAFETY: 32 bytes each.
    unsafe {
        _mm256_storeu_si256(most.as_mut_ptr().cast(), max);
        _mm256_storeu_si256(parts.as_mut_ptr().cast(), sum);
    }
    let max = most.into_iter().max().unwrap_or(0).into();
    Seen { sum: parts.iter().sum(), max, over: row.len() as u32 - under }
}

/// Finds invalid pixels, sets them to 0, and looks through the others.
#[target_feature(enable = "avx2")]
pub unsafe fn look_at_pixels(rows: &mut [&mut [u8]], limits: Limits, sums: &mut Sums) {
    let steps = rows[0].len() / STEP;
    if rows.len() > 2 {
        (0..steps).for_each(|step| look_at_step(rows, step, limits, sums));
        return;
    }
    let zero = _mm256_setzero_si256();
    let cut = |limit: u32| _mm256_set1_epi16(limit.min(u16::MAX.into()) as i16);
    let (most, threshold) = (cut(limits.most), cut(limits.threshold));
    let (mut low_sum, mut high_sum, mut max, mut under) = (zero, zero, zero, 0);
    for step in 0..steps {
        let mut halves = [zero; 4];
        let (mut low_step, mut high_step) = (zero, zero);
        for half in 0..2 {
            let at = step * STEP + half * HALF;
            // SAFETY: rows have whole steps.
            let (low, high) = unsafe {
                let load = |byte: usize| _mm256_loadu_si256(rows[byte].as_ptr().add(at).cast());
                (load(0), if rows.len() > 1 { load(1) } else { zero })
            };
            halves[2 * half] = _mm256_unpacklo_epi8(low, high);
            halves[2 * half + 1] = _mm256_unpackhi_epi8(low, high);
            low_step = _mm256_add_epi64(low_step, _mm256_sad_epu8(low, zero));
            high_step = _mm256_add_epi64(high_step, _mm256_sad_epu8(high, zero));
        }
        let [a, b, c, d] = halves;
        let largest = _mm256_max_epu16(_mm256_max_epu16(a, b), _mm256_max_epu16(c, d));
        let beyond = _mm256_subs_epu16(largest, most);
        if _mm256_testz_si256(beyond, beyond) == 0 {
            look_at_step(rows, step, limits, sums);
            under += 2 * STEP as u32;
            continue;
        }
        max = _mm256_max_epu16(max, largest);
        low_sum = _mm256_add_epi64(low_sum, low_step);
        high_sum = _mm256_add_epi64(high_sum, high_step);
        for codes in halves {
            let at_most = _mm256_cmpeq_epi16(_mm256_subs_epu16(codes, threshold), zero);
            under += (_mm256_movemask_epi8(at_most) as u32).count_ones();
        }
    }
    let (mut most, mut low, mut high) = ([0u16; 16], [0u64; 4], [0u64; 4]);
    // SAFETY: 32 bytes each.
    unsafe {
        _mm256_storeu_si256(most.as_mut_ptr().cast(), max);
        _mm256_storeu_si256(low.as_mut_ptr().cast(), low_sum);
        _mm256_storeu_si256(high.as_mut_ptr().cast(), high_sum);
    }
    let sum = low.iter().sum::<u64>() + (high.iter().sum::<u64>() << 8);
    // Two bits a pixel.
    let over = (steps * STEP) as u32 - under / 2;
    sums.see(Seen { sum, max: most.into_iter().max().unwrap_or(0).into(), over });
}
