//! What an output says about itself.

use crate::source::SourceInfo;
use crate::table::Table;
use debye_spec::Job;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// All that is known of a run before its first frame.
#[derive(Clone, Debug)]
pub struct About<'a> {
    /// The table: geometry, edges, normalisation, hash.
    pub table: &'a Table,
    /// The frames' file and data set.
    pub source: &'a SourceInfo,
    /// Pixel type, largest valid value, threshold.
    pub job: &'a Job,
    /// Name of the engine (`cpu`).
    pub engine: &'a str,
    /// One line about it.
    pub engine_description: &'a str,
    /// The command line as it was given.
    pub command_line: &'a str,
    /// When the run began.
    pub started: SystemTime,
    /// Frames that will come, where that is known: chunks are made no longer than that.
    pub frames: Option<usize>,
    /// The PONI file.
    pub poni: Option<&'a Path>,
    /// Mask files.
    pub masks: &'a [PathBuf],
    /// Flat field file.
    pub flat: Option<&'a Path>,
    /// Wavelength in m; the geometry's if `None`.
    pub wavelength: Option<f64>,
    /// Name of the instrument (beamline).
    pub instrument: Option<&'a str>,
    /// Name of the facility.
    pub facility: Option<&'a str>,
    /// Name of the sample.
    pub sample: Option<&'a str>,
}

impl<'a> About<'a> {
    /// The least that can be said; the rest can be filled in by name.
    pub fn new(table: &'a Table, source: &'a SourceInfo, job: &'a Job) -> About<'a> {
        About {
            table,
            source,
            job,
            engine: "",
            engine_description: "",
            command_line: "",
            started: SystemTime::now(),
            frames: None,
            poni: None,
            masks: &[],
            flat: None,
            wavelength: None,
            instrument: None,
            facility: None,
            sample: None,
        }
    }

    /// Wavelength in m, from wherever it is known.
    pub fn wavelength(&self) -> Option<f64> {
        self.wavelength.or(self.table.description.geometry.wavelength)
    }

    /// Shape of one row: `[radial]`, or `[azimuth, radial]` for a caked pattern.
    pub fn row_shape(&self) -> Vec<usize> {
        let description = &self.table.description;
        match description.caked {
            true => vec![description.azimuth_bins, description.radial_bins],
            false => vec![description.radial_bins],
        }
    }
}

/// All that is known only when the run is over.
#[derive(Clone, Debug)]
pub struct Closing {
    /// Frames that were asked for.
    pub frames_planned: usize,
    /// Rows that were written, failed frames among them.
    pub frames_done: usize,
    /// Rows whose status is not 0.
    pub frames_failed: usize,
    /// Whether the run was stopped before its end.
    pub interrupted: bool,
    /// When it ended.
    pub ended: SystemTime,
    /// CRC-32 of the result records (see [`debye_spec::Bins::record`]).
    pub result_crc32: u32,
    /// Hash of the input in hexadecimal.
    pub input_blake3: String,
    /// What that hash is over, in words.
    pub input_blake3_over: String,
}
