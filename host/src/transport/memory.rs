//! Memory that a card reaches: a memfd, of huge pages where there are any, near the card where that is known.
//!
//! The card reads and writes it at any time. So no Rust reference to it is ever made: bytes are copied in and out
//! through raw pointers, and words that tell of others are loaded and stored as atomics.

use super::TransportError;
use super::iova::GRAIN;
use memmap2::{MmapOptions, MmapRaw};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Which pages memory has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pages {
    /// Of 2 MiB.
    Huge,
    /// The system's.
    Plain,
}

#[derive(Debug)]
struct Memory {
    map: MmapRaw,
    file: File,
    pages: Pages,
}

/// A piece of memory with the address at which the card sees it. Clones are the same memory.
#[derive(Clone, Debug)]
pub struct Dma {
    memory: Arc<Memory>,
    iova: u64,
}

impl Dma {
    /// Zeroed memory of at least `bytes` bytes, on the NUMA node if one is named.
    pub(super) fn allocate(bytes: usize, iova: u64, node: Option<u32>) -> Result<Dma, TransportError> {
        let bytes = bytes.max(1).next_multiple_of(GRAIN as usize);
        let memory = Memory::new(bytes, Pages::Huge, node)
            .or_else(|_| Memory::new(bytes, Pages::Plain, node))
            .map_err(|error| TransportError::Memory { bytes, error })?;
        Ok(Dma { memory: Arc::new(memory), iova })
    }

    /// Where the card sees it.
    pub fn iova(&self) -> u64 {
        self.iova
    }

    /// Its bytes.
    pub fn bytes(&self) -> usize {
        self.memory.map.len()
    }

    /// Its pages.
    pub fn pages(&self) -> Pages {
        self.memory.pages
    }

    pub(super) fn file(&self) -> RawFd {
        self.memory.file.as_raw_fd()
    }

    pub(super) fn pointer(&self) -> *mut u8 {
        self.memory.map.as_mut_ptr()
    }

    /// The place of `bytes` bytes from `at`. Callers give places of their own; what a card says never comes here
    /// unchecked.
    fn place(&self, at: usize, bytes: usize) -> *mut u8 {
        let inside = at.checked_add(bytes).is_some_and(|end| end <= self.bytes());
        assert!(inside, "{bytes} bytes at {at} are not in a buffer of {}", self.bytes());
        // SAFETY: at is within the mapping (checked above).
        unsafe { self.pointer().add(at) }
    }

    /// Copies bytes in.
    pub fn write(&self, at: usize, bytes: &[u8]) {
        let to = self.place(at, bytes.len());
        // SAFETY: the place has as many bytes; a slice of ours does not overlap memory to which no reference exists.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) }
    }

    /// Copies bytes out.
    pub fn read(&self, at: usize, bytes: &mut [u8]) {
        let from = self.place(at, bytes.len());
        // SAFETY: as in `write`.
        unsafe { std::ptr::copy_nonoverlapping(from, bytes.as_mut_ptr(), bytes.len()) }
    }

    /// Copies bytes out into a new vector.
    pub fn to_vec(&self, at: usize, bytes: usize) -> Vec<u8> {
        let mut copy = vec![0; bytes];
        self.read(at, &mut copy);
        copy
    }

    /// Zeroes bytes.
    pub fn zero(&self, at: usize, bytes: usize) {
        // SAFETY: the place has as many bytes.
        unsafe { std::ptr::write_bytes(self.place(at, bytes), 0, bytes) }
    }

    /// Reads `bytes` bytes of a file straight into it.
    ///
    /// # Errors
    /// The file cannot be read, or ends before.
    pub fn fill_from(&self, at: usize, bytes: usize, file: &File, from: u64) -> io::Result<()> {
        self.place(at, bytes);
        let mut done = 0;
        while done < bytes {
            let position = i64::try_from(from + done as u64).map_err(|_| io::ErrorKind::InvalidInput)?;
            // SAFETY: the system writes into the rest of the place that was checked above.
            let count =
                unsafe { libc::pread(file.as_raw_fd(), self.pointer().add(at + done).cast(), bytes - done, position) };
            match count {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                1.. => done += count as usize,
                _ => {
                    let error = io::Error::last_os_error();
                    if error.kind() != io::ErrorKind::Interrupted {
                        return Err(error);
                    }
                }
            }
        }
        Ok(())
    }

