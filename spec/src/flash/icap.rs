//! Registers of the core before the FPGA's configuration logic: those of the AXI HWICAP (Xilinx PG134, "Register Space")
//! that are needed to ask which part it is and to have it boot again.

use super::configuration::{CMD, DESYNC, DUMMY, IDCODE, IPROG, NOOP, SYNC, WBSTAR, read_one, write_one};

/// Words for the configuration logic wait here.
pub const WRITE_FIFO: u32 = 0x100;
/// Words from it wait here.
pub const READ_FIFO: u32 = 0x104;
/// Words to read.
pub const SIZE: u32 = 0x108;
/// Control: [`CONTROL_WRITE`], [`CONTROL_READ`]; reads as 0 when that is done.
pub const CONTROL: u32 = 0x10c;
/// Status: bit 0 is set when nothing is under way.
pub const STATUS: u32 = 0x110;
/// Words for which there is room in the write FIFO.
pub const WRITE_VACANCY: u32 = 0x114;
/// Words that can be read from the read FIFO.
pub const READ_OCCUPANCY: u32 = 0x118;

/// Sends the write FIFO.
pub const CONTROL_WRITE: u32 = 1;
/// Reads as many words as `SIZE` says.
pub const CONTROL_READ: u32 = 2;
/// Empties the FIFOs.
pub const CONTROL_FIFO_CLEAR: u32 = 4;
/// Resets the core.
pub const CONTROL_RESET: u32 = 8;
/// In `STATUS`: done.
pub const STATUS_DONE: u32 = 1;
/// In `STATUS`: the configuration has ended (the core can be used).
pub const STATUS_EOS: u32 = 4;

/// What asks for the IDCODE; then one word is read, then [`DONE`] is sent.
pub const ASK_IDCODE: [u32; 7] = [DUMMY, SYNC, NOOP, NOOP, read_one(IDCODE), NOOP, NOOP];
/// Ends an exchange.
pub const DONE: [u32; 4] = [write_one(CMD), DESYNC, NOOP, NOOP];

/// What has the FPGA boot anew from an address of the memory.
pub const fn reload(address: u32) -> [u32; 8] {
    [DUMMY, SYNC, NOOP, write_one(WBSTAR), address, write_one(CMD), IPROG, NOOP]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reload_is_the_sequence_of_the_configuration_guide() {
        // UG570, table "Example Bitstream for IPROG through ICAPE3".
        assert_eq!(
            reload(0x0100_2000),
            [0xffff_ffff, 0xaa99_5566, 0x2000_0000, 0x3002_0001, 0x0100_2000, 0x3000_8001, 0x0000_000f, 0x2000_0000]
        );
        assert_eq!(ASK_IDCODE[4], 0x2801_8001);
    }
}
