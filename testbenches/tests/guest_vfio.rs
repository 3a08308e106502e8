//! The VFIO back-end in a virtual machine with an IOMMU: a stock kernel's vfio-pci, and devices behind it.

use debye::transport::CardAddress;
use debye_testbenches::command::{debye, debye_ok};
use debye_testbenches::data::root;
use debye_testbenches::guest::{Boot, Ended, Guest};
use debye_testbenches::served::Served;
use serde_json::Value;
use std::time::Duration;

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
    let script = find(debye_spec::pci::VENDOR, debye_spec::pci::DEVICE)
        + BIND
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
    let boot = Boot { files: &files, script: &script, devices: &devices, ..Boot::default() };
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

/// Shell: the last PCI function of that vendor and device is `$function`.
fn find(vendor: u16, device: u16) -> String {
    format!(
        "for f in /sys/bus/pci/devices/*; do
    [ $(cat $f/vendor) = {vendor:#06x} ] && [ $(cat $f/device) = {device:#06x} ] && function=${{f##*/}}
done
"
    )
}

/// Shell: it is bound to vfio-pci.
const BIND: &str = "bash /bind-vfio $function || exit 20\n";

#[test]
fn guest_vfio_drives_a_device_that_is_not_ours() {
    let test = "guest_vfio_drives_a_device_that_is_not_ours";
    let (Some(guest), Some(edu)) = (Guest::find(test), built(test, "examples/edu")) else { return };
    let script = find(0x1234, 0x11e8) + BIND + "/edu $function";
    let files = [("edu", edu.as_path()), ("bind-vfio", &root().join("scripts/bind-vfio"))];
    let devices = ["-device".into(), "edu".into()];
    let boot = Boot { files: &files, script: &script, devices: &devices, ..Boot::default() };
    let ended = guest.boot(&boot, Duration::from_secs(120)).unwrap();
    println!("{} {:?}", ended.console, ended.time);
    assert_eq!(ended.code, Some(0), "{}", ended.console);
    assert_eq!(ended.console.matches("ok: ").count(), 8, "{}", ended.console);
}

/// What a guest with a served card told behind each line `STEP name` of a script.
fn steps(test: &str, script: &str, without_iommu: bool) -> Option<impl Fn(&str) -> String> {
    let (guest, program) = (Guest::find(test)?, built(test, "debye")?);
    let served = Served::start(&["--queues", "2"]);
    let script = find(debye_spec::pci::VENDOR, debye_spec::pci::DEVICE) + "card=vfio:$function\n" + script;
    let files = [("debye", program.as_path()), ("bind-vfio", &root().join("scripts/bind-vfio"))];
    let boot = Boot { files: &files, script: &script, devices: &behind(&served), without_iommu };
    let ended = guest.boot(&boot, Duration::from_secs(120)).unwrap();
    println!("{} {:?}", ended.console, ended.time);
    assert_eq!(ended.code, Some(0), "{}", ended.console);
    Some(move |name: &str| {
        let told = ended.console.split("STEP ").find(|part| part.trim_start().starts_with(name));
        // Lines are broken where the screen ends.
        told.unwrap_or_else(|| panic!("{name}: {}", ended.console)).split_whitespace().collect::<Vec<_>>().join(" ")
    })
}

#[test]
fn guest_without_iommu_says_how_to_switch_it_on() {
    let script = "ls /sys/kernel/iommu_groups | wc -l
echo STEP info; /debye card info $card
echo STEP list; /debye card list
echo STEP bind; bash /bind-vfio $function
echo STEP end
";
    let Some(told) = steps("guest_without_iommu_says_how_to_switch_it_on", script, true) else { return };
    for step in ["info", "list", "bind"] {
        let told = told(step);
        assert!(told.contains("is in no IOMMU group: switch the IOMMU on in the firmware"), "{told}");
        assert!(told.contains("intel_iommu=on"), "{told}");
    }
}

#[test]
fn guest_says_what_keeps_a_user_from_a_card_and_drives_it_once_that_is_mended() {
    let script = "mkdir -p /etc; echo 'daq:x:1000:1000::/:/bin/sh' > /etc/passwd
daq() { su daq -s /bin/sh -c \"$1\"; }
echo STEP unbound; /debye card info $card
echo STEP bind; bash /bind-vfio $function || exit 20
echo STEP permission; daq \"/debye card info $card\"
echo STEP list; daq '/debye card list'
echo STEP owner; bash /bind-vfio --owner daq $function || exit 21
group=$(basename $(readlink /sys/bus/pci/devices/$function/iommu_group))
echo STEP busy; (exec 3<>/dev/vfio/$group; /debye card info $card)
echo STEP memory; daq \"ulimit -l 64; /debye selftest --card $card\"
echo STEP plain; daq \"/debye selftest --card $card\" || exit 22
echo 200 > /proc/sys/vm/nr_hugepages
echo STEP huge; daq \"/debye selftest --card $card\" || exit 23
echo STEP given-back; bash /bind-vfio --unbind $function || exit 24; /debye card info $card
echo STEP end
";
    let test = "guest_says_what_keeps_a_user_from_a_card_and_drives_it_once_that_is_mended";
    let Some(told) = steps(test, script, false) else { return };
    for (step, sentence) in [
        ("unbound", "is not bound to vfio-pci: bind it with `scripts/bind-vfio 0000:"),
        ("permission", "may not be opened by this user: join the group that owns it, or install the udev rule"),
        ("list", "not usable: /dev/vfio/"),
        ("busy", "is in use: another process drives this card"),
        ("memory", "the limit is 65536: raise it with `ulimit -l unlimited` or LimitMEMLOCK=infinity"),
        ("plain", ": passed"),
        ("plain", "plain pages"),
        ("huge", "huge pages,"),
        ("given-back", "is not bound to vfio-pci"),
    ] {
        let told = told(step);
        assert!(told.contains(sentence), "{step}: {told}");
    }
}
