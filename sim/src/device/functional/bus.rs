//! The card's accesses to host memory: in bursts, counted, and what failed remembered.

use crate::device::{DmaFault, HostMemory};

/// Bytes of the longest burst, and of the borders that none crosses.
const BURST: u64 = 4096;
/// Bytes of a beat.
const BEAT: u64 = 64;

/// See the module.
#[derive(Default)]
pub struct Bus {
    fault: Option<u64>,
    faults: u32,
    read_beats: u64,
    write_beats: u64,
    read_high: u32,
    write_high: u32,
}

/// Bytes of the burst that begins at an address, of so many that are left.
fn burst(address: u64, left: usize) -> usize {
    (BURST - address % BURST).min(left as u64) as usize
}

/// Beats that a burst touches.
fn beats(address: u64, bytes: usize) -> u64 {
    (address % BEAT + bytes as u64).div_ceil(BEAT)
}

impl Bus {
    fn failed(&mut self, fault: DmaFault) -> DmaFault {
        self.fault.get_or_insert(fault.address);
        self.faults = self.faults.wrapping_add(1);
        fault
    }

    /// Reads; stops at the first burst that fails.
    pub fn read(&mut self, host: &dyn HostMemory, mut address: u64, mut bytes: &mut [u8]) -> Result<(), DmaFault> {
        while !bytes.is_empty() {
            let (piece, rest) = bytes.split_at_mut(burst(address, bytes.len()));
            host.read(address, piece).map_err(|fault| self.failed(fault))?;
            self.read_beats += beats(address, piece.len());
            address = address.wrapping_add(piece.len() as u64);
            bytes = rest;
        }
        Ok(())
    }

    /// Reads so many bytes. Memory grows with what was read: whoever states a length that is not there gets none.
    pub fn fetch(&mut self, host: &dyn HostMemory, address: u64, bytes: u32) -> Result<Vec<u8>, DmaFault> {
        let mut data = Vec::new();
        while data.len() < bytes as usize {
            let at = data.len();
            let piece = (bytes as usize - at).min(1 << 20);
            data.resize(at + piece, 0);
            self.read(host, address.wrapping_add(at as u64), &mut data[at..])?;
        }
        Ok(data)
    }

    /// Writes; stops at the first burst that fails.
    pub fn write(&mut self, host: &dyn HostMemory, mut address: u64, mut bytes: &[u8]) -> Result<(), DmaFault> {
        while !bytes.is_empty() {
            let (piece, rest) = bytes.split_at(burst(address, bytes.len()));
            host.write(address, piece).map_err(|fault| self.failed(fault))?;
            self.write_beats += beats(address, piece.len());
            address = address.wrapping_add(piece.len() as u64);
            bytes = rest;
        }
        Ok(())
    }

    /// Beats that moved.
    pub fn beats(&self) -> u64 {
        self.read_beats + self.write_beats
    }

    /// Whether an access failed.
    pub fn faulted(&self) -> bool {
        self.fault.is_some()
    }

    /// The registers about faults and beats; all ones for another name.
    pub fn register(&mut self, name: &str) -> u32 {
        match name {
            "fault_address_low" => self.fault.unwrap_or(0) as u32,
            "fault_address_high" => (self.fault.unwrap_or(0) >> 32) as u32,
            "dma_faults" => self.faults,
            "read_beats_low" => {
                self.read_high = (self.read_beats >> 32) as u32;
                self.read_beats as u32
            }
            "read_beats_high" => self.read_high,
            "write_beats_low" => {
                self.write_high = (self.write_beats >> 32) as u32;
                self.write_beats as u32
            }
            "write_beats_high" => self.write_high,
            _ => u32::MAX,
        }
    }
}
