//! One bit for each byte of a block, and what is read of such bits at any place.

/// Bits of a word of a mask.
pub const BITS: usize = 64;

/// So many bits at least does [`Mask::ahead`] or [`Mask::behind`] tell; with more that are alike, ask [`Mask::ones_from`] or
/// [`Mask::ones_up_to`].
pub const NEAR: usize = 56;

/// Words of zeros before a mask's own.
const FRONT: usize = 1;
/// Words of zeros behind them: who looks at a word looks at the next, and a read may begin behind the last byte.
const BACK: usize = 3;

/// The bits of a block, between words of zeros.
#[derive(Debug, Default)]
pub struct Mask {
    all: Vec<u64>,
    words: usize,
}

impl Mask {
    /// Makes room for `words` words, which may hold anything.
    pub fn prepare(&mut self, words: usize) {
        if self.all.len() < FRONT + words + BACK {
            self.all.resize(FRONT + words + BACK, 0);
        }
        self.words = words;
        self.all[FRONT + words..FRONT + words + BACK].fill(0);
    }

    /// The mask's words.
    #[inline(always)]
    pub fn words(&self) -> &[u64] {
        &self.all[FRONT..FRONT + self.words]
    }

    /// The mask's words, to be written.
    #[inline(always)]
    pub fn words_mut(&mut self) -> &mut [u64] {
        &mut self.all[FRONT..FRONT + self.words]
    }

    /// The mask's words and the word of zeros behind them.
    #[inline(always)]
    pub fn words_and_next(&self) -> &[u64] {
        &self.all[FRONT..FRONT + self.words + 1]
    }

    /// Takes out the bits from `end` on.
    #[inline(always)]
    pub fn cut(&mut self, end: usize) {
        if let Some(behind) = self.words_mut().get_mut(end / BITS..)
            && let Some((first, rest)) = behind.split_first_mut()
        {
            *first &= !(!0 << (end % BITS));
            rest.fill(0);
        }
    }

    /// The bits from `at` on, the first one lowest; of 64 the first [`NEAR`] or more are there, the others 0.
    ///
    /// # Safety
    /// `at` lies in the mask or just behind it.
    #[inline(always)]
    pub unsafe fn ahead(&self, at: usize) -> u64 {
        // SAFETY: the 8 bytes begin in the mask's words or in those behind, which have one more.
        unsafe { self.bytes_from(FRONT * 8 + at / 8) >> (at % 8) }
    }

    /// The bits before `at`, the last one uppermost; as with [`Mask::ahead`].
    ///
    /// # Safety
    /// As for [`Mask::ahead`].
    #[inline(always)]
    pub unsafe fn behind(&self, at: usize) -> u64 {
        // SAFETY: the 8 bytes end with the one that holds bit `at`, and begin in the word of zeros before the mask or behind.
        unsafe { self.bytes_from(FRONT * 8 + at / 8 - 7) << (8 - at % 8) }
    }

    /// # Safety
    /// Eight bytes from `byte` on are in `all`.
    #[inline(always)]
    unsafe fn bytes_from(&self, byte: usize) -> u64 {
        debug_assert!(byte + 8 <= 8 * self.all.len());
        if cfg!(target_endian = "little") {
            // SAFETY: the caller's.
            return unsafe { self.all.as_ptr().cast::<u8>().add(byte).cast::<u64>().read_unaligned() };
        }
        let (word, shift) = (byte / 8, 8 * (byte % 8));
        let next = self.all.get(word + 1).copied().unwrap_or(0);
        self.all[word] >> shift | (next << 1) << (BITS - 1 - shift)
    }

    /// Ones that follow each other from bit `at` on. The mask ends with a zero.
    #[inline(always)]
    pub fn ones_from(&self, at: usize) -> usize {
        let words = self.words();
        let (mut k, shift) = (at / BITS, at % BITS);
        let Some(&word) = words.get(k) else { return 0 };
        // The shift brings zeros in: at most 64 - shift ones are counted.
        let mut count = (word >> shift).trailing_ones() as usize;
        if count < BITS - shift {
            return count;
        }
        loop {
            k += 1;
            match words.get(k) {
                Some(&word) if word == !0 => count += BITS,
                Some(&word) => return count + word.trailing_ones() as usize,
                None => return count,
            }
        }
    }

    /// Ones that follow each other up to bit `at`, which they do not count.
    #[inline(always)]
    pub fn ones_up_to(&self, at: usize) -> usize {
        let words = self.words();
        let (mut k, shift) = (at / BITS, at % BITS);
        let word = words.get(k).copied().unwrap_or(0);
        let mut count = ((word << 1) << (BITS - 1 - shift)).leading_ones() as usize;
        if count < shift {
            return count;
        }
        while k > 0 {
            k -= 1;
            let ones = words[k].leading_ones() as usize;
            count += ones;
            if ones < BITS {
                break;
            }
        }
        count
    }

    /// The first one at bit `from` or behind it.
    #[inline(always)]
    pub fn first_from(&self, from: usize) -> Option<usize> {
        let words = self.words();
        let k = from / BITS;
        let word = *words.get(k)? & (!0 << (from % BITS));
        if word != 0 {
            return Some(k * BITS + word.trailing_zeros() as usize);
        }
        let (more, word) = words[k + 1..].iter().enumerate().find(|&(_, &word)| word != 0)?;
        Some((k + 1 + more) * BITS + word.trailing_zeros() as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(crate::cpu::cases(200))]

        #[test]
        fn mask_reads_at_every_place_equal_the_bits(
            runs in prop::collection::vec((any::<bool>(), prop_oneof![4 => 1usize..20, 1 => 50usize..200]), 1..40),
        ) {
            let mut bits: Vec<bool> = runs.iter().flat_map(|&(bit, count)| std::iter::repeat_n(bit, count)).collect();
            bits.push(false);
            let mut mask = Mask::default();
            // A longer mask first: what it leaves behind must not matter.
            mask.prepare(200);
            mask.words_mut().fill(!0);
            mask.prepare(bits.len().div_ceil(BITS));
            mask.words_mut().fill(0);
            for (at, _) in bits.iter().enumerate().filter(|&(_, &bit)| bit) {
                mask.words_mut()[at / BITS] |= 1 << (at % BITS);
            }
            for at in 0..=bits.len() {
                let ahead = bits[at..].iter().take_while(|&&bit| bit).count();
                let behind = bits[..at].iter().rev().take_while(|&&bit| bit).count();
                prop_assert_eq!(mask.ones_from(at), ahead);
                prop_assert_eq!(mask.ones_up_to(at), behind);
                prop_assert_eq!(mask.first_from(at), (at..bits.len()).find(|&at| bits[at]));
                // SAFETY: `at` is in the mask or just behind it.
                let (near, nearly) = unsafe { (mask.ahead(at).trailing_ones(), mask.behind(at).leading_ones()) };
                prop_assert_eq!((near as usize).min(NEAR), ahead.min(NEAR));
                prop_assert_eq!((nearly as usize).min(NEAR), behind.min(NEAR));
            }
        }
    }
}
