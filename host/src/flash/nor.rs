//! The memory behind the SPI core: reading, erasing, programming, and what it says of that.

use super::FlashError;
use super::place::Piece;
use super::spi::Spi;
use crate::transport::Transport;
use debye_spec::flash::nor as command;
use std::time::{Duration, Instant};

/// Bytes of one read: a chip select each.
const READ: usize = 4096;
/// Longest time that a page takes (data sheet: 1.8 ms), with room for a card that is slow to ask.
const PROGRAM_PATIENCE: Duration = Duration::from_secs(2);
/// Longest time that a sector takes (data sheet: 1 s).
const ERASE_PATIENCE: Duration = Duration::from_secs(10);
/// How often an erase or a program that fails is tried.
const TRIES: u32 = 3;

/// See the module.
pub struct Nor<'a> {
    spi: Spi<'a>,
    bytes: u32,
    /// Operations that were tried again.
    pub retries: u32,
    /// Whether the slot's guard is closed, for what errors say.
    pub guarded: bool,
}

impl<'a> Nor<'a> {
    /// A memory of so many bytes.
    pub fn new(spi: Spi<'a>, bytes: u32) -> Nor<'a> {
        Nor { spi, bytes, retries: 0, guarded: false }
    }

    /// Its JEDEC id.
    ///
    /// # Errors
    /// The core's.
    pub fn id(spi: &mut Spi<'_>) -> Result<[u8; 3], FlashError> {
        let mut id = [0; 3];
        spi.exchange(&[command::READ_ID], &mut id)?;
        Ok(id)
    }

    /// The way to the card.
    pub fn transport(&mut self) -> &mut dyn Transport {
        self.spi.transport()
    }

    /// Status and flag status register.
    ///
    /// # Errors
    /// The core's.
    pub fn registers(&mut self) -> Result<(u8, u8), FlashError> {
        Ok((self.register(command::READ_STATUS)?, self.register(command::READ_FLAGS)?))
    }

    /// Reads from an address; `progress` is called with the bytes of each part.
    ///
    /// # Errors
    /// The core's.
    pub fn read(
        &mut self,
        address: u32,
        bytes: &mut [u8],
        mut progress: impl FnMut(usize) -> Result<(), FlashError>,
    ) -> Result<(), FlashError> {
        for (part, at) in bytes.chunks_mut(READ).zip((address..).step_by(READ)) {
            self.spi.exchange(&command::with_address(command::READ, at), part)?;
            progress(part.len())?;
        }
        Ok(())
    }

    /// Erases a sector or a subsector.
    ///
    /// # Errors
    /// The memory refuses, fails, or does not end.
    pub fn erase(&mut self, piece: Piece) -> Result<(), FlashError> {
        let code = if piece.bytes == command::SECTOR { command::ERASE_SECTOR } else { command::ERASE_SUBSECTOR };
        let given = command::with_address(code, piece.address);
        self.change("erase", piece.address, &given, command::ERASE_FAILED, ERASE_PATIENCE)
    }

    /// Programs bytes within one page: clears the bits that are 0 in them.
    ///
    /// # Errors
    /// The memory refuses, fails, or does not end.
    pub fn program(&mut self, address: u32, bytes: &[u8]) -> Result<(), FlashError> {
        let mut given = command::with_address(command::PROGRAM, address).to_vec();
        given.extend(bytes);
        self.change("program", address, &given, command::PROGRAM_FAILED, PROGRAM_PATIENCE)
    }

    fn change(
        &mut self,
        what: &'static str,
        address: u32,
        given: &[u8],
        failed: u8,
        patience: Duration,
    ) -> Result<(), FlashError> {
        let mut flags = 0;
        for attempt in 0..TRIES {
            self.retries += u32::from(attempt > 0);
            self.spi.exchange(&[command::WRITE_ENABLE], &mut [])?;
            self.spi.exchange(given, &mut [])?;
            flags = self.ready(what, address, patience)?;
            if flags & command::FAILURES == 0 {
                return Ok(());
            }
            self.spi.exchange(&[command::CLEAR_FLAGS], &mut [])?;
            self.spi.exchange(&[command::WRITE_DISABLE], &mut [])?;
            if flags & command::PROTECTION != 0 {
                let status = self.register(command::READ_STATUS)?;
                let (low, high) = command::protected(status, self.bytes);
                let guard = if self.guarded { "closed" } else { "as it was" };
                return Err(FlashError::Protected { what, address, status, low, high, guard });
            }
            debug_assert!(flags & failed != 0, "a failure of another kind");
        }
        let (guard, comes_up) =
            if self.guarded { ("closed", "its golden image") } else { ("as it was", "the image it had") };
        Err(FlashError::Failed { what, address, flags, tries: TRIES, guard, comes_up })
    }

    /// Waits until the memory is done; gives its flags. Both registers are asked: a memory of two dies is ready when both
    /// are (data sheet, "Flag Status Register").
    fn ready(&mut self, what: &'static str, address: u32, patience: Duration) -> Result<u8, FlashError> {
        let started = Instant::now();
        loop {
            let (status, flags) = self.registers()?;
            if status & command::BUSY == 0 && flags & command::READY != 0 {
                return Ok(flags);
            }
            if started.elapsed() > patience {
                return Err(FlashError::Timeout { what, address, seconds: patience.as_secs_f64() });
            }
        }
    }

    fn register(&mut self, code: u8) -> Result<u8, FlashError> {
        let mut value = [0];
        self.spi.exchange(&[code], &mut value)?;
        Ok(value[0])
    }
}
