//! 512 pixels at a time: `vpermt2b` sorts their bytes by place, one GF(2) product turns 8 x 8 bits over, and an 8 x 8
//! transposition of words brings each plane's 64 bytes together.

use std::arch::x86_64::*;

/// Bytes of a plane in a step.
const STEP: usize = 64;
/// Pixels in a step.
const PIXELS: usize = STEP * 8;

/// The unit matrix over GF(2), rows in the order that `gf2p8affineqb` reads them: A x^T turns a block of bits over.
const UNIT: i64 = 0x8040_2010_0804_0201_u64 as i64;

#[repr(align(64))]
struct Order([u8; STEP]);

/// Byte `first + 2 i` to place i: the even or odd bytes of two vectors.
const fn every_second(first: usize, turned: bool) -> Order {
    let mut table = [0; STEP];
    let mut at = 0;
    while at < STEP {
        // The product takes the rows of a matrix from the last to the first: eight pixels stand turned round.
        let pixel = if turned { at ^ 7 } else { at };
        table[at] = (first + 2 * pixel) as u8;
        at += 1;
    }
    Order(table)
}

static EVEN: Order = every_second(0, false);
static ODD: Order = every_second(1, false);
static EVEN_TURNED: Order = every_second(0, true);
static ODD_TURNED: Order = every_second(1, true);

/// Turns eight bytes round, for elements of one byte.
static TURNED: Order = {
    let mut table = [0; STEP];
    let mut at = 0;
    while at < STEP {
        table[at] = (at ^ 7) as u8;
        at += 1;
    }
    Order(table)
};

/// Byte k of word j to byte j of word k.
static ACROSS: Order = {
    let mut table = [0; STEP];
    let mut at = 0;
    while at < STEP {
        table[at] = (8 * (at % 8) + at / 8) as u8;
        at += 1;
    }
    Order(table)
};

#[inline]
#[target_feature(enable = "avx512f")]
fn order(table: &'static Order) -> __m512i {
    // SAFETY: the table is aligned and has 64 bytes.
    unsafe { _mm512_load_si512(table.0.as_ptr().cast()) }
}

