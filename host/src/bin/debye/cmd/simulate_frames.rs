//! `debye simulate-frames`

mod summary;

use super::{INTERRUPTED, Outcome};
use clap::Args as ClapArgs;
use debye::beside::Beside;
use debye::geometry::detector::DetectorConfig;
use debye::geometry::{Detector, Geometry, poni};
use debye::npy;
use debye::simulate::beam::geometry_with_beam_at;
use debye::simulate::{Calibrant, Scene, SimulateError, Simulation};
use debye_spec::Element;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use summary::Summary;

/// Arguments of the command.
#[derive(ClapArgs)]
#[command(allow_negative_numbers = true)]
pub struct Args {
    /// File to write: NAME_master.h5 gets data files NAME_data_000001.h5... beside it, any other name holds everything.
    output: PathBuf,

    /// Geometry (PONI file) to simulate; without it, a geometry is made up and written beside the output.
    #[arg(long, value_name = "FILE", help_heading = "Geometry")]
    poni: Option<PathBuf>,
    /// Detector by its name in pyFAI; "Detector" is one by numbers: --shape and --pixel-size.
    #[arg(long, value_name = "NAME", conflicts_with = "poni", help_heading = "Geometry")]
    detector: Option<String>,
    /// Rows and columns, for a detector whose name does not tell them.
    #[arg(long, value_name = "H,W", value_parser = pair::<usize>, help_heading = "Geometry")]
    shape: Option<[usize; 2]>,
    /// Pixel size in micrometres, for a detector by numbers (75 unless given) or a binned one.
    #[arg(long, value_name = "UM", conflicts_with = "poni", help_heading = "Geometry")]
    pixel_size: Option<f64>,
    /// Distance from the sample to the point of normal incidence, in m.
    #[arg(long, value_name = "M", conflicts_with = "poni", default_value_t = 0.15, help_heading = "Geometry")]
    distance: f64,
    /// Wavelength in angstrom.
    #[arg(long, value_name = "A", conflicts_with = "poni", default_value_t = 0.5, help_heading = "Geometry")]
    wavelength: f64,
    /// Pixel that the direct beam meets, fractions allowed; the detector's centre unless given.
    #[arg(long, value_name = "Y,X", conflicts_with = "poni", value_parser = pair::<f64>, allow_hyphen_values = true, help_heading = "Geometry")]
    beam_center: Option<[f64; 2]>,
    /// Rotations rot1,rot2,rot3 of the PONI geometry, in degrees.
    #[arg(long, value_name = "R1,R2,R3", conflicts_with = "poni", value_parser = triple, default_value = "0,0,0", allow_hyphen_values = true, help_heading = "Geometry")]
    tilt: [f64; 3],

    /// Whose powder rings: CeO2, LaB6, Si, AgBh, Al2O3, Au, Cr2O3.
    #[arg(long, default_value = "CeO2", help_heading = "Scene")]
    calibrant: String,
    /// Mean counts of a live pixel in a frame.
    #[arg(long, default_value_t = 3.0, help_heading = "Scene")]
    mean: f64,
    /// Share of the counts that is background, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5, help_heading = "Scene")]
    background: f64,
    /// Full width of a ring at half maximum, in degrees of 2theta.
    #[arg(long, value_name = "DEG", default_value_t = 0.1, help_heading = "Scene")]
    width: f64,
    /// Lorentzian share of a ring's pseudo-Voigt profile, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.3, help_heading = "Scene")]
    lorentzian: f64,
    /// Polarization factor of the beam, -1 to 1.
    #[arg(long, value_name = "F", default_value_t = 0.99, allow_hyphen_values = true, help_heading = "Scene")]
    polarization: f64,

    /// Number of frames.
    #[arg(long, default_value_t = 20, help_heading = "Frames")]
    frames: usize,
    /// Pixel type: u8, u16, u32, i16 or i32.
    #[arg(long, value_parser = element, default_value = "u16", help_heading = "Frames")]
    dtype: Element,
    /// Hot pixels: half of them always saturated, half counting far too much.
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = "Frames")]
    hot_pixels: usize,
    /// Dead pixels, marked as gaps are.
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = "Frames")]
    dead_pixels: usize,
    /// Seed: the same seed makes the same files, whatever the number of threads.
    #[arg(long, default_value_t = 1, help_heading = "Frames")]
    seed: u64,

    /// Frames of one data file.
    #[arg(long, value_name = "N", default_value_t = 1000, help_heading = "Output")]
    frames_per_file: usize,
    /// Where to write the geometry [default: NAME.poni unless --poni is given]
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    poni_out: Option<PathBuf>,
    /// Where to write a mask of gaps, dead and hot pixels (.npy, true = masked).
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    mask_out: Option<PathBuf>,
    /// Threads that make frames [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Output")]
    threads: Option<u16>,
    /// Replace files that exist.
    #[arg(long, help_heading = "Output")]
    overwrite: bool,
    /// Print one JSON object on standard output, no progress.
    #[arg(long, help_heading = "Output")]
    json: bool,
}

fn numbers<T: std::str::FromStr>(text: &str, what: &str) -> Result<Vec<T>, String> {
    text.split(',')
        .map(|part| part.trim().parse().map_err(|_| format!("{part:?} is not a number: give {what}")))
        .collect()
}

fn pair<T: std::str::FromStr + Copy>(text: &str) -> Result<[T; 2], String> {
    let what = "two numbers with a comma between them";
    numbers(text, what)?.try_into().map_err(|_| format!("give {what}"))
}

fn triple(text: &str) -> Result<[f64; 3], String> {
    let what = "two or three angles with commas between them";
    match numbers(text, what)?[..] {
        [rot1, rot2] => Ok([rot1, rot2, 0.0]),
        [rot1, rot2, rot3] => Ok([rot1, rot2, rot3]),
        _ => Err(format!("give {what}")),
    }
}

