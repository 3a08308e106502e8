//! The VFIO back-end in a virtual machine with an IOMMU: a stock kernel's vfio-pci, and devices behind it.

use debye_testbenches::guest::{Boot, Guest};
use std::time::Duration;

#[test]
fn guest_boots_with_an_iommu_and_its_vfio_modules() {
    let Some(guest) = Guest::find("guest_boots_with_an_iommu_and_its_vfio_modules") else { return };
    let script = "ls /sys/kernel/iommu_groups | wc -l; ls -d /sys/bus/pci/drivers/vfio-pci && ls /dev/vfio/vfio";
    let devices = ["-device".into(), "edu".into()];
    let ended = guest.boot(&Boot { script, devices: &devices, ..Boot::default() }, Duration::from_secs(60)).unwrap();
    println!("{}", ended.console);
    println!("{:?}", ended.time);
    assert_eq!(ended.code, Some(0), "{}", ended.console);
}
