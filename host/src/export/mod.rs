//! Patterns as text: `.xy` (one file a pattern, `#` header, blank-separated) and `.csv` (one file, one header line).
//!
//! | | one pattern | several frames |
//! |---|---|---|
//! | `.xy` (`.dat`, `.txt`) | `NAME.xy`: radial, I, sigma | `NAME_000000.xy`... by the frame's number |
//! | `.csv` | radial, I, sigma | one file in long format: frame, radial, I, sigma |
//!
//! Caked patterns have the azimuth (degrees) as a column before the radial one. Bins without valid pixels, and all
//! bins of a frame that failed, are `nan`. Numbers have the shortest form that reads back to the same f64.

mod text;

pub use text::{Heading, Label};

use crate::beside::{Beside, BesideError};
use crate::nexus::{About, NexusError, Output};
use crate::pattern::Pattern;
use crate::run::{Row, Sink};
use debye_spec::Status;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why patterns could not be exported.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The target's name does not say what to write.
    #[error("{}: name the export .xy, .dat, .txt or .csv", .0.display())]
    Extension(PathBuf),
    /// The target is there, its folder is not, or it cannot be made.
    #[error(transparent)]
    Target(#[from] BesideError),
    /// Writing failed.
    #[error("cannot write {}: {error}", path.display())]
    Io {
        /// Target.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A pattern does not fit the axes.
    #[error("{label}: the pattern has {found} values, but the axes have {expected} bins")]
    Length {
        /// Which pattern.
        label: String,
        /// Bins of the axes.
        expected: usize,
        /// Values of the pattern.
        found: usize,
    },
    /// The output that is exported cannot be read.
    #[error(transparent)]
    Output(#[from] NexusError),
}

/// How patterns are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One pattern a file, blank-separated, with a `#` header.
    Xy,
    /// Comma-separated, one line of names.
    Csv,
}

impl Format {
    /// The format that a file's name asks for.
    ///
    /// # Errors
    /// [`ExportError::Extension`].
    pub fn of(path: &Path) -> Result<Format, ExportError> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        match extension.as_deref() {
            Some("xy" | "dat" | "txt") => Ok(Format::Xy),
            Some("csv") => Ok(Format::Csv),
            _ => Err(ExportError::Extension(path.into())),
        }
    }
}

/// Which patterns of an output to export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// One frame, by its number.
    Frame(u64),
    /// All integrated frames as if they were one.
    Mean,
    /// Every frame.
    All,
}

/// An export in the making. Dropped without [`Exporter::finish`], it leaves no file behind.
pub struct Exporter {
    target: PathBuf,
    overwrite: bool,
    format: Format,
    numbered: bool,
    heading: Heading,
    /// The one file that takes all patterns (`.csv`).
    open: Option<(Beside, BufWriter<File>)>,
    /// Whole files that wait for their names.
    done: Vec<Beside>,
}

impl Exporter {
    /// An export of a run's rows: of one pattern if `about.frames` says that there is one, else of several.
    ///
    /// # Errors
    /// [`ExportError::Extension`]; [`ExportError::Target`] if a file cannot be made.
    pub fn create(target: &Path, overwrite: bool, about: &About<'_>) -> Result<Exporter, ExportError> {
        Exporter::with_heading(target, overwrite, Heading::of_run(about), about.frames != Some(1))
    }

    /// An export of patterns of whatever origin; `several` as the table above distinguishes.
    ///
    /// # Errors
    /// As [`Exporter::create`].
    pub fn with_heading(
        target: &Path,
        overwrite: bool,
        heading: Heading,
        several: bool,
    ) -> Result<Exporter, ExportError> {
        let format = Format::of(target)?;
        let mut exporter = Exporter {
            target: target.into(),
            overwrite,
            format,
            numbered: several,
            heading,
            open: None,
            done: Vec::new(),
        };
        if format == Format::Csv {
            let (beside, mut file) = start(target, overwrite)?;
            exporter.heading.csv(&mut file, several).map_err(|error| exporter.io_error(error))?;
            exporter.open = Some((beside, file));
        }
        Ok(exporter)
    }

