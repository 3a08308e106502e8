//! Whether a file still has a writer.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Whether a file's superblock says that a writer has it open: byte 11 of superblock version 3 ("file consistency
/// flags", format specification II.A; bit 0 write access, bit 2 SWMR). Older superblocks have no such mark.
pub(super) fn has_writer(file: &Path) -> bool {
    const VERSION: usize = 8;
    const FLAGS: usize = 11;
    let mut superblock = [0; 12];
    match File::open(file).and_then(|file| file.read_exact_at(&mut superblock, 0)) {
        Ok(()) => superblock[VERSION] >= 3 && superblock[FLAGS] & 0b101 != 0,
        Err(_) => false,
    }
}
