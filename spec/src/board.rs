//! The boards that images are made for: one table, for the manifest, for what reads bitstreams, for what flashes them and
//! for the scripts that build them.
//!
//! Parts and pins: the vendor's constraint files of each card. IDCODEs: openFPGALoader's `part.hpp` (ECP5) and Corundum's
//! `lib/mqnic/fpga_id.h` (Alveo). Two parts may share one (XCU50 and XCU55N, XCU55C and XCU280 do): an image that has
//! the right IDCODE is not yet one for the board, so its part is compared too. Flash: UG1289 (U200 and U250: 1 Gb, four
//! bits wide; bytes 0 to 0x01001FFF are write-protected, a user's image begins at 0x01002000). For U50 and U55C, UG1371 and
//! UG1469 were not at hand; Corundum's tops (`fpga_au50.v`, `fpga_au55.v`: segment 0 of 0x01002000 bytes) and the
//! vendor's own tool (XRT's `xspi.cpp`: guard at 0x01002000 "for all platforms") have the same border there.
//!
//! **No line of this table was confirmed on a card by us.** What it says of a card's flash is compared with the card (JEDEC
//! id) before anything is erased.
//!
//! The border of the slots is a multiple of 4 KiB, not of 64 KiB: a sector erase at 0x01000000 would take 8 KiB of the
//! protected image with it, so the slot's first 56 KiB are erased by [`Flash::subsector`], as Corundum's and the vendor's
//! tools do.

use crate::pci;

/// A range of a flash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// First byte.
    pub start: u32,
    /// Bytes.
    pub bytes: u32,
}

impl Slot {
    /// Byte behind the last.
    pub const fn end(&self) -> u32 {
        self.start + self.bytes
    }

    /// Whether the range from `start` of `bytes` bytes lies in it, whole.
    pub const fn holds(&self, start: u32, bytes: u32) -> bool {
        start >= self.start && bytes <= self.bytes && start - self.start <= self.bytes - bytes
    }
}

/// A flash part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flash {
    /// Part.
    pub name: &'static str,
    /// Answer to READ ID (0x9F): manufacturer, type, capacity.
    pub jedec: [u8; 3],
    /// Capacity.
    pub bytes: u32,
    /// Bytes of a sector, the unit of erasing.
    pub sector: u32,
    /// Bytes of a subsector, the smallest unit of erasing.
    pub subsector: u32,
    /// Bytes of a page, the most that one command programs.
    pub page: u32,
}

/// Micron's flash of Alveo cards: 1 Gb, 1.8 V, two dies of 512 Mb behind one select.
pub const MT25QU01G: Flash = Flash {
    name: "MT25QU01G",
    jedec: [0x20, 0xbb, 0x21],
    bytes: 1 << 27,
    sector: 1 << 16,
    subsector: 1 << 12,
    page: 256,
};

/// ISSI's flash of the ULX3S from version 3 on.
pub const IS25LP128: Flash = Flash {
    name: "IS25LP128F",
    jedec: [0x9d, 0x60, 0x18],
    bytes: 1 << 24,
    sector: 1 << 16,
    subsector: 1 << 12,
    page: 256,
};

/// Who a card says that it is in its PCI configuration space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PciIds {
    /// Vendor.
    pub vendor: u16,
    /// Device.
    pub device: u16,
    /// Subsystem's vendor.
    pub subsystem_vendor: u16,
    /// Subsystem.
    pub subsystem: u16,
}

/// How a card's flash is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The factory's image: never erased, never written.
    pub golden: Slot,
    /// What is flashed.
    pub update: Slot,
    /// Vendor and device under which the factory's image shows itself; XRT's table of cards (`xocl/devices.h`). `None`:
    /// not known.
    pub golden_pci: Option<(u16, u16)>,
}

/// Families of FPGAs, whose bitstreams differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// AMD UltraScale+ (UG570).
    UltraScalePlus,
    /// Lattice ECP5 (FPGA-TN-02039).
    Ecp5,
}

