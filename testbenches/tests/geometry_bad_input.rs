//! PONI files and numbers that cannot be: each is refused with exit code 1 and a message that names what and where.

use debye_testbenches::command::debye;
use std::fmt::Write;
use std::path::Path;

const GOOD: &str = "# Nota: C-Order, 1 refers to the Y axis, 2 to the X axis\nponi_version: 2.1\nDetector: Eiger4M\n\
    Detector_config: {\"pixel1\": 7.5e-05, \"pixel2\": 7.5e-05, \"orientation\": 3}\nDistance: 0.2\nPoni1: 0.08\n\
    Poni2: 0.078\nRot1: 0.01\nRot2: -0.02\nRot3: 0.0\nWavelength: 1e-10\n";

/// What the command says of this file, with its folder as FOLDER.
fn refusal(folder: &Path, content: &[u8]) -> String {
    let path = folder.join("bad.poni");
    std::fs::write(&path, content).unwrap();
    said(folder, &["--poni", &path.display().to_string()])
}

fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = debye(std::iter::once("geometry").chain(arguments.iter().copied()));
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed a summary");
    text.replace(&folder.display().to_string(), "FOLDER").trim_end().to_owned()
}

#[test]
fn geometry_bad_poni_files_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let config = "{\"pixel1\": 7.5e-05, \"pixel2\": 7.5e-05, \"orientation\": 3}";
    let with = |from: &str, to: &str| {
        assert!(GOOD.contains(from), "{from}");
        GOOD.replace(from, to).into_bytes()
    };
    let config = |to: &str| with(config, to);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", vec![]),
        ("not text", b"Distance: 0.2\nPoni1: 0.\xe9\n".to_vec()),
        ("JSON", b"{\"poni\": {\"dist\": 0.2}}".to_vec()),
        ("cut after Poni2", GOOD.split("Rot1").next().unwrap().into()),
        ("cut within a line", GOOD.split("Poni2").next().unwrap().into()),
        ("zero wavelength", with("1e-10", "0")),
        ("wavelength in angstrom", with("1e-10", "1.0")),
        ("wavelength with its unit", with("1e-10", "1e-10 m")),
        ("detector behind the sample", with("Distance: 0.2", "Distance: -0.2")),
        ("detector at the sample", with("Distance: 0.2", "Distance: 0.0")),
        ("endless distance", with("Distance: 0.2", "Distance: inf")),
        ("no number", with("Rot2: -0.02", "Rot2: nan")),
        ("PONI far away", with("Poni1: 0.08", "Poni1: 1e300")),
        ("unknown version", with("poni_version: 2.1", "poni_version: 3.1")),
        ("version in words", with("poni_version: 2.1", "poni_version: newest")),
        ("parallax", with("poni_version: 2.1", "Parallax: True")),
        ("spline", b"PixelSize1: 5e-5\nPixelSize2: 5e-5\nSplineFile: /data/frelon.spline\n".to_vec()),
        ("one pixel size", b"PixelSize1: 5e-5\nDistance: 1\n".to_vec()),
        ("misspelt detector", with("Eiger4M", "Eigre4M")),
        ("detector of hexagons", with("Eiger4M", "Pixirad1")),
        ("detector without a name", with("Detector: Eiger4M\n", "")),
        ("config that is no JSON", config("{'pixel1': 7.5e-05}")),
        ("config that is no object", config("\"Eiger4M\"")),
        ("pixel size in um", config("{\"pixel1\": 75, \"pixel2\": 75}")),
        ("negative pixel size", config("{\"pixel1\": -7.5e-05}")),
        ("pixel size in words", config("{\"pixel1\": \"small\"}")),
        ("transposing orientation", config("{\"orientation\": 6}")),
        ("shape of one number", config("{\"max_shape\": [2167]}")),
        ("shape of billions", config("{\"max_shape\": [60000, 60000]}")),
        ("binning to nothing", config("{\"binning\": [5000, 1]}")),
        ("no binning", config("{\"binning\": [0, 0]}")),
    ];
    let mut said = String::new();
    for (case, content) in cases {
        writeln!(said, "{case}\n  {}", refusal(folder.path(), &content).replace('\n', "\n  ")).unwrap();
    }
    insta::assert_snapshot!(said);
}

#[test]
fn geometry_bad_places_and_shapes_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (good, missing, taken) = (path("good.poni"), path("missing.poni"), path("taken.h5"));
    std::fs::write(&good, GOOD).unwrap();
    std::fs::write(&taken, "").unwrap();
    let place = folder.path().display().to_string();
    let nowhere = path("nowhere/maps.h5");
    let cases: &[(&str, &[&str])] = &[
        ("file is missing", &["--poni", &missing]),
        ("file is a folder", &["--poni", &place]),
        ("frames of another detector", &["--poni", &good, "--shape", "1679,1475"]),
        ("output exists", &["--poni", &good, "-o", &taken]),
        ("output is a folder", &["--poni", &good, "-o", &place]),
        ("output folder is missing", &["--poni", &good, "-o", &nowhere]),
        ("polarization above 1", &["--poni", &good, "--polarization", "1.5"]),
        ("map without its factor", &["--poni", &good, "-o", &nowhere, "--maps", "polarization"]),
        ("shape is not told", &["--detector", "Detector", "--distance", "1", "--pixel1", "1e-4", "--pixel2", "1e-4"]),
        ("pixel size is not told", &["--detector", "Detector", "--distance", "1", "--shape", "10,10"]),
        ("pixels that a Rayonix lacks", &["--detector", "MAR 225", "--distance", "1", "--pixel1", "1e-4"]),
        ("distance below 0", &["--detector", "Eiger4M", "--distance", "-1"]),
        ("orientation 7", &["--detector", "Eiger4M", "--distance", "1", "--orientation", "7"]),
    ];
    let mut text = String::new();
    for (case, arguments) in cases {
        writeln!(text, "{case}\n  {}", said(folder.path(), arguments).replace('\n', "\n  ")).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "", "an output that exists was touched");
    insta::assert_snapshot!(text);
}
