//! What is seen in rows, 64 bytes at a time; and the additions.

mod add;

pub use add::{add_batch, add_single};

use super::level::Seen;
use super::rows::{Limits, look_at_step};
use super::split as plain;
use super::sums::Sums;
use crate::cpu::terms::STEP;
use std::arch::x86_64::*;

/// Whether an unmasked pixel has a bit in these planes.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub unsafe fn any(planes: &[u8], keep: &[u8]) -> bool {
    for at in (0..keep.len()).step_by(STEP) {
        // The last bytes of a short block are fewer than 64.
        let mask = u64::MAX >> (STEP - STEP.min(keep.len() - at));
        // SAFETY: the mask lets no byte be read that is not in the slices: planes are as long as `keep`.
        let load = |from: &[u8]| unsafe { _mm512_maskz_loadu_epi8(mask, from.as_ptr().add(at).cast()) };
        let mut column = _mm512_setzero_si512();
        for plane in planes.chunks_exact(keep.len()) {
            column = _mm512_or_si512(column, load(plane));
        }
        if _mm512_test_epi64_mask(column, load(keep)) != 0 {
            return true;
        }
    }
    false
}

/// [`plain::split`] in these instructions.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi")]
pub unsafe fn split(pixels: &[u8], keep: &[u8], rows: &mut [&mut [u8]]) -> usize {
    plain::split(pixels, keep, rows)
}

/// Looks through a row of whole steps.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub unsafe fn look(row: &[u8], threshold: u8) -> Seen {
    let zero = _mm512_setzero_si512();
    let (mut sum, mut max) = (zero, zero);
    for bytes in row.as_chunks::<STEP>().0 {
        // SAFETY: 64 bytes.
        let bytes = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
        sum = _mm512_add_epi64(sum, _mm512_sad_epu8(bytes, zero));
        max = _mm512_max_epu8(max, bytes);
    }
    let mut most = [0u8; STEP];
    // SAFETY: 64 bytes.
    unsafe { _mm512_storeu_si512(most.as_mut_ptr().cast(), max) };
    let max = most.into_iter().max().unwrap_or(0);
    // Thresholds that photons pass are rare.
    let over = if max > threshold { row.iter().map(|&byte| u32::from(byte > threshold)).sum() } else { 0 };
    Seen { sum: _mm512_reduce_add_epi64(sum) as u64, max: max.into(), over }
}

/// Finds invalid pixels, sets them to 0, and looks through the others.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub unsafe fn look_at_pixels(rows: &mut [&mut [u8]], limits: Limits, sums: &mut Sums) {
    match rows.len() {
        // SAFETY: the caller's: the processor has the level's instructions.
        0..=2 => unsafe { look_at_words(rows, limits, sums) },
        // SAFETY: as above.
        _ => unsafe { look_at_doubles(rows, limits, sums) },
    }
}

/// Pixels of one or two bytes.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
unsafe fn look_at_words(rows: &mut [&mut [u8]], limits: Limits, sums: &mut Sums) {
    let zero = _mm512_setzero_si512();
    let cut = |limit: u32| _mm512_set1_epi16(limit.min(u16::MAX.into()) as i16);
    let (most, threshold) = (cut(limits.most), cut(limits.threshold));
    let (mut low_sum, mut high_sum, mut max, mut over) = (zero, zero, zero, 0);
    for step in 0..rows[0].len() / STEP {
        // SAFETY: rows have whole steps.
        let low = unsafe { load(rows, 0, step) };
        // SAFETY: as above.
        let high = if rows.len() > 1 { unsafe { load(rows, 1, step) } } else { zero };
        // In which order pixels come does not matter.
        let (a, b) = (_mm512_unpacklo_epi8(low, high), _mm512_unpackhi_epi8(low, high));
        let largest = _mm512_max_epu16(a, b);
        if _mm512_cmpgt_epu16_mask(largest, most) != 0 {
            look_at_step(rows, step, limits, sums);
            continue;
        }
        low_sum = _mm512_add_epi64(low_sum, _mm512_sad_epu8(low, zero));
        high_sum = _mm512_add_epi64(high_sum, _mm512_sad_epu8(high, zero));
        max = _mm512_max_epu16(max, largest);
        // Thresholds that photons pass are rare.
        if _mm512_cmpgt_epu16_mask(largest, threshold) != 0 {
            let above = [a, b].map(|codes| _mm512_cmpgt_epu16_mask(codes, threshold).count_ones());
            over += above[0] + above[1];
        }
    }
    let sum = _mm512_reduce_add_epi64(low_sum) as u64 + ((_mm512_reduce_add_epi64(high_sum) as u64) << 8);
    let max = _mm512_max_epu32(_mm512_srli_epi32::<16>(max), _mm512_and_si512(max, _mm512_set1_epi32(0xffff)));
    sums.see(Seen { sum, max: _mm512_reduce_max_epu32(max), over });
}

/// Pixels of up to four bytes.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
unsafe fn look_at_doubles(rows: &mut [&mut [u8]], limits: Limits, sums: &mut Sums) {
    let zero = _mm512_setzero_si512();
    let (most, threshold) = (_mm512_set1_epi32(limits.most as i32), _mm512_set1_epi32(limits.threshold as i32));
    let (mut sum, mut max, mut over) = ([zero; 4], zero, 0);
    for step in 0..rows[0].len() / STEP {
        let mut bytes = [zero; 4];
        for (byte, bytes) in bytes.iter_mut().enumerate().take(rows.len()) {
            // SAFETY: rows have whole steps.
            *bytes = unsafe { load(rows, byte, step) };
        }
        let (a, b) = (_mm512_unpacklo_epi8(bytes[0], bytes[1]), _mm512_unpackhi_epi8(bytes[0], bytes[1]));
        let (c, d) = (_mm512_unpacklo_epi8(bytes[2], bytes[3]), _mm512_unpackhi_epi8(bytes[2], bytes[3]));
        let codes = [
            _mm512_unpacklo_epi16(a, c),
            _mm512_unpackhi_epi16(a, c),
            _mm512_unpacklo_epi16(b, d),
            _mm512_unpackhi_epi16(b, d),
        ];
        let largest = _mm512_max_epu32(_mm512_max_epu32(codes[0], codes[1]), _mm512_max_epu32(codes[2], codes[3]));
        if _mm512_cmpgt_epu32_mask(largest, most) != 0 {
            look_at_step(rows, step, limits, sums);
            continue;
        }
        max = _mm512_max_epu32(max, largest);
        for (sum, bytes) in sum.iter_mut().zip(bytes) {
            *sum = _mm512_add_epi64(*sum, _mm512_sad_epu8(bytes, zero));
        }
        if _mm512_cmpgt_epu32_mask(largest, threshold) != 0 {
            over += codes.map(|codes| _mm512_cmpgt_epu32_mask(codes, threshold).count_ones()).iter().sum::<u32>();
        }
    }
    let sum = (0..4).map(|k| (_mm512_reduce_add_epi64(sum[k]) as u64) << (8 * k)).sum();
    sums.see(Seen { sum, max: _mm512_reduce_max_epu32(max), over });
}

/// A step of a row.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn load(rows: &[&mut [u8]], byte: usize, step: usize) -> __m512i {
    // SAFETY: the caller's: the row has that step.
    unsafe { _mm512_loadu_si512(rows[byte].as_ptr().add(step * STEP).cast()) }
}