/// A board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Board {
    /// Name in manifests and commands.
    pub name: &'static str,
    /// Name on the box.
    pub title: &'static str,
    /// Part, as the tools that build for it take it.
    pub part: &'static str,
    /// Device and package: what a bitstream's header must begin with. A speed grade may follow.
    pub device: &'static str,
    /// Its family.
    pub family: Family,
    /// IDCODE of the FPGA.
    pub idcode: u32,
    /// Bits of the IDCODE that count. AMD's highest four are the revision of the silicon, which is not compared (UG570);
    /// Lattice's tell LFE5U, LFE5UM and LFE5UM5G apart.
    pub idcode_mask: u32,
    /// What our image on it says on PCIe; `None`: it has none.
    pub pci: Option<PciIds>,
    /// Flash parts it comes with.
    pub flashes: &'static [Flash],
    /// How its flash is divided; `None`: Debye does not flash it.
    pub layout: Option<Layout>,
}

const AMD_MASK: u32 = 0x0fff_ffff;
const ALVEO_FLASHES: &[Flash] = &[MT25QU01G];
const ALVEO_BORDER: u32 = 0x0100_2000;

/// The subsystem tells the boards apart: 0x10f1 is a card without a board (a simulated one).
const fn ids(subsystem: u16) -> Option<PciIds> {
    Some(PciIds { vendor: pci::VENDOR, device: pci::DEVICE, subsystem_vendor: pci::SUBSYSTEM_VENDOR, subsystem })
}

const fn alveo(golden_pci: Option<(u16, u16)>) -> Option<Layout> {
    Some(Layout {
        golden: Slot { start: 0, bytes: ALVEO_BORDER },
        update: Slot { start: ALVEO_BORDER, bytes: MT25QU01G.bytes - ALVEO_BORDER },
        golden_pci,
    })
}

/// All boards.
pub const BOARDS: [Board; 4] = [
    Board {
        name: "u50",
        title: "AMD Alveo U50",
        part: "xcu50-fsvh2104-2-e",
        device: "xcu50-fsvh2104",
        family: Family::UltraScalePlus,
        idcode: 0x04b7_7093,
        idcode_mask: AMD_MASK,
        pci: ids(0x10f2),
        flashes: ALVEO_FLASHES,
        layout: alveo(Some((0x10ee, 0xd020))),
    },
    Board {
        name: "u55c",
        title: "AMD Alveo U55C",
        part: "xcu55c-fsvh2892-2L-e",
        device: "xcu55c-fsvh2892",
        family: Family::UltraScalePlus,
        idcode: 0x04b7_d093,
        idcode_mask: AMD_MASK,
        pci: ids(0x10f3),
        flashes: ALVEO_FLASHES,
        layout: alveo(None),
    },
    Board {
        name: "u250",
        title: "AMD Alveo U250",
        part: "xcu250-figd2104-2L-e",
        device: "xcu250-figd2104",
        family: Family::UltraScalePlus,
        idcode: 0x04b5_7093,
        idcode_mask: AMD_MASK,
        pci: ids(0x10f4),
        flashes: ALVEO_FLASHES,
        layout: alveo(Some((0x10ee, 0xd004))),
    },
    Board {
        name: "ulx3s-85f",
        title: "Radiona ULX3S with an 85F",
        part: "LFE5U-85F-6BG381C",
        device: "LFE5U-85F",
        family: Family::Ecp5,
        idcode: 0x4111_3043,
        idcode_mask: u32::MAX,
        pci: None,
        flashes: &[IS25LP128],
        layout: None,
    },
];

/// The board of that name.
pub fn board(name: &str) -> Option<&'static Board> {
    BOARDS.iter().find(|board| board.name == name)
}

impl Board {
    /// The board whose image says that on PCIe.
    pub fn of_pci(ids: PciIds) -> Option<&'static Board> {
        BOARDS.iter().find(|board| board.pci == Some(ids))
    }

    /// Whether an IDCODE is this board's.
    pub const fn has_idcode(&self, idcode: u32) -> bool {
        idcode & self.idcode_mask == self.idcode & self.idcode_mask
    }

    /// Whether a part, as a tool writes it into a bitstream, is this board's: device and package, without regard to case,
    /// to dashes, and to the `xc` that some tools leave out.
    pub fn has_part(&self, part: &str) -> bool {
        let mut found = letters(part);
        letters(self.device).all(|letter| found.next() == Some(letter))
            && (!matches!(self.family, Family::Ecp5) || found.next().is_none_or(|next| !next.is_ascii_alphabetic()))
    }

    /// The flash part with that JEDEC id, if the board may have it.
    pub fn flash(&self, jedec: [u8; 3]) -> Option<&'static Flash> {
        self.flashes.iter().find(|flash| flash.jedec == jedec)
    }
}

