//! One row a frame: extendable data sets, filled block by block.

use super::NexusError;
use super::about::About;
use super::column::{CHUNK_ELEMENTS, Column, Pack};
use crate::put;
use crate::put::{numbers_attribute, texts_attribute, unicode};
use crate::run::Row;
use debye_spec::Status;
use hdf5::types::VarLenUnicode;
use hdf5::{Group, Result};
use hdf5_metno as hdf5;
use rayon::prelude::*;

/// Most frames in a chunk of patterns.
const CHUNK_FRAMES: usize = 64;
/// Frames in a chunk of what is one number a frame.
const CHUNK_SCALARS: usize = 1024;

/// All columns.
pub struct Rows {
    bins: usize,
    block: usize,
    len: usize,
    number: Column<u64>,
    status: Column<u8>,
    valid: Column<u32>,
    invalid: Column<u32>,
    sum: Column<u64>,
    max: Column<u32>,
    over: Column<u32>,
    intensity: Column<f64>,
    sigma: Column<f64>,
    norm: Column<f64>,
    signal: Column<u64>,
    variance: Column<u64>,
    weight: Column<u32>,
    failed_number: Column<u64>,
    failed_status: Column<u8>,
    failed_message: Column<VarLenUnicode>,
}

impl Rows {
    /// Makes the data sets in `/entry/data`, and those of the failures in `/entry/reduction/failures`.
    pub fn create(data: &Group, about: &About<'_>) -> Result<Rows> {
        let row = about.row_shape();
        let bins: usize = row.iter().product();
        let planned = about.frames.unwrap_or(usize::MAX);
        let block = (CHUNK_ELEMENTS / bins.max(1)).clamp(1, CHUNK_FRAMES).min(planned.max(1));
        let scalars = CHUNK_SCALARS.min(planned);
        let failures = put::class(&data.file()?.group("/entry/reduction")?, "failures", "NXcollection")?;
        let rows = Rows {
            bins,
            block,
            len: 0,
            number: Column::create(data, "frame_number", &[], scalars, ("number of the frame in the input", ""))?,
            status: Column::create(data, "frame_status", &[], scalars, ("what became of the frame", ""))?,
            valid: Column::create(data, "valid_pixels", &[], scalars, ("valid pixels", "pixels"))?,
            invalid: Column::create(data, "invalid_pixels", &[], scalars, ("unmasked but invalid pixels", "pixels"))?,
            sum: Column::create(data, "sum", &[], scalars, ("sum of the valid pixels", "counts"))?,
            max: Column::create(data, "max", &[], scalars, ("largest valid pixel", "counts"))?,
            over: Column::create(data, "over_threshold", &[], scalars, ("pixels above the threshold", "pixels"))?,
            intensity: Column::create(data, "I", &row, block, ("intensity", "arbitrary units"))?,
            sigma: Column::create(data, "I_errors", &row, block, ("estimated intensity error", "arbitrary units"))?,
            norm: Column::create(data, "frame_norm", &row, block, ("normalisation of the frame", "pixels"))?,
            signal: Column::create(data, "signal", &row, block, ("exact sum of w * v", "counts/64"))?,
            variance: Column::create(data, "variance", &row, block, ("exact sum of w * w * v", "counts^2/4096"))?,
            weight: Column::create(data, "weight", &row, block, ("exact sum of w over valid pixels", "pixels/64"))?,
            failed_number: Column::create(&failures, "frame_number", &[], CHUNK_FRAMES, ("number of the frame", ""))?,
            failed_status: Column::create(&failures, "status", &[], CHUNK_FRAMES, ("status code", ""))?,
            failed_message: Column::create(&failures, "message", &[], CHUNK_FRAMES, ("what was wrong and where", ""))?,
        };
        let meanings: Vec<String> = Status::ALL.iter().map(|status| format!("{status:?}")).collect();
        for dataset in [&rows.status.dataset, &rows.failed_status.dataset] {
            numbers_attribute(dataset, "codes", &Status::ALL.map(Status::code))?;
            texts_attribute(dataset, "meanings", &meanings.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
        Ok(rows)
    }

    /// Rows so far, written or not.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether a row belongs to this table.
    pub fn check(&self, row: &Row) -> std::result::Result<(), NexusError> {
        let lengths = [
            ("signal", row.bins.signal.len()),
            ("variance", row.bins.variance.len()),
            ("weight", row.bins.weight.len()),
            ("intensity", row.pattern.intensity.len()),
            ("sigma", row.pattern.sigma.len()),
            ("norm", row.pattern.norm.len()),
        ];
        match lengths.into_iter().find(|&(_, found)| found != self.bins) {
            Some((what, found)) => Err(NexusError::RowLength { frame: row.frame, what, expected: self.bins, found }),
            None => Ok(()),
        }
    }

    /// Takes a checked row; writes a block when it is full.
    pub fn append(&mut self, row: &Row) -> Result<()> {
        self.number.extend(&[row.frame as u64]);
        self.status.extend(&[row.status.code()]);
        self.valid.extend(&[row.statistics.valid]);
        self.invalid.extend(&[row.statistics.invalid]);
        self.sum.extend(&[row.statistics.sum]);
        self.max.extend(&[row.statistics.max]);
        self.over.extend(&[row.statistics.over]);
        self.intensity.extend(&row.pattern.intensity);
        self.sigma.extend(&row.pattern.sigma);
        self.norm.extend(&row.pattern.norm);
        self.signal.extend(&row.bins.signal);
        self.variance.extend(&row.bins.variance);
        self.weight.extend(&row.bins.weight);
        if row.status != Status::Ok {
            self.failed_number.extend(&[row.frame as u64]);
            self.failed_status.extend(&[row.status.code()]);
            self.failed_message.extend(&[unicode(&row.message)?]);
        }
        self.len += 1;
        if self.len.is_multiple_of(self.block) { self.flush() } else { Ok(()) }
    }

    /// Writes all rows that are pending.
    pub fn flush(&mut self) -> Result<()> {
        self.number.flush()?;
        self.status.flush()?;
        self.valid.flush()?;
        self.invalid.flush()?;
        self.sum.flush()?;
        self.max.flush()?;
        self.over.flush()?;
        let Rows { intensity, sigma, norm, signal, variance, weight, .. } = self;
        let mut patterns: [&mut dyn Pack; 6] = [intensity, sigma, norm, signal, variance, weight];
        let packed: Vec<_> = patterns.par_iter().map(|column| column.packed()).collect();
        patterns.iter_mut().zip(packed).try_for_each(|(column, packed)| column.store(packed))?;
        self.failed_number.flush()?;
        self.failed_status.flush()?;
        self.failed_message.flush()
    }
}
