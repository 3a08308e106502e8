//! The SPI core's registers: bytes to the memory and back. AXI Quad SPI (PG153), or a core that behaves like it.

use super::FlashError;
use crate::transport::{ALL_ONES, Transport};
use debye_spec::flash::spi as map;
use debye_spec::pci::FLASH_OFFSET;
use debye_spec::registers::Register;
use std::time::{Duration, Instant};

/// Longest wait for the bytes of a FIFO to be sent: 256 bytes at 100 kHz take 20 ms.
const PATIENCE: Duration = Duration::from_secs(1);
/// The largest FIFO that the vendor's core can be built with.
const MOST_DEPTH: usize = 256;

/// See the module.
pub struct Spi<'a> {
    transport: &'a mut dyn Transport,
    depth: usize,
}

impl<'a> Spi<'a> {
    /// Resets the core, and finds out how much its FIFOs hold.
    ///
    /// # Errors
    /// There is no core, or it does not do as it should.
    pub fn new(transport: &'a mut dyn Transport) -> Result<Spi<'a>, FlashError> {
        let mut spi = Spi { transport, depth: 1 };
        spi.write(map::SRR, map::SRR_KEY);
        // The vendor's core takes some cycles.
        let found = (0..16).map(|_| spi.status()).find(|&status| Some(status) == map::SPISR.reset);
        if found.is_none() {
            let found = spi.status();
            spi.alive("resetting the SPI core")?;
            return Err(FlashError::NoCore { address: spi.transport.address(), offset: FLASH_OFFSET, found });
        }
        // Inhibited: nothing of this is sent.
        spi.depth = (1..=MOST_DEPTH)
            .find(|_| {
                spi.write(map::SPIDTR, 0);
                map::TX_FULL.get(spi.status()) != 0
            })
            .unwrap_or(MOST_DEPTH);
        spi.control(true, map::TX_RESET.mask() | map::RX_RESET.mask());
        Ok(spi)
    }

    /// Selects the memory, sends bytes, then takes as many as there is room for in `receive`, deselects it.
    ///
    /// # Errors
    /// The core does not send, or the card is gone.
    pub fn exchange(&mut self, send: &[u8], receive: &mut [u8]) -> Result<(), FlashError> {
        self.write(map::SPISSR, 0);
        let total = send.len() + receive.len();
        let mut at = 0;
        while at < total {
            let count = self.depth.min(total - at);
            for place in at..at + count {
                self.write(map::SPIDTR, send.get(place).copied().unwrap_or(0).into());
            }
            self.control(false, 0);
            self.drained()?;
            self.control(true, 0);
            for place in at..at + count {
                let byte = self.read(map::SPIDRR);
                if let Some(to) = place.checked_sub(send.len()).and_then(|place| receive.get_mut(place)) {
                    *to = byte as u8;
                }
            }
            at += count;
        }
        self.write(map::SPISSR, 1);
        self.alive("talking to its flash")
    }

    /// The way to the card.
    pub fn transport(&mut self) -> &mut dyn Transport {
        self.transport
    }

    fn control(&mut self, inhibit: bool, also: u32) {
        let word = map::ENABLE.mask() | map::MASTER.mask() | map::MANUAL_SELECT.mask();
        self.write(map::SPICR, map::INHIBIT.put(word | also, inhibit.into()));
    }

    fn drained(&mut self) -> Result<(), FlashError> {
        let started = Instant::now();
        loop {
            let status = self.status();
            if map::TX_EMPTY.get(status) != 0 && status != ALL_ONES {
                return Ok(());
            }
            if status == ALL_ONES || started.elapsed() > PATIENCE {
                self.alive("talking to its flash")?;
                return Err(FlashError::Core {
                    address: self.transport.address(),
                    what: "its FIFO is not sent",
                    status,
                });
            }
        }
    }

    /// A card that is gone reads as all ones, which no status is.
    fn alive(&mut self, during: &'static str) -> Result<(), FlashError> {
        if self.status() == ALL_ONES {
            return Err(FlashError::Gone { address: self.transport.address(), during });
        }
        Ok(())
    }

    fn status(&mut self) -> u32 {
        self.read(map::SPISR)
    }

    fn read(&mut self, register: Register) -> u32 {
        self.transport.read(FLASH_OFFSET + register.offset)
    }

    fn write(&mut self, register: Register, value: u32) {
        self.transport.write(FLASH_OFFSET + register.offset, value);
    }
}
