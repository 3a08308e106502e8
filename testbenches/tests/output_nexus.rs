//! The NeXus output: written from rows made by hand and read back through HDF5.

mod output_support;

use debye::geometry::RadialUnit;
use debye::nexus::{About, NexusError, Output, Writer};
use debye_spec::{Bins, Element, Job, Status};
use hdf5_metno as hdf5;
use hdf5_metno::types::VarLenUnicode;
use output_support::{closing, crc, failed_row, rows, source, table, write};
use std::path::Path;

fn text(file: &hdf5::File, name: &str) -> String {
    file.dataset(name).unwrap().read_scalar::<VarLenUnicode>().unwrap().to_string()
}

fn attribute(file: &hdf5::File, place: &str, name: &str) -> String {
    let attribute = match file.group(place) {
        Ok(group) => group.attr(name),
        Err(_) => file.dataset(place).unwrap().attr(name),
    };
    attribute.unwrap().read_scalar::<VarLenUnicode>().unwrap().to_string()
}

#[test]
fn nexus_one_dimensional_rows_come_back_as_they_went_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.h5");
    let table = table(RadialUnit::QPerA, 100, None);
    // More rows than a chunk has, so that several blocks and a part of one are written.
    let rows = rows(&table, 150, 1);
    write(&path, &table, &rows);

    let file = hdf5::File::open(&path).unwrap();
    assert_eq!(text(&file, "/entry/definition"), "NXazint1d");
    assert_eq!(attribute(&file, "/entry/data", "signal"), "I");
    assert_eq!(attribute(&file, "/entry/data", "interpretation"), "spectrum");
    assert_eq!(attribute(&file, "/entry/data/radial_axis", "long_name"), "q");
    assert_eq!(attribute(&file, "/entry/data/radial_axis", "units"), "1/angstrom");
    assert!(file.dataset("/entry/solid_angle_applied").unwrap().read_scalar::<bool>().unwrap());
    assert!(!file.dataset("/entry/monitor_applied").unwrap().read_scalar::<bool>().unwrap());

    let intensity = file.dataset("/entry/data/I").unwrap();
    assert_eq!(intensity.shape(), [150, 100]);
    assert!(intensity.is_chunked() && intensity.filters().len() == 2, "shuffle and gzip");
    let signal = file.dataset("/entry/data/signal").unwrap().read_2d::<u64>().unwrap();
    let variance = file.dataset("/entry/data/variance").unwrap().read_2d::<u64>().unwrap();
    let weight = file.dataset("/entry/data/weight").unwrap().read_2d::<u32>().unwrap();
    let mut hasher = crc32fast::Hasher::new();
    for (row, written) in rows.iter().enumerate() {
        let bins = Bins {
            signal: signal.row(row).to_vec(),
            variance: variance.row(row).to_vec(),
            weight: weight.row(row).to_vec(),
        };
        assert_eq!(bins, written.bins, "row {row}");
        bins.record(|bytes| hasher.update(bytes));
    }
    let written: u32 = file.dataset("/entry/reduction/result_crc32").unwrap().read_scalar().unwrap();
    assert_eq!((written, hasher.finalize()), (crc(&rows), crc(&rows)));

    let output = Output::open(&path).unwrap();
    assert_eq!(output.rows(), 150);
    assert_eq!(output.description, table.description);
    for (index, row) in rows.iter().enumerate() {
        let pattern = output.pattern(index).unwrap();
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&pattern.intensity), bits(&row.pattern.intensity));
        assert_eq!(bits(&pattern.sigma), bits(&row.pattern.sigma));
        assert_eq!(bits(&pattern.norm), bits(&row.pattern.norm));
    }
}

#[test]
fn nexus_caked_rows_have_three_dimensions_and_azimuthal_axis() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.h5");
    let table = table(RadialUnit::TwoThetaDeg, 50, Some(8));
    let rows = rows(&table, 3, 2);
    write(&path, &table, &rows);
    let file = hdf5::File::open(&path).unwrap();
    assert_eq!(text(&file, "/entry/definition"), "NXazint2d");
    assert_eq!(attribute(&file, "/entry/data", "interpretation"), "image");
    for name in ["I", "I_errors", "frame_norm", "signal", "variance", "weight"] {
        assert_eq!(file.dataset(&format!("/entry/data/{name}")).unwrap().shape(), [3, 8, 50], "{name}");
    }
    assert_eq!(file.dataset("/entry/data/norm").unwrap().shape(), [8, 50]);
    assert_eq!(file.dataset("/entry/data/azimuthal_axis_edges").unwrap().shape(), [9]);
    assert_eq!(text(&file, "/entry/reduction/input/unit"), "2th", "GSAS-II reads nothing else");
}

