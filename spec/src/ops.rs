//! The table as gateware reads it: one 128-bit operation for each four pixel slots, in the order of the frame.
//!
//! A lane takes 8 bytes of pixels a cycle: four slots of 16 bits. A histogram has its bins in 8 banks (bin mod 8), so
//! that in a cycle any 8 adjacent bins, a *window*, can be added to. An operation says where the window starts and which
//! weights each slot adds in it:
//!
//! ```text
//! bits 28s + 2 .. 28s        slot s (0..3): where in the window its first weight stands
//! bits 28s + 9 .. 28s + 3    first weight, 0..64; 127: the pixel is masked
//! bits 28s + 15 .. 28s + 10  second weight, 0..63    (a weight of 64 is a pixel's only one: it comes first)
//! bits 28s + 21 .. 28s + 16  third
//! bits 28s + 27 .. 28s + 22  fourth
//! bits 125 .. 112            the window's first bin
//! bit 126                    more: the next operation is for the same pixels (its weights add to these)
//! bit 127                    last operation of the frame
//! ```
//!
//! Slots: 8-bit pixels take two operations a word of 8 bytes, slot s is pixel `4k + s`; 16-bit pixels take one; 32-bit
//! pixels use slots 0 and 2 of one operation. Masks stand in the first operation of the pixels. Weights never reach
//! past the window: `place + number of weights <= 8`.

use crate::bins::Bins;
use crate::bounds::CARD_WEIGHT_BITS;
use crate::element::Element;
use crate::table::{Entry, Table};
use alloc::vec;
use alloc::vec::Vec;

/// Pixel slots of an operation.
pub const SLOTS: usize = 4;
/// Adjacent bins that an operation can add to.
pub const WINDOW: u32 = 8;
/// Adjacent weights of a slot in one operation.
pub const SLOT_WEIGHTS: usize = 4;
/// Bits of the window's first bin: no card has more bins than this can name.
pub const BASE_BITS: u32 = 14;
/// Bytes of an operation in the card's table memory, little-endian.
pub const OP_BYTES: usize = 16;

const MASKED: u128 = 127;
const MORE: u32 = 126;
const LAST: u32 = 127;
const SLOT_BITS: u32 = 28;
const WHOLE: u32 = crate::bounds::WHOLE_WEIGHT;

/// One slot of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Slot {
    /// The mask excludes the pixel (first operation of the pixels alone).
    pub masked: bool,
    /// Where in the window the first weight stands.
    pub place: u32,
    /// Adjacent weights; 0 = none.
    pub weights: [u32; SLOT_WEIGHTS],
}

/// One operation, as its 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Op(pub u128);

impl Op {
    /// Packs an operation. Fields are cut to their widths.
    pub fn new(base: u32, slots: &[Slot; SLOTS], more: bool, last: bool) -> Op {
        let mut bits = (base as u128 & ((1 << BASE_BITS) - 1)) << (SLOT_BITS * SLOTS as u32);
        for (s, slot) in slots.iter().enumerate() {
            let [a, b, c, d] = slot.weights.map(|weight| weight as u128);
            let first = if slot.masked { MASKED } else { a & 127 };
            let slot = slot.place as u128 & 7 | first << 3 | (b & 63) << 10 | (c & 63) << 16 | (d & 63) << 22;
            bits |= slot << (SLOT_BITS * s as u32);
        }
        Op(bits | (more as u128) << MORE | (last as u128) << LAST)
    }

    /// The window's first bin.
    pub fn base(self) -> u32 {
        (self.0 >> (SLOT_BITS * SLOTS as u32)) as u32 & ((1 << BASE_BITS) - 1)
    }

    /// Slot `s` (0 to 3).
    pub fn slot(self, s: usize) -> Slot {
        let bits = (self.0 >> (SLOT_BITS * (s as u32 & 3))) as u32;
        let first = bits >> 3 & 127;
        let masked = first as u128 == MASKED;
        let weights = [if masked { 0 } else { first }, bits >> 10 & 63, bits >> 16 & 63, bits >> 22 & 63];
        Slot { masked, place: bits & 7, weights }
    }

