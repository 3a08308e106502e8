//! Everything in an output but the rows: definition, instrument, process, axes.

use super::about::{About, Closing};
use super::time::iso8601;
use super::words::axis_words;
use crate::geometry::Geometry;
use crate::put::{class, number, quantity, text, text_attribute, texts, texts_attribute, vector};
use crate::table::Table;
use hdf5::{File, Group, Result};
use hdf5_metno as hdf5;
use ndarray::ArrayViewD;
use std::path::Path;

/// h c in keV A (CODATA 2018, exact by definition of the SI).
const KEV_ANGSTROM: f64 = 12.398_419_843_320_026;
/// Written where NXazint1d requires a name that nobody gave.
const NOT_GIVEN: &str = "not given";
const REFERENCE: &str = "Convention and geometry: Ashiotis et al. (2015), J. Appl. Cryst. 48, 510-519, \
    https://doi.org/10.1107/S1600576715004306 (pyFAI). Sub-pixel splitting: Jensen et al. (2022), J. Synchrotron \
    Rad. 29, 1420-1428, https://doi.org/10.1107/S1600577522008232 (azint).";
const NOTE: &str = "I = (signal / 64) / frame_norm and I_errors = sqrt(variance) / 64 / frame_norm. signal, variance \
    and weight are exact integer sums of w * v, w * w * v and w over the valid pixels, where v is the pixel's value \
    and w its weight in the bin in 1/64ths; frame_norm is the sum of (w / 64) * solid angle * polarization * flat \
    field over the valid pixels (those factors that were applied). A bin without valid pixels is NaN, as is every \
    bin of a frame whose frame_status is not 0. The azimuth chi = atan2(t1, t2) is pyFAI's: 0 along the fast axis \
    (2), 90 degrees along the slow axis (1).";

/// What `result_crc32` is over.
pub const CRC_DEFINITION: &str = "CRC-32 (zlib) over, for each row in order: signal (little-endian u64), variance \
    (little-endian u64), weight (little-endian u32), as stored in /entry/data; rows of failed frames are zeros";

/// Writes what is known before the first frame; returns `/entry/data`.
pub fn write(file: &File, target: &Path, about: &About<'_>) -> Result<Group> {
    text_attribute(file, "NX_class", "NXroot")?;
    text_attribute(file, "default", "entry")?;
    text_attribute(file, "file_name", &target.to_string_lossy())?;
    text_attribute(file, "file_time", &iso8601(about.started))?;
    text_attribute(file, "creator", "debye")?;
    text_attribute(file, "creator_version", crate::VERSION)?;
    text_attribute(file, "HDF5_Version", &hdf5_version())?;
    let description = &about.table.description;
    let entry = class(file, "entry", "NXentry")?;
    text_attribute(&entry, "default", "data")?;
    text(&entry, "definition", if description.caked { "NXazint2d" } else { "NXazint1d" })?;
    text(&entry, "title", &about.source.file.to_string_lossy())?;
    number(&entry, "solid_angle_applied", description.solid_angle)?;
    number(&entry, "polarization_applied", description.polarization.is_some())?;
    number(&entry, "normalization_applied", true)?;
    number(&entry, "monitor_applied", false)?;
    if let Some(sample) = about.sample {
        text(&class(&entry, "sample", "NXsample")?, "name", sample)?;
    }
    write_instrument(&entry, about)?;
    write_reduction(&entry, about)?;
    write_axes(&entry, about)
}

/// Writes what is known only at the end.
pub fn close(file: &File, closing: &Closing) -> Result<()> {
    let reduction = file.group("/entry/reduction")?;
    text(&reduction, "end_time", &iso8601(closing.ended))?;
    number(&reduction, "frames_planned", closing.frames_planned as u64)?;
    number(&reduction, "frames_done", closing.frames_done as u64)?;
    number(&reduction, "frames_failed", closing.frames_failed as u64)?;
    number(&reduction, "interrupted", closing.interrupted)?;
    let crc = number(&reduction, "result_crc32", closing.result_crc32)?;
    text_attribute(&crc, "definition", CRC_DEFINITION)?;
    text_attribute(&crc, "hex", &format!("{:08x}", closing.result_crc32))?;
    let hash = text(&reduction.group("input")?, "input_blake3", &closing.input_blake3)?;
    text_attribute(&hash, "over", &closing.input_blake3_over)
}

/// Version of the HDF5 library in this program.
fn hdf5_version() -> String {
    let (major, minor, micro) = hdf5::library_version();
    format!("{major}.{minor}.{micro}")
}

