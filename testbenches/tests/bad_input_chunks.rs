//! Corrupt chunks through the real command: the frame is told with its place, marked in the output, and the others are
//! done as if nothing had happened.

mod bad_input_support;

use bad_input_support::chunks::{self, cut, with_block_1, with_block_size, with_length_2, with_size};
use bad_input_support::{Bench, files};
use debye_spec::Status;
use hdf5_metno as hdf5;
use std::path::Path;

/// Every way in which a chunk can be wrong, and the status that it must have.
fn corrupt() -> Vec<(&'static str, Vec<u8>, Status)> {
    let good = chunks::good();
    let bytes = 2 * chunks::PIXELS as u64;
    let mut trailing = good.clone();
    trailing.extend([0; 3]);
    let mut longer = vec![0x1f, 1, 1, 0];
    longer.extend([255, 255]);
    vec![
        ("header: 1 byte", cut(1), Status::HeaderTruncated),
        ("header: cut within the size", cut(7), Status::HeaderTruncated),
        ("header: cut before the block size", cut(8), Status::HeaderTruncated),
        ("header: cut within the block size", cut(11), Status::HeaderTruncated),
        ("size: 0", with_size(0), Status::SizeMismatch),
        ("size: one pixel less", with_size(bytes - 2), Status::SizeMismatch),
        ("size: one pixel more", with_size(bytes + 2), Status::SizeMismatch),
        ("size: 2^64 - 1", with_size(u64::MAX), Status::SizeMismatch),
        ("size: of uint8 pixels", with_size(bytes / 2), Status::ElementSizeMismatch),
        ("size: of uint32 pixels", with_size(bytes * 2), Status::ElementSizeMismatch),
        ("block size: 0", with_block_size(0), Status::BlockSizeZero),
        ("block size: 7 pixels", with_block_size(14), Status::BlockSizeUneven),
        ("block size: 2^32 - 1", with_block_size(u32::MAX), Status::BlockSizeUneven),
        ("block size: 2^32 - 16", with_block_size(u32::MAX - 15), Status::OutputUnderrun),
        ("block size: half of the true one", with_block_size(64), Status::OutputOverrun),
        ("block length: nothing behind the header", cut(12), Status::LengthTruncated),
        ("block length: cut within", cut(chunks::length_at(2) + 3), Status::LengthTruncated),
        ("block length: past the chunk", with_length_2(100_000), Status::BlockTruncated),
        ("block length: 2^32 - 1", with_length_2(u32::MAX), Status::BlockTruncated),
        ("block length: 0", with_length_2(0), Status::TokenMissing),
        ("block: cut within", cut(chunks::length_at(3) - 1), Status::BlockTruncated),
        ("tail: missing", cut(good.len() - 2), Status::TailTruncated),
        ("tail: cut within", cut(good.len() - 1), Status::TailTruncated),
        ("tail: bytes behind it", trailing, Status::TrailingBytes),
        ("LZ4: empty block", with_block_1(&[]), Status::TokenMissing),
        ("LZ4: no last literals", with_block_1(&[0x1f, 1, 1, 0, 108]), Status::TokenMissing),
        ("LZ4: literal length cut", with_block_1(&[0xf0, 255]), Status::LiteralLengthTruncated),
        ("LZ4: literals cut", with_block_1(&[0x40, 1, 2]), Status::LiteralsTruncated),
        ("LZ4: literals beyond the block", with_block_1(&[0xf0, 255, 255, 255, 0, 1]), Status::OutputOverrun),
        ("LZ4: offset cut", with_block_1(&[0x10, 1, 1]), Status::OffsetTruncated),
        ("LZ4: offset 0", with_block_1(&[0x10, 1, 0, 0]), Status::OffsetZero),
        ("LZ4: offset before the block", with_block_1(&[0x10, 1, 2, 0]), Status::OffsetBeforeBlock),
        ("LZ4: match length cut", with_block_1(&[0x1f, 1, 1, 0, 255]), Status::MatchLengthTruncated),
        ("LZ4: match beyond the block", with_block_1(&[0x1f, 1, 1, 0, 255, 0]), Status::OutputOverrun),
        ("LZ4: block not filled", with_block_1(&[0x20, 1, 2]), Status::OutputUnderrun),
    ]
}

const INTEGRATE: &str = "--poni good.poni --bins 20 --json --overwrite -o out.h5";

