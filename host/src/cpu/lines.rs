//! Memory that begins with a line of the caches: vectors as long as a line are then not in two of them.

/// Bytes of a line of the caches.
pub const LINE: usize = 64;

/// Bytes, the first at the beginning of a line.
#[derive(Debug, Default)]
pub struct Lines(Vec<u8>);

impl Lines {
    /// Zeros.
    pub fn zeros(count: usize) -> Lines {
        Lines(vec![0; count + LINE])
    }

    fn count(&self) -> usize {
        self.0.len().saturating_sub(LINE)
    }

    /// Makes it zeros where they are fewer than `count`.
    pub fn at_least(&mut self, count: usize) {
        if self.count() < count {
            *self = Lines::zeros(count);
        }
    }

    /// Where the first stands. Under Miri that may be anywhere.
    fn first(&self) -> usize {
        self.0.as_ptr().align_offset(LINE).min(self.0.len() - self.count())
    }
}

impl std::ops::Deref for Lines {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let (first, count) = (self.first(), self.count());
        &self.0[first..first + count]
    }
}

impl std::ops::DerefMut for Lines {
    fn deref_mut(&mut self) -> &mut [u8] {
        let (first, count) = (self.first(), self.count());
        &mut self.0[first..first + count]
    }
}
