//! Where the bytes of a match stand, by its offset, where that is no farther than a vector is long.

/// Row o tells, of the bytes around the start of a match with offset o, where each stands among the `step` bytes before
/// the match: entry `step + i` is for byte i of the match, those before are for the bytes before it. Row 0 counts on, for
/// matches that reach farther: their bytes as they are.
///
/// With n added, all places count from n bytes earlier on: so do they into a register of output and one of the n literals
/// between it and the match.
#[repr(align(64))]
pub struct Places<const ROWS: usize, const LENGTH: usize>([[u8; LENGTH]; ROWS]);

impl<const ROWS: usize, const LENGTH: usize> Places<ROWS, LENGTH> {
    /// Rows for vectors of `step` bytes; there are `step` + 1.
    pub const fn new(step: usize) -> Self {
        let mut table = [[0; LENGTH]; ROWS];
        let mut offset = 0;
        while offset < ROWS {
            let mut at = 0;
            while at < LENGTH {
                let counts_on = at < step || offset == 0;
                table[offset][at] = if counts_on { at } else { step - offset + (at - step) % offset } as u8;
                at += 1;
            }
            offset += 1;
        }
        Places(table)
    }

    /// A row.
    #[inline(always)]
    pub fn row(&self, offset: usize) -> *const u8 {
        self.0[offset].as_ptr()
    }
}

/// The most whole periods that a vector holds, in bytes, by the period; for 0 the vector's length.
pub struct Periods<const ROWS: usize>([u8; ROWS]);

impl<const ROWS: usize> Periods<ROWS> {
    /// For vectors of `step` bytes; there are `step` + 1.
    pub const fn new(step: usize) -> Self {
        let mut table = [step as u8; ROWS];
        let mut period = 1;
        while period < ROWS {
            table[period] = (step / period * period) as u8;
            period += 1;
        }
        Periods(table)
    }

    /// Of a period.
    #[inline(always)]
    pub fn of(&self, period: usize) -> usize {
        self.0[period] as usize
    }
}
