//! What the system says of PCI functions and limits, without touching a card.

use super::PciIdentity;
use super::iova::MSI_WINDOW;
use debye_spec::pci;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

const DEVICES: &str = "/sys/bus/pci/devices";

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

/// All Debye cards in this machine.
pub fn scan() -> Vec<Found> {
    let Ok(entries) = fs::read_dir(DEVICES) else { return Vec::new() };
    let functions = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut found: Vec<Found> = functions.filter_map(|function| look(&function)).filter(is_ours).collect();
    found.sort_by(|a, b| a.function.cmp(&b.function));
    found
}

/// Whether it is a card.
pub(super) fn is_ours(found: &Found) -> bool {
    (found.identity.vendor, found.identity.device) == (pci::VENDOR, pci::DEVICE)
}

/// A function; `None` if there is none of that name.
pub(super) fn look(function: &str) -> Option<Found> {
    let path = folder(function);
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

/// The function's folder.
pub(super) fn folder(function: &str) -> PathBuf {
    Path::new(DEVICES).join(function)
}

/// Addresses that an IOMMU group cannot use.
pub(super) fn reserved(group: &str) -> Vec<RangeInclusive<u64>> {
    let path = Path::new("/sys/kernel/iommu_groups").join(group).join("reserved_regions");
    parse_reserved(&fs::read_to_string(path).unwrap_or_default())
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

/// Bytes that this process may lock; `None`: as many as there are.
pub fn memory_lock_limit() -> Option<u64> {
    const CAP_IPC_LOCK: u32 = 14;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let capabilities = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let capabilities = capabilities.and_then(|text| u64::from_str_radix(text.trim(), 16).ok()).unwrap_or(0);
    if capabilities >> CAP_IPC_LOCK & 1 != 0 {
        return None;
    }
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: writes the structure that is given.
    let status = unsafe { libc::getrlimit(libc::RLIMIT_MEMLOCK, &mut limit) };
    (status == 0 && limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_regions_as_the_kernel_writes_them_are_read() {
        let text = "0x00000000fee00000 0x00000000feefffff msi\n0x000000fd00000000 0x000000ffffffffff reserved\nodd\n";
        assert_eq!(parse_reserved(text), [MSI_WINDOW, 0xfd_0000_0000..=0xff_ffff_ffff, MSI_WINDOW]);
    }

    #[test]
    fn look_at_a_function_that_is_none_gives_none() {
        assert_eq!(look("ffff:ff:1f.7"), None);
    }
}
