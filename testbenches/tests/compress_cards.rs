//! `debye compress` through each engine: the same file, byte for byte, or a sentence that says why not.

use debye_sim::verilator::find;
use debye_testbenches::command::{debye, debye_ok};
use debye_testbenches::content::{self, Kind};
use debye_testbenches::served::Served;
use hdf5_metno::File;
use serde_json::Value;
use std::path::Path;

/// Frames of two types, one of them in chunks that reach over the edge.
fn make(path: &Path) {
    let file = File::create(path).unwrap();
    let group = file.create_group("entry").unwrap().create_group("data").unwrap();
    let words = content::frame(Kind::Sparse, debye_spec::Element::U16, 8 * 61 * 67, 1);
    let words: Vec<u16> = words.as_chunks::<2>().0.iter().map(|&word| u16::from_le_bytes(word)).collect();
    let frames = ndarray::ArrayD::from_shape_vec(vec![8, 61, 67], words).unwrap();
    group.new_dataset_builder().with_data(&frames).deflate(1).chunk((1, 61, 67)).create("data").unwrap();
    let signed = frames.mapv(|value| i32::from(value) - 3);
    group.new_dataset_builder().with_data(&signed).chunk((3, 40, 50)).create("edges").unwrap();
}

fn failure(arguments: &[&str]) -> String {
    let output = debye(arguments);
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn compress_through_every_engine_gives_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    make(&folder.path().join("in.h5"));
    let compress = |options: &[&str]| -> (Value, Vec<u8>) {
        let (from, to) = (path("in.h5"), path("out.h5"));
        let arguments = [&["compress", &from, "-o", &to, "--overwrite", "--json"], options].concat();
        (serde_json::from_str(&debye_ok(&arguments)).unwrap(), std::fs::read(&to).unwrap())
    };
    let (report, wanted) = compress(&["--engine", "cpu"]);
    assert_eq!((&report["engine"], &report["card_chunks"]), (&"cpu".into(), &0.into()));
    let chunks: u64 = report["datasets"].as_array().unwrap().iter().map(|set| set["chunks"].as_u64().unwrap()).sum();
    assert!(chunks > 8);

    let served = Served::start(&["--encoders", "2", "--queues", "2"]);
    let without = Served::start(&["--encoders", "0"]);
    let [card, none] = [&served, &without].map(|served| served.address().to_string());
    for (options, engine, made) in [
        (&["--engine", "sim"][..], "sim", chunks),
        (&["--engine", "card", "--card", &card, "--threads", "1"], "card", chunks),
        (&["--engine", "auto", "--card", &format!("{none},{card}")], "card", chunks),
        (&["--engine", "auto", "--card", &none], "cpu", 0),
        (&["--engine", "auto", "--card", "vfio-user:/nowhere.sock"], "cpu", 0),
    ] {
        let (report, bytes) = compress(options);
        assert!(bytes == wanted, "{options:?}: another file");
        assert_eq!(
            (&report["engine"], &report["card_chunks"]),
            (&engine.into(), &made.into()),
            "{options:?}: {report}"
        );
        assert!(!report["engine_reason"].as_str().unwrap().is_empty());
    }
    let (report, _) = compress(&["--engine", "auto", "--card", &none]);
    assert!(report["engine_reason"].as_str().unwrap().contains("does not encode"), "{report}");

    // Other blocks are the CPU's, and it is told.
    let (_, blocks) = compress(&["--engine", "cpu", "--block", "512"]);
    let (report, bytes) = compress(&["--engine", "auto", "--card", &card, "--block", "512"]);
    assert!(bytes == blocks);
    assert!(report["engine_notes"][0].as_str().unwrap().contains("the card makes blocks of 8192 bytes"), "{report}");
    // A threshold is the card's; what else is lossy comes before it.
    let lossy = |engine: &[&str], steps: &[&str]| {
        let (report, _) = compress(&[engine, &["--dataset", "/entry/data/data"], steps].concat());
        assert_eq!(report["card_chunks"].as_u64().unwrap() > 0, engine.contains(&"card"), "{report}");
        debye_ok(["decompress", &path("out.h5"), "-o", &path("plain.h5"), "--overwrite"]);
        File::open(path("plain.h5")).unwrap().dataset("entry/data/data").unwrap().read_raw::<u16>().unwrap()
    };
    let plain = lossy(&["--engine", "cpu"], &[]);
    for steps in [&["--threshold", "3"][..], &["--threshold", "2", "--quantise", "1"]] {
        let kept = lossy(&["--engine", "cpu"], steps);
        assert!(kept != plain && lossy(&["--engine", "card", "--card", &card], steps) == kept, "{steps:?}");
    }
}

