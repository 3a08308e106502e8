//! Exports as text: what the files look like, and what is refused.

mod output_support;

use debye::export::{Choice, ExportError, Exporter, export_output};
use debye::geometry::RadialUnit;
use debye::nexus::{About, Output};
use debye::run::Row;
use debye::table::Table;
use debye_spec::{Bins, Element, Job, Status};
use output_support::{failed_row, good_row, source, table, write};
use std::path::Path;

/// Row of few bins with sums that a reader can check by heart: I = 100, 200, ... and the last bin empty.
fn row(table: &Table, frame: usize) -> Row {
    let mut bins = Bins::new(table.bins());
    for bin in 0..table.bins() - 1 {
        let counts = 400 * (bin + 1 + frame) as u64;
        bins.signal[bin] = 64 * counts;
        bins.variance[bin] = 64 * 64 * counts;
        bins.weight[bin] = 4 * 64;
    }
    good_row(frame, bins)
}

fn export(target: &Path, table: &Table, rows: &[Row]) -> Result<(), ExportError> {
    let (source, job) = (source(), Job::new(Element::U32));
    let about = About { frames: Some(rows.len()), ..About::new(table, &source, &job) };
    let mut exporter = Exporter::create(target, false, &about)?;
    rows.iter().try_for_each(|row| exporter.append(row))?;
    exporter.finish()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn xy_one_frame_has_header_and_three_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.xy");
    let table = table(RadialUnit::QPerA, 4, None);
    export(&path, &table, &[row(&table, 0)]).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace(debye::VERSION, "VERSION");
    insta::assert_snapshot!(text, @r"
    # debye VERSION
    # input: scan_master.h5 /entry/data/data
    # pattern: frame 0
    # unit: q_A^-1
    # convention: pyfai; solid angle: yes; polarization: 0.99; flat field: no; splitting: 1 x 1
    # table: sha256 abababababababababababababababababababababababababababababababab
    # columns: q_A^-1 I sigma
    1.625 100.0 5.0
    2.875 200.0 7.0710678118654755
    4.125 300.0 8.660254037844387
    5.375 nan nan
    ");
}

#[test]
fn xy_several_frames_are_numbered_files_and_failed_ones_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(RadialUnit::TwoThetaDeg, 3, None);
    let rows = [row(&table, 0), failed_row(&table, 1, Status::TrailingBytes, "5 bytes behind the tail")];
    export(&folder.path().join("scan.xy"), &table, &rows).unwrap();
    assert_eq!(names(folder.path()), ["scan_000000.xy", "scan_000001.xy"]);
    let text = std::fs::read_to_string(folder.path().join("scan_000001.xy")).unwrap();
    assert!(text.contains("# pattern: frame 1 failed: TrailingBytes (9)\n"), "{text}");
    assert_eq!(text.lines().filter(|line| line.ends_with(" nan nan")).count(), 3);
}

#[test]
fn csv_several_frames_are_one_long_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    let table = table(RadialUnit::QPerNm, 3, None);
    export(&path, &table, &[row(&table, 0), row(&table, 1)]).unwrap();
    insta::assert_snapshot!(std::fs::read_to_string(&path).unwrap(), @r"
    frame,q_nm^-1,I,sigma
    0,1.8333333333333335,100.0,5.0
    0,3.5000000000000004,200.0,7.0710678118654755
    0,5.166666666666667,nan,nan
    1,1.8333333333333335,200.0,7.0710678118654755
    1,3.5000000000000004,300.0,8.660254037844387
    1,5.166666666666667,nan,nan
    ");
}

#[test]
fn csv_caked_frame_has_azimuth_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    let table = table(RadialUnit::QPerA, 2, Some(2));
    export(&path, &table, &[row(&table, 0)]).unwrap();
    insta::assert_snapshot!(std::fs::read_to_string(&path).unwrap(), @r"
    chi_deg,q_A^-1,I,sigma
    -90.0,2.25,100.0,5.0
    -90.0,4.75,200.0,7.0710678118654755
    90.0,2.25,300.0,8.660254037844387
    90.0,4.75,nan,nan
    ");
}

#[test]
fn export_of_output_file_equals_export_of_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(RadialUnit::QPerA, 50, None);
    let rows = output_support::rows(&table, 5, 11);
    write(&folder.path().join("out.h5"), &table, &rows);
    let output = Output::open(&folder.path().join("out.h5")).unwrap();
    for extension in ["csv", "xy"] {
        let (direct, again) = (folder.path().join("direct"), folder.path().join("again"));
        std::fs::create_dir_all(&direct).unwrap();
        std::fs::create_dir_all(&again).unwrap();
        let name = format!("out.{extension}");
        export(&direct.join(&name), &table, &rows).unwrap();
        export_output(&output, &again.join(&name), false, Choice::All).unwrap();
        assert_eq!(names(&direct), names(&again));
        for name in names(&direct) {
            let read = |folder: &Path| std::fs::read_to_string(folder.join(&name)).unwrap();
            assert_eq!(read(&direct), read(&again), "{name}");
        }
    }
}

#[test]
fn export_of_mean_is_sums_over_sums() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(RadialUnit::QPerA, 4, None);
    let rows = [row(&table, 0), row(&table, 1), failed_row(&table, 2, Status::Missing, "no chunk")];
    write(&folder.path().join("out.h5"), &table, &rows);
    let output = Output::open(&folder.path().join("out.h5")).unwrap();
    let path = folder.path().join("mean.xy");
    export_output(&output, &path, false, Choice::Mean).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("# pattern: mean of 2 frames\n"), "{text}");
    // Counts 400 and 800 over 4 pixels each: I = 1200 / 8, sigma = sqrt(1200) / 8.
    let first = text.lines().find(|line| !line.starts_with('#')).unwrap();
    assert_eq!(first, format!("1.625 150.0 {:?}", 1200f64.sqrt() / 8.0));
}

#[test]
fn export_refusals_name_the_file_and_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(RadialUnit::QPerA, 4, None);
    let rows = [row(&table, 0)];
    let say = |name: &str| {
        let path = folder.path().join(name);
        let text = export(&path, &table, &rows).unwrap_err().to_string();
        text.replace(folder.path().to_str().unwrap(), "FOLDER")
    };
    assert_eq!(say("out.pdf"), "FOLDER/out.pdf: name the export .xy, .dat, .txt or .csv");
    assert_eq!(say("none/out.xy"), "the folder FOLDER/none does not exist: make it first");
    std::fs::write(folder.path().join("there.csv"), "precious").unwrap();
    assert_eq!(say("there.csv"), "FOLDER/there.csv exists already: choose another name or add --overwrite");
    assert_eq!(names(folder.path()), ["there.csv"], "nothing is left behind");
}

#[test]
fn export_of_frame_that_is_not_there_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(RadialUnit::QPerA, 4, None);
    write(&folder.path().join("out.h5"), &table, &[row(&table, 5), row(&table, 6)]);
    let output = Output::open(&folder.path().join("out.h5")).unwrap();
    let error = export_output(&output, &folder.path().join("out.xy"), false, Choice::Frame(7)).unwrap_err();
    assert!(error.to_string().ends_with("holds 2 frames, numbered 5 to 6: there is no frame 7"), "{error}");
    assert_eq!(names(folder.path()), ["out.h5"]);
}
