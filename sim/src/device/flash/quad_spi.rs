//! The SPI core as its registers show it (`debye_spec::flash::spi`): each byte takes no time.

use super::nor::Nor;
use debye_spec::flash::spi as map;
use std::collections::VecDeque;

/// Entries of each FIFO.
pub const DEPTH: usize = 256;

/// See the module.
pub struct QuadSpi {
    control: u32,
    /// 0: the memory is selected.
    select: u32,
    sent: VecDeque<u8>,
    came: VecDeque<u8>,
}

impl Default for QuadSpi {
    fn default() -> QuadSpi {
        QuadSpi { control: map::SPICR_RESET, select: 1, sent: VecDeque::new(), came: VecDeque::new() }
    }
}

/// A core between registers and a memory.
pub trait SpiCore: Send {
    /// Reads a register; all ones where there is none.
    fn read(&mut self, offset: u32, nor: &mut Nor) -> u32;

    /// Writes a register; without effect where there is none.
    fn write(&mut self, offset: u32, value: u32, nor: &mut Nor);

    /// As after power-on.
    fn reset(&mut self);
}

impl SpiCore for QuadSpi {
    fn read(&mut self, offset: u32, _: &mut Nor) -> u32 {
        let occupancy = |fifo: &VecDeque<u8>| fifo.len().saturating_sub(1) as u32;
        match offset {
            _ if offset == map::SRR.offset || offset == map::SPIDTR.offset => 0,
            _ if offset == map::SPICR.offset => self.control,
            _ if offset == map::SPISR.offset => map::status(self.sent.len(), self.came.len(), DEPTH, false),
            _ if offset == map::SPIDRR.offset => self.came.pop_front().unwrap_or(0).into(),
            _ if offset == map::SPISSR.offset => self.select,
            _ if offset == map::TX_OCCUPANCY.offset => occupancy(&self.sent),
            _ if offset == map::RX_OCCUPANCY.offset => occupancy(&self.came),
            _ => u32::MAX,
        }
    }

    fn write(&mut self, offset: u32, value: u32, nor: &mut Nor) {
        match offset {
            _ if offset == map::SRR.offset && value == map::SRR_KEY => *self = QuadSpi::default(),
            _ if offset == map::SPICR.offset => {
                if map::TX_RESET.get(value) != 0 {
                    self.sent.clear();
                }
                if map::RX_RESET.get(value) != 0 {
                    self.came.clear();
                }
                self.control = value & map::SPICR.mask() & !(map::TX_RESET.mask() | map::RX_RESET.mask());
            }
            _ if offset == map::SPIDTR.offset && self.sent.len() < DEPTH => self.sent.push_back(value as u8),
            _ if offset == map::SPISSR.offset => self.select = value & map::SPISSR.mask(),
            _ => {}
        }
        self.work(nor);
    }

    fn reset(&mut self) {
        *self = QuadSpi::default();
    }
}

impl QuadSpi {
    fn work(&mut self, nor: &mut Nor) {
        let set = |field: &debye_spec::registers::Field| field.get(self.control) != 0;
        let on = set(&map::ENABLE) && set(&map::MASTER);
        let by_hand = set(&map::MANUAL_SELECT);
        let sends = on && !set(&map::INHIBIT);
        if !on || (by_hand && self.select != 0) {
            nor.deselect();
        }
        if on && by_hand && self.select == 0 {
            nor.select();
        }
        let count = if sends { self.sent.len() } else { 0 };
        for byte in self.sent.drain(..count) {
            if !by_hand && self.select == 0 {
                nor.select();
            }
            let came = nor.exchange(byte);
            // What comes when the FIFO is full is lost.
            if self.came.len() < DEPTH {
                self.came.push_back(came);
            }
        }
        if !by_hand {
            nor.deselect();
        }
    }
}
