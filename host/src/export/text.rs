//! The lines of an export.

use crate::nexus::words::axis_words;
use crate::nexus::{About, Output};
use crate::pattern::Pattern;
use crate::table::Description;
use debye_spec::Status;
use std::fmt;
use std::io::{self, Write};

/// Which pattern it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// A frame, by its number.
    Frame(u64),
    /// A frame that failed.
    Failed(u64, Status),
    /// A frame with a status code that this version does not know.
    Unknown(u64, u8),
    /// So many frames together.
    Mean(usize),
}

impl Label {
    /// Number of the frame, if it is one.
    pub fn frame(self) -> Option<u64> {
        match self {
            Label::Frame(frame) | Label::Failed(frame, _) | Label::Unknown(frame, _) => Some(frame),
            Label::Mean(_) => None,
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Label::Frame(frame) => write!(f, "frame {frame}"),
            Label::Failed(frame, status) => write!(f, "frame {frame} failed: {status:?} ({})", status.code()),
            Label::Unknown(frame, code) => write!(f, "frame {frame} failed: status {code}"),
            Label::Mean(frames) => write!(f, "mean of {frames} frames"),
        }
    }
}

/// What all patterns of an export share: axes and origin.
#[derive(Clone, Debug)]
pub struct Heading {
    input: String,
    dataset: String,
    description: Description,
    table_hash: String,
    radial: Vec<f64>,
    azimuth: Vec<f64>,
}

impl Heading {
    /// That of a run.
    pub fn of_run(about: &About<'_>) -> Heading {
        Heading {
            input: about.source.file.to_string_lossy().into_owned(),
            dataset: about.source.dataset.clone(),
            description: about.table.description.clone(),
            table_hash: about.table.hash_hex(),
            radial: about.table.radial_centres(),
            azimuth: if about.table.description.caked { about.table.azimuth_centres() } else { Vec::new() },
        }
    }

    /// That of an output file.
    pub fn of_output(output: &Output) -> Heading {
        Heading {
            input: output.input.clone(),
            dataset: output.dataset.clone(),
            description: output.description.clone(),
            table_hash: output.table_hash.clone(),
            radial: output.radial_centres(),
            azimuth: output.azimuth_centres(),
        }
    }

    /// Bins of a pattern.
    pub fn bins(&self) -> usize {
        self.radial.len() * if self.description.caked { self.azimuth.len() } else { 1 }
    }

    fn columns(&self) -> Vec<&'static str> {
        let radial = axis_words(self.description.unit).pyfai;
        match self.description.caked {
            true => vec!["chi_deg", radial, "I", "sigma"],
            false => vec![radial, "I", "sigma"],
        }
    }

    /// Header of an `.xy` file.
    pub fn xy(&self, file: &mut impl Write, label: Label) -> io::Result<()> {
        let description = &self.description;
        let polarization = description.polarization.map_or("no".into(), |factor| factor.to_string());
        writeln!(file, "# debye {}", crate::VERSION)?;
        writeln!(file, "# input: {} {}", one_line(&self.input), one_line(&self.dataset))?;
        writeln!(file, "# pattern: {label}")?;
        writeln!(file, "# unit: {}", axis_words(description.unit).pyfai)?;
        writeln!(
            file,
            "# convention: {}; solid angle: {}; polarization: {polarization}; flat field: {}; splitting: {n} x {n}",
            one_line(&description.convention),
            yes(description.solid_angle),
            yes(description.flat),
            n = description.split.n(),
        )?;
        writeln!(file, "# table: sha256 {}", self.table_hash)?;
        writeln!(file, "# columns: {}", self.columns().join(" "))
    }

    /// First line of a `.csv` file.
    pub fn csv(&self, file: &mut impl Write, several: bool) -> io::Result<()> {
        let frame = if several { "frame," } else { "" };
        writeln!(file, "{frame}{}", self.columns().join(","))
    }

    /// A pattern: one line a bin, radial fastest.
    pub fn rows(
        &self,
        file: &mut impl Write,
        pattern: &Pattern,
        separator: &str,
        frame: Option<u64>,
    ) -> io::Result<()> {
        for (bin, (intensity, sigma)) in pattern.intensity.iter().zip(&pattern.sigma).enumerate() {
            if let Some(frame) = frame {
                write!(file, "{frame}{separator}")?;
            }
            if self.description.caked {
                write!(file, "{}{separator}", number(self.azimuth[bin / self.radial.len()]))?;
            }
            let radial = number(self.radial[bin % self.radial.len()]);
            writeln!(file, "{radial}{separator}{}{separator}{}", number(*intensity), number(*sigma))?;
        }
        Ok(())
    }
}

/// The shortest text that reads back to the same value; `nan` as numpy writes it.
fn number(value: f64) -> String {
    if value.is_nan() { "nan".into() } else { format!("{value:?}") }
}

/// A name with a line break in it would end a `#` line.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn yes(applied: bool) -> &'static str {
    if applied { "yes" } else { "no" }
}