fn write_instrument(entry: &Group, about: &About<'_>) -> Result<()> {
    let instrument = class(entry, "instrument", "NXinstrument")?;
    text(&instrument, "name", about.instrument.unwrap_or(NOT_GIVEN))?;
    let monochromator = class(&instrument, "monochromator", "NXmonochromator")?;
    // Required fields: NaN says that the wavelength is unknown (patterns in 2theta or r need none).
    let angstrom = about.wavelength().map_or(f64::NAN, |metres| metres * 1e10);
    quantity(&monochromator, "wavelength", angstrom, "angstrom")?;
    quantity(&monochromator, "energy", KEV_ANGSTROM / angstrom, "keV")?;
    let source = class(&instrument, "source", "NXsource")?;
    text(&source, "name", about.facility.unwrap_or(NOT_GIVEN))?;
    text(&source, "type", NOT_GIVEN)?;
    text(&source, "probe", "x-ray")?;

    let geometry = &about.table.description.geometry;
    let detector = class(&instrument, "detector", "NXdetector")?;
    text(&detector, "description", &geometry.detector.name)?;
    quantity(&detector, "x_pixel_size", geometry.detector.pixel2, "m")?;
    quantity(&detector, "y_pixel_size", geometry.detector.pixel1, "m")?;
    vector(&detector, "shape", &about.table.description.shape.map(|n| n as u64))?;
    number(&detector, "orientation", geometry.detector.orientation)?;
    let place = class(&instrument, "geometry", "NXcollection")?;
    text_attribute(&place, "convention", "pyFAI: PONI in m, rotations in rad; 1 = slow axis (Y), 2 = fast axis (X)")?;
    quantity(&place, "distance", geometry.distance, "m")?;
    quantity(&place, "poni1", geometry.poni1, "m")?;
    quantity(&place, "poni2", geometry.poni2, "m")?;
    quantity(&place, "rot1", geometry.rot1, "rad")?;
    quantity(&place, "rot2", geometry.rot2, "rad")?;
    quantity(&place, "rot3", geometry.rot3, "rad")?;
    quantity(&place, "pixel1", geometry.detector.pixel1, "m")?;
    quantity(&place, "pixel2", geometry.detector.pixel2, "m")?;
    if let Some(metres) = about.wavelength() {
        quantity(&place, "wavelength", metres, "m")?;
    }
    Ok(())
}

fn write_reduction(entry: &Group, about: &About<'_>) -> Result<()> {
    let table = about.table;
    let reduction = class(entry, "reduction", "NXprocess")?;
    text(&reduction, "program", "debye")?;
    text(&reduction, "version", crate::VERSION)?;
    text(&reduction, "date", &iso8601(about.started))?;
    text(&reduction, "start_time", &iso8601(about.started))?;
    text(&reduction, "reference", REFERENCE)?;
    text(&reduction, "note", NOTE)?;
    text(&reduction, "convention", &table.description.convention)?;
    text(&reduction, "command_line", about.command_line)?;
    text(&reduction, "engine", about.engine)?;
    text(&reduction, "engine_description", about.engine_description)?;
    text(&reduction, "hdf5_version", &hdf5_version())?;
    text(&reduction, "table_sha256", &table.hash_hex())?;
    text(&reduction, "table_version", &table.description.version)?;
    let json = serde_json::to_string_pretty(&table.description)
        .map_err(|error| hdf5::Error::Internal(format!("table description: {error}")))?;
    text(&reduction, "table_description", &json)?;
    write_input(&reduction, about)
}