#[test]
fn nexus_failed_frame_is_nan_with_status_and_message() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.h5");
    let table = table(RadialUnit::QPerNm, 20, None);
    let mut rows = rows(&table, 4, 3);
    rows[2] = failed_row(&table, 2, Status::OffsetZero, "block 7: offset 0 at byte 12 — überprüfen");
    write(&path, &table, &rows);
    let file = hdf5::File::open(&path).unwrap();
    assert_eq!(file.dataset("/entry/data/frame_status").unwrap().read_raw::<u8>().unwrap(), [0, 0, 20, 0]);
    let failures = file.group("/entry/reduction/failures").unwrap();
    assert_eq!(failures.dataset("frame_number").unwrap().read_raw::<u64>().unwrap(), [2]);
    let messages = failures.dataset("message").unwrap().read_raw::<VarLenUnicode>().unwrap();
    assert_eq!(messages[0].as_str(), "block 7: offset 0 at byte 12 — überprüfen");
    let output = Output::open(&path).unwrap();
    assert!(output.pattern(2).unwrap().intensity.iter().all(|value| value.is_nan()));
    let (mean, frames) = output.mean().unwrap();
    assert_eq!(frames, 3);
    let expected = [0, 1, 3].map(|row| rows[row].bins.signal[5] as f64 / 64.0 / 4.0).iter().sum::<f64>() / 3.0;
    assert!((mean.intensity[5] - expected).abs() < 1e-12 * expected);
}

#[test]
fn nexus_unknown_number_of_frames_still_ends_at_the_last_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.h5");
    let table = table(RadialUnit::QPerA, 10, None);
    let (source, job) = (source(), Job::new(Element::U32));
    let rows = rows(&table, 70, 4);
    let mut writer = Writer::create(&path, false, &About::new(&table, &source, &job)).unwrap();
    rows.iter().for_each(|row| writer.append(row).unwrap());
    assert_eq!(writer.rows(), 70);
    writer.finish(&closing(&rows)).unwrap();
    let file = hdf5::File::open(&path).unwrap();
    assert_eq!(file.dataset("/entry/data/I").unwrap().shape(), [70, 10]);
    assert_eq!(file.dataset("/entry/data/frame_status").unwrap().shape(), [70]);
}

#[test]
fn nexus_without_rows_is_an_empty_but_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.h5");
    let table = table(RadialUnit::QPerA, 10, None);
    write(&path, &table, &[]);
    let output = Output::open(&path).unwrap();
    assert_eq!(output.rows(), 0);
    assert!(matches!(output.mean(), Err(NexusError::Empty { .. })));
    assert!(matches!(output.row_of(0), Err(NexusError::NoFrame { frames: 0, .. })));
}

#[test]
fn nexus_dropped_without_finish_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.h5");
    let table = table(RadialUnit::QPerA, 10, None);
    let (source, job) = (source(), Job::new(Element::U32));
    let mut writer = Writer::create(&path, false, &About::new(&table, &source, &job)).unwrap();
    rows(&table, 100, 5).iter().for_each(|row| writer.append(row).unwrap());
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn refusal(path: &Path) -> String {
    let table = table(RadialUnit::QPerA, 10, None);
    let (source, job) = (source(), Job::new(Element::U32));
    let Err(error) = Writer::create(path, false, &About::new(&table, &source, &job)) else { panic!("created") };
    error.to_string()
}

#[test]
fn nexus_target_that_exists_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.h5");
    std::fs::write(&path, "precious").unwrap();
    assert!(refusal(&path).ends_with("exists already: choose another name or add --overwrite"));
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
}

#[test]
fn nexus_target_in_missing_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(refusal(&folder.path().join("none").join("out.h5")).ends_with("does not exist: make it first"));
    assert!(refusal(folder.path()).ends_with("is a folder: name a file in it"));
}

#[test]
fn nexus_row_of_another_table_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let small = table(RadialUnit::QPerA, 10, None);
    let (source, job) = (source(), Job::new(Element::U32));
    let mut writer = Writer::create(&folder.path().join("out.h5"), false, &About::new(&small, &source, &job)).unwrap();
    let row = rows(&table(RadialUnit::QPerA, 11, None), 1, 6).remove(0);
    let error = writer.append(&row).unwrap_err().to_string();
    assert_eq!(error, "frame 0: signal has 11 values, but the table has 10 bins");
    assert_eq!(writer.rows(), 0);
}

#[test]
fn output_of_another_program_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.h5");
    hdf5::File::create(&path).unwrap().create_group("entry").unwrap();
    let Err(error) = Output::open(&path) else { panic!("opened") };
    assert!(
        error
            .to_string()
            .ends_with("is not an output of `debye integrate`: /entry/reduction/table_description is missing"),
        "{error}"
    );
    std::fs::write(&path, "no HDF5 at all").unwrap();
    let Err(error) = Output::open(&path) else { panic!("opened") };
    assert!(matches!(error, NexusError::NotOurs { .. }), "{error}");
    assert!(error.to_string().ends_with("it is not an HDF5 file"), "{error}");
}
