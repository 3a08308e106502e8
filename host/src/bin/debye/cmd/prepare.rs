//! From arguments to a table and a job.

use super::table_args::{Geometry, Pixels};
use debye::geometry::poni;
use debye::image;
use debye::source::SourceInfo;
use debye::table::{self, Request, Table};
use debye_spec::Job;
use debye_spec::bounds::MAX_VALID;
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

/// What a run needs beside its source.
pub struct Prepared {
    /// Built or loaded.
    pub table: Arc<Table>,
    /// For all frames.
    pub job: Job,
    /// Time to build or load the table.
    pub seconds: f64,
}

/// Builds or loads the table and makes the job.
pub fn prepare(geometry: &Geometry, pixels: &Pixels, info: &SourceInfo) -> Result<Prepared, Box<dyn Error>> {
    let start = Instant::now();
    let table = match &geometry.table {
        Some(path) => {
            let table = table::load(path)?;
            let shape = table.description.shape;
            if shape != info.shape {
                return Err(format!(
                    "the table {} is for frames of {} x {} pixels, those of {} have {} x {}: build one with --poni",
                    path.display(),
                    shape[0],
                    shape[1],
                    info.file.display(),
                    info.shape[0],
                    info.shape[1]
                )
                .into());
            }
            table
        }
        None => table::build(&request(geometry, pixels, info)?)?,
    };
    let job = job(pixels, info)?;
    Ok(Prepared { table: Arc::new(table), job, seconds: start.elapsed().as_secs_f64() })
}

/// Pixel type and rules.
pub fn job(pixels: &Pixels, info: &SourceInfo) -> Result<Job, String> {
    let mut job = Job::new(info.element);
    job.max_valid = max_valid(pixels.max_valid, info)?;
    if let Some(threshold) = pixels.threshold {
        job.threshold = threshold;
    }
    Ok(job)
}

/// The largest value that counts: what was asked for, if the type has it.
pub fn max_valid(asked: Option<u32>, info: &SourceInfo) -> Result<u32, String> {
    let most = info.element.max_value().min(MAX_VALID);
    match asked {
        Some(value) if value > most => {
            Err(format!("--max-valid {value} is above {most}, the most for {} pixels", info.dtype))
        }
        Some(value) => Ok(value),
        None => Ok(info.element.default_max_valid()),
    }
}

/// All masks together; true = masked.
pub fn mask(masks: &[String], info: &SourceInfo) -> Result<Vec<bool>, Box<dyn Error>> {
    let mut mask = vec![false; info.shape[0] * info.shape[1]];
    for spec in masks {
        let image = image::read_mask(spec)?;
        check_shape("mask", &image.source, image.shape, info)?;
        mask.iter_mut().zip(&image.masked).for_each(|(mask, masked)| *mask |= masked);
    }
    Ok(mask)
}

fn request(options: &Geometry, pixels: &Pixels, info: &SourceInfo) -> Result<Request, Box<dyn Error>> {
    let path = options.poni.as_deref().ok_or("a geometry is needed: give --poni or --table")?;
    let mut geometry = poni::read(path)?;
    if let Some(angstrom) = options.wavelength {
        if !(1e-5..=1e4).contains(&angstrom) {
            return Err(format!("--wavelength {angstrom:?} is not possible: it is in Angstrom, 1e-5 to 1e4").into());
        }
        geometry.wavelength = Some(angstrom * 1e-10);
    }
    geometry.detector.check_frame(info.shape)?;
    let mut mask = mask(&pixels.mask, info)?;
    if !pixels.no_gap_mask
        && let Some(gaps) = geometry.detector.gap_mask(info.shape)
    {
        mask.iter_mut().zip(&gaps).for_each(|(mask, gap)| *mask |= gap);
    }
    let flat = match &pixels.flat {
        Some(spec) => {
            let image = image::read_flat(spec)?;
            check_shape("flat field", &image.source, image.shape, info)?;
            Some(image.values)
        }
        None => None,
    };
    Ok(Request {
        geometry,
        shape: info.shape,
        unit: options.unit,
        radial_bins: options.bins.get() as usize,
        caked: options.azimuth_bins.is_some(),
        azimuth_bins: options.azimuth_bins.map(|bins| bins.get() as usize),
        radial_range: options.radial_range,
        azimuth_range: options.azimuth_range,
        split: options.split,
        mask,
        flat,
        solid_angle: !pixels.no_solid_angle,
        polarization: pixels.polarization,
    })
}

/// Refuses an image of another shape than the frames'.
pub fn check_shape(what: &str, source: &str, shape: [usize; 2], info: &SourceInfo) -> Result<(), String> {
    if shape == info.shape {
        return Ok(());
    }
    let [rows, columns] = shape;
    let transposed = if [columns, rows] == info.shape { " (it may be transposed)" } else { "" };
    Err(format!(
        "the {what} {source} has {rows} x {columns} pixels, the frames have {} x {}{transposed}",
        info.shape[0], info.shape[1]
    ))
}
