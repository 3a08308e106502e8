//! `debye compress` and `debye integrate --keep-frames` through each engine: the same chunks, byte for byte, or a sentence
//! that says why not.

use debye_sim::verilator::find;
use debye_spec::Element;
use debye_testbenches::command::{debye, debye_ok};
use debye_testbenches::content::{self, Kind};
use debye_testbenches::served::Served;
use hdf5_metno::File;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Frames of two types, one of them in chunks that reach over the edge.
fn make(path: &Path) {
    let file = File::create(path).unwrap();
    let group = file.create_group("entry").unwrap().create_group("data").unwrap();
    let words = content::frame(Kind::Sparse, Element::U16, 8 * 61 * 67, 1);
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

const PONI: &str = r#"poni_version: 2.1
Detector: Detector
Detector_config: {"pixel1": 1e-3, "pixel2": 1e-3, "max_shape": [61, 67], "orientation": 3}
Distance: 0.05
Poni1: 0.02
Poni2: 0.03
Rot1: 0.05
Rot2: -0.03
Rot3: 0.2
Wavelength: 1e-10
"#;

/// The chunks of a file's frames, as they are stored.
fn chunks(file: &str, dataset: &str) -> Vec<Vec<u8>> {
    let mut source = debye::source::open(Path::new(file), Some(dataset)).unwrap();
    let frames = source.frames();
    (0..frames).map(|frame| source.read(frame).unwrap().chunk().expect("a bslz4 chunk").into_owned()).collect()
}

/// The definition's chunks of a file's frames.
fn defined(file: &str, dataset: &str) -> Vec<Vec<u8>> {
    let mut source = debye::source::open(Path::new(file), Some(dataset)).unwrap();
    let element = source.info().element;
    let encode = |frame| {
        let pixels = debye::source::decoded(source.read(frame).unwrap(), element, 61 * 67).unwrap();
        let mut chunk = Vec::new();
        debye_spec::encode::encode(&pixels, element, 8192, &mut chunk).unwrap();
        chunk
    };
    (0..8).map(encode).collect()
}

/// What a run's patterns are, to the bit.
fn patterns(file: &str) -> Vec<u64> {
    let values = File::open(file).unwrap().dataset("/entry/data/I").unwrap().read_raw::<f64>().unwrap();
    values.into_iter().map(f64::to_bits).collect()
}

#[test]
fn integrate_keeps_the_frames_with_every_engine_and_the_patterns_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    make(&folder.path().join("in.h5"));
    std::fs::write(path("in.poni"), PONI).unwrap();
    let (out, kept) = (path("out.h5"), path("kept.h5"));
    let integrate = |input: &str, dataset: &str, options: &[&str]| -> Value {
        let (input, poni) = (path(input), path("in.poni"));
        let first = ["integrate", &input, "--poni", &poni, "--bins", "40", "--dataset", dataset, "-o", &out];
        serde_json::from_str(&debye_ok([&first[..], &["--overwrite", "--json"], options].concat())).unwrap()
    };
    debye_ok(["compress", &path("in.h5"), "-o", &path("bslz4.h5"), "--frame-chunks", "--engine", "cpu"]);
    let other = ["--frame-chunks", "--codec", "liblz4", "--block", "512"];
    debye_ok([&["compress", &path("in.h5"), "-o", &path("other.h5")], &other[..]].concat());
    let served = Served::start(&["--encoders", "2", "--queues", "2"]);
    let without = Served::start(&["--encoders", "0"]);
    let [card, none] = [&served, &without].map(|served| served.address().to_string());
    for dataset in ["/entry/data/data", "/entry/data/edges"] {
        let wanted = defined(&path("in.h5"), dataset);
        assert!(chunks(&path("bslz4.h5"), dataset) == wanted);
        let crc = integrate("in.h5", dataset, &["--engine", "cpu"])["result_crc32"].clone();
        let sums = patterns(&out);
        let dying = Served::start(&["--fault", "all-ones,after=5"]);
        let dying = dying.address().to_string();
        for (options, engine, by_card) in [
            (&["--engine", "cpu"][..], "cpu", 0..1),
            (&["--engine", "cpu", "--threads", "1", "--no-verify"], "cpu", 0..1),
            (&["--engine", "auto", "--card", "vfio-user:/nowhere.sock"], "cpu", 0..1),
            (&["--engine", "card", "--card", "sim:spec"], "card", 8..9),
            (&["--engine", "card", "--card", &card], "card", 8..9),
            (&["--engine", "card", "--card", &none], "card", 0..1),
            (&["--engine", "card", "--card", &format!("{none},{card}")], "card", 0..1),
            (&["--engine", "auto", "--card", &dying], "card", 0..8),
        ] {
            let report = integrate("in.h5", dataset, &[options, &["--keep-frames", &kept]].concat());
            assert!(chunks(&kept, dataset) == wanted, "{dataset} {options:?}: other chunks");
            assert_eq!((&report["result_crc32"], patterns(&out) == sums), (&crc, true), "{dataset} {options:?}");
            let told = &report["frames_file"];
            let bytes: usize = wanted.iter().map(Vec::len).sum();
            let made = |by: &str| told[by].as_u64().unwrap();
            assert_eq!((&report["engine"], made("bytes"), made("frames")), (&engine.into(), bytes as u64, 8), "{told}");
            assert!(by_card.contains(&made("made_by_card")), "{options:?}: {told}");
            assert_eq!((made("made_by_card") + made("made_by_cpu"), made("as_stored")), (8, 0), "{told}");
            assert_eq!(told["verified"], !options.contains(&"--no-verify"));
            assert!((told["ratio"].as_f64().unwrap() - made("pixel_bytes") as f64 / bytes as f64).abs() < 1e-9);
            // A card that leaves it to the CPU is told of.
            let notes = report["engine_notes"].to_string();
            let (beside, dropped) = (notes.contains("to be kept: no card encoded"), notes.contains("it was dropped"));
            assert_eq!(beside || dropped, engine == "card" && made("made_by_cpu") > 0, "{options:?}: {notes}");
        }
        // What is bslz4 is copied as it is, whoever made it.
        for (input, engine) in [("bslz4.h5", "cpu"), ("other.h5", "cpu"), ("bslz4.h5", "card"), ("other.h5", "card")] {
            let engine: &[&str] = if engine == "card" { &["--card", &card] } else { &["--engine", "cpu"] };
            let report = integrate(input, dataset, &[engine, &["--keep-frames", &kept]].concat());
            assert!(chunks(&kept, dataset) == chunks(&path(input), dataset), "{input} {engine:?}");
            assert_eq!((&report["frames_file"]["as_stored"], &report["result_crc32"]), (&8.into(), &crc), "{report}");
        }
        let report = integrate("in.h5", dataset, &["--card", &card, "--frames", "2..5", "--keep-frames", &kept]);
        assert_eq!(report["frames_file"]["frames"], 3);
        assert!(chunks(&kept, dataset) == wanted[2..5]);
    }
}

