//! A card in this process, with host memory of which a piece may be missing.

use super::rings::{BASE, BYTES, Host};
use debye_sim::device::{Device, DmaFault, HostMemory};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard};

/// Host memory from [`BASE`] on.
pub struct Ram {
    bytes: Mutex<Vec<u8>>,
    /// Not mapped.
    pub hole: Range<u64>,
}

impl Ram {
    fn range(&self, address: u64, bytes: usize) -> Result<(MutexGuard<'_, Vec<u8>>, Range<usize>), DmaFault> {
        let fault = DmaFault { address, bytes };
        let end = address.checked_add(bytes as u64).ok_or(fault)?;
        let missing = address < self.hole.end && end > self.hole.start;
        if address < BASE || end > BASE + BYTES as u64 || missing {
            return Err(fault);
        }
        let at = (address - BASE) as usize;
        Ok((self.bytes.lock().unwrap(), at..at + bytes))
    }
}

impl HostMemory for Ram {
    fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), DmaFault> {
        let (ram, range) = self.range(address, bytes.len())?;
        bytes.copy_from_slice(&ram[range]);
        Ok(())
    }

    fn write(&self, address: u64, bytes: &[u8]) -> Result<(), DmaFault> {
        let (mut ram, range) = self.range(address, bytes.len())?;
        ram[range].copy_from_slice(bytes);
        Ok(())
    }
}

/// See the module.
pub struct InProcess {
    pub card: Box<dyn Device>,
    pub ram: Ram,
    /// Vectors that the card sent.
    pub interrupts: Vec<u32>,
    /// What `run` said last.
    pub more: bool,
}

impl InProcess {
    pub fn new(card: Box<dyn Device>) -> InProcess {
        let ram = Ram { bytes: Mutex::new(vec![0; BYTES]), hole: 0..0 };
        InProcess { card, ram, interrupts: vec![], more: false }
    }

    /// Lets the card work until it has nothing to do.
    pub fn settle(&mut self) {
        self.pump();
        while self.more {
            self.pump();
        }
    }
}

impl Host for InProcess {
    fn read(&mut self, offset: u32) -> u32 {
        self.card.read(offset)
    }

    fn write(&mut self, offset: u32, value: u32) {
        self.card.write(offset, value);
    }

    fn put(&mut self, address: u64, bytes: &[u8]) {
        let at = (address - BASE) as usize;
        self.ram.bytes.lock().unwrap()[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn get(&mut self, address: u64, bytes: usize) -> Vec<u8> {
        let at = (address - BASE) as usize;
        self.ram.bytes.lock().unwrap()[at..at + bytes].to_vec()
    }

    fn pump(&mut self) {
        let interrupts = &mut self.interrupts;
        self.more = self.card.run(&self.ram, &mut |vector| interrupts.push(vector)).unwrap();
    }
}
