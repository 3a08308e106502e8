//! Eight elements at a time: byte b of each makes one u64, whose 8 x 8 bit matrix is transposed by three rounds of
//! swaps (Warren, Hacker's Delight, section 7-3). Byte k of the result holds bit 8b + k of the eight elements and is
//! one byte of bit-plane 8b + k.

use debye_spec::bitshuffle::GROUP;

/// Transposes an 8 x 8 bit matrix, row r in byte r (lowest first), column c in bit c (lowest first).
const fn transpose_bits(rows: u64) -> u64 {
    let x = rows;
    let t = (x ^ (x >> 7)) & 0x00aa_00aa_00aa_00aa;
    let x = x ^ t ^ (t << 7);
    let t = (x ^ (x >> 14)) & 0x0000_cccc_0000_cccc;
    let x = x ^ t ^ (t << 14);
    let t = (x ^ (x >> 28)) & 0x0000_0000_f0f0_f0f0;
    x ^ t ^ (t << 28)
}

/// As `super::planes`, from byte `done` of each plane on.
pub fn planes(elements: &[u8], planes: &mut [u8], element_size: usize, done: usize) {
    match element_size {
        1 => sized::<1>(elements, planes, done),
        2 => sized::<2>(elements, planes, done),
        _ => sized::<4>(elements, planes, done),
    }
}

fn sized<const SIZE: usize>(elements: &[u8], planes: &mut [u8], done: usize) {
    let plane_bytes = elements.len() / SIZE / GROUP;
    if plane_bytes == done {
        return;
    }
    let elements = &elements[done * SIZE * GROUP..];
    for (byte, of_byte) in planes.chunks_exact_mut(GROUP * plane_bytes).enumerate() {
        // Eight plane slices of one length: the compiler then checks no index in the loop.
        let mut rest = of_byte;
        let mut plane = || {
            let (plane, others) = std::mem::take(&mut rest).split_at_mut(plane_bytes);
            rest = others;
            &mut plane[done..]
        };
        let (p0, p1, p2, p3) = (plane(), plane(), plane(), plane());
        let (p4, p5, p6, p7) = (plane(), plane(), plane(), plane());
        let whole = elements.chunks_exact(SIZE * GROUP);
        for ((((((((eight, p0), p1), p2), p3), p4), p5), p6), p7) in
            whole.zip(p0).zip(p1).zip(p2).zip(p3).zip(p4).zip(p5).zip(p6).zip(p7)
        {
            let rows: [u8; GROUP] = std::array::from_fn(|row| eight[row * SIZE + byte]);
            let columns = transpose_bits(u64::from_le_bytes(rows)).to_le_bytes();
            [*p0, *p1, *p2, *p3, *p4, *p5, *p6, *p7] = columns;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transpose_bits_each_bit_swaps_row_and_column() {
        for row in 0..8 {
            for column in 0..8 {
                assert_eq!(transpose_bits(1 << (8 * row + column)), 1 << (8 * column + row));
            }
        }
    }
}
