//! Reading an output back, for export and plots.

use super::NexusError;
use crate::pattern::{Average, Pattern};
use crate::table::Description;
use debye_spec::{Statistics, Status};
use hdf5::types::VarLenUnicode;
use hdf5::{Dataset, H5Type, Hyperslab, SliceOrIndex};
use hdf5_metno as hdf5;
use std::path::{Path, PathBuf};

/// An output of `debye integrate`, open for reading. Rows are read one by one.
pub struct Output {
    path: PathBuf,
    file: hdf5::File,
    /// What its table was made of.
    pub description: Description,
    /// The frames' file.
    pub input: String,
    /// Data set of the frames.
    pub dataset: String,
    /// Hash of the table, in hexadecimal.
    pub table_hash: String,
    /// Wavelength in A, where it is known.
    pub wavelength: Option<f64>,
    /// Edges of the radial bins.
    pub radial_edges: Vec<f64>,
    /// Edges of the azimuthal bins in degrees; empty for a 1D pattern.
    pub azimuth_edges: Vec<f64>,
    /// Number of each row's frame.
    pub frames: Vec<u64>,
    /// Status code of each row.
    pub status: Vec<u8>,
}

impl Output {
    /// Opens an output.
    ///
    /// # Errors
    /// [`NexusError::System`] or [`NexusError::Hdf5`] if it cannot be read; [`NexusError::NotOurs`] if something
    /// in it is missing or has another shape.
    pub fn open(path: &Path) -> Result<Output, NexusError> {
        let file =
            hdf5::File::open(path).map_err(|error| match NexusError::from_hdf5("read", path, "file", &error) {
                NexusError::Hdf5 { reason, .. } if reason.contains("signature not found") => {
                    NexusError::NotOurs { path: path.into(), why: "it is not an HDF5 file".into() }
                }
                other => other,
            })?;
        let reader = Reader { path, file: &file };
        let json = reader.text("/entry/reduction/table_description")?;
        let description: Description = serde_json::from_str(&json)
            .map_err(|error| reader.not_ours(format!("/entry/reduction/table_description: {error}")))?;
        let wavelength: f64 = reader.scalar("/entry/instrument/monochromator/wavelength")?;
        let output = Output {
            input: reader.text("/entry/reduction/input/file")?,
            dataset: reader.text("/entry/reduction/input/dataset")?,
            table_hash: reader.text("/entry/reduction/table_sha256")?,
            wavelength: wavelength.is_finite().then_some(wavelength),
            radial_edges: reader.vector("/entry/data/radial_axis_edges")?,
            azimuth_edges: if description.caked { reader.vector("/entry/data/azimuthal_axis_edges")? } else { vec![] },
            frames: reader.vector("/entry/data/frame_number")?,
            status: reader.vector("/entry/data/frame_status")?,
            path: path.into(),
            description,
            file: file.clone(),
        };
        output.check()?;
        Ok(output)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.frames.len()
    }

    /// Shape of a row: `[radial]` or `[azimuth, radial]`.
    pub fn row_shape(&self) -> Vec<usize> {
        match self.description.caked {
            true => vec![self.description.azimuth_bins, self.description.radial_bins],
            false => vec![self.description.radial_bins],
        }
    }

    /// Centres of the radial bins.
    pub fn radial_centres(&self) -> Vec<f64> {
        centres(&self.radial_edges)
    }

    /// Centres of the azimuthal bins in degrees; empty for a 1D pattern.
    pub fn azimuth_centres(&self) -> Vec<f64> {
        centres(&self.azimuth_edges)
    }

    /// The row of a frame.
    ///
    /// # Errors
    /// [`NexusError::NoFrame`].
    pub fn row_of(&self, frame: u64) -> Result<usize, NexusError> {
        self.frames.iter().position(|&number| number == frame).ok_or_else(|| NexusError::NoFrame {
            path: self.path.clone(),
            frame,
            frames: self.rows(),
            first: self.frames.first().copied().unwrap_or(0),
            last: self.frames.last().copied().unwrap_or(0),
        })
    }

    /// The pattern of a row.
    ///
    /// # Errors
    /// [`NexusError::System`] or [`NexusError::Hdf5`] if it cannot be read.
    pub fn pattern(&self, row: usize) -> Result<Pattern, NexusError> {
        Ok(Pattern {
            intensity: self.row("/entry/data/I", row)?,
            sigma: self.row("/entry/data/I_errors", row)?,
            norm: self.row("/entry/data/frame_norm", row)?,
        })
    }

