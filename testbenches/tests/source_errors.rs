//! Files that cannot be a source of frames, or whose frames cannot be read: each with its typed error and a message
//! that names the file and the place.

use debye::frame::Payload;
use debye::source::{self, SourceError};
use debye_spec::Status;
use hdf5_metno::plist::dataset_create::ChunkOpts;
use hdf5_metno::{File, H5Type};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Writes `values` as the data set `name` of the given shape.
fn write<T: H5Type>(path: &Path, name: &str, values: &[T], shape: &[usize]) {
    let file = File::append(path).unwrap();
    if let Some((groups, _)) = name.rsplit_once('/')
        && !file.link_exists(groups)
    {
        file.create_group(groups).unwrap();
    }
    file.new_dataset::<T>().shape(shape).create(name).unwrap().write_raw(values).unwrap();
}

/// The error of opening `path`; its message must hold every one of `words`.
fn refusal(path: &Path, dataset: Option<&str>, words: &[&str]) -> SourceError {
    let error = match source::open(path, dataset) {
        Ok(source) => panic!("{} was opened as {:?}", path.display(), source.info()),
        Err(error) => error,
    };
    let message = error.to_string();
    for word in words {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
    assert!(!message.contains("HDF5-DIAG"), "{message}");
    error
}

/// A good file with three frames of 5 x 6.
fn good(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("good.h5");
    write(&path, "entry/data/data", &[7_u16; 90], &[3, 5, 6]);
    path
}

#[test]
fn open_missing_file_is_not_found() {
    let error = refusal(Path::new("/nowhere/at/all.h5"), None, &["/nowhere/at/all.h5", "does not exist"]);
    assert!(matches!(error, SourceError::NotFound(_)));
}

#[test]
fn open_file_without_permission_is_not_permitted() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = good(&folder);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&path).is_ok() {
        println!("skipped: open_file_without_permission_is_not_permitted: this user may read everything");
        return;
    }
    assert!(matches!(refusal(&path, None, &["good.h5", "permission"]), SourceError::NotPermitted(_)));
}

#[test]
fn open_folder_is_refused() {
    let folder = folder();
    assert!(matches!(refusal(folder.path(), None, &["is a folder"]), SourceError::IsFolder(_)));
}

#[test]
fn open_other_formats_lack_the_signature() {
    let folder = folder();
    for (name, bytes) in [("empty.h5", &b""[..]), ("text.h5", b"PixelSize1: 1e-4\n"), ("part.h5", b"\x89HDF\r\n\x1a")] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        assert!(matches!(refusal(&path, None, &[name, "not an HDF5 file"]), SourceError::NotHdf5(_)), "{name}");
    }
}

#[test]
fn open_truncated_file_says_so_wherever_it_is_cut() {
    let folder = folder();
    let bytes = fs::read(good(&folder)).unwrap();
    let path = folder.path().join("cut.h5");
    for length in (8..bytes.len()).step_by(37) {
        fs::write(&path, &bytes[..length]).unwrap();
        assert!(matches!(refusal(&path, None, &["cut.h5", "truncated"]), SourceError::Truncated { .. }), "{length}");
    }
}

#[test]
fn open_absent_data_set_lists_what_there_is() {
    let folder = folder();
    let words = ["good.h5", "/entry/other", "/entry/data/data (3 x 5 x 6 uint16)"];
    let error = refusal(&good(&folder), Some("entry/other"), &words);
    assert!(matches!(error, SourceError::NoSuchDataset { .. }));
}

#[test]
fn open_one_dimension_is_a_wrong_rank() {
    let folder = folder();
    let path = folder.path().join("a.h5");
    write(&path, "d", &[1_u16, 2, 3], &[3]);
    assert!(matches!(refusal(&path, Some("d"), &["/d", "1 dimension"]), SourceError::Rank { .. }));
    assert!(matches!(refusal(&path, None, &["/d (3 uint16)"]), SourceError::NothingToRead { .. }));
}

#[test]
fn open_other_types_are_named() {
    fn case<T: H5Type + Default + Clone>(name: &str) {
        let folder = folder();
        let path = folder.path().join("a.h5");
        write(&path, "entry/data/data", &vec![T::default(); 24], &[2, 3, 4]);
        let error = refusal(&path, None, &["/entry/data/data", &format!("type {name}:")]);
        assert!(matches!(error, SourceError::Dtype { .. }));
    }
    case::<i8>("int8");
    case::<u64>("uint64");
    case::<i64>("int64");
    case::<f32>("float32");
    case::<f64>("float64");
    case::<bool>("enumeration");
}

#[test]
fn open_no_frames_is_told() {
    let folder = folder();
    let path = folder.path().join("a.h5");
    File::create(&path).unwrap().new_dataset::<u16>().chunk((1, 5, 6)).shape((0.., 5, 6)).create("d").unwrap();
    assert!(matches!(refusal(&path, None, &["/d", "no frames", "[0, 5, 6]"]), SourceError::NoFrames { .. }));
    assert_eq!(source::open_following(&path, None).unwrap().frames(), 0);
}

