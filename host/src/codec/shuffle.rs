//! Bit transpose of a block, elements to bit-planes: the bits of [`debye_spec::bitshuffle::shuffle`], fast.
//!
//! Eight elements at a time: byte b of each makes one u64, whose 8 x 8 bit matrix is transposed by three rounds of
//! swaps (Warren, Hacker's Delight, section 7-3). Byte k of the result holds bit 8b + k of the eight elements and is
//! one byte of bit-plane 8b + k.

use debye_spec::bitshuffle::GROUP;

/// Transposes an 8 x 8 bit matrix, row r in byte r (lowest first), column c in bit c (lowest first).
pub const fn transpose_bits(rows: u64) -> u64 {
    let x = rows;
    let t = (x ^ (x >> 7)) & 0x00aa_00aa_00aa_00aa;
    let x = x ^ t ^ (t << 7);
    let t = (x ^ (x >> 14)) & 0x0000_cccc_0000_cccc;
    let x = x ^ t ^ (t << 14);
    let t = (x ^ (x >> 28)) & 0x0000_0000_f0f0_f0f0;
    x ^ t ^ (t << 28)
}

/// Elements to bit-planes. Both slices have the same length, a multiple of 8 elements of `element_size` (1, 2 or 4)
/// bytes.
///
/// # Panics
/// The lengths break this rule: that is the caller's fault, never the data's.
pub fn shuffle(elements: &[u8], planes: &mut [u8], element_size: usize) {
    assert_eq!(elements.len(), planes.len(), "a block and its bit-planes are equally long");
    match element_size {
        1 => shuffle_sized::<1>(elements, planes),
        2 => shuffle_sized::<2>(elements, planes),
        4 => shuffle_sized::<4>(elements, planes),
        other => panic!("elements have 1, 2 or 4 bytes, not {other}"),
    }
}

fn shuffle_sized<const SIZE: usize>(elements: &[u8], planes: &mut [u8]) {
    let plane_bytes = elements.len() / SIZE / GROUP;
    assert_eq!(elements.len(), plane_bytes * SIZE * GROUP, "a block has a multiple of 8 elements");
    if plane_bytes == 0 {
        return;
    }
    for (byte, of_byte) in planes.chunks_exact_mut(GROUP * plane_bytes).enumerate() {
        // Eight plane slices of one length: the compiler then checks no index in the loop.
        let (p0, rest) = of_byte.split_at_mut(plane_bytes);
        let (p1, rest) = rest.split_at_mut(plane_bytes);
        let (p2, rest) = rest.split_at_mut(plane_bytes);
        let (p3, rest) = rest.split_at_mut(plane_bytes);
        let (p4, rest) = rest.split_at_mut(plane_bytes);
        let (p5, rest) = rest.split_at_mut(plane_bytes);
        let (p6, p7) = rest.split_at_mut(plane_bytes);
        let p7 = &mut p7[..plane_bytes];
        for (at, eight) in elements.chunks_exact(SIZE * GROUP).enumerate() {
            let rows: [u8; GROUP] = std::array::from_fn(|row| eight[row * SIZE + byte]);
            let columns = transpose_bits(u64::from_le_bytes(rows)).to_le_bytes();
            p0[at] = columns[0];
            p1[at] = columns[1];
            p2[at] = columns[2];
            p3[at] = columns[3];
            p4[at] = columns[4];
            p5[at] = columns[5];
            p6[at] = columns[6];
            p7[at] = columns[7];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use debye_spec::bitshuffle as spec;
    use proptest::prelude::*;

    #[test]
    fn transpose_bits_each_bit_swaps_row_and_column() {
        for row in 0..8 {
            for column in 0..8 {
                assert_eq!(transpose_bits(1 << (8 * row + column)), 1 << (8 * column + row));
            }
        }
    }

    proptest! {
        #[test]
        fn shuffle_any_elements_equals_the_definition(
            size in prop::sample::select(vec![1usize, 2, 4]),
            groups in 0usize..80,
            bytes in prop::collection::vec(any::<u8>(), 80 * 32),
        ) {
            let elements = &bytes[..groups * 8 * size];
            let (mut ours, mut theirs) = (vec![0xa5; elements.len()], vec![0; elements.len()]);
            shuffle(elements, &mut ours, size);
            spec::shuffle(elements, &mut theirs, size);
            prop_assert_eq!(ours, theirs);
        }
    }
}
