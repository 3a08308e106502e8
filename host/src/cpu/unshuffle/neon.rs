//! 128 pixels at a time: interleavings bring the eight planes' bytes of 8 pixels together, then the bits are turned over by
//! three exchanges on 64-bit words (Warren, Hacker's Delight, 7-3).

use super::Planes;
use crate::cpu::sample::Sample;
use crate::cpu::shuffle::neon::turn;
use std::arch::aarch64::*;

/// Bytes of a plane in a step.
const STEP: usize = 16;
/// Pixels in a step.
const PIXELS: usize = STEP * 8;

/// Makes as many whole steps of pixels as there are; says how many pixels that is.
///
/// # Safety
/// The processor has NEON; `planes` are of `pixels`.
#[target_feature(enable = "neon")]
pub unsafe fn pixels<T: Sample>(planes: &Planes<'_>, pixels: &mut [T]) -> usize {
    let steps = planes.stride / STEP;
    let to = pixels.as_mut_ptr().cast::<u8>();
    for step in 0..steps {
        // SAFETY: step + 1 <= steps, so 16 bytes of each plane, each `stride` long, and 128 pixels lie within the slices.
        unsafe {
            let to = to.add(step * PIXELS * T::SIZE);
            let byte = |j: usize| {
                let plane = [0, 1, 2, 3, 4, 5, 6, 7].map(|k| load(planes, 8 * j + k, step * STEP));
                // Upper bytes are 0 nearly everywhere, and so is what has one plane only.
                if j > 0 || planes.last == 0 {
                    let all = plane.into_iter().reduce(|all, plane| vorrq_u8(all, plane)).unwrap_or(plane[0]);
                    if vmaxvq_u8(all) == 0 {
                        return [all; 8];
                    }
                }
                transpose(|k| plane[k])
            };
            match T::SIZE {
                1 => rows(byte(0), to),
                2 => words(byte(0), byte(1), to),
                _ => doubles([byte(0), byte(1), byte(2), byte(3)], to),
            }
        }
    }
    steps * PIXELS
}

/// As `super::row`, for as many whole steps as there are; says how many pixels that is.
///
/// # Safety
/// The processor has NEON; `planes`, `keep` and `row` have the same number of pixels.
#[target_feature(enable = "neon")]
pub unsafe fn row(planes: &Planes<'_>, keep: &[u8], row: &mut [u8]) -> usize {
    let steps = keep.len() / STEP;
    for step in 0..steps {
        // SAFETY: step + 1 <= steps, so 16 bytes of each plane and of the mask, and 128 of the row, lie within the slices.
        unsafe {
            let keep = vld1q_u8(keep.as_ptr().add(step * STEP));
            let made = transpose(|k| vandq_u8(load(planes, k, step * STEP), keep));
            rows(made, row.as_mut_ptr().add(step * PIXELS));
        }
    }
    steps * PIXELS
}

/// 16 bytes of plane k, from byte `at` of it on.
///
/// # Safety
/// They are within the plane.
#[inline]
#[target_feature(enable = "neon")]
unsafe fn load(planes: &Planes<'_>, k: usize, at: usize) -> uint8x16_t {
    // SAFETY: the caller's; planes, or those that stand for them, are there.
    unsafe { vld1q_u8(planes.bytes.as_ptr().add(planes.starts[k] + at)) }
}

/// Eight planes to bytes of 128 pixels, 16 a vector.
#[inline]
#[target_feature(enable = "neon")]
fn transpose(plane: impl Fn(usize) -> uint8x16_t) -> [uint8x16_t; 8] {
    let p: [uint8x16_t; 8] = [plane(0), plane(1), plane(2), plane(3), plane(4), plane(5), plane(6), plane(7)];
    let bytes = |a, b| [vreinterpretq_u16_u8(vzip1q_u8(a, b)), vreinterpretq_u16_u8(vzip2q_u8(a, b))];
    let pairs = |a, b| [vreinterpretq_u32_u16(vzip1q_u16(a, b)), vreinterpretq_u32_u16(vzip2q_u16(a, b))];
    let fours = |a, b| [vreinterpretq_u8_u32(vzip1q_u32(a, b)), vreinterpretq_u8_u32(vzip2q_u32(a, b))];
    let ([a0, a1], [a2, a3]) = (bytes(p[0], p[1]), bytes(p[2], p[3]));
    let ([a4, a5], [a6, a7]) = (bytes(p[4], p[5]), bytes(p[6], p[7]));
    let ([b0, b1], [b2, b3]) = (pairs(a0, a2), pairs(a1, a3));
    let ([b4, b5], [b6, b7]) = (pairs(a4, a6), pairs(a5, a7));
    let ([c0, c1], [c2, c3]) = (fours(b0, b4), fours(b1, b5));
    let ([c4, c5], [c6, c7]) = (fours(b2, b6), fours(b3, b7));
    [turn(c0), turn(c1), turn(c2), turn(c3), turn(c4), turn(c5), turn(c6), turn(c7)]
}

#[inline]
#[target_feature(enable = "neon")]
unsafe fn rows(bytes: [uint8x16_t; 8], to: *mut u8) {
    for (i, bytes) in bytes.into_iter().enumerate() {
        // SAFETY: the caller's: 128 bytes at `to`.
        unsafe { vst1q_u8(to.add(STEP * i), bytes) };
    }
}

#[inline]
#[target_feature(enable = "neon")]
unsafe fn words(low: [uint8x16_t; 8], high: [uint8x16_t; 8], to: *mut u8) {
    for (i, (low, high)) in low.into_iter().zip(high).enumerate() {
        // SAFETY: the caller's: 256 bytes at `to`.
        unsafe { vst2q_u8(to.add(2 * STEP * i), uint8x16x2_t(low, high)) };
    }
}

#[inline]
#[target_feature(enable = "neon")]
unsafe fn doubles(bytes: [[uint8x16_t; 8]; 4], to: *mut u8) {
    let [b0, b1, b2, b3] = bytes;
    for (i, (((b0, b1), b2), b3)) in b0.into_iter().zip(b1).zip(b2).zip(b3).enumerate() {
        // SAFETY: the caller's: 512 bytes at `to`.
        unsafe { vst4q_u8(to.add(4 * STEP * i), uint8x16x4_t(b0, b1, b2, b3)) };
    }
}