#[test]
fn open_frame_of_terabytes_is_too_large() {
    let folder = folder();
    let path = folder.path().join("a.h5");
    let shape = (1, 1 << 20, 1 << 20);
    File::create(&path).unwrap().new_dataset::<u32>().chunk((1, 64, 64)).shape(shape).create("d").unwrap();
    assert!(matches!(refusal(&path, None, &["/d", "4398046511104 bytes"]), SourceError::TooLarge { .. }));
}

#[test]
fn open_broken_links_name_file_and_path() {
    let folder = folder();
    good(&folder);
    let path = folder.path().join("master.h5");
    let file = File::create(&path).unwrap();
    file.create_group("entry/data").unwrap();
    file.link_external("gone.h5", "/d", "entry/data/data_000001").unwrap();
    file.close().unwrap();
    let error = refusal(&path, None, &["master.h5", "data_000001", "gone.h5", "not there"]);
    assert!(matches!(error, SourceError::BrokenLink { file_missing: true, .. }));

    let path = folder.path().join("other.h5");
    let file = File::create(&path).unwrap();
    file.link_external("good.h5", "/nothing", "d").unwrap();
    file.close().unwrap();
    let error = refusal(&path, Some("d"), &["good.h5", "/nothing", "does not hold"]);
    assert!(matches!(error, SourceError::BrokenLink { file_missing: false, .. }));
}

#[test]
fn open_data_files_of_other_shapes_or_types_do_not_match() {
    let folder = folder();
    let path = folder.path().join("shapes.h5");
    write(&path, "entry/data/data_000001", &[0_u16; 40], &[2, 4, 5]);
    write(&path, "entry/data/data_000002", &[0_u16; 48], &[2, 4, 6]);
    let words = ["data_000002", "4 x 6 uint16", "4 x 5 uint16"];
    assert!(matches!(refusal(&path, None, &words), SourceError::Mismatch { .. }));

    let path = folder.path().join("types.h5");
    write(&path, "entry/data/data_000001", &[0_u16; 40], &[2, 4, 5]);
    write(&path, "entry/data/data_000002", &[0_u32; 40], &[2, 4, 5]);
    assert!(matches!(refusal(&path, None, &["uint32", "uint16"]), SourceError::Mismatch { .. }));
}

#[test]
fn open_two_equal_data_sets_are_ambiguous() {
    let folder = folder();
    let path = folder.path().join("a.h5");
    write(&path, "left", &[0_u16; 40], &[2, 4, 5]);
    write(&path, "right", &[0_u16; 40], &[2, 4, 5]);
    assert!(matches!(refusal(&path, None, &["/left", "/right", "--dataset"]), SourceError::Ambiguous { .. }));
    assert!(source::open(&path, Some("right")).is_ok());
}

#[test]
fn read_absent_chunk_is_missing_and_past_the_end_too() {
    let folder = folder();
    let path = folder.path().join("a.h5");
    let file = File::create(&path).unwrap();
    let dataset = file.new_dataset::<u16>().chunk((1, 4, 5)).shape((1.., 4, 5)).create("d").unwrap();
    dataset.write_raw(&[7_u16; 20]).unwrap();
    dataset.resize((3, 4, 5)).unwrap();
    drop((dataset, file));
    let mut source = source::open(&path, None).unwrap();
    assert_eq!(source.frames(), 3);
    assert_eq!(source.read(0).unwrap(), Payload::Pixels([7, 0].repeat(20)));
    assert_eq!(source.read(1).unwrap_err().status, Status::Missing);
    assert_eq!(source.read(3).unwrap_err().status, Status::Missing);
    // Nobody writes any more: followed, the file has as many frames.
    drop(source);
    assert_eq!(source::open_following(&path, None).unwrap().frames(), 3);
}

#[test]
fn read_file_cut_after_opening_fails_for_the_lost_frames_only() {
    let folder = folder();
    let path = good(&folder);
    let mut source = source::open(&path, None).unwrap();
    let length = fs::metadata(&path).unwrap().len();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length - 10).unwrap();
    assert!(source.read(0).is_ok());
    let error = source.read(2).unwrap_err();
    assert_eq!(error.status, Status::ReadFailed);
    assert!(error.message.contains("beyond the file's end"), "{}", error.message);
}

#[test]
fn read_unfiltered_edge_chunks_are_taken_as_they_are() {
    let folder = folder();
    let path = folder.path().join("a.h5");
    let values: Vec<u16> = (0..3 * 7 * 9).collect();
    let file = File::create(&path).unwrap();
    let dataset = file
        .new_dataset::<u16>()
        .chunk((1, 4, 9))
        .deflate(4)
        .chunk_opts(ChunkOpts::DONT_FILTER_PARTIAL_CHUNKS)
        .shape((3, 7, 9))
        .create("d")
        .unwrap();
    dataset.write_raw(&values).unwrap();
    drop((dataset, file));
    let mut source = source::open(&path, None).unwrap();
    for frame in 0..3 {
        let expected: Vec<u8> = values[frame * 63..][..63].iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(source.read(frame).unwrap(), Payload::Pixels(expected), "frame {frame}");
    }
}

#[test]
fn refresh_of_a_finished_file_changes_nothing() {
    let folder = folder();
    let mut source = source::open_following(&good(&folder), None).unwrap();
    let before = source.read(1).unwrap();
    assert_eq!(source.refresh().unwrap(), 3);
    assert_eq!(source.read(1).unwrap(), before);
    assert!(!source.being_written());
}