    /// Whether the next operation is for the same pixels.
    pub fn more(self) -> bool {
        self.0 >> MORE & 1 != 0
    }

    /// Whether it is the frame's last.
    pub fn last(self) -> bool {
        self.0 >> LAST & 1 != 0
    }

    /// Adds the slots' values (`None`: the pixel does not count) to `bins`.
    pub fn add(self, values: &[Option<u32>; SLOTS], bins: &mut Bins) {
        for (s, value) in values.iter().enumerate() {
            let slot = self.slot(s);
            for (k, &weight) in slot.weights.iter().enumerate() {
                if let (Some(value), true) = (value, weight != 0) {
                    bins.add(Entry::new(self.base() + slot.place + k as u32, weight as u8), *value);
                }
            }
        }
    }
}

/// Pixels that one operation covers.
pub const fn pixels_of_op(element: Element) -> usize {
    if element.size() == 4 { 2 } else { SLOTS }
}

/// Slot of an operation's pixel `k`.
pub const fn slot_of_pixel(element: Element, k: usize) -> usize {
    if element.size() == 4 { 2 * k } else { k }
}

/// Whether a card can hold the sums of a table: no more bins than [`BASE_BITS`] can name, and in no bin weights that sum
/// to 2^[`CARD_WEIGHT_BITS`] or more.
pub fn fits(table: &Table<'_>) -> bool {
    if table.bins > 1 << BASE_BITS {
        return false;
    }
    let mut weights = vec![0u64; table.bins];
    for entry in table.entries {
        if let Some(weight) = weights.get_mut(entry.bin() as usize) {
            *weight += entry.weight() as u64;
        }
    }
    weights.iter().all(|&weight| weight >> CARD_WEIGHT_BITS == 0)
}

/// The operations of a table; `None` if a card cannot hold it (see [`fits`]).
///
/// The windows are dealt greedily from the lowest bin that is left, so the number of operations of four pixels is the
/// smallest for windows that do not look back.
pub fn compile(table: &Table<'_>, element: Element) -> Option<Vec<Op>> {
    if !fits(table) {
        return None;
    }
    let per_op = pixels_of_op(element);
    let pixels = table.pixels();
    let mut ops = Vec::with_capacity(pixels.div_ceil(per_op));
    let mut rest: Vec<&[Entry]> = vec![&[]; per_op];
    for first in (0..pixels).step_by(per_op) {
        for (k, rest) in rest.iter_mut().enumerate() {
            *rest = table.entries_of(first + k);
        }
        let mut opening = true;
        loop {
            let base = rest.iter().filter_map(|rest| rest.first()).map(|entry| entry.bin()).min().unwrap_or(0);
            let mut slots = [Slot::default(); SLOTS];
            for (k, rest) in rest.iter_mut().enumerate() {
                let slot = &mut slots[slot_of_pixel(element, k)];
                // A pixel behind the frame's end (a tail of fewer than four) is as good as masked.
                slot.masked = opening && table.masked.get(first + k).copied().unwrap_or(true);
                take(slot, rest, base);
            }
            let more = rest.iter().any(|rest| !rest.is_empty());
            ops.push(Op::new(base, &slots, more, !more && first + per_op >= pixels));
            opening = false;
            if !more {
                break;
            }
        }
    }
    Some(ops)
}

