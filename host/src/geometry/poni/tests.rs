use super::*;
use proptest::prelude::*;

const V1: &str = "# Nota: C-Order, 1 refers to the Y axis, 2 to the X axis\n\
    # Calibration done on Tue Jan  5 10:00:00 2016\n\
    PixelSize1: 7.5e-05\nPixelSize2: 1.5e-04\nDistance: 0.2\nPoni1: 0.01\nPoni2: 0.02\n\
    Rot1: 0.1\nRot2: -0.2\nRot3: 0.3\nSplineFile: None\nWavelength: 1e-10\n";

const V21: &str = "poni_version: 2.1\nDetector: Eiger2_1M\n\
    Detector_config: {\"pixel1\": 7.5e-05, \"pixel2\": 7.5e-05, \"orientation\": 2}\n\
    Distance: 0.2\nPoni1: 0.01\nPoni2: 0.02\nRot1: 0.1\nRot2: -0.2\nRot3: 0.3\nWavelength: 1e-10\n";

fn error(text: &str) -> String {
    parse(text, "a.poni").unwrap_err().to_string()
}

#[test]
fn parse_version_1_gives_the_numbers() {
    let geometry = parse(V1, "a.poni").unwrap();
    assert_eq!(
        geometry,
        Geometry {
            detector: Detector { name: "Detector".into(), pixel1: 75e-6, pixel2: 150e-6, shape: None, orientation: 3 },
            distance: 0.2,
            poni1: 0.01,
            poni2: 0.02,
            rot1: 0.1,
            rot2: -0.2,
            rot3: 0.3,
            wavelength: Some(1e-10),
        }
    );
}

#[test]
fn parse_version_1_with_a_name_and_sizes_bins_the_detector() {
    let text = V1.replace("PixelSize1: 7.5e-05\nPixelSize2: 1.5e-04", "PixelSize1: 344e-6\nPixelSize2: 344e-6");
    let detector = parse(&format!("Detector: pilatus 2m\n{text}"), "a.poni").unwrap().detector;
    assert_eq!((detector.name.as_str(), detector.shape), ("Pilatus 2M", Some([839, 737])));
}

#[test]
fn parse_version_2_1_gives_name_shape_and_orientation() {
    let detector = parse(V21, "a.poni").unwrap().detector;
    assert_eq!(detector.name, "Eiger2 1M");
    assert_eq!((detector.shape, detector.orientation), (Some([1062, 1028]), 2));
}

#[test]
fn parse_last_entry_of_a_key_wins_whatever_its_case() {
    let text = format!("{V21}# Calibration done on another day\ndistance: 0.25\nDISTANCE : 0.5\n");
    assert_eq!(parse(&text, "a.poni").unwrap().distance, 0.5);
}

#[test]
fn parse_old_line_ends_and_comments_are_as_python_reads_them() {
    let text = format!("#Distance: 7\r{}\r", V21.replace('\n', "\r\n"));
    assert_eq!(parse(&text, "a.poni").unwrap().distance, 0.2);
}

#[test]
fn parse_without_a_wavelength_has_none() {
    let text = V21.replace("Wavelength: 1e-10\n", "");
    assert_eq!(parse(&text, "a.poni").unwrap().wavelength, None);
}

#[test]
fn parse_version_3_takes_parallax_only_when_off() {
    let text = V21.replace("2.1", "3");
    assert!(parse(&format!("{text}Parallax: False\n"), "a.poni").is_ok());
    assert_eq!(
        error(&format!("{text}Parallax: True\n")),
        "a.poni, line 11: the correction of parallax is not done: recalibrate without it, or set Parallax: False \
         knowing the error"
    );
    assert_eq!(error(&format!("{V1}Parallax: 1\n")), "a.poni, line 13: Parallax is \"1\": it must be True or False");
}

#[test]
fn parse_each_missing_key_is_named() {
    for key in ["Distance", "Poni1", "Poni2", "Rot1", "Rot2", "Rot3"] {
        let text: String =
            V21.lines().filter(|line| !line.starts_with(key)).fold(String::new(), |all, line| all + line + "\n");
        assert_eq!(error(&text), format!("a.poni: no {key}: the file is cut short or no PONI file"));
    }
    for key in ["PixelSize1", "PixelSize2"] {
        assert_eq!(
            error(&V1.replace(&format!("{key}:"), "Other:")),
            format!("a.poni: no {key}: the file is cut short or no PONI file")
        );
    }
    assert_eq!(error("").split(" (").next(), Some("a.poni: no line of it is a key of a PONI file"));
}

