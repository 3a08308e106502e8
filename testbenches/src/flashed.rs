//! A card with its memory, reached in this thread: what flashing is tried on.

use debye::transport::{ALL_ONES, Dma, PciIdentity, Transport, TransportError};
use debye_sim::device::Device;
use debye_sim::device::flash::{Cells, FlashedCard, Nor, QuadSpi, SpiCore, Wear, image};
use debye_sim::device::functional::{Build, FunctionalCard};
use debye_spec::board::{Board, board};
use debye_spec::pci;
use std::os::fd::RawFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Ticks of the golden image's watchdog: some MiB, so that an empty slot is soon found to be empty.
const PATIENCE: u32 = 1 << 14;
/// Build of the golden image.
pub const GOLDEN_BUILD: u32 = 0x601d_0001;

/// A card that tests hold while a driver drives it.
#[derive(Clone)]
pub struct Bench {
    card: Arc<Mutex<FlashedCard>>,
    name: String,
}

impl Bench {
    /// A U50 with a factory image and an empty slot.
    ///
    /// # Panics
    /// When the system gives no memory.
    pub fn new(name: &str, wear: Wear) -> Bench {
        Bench::with_jedec(name, wear, debye_spec::board::MT25QU01G.jedec)
    }

    /// The same with a memory that says another JEDEC id.
    ///
    /// # Panics
    /// When the system gives no memory.
    pub fn with_jedec(name: &str, wear: Wear, jedec: [u8; 3]) -> Bench {
        Bench::with_core(name, wear, jedec, Box::new(QuadSpi::default()))
    }

    /// The same with a core of one's own before the memory.
    ///
    /// # Panics
    /// When the system gives no memory.
    pub fn with_core(name: &str, wear: Wear, jedec: [u8; 3], core: Box<dyn SpiCore>) -> Bench {
        let board = u50();
        let update = board.layout.expect("a U50 is flashed").update.start;
        let mut cells = Cells::new(debye_spec::board::MT25QU01G.bytes).expect("there is memory");
        cells.fill_with(0, &image::golden(board, GOLDEN_BUILD, update, PATIENCE));
        let card = Box::new(FunctionalCard::new(Build::default()));
        let card = FlashedCard::with_core(card, board, Nor::new(cells, jedec, wear), core).expect("a U50 is flashed");
        Bench { card: Arc::new(Mutex::new(card)), name: name.into() }
    }

    /// The card.
    pub fn card(&self) -> MutexGuard<'_, FlashedCard> {
        self.card.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A way to it, of a board with that subsystem.
    pub fn transport(&self) -> Box<dyn Transport> {
        Box::new(self.clone())
    }

    /// All that stands outside the update slot.
    pub fn outside(&self) -> Vec<u8> {
        let slot = u50().layout.expect("a U50 is flashed").update;
        self.card().nor().cells().copy(0..slot.start)
    }
}

/// The board.
pub fn u50() -> &'static Board {
    board("u50").expect("the table has a U50")
}

impl Transport for Bench {
    fn address(&self) -> String {
        self.name.clone()
    }

    fn identity(&self) -> PciIdentity {
        let subsystem = self.card().subsystem();
        let (vendor, device, subsystem_vendor) = (pci::VENDOR, pci::DEVICE, pci::SUBSYSTEM_VENDOR);
        PciIdentity { vendor, device, subsystem_vendor, subsystem }
    }

    fn read(&mut self, offset: u32) -> u32 {
        if self.card().present() { self.card().read(offset) } else { ALL_ONES }
    }

    fn write(&mut self, offset: u32, value: u32) {
        self.card().write(offset, value);
    }

    fn map(&mut self, bytes: usize) -> Result<Dma, TransportError> {
        Err(TransportError::Addresses { bytes })
    }

    fn unmap(&mut self, dma: &Dma) -> Result<(), TransportError> {
        Err(TransportError::NotMapped { iova: dma.iova() })
    }

    fn vectors(&self) -> u32 {
        0
    }

    fn signals(&self) -> Vec<RawFd> {
        vec![]
    }

    fn wait(&mut self, vector: u32, _: Duration) -> Result<bool, TransportError> {
        Err(TransportError::Vector { vector, vectors: 0 })
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.card().reset();
        Ok(())
    }

    fn is_gone(&self) -> bool {
        !self.card().present()
    }

    fn give_up(&mut self) {}
}
