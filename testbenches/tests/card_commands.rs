//! Commands that take a card, as a person or a script calls them.

use debye::card::ask;
use debye_testbenches::command::{binary, debye, debye_ok};
use debye_testbenches::served::Served;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

/// A folder with `run.h5` and `run.poni`.
struct Scan(tempfile::TempDir);

impl Scan {
    fn new(frames: u32) -> Scan {
        let scan = Scan(tempfile::tempdir().unwrap());
        let frames = frames.to_string();
        debye_ok([
            "simulate-frames",
            scan.path("run.h5").to_str().unwrap(),
            "--detector",
            "Detector",
            "--shape",
            "64,64",
            "--pixel-size",
            "1000",
            "--frames",
            &frames,
            "--seed",
            "3",
        ]);
        scan
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A command on the scan.
    fn run(&self, command: &str, more: &[&str]) -> Output {
        let (input, poni) = (self.path("run.h5"), self.path("run.poni"));
        let first = [command, input.to_str().unwrap(), "--poni", poni.to_str().unwrap(), "--bins", "40", "--json"];
        debye(first.iter().chain(more))
    }

    fn json(&self, command: &str, more: &[&str]) -> Value {
        parse(self.run(command, more))
    }
}

fn parse(output: Output) -> Value {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{error}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|fault| panic!("{fault}: {error}"))
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn card_commands_tell_what_a_card_is_and_what_it_does() {
    let served = Served::start(&["--queues", "2", "--lanes", "4"]);
    let card = served.address().to_string();
    let info = parse(debye(["card", "info", &card, "--json"]));
    assert_eq!((&info["lanes"], &info["queues"], &info["flights"]), (&4.into(), &2.into(), &64.into()));
    assert_eq!(parse(debye(["card", "reset", &card, "--json"]))["reset"], true);
    let test = parse(debye(["selftest", "--card", &card, "--json"]));
    let steps = test["cards"][0]["steps"].as_array().map(Vec::len);
    assert_eq!((&test["passed"], steps), (&true.into(), Some(5)), "four, and one for the card's encoder");
    let watched = debye(["card", "monitor", &card, "--interval", "0.01", "--count", "2", "--json"]);
    let lines = String::from_utf8(watched.stdout).unwrap();
    assert_eq!(lines.lines().count(), 2);
    for line in lines.lines() {
        let told: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&told["in_flight"], &told["queued"]), (&0.into(), &serde_json::json!([0, 0])));
        assert_eq!(told["stall_shares"].as_object().map(|stalls| stalls.len()), Some(7));
    }
    assert!(parse(debye(["card", "list", "--json"]))["cards"].is_array());
}

#[test]
fn integrate_bench_and_compare_take_cards() {
    let (scan, served) = (Scan::new(30), Served::start(&[]));
    let address = served.address().to_string();
    let cpu = scan.json("integrate", &["--engine", "cpu"]);
    for (cards, engine) in [(address.as_str(), "auto"), ("sim:spec", "card"), (&format!("sim:spec,{address}"), "card")]
    {
        let told = scan.json("integrate", &["--engine", engine, "--card", cards]);
        assert_eq!((&told["engine"], &told["result_crc32"]), (&"card".into(), &cpu["result_crc32"]), "{cards}");
        assert_eq!(told["engine_reason"].is_string(), engine == "auto");
        assert_eq!(told["engine_notes"], serde_json::json!([]));
    }
    let told = scan.json("bench", &["--engine", "card", "--card", &address, "--seconds", "0.1"]);
    let measured = &told["measured"][0];
    assert!(measured["frames"].as_u64() >= Some(30) && measured["failed"] == 0);
    let latency = |name: &str| measured["latency_us"][name].as_f64().unwrap();
    assert!(
        latency("least") <= latency("p50") && latency("p50") <= latency("p99") && latency("p99") <= latency("most")
    );
    let alone = scan.json("bench", &["--engine", "card", "--card", &address, "--seconds", "0.1", "--in-flight", "1"]);
    let alone = &alone["measured"][0];
    assert!(alone["latency_us"]["p50"].as_f64() < Some(latency("p50")), "a frame alone waits for none: {alone}");
    assert!(alone["host_us_per_frame"].as_f64() > Some(0.0));
    let told = scan.json("compare", &["--a", "spec", "--b", "card", "--card", &address]);
    assert_eq!((&told["equal"], &told["compared"]["frames"]), (&true.into(), &30.into()));
}

#[test]
fn integrate_card_that_dies_leaves_nothing_or_is_replaced() {
    let scan = Scan::new(200);
    let expected = scan.json("integrate", &["--engine", "cpu"])["result_crc32"].clone();
    let dying = || Served::start(&["--fault", "die,after=70"]);
    std::fs::create_dir(scan.path("out")).unwrap();
    let out = scan.path("out/out.h5");
    let run = |engine: &str, card: &str| {
        scan.run("integrate", &["--engine", engine, "--card", card, "-o", out.to_str().unwrap()])
    };
    let served = dying();
    let failed = run("card", &served.address().to_string());
    let error = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert_eq!(failed.status.code(), Some(1));
    assert!(error.contains("is gone"), "{error}");
    assert_eq!(files(&scan.path("out")), [] as [&str; 0]);
    let served = dying();
    let told = parse(run("auto", &served.address().to_string()));
    assert_eq!((&told["result_crc32"], &told["frames"], &told["failed"]), (&expected, &200.into(), &0.into()));
    assert!(told["engine_notes"][0].as_str().unwrap().contains("it was dropped"), "{told}");
    assert_eq!(files(&scan.path("out")), ["out.h5"]);
}

