//! Outputs that cannot be written, disks that fill up, and runs that are stopped: nothing half-written is left, and what
//! was there before stays as it was.

mod bad_input_support;

use bad_input_support::{Bench, chunks, files};
use debye_testbenches::command;
use hdf5_metno as hdf5;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const RUN: &str = "integrate scan.h5 --poni good.poni --bins 20";

/// Of frames that stay as large as they are.
const NOISE: &str = "integrate noise.h5 --poni good.poni --bins 20";

#[test]
fn integrate_output_that_cannot_be_is_told_before_the_run() {
    let mut bench = Bench::new();
    std::fs::create_dir(bench.path("folder")).unwrap();
    for name in ["there.h5", "there.csv", "there.png", "there.table", "there_frames.h5"] {
        bench.write(name, "precious");
    }
    for (what, options) in [
        ("output exists", "-o there.h5"),
        ("export exists", "--export there.csv"),
        ("plot exists", "--plot there.png"),
        ("table exists", "--save-table there.table --json"),
        ("output is the input", "-o scan.h5"),
        ("folder of the output missing", "-o nowhere/out.h5"),
        ("folder of the export missing", "--export nowhere/out.xy"),
        ("folder of the plot missing", "--plot nowhere/out.png"),
        ("folder of the table missing", "--save-table nowhere/out.table --json"),
        ("output is a folder", "-o folder"),
        ("output is a folder, overwriting", "-o folder --overwrite"),
        ("folder of the output is a file", "-o good.poni/out.h5"),
        ("output of no name", "-o .."),
        ("output and export of one name", "-o out.csv --export out.csv"),
        ("output is the input, overwriting", "-o scan.h5 --overwrite"),
        ("output is the input by another way, overwriting", "-o folder/../scan.h5 --overwrite"),
        ("export is the geometry, overwriting", "--export ./good.poni --overwrite"),
        ("frames exist", "-o out.h5 --keep-frames there_frames.h5"),
        ("patterns exist, frames do not", "-o there.h5 --keep-frames frames.h5"),
        ("frames are the input, overwriting", "-o out.h5 --keep-frames folder/../scan.h5 --overwrite"),
        ("frames and output of one name, overwriting", "-o out.h5 --keep-frames ./out.h5 --overwrite"),
        ("folder of the frames missing", "-o out.h5 --keep-frames nowhere/frames.h5"),
        ("frames of a file that is still being written", "-o out.h5 --keep-frames frames.h5 --follow"),
        ("no comparison of frames that are not kept", "-o out.h5 --no-verify"),
    ] {
        bench.case(what, &format!("{RUN} {options}"));
    }
    for name in ["there.h5", "there.csv", "there.png", "there.table", "there_frames.h5"] {
        assert_eq!(bench.read(name), b"precious", "{name}");
    }
    insta::assert_snapshot!(bench.listing(24));
}

#[test]
fn other_commands_output_that_cannot_be_is_told() {
    let mut bench = Bench::new();
    assert_eq!(bench.silent("good", &format!("{RUN} -o good.h5")).code, Some(0));
    bench.write("there.xy", "precious");
    bench.write("there.png", "precious");
    for (what, line) in [
        ("export: output exists", "export good.h5 --frame mean -o there.xy"),
        ("export: folder missing", "export good.h5 -o nowhere/out.csv"),
        ("plot: output exists", "plot good.h5 -o there.png"),
        ("plot: folder missing", "plot good.h5 -o nowhere/out.png"),
        ("inspect: output exists", "inspect scan.h5 --pixels there.png"),
        ("geometry: output exists", "geometry --poni good.poni --write-poni there.xy"),
        ("geometry: folder missing", "geometry --poni good.poni -o nowhere/maps.h5"),
        ("simulate-frames: output exists", "simulate-frames there.xy --shape 20,20 --frames 1"),
        ("simulate-frames: folder missing", "simulate-frames nowhere/sim.h5 --shape 20,20 --frames 1"),
    ] {
        bench.case(what, line);
    }
    assert_eq!(bench.read("there.xy"), b"precious");
    assert_eq!(bench.read("there.png"), b"precious");
    insta::assert_snapshot!(bench.listing(10));
}