#[test]
fn parse_impossible_numbers_are_refused_with_their_line() {
    let with = |from: &str, to: &str| error(&V21.replace(from, to));
    assert_eq!(
        with("Distance: 0.2", "Distance: -0.2"),
        "a.poni, line 4: Distance is -0.2; it must be in m, more than 0 and at most 1e6"
    );
    assert_eq!(
        with("Distance: 0.2", "Distance: 0"),
        "a.poni, line 4: Distance is 0.0; it must be in m, more than 0 and at most 1e6"
    );
    assert_eq!(with("Poni1: 0.01", "Poni1: 1 cm"), "a.poni, line 5: Poni1 is \"1 cm\", which is no number");
    assert_eq!(with("Rot3: 0.3", "Rot3: nan"), "a.poni, line 9: Rot3 is NaN; it must be in rad");
    assert_eq!(
        with("Wavelength: 1e-10", "Wavelength: 0"),
        "a.poni, line 10: Wavelength is 0.0; it must be in m, 1e-15 to 1e-6"
    );
    assert_eq!(
        with("Wavelength: 1e-10", "Wavelength: 1.0332"),
        "a.poni, line 10: Wavelength is 1.0332; it must be in m, 1e-15 to 1e-6"
    );
    assert_eq!(
        with("\"pixel1\": 7.5e-05", "\"pixel1\": 0"),
        "a.poni, line 3: pixel1 is 0 m: a pixel size is more than 0 and at most 1 m"
    );
}

#[test]
fn parse_what_is_not_done_is_refused() {
    assert_eq!(
        error(&V1.replace("SplineFile: None", "SplineFile: frelon.spline")),
        "a.poni, line 11: distortion by a spline (\"frelon.spline\") is not done: undistort the frames, or \
         calibrate without it"
    );
    assert_eq!(
        error(&V21.replace("2.1", "4")),
        "a.poni, line 1: poni_version is 4: versions 1, 2, 2.1 and 3 are known"
    );
    assert_eq!(
        error(&V21.replace("Eiger2_1M", "Pixirad1")),
        "a.poni, line 2: detector \"Pixirad1\" is not done: its pixels are hexagons"
    );
    assert_eq!(
        error(&V21.replace("Eiger2_1M", "/data/detector.h5")),
        "a.poni, line 2: detector \"/data/detector.h5\" is not done: the pixels of a detector described by a NeXus \
         file may have any shape and place"
    );
    assert_eq!(
        error("{\"poni\": {}}"),
        "a.poni: this is JSON, perhaps an integration configuration of pyFAI: name the PONI file"
    );
}

#[test]
fn parse_unknown_detector_is_refused_with_the_closest_name() {
    assert_eq!(
        error(&V21.replace("Eiger2_1M", "Eigr2_1M")),
        "a.poni, line 2: no detector is named \"Eigr2_1M\" (is it \"Eiger2_1M\"?): \
         `debye geometry --list-detectors` lists them"
    );
}

#[test]
fn parse_bad_detector_config_is_refused() {
    let with = |config: &str| {
        let from = "{\"pixel1\": 7.5e-05, \"pixel2\": 7.5e-05, \"orientation\": 2}";
        error(&V21.replace(from, config))
    };
    assert_eq!(
        with("{\"pixel1\": "),
        "a.poni, line 3: Detector_config: not JSON: EOF while parsing a value at line 1 column 10"
    );
    assert_eq!(
        with("[1, 2]"),
        "a.poni, line 3: Detector_config: not a JSON object such as {\"pixel1\": 7.5e-05, \"pixel2\": 7.5e-05}"
    );
    for orientation in ["5", "-1", "2.5", "\"up\""] {
        assert_eq!(
            with(&format!("{{\"orientation\": {orientation}}}")),
            format!(
                "a.poni, line 3: Detector_config: orientation is {orientation}, not 1, 2, 3 or 4 (as EXIF counts; \
                 5 to 8 transpose and are not done)"
            )
        );
    }
    assert_eq!(
        with("{\"max_shape\": [0, 1028]}"),
        "a.poni, line 3: a detector of 0 x 1028 pixels: rows and columns are 1 to 65536, pixels at most 2^30"
    );
    assert_eq!(
        with("{\"max_shape\": [65536, 65536]}"),
        "a.poni, line 3: a detector of 65536 x 65536 pixels: rows and columns are 1 to 65536, pixels at most 2^30"
    );
    assert_eq!(with("{\"binning\": 4096}"), "a.poni, line 3: detector \"Eiger2 1M\" cannot be binned by 4096 x 4096");
    assert_eq!(
        with("{\"module_size\": [256, 256]}"),
        "a.poni, line 3: module_size is 256 x 256: other modules than those of detector \"Eiger2 1M\" are not done"
    );
    assert_eq!(
        error(&V21.replace("Eiger2_1M", "Detector")),
        "a.poni, line 3: orientation 2 counts pixels from the far end, so the detector's shape is needed: give \
         max_shape"
    );
}

