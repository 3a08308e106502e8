//! Input files that hold no frames, hold them in a way that is not read, or cannot be read.

mod bad_input_support;

use bad_input_support::{Bench, SHAPE, files};
use hdf5_metno as hdf5;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

const OPTIONS: &str = "--poni good.poni --bins 20 -o out.h5";

const FRAMES: [usize; 3] = [3, SHAPE[0], SHAPE[1]];

#[test]
fn integrate_file_that_is_no_source_is_refused_by_name() {
    let mut bench = Bench::new();
    std::fs::create_dir(bench.path("folder")).unwrap();
    let good = bench.read("scan.h5");
    bench.write("empty.h5", "");
    bench.write("text.h5", "q I\n0.1 5\n");
    bench.write("signature.h5", &good[..8]);
    bench.write("half.h5", &good[..good.len() / 2]);
    bench.write("short.h5", &good[..good.len() - 1]);
    let mut hurt = good.clone();
    let heap = hurt.windows(4).position(|bytes| bytes == b"HEAP").expect("a heap of names");
    hurt[heap..heap + 4].fill(0);
    bench.write("hurt.h5", hurt);
    // The newer format has checksums; the one of the data set's header no longer fits.
    files::zeros::<u16>(&bench.path("checksum.h5"), "data", &FRAMES);
    let mut bytes = bench.read("checksum.h5");
    let headers: Vec<usize> = (0..bytes.len() - 4).filter(|&at| &bytes[at..at + 4] == b"OHDR").collect();
    bytes[headers[headers.len() - 1] + 20] ^= 0xff;
    bench.write("checksum.h5", bytes);
    for (what, file) in [
        ("missing file", "nothing.h5"),
        ("folder", "folder"),
        ("empty file", "empty.h5"),
        ("not HDF5", "text.h5"),
        ("signature alone", "signature.h5"),
        ("first half", "half.h5"),
        ("last byte missing", "short.h5"),
        ("names destroyed", "hurt.h5"),
        ("description of the data set destroyed", "checksum.h5"),
    ] {
        bench.case(what, &format!("integrate {file} {OPTIONS}"));
    }
    bench.case("info: missing file", "info nothing.h5");
    bench.case("info: not HDF5", "info text.h5");
    bench.case("inspect: first half", "inspect half.h5");
    bench.case("no file named", "integrate --poni good.poni");
    insta::assert_snapshot!(bench.listing(13));
}

#[test]
fn integrate_data_set_that_is_not_frames_is_refused_by_name() {
    let mut bench = Bench::new();
    files::zeros::<f32>(&bench.path("float.h5"), "data", &FRAMES);
    files::zeros::<u64>(&bench.path("u64.h5"), "data", &FRAMES);
    files::zeros::<i8>(&bench.path("i8.h5"), "data", &FRAMES);
    files::zeros::<bool>(&bench.path("bool.h5"), "data", &FRAMES);
    files::zeros::<u16>(&bench.path("line.h5"), "data", &[100]);
    files::zeros::<u16>(&bench.path("none.h5"), "data", &[0, SHAPE[0], SHAPE[1]]);
    files::zeros::<u16>(&bench.path("flat.h5"), "data", &[3, 0, SHAPE[1]]);
    files::create(&bench.path("bare.h5"));
    {
        let file = files::create(&bench.path("words.h5"));
        let words = file.new_dataset::<hdf5::types::VarLenUnicode>().shape([2, 2]).create("data").unwrap();
        words.write_raw(&vec!["word".parse::<hdf5::types::VarLenUnicode>().unwrap(); 4]).unwrap();
        let file = files::create(&bench.path("two.h5"));
        files::add_zeros::<u16>(&file, "left", &FRAMES);
        files::add_zeros::<u32>(&file, "right", &FRAMES);
    }
    for (what, line) in [
        ("float pixels", "float.h5"),
        ("float pixels, named", "float.h5 --dataset data"),
        ("uint64 pixels, named", "u64.h5 --dataset /data"),
        ("int8 pixels, named", "i8.h5 --dataset /data"),
        ("bool pixels, named", "bool.h5 --dataset /data"),
        ("strings, named", "words.h5 --dataset /data"),
        ("one dimension", "line.h5"),
        ("one dimension, named", "line.h5 --dataset /data"),
        ("no frames", "none.h5"),
        ("no rows", "flat.h5"),
        ("no data set at all", "bare.h5"),
        ("two data sets alike", "two.h5"),
        ("data set missing", "scan.h5 --dataset /entry/data/nothing"),
        ("group without images", "float.h5 --dataset /"),
        ("frames of another shape than the detector", "two.h5 --dataset left --frames 0..2 --poni other.poni"),
    ] {
        let poni = files::poni_with(
            "Detector_config",
            Some("Detector_config: {\"pixel1\": 1e-4, \"pixel2\": 1e-4, \"max_shape\": [20, 20]}"),
        );
        bench.write("other.poni", poni);
        let options = if line.contains("--poni") { OPTIONS.replace("--poni good.poni", "") } else { OPTIONS.into() };
        bench.case(what, &format!("integrate {line} {}", options.trim()));
    }
    bench.case("info: strings", "info words.h5 --dataset /data");
    insta::assert_snapshot!(bench.listing(16));
}