#[test]
fn integrate_killed_in_the_middle_leaves_a_card_that_serves_the_next_client() {
    let (scan, mut served) = (Scan::new(40), Served::start(&["--queues", "2"]));
    let card = served.address().to_string();
    let (input, poni) = (scan.path("run.h5"), scan.path("run.poni"));
    let expected = scan.json("integrate", &["--engine", "cpu"])["result_crc32"].clone();
    for _ in 0..3 {
        // A run that lasts: it goes over the frames again and again.
        let mut run = std::process::Command::new(binary());
        run.arg("bench").arg(&input).arg("--poni").arg(&poni);
        run.args(["--engine", "card", "--card", &card, "--seconds", "60"]);
        let mut run = run.stdout(std::process::Stdio::null()).spawn().unwrap();
        // Whoever drives the card tells of it: then frames are under way.
        let deadline = Instant::now() + Duration::from_secs(30);
        while ask(&card).is_none_or(|view| view.snapshot.frames_done < 20) {
            assert!(Instant::now() < deadline && run.try_wait().unwrap().is_none(), "frames get under way");
            std::thread::sleep(Duration::from_millis(5));
        }
        run.kill().unwrap();
        run.wait().unwrap();
        assert!(served.lives(), "the card survives");
        let told = scan.json("integrate", &["--engine", "card", "--card", &card]);
        assert_eq!((&told["result_crc32"], &told["engine_notes"]), (&expected, &serde_json::json!([])));
    }
    assert_eq!(parse(debye(["selftest", "--card", &card, "--json"]))["passed"], true);
}

#[test]
fn integrate_without_the_card_that_was_asked_for_says_what_to_do() {
    let scan = Scan::new(1);
    let told = scan.json("integrate", &["--card", "vfio-user:/nowhere/card"]);
    assert_eq!(told["engine"], "cpu");
    assert!(told["engine_reason"].as_str().unwrap().contains("debye card serve"), "{told}");
    for (engine, card, sentence) in [
        ("card", "vfio-user:/nowhere/card", "debye card serve"),
        ("card", "vfio:ffff:ff:1f.7", "lspci"),
        ("cpu", "sim:spec", "leave one of them out"),
        ("card", "pcie0", "names no card"),
    ] {
        let told = scan.run("integrate", &["--engine", engine, "--card", card]);
        let error = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(matches!(told.status.code(), Some(1 | 2)) && error.contains(sentence), "{card}: {error}");
    }
}

/// `scripts/bind-vfio` on a folder that stands for `/sys`: whether it ends well, and what it says.
fn bind_vfio(sys: &Path, arguments: &[&str]) -> (bool, String) {
    let script = debye_testbenches::data::root().join("scripts/bind-vfio");
    let output =
        std::process::Command::new("bash").arg(script).args(arguments).env("DEBYE_SYSFS", sys).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(told).unwrap())
}

#[test]
fn bind_vfio_says_what_it_would_do_and_what_keeps_it_from_that() {
    const CARD: &str = "0000:65:00.0";
    let folder = tempfile::tempdir().unwrap();
    let device = folder.path().join("bus/pci/devices").join(CARD);
    let group = folder.path().join("kernel/iommu_groups/7/devices").join(CARD);
    for made in
        [&device, &group, &folder.path().join("bus/pci/drivers/xdma"), &folder.path().join("bus/pci/drivers/vfio-pci")]
    {
        std::fs::create_dir_all(made).unwrap();
    }
    std::fs::write(device.join("vendor"), "0x1af4\n").unwrap();
    std::fs::write(device.join("device"), "0x10f0\n").unwrap();
    std::os::unix::fs::symlink("../../drivers/xdma", device.join("driver")).unwrap();
    let refused = |arguments: &[&str], sentence: &str| {
        let (good, told) = bind_vfio(folder.path(), arguments);
        assert!(!good && told.contains(sentence), "{arguments:?}: {told}");
    };
    refused(&["65:00.0"], "is no PCI function: give it as lspci -D does");
    refused(&["0000:66:00.0"], "there is no PCI function 0000:66:00.0 here");
    refused(&[CARD], "is in no IOMMU group: switch the IOMMU on in the firmware");
    std::os::unix::fs::symlink("../../../../kernel/iommu_groups/7", device.join("iommu_group")).unwrap();
    let (good, told) = bind_vfio(folder.path(), &["--dry-run", "--owner", "daq", CARD]);
    assert!(good, "{told}");
    for line in ["driver xdma", "driver_override <- vfio-pci", "driver/unbind <- 0000:65:00.0", "chown daq /dev/vfio/7"]
    {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert!(!device.join("driver_override").exists(), "a dry run changes nothing");
    // Here no kernel takes what is written.
    refused(&[CARD], "was not taken by vfio-pci: see dmesg");
    assert_eq!(std::fs::read_to_string(device.join("driver_override")).unwrap(), "vfio-pci\n");
    let (good, told) = bind_vfio(folder.path(), &["--unbind", CARD]);
    assert!(good && told.contains("driver xdma"), "{told}");
    assert_eq!(std::fs::read_to_string(device.join("driver_override")).unwrap(), "\n");
}