fn element(name: &str) -> Result<Element, String> {
    match name {
        "u8" | "uint8" => Ok(Element::U8),
        "u16" | "uint16" => Ok(Element::U16),
        "u32" | "uint32" => Ok(Element::U32),
        "i16" | "int16" => Ok(Element::I16),
        "i32" | "int32" => Ok(Element::I32),
        _ => Err("known types are u8, u16, u32, i16, i32".into()),
    }
}

/// The geometry named or made up, and the shape of its frames.
fn geometry(args: &Args) -> Result<(Geometry, [usize; 2]), Box<dyn Error>> {
    if let Some(path) = &args.poni {
        let geometry = poni::read(path)?;
        let shape = frame_shape(&geometry.detector, args.shape)?;
        return Ok((geometry, shape));
    }
    let by_numbers = args.shape.is_some().then_some("Detector");
    let name = args.detector.as_deref().or(by_numbers).unwrap_or("Eiger2 4M");
    let generic = name.eq_ignore_ascii_case("Detector");
    let size = args.pixel_size.or(generic.then_some(75.0)).map(|micrometres| micrometres * 1e-6);
    let config = DetectorConfig { pixel1: size, pixel2: size, max_shape: args.shape, ..DetectorConfig::default() };
    let detector = Detector::configured(name, &config)?;
    let shape = frame_shape(&detector, args.shape)?;
    let centre = args.beam_center.unwrap_or(shape.map(|length| length as f64 / 2.0));
    let rotations = args.tilt.map(f64::to_radians);
    let geometry = geometry_with_beam_at(detector, centre, args.distance, rotations, args.wavelength * 1e-10)?;
    Ok((geometry, shape))
}

fn frame_shape(detector: &Detector, given: Option<[usize; 2]>) -> Result<[usize; 2], Box<dyn Error>> {
    let shape = given.or(detector.shape).ok_or_else(|| SimulateError::NoShape { name: detector.name.clone() })?;
    detector.check_frame(shape)?;
    Ok(shape)
}

/// `NAME.poni` beside `NAME_master.h5` or `NAME.h5`.
fn poni_beside(output: &Path) -> PathBuf {
    let stem = output.file_stem().unwrap_or_default().to_string_lossy();
    output.with_file_name(format!("{}.poni", stem.strip_suffix("_master").unwrap_or(&stem)))
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    let start = Instant::now();
    let (geometry, shape) = geometry(&args)?;
    let scene = Scene {
        calibrant: Calibrant::named(&args.calibrant)?,
        mean: args.mean,
        background: args.background,
        width: args.width,
        lorentzian: args.lorentzian,
        polarization: args.polarization,
    };
    let simulation = Simulation {
        gaps: geometry.detector.gap_mask(shape).unwrap_or_else(|| vec![false; shape[0] * shape[1]]),
        geometry,
        shape,
        scene,
        element: args.dtype,
        frames: args.frames,
        hot: args.hot_pixels,
        dead: args.dead_pixels,
        seed: args.seed,
    };
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.map_or(all, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let poni_out = args.poni_out.clone().or(args.poni.is_none().then(|| poni_beside(&args.output)));
    // From here on there are files to clean up.
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    ctrlc::set_handler(move || asked.store(true, Ordering::Relaxed))?;
    // Outputs that cannot be are told before any work is done.
    let writer = simulation.reserve(&args.output, args.frames_per_file, args.overwrite)?;
    let names = [Some(&args.output), poni_out.as_ref(), args.mask_out.as_ref()];
    for (at, path) in names.iter().enumerate().filter_map(|(at, path)| path.map(|path| (at, path))) {
        if names[..at].contains(&Some(path)) || (at > 0 && writer.targets().any(|target| target == path)) {
            return Err(format!("{} is the name of two outputs: give each its own", path.display()).into());
        }
    }
    let maker = match pool.install(|| simulation.maker(&stop)) {
        Err(stopped @ SimulateError::Interrupted { .. }) => return Ok(interrupted(&stopped)),
        outcome => outcome?,
    };

    let mut extras = Vec::new();
    if let Some(path) = &poni_out {
        let text = poni::format(&simulation.geometry);
        extras.push(Beside::filled(path, args.overwrite, |out| out.write_all(text.as_bytes()))?);
    }
    if let Some(path) = &args.mask_out {
        let mask: Vec<bool> = maker.pixel_mask().iter().map(|&bits| bits != 0).collect();
        extras.push(Beside::filled(path, args.overwrite, |out| npy::write_mask(out, &mask, shape))?);
    }

    let bar = progress_bar(&args);
    let outcome = simulation.write(&maker, writer, threads, extras, &stop, |done, chunk_bytes| {
        bar.set_position(done as u64);
        bar.set_message(format!("{} written", HumanBytes(chunk_bytes)));
    });
    bar.finish_and_clear();
    match outcome {
        Err(stopped @ SimulateError::Interrupted { .. }) => Ok(interrupted(&stopped)),
        outcome => {
            let summary = Summary {
                simulation: &simulation,
                maker: &maker,
                written: outcome?,
                poni: poni_out.or(args.poni),
                mask: args.mask_out,
                threads,
                seconds: start.elapsed().as_secs_f64(),
            };
            if args.json {
                summary.print_json()
            } else {
                summary.print()
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn interrupted(why: &SimulateError) -> ExitCode {
    eprintln!("{why}");
    ExitCode::from(INTERRUPTED)
}

fn progress_bar(args: &Args) -> ProgressBar {
    if args.json {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(args.frames as u64);
    let style = "{bar:32} {pos}/{len} frames  {per_sec}  {msg}  {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}