#[test]
fn integrate_corrupt_chunk_is_told_marked_and_the_others_done() {
    let mut bench = Bench::new();
    assert_eq!(bench.silent("good", &format!("integrate scan.h5 {INTEGRATE}")).code, Some(0));
    let whole = patterns(&bench.path("out.h5"));
    let good = chunks::good();
    let corrupt = corrupt();
    for (what, chunk, status) in &corrupt {
        files::scan(&bench.path("bad.h5"), &[Some(&good), Some(chunk), Some(&good)]);
        let told = bench.case(what, &format!("integrate bad.h5 {INTEGRATE}"));
        assert_eq!(told.code, Some(3), "{what}");
        check_marked(what, &bench.path("out.h5"), &told.stdout, *status, &whole);
    }
    insta::assert_snapshot!(bench.listing(corrupt.len()));
}

/// Frame 1 failed with `status`; frames 0 and 2 are bit for bit those of the sound scan.
fn check_marked(what: &str, output: &Path, json: &str, status: Status, whole: &[Vec<u64>]) {
    let file = hdf5::File::open(output).expect("an output");
    let codes: Vec<u8> = file.dataset("/entry/data/frame_status").and_then(|set| set.read_raw()).expect("status");
    assert_eq!(codes, [0, status.code(), 0], "{what}");
    let rows = patterns(output);
    assert_eq!([&rows[0], &rows[2]], [&whole[0], &whole[2]], "{what}: the other frames are not what they were");
    assert!(rows[1].iter().all(|&bits| f64::from_bits(bits).is_nan()), "{what}: the row is not NaN");

    let json: serde_json::Value = serde_json::from_str(json).expect("--json prints JSON");
    assert_eq!((&json["frames"], &json["failed"]), (&3.into(), &1.into()), "{what}");
    let failures = json["failures"].as_array().expect("a list of failures");
    assert_eq!(failures.len(), 1, "{what}");
    assert_eq!((&failures[0]["frame"], &failures[0]["status"]), (&1.into(), &status.code().into()), "{what}");
    assert!(failures[0]["message"].as_str().is_some_and(|message| !message.is_empty()), "{what}");
}

/// The rows of I, as bits.
fn patterns(output: &Path) -> Vec<Vec<u64>> {
    let file = hdf5::File::open(output).expect("an output");
    let values: Vec<f64> = file.dataset("/entry/data/I").and_then(|set| set.read_raw()).expect("patterns");
    values.chunks(20).map(|row| row.iter().map(|value| value.to_bits()).collect()).collect()
}

#[test]
fn integrate_keep_going_failed_frames_leave_exit_code_0() {
    let mut bench = Bench::new();
    let (good, bad) = (chunks::good(), cut(11));
    files::scan(&bench.path("bad.h5"), &[Some(&bad), Some(&good)]);
    let line = "integrate bad.h5 --poni good.poni --bins 20 --keep-going -o out.h5";
    let told = bench.case("one of two frames", line);
    assert_eq!(told.code, Some(0));
    assert!(told.stdout.starts_with("1 of 2 frames integrated"), "{}", told.stdout);
    assert!(told.stderr.contains("frame 0 failed: "), "{}", told.stderr);
}

#[test]
fn integrate_all_frames_corrupt_output_is_written_and_told() {
    let mut bench = Bench::new();
    let bad = cut(11);
    let frames = vec![Some(&bad); 12];
    files::scan(&bench.path("bad.h5"), &frames);
    let first = "integrate bad.h5 --poni good.poni --bins 20";
    bench.case("to a NeXus file", &format!("{first} -o out.h5"));
    bench.case("to text", &format!("{first} --export out.csv"));
    bench.case("to a plot, which has nothing to show", &format!("{first} --plot out.png"));
    insta::assert_snapshot!(bench.listing(3));
}

#[test]
fn integrate_frame_lost_in_the_file_is_told_and_marked() {
    let mut bench = Bench::new();
    assert_eq!(bench.silent("good", &format!("integrate scan.h5 {INTEGRATE}")).code, Some(0));
    let whole = patterns(&bench.path("out.h5"));
    let good = chunks::good();
    files::scan(&bench.path("lost.h5"), &[Some(&good), None, Some(&good)]);
    let told = bench.case("no chunk for a frame", &format!("integrate lost.h5 {INTEGRATE}"));
    assert_eq!(told.code, Some(3));
    check_marked("lost", &bench.path("out.h5"), &told.stdout, Status::Missing, &whole);

    files::gzip(&bench.path("gzip.h5"), 3);
    files::hurt_chunk(&bench.path("gzip.h5"), 1);
    let told = bench.case("a gzip chunk with wrong bytes", &format!("integrate gzip.h5 {INTEGRATE}"));
    assert_eq!(told.code, Some(3));
    insta::assert_snapshot!(bench.listing(2));
}