#[test]
fn read_a_file_that_is_no_text_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.poni");
    std::fs::write(&path, b"Distance: 0.2\nPoni1: \xff").unwrap();
    let message = read(&path).unwrap_err().to_string();
    assert!(message.ends_with("a.poni: byte 21 is not UTF-8 text: this is no PONI file"), "{message}");
    std::fs::write(&path, vec![b'#'; (LARGEST_FILE + 1) as usize]).unwrap();
    let message = read(&path).unwrap_err().to_string();
    assert!(message.ends_with("a.poni: larger than 16 MiB: this is no PONI file"), "{message}");
    assert!(matches!(read(folder.path()).unwrap_err().fault, PoniFault::Read(_)));
}

/// Pieces that make up PONI files, to reach further into the reader than arbitrary text would.
fn poni_like() -> impl Strategy<Value = String> {
    let key = prop::sample::select(KEYS.to_vec());
    let value = prop_oneof![
        "\\PC{0,20}",
        any::<f64>().prop_map(|number| number.to_string()),
        prop::sample::select(vec!["0.1", "1e-10", "Detector", "Eiger4M", "RayonixMx225", "2", "3", "False"])
            .prop_map(String::from),
        (any::<f64>(), any::<i64>(), any::<u8>()).prop_map(|(size, length, orientation)| {
            format!(
                "{{\"pixel1\": {size:e}, \"pixel2\": 1e-4, \"max_shape\": [{length}, 3], \
                 \"binning\": {orientation}, \"orientation\": {}}}",
                orientation % 6
            )
        }),
    ];
    prop::collection::vec((key, value), 0..24)
        .prop_map(|lines| lines.into_iter().fold(String::new(), |text, (key, value)| format!("{text}{key}: {value}\n")))
}

fn geometries() -> impl Strategy<Value = Geometry> {
    let names: Vec<&str> = Detector::names().collect();
    let config = (prop::sample::select(names), 1u8..5, 1usize..3, prop::option::of([100usize..5000, 100usize..5000]));
    let detector = config.prop_map(|(name, orientation, binning, shape)| {
        let config = DetectorConfig { orientation: Some(orientation), max_shape: shape, ..Default::default() };
        let binned = DetectorConfig { binning: Some([binning, binning]), ..config.clone() };
        Detector::configured(name, &binned).or_else(|_| Detector::configured(name, &config))
    });
    let numbers = (1e-3..10.0f64, -1.0..1.0f64, -1.0..1.0f64, prop::array::uniform3(-3.0..3.0f64));
    (detector, numbers, prop::option::of(1e-11..1e-9f64)).prop_filter_map(
        "families have no shape of their own",
        |(detector, (distance, poni1, poni2, [rot1, rot2, rot3]), wavelength)| {
            let detector = detector.ok()?;
            Some(Geometry { detector, distance, poni1, poni2, rot1, rot2, rot3, wavelength })
        },
    )
}

proptest! {
    #[test]
    fn parse_arbitrary_text_never_panics(text in "\\PC*") {
        let _ = parse(&text, "a.poni");
    }

    #[test]
    fn parse_lines_of_poni_keys_never_panic(text in poni_like()) {
        if let Ok(geometry) = parse(&text, "a.poni") {
            let t = geometry.projector().lab(0.5, 0.5);
            prop_assert!(t.iter().all(|component| component.is_finite()), "{geometry:?} {t:?}");
        }
    }

    #[test]
    fn format_any_geometry_reads_back_the_same(geometry in geometries()) {
        prop_assert_eq!(parse(&format(&geometry), "a.poni").map_err(|error| error.to_string()), Ok(geometry));
    }
}
