//! 8 frames or 8 terms at a time. There is no product of four bytes into 32 bits: two steps make it.

use super::level::{Seen, Several};
use super::rows::{Limits, look_at_step};
use super::split as plain;
use super::sums::Sums;
use crate::cpu::prefetch::ahead_of;
use crate::cpu::terms::{STEP, TOGETHER, Term};
use std::arch::x86_64::*;

const HALF: usize = 32;

/// What [`defect`] needs to know of U. Up to 16: u (U - u) for u of 0..16, looked up by the lower four bits (U, where it is
/// 16, is 0 there). Beyond that u (U - u) is no byte: U, sixteen times.
#[inline]
#[target_feature(enable = "avx2")]
fn defects<const WIDE: bool>(whole: u32) -> __m256i {
    if WIDE {
        return _mm256_set1_epi16(whole as i16);
    }
    let mut bytes = [0u8; 16];
    for (u, byte) in (0..whole).zip(&mut bytes) {
        *byte = (u * (whole - u)) as u8;
    }
    // SAFETY: 16 bytes.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
}

/// Sum of u (U - u) v over four pixels.
#[inline]
#[target_feature(enable = "avx2")]
fn defect<const WIDE: bool>(four: __m256i, weights: __m256i, defects: __m256i) -> __m256i {
    if !WIDE {
        return product(four, _mm256_shuffle_epi8(defects, weights));
    }
    let of = |weights: __m256i| _mm256_mullo_epi16(weights, _mm256_sub_epi16(defects, weights));
    let even = |bytes: __m256i| _mm256_and_si256(bytes, _mm256_set1_epi16(0xff));
    let odd = |bytes: __m256i| _mm256_srli_epi16::<8>(bytes);
    let evens = _mm256_madd_epi16(even(four), of(even(weights)));
    _mm256_add_epi32(evens, _mm256_madd_epi16(odd(four), of(odd(weights))))
}

/// Sum of four products of an unsigned byte with a small one. Two weights of a bin are at most 128 together, so a sum of two
/// products fits 16 bits with sign.
#[inline]
#[target_feature(enable = "avx2")]
fn product(four: __m256i, weights: __m256i) -> __m256i {
    _mm256_madd_epi16(_mm256_maddubs_epi16(four, weights), _mm256_set1_epi16(1))
}

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

