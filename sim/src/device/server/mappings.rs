//! Host memory as the client of a served card has mapped it: an ordered map of IOVA ranges, each a piece of a file that came
//! with the mapping. An access is cut at the borders of the ranges: behind an IOMMU a buffer arrives page by page.

use crate::device::{DmaFault, HostMemory};
use libc::{MAP_FAILED, MAP_SHARED, PROT_READ, PROT_WRITE};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering, fence};
use std::sync::{PoisonError, RwLock};

/// What the card may do with a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// The card may read.
    pub read: bool,
    /// The card may write.
    pub write: bool,
}

/// A mapped range.
struct Mapping {
    base: *mut u8,
    bytes: usize,
    rights: Rights,
}

// SAFETY: the mapping belongs to this value alone and lives until it is dropped; what stands in it is shared with another
// process anyway and is reached through raw pointers only, never through references.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    fn new(file: &File, offset: u64, bytes: u64, rights: Rights) -> io::Result<Mapping> {
        let too_large = |_| io::Error::from_raw_os_error(libc::EINVAL);
        let (bytes, offset) = (usize::try_from(bytes).map_err(too_large)?, offset.try_into().map_err(too_large)?);
        // A file that is shorter would end this process at the first access behind its end.
        if file.metadata()?.len() < (offset as u64).saturating_add(bytes as u64) {
            return Err(io::Error::from_raw_os_error(libc::EINVAL));
        }
        let protection = if rights.read { PROT_READ } else { 0 } | if rights.write { PROT_WRITE } else { 0 };
        // SAFETY: a new mapping at an address of the kernel's choice; the descriptor is open and the result is checked.
        let base = unsafe { libc::mmap(ptr::null_mut(), bytes, protection, MAP_SHARED, file.as_raw_fd(), offset) };
        if base == MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Mapping { base: base.cast(), bytes, rights })
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: base and length are those of the mapping that `new` made, and nobody holds a pointer into it: accesses
        // hold the map's lock.
        unsafe { libc::munmap(self.base.cast(), self.bytes) };
    }
}

/// See the module.
#[derive(Default)]
pub struct Mappings {
    ranges: RwLock<BTreeMap<u64, Mapping>>,
    master: AtomicBool,
}

impl Mappings {
    /// Lets the card reach memory, or not: the bus-master bit.
    pub fn set_master(&self, on: bool) {
        // Whoever clears the bit knows that no access is under way.
        let _ranges = self.ranges.write().unwrap_or_else(PoisonError::into_inner);
        self.master.store(on, Ordering::Relaxed);
    }

    /// Maps a range.
    ///
    /// # Errors
    /// It is empty, wraps, overlaps another, or the file cannot be mapped.
    pub fn map(&self, address: u64, bytes: u64, file: &File, offset: u64, rights: Rights) -> io::Result<()> {
        let invalid = || io::Error::from_raw_os_error(libc::EINVAL);
        let last = bytes.checked_sub(1).and_then(|more| address.checked_add(more)).ok_or_else(invalid)?;
        let mapping = Mapping::new(file, offset, bytes, rights)?;
        let mut ranges = self.ranges.write().unwrap_or_else(PoisonError::into_inner);
        let below = ranges.range(..=last).next_back();
        if below.is_some_and(|(&start, other)| start + (other.bytes as u64 - 1) >= address) {
            return Err(io::Error::from_raw_os_error(libc::EEXIST));
        }
        ranges.insert(address, mapping);
        Ok(())
    }

    /// Unmaps all ranges that lie within this one. When it returns, no access to them is under way.
    pub fn unmap(&self, address: u64, bytes: u64) {
        let mut ranges = self.ranges.write().unwrap_or_else(PoisonError::into_inner);
        let end = address as u128 + bytes as u128;
        ranges.retain(|&start, mapping| start < address || start as u128 + mapping.bytes as u128 > end);
    }

    /// Unmaps everything.
    pub fn unmap_all(&self) {
        self.ranges.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// As after power-on: nothing is mapped, and the card may not reach memory.
    pub fn clear(&self) {
        self.unmap_all();
        self.master.store(false, Ordering::Relaxed);
    }

    /// Calls `piece` with a pointer, where in the access, and how many bytes, for each range that the access touches; only
    /// if all of it is mapped with the right that `allowed` looks for.
    fn each(
        &self,
        address: u64,
        bytes: usize,
        allowed: impl Fn(Rights) -> bool,
        mut piece: impl FnMut(*mut u8, usize, usize),
    ) -> Result<(), DmaFault> {
        let fault = DmaFault { address, bytes };
        let ranges = self.ranges.read().unwrap_or_else(PoisonError::into_inner);
        if !self.master.load(Ordering::Relaxed) || address.checked_add(bytes as u64).is_none() {
            return Err(fault);
        }
        let find = |at: usize| {
            let place = address + at as u64;
            let (&start, mapping) = ranges.range(..=place).next_back()?;
            let inside = usize::try_from(place - start).ok()?;
            let here = mapping.bytes.checked_sub(inside).filter(|&here| here > 0 && allowed(mapping.rights))?;
            Some((mapping, inside, here.min(bytes - at)))
        };
        for act in [false, true] {
            let mut at = 0;
            while at < bytes {
                let (mapping, inside, here) = find(at).ok_or(fault)?;
                if act {
                    // SAFETY: `inside` is less than the mapping's length.
                    piece(unsafe { mapping.base.add(inside) }, at, here);
                }
                at += here;
            }
        }
        Ok(())
    }
}

impl HostMemory for Mappings {
    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), DmaFault> {
        let (target, length) = (bytes.as_mut_ptr(), bytes.len());
        self.each(
            address,
            length,
            |rights| rights.read,
            |from, at, here| {
                // SAFETY: `here` bytes of a mapping, which the lock keeps, and of the caller's slice from `at`; they cannot
                // overlap.
                unsafe { ptr::copy_nonoverlapping(from, target.add(at), here) };
            },
        )?;
        fence(Ordering::Acquire);
        Ok(())
    }

    fn write(&self, address: u64, bytes: &[u8]) -> Result<(), DmaFault> {
        fence(Ordering::Release);
        self.each(
            address,
            bytes.len(),
            |rights| rights.write,
            |to, at, here| {
                let piece = &bytes[at..at + here];
                match piece.try_into() {
                    // What a host polls is a word: it appears as one, after all that was written before.
                    Ok(word) if to.addr() % 4 == 0 => {
                        // SAFETY: four bytes of a mapping, which the lock keeps; aligned, as was checked.
                        unsafe { AtomicU32::from_ptr(to.cast()) }.store(u32::from_ne_bytes(word), Ordering::Release);
                    }
                    // SAFETY: `here` bytes of the mapping and of the caller's slice; they cannot overlap.
                    _ => unsafe { ptr::copy_nonoverlapping(piece.as_ptr(), to, here) },
                }
            },
        )
    }
}
