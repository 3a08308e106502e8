//! Simulated frames: what the files hold is what was drawn, and what the command refuses it names.

use debye::frame::Payload;
use debye::geometry::{Detector, DetectorConfig, Geometry};
use debye::simulate::beam::geometry_with_beam_at;
use debye::simulate::{Calibrant, Scene, SimulateError, Simulation};
use debye::source::open;
use debye_spec::{Element, chunk};
use debye_testbenches::command::{debye, debye_ok};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held while files are written in this process and while commands start: a command inherits HDF5's lock on a file that
/// is open meanwhile, and keeps it.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn geometry(shape: [usize; 2]) -> Geometry {
    let config =
        DetectorConfig { pixel1: Some(2e-3), pixel2: Some(2e-3), max_shape: Some(shape), ..DetectorConfig::default() };
    let detector = Detector::configured("Detector", &config).unwrap();
    geometry_with_beam_at(detector, [31.0, 40.5], 0.15, [0.02, -0.01, 0.0], 0.5e-10).unwrap()
}

fn simulation(element: Element, frames: usize) -> Simulation {
    let shape = [67, 83];
    let mut gaps = vec![false; shape[0] * shape[1]];
    gaps[83 * 20..83 * 23].fill(true);
    let scene = Scene {
        calibrant: Calibrant::named("LaB6").unwrap(),
        mean: 4.0,
        background: 0.4,
        width: 1.0,
        lorentzian: 0.3,
        polarization: 0.99,
    };
    Simulation { geometry: geometry(shape), shape, gaps, scene, element, frames, hot: 3, dead: 2, seed: 9 }
}

fn write(simulation: &Simulation, output: &Path, frames_per_file: usize) -> Result<usize, SimulateError> {
    let stop = AtomicBool::new(false);
    let writer = simulation.reserve(output, frames_per_file, false)?;
    let maker = simulation.maker(&stop)?;
    Ok(simulation.write(&maker, writer, 2, vec![], &stop, |_, _| ())?.files.len())
}

#[test]
fn simulate_every_element_and_layout_reads_back_as_drawn() {
    let _alone = alone();
    for element in Element::ALL {
        for (name, files) in [("x_master.h5", 4), ("x.h5", 1)] {
            let folder = tempfile::tempdir().unwrap();
            let simulation = simulation(element, 8);
            assert_eq!(write(&simulation, &folder.path().join(name), 3).unwrap(), files);
            let maker = simulation.maker(&AtomicBool::new(false)).unwrap();
            let mut source = open(&folder.path().join(name), None).unwrap();
            assert_eq!((source.frames(), source.info().shape), (8, simulation.shape));
            assert_eq!((source.info().element, source.info().filter.as_str()), (element, "bslz4"));
            for frame in 0..8 {
                let mut drawn = Vec::new();
                maker.draw(frame, &mut drawn);
                let Payload::Bslz4(bytes) = source.read(frame).unwrap() else { panic!("{element:?} is not bslz4") };
                let (mut pixels, mut scratch) = (vec![0; drawn.len()], vec![0; drawn.len()]);
                chunk::decode(&bytes, element, &mut pixels, &mut scratch).unwrap();
                assert!(pixels == drawn, "{element:?} {name} frame {frame}");
            }
        }
    }
}

#[test]
fn simulate_expected_counts_have_the_mean_and_the_rings() {
    let mut simulation = simulation(Element::U32, 1);
    simulation.scene.background = 0.0;
    simulation.scene.lorentzian = 0.0;
    let maker = simulation.maker(&AtomicBool::new(false)).unwrap();
    let live = || maker.expected().iter().zip(&simulation.gaps).filter(|(_, gap)| !**gap).map(|(count, _)| *count);
    let mean = live().map(f64::from).sum::<f64>() / live().count() as f64;
    assert!((mean - 4.0).abs() < 1e-4, "{mean}");
    // Without background and tails, counts are where some ring is within two widths, and nowhere else.
    let projector = simulation.geometry.projector();
    let rings: Vec<f64> =
        simulation.scene.calibrant.ring_positions(debye::geometry::RadialUnit::TwoThetaDeg, 0.5e-10, 0.15);
    let (mut lit, mut dark) = (0, 0);
    for (index, &count) in maker.expected().iter().enumerate() {
        let lab = projector.lab((index / 83) as f64 + 0.5, (index % 83) as f64 + 0.5);
        let two_theta = debye::geometry::two_theta(lab).to_degrees();
        let nearest = rings.iter().map(|ring| (ring - two_theta).abs()).fold(f64::MAX, f64::min);
        if nearest < 0.1 {
            assert!(count > 0.0, "pixel {index}");
            lit += 1;
        } else if nearest > 4.1 {
            assert_eq!(count, 0.0, "pixel {index} at {two_theta}");
            dark += 1;
        }
    }
    assert!(lit > 50 && dark > 3, "{lit} lit, {dark} dark");
}

