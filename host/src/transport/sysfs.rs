//! What the system says of PCI functions, without touching a card.

use super::iova::MSI_WINDOW;
use super::{PciIdentity, TransportError};
use debye_spec::pci;
use std::fs;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A card that the system knows of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// `0000:65:00.0`.
    pub function: String,
    /// What it is.
    pub identity: PciIdentity,
    /// Driver that has it.
    pub driver: Option<String>,
    /// IOMMU group.
    pub group: Option<String>,
    /// NUMA node.
    pub node: Option<u32>,
}

impl Found {
    /// Whether it is a card of ours.
    pub(super) fn is_card(&self) -> bool {
        (self.identity.vendor, self.identity.device) == (pci::VENDOR, pci::DEVICE)
    }
}

/// Where the kernel tells of devices: under `/`, or under a folder that stands for it.
#[derive(Clone, Debug)]
pub struct System {
    root: PathBuf,
}

impl Default for System {
    fn default() -> System {
        System::at("/")
    }
}

impl System {
    /// The system whose `sys` and `dev` stand in a folder.
    pub fn at(root: impl Into<PathBuf>) -> System {
        System { root: root.into() }
    }

    /// All Debye cards in this machine.
    pub fn scan(&self) -> Vec<Found> {
        let Ok(entries) = fs::read_dir(self.devices()) else { return Vec::new() };
        let functions = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut found: Vec<Found> =
            functions.filter_map(|function| self.look(&function)).filter(Found::is_card).collect();
        found.sort_by(|a, b| a.function.cmp(&b.function));
        found
    }

    /// A function; `None` if there is none of that name.
    pub(super) fn look(&self, function: &str) -> Option<Found> {
        let path = self.folder(function);
        let hex = |file: &str| {
            let text = fs::read_to_string(path.join(file)).ok()?;
            u16::from_str_radix(text.trim().trim_start_matches("0x"), 16).ok()
        };
        let link = |name: &str| Some(fs::read_link(path.join(name)).ok()?.file_name()?.to_str()?.to_owned());
        Some(Found {
            function: function.into(),
            identity: PciIdentity {
                vendor: hex("vendor")?,
                device: hex("device")?,
                subsystem_vendor: hex("subsystem_vendor").unwrap_or_default(),
                subsystem: hex("subsystem_device").unwrap_or_default(),
            },
            driver: link("driver"),
            group: link("iommu_group"),
            // -1 where there is one node only.
            node: fs::read_to_string(path.join("numa_node")).ok().and_then(|text| text.trim().parse().ok()),
        })
    }

    /// Takes all functions of a card out of the kernel's list, has it look for devices anew, and waits until the function
    /// is there again: after the card's FPGA was configured anew. Nobody may hold a function of it.
    ///
    /// # Errors
    /// The kernel refuses, or the function does not come back in time.
    pub fn find_again(&self, function: &str, patience: Duration) -> Result<Found, TransportError> {
        let refused = |error| TransportError::System { address: function.into(), what: "finding it again", error };
        // `0000:65:00.0`: what stands before the dot is the device, with all its functions.
        let device = function.rsplit_once('.').map_or(function, |(device, _)| device);
        let mut functions: Vec<String> = fs::read_dir(self.devices())
            .map_err(refused)?
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.rsplit_once('.').is_some_and(|(of, _)| of == device))
            .collect();
        // The first function last: the others hang on it.
        functions.sort_by(|a, b| b.cmp(a));
        for name in &functions {
            fs::write(self.folder(name).join("remove"), "1").map_err(refused)?;
        }
        let started = Instant::now();
        loop {
            std::thread::sleep(Duration::from_millis(100).min(patience));
            fs::write(self.root.join("sys/bus/pci/rescan"), "1").map_err(refused)?;
            if let Some(found) = self.look(function) {
                return Ok(found);
            }
            if started.elapsed() >= patience {
                let problem = "it is not on the bus: a cold reboot is needed";
                return Err(refused(std::io::Error::new(std::io::ErrorKind::TimedOut, problem)));
            }
        }
    }

    fn devices(&self) -> PathBuf {
        self.root.join("sys/bus/pci/devices")
    }

    /// The function's folder.
    pub(super) fn folder(&self, function: &str) -> PathBuf {
        self.devices().join(function)
    }

    /// A device file of VFIO: `vfio`, or a group's.
    pub(super) fn vfio(&self, name: &str) -> PathBuf {
        self.root.join("dev/vfio").join(name)
    }

    /// Addresses that an IOMMU group cannot use.
    pub(super) fn reserved(&self, group: &str) -> Vec<RangeInclusive<u64>> {
        let path = self.root.join("sys/kernel/iommu_groups").join(group).join("reserved_regions");
        parse_reserved(&fs::read_to_string(path).unwrap_or_default())
    }
}

