//! Additions: 8 frames, or a term of one, at a time. There is no product of four bytes into 32 bits: two steps make it.

use super::HALF;
use crate::cpu::fused::expand::{FROM, alone};
use crate::cpu::fused::level::Several;
use crate::cpu::fused::sums::{Lanes, Narrow};
use crate::cpu::prefetch::ahead_of;
use crate::cpu::terms::{Runs, SIDE, STEP, TILE, TILES, place};
use std::arch::x86_64::*;

/// What defects are made of. Up to a U of 16: u (U - u) for u of 0..16, looked up by the lower four bits (U, where it is
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

/// Sum of u (U - u) v over four pixels, for U that is more than 16: `wholes` are U, 16 times.
#[inline]
#[target_feature(enable = "avx2")]
fn wide_defect(four: __m256i, weights: __m256i, wholes: __m256i) -> __m256i {
    let of = |weights: __m256i| _mm256_mullo_epi16(weights, _mm256_sub_epi16(wholes, weights));
    let ([even, odd], weights) = (halves_of(four), halves_of(weights).map(of));
    _mm256_add_epi32(_mm256_madd_epi16(even, weights[0]), _mm256_madd_epi16(odd, weights[1]))
}

/// Sum of four products of an unsigned byte with a small one. Two weights of a bin are at most 128 together, so a sum of two
/// products fits 16 bits with sign.
#[inline]
#[target_feature(enable = "avx2")]
fn product(four: __m256i, weights: __m256i) -> __m256i {
    _mm256_madd_epi16(_mm256_maddubs_epi16(four, weights), _mm256_set1_epi16(1))
}

/// Adds a band to `sums`.
///
/// # Safety
/// The processor has the level's instructions; `band` has four rows, read in whole steps, and `sums` the bins.
#[target_feature(enable = "avx2,bmi2,popcnt")]
pub unsafe fn add_single(band: &[u8], runs: Runs<'_>, sums: Narrow<'_>) {
    // SAFETY: what this function asks of its caller is what each of them does.
    unsafe {
        match (sums, runs.whole()) {
            (Narrow::Lanes(sums), 1) => single::<false, true, _>(band, runs, sums.as_mut_ptr(), add_lanes::<true>),
            (Narrow::Lanes(sums), ..=16) => {
                single::<false, false, _>(band, runs, sums.as_mut_ptr(), add_lanes::<false>)
            }
            (Narrow::Lanes(sums), _) => single::<true, false, _>(band, runs, sums.as_mut_ptr(), add_lanes::<false>),
            (Narrow::Pairs(sums), 1) => single::<false, true, _>(band, runs, sums.as_mut_ptr(), add_pairs),
            (Narrow::Pairs(sums), ..=16) => single::<false, false, _>(band, runs, sums.as_mut_ptr(), add_pairs),
            (Narrow::Pairs(sums), _) => single::<true, false, _>(band, runs, sums.as_mut_ptr(), add_pairs),
        }
    }
}

#[inline]
#[target_feature(enable = "avx2,bmi2,popcnt")]
unsafe fn single<const WIDE: bool, const ONE: bool, T>(
    band: &[u8],
    runs: Runs<'_>,
    sums: *mut T,
    add: unsafe fn(*mut T, &[u16; 4], [__m256i; 4]),
) {
    let defects = defects::<WIDE>(runs.whole());
    let mut tiles = Tiles([0; SIDE * STEP]);
    let tiles = tiles.0.as_mut_ptr();
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
                let mut made = [_mm256_setzero_si256(); 4];
                for (made, (&code, &mask)) in made.iter_mut().zip(four.codes.iter().zip(&four.masks)) {
                    let pixels = _mm_load_si128(tiles.add((alone(code) & 15) * TILE).cast());
                    let pixels = _mm256_broadcastsi128_si256(pixels);
                    let weights = weights_of::<ONE, true>(mask, &mut weights);
                    *made = if ONE {
                        product(pixels, _mm256_zextsi128_si256(weights))
                    } else if WIDE {
                        let both = _mm256_broadcastsi128_si256(weights);
                        _mm256_blend_epi32::<0xf0>(product(pixels, both), wide_defect(pixels, both, defects))
                    } else {
                        let defects = _mm_shuffle_epi8(_mm256_castsi256_si128(defects), weights);
                        product(pixels, _mm256_set_m128i(defects, weights))
                    };
                }
                add(sums, &four.codes, made);
            }
        }
    }
}

/// Adds four terms' signals and defects to their bins; or signals alone, where there is no defect.
#[inline]
#[target_feature(enable = "avx2")]
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
#[target_feature(enable = "avx2")]
unsafe fn add_pairs(sums: *mut u64, codes: &[u16; 4], made: [__m256i; 4]) {
    for (&code, pair) in codes.iter().zip(&pairs_of(made)) {
        // SAFETY: the caller's: the bin is there.
        unsafe { *sums.add(alone(code) >> 4) += (&raw const *pair).read_volatile() };
    }
}

