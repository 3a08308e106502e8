//! Bit-planes to pixels, 64 pixels at a time, by butterflies on 64-bit words (Warren, Hacker's Delight, 7-3).

use super::sample::Sample;
use debye_spec::bitshuffle::GROUP;

/// Pixels that one step makes.
const STEP: usize = 64;

/// Turns the bit-planes of a block into its pixels. `planes` holds `pixels.len() * T::SIZE` bytes; the number of
/// pixels is a multiple of 8.
pub fn unshuffle<T: Sample>(planes: &[u8], pixels: &mut [T]) {
    let stride = pixels.len() / GROUP;
    debug_assert_eq!(planes.len(), pixels.len() * T::SIZE);
    let mut bytes = [[0u8; STEP]; 4];
    let mut whole = pixels.chunks_exact_mut(STEP);
    let mut at = 0;
    for step in &mut whole {
        for (j, bytes) in bytes.iter_mut().enumerate().take(T::SIZE) {
            let mut rows = [0u64; 8];
            for (k, row) in rows.iter_mut().enumerate() {
                let from = (8 * j + k) * stride + at;
                *row = planes[from..].first_chunk().copied().map(u64::from_le_bytes).unwrap_or_default();
            }
            transpose(rows, bytes);
        }
        if let Some(step) = step.first_chunk_mut() {
            T::assemble(&bytes, step);
        }
        at += STEP / GROUP;
    }
    for group in whole.into_remainder().chunks_exact_mut(GROUP) {
        for (j, bytes) in bytes.iter_mut().enumerate().take(T::SIZE) {
            let rows = std::array::from_fn(|k| planes[(8 * j + k) * stride + at] as u64);
            transpose(rows, bytes);
        }
        let mut made = [T::default(); STEP];
        T::assemble(&bytes, &mut made);
        group.copy_from_slice(&made[..GROUP]);
        at += 1;
    }
}

/// Row k holds bit k of 64 pixels; `bytes[i]` becomes the byte of pixel i.
#[inline(always)]
fn transpose(mut rows: [u64; 8], bytes: &mut [u8; STEP]) {
    if rows.iter().fold(0, |all, row| all | row) == 0 {
        bytes.fill(0);
        return;
    }
    // Bits: in each column of bytes, row k bit i becomes row i bit k.
    exchange::<4, 4>(&mut rows, 0x0f0f_0f0f_0f0f_0f0f);
    exchange::<2, 2>(&mut rows, 0x3333_3333_3333_3333);
    exchange::<1, 1>(&mut rows, 0x5555_5555_5555_5555);
    // Bytes: row i byte g (pixel 8g + i) becomes row g byte i.
    exchange::<4, 32>(&mut rows, 0x0000_0000_ffff_ffff);
    exchange::<2, 16>(&mut rows, 0x0000_ffff_0000_ffff);
    exchange::<1, 8>(&mut rows, 0x00ff_00ff_00ff_00ff);
    for (bytes, row) in bytes.chunks_exact_mut(8).zip(rows) {
        bytes.copy_from_slice(&row.to_le_bytes());
    }
}

/// Exchanges, between rows `DISTANCE` apart, what stands `SHIFT` bits above the mask in one and under it in the other.
#[inline(always)]
fn exchange<const DISTANCE: usize, const SHIFT: u32>(rows: &mut [u64; 8], mask: u64) {
    for low in (0..8).filter(|row| row & DISTANCE == 0) {
        let high = low + DISTANCE;
        let swap = ((rows[low] >> SHIFT) ^ rows[high]) & mask;
        rows[high] ^= swap;
        rows[low] ^= swap << SHIFT;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check<T: Sample>(seed: &[u8], groups: usize) {
        let count = groups * GROUP;
        let planes: Vec<u8> = (0..count * T::SIZE).map(|i| seed[i % seed.len()].rotate_left(i as u32 % 7)).collect();
        let mut pixels = vec![T::default(); count];
        unshuffle(&planes, &mut pixels);
        let mut expected = vec![0; planes.len()];
        debye_spec::bitshuffle::unshuffle(&planes, &mut expected, T::SIZE);
        let ours: Vec<u8> = pixels.iter().flat_map(|p| p.code().to_le_bytes()[..T::SIZE].to_vec()).collect();
        assert_eq!(ours, expected);
    }

    proptest! {
        #[test]
        fn unshuffle_any_planes_equals_the_definition(
            seed in proptest::collection::vec(any::<u8>(), 1..67),
            groups in 0usize..70,
        ) {
            check::<u8>(&seed, groups);
            check::<u16>(&seed, groups);
            check::<u32>(&seed, groups);
        }
    }
}