/// Lines of `0xSTART 0xEND TYPE`.
fn parse_reserved(text: &str) -> Vec<RangeInclusive<u64>> {
    let number = |text: &str| u64::from_str_radix(text.trim_start_matches("0x"), 16).ok();
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        Some(number(words.next()?)?..=number(words.next()?)?)
    };
    text.lines().filter_map(line).chain([MSI_WINDOW]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::machine::Machine;
    use super::*;

    #[test]
    fn reserved_regions_as_the_kernel_writes_them_are_read() {
        let text = "0x00000000fee00000 0x00000000feefffff msi\n0x000000fd00000000 0x000000ffffffffff reserved\nodd\n";
        let wanted = [MSI_WINDOW, 0xfd_0000_0000..=0xff_ffff_ffff, MSI_WINDOW];
        assert_eq!(parse_reserved(text), wanted);
        let machine = Machine::new();
        machine.write("sys/kernel/iommu_groups/7/reserved_regions", text);
        assert_eq!(machine.system().reserved("7"), wanted);
        assert_eq!(machine.system().reserved("8"), [MSI_WINDOW]);
    }

    #[test]
    fn look_tells_of_a_function_what_the_kernel_tells() {
        let machine = Machine::new();
        assert_eq!((machine.system().look("ffff:ff:1f.7"), machine.system().scan()), (None, Vec::new()));
        let card = machine.card("0000:b3:00.0", Some("vfio-pci"), Some("21"));
        assert_eq!((card.driver.as_deref(), card.group.as_deref()), (Some("vfio-pci"), Some("21")));
        assert_eq!((card.node, card.identity.subsystem_vendor), (None, 0));
        // A machine of one node says -1; of several, each card's own is taken.
        for (text, node) in [("-1\n", None), ("0\n", Some(0)), ("3\n", Some(3))] {
            machine.write("sys/bus/pci/devices/0000:b3:00.0/numa_node", text);
            assert_eq!(machine.system().look("0000:b3:00.0").unwrap().node, node, "{text}");
        }
    }

    #[test]
    fn find_again_removes_all_functions_of_the_card_and_looks_anew() {
        let machine = Machine::new();
        machine.card("0000:b3:00.0", None, None);
        machine.function("0000:b3:00.1", 0x1af4, 0x10f0, None, None);
        machine.card("0000:b4:00.0", None, None);
        let asked = |file: &str| fs::read_to_string(machine.system().root.join("sys/bus/pci").join(file)).ok();
        let found = machine.system().find_again("0000:b3:00.0", Duration::from_millis(10)).unwrap();
        assert_eq!(found.function, "0000:b3:00.0");
        for file in ["devices/0000:b3:00.0/remove", "devices/0000:b3:00.1/remove", "rescan"] {
            assert_eq!(asked(file).as_deref(), Some("1"), "{file}");
        }
        assert_eq!(asked("devices/0000:b4:00.0/remove"), None);
        let gone = machine.system().find_again("0000:b9:00.0", Duration::ZERO).unwrap_err();
        assert!(gone.to_string().contains("0000:b9:00.0"), "{gone}");
    }

    #[test]
    fn scan_finds_the_cards_among_other_functions_in_order() {
        let machine = Machine::new();
        machine.card("0000:b3:00.0", None, None);
        machine.card("0000:65:00.0", Some("xdma"), Some("7"));
        machine.function("0000:00:1f.2", 0x8086, 0x2922, Some("ahci"), None);
        let found = machine.system().scan();
        let names: Vec<_> = found.iter().map(|found| found.function.as_str()).collect();
        assert_eq!(names, ["0000:65:00.0", "0000:b3:00.0"]);
    }
}