    fn word(&self, at: usize) -> &AtomicU32 {
        assert!(at.is_multiple_of(4), "a word stands at a multiple of 4");
        // SAFETY: the place has four bytes and is aligned (the mapping is to pages). An atomic may be changed by others.
        unsafe { AtomicU32::from_ptr(self.place(at, 4).cast()) }
    }

    /// Loads a word; what was written before it is seen by what is read after.
    pub fn load(&self, at: usize) -> u32 {
        u32::from_le(self.word(at).load(Ordering::Acquire))
    }

    /// Stores a word; whoever sees it sees what was written before.
    pub fn store(&self, at: usize, value: u32) {
        self.word(at).store(value.to_le(), Ordering::Release);
    }
}

impl Memory {
    fn new(bytes: usize, pages: Pages, node: Option<u32>) -> io::Result<Memory> {
        let huge = if pages == Pages::Huge { libc::MFD_HUGETLB | libc::MFD_HUGE_2MB } else { 0 };
        // SAFETY: the name ends with a zero; the result is checked.
        let fd = unsafe { libc::memfd_create(c"debye-card".as_ptr(), libc::MFD_CLOEXEC | huge) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is new and nobody else's.
        let file = unsafe { File::from_raw_fd(fd) };
        file.set_len(bytes as u64)?;
        let map = MmapOptions::new().len(bytes).map_raw(&file)?;
        if let Some(node) = node {
            prefer(&map, node);
        }
        if pages == Pages::Plain {
            // Takes the memory now: a page that is missing later would be a signal, not an error.
            file.write_all_at(&[0], bytes as u64 - 1)?;
            // SAFETY: no pointer is read; the file is ours.
            let status = unsafe { libc::posix_fallocate(file.as_raw_fd(), 0, bytes as i64) };
            if status != 0 {
                return Err(io::Error::from_raw_os_error(status));
            }
        }
        Ok(Memory { map, file, pages })
    }
}

/// Asks for pages of a NUMA node. Memory elsewhere is slower, not wrong: a system that cannot is let be.
fn prefer(map: &MmapRaw, node: u32) {
    const MPOL_PREFERRED: i32 = 1;
    let Some(mask) = 1u64.checked_shl(node) else { return };
    // SAFETY: the mapping is ours, the mask has the 64 bits that are stated.
    let status = unsafe {
        libc::syscall(libc::SYS_mbind, map.as_mut_ptr(), map.len(), MPOL_PREFERRED, &raw const mask, 64usize, 0)
    };
    if status != 0 {
        tracing::debug!("memory near NUMA node {node} could not be asked for: {}", io::Error::last_os_error());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dma_what_goes_in_comes_out_and_clones_are_the_same_memory() {
        let dma = Dma::allocate(5000, 1 << 32, Some(0)).unwrap();
        assert_eq!((dma.bytes(), dma.iova()), (GRAIN as usize, 1 << 32));
        let clone = dma.clone();
        dma.write(4999, b"abc");
        assert_eq!(clone.to_vec(4998, 5), b"\0abc\0");
        clone.zero(5000, 1);
        assert_eq!(dma.to_vec(4999, 3), b"a\0c");
        dma.store(8, 0x0102_0304);
        assert_eq!((dma.load(8), dma.to_vec(8, 4)), (0x0102_0304, vec![4, 3, 2, 1]));
    }

    #[test]
    fn dma_filled_from_a_file_has_its_bytes_or_says_that_it_ends() {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, &[7; 100]).unwrap();
        let dma = Dma::allocate(4096, 0, None).unwrap();
        dma.fill_from(64, 90, &file, 10).unwrap();
        assert_eq!(dma.to_vec(63, 92), [vec![0], vec![7; 90], vec![0]].concat());
        let error = dma.fill_from(64, 91, &file, 10).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    /// What the kernel says of the pages at a mapping of this process: a field of `smaps`.
    fn told_of(pointer: *mut u8, field: &str) -> Option<String> {
        let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let head = format!("{:x}-", pointer as usize);
        let mut lines = smaps.lines().skip_while(|line| !line.starts_with(&head));
        Some(lines.find_map(|line| line.strip_prefix(field))?.trim().to_owned())
    }

    #[test]
    fn dma_memory_is_asked_for_on_the_node_of_the_card() {
        const MPOL_F_ADDR: usize = 2;
        let policy = |dma: &Dma| {
            let (mut mode, mut nodes) = (-1i32, 0u64);
            // SAFETY: the kernel writes the policy and a mask of 64 bits; the address is one of a mapping of ours.
            let status = unsafe {
                libc::syscall(
                    libc::SYS_get_mempolicy,
                    &raw mut mode,
                    &raw mut nodes,
                    64usize,
                    dma.pointer(),
                    MPOL_F_ADDR,
                )
            };
            if status == 0 { Ok((mode, nodes)) } else { Err(io::Error::last_os_error().raw_os_error()) }
        };
        let near = Dma::allocate(1, 0, Some(0)).unwrap();
        match policy(&near) {
            // MPOL_PREFERRED, node 0; without a node: the process's own policy.
            Ok(told) => assert_eq!((told, policy(&Dma::allocate(1, 0, None).unwrap())), ((1, 1), Ok((0, 0)))),
            Err(code) if code == Some(libc::ENOSYS) || code == Some(libc::EPERM) => {
                eprintln!("skipped: dma_memory_is_asked_for_on_the_node_of_the_card: this kernel has no NUMA policies");
            }
            Err(code) => panic!("get_mempolicy: {code:?}"),
        }
        // A node that is not there is no reason to do without memory.
        assert_eq!(Dma::allocate(1, 0, Some(63)).unwrap().to_vec(0, 1), [0]);
        assert_eq!(Dma::allocate(1, 0, Some(64)).unwrap().to_vec(0, 1), [0]);
    }

    /// Reserves huge pages where that is allowed, and gives them back at its end.
    struct Reserved {
        before: String,
        total: usize,
    }

    const POOL: &str = "/proc/sys/vm/nr_hugepages";

    impl Reserved {
        fn new(pages: usize) -> io::Result<Reserved> {
            let before = std::fs::read_to_string(POOL)?;
            let total = before.trim().parse::<usize>().map_err(io::Error::other)? + pages;
            std::fs::write(POOL, total.to_string())?;
            let reserved = Reserved { before, total };
            let have = std::fs::read_to_string(POOL)?;
            if have.trim() == total.to_string() { Ok(reserved) } else { Err(io::ErrorKind::OutOfMemory.into()) }
        }
    }

    impl Drop for Reserved {
        fn drop(&mut self) {
            std::fs::write(POOL, &self.before).ok();
        }
    }

    #[test]
    fn dma_memory_is_of_huge_pages_where_there_are_any_and_of_plain_ones_beyond() {
        let reserved = match Reserved::new(2) {
            Ok(reserved) => reserved,
            Err(error) => {
                eprintln!("skipped: dma_memory_is_of_huge_pages_where_there_are_any: none can be reserved: {error}");
                return;
            }
        };
        // Tests beside this one may take pages for a moment.
        let two = (0..100).find_map(|_| {
            let dma = Dma::allocate(2 * GRAIN as usize, 0, Some(0)).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(20));
            (dma.pages() == Pages::Huge).then_some(dma)
        });
        let huge = two.expect("two pages were reserved");
        assert_eq!(told_of(huge.pointer(), "KernelPageSize:").as_deref(), Some("2048 kB"));
        huge.write(GRAIN as usize - 2, b"over the edge");
        assert_eq!(huge.to_vec(GRAIN as usize - 2, 13), b"over the edge");
        // More than there are: plain ones, and no error.
        let beyond = reserved.total + 1;
        if beyond < 100 {
            let plain = Dma::allocate(beyond * GRAIN as usize, 0, None).unwrap();
            assert_eq!(plain.pages(), Pages::Plain);
            assert_ne!(told_of(plain.pointer(), "KernelPageSize:").as_deref(), Some("2048 kB"));
        }
        drop((huge, reserved));
    }

    #[test]
    #[should_panic(expected = "are not in a buffer")]
    fn dma_a_place_outside_is_never_touched() {
        Dma::allocate(1, 0, None).unwrap().write(GRAIN as usize - 1, &[1, 2]);
    }
}
