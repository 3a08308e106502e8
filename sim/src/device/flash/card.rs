//! A card around which stand its memory and the cores that reach it.

use super::icap::Icap;
use super::image;
use super::nor::Nor;
use super::quad_spi::{QuadSpi, SpiCore};
use crate::device::{Device, HostMemory};
use crate::model::ModelError;
use debye_spec::board::{Board, Layout};
use debye_spec::flash::configuration::{self, Boot};
use debye_spec::pci::{FLASH_OFFSET, ICAP_OFFSET};
use debye_spec::registers::register;

/// Build of the factory's image of a simulated board.
const GOLDEN_BUILD: u32 = 0x601d_601d;

/// Its watchdog's ticks: 128 MiB, all of the memory.
const GOLDEN_PATIENCE: u32 = 1 << 20;
/// An image that reloads another has its watchdog running (`BITSTREAM.CONFIG.TIMER_CFG` of the shells), in bytes.
const RELOAD_PATIENCE: Option<u64> = Some(128 << 20);

/// A card of a board: what it boots out of its memory says what its register `build` reads. Without power, or without an
/// image that starts, it is not on the bus.
pub struct FlashedCard {
    card: Box<dyn Device>,
    board: &'static Board,
    layout: Layout,
    nor: Nor,
    spi: Box<dyn SpiCore>,
    icap: Icap,
    boot: Boot,
}

impl FlashedCard {
    /// A card of a board with a memory, as after power-on. A memory whose first bytes are erased gets the board's factory
    /// image. `None`: the board has no memory that is flashed.
    pub fn new(card: Box<dyn Device>, board: &'static Board, nor: Nor) -> Option<FlashedCard> {
        FlashedCard::with_core(card, board, nor, Box::new(QuadSpi::default()))
    }

    /// The same, with a core of one's own before the memory.
    pub fn with_core(
        card: Box<dyn Device>,
        board: &'static Board,
        mut nor: Nor,
        spi: Box<dyn SpiCore>,
    ) -> Option<FlashedCard> {
        let layout = board.layout?;
        if (0..64).all(|at| nor.cells().get(at) == 0xff) {
            let golden = image::golden(board, GOLDEN_BUILD, layout.update.start, GOLDEN_PATIENCE);
            nor.cells_mut().fill_with(0, &golden);
        }
        let mut card = FlashedCard { card, board, layout, nor, spi, icap: Icap::default(), boot: Boot::Dead };
        card.power_cycle();
        Some(card)
    }

    /// Which image it came up with.
    pub fn boot(&self) -> Boot {
        self.boot
    }

    /// Its memory.
    pub fn nor(&self) -> &Nor {
        &self.nor
    }

    /// Its memory, to do things to.
    pub fn nor_mut(&mut self) -> &mut Nor {
        &mut self.nor
    }

    /// Takes the memory out.
    pub fn into_nor(self) -> Nor {
        self.nor
    }

    fn come_up(&mut self, boot: Boot) {
        self.spi.reset();
        self.icap = Icap::default();
        self.boot = boot;
        self.card.reset();
    }

    fn build(&self) -> u32 {
        match self.boot {
            Boot::Update { user, .. } | Boot::Golden { user } | Boot::Fallback { user, .. } => user,
            Boot::Dead => u32::MAX,
        }
    }
}

impl Device for FlashedCard {
    fn describe(&self) -> String {
        let boot = match self.boot {
            Boot::Update { address, .. } => format!("the image at {address:#010x}"),
            Boot::Golden { .. } => "the golden image".into(),
            Boot::Fallback { failed, .. } => format!("the golden image, as the other failed ({failed:?})"),
            Boot::Dead => "no image".into(),
        };
        let layout = self.layout.update;
        format!(
            "{}; {} with {} MiB of flash, slot at {:#010x}, came up with {boot}",
            self.card.describe(),
            self.board.title,
            self.nor.cells().bytes() >> 20,
            layout.start
        )
    }

    fn read(&mut self, offset: u32) -> u32 {
        if !self.present() {
            return u32::MAX;
        }
        match offset {
            _ if offset >= ICAP_OFFSET => self.icap.read(offset - ICAP_OFFSET),
            _ if offset >= FLASH_OFFSET => self.spi.read(offset - FLASH_OFFSET, &mut self.nor),
            _ if register("build").is_some_and(|build| build.offset == offset) => self.build(),
            _ => self.card.read(offset),
        }
    }

    fn write(&mut self, offset: u32, value: u32) {
        if !self.present() {
            return;
        }
        match offset {
            _ if offset >= ICAP_OFFSET => {
                if let Some(address) = self.icap.write(offset - ICAP_OFFSET, value, self.board.idcode) {
                    let boot = configuration::boot_from(self.nor.cells(), self.board.idcode, address, RELOAD_PATIENCE);
                    self.come_up(boot);
                }
            }
            _ if offset >= FLASH_OFFSET => self.spi.write(offset - FLASH_OFFSET, value, &mut self.nor),
            _ => self.card.write(offset, value),
        }
    }

    fn run(&mut self, memory: &dyn HostMemory, interrupt: &mut dyn FnMut(u32)) -> Result<bool, ModelError> {
        if self.present() { self.card.run(memory, interrupt) } else { Ok(false) }
    }

    /// A function-level reset: the FPGA stays configured, the memory as it is.
    fn reset(&mut self) {
        self.card.reset();
        self.spi.reset();
    }

    /// It boots.
    fn power_cycle(&mut self) {
        self.nor.power_on();
        self.come_up(configuration::boot(self.nor.cells(), self.board.idcode));
    }

    fn subsystem(&self) -> u16 {
        self.board.pci.map_or(debye_spec::pci::SUBSYSTEM, |ids| ids.subsystem)
    }

    fn present(&self) -> bool {
        self.nor.powered() && self.boot != Boot::Dead && self.card.present()
    }
}
