//! `debye compress` and `debye decompress`: whole files, what is carried over, what is refused.

use debye_testbenches::command::{debye, debye_ok};
use hdf5_metno::types::VarLenUnicode;
use hdf5_metno::{File, Group};
use std::path::Path;

/// Counts with gaps, for any data set.
fn counts(count: usize) -> Vec<u16> {
    (0..count).map(|i| if i % 97 < 5 { u16::MAX } else { (i * i / 7 % 11) as u16 }).collect()
}

fn text(group: &Group, name: &str, value: &str) {
    let value: VarLenUnicode = value.parse().unwrap();
    group.new_attr::<VarLenUnicode>().shape(()).create(name).unwrap().write_scalar(&value).unwrap();
}

/// A file with all that a file may have.
fn make(path: &Path) {
    let file = File::create(path).unwrap();
    text(&file, "title", "ring");
    let data = file.create_group("entry").unwrap().create_group("data").unwrap();
    text(&data, "signal", "data");
    let frames = ndarray(&[4, 60, 70]);
    let set = data.new_dataset_builder().with_data(&frames).deflate(1).chunk((1, 60, 70)).create("data").unwrap();
    set.new_attr::<f64>().shape(3).create("scale").unwrap().write(&[1.0, 2.5, -3.0]).unwrap();
    data.new_dataset_builder().with_data(&frames.mapv(|v| v as i32)).create("whole").unwrap();
    data.new_dataset_builder().with_data(&frames.mapv(|v| v as u32)).chunk((3, 32, 50)).create("edges").unwrap();
    data.new_dataset_builder().with_data(&frames.mapv(|v| v as i16)).chunk((2, 60, 70)).create("signed").unwrap();
    data.new_dataset_builder().with_data(&frames.mapv(|v| v as u8)).create("bytes").unwrap();
    data.new_dataset_builder().with_data(&counts(9001)).create("line").unwrap();
    let partly =
        data.new_dataset::<u16>().shape((3, 50, 50)).chunk((1, 50, 50)).fill_value(7u16).create("partly").unwrap();
    partly.write_slice(&ndarray(&[50, 50]).mapv(|_| 3), (1, .., ..)).unwrap();
    data.new_dataset_builder().with_data(&[1.5f64, 2.5]).create("axis").unwrap();
    for number in 0..12 {
        data.new_dataset_builder().with_data(&[number]).create(format!("n{number}").as_str()).unwrap();
    }
    data.link_hard("/entry/data/data", "again").unwrap();
    data.link_soft("data", "alias").unwrap();
    data.link_external("elsewhere.h5", "/x", "outside").unwrap();
    file.link_hard("/entry", "loop").unwrap();
}

fn ndarray(shape: &[usize]) -> ndarray::ArrayD<u16> {
    ndarray::ArrayD::from_shape_vec(shape, counts(shape.iter().product())).unwrap()
}

const SETS: [&str; 7] = ["data", "whole", "edges", "signed", "bytes", "line", "partly"];

/// The pixels of every data set, and the links and attributes, are those of `before`.
fn assert_same(before: &Path, after: &Path) {
    let (before, after) = (File::open(before).unwrap(), File::open(after).unwrap());
    for set in SETS.iter().chain(&["axis", "n11", "again", "alias"]) {
        let path = format!("entry/data/{set}");
        let (a, b) = (before.dataset(&path).unwrap(), after.dataset(&path).unwrap());
        assert_eq!((a.shape(), a.dtype().unwrap()), (b.shape(), b.dtype().unwrap()), "{set}");
        if *set == "axis" {
            assert_eq!(a.read_raw::<f64>().unwrap(), b.read_raw::<f64>().unwrap());
        } else {
            assert_eq!(a.read_raw::<i64>().unwrap(), b.read_raw::<i64>().unwrap(), "{set}");
        }
    }
    let (a, b) = (before.group("entry/data").unwrap(), after.group("entry/data").unwrap());
    assert_eq!(a.member_names().unwrap(), b.member_names().unwrap());
    assert_eq!(a.attr("signal").unwrap().read_scalar::<VarLenUnicode>().unwrap().as_str(), "data");
    assert_eq!(b.attr("signal").unwrap().read_scalar::<VarLenUnicode>().unwrap().as_str(), "data");
    assert_eq!(b.dataset("data").unwrap().attr("scale").unwrap().read_raw::<f64>().unwrap(), [1.0, 2.5, -3.0]);
    assert_eq!(after.attr("title").unwrap().read_scalar::<VarLenUnicode>().unwrap().as_str(), "ring");
    let token = |name: &str| b.loc_info_by_name(name).unwrap().token;
    assert!(token("data") == token("again"), "the hard link is one still");
    assert!(after.loc_info_by_name("loop").unwrap().token == after.loc_info_by_name("entry").unwrap().token);
}

