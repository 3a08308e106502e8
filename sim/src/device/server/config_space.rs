//! The card's PCI configuration space: identity, BARs, MSI-X, and PCI Express with function-level reset.

use debye_spec::pci;

/// Bytes of the space.
pub const BYTES: usize = 4096;

const COMMAND: usize = 0x04;
const BAR0: usize = 0x10;
const BARS: usize = 6;
const MSIX: usize = 0x40;
const MSIX_CONTROL: usize = MSIX + 2;
const EXPRESS: usize = 0x60;
const DEVICE_CONTROL: usize = EXPRESS + 8;

/// Command: memory accesses are answered, the function may be master, no INTx.
const COMMAND_BITS: u16 = 1 << 1 | BUS_MASTER | 1 << 6 | 1 << 8 | 1 << 10;
const BUS_MASTER: u16 = 1 << 2;
/// Device control: initiates a function-level reset.
const INITIATE_FLR: u16 = 1 << 15;
/// Device capabilities: payloads of 512 bytes, role-based errors, function-level reset.
const DEVICE_CAPABILITIES: u32 = 2 | 1 << 15 | 1 << 28;

/// See the module.
pub struct ConfigSpace {
    bytes: [u8; BYTES],
    /// Bits that a write changes.
    writable: [u8; BYTES],
    vectors: u16,
    subsystem: u16,
}

/// What a write asks the function to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Function-level reset.
    pub reset: bool,
    /// The bus-master bit as it is now.
    pub master: bool,
}

