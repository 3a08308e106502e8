//! Commands of the NOR: those of Micron's MT25Q (data sheet "mt25q_qlkt_u_01g_abba_0", command set and registers), four
//! bytes of address throughout, on one data line.

/// Bytes of a page: what one program command can write.
pub const PAGE: u32 = 256;
/// Bytes of a subsector: the least that can be erased.
pub const SUBSECTOR: u32 = 4 << 10;
/// Bytes of a sector: what is erased at once where it can be.
pub const SECTOR: u32 = 64 << 10;
/// What an erased byte reads as.
pub const ERASED: u8 = 0xff;

/// Reads the JEDEC id: manufacturer, type, log2 of the bytes (less 0x20 - 26 above 32 MiB).
pub const READ_ID: u8 = 0x9f;
/// Reads the status register, again and again.
pub const READ_STATUS: u8 = 0x05;
/// Reads the flag status register, again and again.
pub const READ_FLAGS: u8 = 0x70;
/// Clears the errors of the flag status register.
pub const CLEAR_FLAGS: u8 = 0x50;
/// Allows the next program, erase or status write.
pub const WRITE_ENABLE: u8 = 0x06;
/// Takes that back.
pub const WRITE_DISABLE: u8 = 0x04;
/// Writes the status register: block protection.
pub const WRITE_STATUS: u8 = 0x01;
/// Reads, four bytes of address.
pub const READ: u8 = 0x13;
/// Programs a page, four bytes of address.
pub const PROGRAM: u8 = 0x12;
/// Erases a sector, four bytes of address.
pub const ERASE_SECTOR: u8 = 0xdc;
/// Erases a subsector, four bytes of address.
pub const ERASE_SUBSECTOR: u8 = 0x21;

/// Status register: a program, erase or status write is under way.
pub const BUSY: u8 = 1 << 0;
/// Status register: the next write is allowed.
pub const WRITE_ENABLED: u8 = 1 << 1;
/// Status register: block protection, bits 0 to 2 of the number (bit 3 is [`PROTECT_3`]).
pub const PROTECT: u8 = 0b111 << 2;
/// Status register: protection counts from the bottom of the memory.
pub const PROTECT_BOTTOM: u8 = 1 << 5;
/// Status register: bit 3 of block protection.
pub const PROTECT_3: u8 = 1 << 6;

/// Flag status register: ready.
pub const READY: u8 = 1 << 7;
/// Flag status register: an erase failed.
pub const ERASE_FAILED: u8 = 1 << 5;
/// Flag status register: a program failed.
pub const PROGRAM_FAILED: u8 = 1 << 4;
/// Flag status register: it failed because the place is protected.
pub const PROTECTION: u8 = 1 << 1;
/// Flag status register: what [`CLEAR_FLAGS`] clears.
pub const FAILURES: u8 = ERASE_FAILED | PROGRAM_FAILED | PROTECTION;

/// The bytes from 0 that a status register protects, or those up to the end: number of 64 KiB sectors is 2^(n - 1), all at
/// most.
pub const fn protected(status: u8, bytes: u32) -> (u32, u32) {
    let level = ((status & PROTECT) >> 2) | ((status & PROTECT_3) >> 3);
    if level == 0 {
        return (0, 0);
    }
    let wanted = (SECTOR as u64) << (level - 1);
    let count = if wanted > bytes as u64 { bytes } else { wanted as u32 };
    if status & PROTECT_BOTTOM != 0 { (0, count) } else { (bytes - count, bytes) }
}

/// A command with its address.
pub const fn with_address(command: u8, address: u32) -> [u8; 5] {
    let [a, b, c, d] = address.to_be_bytes();
    [command, a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protected_ranges_are_those_of_the_data_sheet() {
        let bytes = crate::board::MT25QU01G.bytes;
        assert_eq!(protected(0, bytes), (0, 0));
        // One sector at the top, and at the bottom.
        assert_eq!(protected(0b100, bytes), (bytes - SECTOR, bytes));
        assert_eq!(protected(PROTECT_BOTTOM | 0b100, bytes), (0, SECTOR));
        // BP3..0 = 0111 and bottom: 64 sectors; 1111: all.
        assert_eq!(protected(PROTECT_BOTTOM | PROTECT, bytes), (0, 64 * SECTOR));
        assert_eq!(protected(PROTECT_3 | PROTECT, bytes), (0, bytes));
    }
}
