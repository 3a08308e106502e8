//! The memory that the table stands in: what was never written takes no room and reads as zeros.

use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes that are held together.
const PAGE: u64 = 1 << 16;

/// See the module.
pub struct TableMemory {
    bytes: u64,
    pages: BTreeMap<u64, Box<[u8]>>,
    version: u64,
}

impl TableMemory {
    /// Memory of 2^`log2` bytes.
    pub fn new(log2: u32) -> TableMemory {
        TableMemory { bytes: 1 << log2, pages: BTreeMap::new(), version: 0 }
    }

    /// Another number after each write.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether so many bytes stand there.
    pub fn holds(&self, address: u64, bytes: u64) -> bool {
        address.checked_add(bytes).is_some_and(|end| end <= self.bytes)
    }

    /// The pieces of a range: page, where in it, where in the caller's bytes.
    fn pieces(address: u64, bytes: usize) -> impl Iterator<Item = (u64, Range<usize>, Range<usize>)> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let place = address + at as u64;
            let from = (place % PAGE) as usize;
            let length = (PAGE as usize - from).min(bytes - at);
            let piece = (place / PAGE, from..from + length, at..at + length);
            at += length;
            (length > 0).then_some(piece)
        })
    }

    /// Writes where memory [`holds`](TableMemory::holds) it.
    pub fn write(&mut self, address: u64, data: &[u8]) {
        self.version += 1;
        for (page, inside, outside) in TableMemory::pieces(address, data.len()) {
            let page = self.pages.entry(page).or_insert_with(|| vec![0; PAGE as usize].into());
            page[inside].copy_from_slice(&data[outside]);
        }
    }

    /// Reads where memory [`holds`](TableMemory::holds) it.
    pub fn read(&self, address: u64, bytes: usize) -> Vec<u8> {
        let mut data = vec![0; bytes];
        for (page, inside, outside) in TableMemory::pieces(address, bytes) {
            if let Some(page) = self.pages.get(&page) {
                data[outside].copy_from_slice(&page[inside]);
            }
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_over_page_borders_reads_what_was_written_and_zeros_elsewhere() {
        let mut memory = TableMemory::new(20);
        let data: Vec<u8> = (0..3 * PAGE as usize).map(|i| (i * 7 % 251) as u8 + 1).collect();
        memory.write(PAGE - 5, &data);
        let read = memory.read(PAGE - 10, data.len() + 10);
        assert_eq!((&read[..5], &read[5..data.len() + 5]), (&[0; 5][..], &data[..]));
        assert_eq!(read[data.len() + 5..], [0; 5]);
        assert_eq!(memory.version(), 1);
    }

    #[test]
    fn memory_holds_up_to_its_last_byte() {
        let memory = TableMemory::new(20);
        assert!(memory.holds(0, 1 << 20) && memory.holds((1 << 20) - 16, 16) && memory.holds(1 << 20, 0));
        assert!(!memory.holds(1, 1 << 20) && !memory.holds(u64::MAX, 2));
    }
}
