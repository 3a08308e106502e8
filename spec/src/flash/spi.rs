//! Registers of the SPI core: those of the AXI Quad SPI (Xilinx PG153, "Register Space"), standard mode with FIFOs.
//!
//! What is left out: interrupts (`dgier`, `ipisr`, `ipier` read as 0), slave mode, LSB first, loop-back, and CPOL/CPHA
//! other than 0/0: their bits are kept and without effect in our core. A driver that keeps to what stands here drives
//! either.

use crate::registers::{Access, Field, Register};

/// Bytes from one register to the next are 4; the window has so many bytes.
pub const SPI_BYTES: u32 = 0x80;
/// What a write to `srr` must hold to reset the core.
pub const SRR_KEY: u32 = 0x0a;
/// Value of `spicr` after a reset: inhibited, slave select by hand.
pub const SPICR_RESET: u32 = 0x180;

/// The core is on: its pins are driven.
pub const ENABLE: Field = Field::new("spe", 1, 1, "the core is on");
/// It makes the clock.
pub const MASTER: Field = Field::new("master", 2, 1, "the core makes the clock");
/// Empties the transmit FIFO.
pub const TX_RESET: Field = Field::new("tx_fifo_reset", 5, 1, "writing 1 empties the transmit FIFO; reads as 0");
/// Empties the receive FIFO.
pub const RX_RESET: Field = Field::new("rx_fifo_reset", 6, 1, "writing 1 empties the receive FIFO; reads as 0");
/// The chip select follows `spissr`.
pub const MANUAL_SELECT: Field = Field::new("manual_slave_select", 7, 1, "chip select is what spissr says");
/// Nothing is sent.
pub const INHIBIT: Field = Field::new("transaction_inhibit", 8, 1, "nothing is sent");

/// Nothing to read.
pub const RX_EMPTY: Field = Field::new("rx_empty", 0, 1, "the receive FIFO is empty");
/// No room for what comes.
pub const RX_FULL: Field = Field::new("rx_full", 1, 1, "the receive FIFO is full");
/// All was sent.
pub const TX_EMPTY: Field = Field::new("tx_empty", 2, 1, "the transmit FIFO is empty, and the last byte was sent");
/// No room for more.
pub const TX_FULL: Field = Field::new("tx_full", 3, 1, "the transmit FIFO is full");
/// Reads as 1: the core is no slave that was selected.
pub const SLAVE_SELECT: Field = Field::new("slave_mode_select", 5, 1, "1: not selected as a slave");

const CONTROL: [Field; 10] = [
    Field::new("loop", 0, 1, "kept, without effect"),
    ENABLE,
    MASTER,
    Field::new("cpol", 3, 1, "kept, without effect: the clock rests at 0"),
    Field::new("cpha", 4, 1, "kept, without effect: data is taken at the clock's first edge"),
    TX_RESET,
    RX_RESET,
    MANUAL_SELECT,
    INHIBIT,
    Field::new("lsb_first", 9, 1, "kept, without effect: the highest bit comes first"),
];

const fn at(
    offset: u32,
    name: &'static str,
    access: Access,
    reset: Option<u32>,
    fields: &'static [Field],
    doc: &'static str,
) -> Register {
    Register { name, offset, access, reset, fields, doc }
}

use Access::{Read, ReadWrite};

/// Software reset.
pub const SRR: Register = at(0x40, "srr", ReadWrite, Some(0), &[], "writing 0x0a resets the core; reads as 0");
/// Control.
pub const SPICR: Register = at(0x60, "spicr", ReadWrite, Some(SPICR_RESET), &CONTROL, "control");
/// Status.
pub const SPISR: Register =
    at(0x64, "spisr", Read, Some(0x25), &[RX_EMPTY, RX_FULL, TX_EMPTY, TX_FULL, SLAVE_SELECT], "status");
/// Transmit FIFO.
pub const SPIDTR: Register = at(
    0x68,
    "spidtr",
    ReadWrite,
    Some(0),
    &[Field::new("byte", 0, 8, "byte")],
    "byte to send; lost when the FIFO is full",
);
/// Receive FIFO.
pub const SPIDRR: Register =
    at(0x6c, "spidrr", Read, Some(0), &[Field::new("byte", 0, 8, "byte")], "byte that came; 0 when there is none");
/// Chip select.
pub const SPISSR: Register = at(
    0x70,
    "spissr",
    ReadWrite,
    Some(1),
    &[Field::new("select", 0, 1, "0 selects the memory")],
    "chip select, active low",
);
/// Occupancy of the transmit FIFO.
pub const TX_OCCUPANCY: Register =
    at(0x74, "tx_fifo_ocy", Read, Some(0), &[], "bytes in the transmit FIFO less one; means nothing while it is empty");
/// Occupancy of the receive FIFO.
pub const RX_OCCUPANCY: Register =
    at(0x78, "rx_fifo_ocy", Read, Some(0), &[], "bytes in the receive FIFO less one; means nothing while it is empty");

/// All of them, in the order of their offsets.
pub const SPI_REGISTERS: [Register; 8] = [SRR, SPICR, SPISR, SPIDTR, SPIDRR, SPISSR, TX_OCCUPANCY, RX_OCCUPANCY];

/// `spisr` of a state; `sent` is how many bytes wait to be sent, `came` how many wait to be read, of `depth` each.
pub const fn status(sent: usize, came: usize, depth: usize, shifting: bool) -> u32 {
    let mut word = SLAVE_SELECT.put(0, 1);
    word = RX_EMPTY.put(word, (came == 0) as u32);
    word = RX_FULL.put(word, (came == depth) as u32);
    word = TX_EMPTY.put(word, (sent == 0 && !shifting) as u32);
    TX_FULL.put(word, (sent == depth) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spi_registers_are_apart_and_their_fields_too() {
        for pair in SPI_REGISTERS.windows(2) {
            assert!(pair[0].offset < pair[1].offset && pair[1].offset < SPI_BYTES);
        }
        for register in SPI_REGISTERS {
            let mut used = 0;
            for field in register.fields {
                assert_eq!(used & field.mask(), 0, "{}.{}", register.name, field.name);
                used |= field.mask();
            }
        }
    }

    #[test]
    fn status_after_reset_is_what_the_vendor_says() {
        // PG153, table "SPI Status Register": 0x25 with FIFOs.
        assert_eq!(Some(status(0, 0, 16, false)), SPISR.reset);
        assert_eq!(status(16, 16, 16, true), 0x2a);
    }
}
