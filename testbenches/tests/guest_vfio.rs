//! The VFIO back-end in a virtual machine with an IOMMU: a stock kernel's vfio-pci, and devices behind it.

use debye::transport::CardAddress;
use debye_testbenches::command::{debye, debye_ok};
use debye_testbenches::data::root;
use debye_testbenches::guest::{Boot, Ended, Guest};
use debye_testbenches::served::Served;
use serde_json::Value;
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

/// A served card as a PCI function of the guest.
fn behind(served: &Served) -> [String; 2] {
    let CardAddress::VfioUser(socket) = served.address() else { unreachable!("it listens at a socket") };
    let socket = serde_json::json!({"type": "unix", "path": socket});
    ["-device".into(), serde_json::json!({"driver": "vfio-user-pci", "socket": socket}).to_string()]
}

/// Boots with a served card; the guest runs those commands with it, then integrates the frames. What the guest told, and
/// `result_crc32` of the CPU here.
fn card_in_guest(test: &str, arguments: &[&str], before: &str, frames: &str, side: &str) -> Option<(Ended, Value)> {
    let (guest, program) = (Guest::find(test)?, built(test, "debye")?);
    let body = built(test, "examples/card-guest")?;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).into_os_string().into_string().unwrap();
    let (input, poni, shape) = (path("run.h5"), path("run.poni"), format!("{side},{side}"));
    let detector = ["--detector", "Detector", "--shape", &shape, "--pixel-size", "1000"];
    debye_ok(["simulate-frames", &input, "--frames", frames, "--seed", "5"].iter().chain(&detector));
    let here = debye(["integrate", &input, "--poni", &poni, "--bins", "40", "--engine", "cpu", "--json"]);
    let served = Served::start(arguments);
    let identity = [debye_spec::pci::VENDOR, debye_spec::pci::DEVICE].map(|id| format!("{id:#06x}"));
    let script = bind(&identity[0], &identity[1])
        + before
        + "
for file in /run*; do ln -s $file; done
/debye integrate run.h5 --poni run.poni --bins 40 --engine card --card vfio:$function --json || exit 22
";
    let inputs: Vec<std::path::PathBuf> =
        std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
    let names: Vec<&str> = inputs.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    let mut files = vec![("debye", program.as_path()), ("card-guest", body.as_path())];
    let scripts = root().join("scripts/bind-vfio");
    files.push(("bind-vfio", &scripts));
    files.extend(names.iter().copied().zip(inputs.iter().map(|path| path.as_path())));
    let devices = behind(&served);
    let boot = Boot { files: &files, script: &script, devices: &devices };
    let ended = guest.boot(&boot, Duration::from_secs(300)).unwrap();
    println!("{} {:?}", ended.console, ended.time);
    Some((ended, serde_json::from_slice(&here.stdout).unwrap()))
}

/// The guest's `result_crc32` is that of the CPU here.
fn assert_same(ended: &Ended, here: &Value) {
    assert_eq!(ended.code, Some(0), "{}", ended.console);
    let expected = format!("\"result_crc32\":{}", here["result_crc32"]);
    let flat: String = ended.console.chars().filter(|c| !c.is_whitespace()).collect();
    assert!(here["result_crc32"].is_u64() && flat.contains(&expected), "{expected}: {}", ended.console);
}

#[test]
fn guest_functional_card_behind_an_iommu_gives_the_same_bits() {
    let test = "guest_functional_card_behind_an_iommu_gives_the_same_bits";
    let before = "/debye card list && /debye selftest --card vfio:$function || exit 21
/card-guest vfio:$function || exit 23";
    let arguments = ["--lanes", "4", "--queues", "2"];
    let Some((ended, here)) = card_in_guest(test, &arguments, before, "40", "64") else { return };
    assert_same(&ended, &here);
    assert!(ended.console.contains(": conformance: "), "{}", ended.console);
}

#[test]
fn guest_gateware_card_behind_an_iommu_gives_the_same_bits() {
    let test = "guest_gateware_card_behind_an_iommu_gives_the_same_bits";
    if let Err(error) = debye_sim::verilator::find() {
        eprintln!("skipped: {test}: {error}");
        return;
    }
    // One frame: that the rest of the gateware does what the definition does is tried where it takes less time.
    let arguments = ["--model", "verilator", "--lanes", "1"];
    let Some((ended, here)) = card_in_guest(test, &arguments, "/debye card info vfio:$function || exit 21", "1", "64")
    else {
        return;
    };
    assert_same(&ended, &here);
}

/// Shell: the first PCI function of that vendor and device, bound to vfio-pci, is `$function`.
fn bind(vendor: &str, device: &str) -> String {
    format!(
        "for f in /sys/bus/pci/devices/*; do
    [ $(cat $f/vendor) = {vendor} ] && [ $(cat $f/device) = {device} ] && function=${{f##*/}}
done
bash /bind-vfio $function || exit 20
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
