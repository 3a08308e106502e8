//! 16 frames or 16 terms at a time, four pixels each by one product of bytes (`vpdpbusd`).

use super::level::{Seen, Several};
use super::rows::{Limits, look_at_step};
use super::split as plain;
use super::sums::Sums;
use crate::cpu::prefetch::ahead_of;
use crate::cpu::terms::{STEP, TOGETHER, Term};
use std::arch::x86_64::*;

/// u (U - u) for weights u below U, and for U itself, which is U modulo 64 or looked up at 0 and U alike: split in two
/// digits of base 32, so that each fits a signed byte.
#[derive(Clone, Copy)]
struct Defects {
    low: __m512i,
    high: __m512i,
}

const DIGIT: u32 = 5;

impl Defects {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new(whole: u32) -> Defects {
        let mut bytes = [[0u8; STEP]; 2];
        for u in 0..whole.min(STEP as u32) {
            let defect = u * (whole - u);
            // A single digit can hold up to 127.
            let digits = if whole <= 16 { [defect, 0] } else { [defect % (1 << DIGIT), defect >> DIGIT] };
            bytes[0][u as usize] = digits[0] as u8;
            bytes[1][u as usize] = digits[1] as u8;
        }
        // SAFETY: both arrays are 64 bytes.
        unsafe {
            Defects {
                low: _mm512_loadu_si512(bytes[0].as_ptr().cast()),
                high: _mm512_loadu_si512(bytes[1].as_ptr().cast()),
            }
        }
    }
}

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