/// Root writes everywhere: then the command runs as `nobody`.
#[test]
fn integrate_folder_without_write_permission_says_so() {
    let mut bench = Bench::new();
    std::fs::create_dir(bench.path("closed")).unwrap();
    std::fs::set_permissions(bench.path("closed"), PermissionsExt::from_mode(0o555)).unwrap();
    let is_root = std::fs::write(bench.path("closed/probe"), "").is_ok();
    let _ = std::fs::remove_file(bench.path("closed/probe"));
    std::fs::set_permissions(bench.path(""), PermissionsExt::from_mode(0o755)).unwrap();
    let nobody = ["setpriv", "--reuid", "65534", "--clear-groups"];
    if is_root && !runs(&["setpriv", "--reuid", "65534", "--clear-groups", "true"]) {
        eprintln!("skipped: integrate_folder_without_write_permission_says_so: root writes all, no setpriv");
        return;
    }
    let binary = bench.path("debye");
    std::fs::copy(command::binary(), &binary).unwrap();
    let through: &[&str] = if is_root { &nobody } else { &["env"] };
    bench.case_through("output", through, &binary, &format!("{RUN} -o closed/out.h5"));
    bench.case_through("export", through, &binary, &format!("{RUN} --export closed/out.xy"));
    bench.case_through("plot", through, &binary, &format!("{RUN} --plot closed/out.png"));
    bench.case_through("table", through, &binary, &format!("{RUN} --save-table closed/out.table --json"));
    insta::assert_snapshot!(bench.listing(4));
}

