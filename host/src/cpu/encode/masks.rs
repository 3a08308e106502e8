//! What the bytes of a block are equal to: the byte before, the plane before, zero; and where matches may start.

use super::SLACK;
use super::mask::{BITS, Mask};
use crate::cpu::prefetch;

/// A block of bit-planes whose masks are made.
pub struct Block<'a> {
    /// [`SLACK`], the block, and up to two times [`SLACK`]: whole steps of 64 bytes can be read.
    pub planes: &'a [u8],
    /// Bytes of the block.
    pub size: usize,
    /// Bytes of a plane, if the plane before is a source of matches.
    pub plane: Option<usize>,
    /// What is shuffled next, most likely: asked for while masks are made, when memory has nothing to do.
    pub next: *const u8,
}

/// The masks of a block.
#[derive(Debug, Default)]
pub struct Masks {
    /// Equal to the byte before.
    pub before: Mask,
    /// Equal to the byte a plane before.
    pub plane: Mask,
    /// Zero.
    pub zero: Mask,
    /// A match may start here.
    pub starts: Mask,
}

impl Masks {
    /// Makes room for a block of `size` bytes.
    pub fn prepare(&mut self, size: usize) {
        for mask in [&mut self.before, &mut self.plane, &mut self.zero, &mut self.starts] {
            mask.prepare(size.div_ceil(BITS));
        }
    }

    /// From the masks as they were compared to what the walk needs: no match from byte `end` on, and where four bytes
    /// follow each other that equal the byte before or the plane before.
    #[inline(always)]
    pub fn finish(&mut self, end: usize) {
        for mask in [&mut self.before, &mut self.plane, &mut self.zero] {
            mask.cut(end);
        }
        let (before, plane) = (self.before.words_and_next(), self.plane.words_and_next());
        for (k, starts) in self.starts.words_mut().iter_mut().enumerate() {
            *starts = four(before[k], before[k + 1]) | four(plane[k], plane[k + 1]);
        }
    }

    /// Zeros are a source of matches that start at byte `from` or behind it.
    #[inline(always)]
    pub fn add_zeros(&mut self, from: usize) {
        let zero = self.zero.words_and_next();
        let first = from / BITS;
        if let Some((first_word, starts)) = self.starts.words_mut().get_mut(first..).and_then(<[u64]>::split_first_mut)
        {
            *first_word |= four(zero[first], zero[first + 1]) & (!0 << (from % BITS));
            for (starts, zero) in starts.iter_mut().zip(zero[first + 1..].windows(2)) {
                *starts |= four(zero[0], zero[1]);
            }
        }
    }
}

/// Where four bits follow each other.
#[inline(always)]
fn four(word: u64, next: u64) -> u64 {
    let two = word & (word >> 1 | next << 63);
    let next = next & next >> 1;
    two & (two >> 2 | next << 62)
}

/// The masks of a block, eight bytes at a time.
pub fn portable(block: &Block<'_>, masks: &mut Masks) {
    let word = |at: usize| block.planes[at..].first_chunk().copied().map_or(0, u64::from_le_bytes);
    let offset = block.plane.unwrap_or(0);
    let each = masks.before.words_mut().iter_mut().zip(masks.zero.words_mut()).zip(masks.plane.words_mut());
    for (k, ((before, zero), plane)) in each.enumerate() {
        prefetch::line(block.next.wrapping_add(k * BITS));
        (*before, *zero, *plane) = (0, 0, 0);
        for byte in 0..8 {
            let at = SLACK + k * BITS + byte * 8;
            let here = word(at);
            *before |= zero_bytes(here ^ word(at - 1)) << (8 * byte);
            *zero |= zero_bytes(here) << (8 * byte);
            if block.plane.is_some() && k * BITS + byte * 8 >= offset {
                *plane |= zero_bytes(here ^ word(at - offset)) << (8 * byte);
            }
        }
    }
    tidy(block.size, masks);
}

/// Which of the eight bytes are zero: bit i for byte i.
#[inline(always)]
fn zero_bytes(word: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let zero = !(((word & LOW) + LOW) | word | LOW);
    (zero >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Takes out what was compared beyond the block: byte 0 has none before it, and behind the last is no zero.
#[inline(always)]
pub fn tidy(size: usize, masks: &mut Masks) {
    if let Some(first) = masks.before.words_mut().first_mut() {
        *first &= !1;
    }
    masks.zero.cut(size);
}
