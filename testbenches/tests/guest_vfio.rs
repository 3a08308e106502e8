//! The VFIO back-end in a virtual machine with an IOMMU: a stock kernel's vfio-pci, and devices behind it.

use debye_testbenches::data::root;
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

/// The static build of `scripts/guest-build`: the command, without simulation, and the example that drives `edu`.
fn built(test: &str, name: &str) -> Option<std::path::PathBuf> {
    let path = root().join("target/guest-build/x86_64-unknown-linux-gnu/release").join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: {test}: {name} is not built for the guest (run scripts/guest-build)");
    None
}

/// Shell: the first PCI function of that vendor and device, bound to vfio-pci, is `$function`.
fn bind(vendor: &str, device: &str) -> String {
    format!(
        "for f in /sys/bus/pci/devices/*; do
    [ $(cat $f/vendor) = {vendor} ] && [ $(cat $f/device) = {device} ] && function=${{f##*/}}
done
sh /bind-vfio $function || exit 20
"
    )
}

#[test]
fn guest_vfio_drives_a_device_that_is_not_ours() {
    let test = "guest_vfio_drives_a_device_that_is_not_ours";
    let (Some(guest), Some(edu)) = (Guest::find(test), built(test, "examples/edu")) else { return };
    let script = bind("0x1234", "0x11e8") + "/edu $function";
    let files = [("edu", edu.as_path()), ("bind-vfio", &root().join("scripts/bind-vfio"))];
    let devices = ["-device".into(), "edu".into()];
    let boot = Boot { files: &files, script: &script, devices: &devices };
    let ended = guest.boot(&boot, Duration::from_secs(120)).unwrap();
    println!("{} {:?}", ended.console, ended.time);
    assert_eq!(ended.code, Some(0), "{}", ended.console);
    assert_eq!(ended.console.matches("ok: ").count(), 8, "{}", ended.console);
}
