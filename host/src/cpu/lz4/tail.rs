//! Planes at the end of a block that all hold the same: how the decoder sees them before they are made.
//!
//! Of a frame's pixels the upper bits are alike: 0, and in the detector's gaps 1. Encoders end such a block with one match
//! that is as far off as a plane is long (or, where planes are zeros, repeats a byte or two), and a few literals. What that
//! match makes is known from where it begins, so all but its first plane need not be written, nor be read again.

/// The most literals behind the last match: as many as a token counts by itself. Encoders leave five.
pub const MOST_LITERALS: usize = 14;

/// A block as a kernel walks over it.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub struct Block {
    pub input_end: *const u8,
    pub output: *const u8,
    /// Bytes of the output.
    pub size: usize,
    /// Bytes of a plane.
    pub plane: usize,
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
impl Block {
    /// As [`needed`], for a match of `count` bytes behind `before` of them; `from` is the input behind it.
    ///
    /// # Safety
    /// The input can be read from `from` to its end, if that is not before; `before` bytes of the output are made, and with the
    /// match they are no more than `size`.
    #[inline(always)]
    pub unsafe fn needed(&self, from: *const u8, before: usize, offset: usize, count: usize) -> Option<usize> {
        if self.size - before - count > MOST_LITERALS {
            return None;
        }
        let left = (self.input_end as usize).saturating_sub(from as usize);
        // SAFETY: the caller's.
        let (rest, output) =
            unsafe { (std::slice::from_raw_parts(from, left), std::slice::from_raw_parts(self.output, before)) };
        needed(rest, output, self.size, offset, count, self.plane)
    }
}

/// How many bytes of a block must be made when a match is met that leaves no more than [`MOST_LITERALS`]: whole planes, the
/// last of which is repeated by those that follow up to the block's `size`; at least as many as there are, and no more than
/// with the match. `None` where all must be.
///
/// `rest` is the input behind the match, `before` the output before it.
#[cold]
#[inline(never)]
pub fn needed(rest: &[u8], before: &[u8], size: usize, offset: usize, count: usize, plane: usize) -> Option<usize> {
    // From the match on each byte is the one `offset` before it, so, where that divides a plane's length, also the one a
    // plane before it.
    if plane == 0 || !size.is_multiple_of(plane) || !plane.is_multiple_of(offset) {
        return None;
    }
    let source = before.len().checked_sub(offset)?;
    let (token, literals) = rest.split_first()?;
    let is_last =
        literals.len() == size.checked_sub(before.len() + count)? && usize::from(token >> 4) == literals.len();
    // All of them in the last plane: what must be made ends no later than the match.
    if !is_last || literals.len() > MOST_LITERALS.min(plane) {
        return None;
    }
    let period = before.get(source..)?;
    let mut at = count % offset;
    for literal in literals {
        if period.get(at) != Some(literal) {
            return None;
        }
        at = if at + 1 == offset { 0 } else { at + 1 };
    }
    let made = (source.div_ceil(plane) + 1) * plane;
    (made < size).then_some(made)
}