/// Of each term the sum of four signals, in the lower half, and of four defects.
#[inline]
#[target_feature(enable = "avx2")]
pub fn pairs_of([a, b, c, d]: [__m256i; 4]) -> [u64; 4] {
    let sums = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    let (signals, defects) = (_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
    let mut pairs = [0u64; 4];
    let to = pairs.as_mut_ptr().cast::<__m128i>();
    // SAFETY: 16 bytes twice.
    unsafe {
        _mm_storeu_si128(to, _mm_unpacklo_epi32(signals, defects));
        _mm_storeu_si128(to.add(1), _mm_unpackhi_epi32(signals, defects));
    }
    pairs
}

/// A step's pixels, tile by tile.
#[repr(C, align(32))]
struct Tiles([u8; SIDE * STEP]);

/// A step's four rows to tiles; false if all is 0.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn tiles_of(from: *const u8, columns: usize, to: *mut u8) -> bool {
    let mut any = _mm256_setzero_si256();
    for half in 0..2 {
        // SAFETY: the caller's: four rows of 64 bytes, room for as many.
        let [a, b, c, d] =
            [0, 1, 2, 3].map(|row| unsafe { _mm256_loadu_si256(from.add(row * columns + half * HALF).cast()) });
        any = _mm256_or_si256(any, _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d)));
        let (ab, cd) = (_mm256_unpacklo_epi32(a, b), _mm256_unpacklo_epi32(c, d));
        let (ab_, cd_) = (_mm256_unpackhi_epi32(a, b), _mm256_unpackhi_epi32(c, d));
        let turned = [
            _mm256_unpacklo_epi64(ab, cd),
            _mm256_unpackhi_epi64(ab, cd),
            _mm256_unpacklo_epi64(ab_, cd_),
            _mm256_unpackhi_epi64(ab_, cd_),
        ];
        for (k, tiles) in turned.into_iter().enumerate() {
            // SAFETY: as above.
            unsafe { _mm256_store_si256(to.add(k * STEP + half * HALF).cast(), tiles) };
        }
    }
    _mm256_testz_si256(any, any) == 0
}

/// A term's 16 weights; moves on behind them. Made by look-up where vectors have little to do, otherwise by `pdep`.
#[inline]
#[target_feature(enable = "avx2,bmi2,popcnt")]
unsafe fn weights_of<const ONE: bool, const LOOK_UP: bool>(mask: u16, weights: &mut *const u8) -> __m128i {
    let halves = mask.to_le_bytes();
    let bytes = halves.map(|mask| _pdep_u64(mask.into(), 0x0101_0101_0101_0101));
    if ONE {
        return _mm_set_epi64x(bytes[1] as i64, bytes[0] as i64);
    }
    let packed = [*weights, weights.wrapping_add(halves[0].count_ones() as usize)];
    *weights = weights.wrapping_add(mask.count_ones() as usize);
    // SAFETY: 64 bytes can be read wherever weights begin; eight of each row of `FROM`.
    unsafe {
        if LOOK_UP {
            let both = |[low, high]: [*const u8; 2]| {
                let low = _mm_castsi128_pd(_mm_loadl_epi64(low.cast()));
                _mm_castpd_si128(_mm_loadh_pd(low, high.cast()))
            };
            // The upper half's are behind those of the lower.
            let from = both(halves.map(|mask| FROM[usize::from(mask)].as_ptr()));
            let from = _mm_or_si128(from, _mm_set_epi64x(0x0808_0808_0808_0808, 0));
            return _mm_shuffle_epi8(both(packed), from);
        }
        let [low, high] = [0, 1].map(|half| _pdep_u64(packed[half].cast::<u64>().read_unaligned(), bytes[half] * 255));
        _mm_set_epi64x(high as i64, low as i64)
    }
}

/// Adds a band of 8 frames to `sums`: 8 signals and 8 defects a bin.
///
/// # Safety
/// As [`add_single`]; there are 8 bands, `sums` is aligned to 32 bytes.
#[target_feature(enable = "avx2,bmi2,popcnt")]
pub unsafe fn add_batch(bands: Several<'_>, runs: Runs<'_>, sums: &mut [u32]) {
    // SAFETY: what this function asks of its caller is what each of them does.
    unsafe {
        match (runs.whole(), bands.sparse) {
            (1, false) => batch::<false, true, false>(bands, runs, sums),
            (1, true) => batch::<false, true, true>(bands, runs, sums),
            (..=16, false) => batch::<false, false, false>(bands, runs, sums),
            (..=16, true) => batch::<false, false, true>(bands, runs, sums),
            (_, false) => batch::<true, false, false>(bands, runs, sums),
            (_, true) => batch::<true, false, true>(bands, runs, sums),
        }
    }
}

