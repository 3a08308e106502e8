//! 32 pixels at a time: their bytes are sorted by place, and `pmovmskb` takes one bit of each.

use std::arch::x86_64::*;

/// Pixels in a step.
const PIXELS: usize = 32;
/// Bytes of a plane in a step.
const STEP: usize = PIXELS / 8;

/// Makes as many whole steps as there are; says how many bytes of each plane that is.
///
/// # Safety
/// The processor has AVX2; `elements` and `planes` are equally long, a multiple of 8 elements of 1, 2 or 4 bytes.
#[target_feature(enable = "avx2")]
pub unsafe fn planes(elements: &[u8], planes: &mut [u8], element_size: usize) -> usize {
    let stride = elements.len() / element_size / 8;
    let steps = stride / STEP;
    for step in 0..steps {
        // SAFETY: step + 1 <= steps, so 32 elements and 4 bytes of each of the 8 x size planes lie within the slices.
        unsafe {
            let from = elements.as_ptr().add(step * PIXELS * element_size).cast::<__m256i>();
            let to = planes.as_mut_ptr().add(step * STEP);
            match element_size {
                1 => eight(_mm256_loadu_si256(from), to, stride),
                2 => {
                    let [low, high] = words(from);
                    eight(low, to, stride);
                    eight(high, to.add(8 * stride), stride);
                }
                _ => {
                    for (byte, row) in doubles(from).into_iter().enumerate() {
                        eight(row, to.add(8 * byte * stride), stride);
                    }
                }
            }
        }
    }
    steps * STEP
}

/// The low and the high bytes of 32 pixels of 16 bits.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn words(from: *const __m256i) -> [__m256i; 2] {
    // SAFETY: 64 bytes can be read.
    let (a, b) = unsafe { (_mm256_loadu_si256(from), _mm256_loadu_si256(from.add(1))) };
    let low = _mm256_set1_epi16(0xff);
    let sort = |a, b| _mm256_permute4x64_epi64::<0xd8>(_mm256_packus_epi16(a, b));
    [
        sort(_mm256_and_si256(a, low), _mm256_and_si256(b, low)),
        sort(_mm256_srli_epi16::<8>(a), _mm256_srli_epi16::<8>(b)),
    ]
}

/// The bytes of 32 pixels of 32 bits, sorted by their place.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn doubles(from: *const __m256i) -> [__m256i; 4] {
    let by_place = _mm256_setr_epi8(
        0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15,
    );
    // SAFETY: 128 bytes can be read.
    let load = |i| _mm256_shuffle_epi8(unsafe { _mm256_loadu_si256(from.add(i)) }, by_place);
    let (a, b, c, d) = (load(0), load(1), load(2), load(3));
    let (ab, cd) = (_mm256_unpacklo_epi32(a, b), _mm256_unpacklo_epi32(c, d));
    let (ab_high, cd_high) = (_mm256_unpackhi_epi32(a, b), _mm256_unpackhi_epi32(c, d));
    // Lane 0 now holds quads 0, 2, 4, 6 of the eight, lane 1 quads 1, 3, 5, 7.
    let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    [
        _mm256_unpacklo_epi64(ab, cd),
        _mm256_unpackhi_epi64(ab, cd),
        _mm256_unpacklo_epi64(ab_high, cd_high),
        _mm256_unpackhi_epi64(ab_high, cd_high),
    ]
    .map(|row| _mm256_permutevar8x32_epi32(row, order))
}

/// One byte of each of 32 pixels to four bytes of eight planes.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn eight(bytes: __m256i, to: *mut u8, stride: usize) {
    let mut bytes = bytes;
    for bit in (0..8).rev() {
        let plane = _mm256_movemask_epi8(bytes);
        // SAFETY: the caller has four bytes in each of eight planes.
        unsafe { to.add(bit * stride).cast::<i32>().write_unaligned(plane) };
        bytes = _mm256_add_epi8(bytes, bytes);
    }
}
