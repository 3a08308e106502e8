//! Additions: 16 frames, or four terms of one, at a time; four pixels each by one product of bytes (`vpdpbusd`).

use crate::cpu::fused::avx2::pairs_of;
use crate::cpu::fused::expand::alone;
use crate::cpu::fused::level::Several;
use crate::cpu::fused::sums::{Lanes, Narrow};
use crate::cpu::prefetch::ahead_of;
use crate::cpu::terms::{Four, Runs, SIDE, STEP, TILE, TILES, place};
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

/// Adds a band to `sums`.
///
/// # Safety
/// The processor has the level's instructions; `band` has four rows, read in whole steps, and `sums` the bins.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx512vnni,popcnt")]
pub unsafe fn add_single(band: &[u8], runs: Runs<'_>, sums: Narrow<'_>) {
    // SAFETY: what this function asks of its caller is what each of them does.
    unsafe {
        match (sums, runs.whole()) {
            (Narrow::Lanes(sums), 1) => single::<0, _>(band, runs, sums.as_mut_ptr(), add_lanes::<true>),
            (Narrow::Lanes(sums), 2..=16) => single::<1, _>(band, runs, sums.as_mut_ptr(), add_lanes::<false>),
            (Narrow::Lanes(sums), _) => single::<2, _>(band, runs, sums.as_mut_ptr(), add_lanes::<false>),
            (Narrow::Pairs(sums), 1) => single::<0, _>(band, runs, sums.as_mut_ptr(), add_pairs),
            (Narrow::Pairs(sums), 2..=16) => single::<1, _>(band, runs, sums.as_mut_ptr(), add_pairs),
            (Narrow::Pairs(sums), _) => single::<2, _>(band, runs, sums.as_mut_ptr(), add_pairs),
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx512vnni,popcnt")]
unsafe fn single<const DIGITS: u32, T>(
    band: &[u8],
    runs: Runs<'_>,
    sums: *mut T,
    add: unsafe fn(*mut T, &[u16; 4], [__m256i; 4]),
) {
    let defects = Defects::new(runs.whole());
    let zero = _mm512_setzero_si512();
    let mut tiles = Tiles([0; SIDE * STEP]);
    let tiles = tiles.0.as_mut_ptr();
    // Weights of a term in the lower half, defects in the upper: of terms 0 and 1, of terms 2 and 3.
    let pairs = [_mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15)];
    for (run, fours, weights) in runs.each() {
        // SAFETY: the caller's: rows have that step, sums have the terms' bins; the weights' slack can be read.
        unsafe {
            if !tiles_of(band.as_ptr().add(run.column as usize), runs.columns(), tiles) {
                continue;
            }
            let sums = sums.add(run.base as usize);
            let mut weights = weights.as_ptr();
            for four in fours {
                ahead_of(four);
                ahead_of(weights);
                let of_four = weights_of::<DIGITS>(four, &mut weights);
                let low = if DIGITS > 0 { _mm512_permutexvar_epi8(of_four, defects.low) } else { zero };
                let high = if DIGITS > 1 { _mm512_permutexvar_epi8(of_four, defects.high) } else { zero };
                let split = |both: __m512i| [_mm512_castsi512_si256(both), _mm512_extracti64x4_epi64::<1>(both)];
                let [a, b] = pairs.map(|pair| split(_mm512_permutex2var_epi64(of_four, pair, low)));
                let [c, d] = pairs.map(|pair| split(_mm512_permutex2var_epi64(zero, pair, high)));
                let (both, more) = ([a[0], a[1], b[0], b[1]], [c[0], c[1], d[0], d[1]]);
                let mut made = [_mm256_setzero_si256(); 4];
                for (k, made) in made.iter_mut().enumerate() {
                    let tile = alone(four.codes[k]) & 15;
                    let pixels = _mm256_broadcastsi128_si256(_mm_load_si128(tiles.add(tile * TILE).cast()));
                    if DIGITS > 1 {
                        *made = _mm256_slli_epi32::<{ DIGIT as i32 }>(_mm256_dpbusd_epi32(*made, pixels, more[k]));
                    }
                    *made = _mm256_dpbusd_epi32(*made, pixels, both[k]);
                }
                add(sums, &four.codes, made);
            }
        }
    }
}

/// Adds four terms' signals and defects to their bins; or signals alone, where there is no defect.
#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
unsafe fn add_lanes<const SIGNALS: bool>(sums: *mut Lanes, codes: &[u16; 4], made: [__m256i; 4]) {
    for (&code, made) in codes.iter().zip(made) {
        // SAFETY: the caller's: the bin is there. Lanes are aligned.
        unsafe {
            let bin = sums.byte_add((alone(code) & 0xfff0) * (size_of::<Lanes>() / 16));
            if SIGNALS {
                let bin = bin.cast();
                _mm_store_si128(bin, _mm_add_epi32(_mm_load_si128(bin), _mm256_castsi256_si128(made)));
            } else {
                let bin = bin.cast();
                _mm256_store_si256(bin, _mm256_add_epi32(_mm256_load_si256(bin), made));
            }
        }
    }
}

/// As [`add_lanes`], the lanes of a term together.
#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
unsafe fn add_pairs(sums: *mut u64, codes: &[u16; 4], made: [__m256i; 4]) {
    for (&code, pair) in codes.iter().zip(&pairs_of(made)) {
        // SAFETY: the caller's: the bin is there.
        unsafe { *sums.add(alone(code) >> 4) += (&raw const *pair).read_volatile() };
    }
}

/// A step's pixels, tile by tile.
#[repr(C, align(64))]
struct Tiles([u8; SIDE * STEP]);

/// A step's four rows to tiles; false if all is 0.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn tiles_of(from: *const u8, columns: usize, to: *mut u8) -> bool {
    // SAFETY: the caller's: four rows of 64 bytes, room for as many.
    let [a, b, c, d] = [0, 1, 2, 3].map(|row| unsafe { _mm512_loadu_si512(from.add(row * columns).cast()) });
    let all = _mm512_or_si512(_mm512_or_si512(a, b), _mm512_or_si512(c, d));
    if _mm512_test_epi64_mask(all, all) == 0 {
        return false;
    }
    let (ab, cd) = (_mm512_unpacklo_epi32(a, b), _mm512_unpacklo_epi32(c, d));
    let (ab_, cd_) = (_mm512_unpackhi_epi32(a, b), _mm512_unpackhi_epi32(c, d));
    let turned = [
        _mm512_unpacklo_epi64(ab, cd),
        _mm512_unpackhi_epi64(ab, cd),
        _mm512_unpacklo_epi64(ab_, cd_),
        _mm512_unpackhi_epi64(ab_, cd_),
    ];
    for (k, tiles) in turned.into_iter().enumerate() {
        // SAFETY: as above.
        unsafe { _mm512_store_si512(to.add(k * STEP).cast(), tiles) };
    }
    true
}

/// The weights of four terms, 16 bytes each; moves on behind them.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,popcnt")]
unsafe fn weights_of<const DIGITS: u32>(four: &Four, weights: &mut *const u8) -> __m512i {
    // SAFETY: the masks are eight bytes.
    let masks = unsafe { four.masks.as_ptr().cast::<u64>().read_unaligned() };
    if DIGITS == 0 {
        return _mm512_maskz_set1_epi8(masks, 1);
    }
    // SAFETY: 64 bytes can be read wherever weights begin.
    let packed = unsafe { _mm512_loadu_si512(weights.cast()) };
    *weights = weights.wrapping_add(masks.count_ones() as usize);
    let made;
    // Compilers would read from memory what is expanded: some processors take far longer for that.
    // SAFETY: an instruction of the level on registers.
    unsafe {
        std::arch::asm!(
            "vpexpandb {made}{{{masks}}}{{z}}, {packed}",
            made = lateout(zmm_reg) made,
            masks = in(kreg) masks,
            packed = in(zmm_reg) packed,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    made
}

/// Adds a band of 16 frames to `sums`: 16 signals and 16 defects a bin.
///
/// # Safety
/// As [`add_single`]; there are 16 bands, `sums` is aligned to 64 bytes.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx512vnni,popcnt")]
pub unsafe fn add_batch(bands: Several<'_>, runs: Runs<'_>, sums: &mut [u32]) {
    // SAFETY: what this function asks of its caller is what each of them does.
    unsafe {
        match (runs.whole(), bands.sparse) {
            (1, false) => batch::<0, false>(bands, runs, sums),
            (1, true) => batch::<0, true>(bands, runs, sums),
            (2..=16, false) => batch::<1, false>(bands, runs, sums),
            (2..=16, true) => batch::<1, true>(bands, runs, sums),
            (_, false) => batch::<2, false>(bands, runs, sums),
            (_, true) => batch::<2, true>(bands, runs, sums),
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx512vnni,popcnt")]
unsafe fn batch<const DIGITS: u32, const SPARSE: bool>(bands: Several<'_>, runs: Runs<'_>, sums: &mut [u32]) {
    let defects = Defects::new(runs.whole());
    let zero = _mm512_setzero_si512();
    // Of each tile, its four rows: 16 frames' four pixels each.
    let mut tiles = [[zero; SIDE]; TILES];
    let sums = sums.as_mut_ptr().cast::<__m512i>();
    for (run, fours, weights) in runs.each() {
        // SAFETY: the caller's: 64 bytes of each row of the 16 bands; the terms' bins; the weights' slack can be read.
        unsafe {
            let mut any = false;
            for row in 0..SIDE {
                let from = bands.bytes.as_ptr().add(row * runs.columns() + run.column as usize);
                any |= turn(from, bands.stride, row, &mut tiles);
            }
            if !any {
                continue;
            }
            let mut there = u16::MAX;
            if SPARSE {
                for (place, [a, b, c, d]) in tiles.iter().enumerate() {
                    let all = _mm512_or_si512(_mm512_or_si512(*a, *b), _mm512_or_si512(*c, *d));
                    there ^= u16::from(_mm512_test_epi64_mask(all, all) == 0) << place;
                }
            }
            let sums = sums.add(2 * run.base as usize);
            let mut weights = weights.as_ptr();
            for four in fours {
                ahead_of(four);
                ahead_of(weights);
                let of_four = weights_of::<DIGITS>(four, &mut weights);
                let low = if DIGITS > 0 { _mm512_permutexvar_epi8(of_four, defects.low) } else { of_four };
                let high = if DIGITS > 1 { _mm512_permutexvar_epi8(of_four, defects.high) } else { of_four };
                for (k, &code) in four.codes.iter().enumerate() {
                    if SPARSE && there >> (code & 15) & 1 == 0 {
                        continue;
                    }
                    let tile = tiles.get_unchecked(usize::from(code & 15));
                    let bin = sums.add(2 * usize::from(code >> 4));
                    // Half of what is wanted everywhere is loaded so, half of it made: each alone takes longer.
                    let at = (&raw const of_four).cast::<[i32; SIDE]>().add(k).cast::<i32>();
                    let ready = match DIGITS {
                        0 => everywhere(of_four, k),
                        _ => [0, 1, 2, 3].map(|row| _mm512_set1_epi32(at.add(row).read_volatile())),
                    };
                    _mm512_store_si512(bin.cast(), products(_mm512_load_si512(bin.cast()), tile, ready));
                    if DIGITS > 0 {
                        let bin = bin.add(1);
                        let mut sum = products(_mm512_load_si512(bin.cast()), tile, everywhere(low, k));
                        if DIGITS > 1 {
                            let more = products(_mm512_setzero_si512(), tile, everywhere(high, k));
                            sum = _mm512_add_epi32(sum, _mm512_slli_epi32::<DIGIT>(more));
                        }
                        _mm512_store_si512(bin.cast(), sum);
                    }
                }
            }
        }
    }
}

/// Adds the products of a tile's four rows.
#[inline]
#[target_feature(enable = "avx512f,avx512vnni")]
fn products(sum: __m512i, tile: &[__m512i; SIDE], weights: [__m512i; SIDE]) -> __m512i {
    tile.iter().zip(weights).fold(sum, |sum, (&row, weights)| _mm512_dpbusd_epi32(sum, row, weights))
}

/// Of the four terms' 16 bytes each, those of term `k`: of each row its four bytes, 16 times.
#[inline]
#[target_feature(enable = "avx512f")]
fn everywhere(of_four: __m512i, k: usize) -> [__m512i; SIDE] {
    let term = match k {
        0 => _mm512_shuffle_i32x4::<0x00>(of_four, of_four),
        1 => _mm512_shuffle_i32x4::<0x55>(of_four, of_four),
        2 => _mm512_shuffle_i32x4::<0xaa>(of_four, of_four),
        _ => _mm512_shuffle_i32x4::<0xff>(of_four, of_four),
    };
    [
        _mm512_shuffle_epi32::<0x00>(term),
        _mm512_shuffle_epi32::<0x55>(term),
        _mm512_shuffle_epi32::<0xaa>(term),
        _mm512_shuffle_epi32::<0xff>(term),
    ]
}

/// 64 bytes of a row of 16 bands to that row of the tiles; false if all are 0.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
unsafe fn turn(from: *const u8, stride: usize, row: usize, to: &mut [[__m512i; SIDE]; TILES]) -> bool {
    let mut all = _mm512_setzero_si512();
    let mut rows = [all; 16];
    for (k, row) in rows.iter_mut().enumerate() {
        // SAFETY: the caller's.
        *row = unsafe { _mm512_loadu_si512(from.add(k * stride).cast()) };
        all = _mm512_or_si512(all, *row);
    }
    if _mm512_test_epi64_mask(all, all) == 0 {
        to.iter_mut().for_each(|tile| tile[row] = all);
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
        to[place(j)][row] = _mm512_shuffle_i32x4::<0x88>(ab, cd);
        to[place(4 + j)][row] = _mm512_shuffle_i32x4::<0xdd>(ab, cd);
        to[place(8 + j)][row] = _mm512_shuffle_i32x4::<0x88>(ab_, cd_);
        to[place(12 + j)][row] = _mm512_shuffle_i32x4::<0xdd>(ab_, cd_);
    }
    true
}