/// Adds a row to `sums`: signal in the lower half of a bin, defect in the upper.
///
/// # Safety
/// The processor has AVX2; `row` has the steps of `starts`, `terms` the terms, `sums` the bins.
#[target_feature(enable = "avx2")]
pub unsafe fn add_single(row: &[u8], terms: &[Term], starts: &[u32], whole: u32, sums: &mut [u64]) {
    // SAFETY: what this function asks of its caller is what each of them does.
    unsafe {
        match whole {
            ..=16 => single::<false>(row, terms, starts, whole, sums),
            _ => single::<true>(row, terms, starts, whole, sums),
        }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
unsafe fn single<const WIDE: bool>(row: &[u8], terms: &[Term], starts: &[u32], whole: u32, sums: &mut [u64]) {
    let defects = defects::<WIDE>(whole);
    let (mut bins, mut signals, mut more) = ([0u32; TOGETHER], [0u32; TOGETHER], [0u32; TOGETHER]);
    let sums = sums.as_mut_ptr();
    for (pixels, ends) in row.chunks_exact(STEP).zip(starts.windows(2)) {
        // SAFETY: the caller's: 64 bytes; the step's terms are there, and so are their bins.
        unsafe {
            let at = pixels.as_ptr();
            let (a, b) = (_mm256_loadu_si256(at.cast()), _mm256_loadu_si256(at.add(HALF).cast()));
            let all = _mm256_or_si256(a, b);
            if _mm256_testz_si256(all, all) != 0 {
                continue;
            }
            let terms = terms.get_unchecked(ends[0] as usize..ends[1] as usize);
            for eight in terms.chunks_exact(TOGETHER) {
                ahead_of(eight);
                let x = _mm256_castsi256_ps(_mm256_loadu_si256(eight.as_ptr().cast()));
                let y = _mm256_castsi256_ps(_mm256_loadu_si256(eight.as_ptr().add(4).cast()));
                // Within lanes: terms 0 1 4 5 2 3 6 7; the order of additions does not matter.
                let low = _mm256_castps_si256(_mm256_shuffle_ps::<0x88>(x, y));
                let weights = _mm256_castps_si256(_mm256_shuffle_ps::<0xdd>(x, y));
                let (first, second) = (_mm256_permutevar8x32_epi32(a, low), _mm256_permutevar8x32_epi32(b, low));
                // Bit 3 of the group says which half.
                let upper = _mm256_slli_epi32::<28>(low);
                let four = _mm256_castps_si256(_mm256_blendv_ps(
                    _mm256_castsi256_ps(first),
                    _mm256_castsi256_ps(second),
                    _mm256_castsi256_ps(upper),
                ));
                _mm256_storeu_si256(bins.as_mut_ptr().cast(), _mm256_srli_epi32::<4>(low));
                _mm256_storeu_si256(signals.as_mut_ptr().cast(), product(four, weights));
                _mm256_storeu_si256(more.as_mut_ptr().cast(), defect::<WIDE>(four, weights, defects));
                for k in 0..TOGETHER {
                    *sums.add(bins[k] as usize) += u64::from(signals[k]) | u64::from(more[k]) << 32;
                }
            }
        }
    }
}

/// Adds rows of 8 frames to `sums`: 8 signals and 8 defects a bin.
///
/// # Safety
/// As [`add_single`]; `rows` holds 8, `sums` is aligned to 32 bytes.
#[target_feature(enable = "avx2")]
pub unsafe fn add_batch(rows: Several<'_>, terms: &[Term], starts: &[u32], whole: u32, sums: &mut [u32]) {
    // SAFETY: what this function asks of its caller is what each of them does.
    unsafe {
        match whole {
            ..=16 => batch::<false>(rows, terms, starts, whole, sums),
            _ => batch::<true>(rows, terms, starts, whole, sums),
        }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
unsafe fn batch<const WIDE: bool>(rows: Several<'_>, terms: &[Term], starts: &[u32], whole: u32, sums: &mut [u32]) {
    let defects = defects::<WIDE>(whole);
    let mut fours = [_mm256_setzero_si256(); 16];
    let sums = sums.as_mut_ptr().cast::<__m256i>();
    for (step, ends) in starts.windows(2).enumerate() {
        // SAFETY: the caller's: 64 bytes of each of the 8 rows; the step's terms, whose groups are below 16, and their bins.
        unsafe {
            let from = rows.bytes.as_ptr().add(step * STEP);
            let (first, second) = fours.split_at_mut(8);
            if !turn(from, rows.stride, first) & !turn(from.add(HALF), rows.stride, second) {
                continue;
            }
            let terms = terms.get_unchecked(ends[0] as usize..ends[1] as usize);
            terms.chunks(TOGETHER).for_each(ahead_of);
            for term in terms {
                let weights = _mm256_set1_epi32(term.weights() as i32);
                let four = *fours.get_unchecked(term.group());
                let bin = sums.add(2 * term.bin());
                let signal = _mm256_add_epi32(_mm256_load_si256(bin), product(four, weights));
                _mm256_store_si256(bin, signal);
                if whole > 1 {
                    let bin = bin.add(1);
                    let more = _mm256_add_epi32(_mm256_load_si256(bin), defect::<WIDE>(four, weights, defects));
                    _mm256_store_si256(bin, more);
                }
            }
        }
    }
}

/// 32 bytes of 8 rows to 8 vectors of four bytes of each row; false if all are 0.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn turn(from: *const u8, stride: usize, to: &mut [__m256i]) -> bool {
    let mut all = _mm256_setzero_si256();
    let mut rows = [all; 8];
    for (k, row) in rows.iter_mut().enumerate() {
        // SAFETY: the caller's.
        *row = unsafe { _mm256_loadu_si256(from.add(k * stride).cast()) };
        all = _mm256_or_si256(all, *row);
    }
    let mut pairs = [all; 8];
    for k in (0..8).step_by(2) {
        pairs[k] = _mm256_unpacklo_epi32(rows[k], rows[k + 1]);
        pairs[k + 1] = _mm256_unpackhi_epi32(rows[k], rows[k + 1]);
    }
    for q in 0..2 {
        let (a, b, c, d) = (pairs[4 * q], pairs[4 * q + 1], pairs[4 * q + 2], pairs[4 * q + 3]);
        rows[4 * q] = _mm256_unpacklo_epi64(a, c);
        rows[4 * q + 1] = _mm256_unpackhi_epi64(a, c);
        rows[4 * q + 2] = _mm256_unpacklo_epi64(b, d);
        rows[4 * q + 3] = _mm256_unpackhi_epi64(b, d);
    }
    for j in 0..4 {
        to[j] = _mm256_permute2x128_si256::<0x20>(rows[j], rows[4 + j]);
        to[4 + j] = _mm256_permute2x128_si256::<0x31>(rows[j], rows[4 + j]);
    }
    _mm256_testz_si256(all, all) == 0
}