#[test]
fn compress_through_the_gateware_gives_the_same_file() {
    if let Err(error) = find() {
        println!("skipped: compress_through_the_gateware_gives_the_same_file: {error}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    make(&folder.path().join("in.h5"));
    let (input, wanted, out) = (path("in.h5"), path("wanted.h5"), path("out.h5"));
    debye_ok(["compress", &input, "-o", &wanted, "--engine", "cpu"]);
    let patience = ["--model", "verilator", "--card-timeout", "60", "--json"];
    let told = debye_ok([&["compress", &input, "-o", &out, "--engine", "sim"], &patience[..]].concat());
    let report: Value = serde_json::from_str(&told).unwrap();
    assert!(report["card_chunks"].as_u64().unwrap() > 8 && report["engine_notes"].as_array().unwrap().is_empty());
    assert!(std::fs::read(&out).unwrap() == std::fs::read(&wanted).unwrap());
}

#[test]
fn compress_with_a_card_that_dies_goes_on_with_the_cpu_or_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    make(&folder.path().join("in.h5"));
    let (input, wanted, out) = (path("in.h5"), path("wanted.h5"), path("out.h5"));
    debye_ok(["compress", &input, "-o", &wanted, "--engine", "cpu"]);
    for fault in ["die,after=5", "all-ones,after=5"] {
        let dying = || Served::start(&["--fault", fault]);
        let served = dying();
        let card = served.address().to_string();
        let told = debye_ok(["compress", &input, "-o", &out, "--overwrite", "--card", &card, "--json"]);
        let report: Value = serde_json::from_str(&told).unwrap();
        assert!((1..=5).contains(&report["card_chunks"].as_u64().unwrap()), "{report}");
        assert!(report["engine_notes"][0].as_str().unwrap().contains("the CPU did its"), "{report}");
        assert!(std::fs::read(&out).unwrap() == std::fs::read(&wanted).unwrap(), "{fault}: another file");
        std::fs::remove_file(&out).unwrap();
        let served = dying();
        let card = served.address().to_string();
        let told = failure(&["compress", &input, "-o", &out, "--engine", "card", "--card", &card]);
        assert!(told.contains("is gone") && told.contains("nothing was kept"), "{told}");
        assert!(!Path::new(&out).exists());
    }
}

#[test]
fn compress_and_decompress_say_what_a_card_cannot_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    make(&folder.path().join("in.h5"));
    let (input, out) = (path("in.h5"), path("out.h5"));
    let without = Served::start(&["--encoders", "0"]);
    let none = without.address().to_string();
    for (options, why) in [
        (&["--engine", "card", "--card", &none][..], "its gateware has no encoder lanes"),
        (&["--engine", "card", "--card", "sim:spec", "--block", "512"], "the card makes blocks of 8192 bytes"),
        (&["--engine", "sim", "--codec", "liblz4"], "use --engine cpu for --codec liblz4"),
        (&["--engine", "cpu", "--card", "sim:spec"], "--engine cpu takes none"),
    ] {
        let told = failure(&[&["compress", &input, "-o", &out], options].concat());
        assert!(told.contains(why), "{options:?}: {told}");
    }
    for engine in ["card", "sim"] {
        let told = failure(&["decompress", &input, "-o", &out, "--engine", engine]);
        assert!(told.contains("decodes only to integrate"), "{told}");
    }
    assert!(debye_ok(["decompress", "--help"]).contains("decode only to integrate"));
}