#[test]
fn integrate_keep_frames_leaves_out_those_that_failed() {
    let mut bench = Bench::new();
    let (good, bad) = (chunks::good(), cut(11));
    files::scan(&bench.path("bad.h5"), &[Some(&good), Some(&bad), None, Some(&good)]);
    let told = bench.silent("kept", &format!("integrate bad.h5 {INTEGRATE} --keep-frames kept.h5"));
    assert_eq!(told.code, Some(3), "{}", told.stderr);
    let json: serde_json::Value = serde_json::from_str(&told.stdout).expect("--json prints JSON");
    let kept = &json["frames_file"];
    assert_eq!((&kept["frames"], &kept["as_stored"], &kept["failed"]), (&2.into(), &2.into(), &2.into()), "{kept}");
    let whole = patterns(&bench.path("out.h5"));
    let mut source = debye::source::open(&bench.path("kept.h5"), Some("/entry/data/data")).expect("a source");
    for (frame, wanted) in [Some(&good), None, None, Some(&good)].into_iter().enumerate() {
        match (source.read(frame), wanted) {
            (Ok(payload), Some(wanted)) => assert_eq!(&*payload.bytes(), &wanted[..], "frame {frame}"),
            (Err(error), None) => assert_eq!(error.status, Status::Missing, "frame {frame}"),
            (read, _) => panic!("frame {frame}: {read:?}"),
        }
    }
    let file = hdf5::File::open(bench.path("kept.h5")).expect("a file of frames");
    let failed = file.dataset("debye_frames/failed_frames").and_then(|set| set.read_raw::<u64>());
    let codes = file.dataset("debye_frames/failed_status").and_then(|set| set.read_raw::<u8>());
    assert_eq!(failed.expect("numbers"), [1, 2]);
    assert_eq!(codes.expect("codes"), [Status::HeaderTruncated.code(), Status::Missing.code()]);
    let told = bench.silent("again", &format!("integrate kept.h5 {INTEGRATE}"));
    assert_eq!((told.code, patterns(&bench.path("out.h5"))), (Some(3), whole));
    // None is kept where all failed, and the file is there all the same.
    files::scan(&bench.path("bad.h5"), &[Some(&bad)]);
    let told = bench.silent("none", &format!("integrate bad.h5 {INTEGRATE} --keep-frames kept.h5"));
    let json: serde_json::Value = serde_json::from_str(&told.stdout).expect("--json prints JSON");
    assert_eq!((&json["frames_file"]["frames"], &json["frames_file"]["ratio"]), (&0.into(), &0.0.into()));
}

#[test]
fn inspect_corrupt_chunk_shows_every_fault() {
    let mut bench = Bench::new();
    let mut twice = with_block_1(&[0x10, 1, 0, 0]);
    let last = twice.len() - 1;
    twice.truncate(last);
    let cases =
        [("header", cut(11)), ("size", with_size(u64::MAX)), ("length", with_length_2(u32::MAX)), ("two", twice)];
    for (what, chunk) in cases {
        files::scan(&bench.path("bad.h5"), &[Some(&chunk)]);
        let told = bench.case_with_output(what, "inspect bad.h5 --frame 0 --blocks 0..3 --sequences");
        assert_eq!(told.code, Some(1), "{what}");
        let told = bench.silent(what, "inspect bad.h5 --frame 0 --json");
        let json: serde_json::Value = serde_json::from_str(&told.stdout).expect("--json prints JSON");
        assert_ne!(json["chunk"]["faults"].as_array().map_or(0, Vec::len), 0, "{what}");
    }
    bench.case("pixels of a corrupt frame", "inspect bad.h5 --frame 0 --pixels pixels.npy");
    bench.case("a frame that is not there", "inspect bad.h5 --frame 1");
    bench.case("a frame of no number", "inspect bad.h5 --frame -1");
    insta::assert_snapshot!(bench.listing(7));
}
