//! Bit transpose of a block (bitshuffle, Masui et al., Astronomy and Computing 12 (2015) 181).
//!
//! A block of n elements (n a multiple of 8) of e bytes is stored as 8e bit-planes, bit 0 of all elements
//! first: bit k of element i is bit `k * n + i` of the stored block, bits counted from the lowest of byte 0.

/// Elements of a block come in multiples of this.
pub const GROUP: usize = 8;

fn transpose(input: &[u8], output: &mut [u8], rows: usize, columns: usize) {
    output.fill(0);
    for row in 0..rows {
        for column in 0..columns {
            let from = row * columns + column;
            let to = column * rows + row;
            output[to / 8] |= (input[from / 8] >> (from % 8) & 1) << (to % 8);
        }
    }
}

/// Bit-planes to elements. Both slices have the same length, a multiple of 8 elements of `element_size` bytes;
/// what is left over in a slice that breaks this rule stays zero.
pub fn unshuffle(planes: &[u8], elements: &mut [u8], element_size: usize) {
    let count = planes.len().min(elements.len()) / element_size / GROUP * GROUP;
    transpose(planes, elements, 8 * element_size, count);
}

/// Elements to bit-planes: the inverse of [`unshuffle`].
pub fn shuffle(elements: &[u8], planes: &mut [u8], element_size: usize) {
    let count = planes.len().min(elements.len()) / element_size / GROUP * GROUP;
    transpose(elements, planes, count, 8 * element_size);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unshuffle_one_bit_lands_in_its_element() {
        for size in [1, 2, 4] {
            let n = 16;
            for k in 0..8 * size {
                for i in 0..n {
                    let mut planes = [0; 64];
                    planes[(k * n + i) / 8] = 1 << ((k * n + i) % 8);
                    let mut out = [0; 64];
                    unshuffle(&planes[..n * size], &mut out[..n * size], size);
                    let mut expected = [0; 64];
                    expected[i * size + k / 8] = 1 << (k % 8);
                    assert_eq!(out, expected, "size {size} bit {k} element {i}");
                    let mut back = [0; 64];
                    shuffle(&out[..n * size], &mut back[..n * size], size);
                    assert_eq!(back, planes);
                }
            }
        }
    }
}