/// Makes as many whole steps as there are; says how many bytes of each plane that is.
///
/// # Safety
/// The processor has the level's instructions; `elements` and `planes` are equally long, a multiple of 8 elements of 1, 2
/// or 4 bytes.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
pub unsafe fn planes(elements: &[u8], planes: &mut [u8], element_size: usize) -> usize {
    let stride = elements.len() / element_size / 8;
    let steps = stride / STEP;
    for step in 0..steps {
        // SAFETY: step + 1 <= steps, so 512 elements and 64 bytes of each of the 8 x size planes lie within the slices.
        unsafe {
            let from = elements.as_ptr().add(step * PIXELS * element_size).cast::<__m512i>();
            let to = planes.as_mut_ptr().add(step * STEP);
            match element_size {
                1 => bytes(from, to, stride),
                2 => words(from, to, stride),
                _ => doubles(from, to, stride),
            }
        }
    }
    steps * STEP
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
unsafe fn bytes(from: *const __m512i, to: *mut u8, stride: usize) {
    let turned = order(&TURNED);
    // SAFETY: the caller has 512 bytes to read and 64 to write in each of 8 planes.
    unsafe {
        eight(std::array::from_fn(|i| _mm512_permutexvar_epi8(turned, _mm512_loadu_si512(from.add(i)))), to, stride);
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
unsafe fn words(from: *const __m512i, to: *mut u8, stride: usize) {
    let (even, odd) = (order(&EVEN_TURNED), order(&ODD_TURNED));
    let zero = _mm512_setzero_si512();
    let (mut low, mut high) = ([zero; 8], [zero; 8]);
    for i in 0..8 {
        // SAFETY: the caller has 1024 bytes to read.
        let (a, b) = unsafe { (_mm512_loadu_si512(from.add(2 * i)), _mm512_loadu_si512(from.add(2 * i + 1))) };
        low[i] = _mm512_permutex2var_epi8(a, even, b);
        high[i] = _mm512_permutex2var_epi8(a, odd, b);
    }
    // SAFETY: and 64 bytes to write in each of 16 planes.
    unsafe {
        eight(low, to, stride);
        eight(high, to.add(8 * stride), stride);
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
unsafe fn doubles(from: *const __m512i, to: *mut u8, stride: usize) {
    let (even, odd) = (order(&EVEN), order(&ODD));
    let (even_turned, odd_turned) = (order(&EVEN_TURNED), order(&ODD_TURNED));
    let zero = _mm512_setzero_si512();
    let (mut first, mut second, mut third, mut fourth) = ([zero; 8], [zero; 8], [zero; 8], [zero; 8]);
    for i in 0..8 {
        // SAFETY: the caller has 2048 bytes to read.
        let load = |k| unsafe { _mm512_loadu_si512(from.add(4 * i + k)) };
        let (a, b, c, d) = (load(0), load(1), load(2), load(3));
        let (low, high) = (_mm512_permutex2var_epi8(a, even, b), _mm512_permutex2var_epi8(c, even, d));
        first[i] = _mm512_permutex2var_epi8(low, even_turned, high);
        third[i] = _mm512_permutex2var_epi8(low, odd_turned, high);
        let (low, high) = (_mm512_permutex2var_epi8(a, odd, b), _mm512_permutex2var_epi8(c, odd, d));
        second[i] = _mm512_permutex2var_epi8(low, even_turned, high);
        fourth[i] = _mm512_permutex2var_epi8(low, odd_turned, high);
    }
    for (byte, rows) in [first, second, third, fourth].into_iter().enumerate() {
        // SAFETY: and 64 bytes to write in each of 32 planes.
        unsafe { eight(rows, to.add(8 * byte * stride), stride) };
    }
}

/// One byte of each of 512 pixels to 64 bytes of eight planes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,gfni")]
unsafe fn eight(rows: [__m512i; 8], to: *mut u8, stride: usize) {
    let (unit, across) = (_mm512_set1_epi64(UNIT), order(&ACROSS));
    let turn = |row| _mm512_permutexvar_epi8(across, _mm512_gf2p8affine_epi64_epi8::<0>(unit, row));
    // Word k of w[i]: bytes 8 i to 8 i + 7 of plane k.
    let w = rows.map(turn);
    let pair = |i: usize| (_mm512_unpacklo_epi64(w[i], w[i + 1]), _mm512_unpackhi_epi64(w[i], w[i + 1]));
    let ((e0, o0), (e1, o1), (e2, o2), (e3, o3)) = (pair(0), pair(2), pair(4), pair(6));
    let four = |a, b, c, d| {
        let (ab, cd) = (_mm512_shuffle_i64x2::<0x44>(a, b), _mm512_shuffle_i64x2::<0x44>(c, d));
        let (ab_high, cd_high) = (_mm512_shuffle_i64x2::<0xee>(a, b), _mm512_shuffle_i64x2::<0xee>(c, d));
        [
            _mm512_shuffle_i64x2::<0x88>(ab, cd),
            _mm512_shuffle_i64x2::<0xdd>(ab, cd),
            _mm512_shuffle_i64x2::<0x88>(ab_high, cd_high),
            _mm512_shuffle_i64x2::<0xdd>(ab_high, cd_high),
        ]
    };
    let (even, odd) = (four(e0, e1, e2, e3), four(o0, o1, o2, o3));
    for i in 0..4 {
        // SAFETY: the caller has 64 bytes to write in each of eight planes.
        unsafe {
            _mm512_storeu_si512(to.add(2 * i * stride).cast(), even[i]);
            _mm512_storeu_si512(to.add((2 * i + 1) * stride).cast(), odd[i]);
        }
    }
}
