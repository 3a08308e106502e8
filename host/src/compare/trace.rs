//! What one side made of a frame, at every boundary between stages.

use debye_spec::bounds::MAX_INVALID_LISTED;
use debye_spec::ops::{SLOTS, pixels_of_op, slot_of_pixel};
use debye_spec::{Bins, Element, Statistics, Status};

/// Bytes with the cycles in which they passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// First byte and cycle of each word, in the order of the bytes; none on a side without a clock.
    pub marks: Vec<(u32, u64)>,
}

impl Piece {
    /// Bytes of a side without a clock.
    pub fn of(bytes: impl Into<Vec<u8>>) -> Piece {
        Piece { bytes: bytes.into(), marks: Vec::new() }
    }

    /// The cycle in which a byte passed; for a byte behind the last, that of the last.
    pub fn cycle_of(&self, byte: usize) -> Option<u64> {
        let words = self.marks.partition_point(|&(first, _)| first as usize <= byte);
        self.marks.get(words.checked_sub(1)?).map(|&(_, cycle)| cycle)
    }
}

/// See the module. A tail that is not a multiple of 8 pixels is the last piece of blocks and of planes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Between splitter and LZ4 decoder: the LZ4 data of each block, up to a fault of the framing.
    pub blocks: Vec<Piece>,
    /// Between LZ4 decoder and unshuffle: the bit-planes of each block, up to the first fault.
    pub planes: Vec<Piece>,
    /// Between unshuffle and integrator: the pixels, up to the first fault.
    pub pixels: Piece,
    /// What became of the frame; `None`: nothing came out.
    pub status: Option<Status>,
    /// The sums; none for a frame that failed.
    pub bins: Bins,
    /// Statistics; zeros for a frame that failed.
    pub statistics: Statistics,
    /// Groups with invalid pixels, as a card lists them.
    pub groups: Vec<u32>,
    /// Why the result is none.
    pub fault: Option<String>,
    /// Nothing is known of what passes between its stages: only the outcome is compared.
    pub untapped: bool,
    /// Cycle of the result's last word.
    pub cycle: Option<u64>,
}

/// The groups that a card lists for these pixels, which rise.
pub fn groups_of(invalid: &[u32], element: Element) -> Vec<u32> {
    let per_op = pixels_of_op(element) as u32;
    let mut groups: Vec<u32> = Vec::new();
    for pixel in invalid {
        let (group, slot) = (pixel / per_op, 1 << slot_of_pixel(element, (pixel % per_op) as usize));
        let full = groups.len() == MAX_INVALID_LISTED;
        match groups.last_mut() {
            Some(last) if *last >> SLOTS == group => *last |= slot,
            _ if full => break,
            _ => groups.push(group << SLOTS | slot),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use debye_spec::wire::invalid_pixels;

    #[test]
    fn groups_of_pixels_give_the_pixels_back() {
        for element in Element::ALL {
            let pixels: Vec<u32> = (0..900).map(|i| i * i % 7 + 3 * i).filter(|pixel| pixel % 5 != 0).collect();
            let mut sorted = pixels.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(invalid_pixels(&groups_of(&sorted, element), element), sorted);
        }
        let many: Vec<u32> = (0..9000).collect();
        assert_eq!(groups_of(&many, Element::U16).len(), MAX_INVALID_LISTED);
    }

    #[test]
    fn cycle_of_byte_is_that_of_its_word() {
        let piece = Piece { bytes: vec![0; 20], marks: vec![(0, 7), (8, 9), (16, 10)] };
        assert_eq!([0, 7, 8, 19, 30].map(|byte| piece.cycle_of(byte)), [7, 7, 9, 10, 10].map(Some));
        assert_eq!(Piece::of([1]).cycle_of(0), None);
    }
}
