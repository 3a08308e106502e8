//! Addresses at which a card sees host memory.

use std::ops::RangeInclusive;

/// First address that is given out: above what a 32-bit device or a firmware's tables use.
const FIRST: u64 = 1 << 32;
/// Last address that is given out: every IOMMU reaches 39 bits.
const LAST: u64 = (1 << 39) - 1;
/// What every mapping starts at a multiple of: a huge page.
pub const GRAIN: u64 = 2 << 20;
/// Writes to these addresses are interrupts, not memory.
pub const MSI_WINDOW: RangeInclusive<u64> = 0xfee0_0000..=0xfeef_ffff;

/// Gives out ranges of addresses, the lowest that is free first. The same requests get the same addresses.
#[derive(Clone, Debug)]
pub struct Allocator {
    first: u64,
    last: u64,
    /// Taken or reserved, in order, apart.
    taken: Vec<RangeInclusive<u64>>,
    reserved: Vec<RangeInclusive<u64>>,
}

impl Allocator {
    /// All addresses but the interrupt window and `reserved`.
    pub fn new(reserved: &[RangeInclusive<u64>]) -> Allocator {
        Allocator::within(FIRST, LAST, reserved)
    }

    /// Addresses from `first` to `last` but the interrupt window and `reserved`.
    pub fn within(first: u64, last: u64, reserved: &[RangeInclusive<u64>]) -> Allocator {
        let reserved = reserved.iter().cloned().chain([MSI_WINDOW]).collect();
        Allocator { first, last, taken: Vec::new(), reserved }
    }

    /// Keeps off further ranges.
    pub fn reserve(&mut self, ranges: &[RangeInclusive<u64>]) {
        self.reserved.extend_from_slice(ranges);
    }

    /// A free range of `bytes` bytes, rounded up to [`GRAIN`].
    pub fn take(&mut self, bytes: u64) -> Option<u64> {
        let bytes = bytes.max(1).checked_next_multiple_of(GRAIN)?;
        let mut at = self.first.checked_next_multiple_of(GRAIN)?;
        loop {
            let end = at.checked_add(bytes - 1).filter(|&end| end <= self.last)?;
            let in_the_way = self.taken.iter().chain(&self.reserved);
            let met = in_the_way.filter(|range| *range.start() <= end && at <= *range.end()).map(|range| *range.end());
            match met.max() {
                Some(behind) => at = behind.checked_add(1)?.checked_next_multiple_of(GRAIN)?,
                None => {
                    self.taken.push(at..=end);
                    return Some(at);
                }
            }
        }
    }

    /// Gives a range back; whether it was taken.
    pub fn give_back(&mut self, start: u64) -> bool {
        let before = self.taken.len();
        self.taken.retain(|range| *range.start() != start);
        self.taken.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn take_goes_around_the_interrupt_window_and_reserved_ranges() {
        let mut low = Allocator::within(0xfec0_0000, u64::MAX, &[0xff00_0000..=0xff0f_ffff]);
        assert_eq!(low.take(1), Some(0xfec0_0000));
        // 0xfee00000 is the window, the next multiple behind it is reserved.
        assert_eq!(low.take(GRAIN), Some(0xff20_0000));
        assert_eq!(Allocator::within(0, GRAIN - 1, &[]).take(GRAIN + 1), None);
        assert_eq!(Allocator::within(u64::MAX - 5, u64::MAX, &[]).take(1), None);
    }

    proptest! {
        #[test]
        fn ranges_that_are_taken_are_apart_and_come_back(sizes in prop::collection::vec(1u64..20 * GRAIN, 1..40), free in any::<u64>()) {
            let reserved = [0x1_0200_0000..=0x1_0200_0fff];
            let mut allocator = Allocator::new(&reserved);
            let mut live: Vec<(u64, u64)> = Vec::new();
            for (n, &size) in sizes.iter().enumerate() {
                let at = allocator.take(size).unwrap();
                let meets = |(other, bytes): &(u64, u64)| at < other + bytes && *other < at + size;
                prop_assert!(at.is_multiple_of(GRAIN) && !live.iter().any(meets));
                prop_assert!(at > *reserved[0].end() || at + size <= *reserved[0].start());
                live.push((at, size));
                if free >> (n % 64) & 1 != 0 {
                    let (at, _) = live.swap_remove(0);
                    prop_assert!(allocator.give_back(at) && !allocator.give_back(at));
                }
            }
        }
    }
}