#[test]
fn integrate_that_ends_early_leaves_neither_patterns_nor_frames() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let frames = ndarray::Array3::from_shape_fn((600, 61, 67), |(k, i, j)| (k + i * j) as u16);
    File::create(path("in.h5")).unwrap().new_dataset_builder().with_data(&frames).create("data").unwrap();
    std::fs::write(path("in.poni"), PONI).unwrap();
    let (input, poni, out, kept) = (path("in.h5"), path("in.poni"), path("out.h5"), path("kept.h5"));
    let arguments = ["integrate", &input, "--poni", &poni, "--bins", "40", "-o", &out, "--keep-frames", &kept];
    let left = || std::fs::read_dir(folder.path()).unwrap().count();

    let dying = Served::start(&["--fault", "die,after=50"]);
    let told = failure(&[&arguments[..], &["--engine", "card", "--card", &dying.address().to_string()]].concat());
    assert!(told.contains("is gone") && left() == 2, "{told}");

    // The card completes nothing more for a while: Ctrl-C comes in the middle of the run.
    let slow = Served::start(&["--fault", "completion-lost,after=50"]);
    let (card, patience) = (slow.address().to_string(), ["--card-timeout", "4"]);
    let mut command = Command::new(debye_testbenches::command::binary());
    command.args(arguments).args(["--engine", "card", "--card", &card]).args(patience).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    while left() < 4 {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(1500));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), left()), (Some(130), 2), "{told}");
    assert!(told.contains("stopped: nothing was written"), "{told}");
}
