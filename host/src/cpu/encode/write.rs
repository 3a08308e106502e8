//! Pieces to bytes.

use debye_spec::matches::MIN_MATCH;

/// Bytes that literals are copied by; as many may be written behind the end of a block.
pub const SLACK: usize = 64;

/// Writes the pieces of one block behind what a vector holds.
pub struct Writer<'a> {
    planes: *const u8,
    to: *mut u8,
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    /// A writer of the pieces of the block at `planes`.
    ///
    /// # Safety
    /// 64 bytes behind the block can be read. `out` has room for the whole block and [`SLACK`] bytes more, and the
    /// pieces that are written make it.
    #[inline(always)]
    pub unsafe fn new(planes: *const u8, out: &'a mut Vec<u8>) -> Writer<'a> {
        let to = out.spare_capacity_mut().as_mut_ptr().cast();
        Writer { planes, to, out }
    }

    /// Writes `literals` bytes from byte `from` of the block on, and a match, which the last piece (length 0) lacks.
    ///
    /// # Safety
    /// The literals are the block's; see [`Writer::new`].
    #[inline(always)]
    pub unsafe fn piece(&mut self, from: usize, literals: usize, offset: usize, length: usize) {
        let matched = length.saturating_sub(MIN_MATCH);
        // SAFETY: what is written counts towards the block, but for up to 63 bytes behind the literals; what is read
        // is the literals and up to 63 bytes behind them.
        unsafe {
            *self.to = (literals.min(15) << 4 | matched.min(15)) as u8;
            self.to = self.to.add(1);
            self.extend(literals);
            let mut source = self.planes.add(from);
            let mut to = self.to;
            let end = self.to.add(literals);
            loop {
                to.cast::<[u8; SLACK]>().copy_from_nonoverlapping(source.cast(), 1);
                to = to.add(SLACK);
                source = source.add(SLACK);
                if to >= end {
                    break;
                }
            }
            self.to = end;
            if length > 0 {
                self.to.cast::<[u8; 2]>().write((offset as u16).to_le_bytes());
                self.to = self.to.add(2);
                self.extend(matched);
            }
        }
    }

    /// Writes what a length has beyond the 4 bits in the token.
    ///
    /// # Safety
    /// See [`Writer::new`].
    #[inline(always)]
    unsafe fn extend(&mut self, length: usize) {
        // SAFETY: the bytes count towards the block, but for one that may be written behind it.
        unsafe {
            if length < 15 + 255 {
                // One byte or none, without a branch that could not be foretold.
                *self.to = length.wrapping_sub(15) as u8;
                self.to = self.to.add(usize::from(length >= 15));
                return;
            }
            let mut rest = length - 15;
            while rest >= 255 {
                *self.to = 255;
                self.to = self.to.add(1);
                rest -= 255;
            }
            *self.to = rest as u8;
            self.to = self.to.add(1);
        }
    }

    /// Makes the vector as long as what was written.
    ///
    /// # Safety
    /// All pieces of the block were written.
    #[inline(always)]
    pub unsafe fn end(self) {
        // SAFETY: `to` started at the vector's end and went through its capacity, each byte written.
        unsafe {
            let length = self.to.offset_from(self.out.as_ptr()) as usize;
            self.out.set_len(length);
        }
    }
}