#[test]
fn compress_and_decompress_give_the_file_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    make(&path("in.h5"));
    for (name, options) in [
        ("debye.h5", &["--codec", "debye", "--threads", "3"][..]),
        ("liblz4.h5", &["--codec", "liblz4", "--block", "64", "--threads", "1"]),
        ("frames.h5", &["--frame-chunks", "--engine", "cpu"]),
    ] {
        let (from, to, back) = (path("in.h5"), path(name), path("back.h5"));
        let mut arguments = vec!["compress", from.to_str().unwrap(), "-o", to.to_str().unwrap(), "--json"];
        arguments.extend(options);
        let report: serde_json::Value = serde_json::from_str(&debye_ok(&arguments)).unwrap();
        assert_eq!(report["verified"], true);
        assert_eq!(report["datasets"].as_array().unwrap().len(), SETS.len(), "{report}");
        assert!(report["ratio"].as_f64().unwrap() > 1.0);
        let [to, back] = [&to, &back].map(|path| path.to_str().unwrap());
        debye_ok(["decompress", to, "-o", back, "--overwrite"]);
        assert_same(&path("in.h5"), &path("back.h5"));
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 5, "no part file is left: {left:?}");
}

#[test]
fn compress_same_input_gives_the_same_file_whatever_the_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    make(&folder.path().join("in.h5"));
    let bytes = ["1", "2", "5"].map(|threads| {
        debye_ok(["compress", &path("in.h5"), "-o", &path("out.h5"), "--threads", threads, "--overwrite"]);
        std::fs::read(path("out.h5")).unwrap()
    });
    assert!(bytes[0] == bytes[1] && bytes[1] == bytes[2]);
}

#[test]
fn compress_lossy_steps_are_applied_and_recorded_and_spare_invalid_codes() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    make(&folder.path().join("in.h5"));
    let options = ["--threshold", "4", "--quantise", "1", "--dataset", "/entry/data/data"];
    let (from, to) = (path("in.h5"), path("lossy.h5"));
    debye_ok([&["compress", &from, "-o", &to][..], &options].concat());
    debye_ok(["decompress", &path("lossy.h5"), "-o", &path("back.h5")]);
    let file = File::open(path("back.h5")).unwrap();
    let set = file.dataset("entry/data/data").unwrap();
    let said = set.attr("debye_lossy").unwrap().read_scalar::<VarLenUnicode>().unwrap();
    assert_eq!(said.as_str(), "values below 4 set to 0, then quantised in steps of 1 sqrt(I)");
    assert_eq!(file.dataset("debye_lossy/threshold").unwrap().read_scalar::<u32>().unwrap(), 4);
    let step = debye_spec::lossy::Step::new(16).unwrap();
    let expected: Vec<u16> = counts(4 * 60 * 70)
        .iter()
        .map(|&v| match v {
            u16::MAX => v,
            0..4 => 0,
            v => debye_spec::lossy::quantise(v.into(), step, 65_533) as u16,
        })
        .collect();
    assert_eq!(set.read_raw::<u16>().unwrap(), expected);
    assert_eq!(file.dataset("entry/data/whole").unwrap().read_raw::<u16>().unwrap(), counts(4 * 60 * 70));
}

#[test]
fn compress_what_cannot_be_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    make(&folder.path().join("in.h5"));
    let input = path("in.h5");
    let cases: [(&[&str], &str); 9] = [
        (&["--engine", "cpu", "--card", "vfio-user:x"], "--engine cpu takes none"),
        (&["--engine", "sim", "--codec", "liblz4"], "a card makes the chunks of --codec debye"),
        (&["--block", "12"], "multiple of 8"),
        (&["--dataset", "/entry/data/nothing"], "it is not there"),
        (&["--dataset", "/entry/data/axis"], "its type is float64"),
        (&["--codec", "zip"], "give debye or liblz4"),
        (&["--quantise", "0.3"], "multiple of 1/16"),
        (&["--no-verify", "--remove-source"], "--remove-source needs"),
        (&["--threshold", "no-such-file.npy"], "no-such-file.npy"),
    ];
    for (options, why) in cases {
        let out = path("out.h5");
        let refused = debye([&["compress", &input, "-o", &out], options].concat());
        let error = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && error.contains(why), "{options:?}: {error}");
    }
    let same = debye(["compress", &input, "-o", &input, "--overwrite"]);
    assert!(String::from_utf8_lossy(&same.stderr).contains("is the input as well"));
    let nothing = debye(["decompress", &input, "-o", &path("out.h5")]);
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("nothing to recode"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "only the input is there");
}

#[test]
fn compress_corrupt_chunk_is_named_and_the_source_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    make(&folder.path().join("in.h5"));
    debye_ok(["compress", &path("in.h5"), "-o", &path("good.h5"), "--dataset", "/entry/data/data"]);
    let mut bytes = std::fs::read(path("good.h5")).unwrap();
    // The header of a chunk of 60 x 70 pixels of two bytes.
    let header = [0, 0, 0, 0, 0, 0, 0x20, 0xd0, 0, 0, 0x20, 0];
    let at = bytes.windows(header.len()).rposition(|window| window == header).expect("a chunk is there");
    bytes[at + 12..at + 16].fill(0xff);
    std::fs::write(path("bad.h5"), bytes).unwrap();
    let recompress = |from: &str| {
        let options = ["--recompress", "--remove-source", "--dataset", "/entry/data/data"];
        debye([&["compress", &path(from), "-o", &path("out.h5")][..], &options].concat())
    };
    let refused = recompress("bad.h5");
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && error.contains("/entry/data/data") && error.contains("chunk at ["), "{error}");
    assert!(Path::new(&path("bad.h5")).exists() && !Path::new(&path("out.h5")).exists());
    assert!(recompress("good.h5").status.success());
    assert!(!Path::new(&path("good.h5")).exists());
}
