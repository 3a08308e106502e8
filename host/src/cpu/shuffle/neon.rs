//! 128 pixels at a time: loads that take the bytes of pixels apart, three exchanges that turn 8 x 8 bits over, and what
//! interleaves bytes backwards.

use std::arch::aarch64::*;

/// Bytes of a plane in a step.
const STEP: usize = 16;
/// Pixels in a step.
const PIXELS: usize = STEP * 8;

/// Makes as many whole steps as there are; says how many bytes of each plane that is.
///
/// # Safety
/// The processor has NEON; `elements` and `planes` are equally long, a multiple of 8 elements of 1, 2 or 4 bytes.
#[target_feature(enable = "neon")]
pub unsafe fn planes(elements: &[u8], planes: &mut [u8], element_size: usize) -> usize {
    let stride = elements.len() / element_size / 8;
    let steps = stride / STEP;
    for step in 0..steps {
        // SAFETY: step + 1 <= steps, so 128 elements and 16 bytes of each of the 8 x size planes lie within the slices.
        unsafe {
            let from = elements.as_ptr().add(step * PIXELS * element_size);
            let to = planes.as_mut_ptr().add(step * STEP);
            match element_size {
                1 => eight(std::array::from_fn(|i| vld1q_u8(from.add(STEP * i))), to, stride),
                2 => {
                    let pixels: [_; 8] = std::array::from_fn(|i| vld2q_u8(from.add(2 * STEP * i)));
                    eight(pixels.map(|p| p.0), to, stride);
                    eight(pixels.map(|p| p.1), to.add(8 * stride), stride);
                }
                _ => {
                    let pixels: [_; 8] = std::array::from_fn(|i| vld4q_u8(from.add(4 * STEP * i)));
                    eight(pixels.map(|p| p.0), to, stride);
                    eight(pixels.map(|p| p.1), to.add(8 * stride), stride);
                    eight(pixels.map(|p| p.2), to.add(16 * stride), stride);
                    eight(pixels.map(|p| p.3), to.add(24 * stride), stride);
                }
            }
        }
    }
    steps * STEP
}

/// One byte of each of 128 pixels to 16 bytes of eight planes.
#[inline]
#[target_feature(enable = "neon")]
unsafe fn eight(rows: [uint8x16_t; 8], to: *mut u8, stride: usize) {
    // Byte k of word g is now byte g of plane k.
    let c = rows.map(|row| vreinterpretq_u32_u8(turn(row)));
    let fours = |a, b| [vreinterpretq_u16_u32(vuzp1q_u32(a, b)), vreinterpretq_u16_u32(vuzp2q_u32(a, b))];
    let pairs = |a, b| [vreinterpretq_u8_u16(vuzp1q_u16(a, b)), vreinterpretq_u8_u16(vuzp2q_u16(a, b))];
    let bytes = |a, b| [vuzp1q_u8(a, b), vuzp2q_u8(a, b)];
    let ([b0, b4], [b1, b5]) = (fours(c[0], c[1]), fours(c[2], c[3]));
    let ([b2, b6], [b3, b7]) = (fours(c[4], c[5]), fours(c[6], c[7]));
    let ([a0, a2], [a1, a3]) = (pairs(b0, b1), pairs(b2, b3));
    let ([a4, a6], [a5, a7]) = (pairs(b4, b5), pairs(b6, b7));
    let ([p0, p1], [p2, p3]) = (bytes(a0, a1), bytes(a2, a3));
    let ([p4, p5], [p6, p7]) = (bytes(a4, a5), bytes(a6, a7));
    for (k, plane) in [p0, p1, p2, p3, p4, p5, p6, p7].into_iter().enumerate() {
        // SAFETY: the caller has 16 bytes to write in each of eight planes.
        unsafe { vst1q_u8(to.add(k * stride), plane) };
    }
}

/// Turns the 8 x 8 bits of each 64-bit word over.
///
/// # Safety
/// The processor has NEON.
#[inline]
#[target_feature(enable = "neon")]
pub fn turn(x: uint8x16_t) -> uint8x16_t {
    let x = exchange::<7>(vreinterpretq_u64_u8(x), 0x00aa_00aa_00aa_00aa);
    let x = exchange::<14>(x, 0x0000_cccc_0000_cccc);
    vreinterpretq_u8_u64(exchange::<28>(x, 0x0000_0000_f0f0_f0f0))
}

#[inline]
#[target_feature(enable = "neon")]
fn exchange<const SHIFT: i32>(x: uint64x2_t, mask: u64) -> uint64x2_t {
    let swap = vandq_u64(veorq_u64(x, vshrq_n_u64::<SHIFT>(x)), vdupq_n_u64(mask));
    veorq_u64(veorq_u64(x, swap), vshlq_n_u64::<SHIFT>(swap))
}