impl ConfigSpace {
    /// As after power-on, with so many MSI-X vectors, of that subsystem.
    pub fn new(vectors: u16, subsystem: u16) -> ConfigSpace {
        let mut space = ConfigSpace { bytes: [0; BYTES], writable: [0; BYTES], vectors, subsystem };
        space.put(0x00, &pci::VENDOR.to_le_bytes());
        space.put(0x02, &pci::DEVICE.to_le_bytes());
        space.put(0x06, &(1u16 << 4).to_le_bytes()); // a list of capabilities
        space.put(0x08, &(pci::CLASS << 8 | u32::from(pci::REVISION)).to_le_bytes());
        space.put(0x2c, &pci::SUBSYSTEM_VENDOR.to_le_bytes());
        space.put(0x2e, &subsystem.to_le_bytes());
        space.put(0x34, &[MSIX as u8]);
        space.allow(COMMAND, &COMMAND_BITS.to_le_bytes());
        space.allow(0x0c, &[0xff]); // cache line
        space.allow(0x3c, &[0xff]); // interrupt line
        for (bar, bytes) in [(pci::REGISTER_BAR, pci::REGISTER_BYTES), (pci::MSIX_BAR, pci::MSIX_BYTES)] {
            // Memory of 32 bits, not prefetchable: type bits 0. What is written below the size stays 0, which tells it.
            space.allow(BAR0 + 4 * bar as usize, &(!(bytes as u32 - 1)).to_le_bytes());
        }

        space.put(MSIX, &[0x11, EXPRESS as u8]);
        space.put(MSIX_CONTROL, &(vectors.max(1) - 1).to_le_bytes());
        space.allow(MSIX_CONTROL, &(0b11u16 << 14).to_le_bytes());
        space.put(MSIX + 4, &pci::MSIX_BAR.to_le_bytes());
        space.put(MSIX + 8, &(pci::MSIX_PENDING_OFFSET | pci::MSIX_BAR).to_le_bytes());

        space.put(EXPRESS, &[0x10, 0, 0x02, 0]); // endpoint, version 2
        space.put(EXPRESS + 4, &DEVICE_CAPABILITIES.to_le_bytes());
        space.allow(DEVICE_CONTROL, &0x7fffu16.to_le_bytes());
        // Link: 16 lanes of 8 GT/s.
        space.put(EXPRESS + 0x0c, &(3u32 | 16 << 4).to_le_bytes());
        space.put(EXPRESS + 0x12, &(3u16 | 16 << 4).to_le_bytes());
        space
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn allow(&mut self, at: usize, bits: &[u8]) {
        self.writable[at..at + bits.len()].copy_from_slice(bits);
    }

    fn half(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]])
    }

    /// Reads; all ones behind the end.
    pub fn read(&self, offset: u64, data: &mut [u8]) {
        for (k, byte) in data.iter_mut().enumerate() {
            let at = usize::try_from(offset).ok().and_then(|offset| offset.checked_add(k));
            *byte = at.and_then(|at| self.bytes.get(at)).copied().unwrap_or(0xff);
        }
    }

    /// Writes the bits that can be written. A function-level reset leaves the space as after power-on but for the
    /// addresses in the BARs, which whoever gave them keeps for the function.
    pub fn write(&mut self, offset: u64, data: &[u8]) -> Effect {
        let mut reset = false;
        for (k, &byte) in data.iter().enumerate() {
            let Some(at) = usize::try_from(offset).ok().and_then(|offset| offset.checked_add(k)) else { break };
            let Some((held, &writable)) = self.bytes.get_mut(at).zip(self.writable.get(at)) else { break };
            *held = *held & !writable | byte & writable;
            reset |= at == DEVICE_CONTROL + 1 && byte & (INITIATE_FLR >> 8) as u8 != 0;
        }
        if reset {
            self.reset();
        }
        Effect { reset, master: self.half(COMMAND) & BUS_MASTER != 0 }
    }

    /// As after a function-level reset.
    pub fn reset(&mut self) {
        let bars = BAR0..BAR0 + 4 * BARS;
        let kept = self.bytes[bars.clone()].to_vec();
        *self = ConfigSpace::new(self.vectors, self.subsystem);
        self.bytes[bars].copy_from_slice(&kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(space: &ConfigSpace, at: u64) -> u32 {
        let mut bytes = [0; 4];
        space.read(at, &mut bytes);
        u32::from_le_bytes(bytes)
    }

    #[test]
    fn config_space_bars_tell_their_sizes_and_keep_addresses_over_a_reset() {
        let mut space = ConfigSpace::new(8, pci::SUBSYSTEM);
        let sizes = (0..6).map(|bar| {
            space.write(BAR0 as u64 + 4 * bar, &[0xff; 4]);
            word(&space, BAR0 as u64 + 4 * bar)
        });
        assert_eq!(sizes.collect::<Vec<_>>(), [0xfffc_0000, 0, 0, 0, 0xffff_f000, 0]);
        space.write(BAR0 as u64, &0xfe00_0000u32.to_le_bytes());
        assert_eq!(space.write(COMMAND as u64, &[6, 0]), Effect { reset: false, master: true });
        let control = DEVICE_CONTROL as u64;
        assert_eq!(space.write(control, &[0, 0x80]), Effect { reset: true, master: false });
        assert_eq!((word(&space, BAR0 as u64), word(&space, 4) & 0xffff), (0xfe00_0000, 0));
        assert_eq!(word(&space, control) & 0x8000, 0, "reads as 0");
    }

    #[test]
    fn config_space_capabilities_are_a_list_with_msix_and_express() {
        let space = ConfigSpace::new(3, pci::SUBSYSTEM);
        assert_eq!(word(&space, 0), u32::from(pci::DEVICE) << 16 | u32::from(pci::VENDOR));
        assert_ne!(word(&space, 4) >> 16 & 1 << 4, 0);
        let (mut at, mut ids) = (word(&space, 0x34) & 0xff, vec![]);
        while at != 0 {
            let head = word(&space, at.into());
            ids.push(head & 0xff);
            at = head >> 8 & 0xff;
        }
        assert_eq!(ids, [0x11, 0x10]);
        assert_eq!(word(&space, MSIX as u64) >> 16 & 0x7ff, 2, "vectors less one");
        assert_ne!(word(&space, EXPRESS as u64 + 4) & 1 << 28, 0, "function-level reset");
    }

    #[test]
    fn config_space_what_cannot_be_written_stays_and_behind_the_end_are_ones() {
        let mut space = ConfigSpace::new(1, pci::SUBSYSTEM);
        space.write(0, &[0; 4]);
        space.write(u64::MAX, &[1, 2, 3]);
        space.write(BYTES as u64 - 1, &[1, 2]);
        assert_eq!(word(&space, 0) & 0xffff, u32::from(pci::VENDOR));
        assert_eq!(word(&space, BYTES as u64 - 2), 0xffff_0000);
        assert_eq!(word(&space, u64::MAX - 1), u32::MAX);
    }
}
