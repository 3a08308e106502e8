//! Pictures: the right kind of file, with something in it, and refusals in words.

mod output_support;

use debye::geometry::RadialUnit;
use debye::nexus::Output;
use debye::plot::{Choice, PlotError, PlotRequest, Ring, draw};
use debye::run::Row;
use debye::simulate::Calibrant;
use debye::table::Table;
use debye_spec::Status;
use output_support::{failed_row, rows, table, write};
use std::collections::HashMap;
use std::path::Path;

struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Picture {
    fn open(path: &Path) -> Picture {
        let bytes = std::fs::read(path).unwrap();
        assert_eq!(bytes[..8], *b"\x89PNG\r\n\x1a\n");
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size()];
        let info = reader.next_frame(&mut pixels).unwrap();
        Picture { width: info.width as usize, height: info.height as usize, pixels }
    }

    fn colours(&self) -> HashMap<[u8; 3], usize> {
        let mut colours = HashMap::new();
        for pixel in self.pixels.chunks(3) {
            *colours.entry([pixel[0], pixel[1], pixel[2]]).or_default() += 1;
        }
        colours
    }

    /// Number of pixels of a colour, as far as the eye can tell.
    fn near(&self, colour: [u8; 3]) -> usize {
        let close = |pixel: &[u8]| pixel.iter().zip(colour).all(|(&one, other)| one.abs_diff(other) < 12);
        self.pixels.chunks(3).filter(|pixel| close(pixel)).count()
    }
}

const LINE: [u8; 3] = [31, 90, 166];
const RING: [u8; 3] = [214, 109, 94];
const EMPTY: [u8; 3] = [205, 208, 212];
const YELLOW: [u8; 3] = [253, 231, 37];

fn request(folder: &Path, table: &Table, rows: &[Row], choice: Choice) -> PlotRequest {
    let path = folder.join("out.h5");
    write(&path, table, rows);
    PlotRequest::of_output(&Output::open(&path).unwrap(), choice, false).unwrap()
}

#[test]
fn plot_few_frames_is_a_line_with_single_frames_behind() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(RadialUnit::QPerA, 200, None);
    let request = request(folder.path(), &table, &rows(&table, 3, 1), Choice::Mean);
    assert_eq!((request.singles.len(), request.waterfall.is_some()), (3, false));
    let path = folder.path().join("out.png");
    draw(&path, false, &request).unwrap();
    let picture = Picture::open(&path);
    assert!(picture.near(LINE) > 500, "{}", picture.near(LINE));
    assert_eq!(picture.near(YELLOW), 0, "no heat map");
    assert!(picture.width > 1000 && picture.height > 600);
}

#[test]
fn plot_many_frames_has_a_heat_map_with_the_failed_frame_in_grey() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(RadialUnit::QPerA, 200, None);
    let mut rows = rows(&table, 20, 2);
    rows[4] = failed_row(&table, 4, Status::Missing, "no chunk");
    let request = request(folder.path(), &table, &rows, Choice::Mean);
    let waterfall = request.waterfall.as_ref().unwrap();
    assert_eq!((waterfall.frames, waterfall.rows.len()), ([0, 19], 20));
    assert!(waterfall.rows[4].iter().all(|value| value.is_nan()));
    let path = folder.path().join("out.png");
    draw(&path, false, &request).unwrap();
    let picture = Picture::open(&path);
    assert!(picture.near(YELLOW) > 500 && picture.near(LINE) > 500);
    // One of 20 rows over the whole width.
    let share = picture.near(EMPTY) as f64 / (picture.width * picture.height) as f64;
    assert!((0.005..0.05).contains(&share), "{share}");
    assert!(picture.colours().len() > 200);
}

#[test]
fn plot_more_frames_than_rows_of_the_heat_map_are_averaged() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(RadialUnit::QPerA, 10, None);
    let rows = rows(&table, 1200, 3);
    let request = request(folder.path(), &table, &rows, Choice::Mean);
    let waterfall = request.waterfall.unwrap();
    assert_eq!((waterfall.frames, waterfall.rows.len()), ([0, 1199], 400));
    let mean = [3, 4, 5].map(|frame: usize| rows[frame].pattern.intensity[6]).iter().sum::<f64>() / 3.0;
    assert!((waterfall.rows[1][6] - mean).abs() < 1e-12 * mean);
}