/// Parameters, named as azint's writer names them where it has them.
fn write_input(reduction: &Group, about: &About<'_>) -> Result<()> {
    let description = &about.table.description;
    let words = axis_words(description.unit);
    let input = class(reduction, "input", "NXparameters")?;
    text(&input, "file", &about.source.file.to_string_lossy())?;
    let files: Vec<String> = about.source.files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
    texts(&input, "files", &files)?;
    text(&input, "dataset", &about.source.dataset)?;
    vector(&input, "dimensions", &about.source.dimensions.iter().map(|&n| n as u64).collect::<Vec<_>>())?;
    text(&input, "dtype", about.source.dtype)?;
    text(&input, "filter", &about.source.filter)?;
    let poni = text(&input, "poni", &poni_text(&description.geometry, description.shape, about.wavelength()))?;
    text_attribute(&poni, "filename", &path_or_none(about.poni))?;
    if let Some(metres) = about.wavelength() {
        quantity(&input, "wavelength", metres * 1e10, "angstrom")?;
    }
    text(&input, "unit", words.azint)?;
    text(&input, "radial_unit", words.pyfai)?;
    number(&input, "radial_bins", description.radial_bins as u64)?;
    number(&input, "azimuth_bins", description.azimuth_bins as u64)?;
    if let Some(range) = description.azimuth_range {
        let range = vector(&input, "azimuth_range", &range)?;
        text_attribute(&range, "units", "degree")?;
    }
    number(&input, "n_splitting", description.split.n() as u64)?;
    let masks: Vec<_> = about.masks.iter().map(|mask| mask.to_string_lossy().into_owned()).collect();
    text(&input, "mask", if masks.is_empty() { "None".into() } else { masks.join("; ") }.as_str())?;
    number(&input, "masked_pixels", description.masked_pixels as u64)?;
    text(&input, "flat", &path_or_none(about.flat))?;
    number(&input, "flat_applied", description.flat)?;
    number(&input, "solid_angle", description.solid_angle)?;
    // azint's writer says 0 where no polarization is applied, and so do its readers; `polarization_applied` tells.
    number(&input, "polarization_factor", description.polarization.unwrap_or(0.0))?;
    text(&input, "error_model", "poisson")?;
    number(&input, "max_valid", about.job.max_valid)?;
    number(&input, "threshold", about.job.threshold)?;
    Ok(())
}

fn path_or_none(path: Option<&Path>) -> String {
    path.map_or("None".into(), |path| path.to_string_lossy().into_owned())
}

/// The geometry as a PONI file of version 2.1 (pyFAI `io/ponifile.py`), so that it can be taken out and used again.
fn poni_text(geometry: &Geometry, shape: [usize; 2], wavelength: Option<f64>) -> String {
    let detector = &geometry.detector;
    let config = serde_json::json!({
        "pixel1": detector.pixel1,
        "pixel2": detector.pixel2,
        "max_shape": detector.shape.unwrap_or(shape),
        "orientation": detector.orientation,
    });
    let mut text = format!(
        "# {}\nponi_version: 2.1\nDetector: Detector\nDetector_config: {config}\n\
         Distance: {:?}\nPoni1: {:?}\nPoni2: {:?}\nRot1: {:?}\nRot2: {:?}\nRot3: {:?}\n",
        detector.name, geometry.distance, geometry.poni1, geometry.poni2, geometry.rot1, geometry.rot2, geometry.rot3,
    );
    if let Some(metres) = wavelength {
        text += &format!("Wavelength: {metres:?}\n");
    }
    text
}

/// `/entry/data` with its axes.
fn write_axes(entry: &Group, about: &About<'_>) -> Result<Group> {
    let table = about.table;
    let words = axis_words(table.description.unit);
    let caked = table.description.caked;
    let data = class(entry, "data", "NXdata")?;
    text_attribute(&data, "signal", "I")?;
    texts_attribute(
        &data,
        "axes",
        if caked { &[".", "azimuthal_axis", "radial_axis"] } else { &[".", "radial_axis"] },
    )?;
    text_attribute(&data, "interpretation", if caked { "image" } else { "spectrum" })?;
    let axis = |name, values: &[f64], long_name: &str, units| -> Result<()> {
        let dataset = vector(&data, name, values)?;
        text_attribute(&dataset, "long_name", long_name)?;
        text_attribute(&dataset, "units", units)
    };
    axis("radial_axis", &table.radial_centres(), words.quantity, words.units)?;
    axis("radial_axis_edges", &table.radial_edges, &format!("{} bin edges", words.quantity), words.units)?;
    if caked {
        axis("azimuthal_axis", &table.azimuth_centres(), "azimuthal bin center", "degree")?;
        axis("azimuthal_axis_edges", &table.azimuth_edges, "azimuthal bin edges", "degree")?;
    }
    write_norm(&data, table, &about.row_shape())?;
    Ok(data)
}

/// `norm` as the definition has it, one for all frames: that of a frame whose unmasked pixels are all valid.
fn write_norm(data: &Group, table: &Table, shape: &[usize]) -> Result<()> {
    let unit = 2f64.powi(table.norm_exponent) / 64.0;
    let values: Vec<f64> = table.full_norm.iter().map(|&norm| norm as f64 * unit).collect();
    let view = ArrayViewD::from_shape(shape, &values).map_err(|error| hdf5::Error::Internal(error.to_string()))?;
    let norm = data.new_dataset_builder().with_data(view).create("norm")?;
    text_attribute(&norm, "long_name", "effective number of pixels contributing to the corresponding bin")?;
    text_attribute(&norm, "units", "arbitrary units")
}