/// Standard error of a run that must fail, with the folder's name cut out and nothing left in the folder.
fn refusal(options: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("x_master.h5");
    let mut args = vec!["simulate-frames".to_owned(), output.display().to_string()];
    args.extend(options.iter().map(|option| option.replace("FOLDER", &folder.path().display().to_string())));
    let _alone = alone();
    let done = debye(&args);
    assert!(!done.status.success(), "{options:?} was accepted");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{options:?} left files");
    let error = String::from_utf8(done.stderr).unwrap().replace(&folder.path().display().to_string(), "FOLDER");
    error.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn simulate_bad_numbers_are_refused_by_name() {
    let cases: &[&[&str]] = &[
        &["--frames", "0"],
        &["--frames-per-file", "0"],
        &["--frames", "20000", "--frames-per-file", "1"],
        &["--mean", "nan"],
        &["--mean", "0"],
        &["--background", "1.5"],
        &["--width", "0"],
        &["--polarization", "2"],
        &["--lorentzian", "-1"],
        &["--distance", "0"],
        &["--wavelength", "0"],
        &["--beam-center", "nan,0"],
        &["--tilt", "0,180"],
        &["--shape", "64"],
        &["--shape", "0,5"],
        &["--shape", "65536,65536"],
        &["--shape", "32768,32768", "--dtype", "u32"],
        &["--shape", "9,9", "--pixel-size", "-1"],
        &["--threads", "0"],
        &["--dtype", "f32"],
    ];
    let refusals: Vec<String> = cases.iter().map(|case| format!("{}\n  {}", case.join(" "), refusal(case))).collect();
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn simulate_what_cannot_be_is_refused_by_name() {
    let cases: &[&[&str]] = &[
        &["--calibrant", "CeO3"],
        &["--detector", "Eiger2 4N"],
        &["--detector", "Detector"],
        &["--poni", "FOLDER/none.poni"],
        &["--shape", "64,64"],
        &["--shape", "64,64", "--pixel-size", "5000", "--hot-pixels", "3000"],
        &["--mask-out", "FOLDER/none/mask.npy"],
        &["--mask-out", "FOLDER/x_data_000001.h5"],
        &["--poni-out", "FOLDER/x_master.h5"],
    ];
    let refusals: Vec<String> = cases.iter().map(|case| format!("{}\n  {}", case.join(" "), refusal(case))).collect();
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn simulate_json_names_what_was_written() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("x_master.h5");
    let options = ["--shape", "60,50", "--pixel-size", "3000", "--frames", "5", "--frames-per-file", "2", "--json"];
    let text = debye_ok(["simulate-frames", output.to_str().unwrap()].iter().chain(&options));
    let said: serde_json::Value = serde_json::from_str(&text).unwrap();
    let files: Vec<&str> = said["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
    assert_eq!(files.len(), 4);
    assert!(files.iter().all(|file| Path::new(file).is_file()));
    assert_eq!(said["poni"].as_str().map(Path::new), Some(folder.path().join("x.poni").as_path()));
    assert_eq!((&said["frames"], &said["bytes_pixels"]), (&5.into(), &(5 * 60 * 50 * 2).into()));
    let first = said["rings"][0]["2th_deg"].as_f64().unwrap();
    assert!((first - 9.1797).abs() < 1e-3, "{first}");
    // The PONI that was written describes the same simulation.
    let poni = folder.path().join("x.poni");
    let again = folder.path().join("again_master.h5");
    let options = ["--poni", poni.to_str().unwrap(), "--frames", "5", "--frames-per-file", "2"];
    debye_ok(["simulate-frames", again.to_str().unwrap()].iter().chain(&options));
    let chunks = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert_eq!(chunks("x_data_000002.h5"), chunks("again_data_000002.h5"));
}
