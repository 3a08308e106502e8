//! `debye geometry`

use super::Outcome;
use crate::out::say;
use clap::{ArgGroup, Args as ClapArgs};
use debye::beside::Beside;
use debye::geometry::maps::{Map, Maps};
use debye::geometry::{Detector, DetectorConfig, DetectorError, Geometry, poni};
use serde_json::{Map as Object, Value, json};
use std::f64::consts::PI;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of the command.
#[derive(ClapArgs)]
#[command(group(ArgGroup::new("place").required(true).args(["poni", "detector", "list_detectors"])))]
pub struct Args {
    /// PONI file with the geometry.
    #[arg(long, value_name = "FILE")]
    poni: Option<PathBuf>,
    /// Detector by name, or `Detector` with pixel sizes; needs --distance.
    #[arg(long, value_name = "NAME", requires = "distance")]
    detector: Option<String>,
    /// List the detectors of these names, or all that are known.
    #[arg(long, value_name = "NAME", num_args = 0..)]
    list_detectors: Option<Vec<String>>,
    /// Distance from the sample to the point of normal incidence, in m.
    #[arg(long, value_name = "M", conflicts_with = "poni", allow_negative_numbers = true)]
    distance: Option<f64>,
    /// Point of normal incidence along axis 1 (rows), in m.
    #[arg(long, value_name = "M", default_value_t = 0.0, conflicts_with = "poni", allow_negative_numbers = true)]
    poni1: f64,
    /// Point of normal incidence along axis 2 (columns), in m.
    #[arg(long, value_name = "M", default_value_t = 0.0, conflicts_with = "poni", allow_negative_numbers = true)]
    poni2: f64,
    /// First rotation, in rad.
    #[arg(long, value_name = "RAD", default_value_t = 0.0, conflicts_with = "poni", allow_negative_numbers = true)]
    rot1: f64,
    /// Second rotation, in rad.
    #[arg(long, value_name = "RAD", default_value_t = 0.0, conflicts_with = "poni", allow_negative_numbers = true)]
    rot2: f64,
    /// Third rotation, in rad.
    #[arg(long, value_name = "RAD", default_value_t = 0.0, conflicts_with = "poni", allow_negative_numbers = true)]
    rot3: f64,
    /// Wavelength, in m.
    #[arg(long, value_name = "M", conflicts_with = "poni", allow_negative_numbers = true)]
    wavelength: Option<f64>,
    /// Pixel size along axis 1 (rows), in m.
    #[arg(long, value_name = "M", conflicts_with = "poni", allow_negative_numbers = true)]
    pixel1: Option<f64>,
    /// Pixel size along axis 2 (columns), in m.
    #[arg(long, value_name = "M", conflicts_with = "poni", allow_negative_numbers = true)]
    pixel2: Option<f64>,
    /// Orientation of the first pixel, 1 to 4.
    #[arg(long, value_name = "N", conflicts_with = "poni")]
    orientation: Option<u8>,
    /// Rows and columns of the frames, where the detector does not tell.
    #[arg(long, value_name = "H,W", value_parser = parse_shape)]
    shape: Option<[usize; 2]>,
    /// Polarization factor, -1 to 1, for the map of polarization.
    #[arg(long, value_name = "F", allow_negative_numbers = true)]
    polarization: Option<f64>,
    /// Write maps of every pixel into this HDF5 file.
    #[arg(short, long, value_name = "OUT.h5")]
    output: Option<PathBuf>,
    /// Only these maps; all that can be when absent.
    #[arg(long, value_name = "LIST", value_enum, value_delimiter = ',', requires = "output")]
    maps: Vec<Map>,
    /// Write the geometry as a PONI file of version 2.1.
    #[arg(long, value_name = "OUT.poni")]
    write_poni: Option<PathBuf>,
    /// Replace outputs that exist.
    #[arg(long)]
    overwrite: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

fn parse_shape(text: &str) -> Result<[usize; 2], String> {
    let (rows, columns) = text.split_once(',').ok_or("rows and columns are two numbers, for instance 2167,2070")?;
    let length = |text: &str| text.trim().parse().map_err(|error| format!("{text:?}: {error}"));
    Ok([length(rows)?, length(columns)?])
}

/// Runs the command.
pub fn run(args: Args) -> Outcome {
    if let Some(names) = &args.list_detectors {
        let detectors = listed(names)?;
        let text = if args.json { detectors_json(&detectors) } else { detectors_text(&detectors) };
        say!("{}", text.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let geometry = geometry(&args)?;
    let shape = geometry.detector.shape.ok_or("nothing tells the detector's shape: add --shape H,W")?;
    let maps = Maps::new(&geometry, shape, args.polarization)?;
    let written = match &args.output {
        None => Vec::new(),
        Some(output) => {
            let mut chosen = args.maps.clone();
            if chosen.is_empty() {
                chosen = Map::ALL.into_iter().filter(|map| maps.can(*map).is_ok()).collect();
            }
            maps.write(output, &chosen, args.overwrite)?;
            chosen
        }
    };
    if let Some(target) = &args.write_poni {
        let text = poni::format(&geometry);
        Beside::filled(target, args.overwrite, |out| out.write_all(text.as_bytes()))?.commit()?;
    }
    let summary = Summary { geometry: &geometry, shape, maps: &maps, written: &written, args: &args };
    if args.json {
        say!("{}", summary.json());
    } else {
        say!("{}", summary.text().trim_end());
    }
    Ok(ExitCode::SUCCESS)
}

/// The geometry of the PONI file, or of the numbers; with the shape of `--shape` where the detector has none.
fn geometry(args: &Args) -> Result<Geometry, Box<dyn std::error::Error>> {
    let mut geometry = match (&args.poni, &args.detector) {
        (Some(path), _) => poni::read(path)?,
        (None, Some(name)) => by_numbers(args, name)?,
        (None, None) => return Err("name a PONI file or a detector".into()),
    };
    if let Some(shape) = args.shape {
        geometry.detector.check_frame(shape)?;
        geometry.detector.shape = Some(shape);
    }
    Ok(geometry)
}

fn by_numbers(args: &Args, name: &str) -> Result<Geometry, Box<dyn std::error::Error>> {
    let config = DetectorConfig {
        pixel1: args.pixel1,
        pixel2: args.pixel2,
        // A family, or a detector by numbers, has the shape that is given.
        max_shape: args.shape.filter(|_| Detector::named(name).map_or(true, |plain| plain.shape.is_none())),
        orientation: args.orientation,
        ..DetectorConfig::default()
    };
    let geometry = Geometry {
        detector: Detector::configured(name, &config)?,
        distance: args.distance.ok_or("--detector needs --distance")?,
        poni1: args.poni1,
        poni2: args.poni2,
        rot1: args.rot1,
        rot2: args.rot2,
        rot3: args.rot3,
        wavelength: args.wavelength,
    };
    // The reader's checks hold for the numbers of the command line too.
    Ok(poni::parse(&poni::format(&geometry), "the geometry given").map_err(|error| error.fault)?)
}

struct Summary<'a> {
    geometry: &'a Geometry,
    shape: [usize; 2],
    maps: &'a Maps,
    written: &'a [Map],
    args: &'a Args,
}

impl Summary<'_> {
    fn ranges(&self) -> ([f64; 2], Option<[f64; 2]>) {
        let angles = self.maps.two_theta_range();
        let q = |wavelength: f64| angles.map(|angle| 4.0e-9 * PI / wavelength * (0.5 * angle).sin());
        (angles.map(f64::to_degrees), self.geometry.wavelength.map(q))
    }

    fn masked(&self) -> usize {
        self.maps.mask().iter().filter(|masked| **masked == 1).count()
    }

    fn json(&self) -> Value {
        let (angles, q) = self.ranges();
        let detector = &self.geometry.detector;
        let mut object = match serde_json::to_value(self.geometry) {
            Ok(Value::Object(object)) => object,
            _ => Object::new(),
        };
        object.insert("class".into(), json!(detector.class()));
        object.insert("masked_pixels".into(), json!(self.masked()));
        object.insert("beam_centre".into(), json!(self.geometry.projector().beam_centre()));
        object.insert("two_theta_deg".into(), json!(angles));
        object.insert("q_per_nm".into(), json!(q));
        object.insert("output".into(), json!(self.args.output));
        object.insert("maps".into(), json!(self.written));
        Value::Object(object)
    }

    fn text(&self) -> String {
        let Geometry { detector, distance, poni1, poni2, rot1, rot2, rot3, wavelength } = self.geometry;
        let [rows, columns] = self.shape;
        let (angles, q) = self.ranges();
        let beam = match self.geometry.projector().beam_centre() {
            Some([row, column]) => format!("row {row:.3}, column {column:.3} (the first pixel's centre is 0.5, 0.5)"),
            None => "does not meet the detector's plane".to_owned(),
        };
        let mut lines = vec![
            ("detector", format!("{} (orientation {})", detector.name, detector.orientation)),
            ("pixels", format!("{rows} x {columns}, {} of them in gaps", self.masked())),
            ("pixel size", format!("{} x {} um", micrometres(detector.pixel1), micrometres(detector.pixel2))),
            ("distance", format!("{distance} m")),
            ("poni", format!("{poni1} m, {poni2} m")),
            ("rotations", format!("{rot1} rad, {rot2} rad, {rot3} rad")),
            ("wavelength", wavelength.map_or("not given: no q".to_owned(), |wavelength| format!("{wavelength:e} m"))),
            ("beam", beam),
            ("2theta", format!("{:.5} to {:.5} deg", angles[0], angles[1])),
        ];
        if let Some(q) = q {
            lines.push(("q", format!("{:.5} to {:.5} 1/A", 0.1 * q[0], 0.1 * q[1])));
        }
        if let Some(output) = &self.args.output {
            let names: Vec<&str> = self.written.iter().map(|map| map.name()).collect();
            lines.push(("written", format!("{}: {}", output.display(), names.join(", "))));
        }
        if let Some(output) = &self.args.write_poni {
            lines.push(("written", output.display().to_string()));
        }
        lines.iter().map(|(what, value)| format!("{what:<12}{value}\n")).collect()
    }
}

fn micrometres(size: f64) -> String {
    format!("{:.6}", size * 1e6).trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The detectors of these names; all, if there are none.
fn listed(names: &[String]) -> Result<Vec<Detector>, DetectorError> {
    match names {
        [] => Detector::names().map(Detector::named).collect(),
        names => names.iter().map(|name| Detector::named(name)).collect(),
    }
}

fn detectors_json(detectors: &[Detector]) -> String {
    let entry = |detector: &Detector| {
        json!({
            "name": detector.name,
            "class": detector.class(),
            "aliases": detector.aliases(),
            "shape": detector.shape,
            "pixel1": detector.pixel1,
            "pixel2": detector.pixel2,
            "orientation": detector.orientation,
        })
    };
    format!("{}\n", Value::Array(detectors.iter().map(entry).collect()))
}

fn detectors_text(detectors: &[Detector]) -> String {
    let line =
        |name: &str, class: &str, shape: &str, size: &str| format!("{name:<22} {class:<20} {shape:>15}   {size}\n");
    let mut text = line("name", "pyFAI's class", "rows x columns", "pixel size (um)");
    for detector in detectors {
        let shape = detector.shape.map_or("as max_shape".to_owned(), |[rows, columns]| format!("{rows} x {columns}"));
        let size = format!("{} x {}", micrometres(detector.pixel1), micrometres(detector.pixel2));
        text += &line(&detector.name, detector.class(), &shape, &size);
    }
    text
}