/// Moves what fits from a pixel's entries into a slot.
fn take(slot: &mut Slot, rest: &mut &[Entry], base: u32) {
    let Some(first) = rest.first().filter(|entry| entry.bin() < base + WINDOW) else { return };
    slot.place = first.bin() - base;
    while let Some((entry, after)) = rest.split_first() {
        let k = (entry.bin() - base - slot.place) as usize;
        let fits = k < SLOT_WEIGHTS && slot.place as usize + k < WINDOW as usize && (k == 0 || entry.weight() < WHOLE);
        if !fits {
            return;
        }
        slot.weights[k] = entry.weight();
        *rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Job, integrate_pixels};

    /// A table with masked pixels, empty pixels, far and near bins; xorshift.
    fn pieces(pixels: usize, bins: u32, mut x: u64) -> (Vec<bool>, Vec<u32>, Vec<Entry>) {
        let mut next = move || {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            x
        };
        let (mut masked, mut starts, mut entries) = (vec![], vec![0], vec![]);
        for _ in 0..pixels {
            let kind = next() % 16;
            masked.push(kind == 0);
            let mut bin = (next() % bins as u64) as u32;
            let mut left = WHOLE;
            for _ in 0..if kind < 2 { 0 } else { next() % 7 } {
                let weight = (1 + next() % left as u64) as u32;
                entries.push(Entry::new(bin, weight as u8));
                left -= weight;
                bin += 1 + if next() % 4 == 0 { (next() % 20) as u32 } else { 0 };
                if left == 0 || bin >= bins {
                    break;
                }
            }
            starts.push(entries.len() as u32);
        }
        (masked, starts, entries)
    }

    #[test]
    fn compile_any_table_adds_what_the_table_adds() {
        for element in Element::ALL {
            for pixels in [1, 2, 3, 4, 5, 8, 333] {
                let (masked, starts, entries) = pieces(pixels, 50, 7 + pixels as u64);
                let table = Table { bins: 50, masked: &masked, starts: &starts, entries: &entries };
                table.check().unwrap();
                let frame: Vec<u8> = (0..pixels * element.size()).map(|i| (i * 37 % 101) as u8).collect();
                let job = Job::new(element);
                let expected = integrate_pixels(&frame, &job, &table);

                let (ops, per_op) = (compile(&table, element).unwrap(), pixels_of_op(element));
                let mut bins = Bins::new(50);
                let mut first = 0;
                let mut opening = true;
                for (n, op) in ops.iter().enumerate() {
                    let mut values = [None; SLOTS];
                    for k in 0..per_op {
                        let s = slot_of_pixel(element, k);
                        let masked = masked.get(first + k).copied().unwrap_or(true);
                        assert_eq!(op.slot(s).masked, opening && masked);
                        if let crate::pixel::Pixel::Valid(value) = job.rule().judge(&frame, first + k, masked) {
                            values[s] = Some(value);
                        }
                    }
                    op.add(&values, &mut bins);
                    opening = !op.more();
                    if opening {
                        first += per_op;
                    }
                    assert_eq!(op.last(), n + 1 == ops.len());
                }
                assert!(first >= pixels);
                assert_eq!(bins, expected.bins, "{element:?} {pixels}");
            }
        }
    }

    #[test]
    fn compile_too_many_bins_is_refused() {
        let (masked, starts, entries) = pieces(4, 10, 1);
        let table = Table { bins: (1 << BASE_BITS) + 1, masked: &masked, starts: &starts, entries: &entries };
        assert_eq!(compile(&table, Element::U16), None);
    }
    #[test]
    fn compile_bin_with_more_weight_than_a_card_sums_is_refused() {
        let pixels = 1 << 20;
        let (masked, starts) = (vec![false; pixels], (0..=pixels as u32).collect::<Vec<_>>());
        let mut entries = vec![Entry::new(0, 64); pixels];
        let table = Table { bins: 2, masked: &masked, starts: &starts, entries: &entries };
        table.check().unwrap();
        assert_eq!(compile(&table, Element::U16), None);
        entries[5] = Entry::new(0, 63);
        let table = Table { bins: 2, masked: &masked, starts: &starts, entries: &entries };
        assert!(compile(&table, Element::U16).is_some());
    }
}
