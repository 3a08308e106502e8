//! What is erased at once.

use debye_spec::flash::nor::{SECTOR, SUBSECTOR};

/// A sector or a subsector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// First byte.
    pub address: u32,
    /// Bytes.
    pub bytes: u32,
}

/// The sectors and subsectors that cover a range of whole subsectors, none of which reaches outside `limit`.
pub fn pieces(start: u32, end: u32, limit: u32) -> Vec<Piece> {
    let mut all = Vec::new();
    let mut address = start;
    while address < end {
        let whole = address.is_multiple_of(SECTOR) && limit - address >= SECTOR && end - address > SUBSECTOR;
        let bytes = if whole { SECTOR } else { SUBSECTOR };
        all.push(Piece { address, bytes });
        address += bytes;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_of_any_range_cover_it_and_stay_within_the_limit(start in 0u32..200, bytes in 1u32..200, spare in 0u32..40) {
            let (start, end) = (start * SUBSECTOR, (start + bytes) * SUBSECTOR);
            let limit = end + spare * SUBSECTOR;
            let all = pieces(start, end, limit);
            let mut at = start;
            for piece in &all {
                prop_assert_eq!(piece.address, at);
                prop_assert!(piece.address.is_multiple_of(piece.bytes));
                at += piece.bytes;
            }
            prop_assert!(at >= end && at <= limit);
        }
    }

    #[test]
    fn pieces_of_an_odd_start_are_subsectors_up_to_the_sector() {
        let all = pieces(0x0100_3000, 0x0103_0000, 0x0800_0000);
        assert_eq!(all.iter().filter(|piece| piece.bytes == SUBSECTOR).count(), 13);
        assert_eq!(all.iter().filter(|piece| piece.bytes == SECTOR).count(), 2);
    }
}