fn letters(part: &str) -> impl Iterator<Item = u8> {
    let bytes = part.as_bytes();
    let rest = if bytes.len() >= 2 && bytes[..2].eq_ignore_ascii_case(b"xc") { &bytes[2..] } else { bytes };
    rest.iter().filter(|&&byte| byte != b'-').map(u8::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boards_have_their_own_names_and_ids() {
        for (i, one) in BOARDS.iter().enumerate() {
            assert_eq!(board(one.name), Some(one));
            assert!(one.has_part(one.part) && one.has_idcode(one.idcode), "{}", one.name);
            for other in &BOARDS[..i] {
                assert!(!other.has_part(one.part) && !one.has_part(other.part), "{} {}", one.name, other.name);
                assert!(!other.has_idcode(one.idcode), "{} {}", one.name, other.name);
                assert!(one.pci.is_none() || one.pci != other.pci, "{} {}", one.name, other.name);
            }
            if let Some(ids) = one.pci {
                assert_eq!(Board::of_pci(ids), Some(one));
                assert_ne!(ids.subsystem, pci::SUBSYSTEM, "that of a card without a board");
            }
        }
        assert_eq!(board("u280"), None);
    }

    #[test]
    fn board_slots_lie_side_by_side_and_end_with_the_flash() {
        for one in &BOARDS {
            for flash in one.flashes {
                assert_eq!(one.flash(flash.jedec), Some(flash));
                assert!(flash.bytes.is_power_of_two() && flash.sector % flash.subsector == 0);
                let Some(Layout { golden, update, .. }) = one.layout else { continue };
                assert_eq!((golden.start, golden.end(), update.end()), (0, update.start, flash.bytes), "{}", one.name);
                assert_eq!((update.start % flash.subsector, update.bytes % flash.subsector), (0, 0), "{}", one.name);
                // No sector may be erased that the protected image stands in.
                assert_ne!(update.start % flash.sector, 0, "{}: the module's text says otherwise", one.name);
            }
            assert_eq!(one.flash([0xff; 3]), None);
            assert_eq!(one.flash([0; 3]), None);
        }
    }

    #[test]
    fn slot_holds_what_lies_in_it_whole() {
        let slot = Slot { start: 0x1000, bytes: 0x1000 };
        assert!(slot.holds(0x1000, 0x1000) && slot.holds(0x1fff, 1) && slot.holds(0x2000, 0));
        assert!(!slot.holds(0xfff, 1) && !slot.holds(0x1001, 0x1000) && !slot.holds(0x2000, 1));
        assert!(!slot.holds(u32::MAX, u32::MAX) && !slot.holds(0x1000, u32::MAX));
    }

    #[test]
    fn board_part_of_another_package_or_device_is_refused() {
        let [u50, u55c, _, ulx3s] = &BOARDS;
        assert!(u50.has_part("XCU50-FSVH2104-2L-E") && u50.has_part("u50fsvh2104"));
        assert!(
            !u50.has_part("xcu50-fsvh2892-2-e") && !u50.has_part("xcu5") && !u50.has_part("") && !u50.has_part("x")
        );
        assert!(!u55c.has_part("xcu55n-fsvh2892-2L-e") && !u55c.has_part("xcu280-fsvh2892-2L-e"));
        assert!(ulx3s.has_part("LFE5U-85F-6CABGA381") && ulx3s.has_part("LFE5U-85F"));
        assert!(!ulx3s.has_part("LFE5UM5G-85F-8BG381") && !ulx3s.has_part("LFE5U-45F-6BG381C"));
    }

    #[test]
    fn board_idcode_of_another_revision_counts_where_the_maker_says_so() {
        let [u50, .., ulx3s] = &BOARDS;
        assert!(u50.has_idcode(0x14b7_7093) && !u50.has_idcode(0x04b7_9093));
        assert!(!ulx3s.has_idcode(0x0111_3043) && !ulx3s.has_idcode(0x8111_3043));
    }
}