#[test]
fn plot_rings_are_drawn_where_they_are_calculated() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(RadialUnit::QPerA, 200, None);
    let mut request = request(folder.path(), &table, &rows(&table, 1, 4), Choice::Mean);
    let plain = folder.path().join("plain.png");
    draw(&plain, false, &request).unwrap();
    assert_eq!(Picture::open(&plain).near(RING), 0);
    request.rings = vec![Ring { position: 3.5, label: "middle".into() }, Ring { position: 99.0, label: String::new() }];
    let marked = folder.path().join("marked.png");
    draw(&marked, false, &request).unwrap();
    let picture = Picture::open(&marked);
    // The axis runs from 1 to 6: 3.5 is its middle. The dashes' column is the one with the most of that colour.
    let column = |x: usize| {
        let rows = (0..picture.height).map(|y| (y * picture.width + x) * 3);
        rows.filter(|&at| picture.pixels[at] > 180 && picture.pixels[at + 2] < 140).count()
    };
    let best = (0..picture.width).max_by_key(|&x| column(x)).unwrap();
    let (left, right) = (30 + 96, picture.width - 40);
    assert!(best.abs_diff((left + right) / 2) <= 2, "column {best}, axis from {left} to {right}");
}

#[test]
fn plot_calibrant_marks_its_rings_at_bragg_angles() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(RadialUnit::TwoThetaDeg, 50, None);
    let mut request = request(folder.path(), &table, &rows(&table, 1, 5), Choice::Mean);
    let output = Output::open(&folder.path().join("out.h5")).unwrap();
    request.mark(&Calibrant::named("CeO2").unwrap(), &output).unwrap();
    let first = request.rings.iter().find(|ring| ring.label == "111").unwrap();
    // NIST SRM 674b: a = 5.411651 A; the table's wavelength is 1 A.
    let expected = 2.0 * (3f64.sqrt() / (2.0 * 5.411651)).asin().to_degrees();
    assert!((first.position - expected).abs() < 1e-9, "{} {expected}", first.position);
}

#[test]
fn plot_caked_pattern_is_a_heat_map_and_svg_is_text_with_names() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(RadialUnit::TwoThetaDeg, 60, Some(36));
    let request = request(folder.path(), &table, &rows(&table, 2, 6), Choice::Mean);
    let (png, svg) = (folder.path().join("out.png"), folder.path().join("out.svg"));
    draw(&png, false, &request).unwrap();
    draw(&svg, false, &request).unwrap();
    let picture = Picture::open(&png);
    assert!(picture.near(YELLOW) > 5000 && picture.near(LINE) < 20_000);
    let text = std::fs::read_to_string(&svg).unwrap();
    assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"));
    for part in ["scan_master.h5", "2θ (°)", "azimuth χ (°)", "mean of 2 frames", "sans-serif", "<image"] {
        assert!(text.contains(part), "{part}");
    }
    assert!(text.len() < 1_000_000, "the map is one image, not a rectangle a bin");
}

#[test]
fn plot_refusals_say_why_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(RadialUnit::QPerA, 20, None);
    let mut rows = rows(&table, 2, 7);
    rows[1] = failed_row(&table, 1, Status::Missing, "no chunk");
    let mut request = request(folder.path(), &table, &rows, Choice::Frame(0));
    let say = |name: &str, request: &PlotRequest| {
        let text = draw(&folder.path().join(name), false, request).unwrap_err().to_string();
        text.replace(folder.path().to_str().unwrap(), "FOLDER")
    };
    assert_eq!(say("out.gif", &request), "FOLDER/out.gif: name the picture .png or .svg");
    assert_eq!(say("none/out.png", &request), "the folder FOLDER/none does not exist: make it first");
    std::fs::write(folder.path().join("there.svg"), "precious").unwrap();
    assert_eq!(say("there.svg", &request), "FOLDER/there.svg exists already: choose another name or add --overwrite");
    let output = Output::open(&folder.path().join("out.h5")).unwrap();
    let failed = PlotRequest::of_output(&output, Choice::Frame(1), false).unwrap();
    assert_eq!(say("out.png", &failed), "frame 1: every bin is empty (NaN), there is nothing to draw");
    assert!(matches!(PlotRequest::of_output(&output, Choice::Frame(9), false), Err(PlotError::Output(_))));
    request.radial_edges[3] = f64::NAN;
    assert_eq!(say("out.png", &request), "the bins' edges do not rise");
    request.radial_edges.pop();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn plot_logarithmic_scale_needs_a_positive_value() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(RadialUnit::QPerA, 20, None);
    let mut request = request(folder.path(), &table, &rows(&table, 1, 8), Choice::Mean);
    request.log = true;
    draw(&folder.path().join("out.png"), false, &request).unwrap();
    request.pattern.intensity.fill(0.0);
    let error = draw(&folder.path().join("zero.png"), false, &request).unwrap_err();
    assert!(error.to_string().contains("logarithmic scale without a positive value"), "{error}");
}
