//! What the messages of a vfio-user client do to the card.
//!
//! Accesses to regions are never answered with an error: a posted write has no answer, so the error would be taken for
//! the answer to the next message. What is not there reads as all ones, as on a bus.

use super::config_space::{ConfigSpace, Effect};
use super::mappings::Rights;
use super::worker::Worker;
use crate::model::ModelError;
use debye_spec::pci;
use std::fs::File;
use std::io;
use vfio_bindings::bindings::vfio::{
    VFIO_IRQ_SET_ACTION_TRIGGER, VFIO_IRQ_SET_DATA_EVENTFD, VFIO_IRQ_SET_DATA_NONE, VFIO_PCI_CONFIG_REGION_INDEX,
    VFIO_PCI_MSIX_IRQ_INDEX,
};
use vfio_user::{DmaMapFlags, DmaUnmapFlags, ServerBackend};

/// See the module.
pub struct Backend {
    worker: Worker,
    config: ConfigSpace,
    vectors: u16,
    subsystem: u16,
    /// The MSI-X table as it was written: who delivers the interrupts looks at it, the card does not.
    msix: Vec<u8>,
    touched: bool,
}

/// Where in a region of so many bytes an access lies; `None`: not wholly inside.
fn inside(offset: u64, length: usize, bytes: u64) -> Option<usize> {
    let end = offset.checked_add(length as u64)?;
    (end <= bytes).then_some(offset as usize)
}

impl Backend {
    /// For a card with so many vectors, of that subsystem.
    pub fn new(worker: Worker, vectors: u16, subsystem: u16) -> Backend {
        let msix = vec![0; pci::MSIX_BYTES as usize];
        Backend { worker, config: ConfigSpace::new(vectors, subsystem), vectors, subsystem, msix, touched: false }
    }

    /// As after power-on, without client. Says whether a client had reached the card.
    pub fn power_cycle(&mut self) -> Result<bool, ModelError> {
        let shared = self.worker.shared();
        shared.memory.clear();
        shared.interrupts.clear();
        self.config = ConfigSpace::new(self.vectors, self.subsystem);
        self.msix.fill(0);
        self.worker.shared().power_cycle()?;
        Ok(std::mem::take(&mut self.touched))
    }

    fn function_reset(&mut self) {
        self.config.reset();
        self.worker.shared().memory.set_master(false);
        self.worker.shared().access(true, |device| device.reset());
    }

    /// Words of the registers; a word that is read in part is read whole, one that is written in part is not written.
    fn read_registers(&self, offset: u64, data: &mut [u8]) -> Option<()> {
        let first = inside(offset, data.len(), pci::REGISTER_BYTES)?;
        self.worker.shared().access(false, |device| {
            let mut at = 0;
            while at < data.len() {
                let skip = (first + at) % 4;
                let word = device.read((first + at - skip) as u32).to_le_bytes();
                let here = (4 - skip).min(data.len() - at);
                data[at..at + here].copy_from_slice(&word[skip..skip + here]);
                at += here;
            }
        })
    }

    fn write_registers(&self, offset: u64, data: &[u8]) -> Option<()> {
        let first = inside(offset, data.len(), pci::REGISTER_BYTES).filter(|first| first % 4 == 0)?;
        self.worker.shared().access(true, |device| {
            for (k, &word) in data.as_chunks::<4>().0.iter().enumerate() {
                device.write((first + 4 * k) as u32, u32::from_le_bytes(word));
            }
        })
    }
}

impl ServerBackend for Backend {
    fn region_read(&mut self, region: u32, offset: u64, data: &mut [u8]) -> io::Result<()> {
        self.touched = true;
        let present = self.worker.shared().access(false, |_| ()).is_some();
        let read = match region {
            _ if !present => None,
            VFIO_PCI_CONFIG_REGION_INDEX => {
                self.config.read(offset, data);
                Some(())
            }
            pci::REGISTER_BAR => self.read_registers(offset, data),
            pci::MSIX_BAR => inside(offset, data.len(), pci::MSIX_BYTES)
                .map(|at| data.copy_from_slice(&self.msix[at..at + data.len()])),
            _ => None,
        };
        if read.is_none() {
            data.fill(0xff);
        }
        Ok(())
    }

    fn region_write(&mut self, region: u32, offset: u64, data: &[u8]) -> io::Result<()> {
        self.touched = true;
        match region {
            VFIO_PCI_CONFIG_REGION_INDEX => {
                let Effect { reset, master } = self.config.write(offset, data);
                self.worker.shared().memory.set_master(master);
                if reset {
                    self.function_reset();
                }
            }
            pci::REGISTER_BAR => {
                self.write_registers(offset, data);
            }
            pci::MSIX_BAR => {
                if let Some(at) = inside(offset, data.len(), pci::MSIX_PENDING_OFFSET.into()) {
                    self.msix[at..at + data.len()].copy_from_slice(data);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A mapping without a file cannot be reached (the library sends no DMA messages to its client): it is taken note of
    /// by nobody, and an access to it is a DMA fault. A VMM maps its firmware so; a card has no business there.
    fn dma_map(
        &mut self,
        flags: DmaMapFlags,
        offset: u64,
        address: u64,
        size: u64,
        fd: Option<File>,
    ) -> io::Result<()> {
        self.touched = true;
        let Some(file) = fd else { return Ok(()) };
        let rights = Rights { read: flags.contains(DmaMapFlags::READ), write: flags.contains(DmaMapFlags::WRITE) };
        self.worker.shared().memory.map(address, size, &file, offset, rights)
    }

    fn dma_unmap(&mut self, flags: DmaUnmapFlags, address: u64, size: u64) -> io::Result<()> {
        if flags.contains(DmaUnmapFlags::UNMAP_ALL) {
            self.worker.shared().memory.unmap_all();
        } else {
            self.worker.shared().memory.unmap(address, size);
        }
        Ok(())
    }

    fn reset(&mut self) -> io::Result<()> {
        self.touched = true;
        self.function_reset();
        Ok(())
    }

    fn set_irqs(&mut self, index: u32, flags: u32, start: u32, count: u32, fds: Vec<File>) -> io::Result<()> {
        if index != VFIO_PCI_MSIX_IRQ_INDEX || flags & VFIO_IRQ_SET_ACTION_TRIGGER == 0 {
            return Ok(());
        }
        let interrupts = &self.worker.shared().interrupts;
        if flags & VFIO_IRQ_SET_DATA_EVENTFD != 0 {
            interrupts.set(start, count, fds);
        } else if flags & VFIO_IRQ_SET_DATA_NONE != 0 && count == 0 {
            interrupts.clear();
        } else if flags & VFIO_IRQ_SET_DATA_NONE != 0 {
            // Whoever tries out the vectors.
            let last = start.saturating_add(count).min(self.vectors.into());
            (start..last).for_each(|vector| interrupts.send(vector));
        }
        Ok(())
    }
}
