//! PONI files that are damaged, incomplete or ask for what is not done.

mod bad_input_support;

use bad_input_support::files::{PONI, poni_with};
use bad_input_support::{Bench, SHAPE};

const OPTIONS: &str = "--bins 20 -o out.h5";

/// Integrates with `text` as the geometry.
fn case(bench: &mut Bench, what: &str, text: impl AsRef<[u8]>) {
    bench.write("bad.poni", text);
    bench.case(what, &format!("integrate scan.h5 --poni bad.poni {OPTIONS}"));
}

#[test]
fn integrate_poni_without_a_key_names_the_key() {
    let mut bench = Bench::new();
    for key in ["Detector", "Distance", "Poni1", "Poni2", "Rot1", "Rot2", "Rot3"] {
        case(&mut bench, &format!("no {key}"), poni_with(key, None));
    }
    case(&mut bench, "no wavelength, which q needs", poni_with("Wavelength", None));
    case(&mut bench, "neither pixel size", poni_with("Detector_config", None));
    case(&mut bench, "version 1 without PixelSize2", "PixelSize1: 1e-4\nDistance: 0.1\nPoni1: 0\nPoni2: 0\n");
    case(&mut bench, "cut in the middle", &PONI[..PONI.len() / 2]);
    let told = bench.silent("2theta", "integrate scan.h5 --poni bad.poni --unit 2th_deg --bins 20 -o out.h5");
    assert_eq!(told.code, Some(1), "a file cut short is refused whatever the unit");
    bench.write("bad.poni", poni_with("Wavelength", None));
    let told = bench.silent("2theta", "integrate scan.h5 --poni bad.poni --unit 2th_deg --bins 20 -o out.h5");
    assert_eq!(told.code, Some(0), "2theta needs no wavelength: {}", told.stderr);
    insta::assert_snapshot!(bench.listing(13));
}

#[test]
fn integrate_poni_with_an_impossible_number_names_its_line() {
    let mut bench = Bench::new();
    for (key, value) in [
        ("Wavelength", "0"),
        ("Wavelength", "-1e-10"),
        ("Wavelength", "nan"),
        ("Wavelength", "1.0"),
        ("Distance", "0"),
        ("Distance", "-0.1"),
        ("Distance", "inf"),
        ("Distance", "ten"),
        ("Poni1", "1e300"),
        ("Rot1", ""),
    ] {
        let line = format!("{key}: {value}");
        case(&mut bench, &format!("beam or detector: {line}"), poni_with(key, Some(&line)));
    }
    // The other way of having the beam come from behind: sound by itself, and told by its angles.
    bench.write("behind.poni", poni_with("Rot1", Some("Rot1: 3.0")));
    let behind = "integrate scan.h5 --poni behind.poni --unit 2th_deg --radial-range 0,10 --bins 20 -o out.h5";
    bench.case("detector turned to face away, rings of 0 to 10 deg", behind);
    insta::assert_snapshot!(bench.listing(11));
}

#[test]
fn integrate_poni_with_a_bad_detector_says_what_can_be_done() {
    let mut bench = Bench::new();
    let config = |json: &str| poni_with("Detector_config", Some(&format!("Detector_config: {json}")));
    case(&mut bench, "unknown detector", poni_with("Detector", Some("Detector: Eigre2 4M")));
    case(&mut bench, "detector of another shape", {
        poni_with("Detector", Some("Detector: Eiger2 4M")).replace(&config_line(), "")
    });
    case(&mut bench, "JSON cut short", config("{\"pixel1\": 7.5e-05, "));
    case(&mut bench, "JSON that is a list", config("[1, 2]"));
    case(&mut bench, "pixel size 0", config("{\"pixel1\": 0, \"pixel2\": 7.5e-05}"));
    case(&mut bench, "pixel size that is text", config("{\"pixel1\": \"wide\", \"pixel2\": 7.5e-05}"));
    case(&mut bench, "one pixel size", config("{\"pixel1\": 7.5e-05}"));
    case(&mut bench, "shape beyond all detectors", {
        config("{\"pixel1\": 7.5e-05, \"pixel2\": 7.5e-05, \"max_shape\": [1000000000, 1000000000]}")
    });
    case(&mut bench, "orientation 9", config("{\"pixel1\": 7.5e-05, \"pixel2\": 7.5e-05, \"orientation\": 9}"));
    case(&mut bench, "orientation 5", config("{\"pixel1\": 7.5e-05, \"pixel2\": 7.5e-05, \"orientation\": 5}"));
    case(&mut bench, "a spline", config("{\"splineFile\": \"frelon.spline\"}"));
    case(&mut bench, "parallax", format!("{PONI}Parallax: True\n"));
    case(&mut bench, "parallax neither on nor off", format!("{PONI}Parallax: perhaps\n"));
    case(&mut bench, "a version to come", PONI.replace("poni_version: 2.1", "poni_version: 4"));
    case(&mut bench, "a version that is a word", PONI.replace("poni_version: 2.1", "poni_version: new"));
    case(&mut bench, "version 1 with a spline", {
        "PixelSize1: 1e-4\nPixelSize2: 1e-4\nSplineFile: frelon.spline\nDistance: 0.1\nPoni1: 0\nPoni2: 0\nRot1: 0\n\
         Rot2: 0\nRot3: 0\nWavelength: 1e-10\n"
    });
    insta::assert_snapshot!(bench.listing(16));
}

fn config_line() -> String {
    format!("{}\n", PONI.lines().find(|line| line.starts_with("Detector_config")).expect("the line"))
}

#[test]
fn integrate_poni_that_is_no_poni_file_is_refused() {
    let mut bench = Bench::new();
    std::fs::create_dir(bench.path("folder")).unwrap();
    case(&mut bench, "empty", "");
    case(&mut bench, "binary", [0x89, 0xff, 0xfe, 0, 1, 2, 3]);
    case(&mut bench, "zeros", [0; 4096]);
    case(&mut bench, "JSON", "{\"poni\": \"good.poni\"}");
    case(&mut bench, "another text", "Dear user,\nthe geometry is in the other file.\n");
    bench.case("the scan itself", &format!("integrate scan.h5 --poni scan.h5 {OPTIONS}"));
    bench.case("missing", &format!("integrate scan.h5 --poni nothing.poni {OPTIONS}"));
    bench.case("a folder", &format!("integrate scan.h5 --poni folder {OPTIONS}"));
    bench.case("none given", "integrate scan.h5 --bins 20 -o out.h5");
    bench.case("geometry: missing", "geometry --poni nothing.poni");
    bench.case("geometry: an unknown detector", "geometry --detector Eigre --distance 0.1");
    bench.case("geometry: negative distance", "geometry --detector Pilatus1M --distance -0.1");
    let [rows, columns] = SHAPE;
    bench.case("geometry: another shape", &format!("geometry --poni good.poni --shape {columns},{rows}"));
    insta::assert_snapshot!(bench.listing(13));
}