fn runs(words: &[&str]) -> bool {
    let run = Command::new(words[0]).args(&words[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    run.is_ok_and(|status| status.success())
}

/// The disk is a small tmpfs in a mount namespace of its own, which ends with the command.
#[test]
fn disk_full_is_told_and_nothing_is_left() {
    let mut bench = Bench::new();
    std::fs::create_dir(bench.path("small")).unwrap();
    let own = if runs(&["unshare", "-m", "true"]) { "-m" } else { "-rm" };
    if !runs(&["unshare", own, "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /mnt"]) {
        eprintln!("skipped: disk_full_is_told_and_nothing_is_left: no right to mount a tmpfs (unshare {own})");
        return;
    }
    let good = chunks::good();
    files::scan(&bench.path("scan.h5"), &vec![Some(&good); 300]);
    files::noise(&bench.path("noise.h5"), 200);
    assert_eq!(bench.silent("good", &format!("{RUN} -o good.h5")).code, Some(0));
    // What is left on the disk is asked before the namespace is gone; the test's own file there must survive.
    let script = "mount -t tmpfs -o size=64k tmpfs small && echo kept > small/kept && \"$@\"; code=$?; \
                  test \"$(ls -A small)\" = kept || { ls -lA small >&2; exit 99; }; exit $code";
    let through = ["unshare", own, "sh", "-c", script, "sh"];
    let binary = command::binary().canonicalize().unwrap();
    for (what, line) in [
        ("output", &*format!("{RUN} -o small/out.h5")),
        ("frames kept, patterns elsewhere", &*format!("{NOISE} -o patterns.h5 --keep-frames small/frames.h5")),
        ("patterns, frames kept elsewhere", &*format!("{NOISE} -o small/patterns.h5 --keep-frames frames.h5")),
        ("wide output", "integrate scan.h5 --poni good.poni --bins 20000 -o small/out.h5"),
        ("export", &*format!("{RUN} --export small/out.csv")),
        ("table", "integrate scan.h5 --poni good.poni --bins 100000 --save-table small/out.table --json"),
        ("plot", "plot good.h5 -o small/out.png"),
        ("export of an output", "export good.h5 -o small/out.csv"),
        ("export of an output to many files", "export good.h5 -o small/out.xy"),
        ("pixels", "inspect wide.h5 --pixels small/out.npy"),
        ("maps", "geometry --detector Pilatus100k --distance 0.1 -o small/maps.h5"),
        ("frames", "simulate-frames small/sim.h5 --shape 300,300 --distance 0.02 --frames 2 --threads 2 --json"),
        (
            "frames in several files",
            "simulate-frames small/sim_master.h5 --shape 300,300 --distance 0.02 --frames 2 --threads 2 --json",
        ),
    ] {
        files::zeros::<u32>(&bench.path("wide.h5"), "data", &[1, 300, 300]);
        let told = bench.case_through(what, &through, &binary, line);
        assert_eq!(told.code, Some(1), "{what}");
    }
    insta::assert_snapshot!(bench.listing(14));
}

/// A limit on the size of files, as batch systems set it: by default the signal SIGXFSZ would end the command at once.
#[test]
fn file_size_limit_is_told_and_nothing_is_left() {
    let mut bench = Bench::new();
    let good = chunks::good();
    files::scan(&bench.path("scan.h5"), &vec![Some(&good); 300]);
    files::noise(&bench.path("noise.h5"), 200);
    // dash counts blocks of 512 bytes, others of 1024.
    let through = ["sh", "-c", "ulimit -f 64 && exec \"$@\"", "sh"];
    let binary = command::binary().canonicalize().unwrap();
    for (what, line) in [
        ("output", &*format!("{RUN} -o out.h5")),
        ("export", &*format!("{RUN} --export out.csv")),
        ("frames kept", "integrate noise.h5 --poni good.poni --bins 2 --json --keep-frames frames.h5"),
        ("frames", "simulate-frames sim.h5 --shape 300,300 --distance 0.02 --frames 2 --threads 2 --json"),
    ] {
        let told = bench.case_through(what, &through, &binary, line);
        assert_eq!(told.code, Some(1), "{what}");
    }
    insta::assert_snapshot!(bench.listing(4));
}

/// Starts a run that waits for a data file that never comes.
fn waiting(bench: &Bench) -> Child {
    {
        let master = files::create(&bench.path("scan_master.h5"));
        let data = master.create_group("entry").and_then(|entry| entry.create_group("data")).unwrap();
        data.link_external("scan.h5", "/entry/data/data", "data_000001").unwrap();
        data.link_external("scan_data_000002.h5", "/entry/data/data", "data_000002").unwrap();
    }
    let line = "integrate scan_master.h5 --poni good.poni --bins 20 --follow --patience 600 -o out.h5 --export out.csv";
    let child = Command::new(command::binary().canonicalize().unwrap())
        .args(line.split_whitespace())
        .current_dir(bench.path(""))
        .env("HDF5_USE_FILE_LOCKING", "FALSE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let child = child.expect("the command starts");
    // The temporary files stand there as soon as the run has begun; its three frames take milliseconds more.
    let started = Instant::now();
    while bench.files().len() < 5 {
        assert!(started.elapsed() < Duration::from_secs(30), "the run does not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_secs(1));
    child
}

fn signal(child: &Child, name: &str) {
    assert!(runs(&["sh", "-c", &format!("kill -{name} {}", child.id())]));
}

#[test]
fn integrate_ctrl_c_finishes_the_file_with_what_is_done() {
    let bench = Bench::new();
    let child = waiting(&bench);
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("stopping: finishing what is done"), "{stderr}");
    assert!(stdout.contains("3 of 3 frames integrated, stopped by Ctrl-C"), "{stdout}");

    let file = hdf5::File::open(bench.path("out.h5")).expect("a whole output");
    let status: Vec<u8> = file.dataset("/entry/data/frame_status").and_then(|set| set.read_raw()).expect("status");
    assert_eq!(status, [0, 0, 0]);
    let values: Vec<f64> = file.dataset("/entry/data/I").and_then(|set| set.read_raw()).expect("patterns");
    assert_eq!(values.len(), 60);
    assert!(values.iter().any(|value| value.is_finite()));
    assert!(bench.read("out.csv").len() > 60);
    let left: Vec<_> = bench.files().into_iter().filter(|path| path.to_string_lossy().contains(".part")).collect();
    assert!(left.is_empty(), "{left:?}");
}