/// Adds a row to `sums`: signal in the lower half of a bin, defect in the upper.
///
/// # Safety
/// The processor has the level's instructions; `row` has the steps of `starts`, `terms` the terms, `sums` the bins.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vnni")]
pub unsafe fn add_single(row: &[u8], terms: &[Term], starts: &[u32], whole: u32, sums: &mut [u64]) {
    // SAFETY: what this function asks of its caller is what each of them does.
    unsafe {
        match whole {
            1 => single::<0>(row, terms, starts, whole, sums),
            2..=16 => single::<1>(row, terms, starts, whole, sums),
            _ => single::<2>(row, terms, starts, whole, sums),
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vnni")]
unsafe fn single<const DIGITS: u32>(row: &[u8], terms: &[Term], starts: &[u32], whole: u32, sums: &mut [u64]) {
    let defects = Defects::new(whole);
    let zero = _mm512_setzero_si512();
    let mut values = [0u64; TOGETHER];
    let sums = sums.as_mut_ptr();
    for (pixels, ends) in row.chunks_exact(STEP).zip(starts.windows(2)) {
        // SAFETY: 64 bytes.
        let pixels = unsafe { _mm512_loadu_si512(pixels.as_ptr().cast()) };
        if _mm512_test_epi64_mask(pixels, pixels) == 0 {
            continue;
        }
        // SAFETY: the caller's: the step's terms are there, a multiple of eight, and so are their bins.
        unsafe {
            for eight in terms.get_unchecked(ends[0] as usize..ends[1] as usize).chunks_exact(TOGETHER) {
                ahead_of(eight);
                let low = _mm512_loadu_si512(eight.as_ptr().cast());
                let weights = _mm512_srli_epi64::<32>(low);
                // Of each term, the lower half gets its four pixels: the permutation looks at the lowest four bits alone.
                let four = _mm512_permutexvar_epi32(low, pixels);
                let signal = _mm512_dpbusd_epi32(zero, four, weights);
                let defect = defect::<DIGITS>(four, weights, defects);
                _mm512_storeu_si512(
                    values.as_mut_ptr().cast(),
                    _mm512_or_si512(signal, _mm512_slli_epi64::<32>(defect)),
                );
                // Numbers are loaded one by one: compilers would take them out of vectors, at twice the instructions.
                for (term, value) in eight.iter().zip(&values) {
                    let bin = (&raw const *term).cast::<u32>().read_volatile() >> Term::BIN_AT;
                    *sums.add(bin as usize) += (&raw const *value).read_volatile();
                }
            }
        }
    }
}

/// Sum of u (U - u) v over four pixels.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vnni")]
fn defect<const DIGITS: u32>(four: __m512i, weights: __m512i, defects: Defects) -> __m512i {
    let zero = _mm512_setzero_si512();
    if DIGITS == 0 {
        return zero;
    }
    let low = _mm512_dpbusd_epi32(zero, four, _mm512_permutexvar_epi8(weights, defects.low));
    if DIGITS == 1 {
        return low;
    }
    let high = _mm512_dpbusd_epi32(zero, four, _mm512_permutexvar_epi8(weights, defects.high));
    _mm512_add_epi32(low, _mm512_slli_epi32::<DIGIT>(high))
}

/// Adds rows of 16 frames to `sums`: 16 signals and 16 defects a bin.
///
/// # Safety
/// As [`add_single`]; `rows` holds 16, `sums` is aligned to 64 bytes.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vnni")]
pub unsafe fn add_batch(rows: Several<'_>, terms: &[Term], starts: &[u32], whole: u32, sums: &mut [u32]) {
    // SAFETY: what this function asks of its caller is what each of them does.
    unsafe {
        match whole {
            1 => batch::<0>(rows, terms, starts, whole, sums),
            2..=16 => batch::<1>(rows, terms, starts, whole, sums),
            _ => batch::<2>(rows, terms, starts, whole, sums),
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vnni")]
unsafe fn batch<const DIGITS: u32>(rows: Several<'_>, terms: &[Term], starts: &[u32], whole: u32, sums: &mut [u32]) {
    let defects = Defects::new(whole);
    let mut fours = [_mm512_setzero_si512(); 16];
    let sums = sums.as_mut_ptr().cast::<__m512i>();
    for (step, ends) in starts.windows(2).enumerate() {
        // SAFETY: the caller's: 64 bytes of each of the 16 rows; the step's terms, whose groups are below 16, and their bins.
        unsafe {
            if !turn(rows.bytes.as_ptr().add(step * STEP), rows.stride, &mut fours) {
                continue;
            }
            let terms = terms.get_unchecked(ends[0] as usize..ends[1] as usize);
            terms.chunks(TOGETHER).for_each(ahead_of);
            for term in terms {
                let weights = _mm512_set1_epi32(term.weights() as i32);
                let four = *fours.get_unchecked(term.group());
                let bin = sums.add(2 * term.bin());
                let signal = _mm512_load_si512(bin.cast());
                _mm512_store_si512(bin.cast(), _mm512_dpbusd_epi32(signal, four, weights));
                if DIGITS > 0 {
                    let bin = bin.add(1);
                    let more =
                        _mm512_add_epi32(_mm512_load_si512(bin.cast()), defect::<DIGITS>(four, weights, defects));
                    _mm512_store_si512(bin.cast(), more);
                }
            }
        }
    }
}

/// 64 bytes of 16 rows to 16 vectors of four bytes of each row; false if all are 0.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
unsafe fn turn(from: *const u8, stride: usize, to: &mut [__m512i; 16]) -> bool {
    let mut all = _mm512_setzero_si512();
    let mut rows = [all; 16];
    for (k, row) in rows.iter_mut().enumerate() {
        // SAFETY: the caller's.
        *row = unsafe { _mm512_loadu_si512(from.add(k * stride).cast()) };
        all = _mm512_or_si512(all, *row);
    }
    if _mm512_test_epi64_mask(all, all) == 0 {
        return false;
    }
    let mut pairs = [all; 16];
    for k in (0..16).step_by(2) {
        pairs[k] = _mm512_unpacklo_epi32(rows[k], rows[k + 1]);
        pairs[k + 1] = _mm512_unpackhi_epi32(rows[k], rows[k + 1]);
    }
    let mut fours = [all; 16];
    for q in (0..16).step_by(4) {
        fours[q] = _mm512_unpacklo_epi64(pairs[q], pairs[q + 2]);
        fours[q + 1] = _mm512_unpackhi_epi64(pairs[q], pairs[q + 2]);
        fours[q + 2] = _mm512_unpacklo_epi64(pairs[q + 1], pairs[q + 3]);
        fours[q + 3] = _mm512_unpackhi_epi64(pairs[q + 1], pairs[q + 3]);
    }
    for j in 0..4 {
        let (a, b, c, d) = (fours[j], fours[4 + j], fours[8 + j], fours[12 + j]);
        let (ab, ab_) = (_mm512_shuffle_i32x4::<0x44>(a, b), _mm512_shuffle_i32x4::<0xee>(a, b));
        let (cd, cd_) = (_mm512_shuffle_i32x4::<0x44>(c, d), _mm512_shuffle_i32x4::<0xee>(c, d));
        to[j] = _mm512_shuffle_i32x4::<0x88>(ab, cd);
        to[4 + j] = _mm512_shuffle_i32x4::<0xdd>(ab, cd);
        to[8 + j] = _mm512_shuffle_i32x4::<0x88>(ab_, cd_);
        to[12 + j] = _mm512_shuffle_i32x4::<0xdd>(ab_, cd_);
    }
    true
}