#[inline]
#[target_feature(enable = "avx2,bmi2,popcnt")]
unsafe fn batch<const WIDE: bool, const ONE: bool, const SPARSE: bool>(
    bands: Several<'_>,
    runs: Runs<'_>,
    sums: &mut [u32],
) {
    let defects = defects::<WIDE>(runs.whole());
    // Of each tile, its four rows: 8 frames' four pixels each.
    let zero = _mm256_setzero_si256();
    let mut tiles = [[zero; SIDE]; TILES];
    let sums = sums.as_mut_ptr().cast::<__m256i>();
    for (run, fours, weights) in runs.each() {
        // SAFETY: the caller's: 64 bytes of each row of the 8 bands; the terms' bins; the weights' slack can be read.
        unsafe {
            let mut any = false;
            for row in 0..SIDE {
                let from = bands.bytes.as_ptr().add(row * runs.columns() + run.column as usize);
                any |= turn(from, bands.stride, 0, row, &mut tiles);
                any |= turn(from.add(HALF), bands.stride, TILES / 2, row, &mut tiles);
            }
            if !any {
                continue;
            }
            let mut there = u16::MAX;
            if SPARSE {
                for (place, [a, b, c, d]) in tiles.iter().enumerate() {
                    let all = _mm256_or_si256(_mm256_or_si256(*a, *b), _mm256_or_si256(*c, *d));
                    there ^= (_mm256_testz_si256(all, all) as u16) << place;
                }
            }
            let sums = sums.add(2 * run.base as usize);
            let mut weights = weights.as_ptr();
            for four in fours {
                ahead_of(four);
                ahead_of(weights);
                for (&code, &mask) in four.codes.iter().zip(&four.masks) {
                    let of_term = weights_of::<ONE, false>(mask, &mut weights);
                    if SPARSE && there >> (code & 15) & 1 == 0 {
                        continue;
                    }
                    let tile = tiles.get_unchecked(usize::from(code & 15));
                    let bin = sums.add(2 * usize::from(code >> 4));
                    let signals = tile.iter().zip(everywhere(of_term));
                    let signal = if WIDE {
                        signals.fold(zero, |sum, (&row, weights)| _mm256_add_epi32(sum, product(row, weights)))
                    } else {
                        // All weights of a bin are at most 16 each: so four sums of two products fit 16 bits.
                        let sum = signals.fold(zero, |sum, (&row, weights)| {
                            _mm256_add_epi16(sum, _mm256_maddubs_epi16(row, weights))
                        });
                        _mm256_madd_epi16(sum, _mm256_set1_epi16(1))
                    };
                    _mm256_store_si256(bin, _mm256_add_epi32(_mm256_load_si256(bin), signal));
                    if !ONE {
                        let bin = bin.add(1);
                        let defect = if WIDE {
                            let halves = halves_of(_mm256_castsi128_si256(of_term)).map(|weights| {
                                let weights = _mm256_castsi256_si128(weights);
                                let rest = _mm_sub_epi16(_mm256_castsi256_si128(defects), weights);
                                everywhere(_mm_mullo_epi16(weights, rest))
                            });
                            (0..SIDE).fold(zero, |sum, row| {
                                let [even, odd] = halves_of(tile[row]);
                                let evens = _mm256_madd_epi16(even, halves[0][row]);
                                let odds = _mm256_madd_epi16(odd, halves[1][row]);
                                _mm256_add_epi32(sum, _mm256_add_epi32(evens, odds))
                            })
                        } else {
                            let of_term = _mm_shuffle_epi8(_mm256_castsi256_si128(defects), of_term);
                            let rows = tile.iter().zip(everywhere(of_term));
                            rows.fold(zero, |sum, (&row, weights)| _mm256_add_epi32(sum, product(row, weights)))
                        };
                        _mm256_store_si256(bin, _mm256_add_epi32(_mm256_load_si256(bin), defect));
                    }
                }
            }
        }
    }
}

/// Of a term's 16 bytes of each row its four, 8 times.
#[inline]
#[target_feature(enable = "avx2")]
fn everywhere(of_term: __m128i) -> [__m256i; SIDE] {
    let rows = _mm256_broadcastsi128_si256(of_term);
    [
        _mm256_shuffle_epi32::<0x00>(rows),
        _mm256_shuffle_epi32::<0x55>(rows),
        _mm256_shuffle_epi32::<0xaa>(rows),
        _mm256_shuffle_epi32::<0xff>(rows),
    ]
}

/// Bytes 0, 2, 4 and so on, and those between, as 16 bits each.
#[inline]
#[target_feature(enable = "avx2")]
fn halves_of(bytes: __m256i) -> [__m256i; 2] {
    [_mm256_and_si256(bytes, _mm256_set1_epi16(0xff)), _mm256_srli_epi16::<8>(bytes)]
}

/// 32 bytes of a row of 8 bands to that row of eight tiles, from tile `first` on; false if all are 0.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn turn(from: *const u8, stride: usize, first: usize, row: usize, to: &mut [[__m256i; SIDE]; TILES]) -> bool {
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
        to[place(first + j)][row] = _mm256_permute2x128_si256::<0x20>(rows[j], rows[4 + j]);
        to[place(first + 4 + j)][row] = _mm256_permute2x128_si256::<0x31>(rows[j], rows[4 + j]);
    }
    _mm256_testz_si256(all, all) == 0
}