    /// Statistics of every row, as the engine that made it counted them; zeros where a frame failed.
    ///
    /// # Errors
    /// [`NexusError::System`] or [`NexusError::Hdf5`] if they cannot be read; [`NexusError::NotOurs`] if one is missing.
    pub fn statistics(&self) -> Result<Vec<Statistics>, NexusError> {
        let reader = Reader { path: &self.path, file: &self.file };
        let valid: Vec<u32> = reader.vector("/entry/data/valid_pixels")?;
        let invalid: Vec<u32> = reader.vector("/entry/data/invalid_pixels")?;
        let sum: Vec<u64> = reader.vector("/entry/data/sum")?;
        let max: Vec<u32> = reader.vector("/entry/data/max")?;
        let over: Vec<u32> = reader.vector("/entry/data/over_threshold")?;
        let lengths = [valid.len(), invalid.len(), sum.len(), max.len(), over.len()];
        if lengths.iter().any(|&length| length != self.rows()) {
            return Err(reader.not_ours("statistics and /entry/data/frame_number differ in length".into()));
        }
        let of_row = |row: usize| Statistics {
            valid: valid[row],
            invalid: invalid[row],
            sum: sum[row],
            max: max[row],
            over: over[row],
        };
        Ok((0..self.rows()).map(of_row).collect())
    }

    /// The pattern of all integrated frames together and their number: sums over sums, as if they were one frame.
    ///
    /// # Errors
    /// [`NexusError::Empty`] if no frame was integrated.
    pub fn mean(&self) -> Result<(Pattern, usize), NexusError> {
        let mut sums = Average::new(self.row_shape().iter().product());
        for row in self.integrated() {
            let signal: Vec<u64> = self.row("/entry/data/signal", row)?;
            let variance: Vec<u64> = self.row("/entry/data/variance", row)?;
            let norm: Vec<f64> = self.row("/entry/data/frame_norm", row)?;
            sums.add(&signal, &variance, &norm);
        }
        match sums.frames() {
            0 => Err(NexusError::Empty { path: self.path.clone() }),
            frames => Ok((sums.pattern(), frames)),
        }
    }

    /// Rows whose frame was integrated.
    pub fn integrated(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.rows()).filter(|&row| self.status.get(row) == Some(&Status::Ok.code()))
    }

    /// Every data set that is read later has the shape that the description promises.
    fn check(&self) -> Result<(), NexusError> {
        let reader = Reader { path: &self.path, file: &self.file };
        let edges = |name: &str, found: usize, bins: usize| match found == bins + 1 {
            true => Ok(()),
            false => Err(reader.not_ours(format!("/entry/data/{name} has {found} values for {bins} bins"))),
        };
        edges("radial_axis_edges", self.radial_edges.len(), self.description.radial_bins)?;
        if self.description.caked {
            edges("azimuthal_axis_edges", self.azimuth_edges.len(), self.description.azimuth_bins)?;
        }
        let mut expected = vec![self.rows()];
        if self.status.len() != self.rows() {
            return Err(reader.not_ours("/entry/data/frame_status and frame_number differ in length".into()));
        }
        expected.extend(self.row_shape());
        for name in ["I", "I_errors", "frame_norm", "signal", "variance"] {
            let path = format!("/entry/data/{name}");
            let found = reader.dataset(&path)?.shape();
            if found != expected {
                return Err(reader.not_ours(format!("{path} has the shape {found:?} instead of {expected:?}")));
            }
        }
        Ok(())
    }

    fn row<T: H5Type>(&self, name: &str, row: usize) -> Result<Vec<T>, NexusError> {
        let reader = Reader { path: &self.path, file: &self.file };
        let mut selection: Vec<SliceOrIndex> = vec![(row..row + 1).into()];
        selection.extend(self.row_shape().into_iter().map(|length| SliceOrIndex::from(0..length)));
        let values = reader
            .dataset(name)?
            .read_slice::<T, _, ndarray::IxDyn>(Hyperslab::from(selection))
            .map_err(|error| NexusError::from_hdf5("read", &self.path, name, &error))?;
        Ok(values.into_iter().collect())
    }
}

fn centres(edges: &[f64]) -> Vec<f64> {
    edges.windows(2).map(|edge| 0.5 * (edge[0] + edge[1])).collect()
}

struct Reader<'a> {
    path: &'a Path,
    file: &'a hdf5::File,
}

impl Reader<'_> {
    fn not_ours(&self, why: String) -> NexusError {
        NexusError::NotOurs { path: self.path.into(), why }
    }

    fn dataset(&self, name: &str) -> Result<Dataset, NexusError> {
        self.file.dataset(name).map_err(|_| self.not_ours(format!("{name} is missing")))
    }

    fn scalar<T: H5Type>(&self, name: &str) -> Result<T, NexusError> {
        self.dataset(name)?.read_scalar().map_err(|error| self.not_ours(format!("{name}: {error}")))
    }

    fn text(&self, name: &str) -> Result<String, NexusError> {
        Ok(self.scalar::<VarLenUnicode>(name)?.as_str().to_string())
    }

    fn vector<T: H5Type>(&self, name: &str) -> Result<Vec<T>, NexusError> {
        let dataset = self.dataset(name)?;
        if dataset.ndim() != 1 {
            return Err(self.not_ours(format!("{name} has {} dimensions instead of 1", dataset.ndim())));
        }
        dataset.read_raw().map_err(|error| NexusError::from_hdf5("read", self.path, name, &error))
    }
}
