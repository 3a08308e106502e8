//! The cells of a NOR: bytes that stay when power goes.

use debye_spec::flash::configuration::{Memory, SYNC};
use memmap2::MmapMut;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;

/// Bytes of a memory, in a file or in this process alone. What is stored is turned over: an erased byte is a zero, so that
/// a file of a memory with little in it takes little.
pub struct Cells(MmapMut);

impl Cells {
    /// An erased memory in this process.
    ///
    /// # Errors
    /// The system gives no memory.
    pub fn new(bytes: u32) -> io::Result<Cells> {
        MmapMut::map_anon(bytes as usize).map(Cells)
    }

    /// A memory in a file, which is made, erased, where there is none. What is written is there for whoever opens it next,
    /// however this process ends.
    ///
    /// # Errors
    /// The file cannot be opened, or holds a memory of another size.
    pub fn open(path: &Path, bytes: u32) -> io::Result<Cells> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.metadata()?.len() {
            0 => file.set_len(bytes.into())?,
            length if length == u64::from(bytes) => {}
            length => {
                let problem = format!("{} has {length} bytes, the memory {bytes}", path.display());
                return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
            }
        }
        // SAFETY: the mapping lives as long as its file is open in it; another process that writes to the file changes
        // bytes, which are plain data and read anew each time.
        unsafe { MmapMut::map_mut(&file) }.map(Cells)
    }

    /// A byte; what lies behind the end is found at the beginning again.
    pub fn get(&self, address: u32) -> u8 {
        !self.0[address as usize % self.0.len()]
    }

    /// Sets a byte, bits to one as well as to zero: what the cells do, not what a command can do.
    pub fn set(&mut self, address: u32, byte: u8) {
        let place = address as usize % self.0.len();
        self.0[place] = !byte;
    }

    /// Sets bytes.
    pub fn fill_with(&mut self, address: u32, bytes: &[u8]) {
        bytes.iter().zip(address..).for_each(|(&byte, at)| self.set(at, byte));
    }

    /// Bytes, as an address.
    pub fn bytes(&self) -> u32 {
        self.0.len() as u32
    }

    /// A copy of a range.
    pub fn copy(&self, range: std::ops::Range<u32>) -> Vec<u8> {
        self.0[range.start as usize..range.end as usize].iter().map(|byte| !byte).collect()
    }
}

impl Memory for Cells {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn byte(&self, at: usize) -> u8 {
        !self.0[at]
    }

    fn find_sync(&self, from: usize, to: usize) -> Option<usize> {
        let stored = self.0.get(from..to)?;
        memchr::memmem::find(stored, &(!SYNC).to_be_bytes()).map(|at| from + at)
    }
}