    /// Adds a frame.
    ///
    /// # Errors
    /// [`ExportError::Length`] for a row of another table; [`ExportError::Io`] if the disk is full.
    pub fn append(&mut self, row: &Row) -> Result<(), ExportError> {
        let label = match row.status {
            Status::Ok => Label::Frame(row.frame as u64),
            status => Label::Failed(row.frame as u64, status),
        };
        self.append_pattern(label, &row.pattern)
    }

    /// Adds a pattern.
    ///
    /// # Errors
    /// As [`Exporter::append`].
    pub fn append_pattern(&mut self, label: Label, pattern: &Pattern) -> Result<(), ExportError> {
        let expected = self.heading.bins();
        if let Some(found) =
            [pattern.intensity.len(), pattern.sigma.len()].into_iter().find(|&length| length != expected)
        {
            return Err(ExportError::Length { label: label.to_string(), expected, found });
        }
        match self.format {
            Format::Csv => {
                let frame = if self.numbered { label.frame() } else { None };
                let Some((_, file)) = &mut self.open else { return Ok(()) };
                let written = self.heading.rows(file, pattern, ",", frame);
                written.map_err(|error| self.io_error(error))
            }
            Format::Xy => {
                let path = match (self.numbered, label.frame()) {
                    (true, Some(frame)) => numbered(&self.target, frame),
                    _ => self.target.clone(),
                };
                let (beside, mut file) = start(&path, self.overwrite)?;
                let io_error = |error| ExportError::Io { path: path.clone(), error };
                self.heading.xy(&mut file, label).map_err(io_error)?;
                self.heading.rows(&mut file, pattern, " ", None).map_err(io_error)?;
                file.flush().map_err(io_error)?;
                self.done.push(beside);
                Ok(())
            }
        }
    }

    /// Gives the files their names.
    ///
    /// # Errors
    /// [`ExportError::Io`] if the disk is full; [`ExportError::Target`] if a target came into being meanwhile.
    pub fn finish(mut self) -> Result<(), ExportError> {
        if let Some((beside, mut file)) = self.open.take() {
            file.flush().map_err(|error| self.io_error(error))?;
            self.done.push(beside);
        }
        for file in self.done {
            file.commit()?;
        }
        Ok(())
    }

    fn io_error(&self, error: io::Error) -> ExportError {
        ExportError::Io { path: self.target.clone(), error }
    }
}

/// Exports patterns of an output file.
///
/// # Errors
/// [`ExportError::Output`] if the output cannot be read or has no such frame; else as [`Exporter::create`].
pub fn export_output(output: &Output, target: &Path, overwrite: bool, choice: Choice) -> Result<(), ExportError> {
    let heading = Heading::of_output(output);
    // The frame is looked up before a file is made.
    let row = match choice {
        Choice::Frame(frame) => Some(output.row_of(frame)?),
        _ => None,
    };
    let mut exporter = Exporter::with_heading(target, overwrite, heading, choice == Choice::All)?;
    let label = |row: usize| {
        let code = output.status.get(row).copied().unwrap_or_default();
        let frame = output.frames.get(row).copied().unwrap_or_default();
        match Status::from_code(code) {
            Some(Status::Ok) => Label::Frame(frame),
            Some(status) => Label::Failed(frame, status),
            None => Label::Unknown(frame, code),
        }
    };
    match (choice, row) {
        (Choice::Mean, _) => {
            let (pattern, frames) = output.mean()?;
            exporter.append_pattern(Label::Mean(frames), &pattern)?;
        }
        (_, Some(row)) => exporter.append_pattern(label(row), &output.pattern(row)?)?,
        _ => {
            for row in 0..output.rows() {
                exporter.append_pattern(label(row), &output.pattern(row)?)?;
            }
        }
    }
    exporter.finish()
}

fn start(path: &Path, overwrite: bool) -> Result<(Beside, BufWriter<File>), ExportError> {
    let beside = Beside::create(path, overwrite)?;
    let file = File::create(beside.path()).map_err(|error| ExportError::Io { path: path.into(), error })?;
    Ok((beside, BufWriter::new(file)))
}

/// `NAME.xy` becomes `NAME_000042.xy`.
fn numbered(target: &Path, frame: u64) -> PathBuf {
    let stem = target.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let extension = target.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default();
    target.with_file_name(format!("{stem}_{frame:06}.{extension}"))
}

impl Sink for Exporter {
    fn row(&mut self, row: &Row) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(self.append(row)?)
    }
}