#[test]
fn integrate_filter_that_is_not_read_is_refused_by_number() {
    let mut bench = Bench::new();
    // The filter message: number, bytes of its name, flags, how many values; then the values.
    let message = |filter: u16, codec: u32| {
        let mut bytes = filter.to_le_bytes().to_vec();
        bytes.extend([0, 0, 1, 0, 5, 0]);
        bytes.extend([0, 2, 2, 0, codec].iter().flat_map(|value: &u32| value.to_le_bytes()));
        bytes
    };
    let cases = [
        ("zstd, which HDF5 would need a plugin for", 32015, 2),
        ("a number that nobody has registered", 40000, 2),
        ("bitshuffle with Zstandard", 32008, 3),
        ("bitshuffle with an unknown codec", 32008, 77),
    ];
    for (what, filter, codec) in cases {
        bench.write("filter.h5", bench.read("scan.h5"));
        files::patch(&bench.path("filter.h5"), &message(32008, 2), &message(filter, codec));
        bench.case(what, &format!("integrate filter.h5 {OPTIONS}"));
    }
    insta::assert_snapshot!(bench.listing(4));
}

#[test]
fn integrate_broken_link_names_both_ends() {
    let mut bench = Bench::new();
    let master = |name: &str, file: &str, path: &str| {
        let master = files::create(&bench.path(name));
        let data = master.create_group("entry").and_then(|entry| entry.create_group("data")).unwrap();
        data.link_external(file, path, "data_000001").unwrap();
    };
    master("lost_master.h5", "lost_data_000001.h5", "/entry/data/data");
    master("path_master.h5", "scan.h5", "/entry/data/elsewhere");
    master("text_master.h5", "good.poni", "/entry/data/data");
    {
        let soft = files::create(&bench.path("soft.h5"));
        let data = soft.create_group("entry").and_then(|entry| entry.create_group("data")).unwrap();
        data.link_soft("/entry/nothing", "data").unwrap();
    }
    bench.case("data file missing", &format!("integrate lost_master.h5 {OPTIONS}"));
    bench.case("data file without the data set", &format!("integrate path_master.h5 {OPTIONS}"));
    bench.case("data file that is no HDF5 file", &format!("integrate text_master.h5 {OPTIONS}"));
    bench.case("soft link to nothing", &format!("integrate soft.h5 {OPTIONS}"));
    bench.case("soft link to nothing, named", &format!("integrate soft.h5 --dataset /entry/data/data {OPTIONS}"));
    bench.case("info: data file missing", "info lost_master.h5");
    insta::assert_snapshot!(bench.listing(6));
}

#[test]
fn integrate_data_files_that_differ_are_refused_by_name() {
    let mut bench = Bench::new();
    files::zeros::<u32>(&bench.path("other.h5"), "data", &FRAMES);
    {
        let master = files::create(&bench.path("mixed_master.h5"));
        let data = master.create_group("entry").and_then(|entry| entry.create_group("data")).unwrap();
        data.link_external("scan.h5", "/entry/data/data", "data_000001").unwrap();
        data.link_external("other.h5", "/data", "data_000002").unwrap();
    }
    bench.case("another pixel type in the second", &format!("integrate mixed_master.h5 {OPTIONS}"));
    insta::assert_snapshot!(bench.listing(1));
}

/// Root reads everything: then the command runs as `nobody`.
#[test]
fn integrate_file_without_read_permission_says_so() {
    let mut bench = Bench::new();
    let nobody = ["setpriv", "--reuid", "65534", "--clear-groups"];
    let setpriv = Command::new(nobody[0]).args(&nobody[1..]).arg("true").stderr(Stdio::null()).status();
    for file in ["scan.h5", "good.poni"] {
        std::fs::copy(bench.path(file), bench.path(&format!("closed_{file}"))).unwrap();
        std::fs::set_permissions(bench.path(&format!("closed_{file}")), PermissionsExt::from_mode(0o000)).unwrap();
    }
    let is_root = std::fs::read(bench.path("closed_scan.h5")).is_ok();
    std::fs::set_permissions(bench.path(""), PermissionsExt::from_mode(0o755)).unwrap();
    if is_root && !setpriv.is_ok_and(|status| status.success()) {
        eprintln!("skipped: integrate_file_without_read_permission_says_so: root reads all, and setpriv is not there");
        return;
    }
    // The build's folder may be closed to others.
    let binary = bench.path("debye");
    std::fs::copy(debye_testbenches::command::binary(), &binary).unwrap();
    let through: &[&str] = if is_root { &nobody } else { &["env"] };
    bench.case_through("scan", through, &binary, "integrate closed_scan.h5 --poni good.poni --json");
    bench.case_through("geometry", through, &binary, "integrate scan.h5 --poni closed_good.poni --json");
    bench.case_through("mask", through, &binary, "integrate scan.h5 --poni good.poni --mask closed_scan.h5 --json");
    bench.case_through("table", through, &binary, "integrate scan.h5 --table closed_scan.h5 --json");
    bench.case_through("info", through, &binary, "info closed_scan.h5");
    insta::assert_snapshot!(bench.listing(5));
}
