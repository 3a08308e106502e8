//! `debye flash`, as a DAQ engineer calls it, on a served card.

use debye::flash::Lock;
use debye_testbenches::command::{binary, debye, debye_ok};
use debye_testbenches::served::Served;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// A folder with images and a card's flash.
struct Node {
    folder: tempfile::TempDir,
    served: Served,
}

impl Node {
    fn new() -> Node {
        let folder = tempfile::tempdir().unwrap();
        let served = Node::serve(folder.path());
        Node { folder, served }
    }

    fn serve(folder: &Path) -> Served {
        let flash = folder.join("nor");
        Served::start(&["--board", "u50", "--flash", flash.to_str().unwrap()])
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn image(&self, name: &str, board: &str, kib: u32, build: u32) -> PathBuf {
        let path = self.path(name);
        let (kib, build) = (kib.to_string(), build.to_string());
        let (file, board) = (path.to_str().unwrap(), ["--board", board]);
        debye_ok(["sim", "image", "-o", file, "--kib", &kib, "--build", &build].iter().chain(&board));
        path
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.arg("flash").args(args).arg("--card").arg(self.served.address().to_string());
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn flash(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.flash(&[args, &["--json"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn refused(&self, args: &[&str]) -> String {
        let output = self.flash(args);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

#[test]
fn flash_command_writes_backs_up_verifies_and_goes_back() {
    let node = Node::new();
    let (one, two) = (node.image("one.bin", "u50", 16, 0x111), node.image("two.bin", "u50", 12, 0x222));
    let (one, two) = (one.to_str().unwrap(), two.to_str().unwrap());

    let status = node.flash(&["status", "--json"]);
    let empty: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!((status.status.code(), &empty["comes_up"]), (Some(1), &Value::from("golden")));
    assert_eq!(empty["card"]["idcode"], "0x04b77093");
    assert!(node.refused(&["backup", "-o", "empty.bin"]).contains("nothing to back up"));
    assert!(node.refused(&["recover", one, "--yes"]).contains("nothing to recover"));
    assert!(node.refused(&[one]).contains("say --yes"));

    let dry = node.flash(&[one, "--dry-run"]);
    assert!(dry.status.success() && String::from_utf8_lossy(&dry.stdout).contains("would write one"));
    assert!(node.refused(&["verify", one]).contains("does not hold this image"));

    let first = node.json(&[one, "--yes"]);
    assert_eq!((&first["verified"], &first["backup"]), (&Value::Bool(true), &Value::Null));
    assert!(first["next"].as_str().unwrap().contains("cold reboot"));
    assert!(first["seconds"]["verify"].as_f64().unwrap() > 0.0);
    assert!(node.flash(&["verify", one]).status.success());
    let again = node.json(&[one, "--yes"]);
    assert_eq!((&again["written"]["identical"], &again["next"]), (&Value::Bool(true), &Value::from("nothing")));

    // Another client of the card comes after a cold reboot.
    let second = node.json(&[two, "--yes", "--reload"]);
    assert_eq!(second["build"], "0x00000222");
    let backup = second["backup"]["path"].as_str().unwrap();
    assert_eq!(std::fs::read(node.path(backup)).unwrap(), std::fs::read(one).unwrap());
    let status = node.json(&["status"]);
    assert_eq!((&status["record"]["name"], &status["record"]["phase"]), (&Value::from("two"), &Value::from("opened")));
    assert_eq!(status["card"]["build"], "0x00000222");
    // What was there goes back.
    node.json(&[backup, "--yes", "--no-backup"]);
    assert!(node.flash(&["verify", one]).status.success());
    let output = node.flash(&["backup", "-o", "kept.bin"]);
    assert!(output.status.success());
    assert_eq!(std::fs::read(node.path("kept.bin")).unwrap(), std::fs::read(one).unwrap());
}

#[test]
fn flash_command_refuses_what_does_not_fit_and_writes_nothing() {
    let node = Node::new();
    let right = node.image("right.bin", "u50", 4, 1);
    let wrong = node.image("wrong.bin", "u250", 4, 1);
    let error = node.refused(&[wrong.to_str().unwrap(), "--yes"]);
    assert!(error.contains("for the board u250") && error.contains("nothing was written"), "{error}");

    let damaged = node.image("damaged.bin", "u50", 4, 1);
    let mut bytes = std::fs::read(&damaged).unwrap();
    bytes[900] ^= 4;
    std::fs::write(&damaged, bytes).unwrap();
    let error = node.refused(&[damaged.to_str().unwrap(), "--yes"]);
    assert!(error.contains("SHA-256") || error.contains("CRC"), "{error}");

    let manifest = node.path("right.bin.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let hash = text.lines().find(|line| line.starts_with("hash")).unwrap();
    std::fs::write(&manifest, text.replace(hash, "hash = \"0x12345678\"")).unwrap();
    let error = node.refused(&[right.to_str().unwrap(), "--yes"]);
    assert!(error.contains("register map") && error.contains("--other-release"), "{error}");
    assert!(node.flash(&[right.to_str().unwrap(), "--yes", "--other-release"]).status.success());

    // A card without a board, and one that somebody else flashes.
    let bare = Served::start(&[]);
    let output = debye(["flash", "status", "--card", &bare.address().to_string()]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && error.contains("no board that Debye flashes"), "{error}");
    let held = Lock::take(&node.served.address().to_string()).unwrap();
    assert!(node.refused(&["status"]).contains("another debye flashes"));
    drop(held);
    assert_eq!(debye(["flash"]).status.code(), Some(2));
}

#[test]
fn flash_command_whose_card_vanishes_says_so_and_recover_finishes() {
    let mut node = Node::new();
    let image = node.image("image.bin", "u50", 96, 0x333);
    let image = image.to_str().unwrap();
    let child = node.command(&[image, "--yes", "--json"]).spawn().unwrap();
    // Until the guard has been closed, and long before the end.
    let nor = node.path("nor");
    let guard = 0x0100_2000 + 20;
    let closed = || {
        let mut bytes = [0; 4];
        std::os::unix::fs::FileExt::read_exact_at(&std::fs::File::open(&nor).unwrap(), &mut bytes, guard).unwrap();
        bytes.map(|byte| !byte) == [0xaa, 0x99, 0x55, 0x66]
    };
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while !closed() {
        assert!(std::time::Instant::now() < deadline, "the guard is closed");
        std::thread::sleep(Duration::from_millis(5));
    }
    node.served.kill();
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("is gone") && error.contains("recover"), "{error}");

    node.served = Node::serve(node.folder.path());
    let output = node.flash(&["status", "--json"]);
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &status["comes_up"]), (Some(1), &Value::from("golden")));
    assert!(status["next"].as_str().unwrap().contains("recover"));
    let other = node.image("other.bin", "u50", 4, 0x444);
    let has_record = !status["record"].is_null();
    if has_record {
        let error = node.refused(&["recover", other.to_str().unwrap(), "--yes"]);
        assert!(error.contains("not of this one"), "{error}");
    }
    let recovered = node.json(&["recover", image, "--yes", "--reload"]);
    assert_eq!((&recovered["verified"], &recovered["build"]), (&Value::Bool(true), &Value::from("0x00000333")));
}

#[test]
fn backup_on_a_full_disk_stops_before_anything_is_erased() {
    let node = Node::new();
    let (one, two) = (node.image("one.bin", "u50", 64, 1), node.image("two.bin", "u50", 4, 2));
    node.json(&[one.to_str().unwrap(), "--yes"]);
    let address = node.served.address().to_string();
    // Files of up to 8 KiB: the backup's 64 do not fit.
    let line = format!(
        "ulimit -f 8; exec {} flash {} --card {address} --yes --backup {}",
        binary().display(),
        two.display(),
        node.path("full.bin").display()
    );
    let output = Command::new("bash").args(["-c", &line]).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("nothing was erased"), "{error}");
    assert!(!node.path("full.bin").exists());
    assert!(node.flash(&["verify", one.to_str().unwrap()]).status.success());
}
